-- standing: a program folded over a history up to an instant
--
-- Everything is a function of (history, program, asof).  NULL in any of them
-- gives NULL, or no rows.

CREATE FUNCTION loyalty.standing(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now(),
		OUT tier text, OUT tier_since timestamptz, OUT tier_until timestamptz,
		OUT next_tier text, OUT to_next numeric,
		OUT points numeric, OUT pending numeric, OUT debt numeric,
		OUT expiring numeric, OUT expiring_at timestamptz,
		OUT lifetime_points numeric, OUT qualifying numeric)
	AS 'MODULE_PATHNAME', 'loyalty_standing_standing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.standing(loyalty.history, loyalty.program, timestamptz) IS
	'the member''s standing at asof as one row of plain columns: tier with its run, what is missing to the next, points available less debt, points pending, what dies next, points ever earned, the metric of the current window';

CREATE FUNCTION loyalty.points(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now())
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_standing_points' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.points(loyalty.history, loyalty.program, timestamptz) IS
	'points available at asof, less debt; negative while there is more debt than points';

CREATE FUNCTION loyalty.pending(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now())
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_standing_pending' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.pending(loyalty.history, loyalty.program, timestamptz) IS
	'points earned and still held back at asof';

CREATE FUNCTION loyalty.tier(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now())
	RETURNS text
	AS 'MODULE_PATHNAME', 'loyalty_standing_tier' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.tier(loyalty.history, loyalty.program, timestamptz) IS
	'the tier held at asof; NULL below the lowest, and where the program has no tiers then';

CREATE FUNCTION loyalty.expiring(h loyalty.history, program loyalty.program, within interval,
		asof timestamptz DEFAULT now())
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_standing_expiring' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.expiring(loyalty.history, loyalty.program, interval, timestamptz) IS
	'points, pending ones included, that die up to asof + within on the program''s clock if nothing else happens; error 22023 for a negative interval';

CREATE FUNCTION loyalty.overdrawn(h loyalty.history, program loyalty.program)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_standing_overdrawn' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.overdrawn(loyalty.history, loyalty.program) IS
	'whether some redemption took more than was available at its instant, broke the program''s redeem rule, or named a voucher that was not there, used or expired; looks at the whole history';

CREATE FUNCTION loyalty.overdrafts(h loyalty.history, program loyalty.program)
	RETURNS TABLE (at timestamptz, points numeric, available numeric, reason text, ref text)
	AS 'MODULE_PATHNAME', 'loyalty_standing_overdrafts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 1;
COMMENT ON FUNCTION loyalty.overdrafts(loyalty.history, loyalty.program) IS
	'the redemptions that took more than was available at their instant, broke the program''s redeem rule, or named a voucher that was not there, used or expired: points asked, points available then, less debt, and why';

CREATE FUNCTION loyalty.liability(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now(),
		share numeric DEFAULT 1)
	RETURNS numeric
	AS 'MODULE_PATHNAME', 'loyalty_standing_liability' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.liability(loyalty.history, loyalty.program, timestamptz, numeric) IS
	'open points, pending ones included, less debt but not below 0, times redeem.value (where there is none: as much as the first voucher rule in force makes of a point, else 0), and open vouchers at their value; times the share that is expected to be redeemed (0 to 1, else 22023); in money; NULL where the program has neither a value nor vouchers';

CREATE FUNCTION loyalty.lots(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now())
	RETURNS TABLE (earned_at timestamptz, active_at timestamptz, expires_at timestamptz,
		earned numeric, remaining numeric, ref text)
	AS 'MODULE_PATHNAME', 'loyalty_standing_lots' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION loyalty.lots(loyalty.history, loyalty.program, timestamptz) IS
	'the lots that hold points at asof, pending ones included, in the order in which they were earned; expires_at: if nothing else happens, NULL for never';

CREATE FUNCTION loyalty.statement(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now())
	RETURNS TABLE (at timestamptz, entry text, points numeric, balance numeric, tier text, rule text, ref text)
	AS 'MODULE_PATHNAME', 'loyalty_standing_statement' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 30;
