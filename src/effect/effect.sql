-- what a program brings: members beside others

COMMENT ON TYPE loyalty.effect IS
	'members beside others: for each stratum and group the number of customers and the exact sums of what they did after and before. Made by the aggregate loyalty.effect(); read by welch, did, cuped, matched, report';

CREATE FUNCTION loyalty.effect_add(bytea, boolean, numeric) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_effect_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.effect_add(bytea, boolean, numeric, numeric) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_effect_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.effect_add(bytea, boolean, numeric, numeric, text) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_effect_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.effect_merge(bytea, loyalty.effect) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_effect_merge' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.effect_combine(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_effect_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.effect_final(bytea) RETURNS loyalty.effect
	AS 'MODULE_PATHNAME', 'loyalty_effect_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.effect_add(bytea, boolean, numeric) IS 'transition of the aggregate effect(member, after)';
COMMENT ON FUNCTION loyalty.effect_add(bytea, boolean, numeric, numeric) IS 'transition of the aggregate effect(member, after, before)';
COMMENT ON FUNCTION loyalty.effect_add(bytea, boolean, numeric, numeric, text) IS 'transition of the aggregate effect(member, after, before, stratum)';
COMMENT ON FUNCTION loyalty.effect_merge(bytea, loyalty.effect) IS 'transition of the aggregate effect(effect)';
COMMENT ON FUNCTION loyalty.effect_combine(bytea, bytea) IS 'combines states of the aggregate effect';
COMMENT ON FUNCTION loyalty.effect_final(bytea) IS 'what the aggregate effect answers';

