-- where a customer stands among all, and what the highest bring

-- the stored form is dense already
ALTER TYPE loyalty.ranking SET (STORAGE = external);

COMMENT ON TYPE loyalty.ranking IS
	'the numbers of all customers: what loyalty.ranking(value) gathers. Text form: a JSON array [[value, customers], ...], ascending';

CREATE FUNCTION loyalty.ranking_add(loyalty.ranking, numeric) RETURNS loyalty.ranking
	AS 'MODULE_PATHNAME', 'loyalty_ranking_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.ranking_combine(loyalty.ranking, loyalty.ranking) RETURNS loyalty.ranking
	AS 'MODULE_PATHNAME', 'loyalty_ranking_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.ranking_final(loyalty.ranking) RETURNS loyalty.ranking
	AS 'MODULE_PATHNAME', 'loyalty_ranking_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.ranking_add(loyalty.ranking, numeric) IS
	'internal: state transition of ranking(value); an error outside an aggregate';
COMMENT ON FUNCTION loyalty.ranking_combine(loyalty.ranking, loyalty.ranking) IS
	'internal: brings two states of ranking(value) together; an error outside an aggregate';
COMMENT ON FUNCTION loyalty.ranking_final(loyalty.ranking) IS
	'internal: the ranking of an aggregate''s state';

CREATE AGGREGATE loyalty.ranking(value numeric) (
	SFUNC = loyalty.ranking_add, STYPE = loyalty.ranking, SSPACE = 1024,
	FINALFUNC = loyalty.ranking_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.ranking_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE loyalty.ranking(numeric) IS
	'the ranking of all values, in any order; NULLs are skipped, NULL over none. A value has at most 12 digits before and 6 after the point (22003): round where you want it rounded. A literal or a double precision is written value::numeric. Error 54000 for more than fit into 1 GB';

CREATE FUNCTION loyalty.bucket(ranking loyalty.ranking, value numeric, buckets integer) RETURNS integer
	AS 'MODULE_PATHNAME', 'loyalty_ranking_bucket' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.bucket(loyalty.ranking, numeric, integer) IS
	'which of so many buckets of equally many customers a value falls into, 1 (low) to buckets (high): 1 + floor(buckets x customers below it / customers), at most buckets. Equal values stand together. NULL for an empty ranking. Errors: 22023 for buckets below 1, 22003 for NaN and infinity';

CREATE FUNCTION loyalty.place(ranking loyalty.ranking, value numeric) RETURNS bigint
	AS 'MODULE_PATHNAME', 'loyalty_ranking_place' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.place(loyalty.ranking, numeric) IS
	'the place of a value, highest first: 1 + the number of values greater. Error 22003 for NaN and infinity';

CREATE FUNCTION loyalty.abc_class(ranking loyalty.ranking, value numeric, limits numeric[] DEFAULT '{0.8,0.95}') RETURNS text
	AS 'MODULE_PATHNAME', 'loyalty_ranking_abc_class' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.abc_class(loyalty.ranking, numeric, numeric[]) IS
	'A, B, C ...: the first limit that the share of all greater values in the sum of the values above 0 is below, else the last letter; a value not above 0 has the last letter. Errors: 22023 for limits that do not ascend between 0 and 1, or are more than 25; 22003 for NaN and infinity';

CREATE FUNCTION loyalty.whale_curve(ranking loyalty.ranking, points integer DEFAULT 100,
		OUT customers bigint, OUT customer_share numeric, OUT value numeric, OUT value_share numeric) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'loyalty_ranking_whale_curve' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 101;
COMMENT ON FUNCTION loyalty.whale_curve(loyalty.ranking, integer) IS
	'what the highest bring: rows k = 0 to points (no more than there are customers) for the highest ceil(k x customers / points), their share of the customers, the sum of their values, its share of the total (NULL where that is not above 0). Error 22023 for points below 1';

CREATE FUNCTION loyalty.top_share(ranking loyalty.ranking, fraction numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_ranking_top_share' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.top_share(loyalty.ranking, numeric) IS
	'the share of the total that the highest ceil(fraction x customers) bring; NULL where the total is not above 0. Errors: 22023 for a fraction outside of 0 to 1, 22003 for NaN and infinity';

CREATE FUNCTION loyalty.concentration(ranking loyalty.ranking,
		OUT customers bigint, OUT total numeric, OUT gains numeric, OUT losses numeric, OUT losing bigint,
		OUT peak numeric, OUT stobachoff numeric)
	AS 'MODULE_PATHNAME', 'loyalty_ranking_concentration' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.concentration(loyalty.ranking) IS
	'how much hangs on few: customers, the sum of all values, of those above 0 and of those below 0, how many are below 0; peak: gains / total, the height of the whale curve; stobachoff: (area below the curve - 1/2) / (peak - 1/2), 0 if all bring the same. Both NULL where the total is not above 0';
