-- recurring revenue: what subscription events promise

CREATE FUNCTION loyalty.mrr(h loyalty.history, asof timestamptz DEFAULT now()) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_subscription_mrr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.mrr(loyalty.history, timestamptz) IS
	'monthly recurring revenue: the monthly amounts of the subscriptions in force at asof, together not below 0; 0 for an empty history. A term of months: amount / months; of weeks: x 52 / 12 / weeks; of other days: x 365 / 12 / days; to 10 decimals';

CREATE FUNCTION loyalty.first_paid(h loyalty.history) RETURNS timestamptz
	AS 'MODULE_PATHNAME', 'loyalty_subscription_first_paid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.first_paid(loyalty.history) IS
	'the first instant with MRR above 0: the cohort a subscriber belongs to; NULL if there is none';

CREATE FUNCTION loyalty.subscriptions(h loyalty.history, asof timestamptz DEFAULT now(), timezone text DEFAULT 'UTC',
		OUT plan text, OUT amount numeric, OUT every interval, OUT quantity numeric, OUT mrr numeric, OUT since timestamptz,
		OUT until timestamptz, OUT renews_at timestamptz, OUT tags text[], OUT ref text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'loyalty_subscription_subscriptions' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 2;
COMMENT ON FUNCTION loyalty.subscriptions(loyalty.history, timestamptz, text) IS
	'the segments in force at asof, by since, plan, ref: since is a segment''s own at, until its own until (NULL: open), mrr its monthly amount (below 0 of a discount), renews_at its next renewal on the clock of timezone (NULL if it ends first, or is free). Error 22023 for a zone that the server does not know';

CREATE FUNCTION loyalty.movements(h loyalty.history, period tstzrange DEFAULT '(,)', net boolean DEFAULT false,
		reactivation_window interval DEFAULT NULL,
		OUT at timestamptz, OUT movement text, OUT change numeric, OUT mrr numeric) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'loyalty_subscription_movements' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 ROWS 5;
COMMENT ON FUNCTION loyalty.movements(loyalty.history, tstzrange, boolean, interval) IS
	'how MRR moved within the period, a row for each instant at which it changed: new, reactivation (from 0, paid before), expansion, contraction, churn (to 0); change is signed, mrr what holds then. net: one row at most, from just before the period to its end, dated at its last change. With a reactivation_window (added in UTC) who comes back later than that after the last paid spell is new. No rows for a NULL history or period';

CREATE TYPE loyalty.mrr_report AS (
	mrr_start numeric, new numeric, expansion numeric, reactivation numeric, contraction numeric, churn numeric, mrr_end numeric,
	customers_start bigint, customers_new bigint, customers_reactivated bigint, customers_churned bigint,
	customers_retained bigint, customers_end bigint,
	nrr numeric, grr numeric, logo_churn numeric, quick_ratio numeric, arpa numeric);
COMMENT ON TYPE loyalty.mrr_report IS
	'recurring revenue of a population over a period: what loyalty.mrr_report() answers';
COMMENT ON COLUMN loyalty.mrr_report.mrr_start IS 'MRR just before the period';
COMMENT ON COLUMN loyalty.mrr_report.new IS 'MRR won from customers who had never paid before';
COMMENT ON COLUMN loyalty.mrr_report.expansion IS 'MRR gained from customers who were paying';
COMMENT ON COLUMN loyalty.mrr_report.reactivation IS 'MRR won from customers who had paid before';
COMMENT ON COLUMN loyalty.mrr_report.contraction IS 'MRR lost from customers who go on paying; positive';
COMMENT ON COLUMN loyalty.mrr_report.churn IS 'MRR lost from customers who stopped paying; positive';
COMMENT ON COLUMN loyalty.mrr_report.mrr_end IS 'MRR at the end of the period: start + new + expansion + reactivation - contraction - churn';
COMMENT ON COLUMN loyalty.mrr_report.customers_start IS 'customers with MRR above 0 just before the period';
COMMENT ON COLUMN loyalty.mrr_report.customers_new IS 'movements new';
COMMENT ON COLUMN loyalty.mrr_report.customers_reactivated IS 'movements reactivation';
COMMENT ON COLUMN loyalty.mrr_report.customers_churned IS 'movements churn';
COMMENT ON COLUMN loyalty.mrr_report.customers_retained IS 'customers with MRR above 0 at both ends';
COMMENT ON COLUMN loyalty.mrr_report.customers_end IS 'customers with MRR above 0 at the end of the period';
COMMENT ON COLUMN loyalty.mrr_report.nrr IS 'net revenue retention: MRR at the end of those paying at the start / MRR at the start; NULL if that is 0';
COMMENT ON COLUMN loyalty.mrr_report.grr IS 'gross revenue retention: the same, each customer counted with no more than at the start';
COMMENT ON COLUMN loyalty.mrr_report.logo_churn IS '1 - retained / customers at the start; NULL if there were none';
COMMENT ON COLUMN loyalty.mrr_report.quick_ratio IS '(new + expansion + reactivation) / (contraction + churn); NULL if nothing was lost';
COMMENT ON COLUMN loyalty.mrr_report.arpa IS 'MRR at the end / customers at the end; NULL if there are none';

CREATE FUNCTION loyalty.mrr_report_add(bytea, h loyalty.history, period tstzrange) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_subscription_report_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.mrr_report_add(bytea, loyalty.history, tstzrange) IS 'transition of the aggregate mrr_report';

CREATE FUNCTION loyalty.mrr_report_add(bytea, h loyalty.history, period tstzrange, net boolean, reactivation_window interval) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_subscription_report_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.mrr_report_add(bytea, loyalty.history, tstzrange, boolean, interval) IS 'transition of the aggregate mrr_report';

CREATE FUNCTION loyalty.mrr_report_combine(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_subscription_report_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.mrr_report_combine(bytea, bytea) IS 'brings two states of the aggregate mrr_report together';

CREATE FUNCTION loyalty.mrr_report_final(bytea) RETURNS loyalty.mrr_report
	AS 'MODULE_PATHNAME', 'loyalty_subscription_report_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.mrr_report_final(bytea) IS 'what the aggregate mrr_report answers';

CREATE AGGREGATE loyalty.mrr_report(h loyalty.history, period tstzrange) (
	SFUNC = loyalty.mrr_report_add, STYPE = bytea, SSPACE = 256,
	FINALFUNC = loyalty.mrr_report_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.mrr_report_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE loyalty.mrr_report(loyalty.history, tstzrange) IS
	'recurring revenue over a period, one row for all customers (a history each): MRR at both ends, its movements, customers, retention. NULL histories and NULL or empty periods are skipped; NULL over nothing';

CREATE AGGREGATE loyalty.mrr_report(h loyalty.history, period tstzrange, net boolean, reactivation_window interval) (
	SFUNC = loyalty.mrr_report_add, STYPE = bytea, SSPACE = 256,
	FINALFUNC = loyalty.mrr_report_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.mrr_report_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE loyalty.mrr_report(loyalty.history, tstzrange, boolean, interval) IS
	'the same with the two switches of loyalty.movements(): net counts one movement a customer and period; a reactivation_window (NULL: none) tells how late who comes back is new';

CREATE FUNCTION loyalty.membership(h loyalty.history, plans text[], asof timestamptz DEFAULT now(), timezone text DEFAULT 'UTC',
		OUT member boolean, OUT paying boolean, OUT since timestamptz, OUT until timestamptz, OUT term bigint,
		OUT renews_at timestamptz)
	AS 'MODULE_PATHNAME', 'loyalty_subscription_membership_of_any' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION loyalty.membership(loyalty.history, text[], timestamptz, text) IS
	'membership of a paid plan at asof; several plans count as one. Segments of amount >= 0 that overlap or adjoin make one run; since and until are start and end of the last run (until NULL: open), and remain when it is over. paying: a segment in force costs something. term: 0 in a trial, then the number of the paid term. renews_at: the next renewal, on the clock of timezone; NULL if it ends first. Never a member: false, false, NULLs. Error 22023 for a zone that the server does not know';

CREATE FUNCTION loyalty.membership(h loyalty.history, plan text, asof timestamptz DEFAULT now(), timezone text DEFAULT 'UTC',
		OUT member boolean, OUT paying boolean, OUT since timestamptz, OUT until timestamptz, OUT term bigint,
		OUT renews_at timestamptz)
	AS 'MODULE_PATHNAME', 'loyalty_subscription_membership' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION loyalty.membership(loyalty.history, text, timestamptz, text) IS
	'membership of one plan at asof: see loyalty.membership(h, plans, asof, timezone)';

CREATE FUNCTION loyalty.subscribed(h loyalty.history, plan text, asof timestamptz DEFAULT now()) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_subscription_subscribed' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.subscribed(loyalty.history, text, timestamptz) IS
	'whether the customer is a member of the plan at asof, paying or not; false for an empty history';
