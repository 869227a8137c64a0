-- who brought whom, and what that is worth

-- the stored form is dense already
ALTER TYPE loyalty.referrals SET (STORAGE = external);

COMMENT ON TYPE loyalty.referrals IS
	'who brought whom, and the value of each customer: what loyalty.referrals(customer, referrer, value) gathers. Text form: a JSON array [{"customer": ..., "referrer": ..., "value": ...}, ...] by customer; without a referrer if nobody brought them, without a value if it is 0';

CREATE FUNCTION loyalty.referrals_add(loyalty.referrals, customer anycompatible, referrer anycompatible, value numeric) RETURNS loyalty.referrals
	AS 'MODULE_PATHNAME', 'loyalty_referral_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.referrals_combine(loyalty.referrals, loyalty.referrals) RETURNS loyalty.referrals
	AS 'MODULE_PATHNAME', 'loyalty_referral_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.referrals_final(loyalty.referrals) RETURNS loyalty.referrals
	AS 'MODULE_PATHNAME', 'loyalty_referral_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.referrals_add(loyalty.referrals, anycompatible, anycompatible, numeric) IS
	'internal: state transition of referrals(customer, referrer, value); an error outside an aggregate';
COMMENT ON FUNCTION loyalty.referrals_combine(loyalty.referrals, loyalty.referrals) IS
	'internal: brings two states of referrals(customer, referrer, value) together; an error outside an aggregate';
COMMENT ON FUNCTION loyalty.referrals_final(loyalty.referrals) IS
	'internal: the referrals of an aggregate''s state';

CREATE AGGREGATE loyalty.referrals(customer anycompatible, referrer anycompatible, value numeric) (
	SFUNC = loyalty.referrals_add, STYPE = loyalty.referrals, SSPACE = 2048,
	FINALFUNC = loyalty.referrals_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.referrals_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE loyalty.referrals(anycompatible, anycompatible, numeric) IS
	'who brought whom, in any order: ids are integers, uuids or texts. Rows of one customer add up, a NULL value is 0; NULL customers are skipped, a NULL referrer is nobody; NULL over no customer. Errors: 22023 for a customer with two referrers; 22003 for a value of more than 12 digits before or 6 after the point; 54000 for more than fit into 1 GB';

CREATE FUNCTION loyalty.referral_value(referrals loyalty.referrals, customer anycompatible, credit numeric[] DEFAULT '{1}') RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_referral_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.referral_value(loyalty.referrals, anycompatible, numeric[]) IS
	'the value that a customer brought: the sum over levels of credit[level] times the values of those so many levels below; 0 for who brought nobody. Steps of a circle carry no credit, what hangs below them does. Error 22023 unless credit is 1 to 64 numbers >= 0, 22003 for more than 20 decimals';

CREATE FUNCTION loyalty.advocates(referrals loyalty.referrals, credit numeric[] DEFAULT '{1}',
		OUT customer text, OUT referred bigint, OUT reached bigint, OUT value numeric, OUT circle boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'loyalty_referral_advocates' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 100;
COMMENT ON FUNCTION loyalty.advocates(loyalty.referrals, numeric[]) IS
	'all who are named as referrer, by value descending, then by id, numbers first: whom they brought directly, how many are within the levels of credit, the value of these as loyalty.referral_value() says, and whether they are in a circle. Errors as there';