COMMENT ON FUNCTION loyalty.statement(loyalty.history, loyalty.program, timestamptz) IS
	'the audit trail up to asof: earn, bonus, hold, release, redeem, expire, refund, return, clawback, adjust, issue, use and lapse of vouchers, grant, tier up, tier down. balance: available points less debt after the entry; rule: what made it, by name or by its place in the document; a change of tier comes last in its instant';

CREATE FUNCTION loyalty.plans(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now())
	RETURNS TABLE (plan text, since timestamptz, until timestamptz, grace boolean)
	AS 'MODULE_PATHNAME', 'loyalty_standing_plans' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 1;
COMMENT ON FUNCTION loyalty.plans(loyalty.history, loyalty.program, timestamptz) IS
	'those of the program''s plans that the member holds at asof, by name; since when without a break, until when as known then, grace included (NULL: without end), and whether it is held by grace alone';

CREATE FUNCTION loyalty.vouchers(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now())
	RETURNS TABLE (ref text, issued_at timestamptz, expires_at timestamptz, points numeric, value numeric, state text,
		used_at timestamptz, rule text)
	AS 'MODULE_PATHNAME', 'loyalty_standing_vouchers' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;
COMMENT ON FUNCTION loyalty.vouchers(loyalty.history, loyalty.program, timestamptz) IS
	'all vouchers issued up to asof, in order: ref is the name by which a redemption uses it, points what was settled for it, value its money, state open, used or expired; rule: by name or by its place in the document';

CREATE FUNCTION loyalty.next_voucher(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now())
	RETURNS TABLE (rule text, points numeric, settles_at timestamptz)
	AS 'MODULE_PATHNAME', 'loyalty_standing_next_voucher' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 1;
COMMENT ON FUNCTION loyalty.next_voucher(loyalty.history, loyalty.program, timestamptz) IS
	'for each voucher rule that is in force for the member at asof: the points still missing to a voucher, 0 if none, and the next day on which points are settled (NULL: as soon as they are there, or the rule ends before)';

CREATE FUNCTION loyalty.benefits(h loyalty.history, program loyalty.program, asof timestamptz DEFAULT now())
	RETURNS TABLE (benefit text, quantity numeric, used bigint, remaining numeric, since timestamptz, until timestamptz)
	AS 'MODULE_PATHNAME', 'loyalty_standing_benefits' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 5;
COMMENT ON FUNCTION loyalty.benefits(loyalty.history, loyalty.program, timestamptz) IS
	'the benefits that the member has at asof, in the document''s order: how often in the period (NULL: without limit), how often used in it up to asof, what remains, and the period, NULL for the lifetime';

CREATE FUNCTION loyalty.entitled(h loyalty.history, program loyalty.program, benefit text, asof timestamptz DEFAULT now())
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_standing_entitled' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.entitled(loyalty.history, loyalty.program, text, timestamptz) IS
	'whether the member has the benefit at asof, and some of it is left; false for a name that the program does not know';

CREATE FUNCTION loyalty.rollforward(h loyalty.history, program loyalty.program, period tstzrange,
		OUT opening numeric, OUT earned numeric, OUT bonus numeric, OUT adjusted numeric, OUT refunded numeric,
		OUT redeemed numeric, OUT settled numeric, OUT expired numeric, OUT forgiven numeric, OUT closing numeric)
	AS 'MODULE_PATHNAME', 'loyalty_standing_rollforward' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION loyalty.rollforward(loyalty.history, loyalty.program, tstzrange) IS
	'how the points went over a period, for the books: opening + all movements = closing, exactly; points are available ones less debt, and pending ones. Each movement is the sum of the statement''s entries in the period, with their sign: earned (earn, hold), bonus (bonus, hold), adjusted (adjust), refunded (refund, clawback, return), redeemed (redeem), settled to vouchers (issue), expired (expire); forgiven is what such entries say and the balance does not do: points taken back that had been spent and are not owed, or had expired, less points that came into a lot that had died. Sums over members and over adjoining periods mean something; NULLs for an empty period';
