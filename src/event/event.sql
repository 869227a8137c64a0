-- event: one thing that happened to one customer

COMMENT ON TYPE loyalty.event IS
	'one thing that happened to one customer: a purchase, refund, redemption, adjustment, expense, activity, granted tier, subscription, usage, advance or repayment. Text form: a JSON object';

COMMENT ON OPERATOR loyalty.= (loyalty.event, loyalty.event) IS
	'the same event: 10.5 and 10.50 are one amount, 5::int and ''5'' one ref';
COMMENT ON OPERATOR CLASS loyalty.event_ops USING btree IS
	'the order of a history: instant, kind, ref, content';

CREATE FUNCTION loyalty.is_event_kind(name text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_event_is_kind' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.is_event_kind(text) IS
	'internal: is there a kind of event of that name?';

-- The constructors.  They are not strict: NULL in the instant, or in the value
-- that makes the event, gives a NULL event; other NULLs mean "not given".

CREATE FUNCTION loyalty.purchase(at timestamptz, amount numeric, cost numeric DEFAULT NULL,
		quantity numeric DEFAULT NULL, tags text[] DEFAULT NULL, ref anycompatible DEFAULT NULL::text)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_purchase' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.purchase(timestamptz, numeric, numeric, numeric, text[], anycompatible) IS
	'money earned by a sale. amount, cost: any sign (a discount is a negative line), at most 12 digits before and 6 after the point (22003); cost: what goods and handling cost, default 0; quantity: units, default 1; tags: what rules look at, at most 64 of 255 bytes, NULL elements left out; ref: the order''s key, an integer, uuid or text. NULL at or amount: NULL';

CREATE FUNCTION loyalty.refund(at timestamptz, amount numeric, cost numeric DEFAULT NULL,
		quantity numeric DEFAULT NULL, tags text[] DEFAULT NULL, ref anycompatible DEFAULT NULL::text)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_refund' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.refund(timestamptz, numeric, numeric, numeric, text[], anycompatible) IS
	'money given back. amount: what went back, >= 0 (22023 if negative); cost: the cost recovered, >= 0; quantity: units returned, >= 0; ref: the order it undoes. NULL at or amount: NULL';

CREATE FUNCTION loyalty.redemption(at timestamptz, points numeric, ref anycompatible DEFAULT NULL::text)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_redemption' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.redemption(timestamptz, numeric, anycompatible) IS
	'points spent, > 0 (22023 otherwise); ref: the order they paid for. NULL at or points: NULL';

CREATE FUNCTION loyalty.adjustment(at timestamptz, points numeric, expires timestamptz DEFAULT NULL,
		tags text[] DEFAULT NULL, ref anycompatible DEFAULT NULL::text)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_adjustment' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.adjustment(timestamptz, numeric, timestamptz, text[], anycompatible) IS
	'points granted (+) or taken (-) by hand, opening balances; expires: the instant from which they are gone, default as the program says. NULL at or points: NULL';

CREATE FUNCTION loyalty.expense(at timestamptz, amount numeric, tags text[] DEFAULT NULL)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_expense' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.expense(timestamptz, numeric, text[]) IS
	'a cost of having this customer that belongs to no sale: acquisition, commission, support, bad debt. amount: any sign (a negative one is a cost that came back); the first tag names the kind. NULL at or amount: NULL';

CREATE FUNCTION loyalty.activity(at timestamptz, name text, ref anycompatible DEFAULT NULL::text)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_activity' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.activity(timestamptz, text, anycompatible) IS
	'something that moved no money: joined, birthday, review, referred; name: 1 to 255 bytes. NULL at or name: NULL';

CREATE FUNCTION loyalty.grant_tier(at timestamptz, tier text, until timestamptz DEFAULT NULL)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_grant_tier' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.grant_tier(timestamptz, text, timestamptz) IS
	'a tier given by hand or bought, held until then (excluded), for ever without until. NULL at or tier: NULL';

CREATE FUNCTION loyalty.subscription(at timestamptz, amount numeric, every interval DEFAULT '1 month',
		until timestamptz DEFAULT NULL, plan text DEFAULT NULL, quantity numeric DEFAULT 1,
		tags text[] DEFAULT NULL, ref anycompatible DEFAULT NULL::text)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_subscription' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.subscription(timestamptz, numeric, interval, timestamptz, text, numeric, text[], anycompatible) IS
	'a promise: from at to before until (NULL: open) amount, for all units, is to be paid each every. amount: 0 is free or a trial, below 0 a recurring discount; every: months or days, default 1 month (22023 for both, none, or hours); until: not before at (22023); plan: 1 to 255 bytes; quantity: units, >= 0, default 1; ref: the subscription''s key. NULL at or amount: NULL';

CREATE FUNCTION loyalty.usage(at timestamptz, meter text, quantity numeric DEFAULT 1,
		tags text[] DEFAULT NULL, ref anycompatible DEFAULT NULL::text)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_usage' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.usage(timestamptz, text, numeric, text[], anycompatible) IS
	'so much was used; meter: what of, 1 to 255 bytes; quantity: default 1, below 0 corrects. NULL at, meter or quantity: NULL';

CREATE FUNCTION loyalty.advance(at timestamptz, amount numeric, terms text DEFAULT NULL,
		ref anycompatible DEFAULT NULL::text)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_advance' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.advance(timestamptz, numeric, text, anycompatible) IS
	'money lent: paid out to the customer, or financed. amount: > 0 (22023 otherwise); terms: the name of the terms, 1 to 255 bytes; ref: the loan''s key. NULL at or amount: NULL';

CREATE FUNCTION loyalty.repayment(at timestamptz, amount numeric, ref anycompatible DEFAULT NULL::text)
	RETURNS loyalty.event
	AS 'MODULE_PATHNAME', 'loyalty_event_repayment' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.repayment(timestamptz, numeric, anycompatible) IS
	'lent money that came back. amount: > 0 (22023 otherwise); ref: the loan it is for. NULL at or amount: NULL';
