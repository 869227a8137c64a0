-- what a history is worth

CREATE FUNCTION loyalty.gross_revenue(h loyalty.history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_history_gross_revenue' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.gross_revenue(loyalty.history) IS
	'sum of the purchases amounts; 0 for an empty history';

CREATE FUNCTION loyalty.refunded(h loyalty.history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_history_refunded' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.refunded(loyalty.history) IS
	'sum of the refunds amounts; 0 for an empty history';

CREATE FUNCTION loyalty.revenue(h loyalty.history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_history_revenue' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.revenue(loyalty.history) IS
	'purchases less refunds; 0 for an empty history';

CREATE FUNCTION loyalty.cost(h loyalty.history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_history_cost' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.cost(loyalty.history) IS
	'cost of purchases, less what refunds recovered, plus expenses; 0 for an empty history';

CREATE FUNCTION loyalty.cost(h loyalty.history, tag text) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_history_cost_of_tag' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.cost(loyalty.history, text) IS
	'the costs that carry the tag, net of recovered; 0 if none does';

CREATE FUNCTION loyalty.profit(h loyalty.history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_history_profit' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.profit(loyalty.history) IS
	'revenue less cost; 0 for an empty history';

CREATE FUNCTION loyalty.margin(h loyalty.history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_history_margin' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.margin(loyalty.history) IS
	'profit / revenue; NULL unless revenue is above 0, so for an empty history';

CREATE FUNCTION loyalty.orders(h loyalty.history) RETURNS bigint
	AS 'MODULE_PATHNAME', 'loyalty_history_orders' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.orders(loyalty.history) IS
	'number of orders: distinct refs of purchases, and purchases without ref; refunded ones count; 0 for an empty history';

CREATE FUNCTION loyalty.average_order_value(h loyalty.history) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_history_average_order_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.average_order_value(loyalty.history) IS
	'revenue / orders; NULL where there are none';

CREATE FUNCTION loyalty.first_purchase(h loyalty.history) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'loyalty_history_first_purchase' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.first_purchase(loyalty.history) IS
	'instant of the first purchase; NULL if there is none';

CREATE FUNCTION loyalty.last_purchase(h loyalty.history) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'loyalty_history_last_purchase' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.last_purchase(loyalty.history) IS
	'instant of the last purchase; NULL if there is none';

CREATE FUNCTION loyalty.payback(h loyalty.history) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'loyalty_history_payback' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION loyalty.payback(loyalty.history) IS
	'first instant at which cumulative profit is at least 0 after having been below; the first purchase, if it was not below by then; NULL if never';

CREATE FUNCTION loyalty.unprofitable_since(h loyalty.history, span interval,
		asof timestamptz DEFAULT now(), timezone text DEFAULT 'UTC') RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'loyalty_history_unprofitable_since' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION loyalty.unprofitable_since(loyalty.history, interval, timestamptz, text) IS
	'start of the present unbroken spell in which profit over the trailing interval has been below 0; NULL if it is not at asof. An event counts while its instant + interval > t, on the clock of timezone. Error 22023 for an interval that is not greater than zero and for a zone the server does not know';

CREATE FUNCTION loyalty.profitability(h loyalty.history,
		OUT revenue numeric, OUT gross_revenue numeric, OUT refunded numeric, OUT cost numeric,
		OUT profit numeric, OUT margin numeric, OUT orders bigint, OUT average_order_value numeric,
		OUT first_purchase timestamptz, OUT last_purchase timestamptz, OUT payback timestamptz)
	AS 'MODULE_PATHNAME', 'loyalty_history_profitability' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION loyalty.profitability(loyalty.history) IS
	'revenue, cost, profit and the rest as one row of plain columns, for LATERAL; each as the function of that name says. NULLs for a NULL history';
