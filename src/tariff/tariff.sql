-- prices, and what is to be billed

COMMENT ON TYPE loyalty.tariff IS
	'a JSON document of prices: what plans cost a term and meters a unit, since when and until when. It is checked on the way in';

CREATE FUNCTION loyalty.charge(tariff loyalty.tariff, meter text, quantity numeric, plan text DEFAULT NULL,
		asof timestamptz DEFAULT now()) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_tariff_charge' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.charge(loyalty.tariff, text, numeric, text, timestamptz) IS
	'what a quantity costs by the meter of that key in force at asof, at the top level or, if a plan is given, of that plan; NULL if there is none. The quantity, not below 0, less what is included, in packages begun; then by price or tiers, at least the minimum, at most the maximum; rounded once. Error 22023 for a plan that the tariff lacks. Give an instant by name: asof => ...';

CREATE FUNCTION loyalty.reprice(h loyalty.history, tariff loyalty.tariff) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_tariff_reprice' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION loyalty.reprice(loyalty.history, loyalty.tariff) IS
	'the history with its subscriptions at the prices of the tariff: a segment with an amount above 0, whose plan has an entry for its term, costs what the entry in force says at its start and then at each renewal; where that changes, the ref is stated again (without a ref the segment is cut in two). All other events stay as they are';

CREATE FUNCTION loyalty.bill(h loyalty.history, tariff loyalty.tariff, period tstzrange,
		OUT kind text, OUT item text, OUT span tstzrange, OUT quantity numeric, OUT amount numeric, OUT plan text, OUT ref text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'loyalty_tariff_bill' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 5;
COMMENT ON FUNCTION loyalty.bill(loyalty.history, loyalty.tariff, tstzrange) IS
	'what is to be billed for the period, by kind, begin of the span, item, ref: fee (in advance, once a term; part of it for part of a term), credit (negative: the rest of a term in which a subscription stops), usage (a row for each entry; amount NULL where nothing prices the meter). Error 22023 for a period without bounds';

CREATE FUNCTION loyalty.billed(h loyalty.history, tariff loyalty.tariff, period tstzrange) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_tariff_billed' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.billed(loyalty.history, loyalty.tariff, tstzrange) IS
	'the sum of the amounts of loyalty.bill(); 0 if there are none. Error 22023 for a period without bounds';