CREATE AGGREGATE loyalty.effect(member boolean, after numeric) (
	SFUNC = loyalty.effect_add, STYPE = bytea, SSPACE = 1024,
	FINALFUNC = loyalty.effect_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.effect_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE loyalty.effect(boolean, numeric) IS
	'members beside others, a row a customer: whether they are a member, and what they bought or brought after. A row with a NULL is left out and counted (skipped); NULL over no rows. Error 22003 for NaN, infinity, and more than 50 digits before or after the decimal point';

CREATE AGGREGATE loyalty.effect(member boolean, after numeric, before numeric) (
	SFUNC = loyalty.effect_add, STYPE = bytea, SSPACE = 1024,
	FINALFUNC = loyalty.effect_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.effect_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE loyalty.effect(boolean, numeric, numeric) IS
	'the same with what they did in an earlier period, in which nobody was a member yet';

CREATE AGGREGATE loyalty.effect(member boolean, after numeric, before numeric, stratum text) (
	SFUNC = loyalty.effect_add, STYPE = bytea, SSPACE = 8192,
	FINALFUNC = loyalty.effect_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.effect_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE loyalty.effect(boolean, numeric, numeric, text) IS
	'the same by strata: members are to be compared with others of their own. NULL is a stratum of its own. Error 54000 for more than 1 GB of strata';

CREATE AGGREGATE loyalty.effect(loyalty.effect) (
	SFUNC = loyalty.effect_merge, STYPE = bytea, SSPACE = 8192,
	FINALFUNC = loyalty.effect_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.effect_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE loyalty.effect(loyalty.effect) IS
	'effects of months, shards and the like as one: what their rows together would give. NULLs are left out; NULL over nothing. Error 22023 if some have an earlier period and some have not';

CREATE FUNCTION loyalty.welch(effect loyalty.effect, level double precision DEFAULT 0.95,
		OUT members bigint, OUT others bigint, OUT mean_members double precision, OUT mean_others double precision,
		OUT difference double precision, OUT ratio double precision, OUT t double precision, OUT df double precision,
		OUT p double precision, OUT low double precision, OUT high double precision, OUT unmatched bigint, OUT skipped bigint, OUT reason text)
	AS 'MODULE_PATHNAME', 'loyalty_effect_welch' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION loyalty.welch(loyalty.effect, double precision) IS
	'means of after of members and others, their difference and ratio, Welch''s t test (p two-sided), the interval of the difference. The effect if members were drawn by lot. reason says why something is NULL: no members, no others, too few to tell chance, no variance. Error 22023 for a level that is not between 0 and 1';

CREATE FUNCTION loyalty.did(effect loyalty.effect, level double precision DEFAULT 0.95,
		OUT members bigint, OUT others bigint, OUT mean_members double precision, OUT mean_others double precision,
		OUT difference double precision, OUT ratio double precision, OUT t double precision, OUT df double precision,
		OUT p double precision, OUT low double precision, OUT high double precision, OUT unmatched bigint, OUT skipped bigint, OUT reason text)
	AS 'MODULE_PATHNAME', 'loyalty_effect_did' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION loyalty.did(loyalty.effect, double precision) IS
	'difference in differences: loyalty.welch() of after - before, the means being mean gains; ratio: (after / before of the members) / (after / before of the others). The effect if both groups would have moved alike. Also the reason: no earlier period';

CREATE FUNCTION loyalty.cuped(effect loyalty.effect, level double precision DEFAULT 0.95,
		OUT members bigint, OUT others bigint, OUT mean_members double precision, OUT mean_others double precision,
		OUT difference double precision, OUT ratio double precision, OUT t double precision, OUT df double precision,
		OUT p double precision, OUT low double precision, OUT high double precision, OUT unmatched bigint, OUT skipped bigint, OUT reason text)
	AS 'MODULE_PATHNAME', 'loyalty_effect_cuped' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION loyalty.cuped(loyalty.effect, double precision) IS
	'loyalty.welch() of after, adjusted for before with the slope within the groups; the means are those at the mean of before of all. The effect if joining depends on the earlier period (or lot) alone. Also the reasons: no earlier period, earlier period does not vary';

CREATE FUNCTION loyalty.matched(effect loyalty.effect, level double precision DEFAULT 0.95,
		OUT members bigint, OUT others bigint, OUT mean_members double precision, OUT mean_others double precision,
		OUT difference double precision, OUT ratio double precision, OUT t double precision, OUT df double precision,
		OUT p double precision, OUT low double precision, OUT high double precision, OUT unmatched bigint, OUT skipped bigint, OUT reason text)
	AS 'MODULE_PATHNAME', 'loyalty_effect_matched' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION loyalty.matched(loyalty.effect, double precision) IS
	'members beside others of their own stratum, weighted as the members are; members and others: those in strata with both, unmatched: the members of the rest. The effect if joining depends on the strata alone. Also the reasons: no strata, no stratum has both';

CREATE FUNCTION loyalty.report(effect loyalty.effect, margin double precision DEFAULT 1, cost double precision DEFAULT 0, level double precision DEFAULT 0.95,
		OUT way text, OUT reading text, OUT members bigint, OUT others bigint, OUT difference double precision, OUT ratio double precision,
		OUT low double precision, OUT high double precision, OUT p double precision,
		OUT gain double precision, OUT gain_low double precision, OUT gain_high double precision, OUT reason text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'loyalty_effect_report' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 4;
COMMENT ON FUNCTION loyalty.report(loyalty.effect, double precision, double precision, double precision) IS
	'four rows side by side: raw (loyalty.welch(): a difference, no effect), did, cuped, matched, each with what must hold for it. gain: difference x members x margin - cost, and of the interval''s ends; NULL for raw. Error 22023 for a level that is not between 0 and 1, a margin or cost that is not finite';

CREATE FUNCTION loyalty.sample_size(sd double precision, effect double precision, share double precision DEFAULT 0.5, power double precision DEFAULT 0.8,
		alpha double precision DEFAULT 0.05, correlation double precision DEFAULT 0, OUT holdout bigint, OUT members bigint)
	AS 'MODULE_PATHNAME', 'loyalty_effect_sample_size' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION loyalty.sample_size(double precision, double precision, double precision, double precision, double precision, double precision) IS
	'how many customers it takes to see an effect (a difference of means) where what they buy has the standard deviation sd: in the holdout, which is that share of all, and with the benefit. power: the chance to see it; alpha: that of seeing one where there is none (two-sided); correlation of after with before, if that is adjusted for. Error 22023 unless sd > 0, effect is not 0, share, power and alpha are between 0 and 1 and |correlation| < 1';

CREATE FUNCTION loyalty.student_t(level double precision, df double precision) RETURNS double precision
	AS 'MODULE_PATHNAME', 'loyalty_effect_student_t' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION loyalty.student_t(double precision, double precision) IS
	't with P(|T| <= t) = level in Student''s distribution with df degrees of freedom: mean +- t x standard error is an interval around a mean. Error 22023 for a level that is not between 0 and 1 and for df not above 0';
