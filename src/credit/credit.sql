-- credit: offers, and loans

COMMENT ON TYPE loyalty.credit IS
	'a JSON document of credit: who is offered money, how much, on which terms, and what may be lost of it. It is checked on the way in';

CREATE FUNCTION loyalty.offer(h loyalty.history, credit loyalty.credit, asof timestamptz DEFAULT now(),
		OUT qualified boolean, OUT reasons text[], OUT amount numeric, OUT terms text[], OUT decided_at timestamptz,
		OUT valid_until timestamptz, OUT pay_by date, OUT figures jsonb)
	AS 'MODULE_PATHNAME', 'loyalty_credit_offer' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.offer(loyalty.history, loyalty.credit, timestamptz) IS
	'what may be lent at asof: by the newest decision in force that qualifies, less what is owed, in whole steps. Refused: amount, terms and pay_by NULL, reasons say why; qualified: reasons empty. decided_at and valid_until are those of the decision that governs, else of the latest. figures: for each rule of qualify what was asked and what was there. What is tagged credit is no sale. Error 22023 for an advance on terms that the document lacks';

CREATE FUNCTION loyalty.loans(h loyalty.history, credit loyalty.credit, asof timestamptz DEFAULT now(),
		OUT ref text, OUT at timestamptz, OUT terms text, OUT amount numeric, OUT fee numeric, OUT total numeric, OUT repaid numeric,
		OUT principal numeric, OUT owed numeric, OUT due numeric, OUT overdue numeric, OUT overdue_since timestamptz,
		OUT next_due_at timestamptz, OUT next_due numeric, OUT state text, OUT closed_at timestamptz, OUT written_off numeric,
		OUT expected_loss numeric)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'loyalty_credit_loans' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 2;
COMMENT ON FUNCTION loyalty.loans(loyalty.history, loyalty.credit, timestamptz) IS
	'the loans at asof, a row for each advance, oldest first: total and fee by plan; principal: the part of the amount that has not come back, 0 once closed; owed: what closes it now; due: what has fallen due and not been repaid; overdue: the same of due dates more than grace ago; state: repaid, written off, default, late, open. next_due NULL for a share of sales; written_off 0 but for loans that are, principal then less what came later; expected_loss NULL without loss in the document. Error 22023 for terms that the document lacks';

CREATE FUNCTION loyalty.owed(h loyalty.history, credit loyalty.credit, asof timestamptz DEFAULT now()) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_credit_owed' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION loyalty.owed(loyalty.history, loyalty.credit, timestamptz) IS
	'what closes all loans at asof: the sum of owed of loyalty.loans(); 0 without any';

CREATE FUNCTION loyalty.due(h loyalty.history, credit loyalty.credit, asof timestamptz DEFAULT now()) RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_credit_due' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION loyalty.due(loyalty.history, loyalty.credit, timestamptz) IS
	'what is to be debited at asof: the sum of due of loyalty.loans(); 0 without any';

CREATE FUNCTION loyalty.expected_cash(h loyalty.history, credit loyalty.credit, asof timestamptz DEFAULT now(),
		OUT due_at timestamptz, OUT ref text, OUT payment numeric)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'loyalty_credit_expected_cash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 12;
COMMENT ON FUNCTION loyalty.expected_cash(loyalty.history, loyalty.credit, timestamptz) IS
	'the instalments that fall due after asof, by date, of loans that are open; what was paid ahead is taken off. What has fallen due already is in loyalty.due(); no rows of a share of sales, which has no plan';

CREATE FUNCTION loyalty.instalments(credit loyalty.credit, amount numeric, at timestamptz DEFAULT now(), terms text DEFAULT NULL,
		OUT k integer, OUT due_at timestamptz, OUT payment numeric, OUT interest numeric, OUT principal numeric, OUT balance numeric)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'loyalty_credit_instalments' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50 ROWS 12;
COMMENT ON FUNCTION loyalty.instalments(loyalty.credit, numeric, timestamptz, text) IS
	'the plan of an advance at that instant, under the terms of that name (NULL: the first); interest is the fee''s part where there is a fee, balance the principal after the payment. No rows for a share of sales, nor if another argument is NULL. Error 22023 for terms that the document lacks and an amount that is not above 0';

CREATE FUNCTION loyalty.annual_rate(credit loyalty.credit, amount numeric, at timestamptz DEFAULT now(), terms text DEFAULT NULL,
		per_day numeric DEFAULT NULL) RETURNS double precision
	AS 'MODULE_PATHNAME', 'loyalty_credit_annual_rate' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 500;
COMMENT ON FUNCTION loyalty.annual_rate(loyalty.credit, numeric, timestamptz, text, numeric) IS
	'what such an advance costs a year, effective: the xirr of its plan; 0.1 is 10 %. Of a share of sales, if net sales are per_day each day: NULL without that, or if it is not repaid within 3,650 days. NULL if credit, amount or at is. Errors as of loyalty.instalments()';

CREATE FUNCTION loyalty.xirr_add(bytea, numeric, date) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_credit_xirr_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.xirr_add(bytea, numeric, date) IS
	'internal: state transition of xirr(amount, day); an error outside an aggregate';

CREATE FUNCTION loyalty.xirr_combine(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME', 'loyalty_credit_xirr_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.xirr_combine(bytea, bytea) IS
	'internal: brings two states of the aggregate xirr together; an error outside an aggregate';

CREATE FUNCTION loyalty.xirr_final(bytea) RETURNS double precision
	AS 'MODULE_PATHNAME', 'loyalty_credit_xirr_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.xirr_final(bytea) IS
	'internal: what the aggregate xirr answers; an error outside an aggregate';

CREATE AGGREGATE loyalty.xirr(amount numeric, day date) (
	SFUNC = loyalty.xirr_add, STYPE = bytea, SSPACE = 256,
	FINALFUNC = loyalty.xirr_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.xirr_combine, PARALLEL = SAFE
);
COMMENT ON AGGREGATE loyalty.xirr(numeric, date) IS
	'the yearly rate r > -1 with sum of amount / (1 + r) ^ (days since the first / 365) = 0: what was paid out is negative, what came in positive. NULL values are skipped; NULL unless there are both signs and two days, or if there is no such rate. Of several, one';
