-- model: how customers buy and leave, fitted to their histories

COMMENT ON TYPE loyalty.model IS
	'how the customers of a population buy and leave, and what they spend. Text form: a JSON document, checked on the way in; fit() fills in the parameters; an error names the place and what would be right';

CREATE FUNCTION loyalty.fit_add(bytea, loyalty.history, loyalty.model, timestamptz) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_model_fit_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
CREATE FUNCTION loyalty.fit_combine(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_model_fit_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.fit_final(bytea) RETURNS loyalty.model
	AS 'MODULE_PATHNAME', 'loyalty_model_fit_final' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;

CREATE AGGREGATE loyalty.fit(h loyalty.history, model loyalty.model, asof timestamptz) (
	SFUNC = loyalty.fit_add,
	STYPE = bytea,
	SSPACE = 65536,
	COMBINEFUNC = loyalty.fit_combine,
	FINALFUNC = loyalty.fit_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE loyalty.fit(loyalty.history, loyalty.model, timestamptz) IS
	'the model with the parameters under which what the histories hold up to asof is most likely; status and spend_status in it say how that went. Rows with a NULL are skipped; NULL over none. asof may differ by row, the model may not (22023). The same histories give the same bytes in whatever order and plan';
COMMENT ON FUNCTION loyalty.fit_add(bytea, loyalty.history, loyalty.model, timestamptz) IS
	'transition function of fit(); not to be called by itself';
COMMENT ON FUNCTION loyalty.fit_combine(bytea, bytea) IS
	'combine function of fit(); not to be called by itself';
COMMENT ON FUNCTION loyalty.fit_final(bytea) IS
	'final function of fit(); not to be called by itself';

CREATE FUNCTION loyalty.buying(h loyalty.history, model loyalty.model, asof timestamptz DEFAULT now(),
		OUT x bigint, OUT t_x integer, OUT age integer, OUT value numeric)
	AS 'MODULE_PATHNAME', 'loyalty_model_buying' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.buying(loyalty.history, loyalty.model, timestamptz) IS
	'what a model sees of a history up to asof: x transactions (days with an order) after the first, the last of them t_x days after the first, which was age days before asof, and value, the mean of what each of the x brought. value is NULL if x is 0, all are NULL without a transaction';

CREATE FUNCTION loyalty.alive(h loyalty.history, model loyalty.model, asof timestamptz DEFAULT now()) RETURNS double precision
	AS 'MODULE_PATHNAME', 'loyalty_model_alive' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.alive(loyalty.history, loyalty.model, timestamptz) IS
	'the probability that the customer is still one at asof; NULL without a transaction, or if the model could not be fitted. Error 22023 if it was not tried';

CREATE FUNCTION loyalty.expected_purchases(h loyalty.history, model loyalty.model, within interval,
		asof timestamptz DEFAULT now()) RETURNS double precision
	AS 'MODULE_PATHNAME', 'loyalty_model_expected_purchases' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION loyalty.expected_purchases(loyalty.history, loyalty.model, interval, timestamptz) IS
	'how many transactions are to be expected after asof up to asof + within, which is added on the clock of the model''s zone; NULL as for alive(). Error 22023 if a part of within is negative';

CREATE FUNCTION loyalty.expected_value(h loyalty.history, model loyalty.model, asof timestamptz DEFAULT now()) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_model_expected_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.expected_value(loyalty.history, loyalty.model, timestamptz) IS
	'what a transaction of the customer is expected to bring, in the unit that went in, with 6 decimals: their own mean and that of all, weighted; NULL without a transaction, or if the spend could not be fitted';

CREATE FUNCTION loyalty.lifetime_value(h loyalty.history, model loyalty.model, within interval, discount numeric,
		asof timestamptz DEFAULT now()) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_model_lifetime_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30;
COMMENT ON FUNCTION loyalty.lifetime_value(loyalty.history, loyalty.model, interval, numeric, timestamptz) IS
	'what the transactions to be expected within that time are worth at asof, each discounted from its instant on by discount a year (0.10: 10 %); 6 decimals; NULL as for alive() and expected_value(). Error 22023 for a negative within or discount';
CREATE FUNCTION loyalty.lifetime_value(h loyalty.history, model loyalty.model, discount numeric,
		asof timestamptz DEFAULT now()) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_model_whole_life_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.lifetime_value(loyalty.history, loyalty.model, numeric, timestamptz) IS
	'the same for the whole life of the customer; error 22023 unless discount is above 0';

CREATE FUNCTION loyalty.next_purchase(h loyalty.history, model loyalty.model, probability double precision DEFAULT 0.5,
		asof timestamptz DEFAULT now()) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'loyalty_model_next_purchase' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30;
COMMENT ON FUNCTION loyalty.next_purchase(loyalty.history, loyalty.model, double precision, timestamptz) IS
	'by when the customer will have bought again with that probability: a local midnight after asof; NULL if never or after the year 9999, and as for alive(). Error 22023 for a probability that is not between 0 and 1';

CREATE FUNCTION loyalty.presumed_lost(h loyalty.history, model loyalty.model, below double precision DEFAULT 0.5,
		asof timestamptz DEFAULT now()) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'loyalty_model_presumed_lost' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30;
COMMENT ON FUNCTION loyalty.presumed_lost(loyalty.history, loyalty.model, double precision, timestamptz) IS
	'from when on alive() is below that if nothing more comes: a local midnight, of the day of the last transaction at the earliest, so it may be past; NULL if never or after the year 9999, and as for alive(). Error 22023 for a value that is not between 0 and 1';

CREATE FUNCTION loyalty.prospect_value(model loyalty.model, within interval, discount numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_model_prospect_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30;
COMMENT ON FUNCTION loyalty.prospect_value(loyalty.model, interval, numeric) IS
	'what a new customer is worth at their first transaction: that and those to be expected within that time after it, discounted; before what winning them costs. A month is 30.4375 days here. NULL if the model could not be fitted';
CREATE FUNCTION loyalty.prospect_value(model loyalty.model, discount numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_model_whole_prospect_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.prospect_value(loyalty.model, numeric) IS
	'the same for the whole life; error 22023 unless discount is above 0';
