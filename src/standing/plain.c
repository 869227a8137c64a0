/*
 * plain.c
 *		The common case in one pass: purchases under a plain program.
 *
 * Most members of most shops only buy.  Where the program is plain too (rates
 * by money, factors by tier, tiers by spend in fixed windows, one age at which
 * lots die), no order, lot or window has to be remembered: the answer is the
 * same as the fold's, at a tenth of its price.  Whatever else a program or a
 * history holds takes the fold.
 */
#include "postgres.h"

#include "standing/holding.h"

/* a rule that always applies */
static bool
is_always(const Bound *bounds, const Rule *rule)
{
	return bounds[rule->id].from == PG_INT64_MIN && bounds[rule->id].until == PG_INT64_MAX &&
		rule->any.n == 0 && rule->all.n == 0 && rule->none.n == 0;
}

/* Find the points per unit of money with a tier's factors. */
static void
set_rate(PlainProgram *plain, int level, int tier)
{
	const Program *p = plain->program;
	const EarnRule *earn = PROGRAM_LIST(p, p->earn, EarnRule);
	const MultiplyRule *multiply = PROGRAM_LIST(p, p->multiply, MultiplyRule);
	Fraction	rate = {0, 1};
	Factors		factors = {.product = {1, 1}};
	Fraction	factor;

	for (uint32 i = 0; i < p->earn.n; i++)
		rate = fraction_add(rate, (Fraction) {earn[i].num, earn[i].den});
	for (uint32 i = 0; i < p->multiply.n; i++)
		factors_add(&factors, p, &multiply[i], tier);
	factor = factors_result(&factors);
	rate = fraction_scale(rate, factor.num, factor.den);
	plain->rate[level + 1] = rate;
	plain->millionths[level + 1] = plain->whole && DECIMAL_ONE % rate.den == 0 && rate.num < DECIMAL_ONE ?
		(int64) (rate.num * (DECIMAL_ONE / rate.den)) : 0;
}

/* How long lots live at the least and at the most, in microseconds. */
static void
life_of(const ExpireRule *rule, int64 *shortest, int64 *longest)
{
	static const int snaps[] = {
		[SNAP_NONE] = 0,[SNAP_MONTH] = 31,[SNAP_QUARTER] = 92,[SNAP_YEAR] = 366,[SNAP_MONTH_DAY] = 366
	};
	/* a month has 30.436875 days on average; clamping and clocks move less than 4 days */
	int64		months = (int64) rule->after.months * INT64CONST(2629746) * USECS_PER_SEC;
	int64		rest = (int64) rule->after.days * USECS_PER_DAY + rule->after.time;

	*shortest = months + rest - 4 * USECS_PER_DAY;
	*longest = months + rest + (4 + snaps[rule->snap]) * USECS_PER_DAY;
}

/* Are refunds and redemptions plain, too? */
static bool
is_trade_plain(const Program *p, const Bound *bounds)
{
	const RedeemRule *redeem = PROGRAM_LIST(p, p->redeem, RedeemRule);
	const RefundRule *refund = PROGRAM_LIST(p, p->refund, RefundRule);
	const TiersRule *tiers = PROGRAM_LIST(p, p->tiers, TiersRule);

	if (p->redeem.n > 1 || p->refund.n > 1 || (p->tiers.n > 0 && tiers[0].latch))
		return false;
	if (p->redeem.n == 1 && (!is_always(bounds, &redeem[0].rule) || redeem[0].order == REDEEM_OLDEST_FIRST))
		return false;
	return p->refund.n == 0 ||
		(is_always(bounds, &refund[0].rule) && refund[0].earned == EARNED_RECOMPUTE &&
		 refund[0].spent == SPENT_NONE && refund[0].dated == DATED_PURCHASE);
}

void
plain_prepare(PlainProgram *plain, const Program *p, const Bound *bounds, const Zone *zone)
{
	const EarnRule *earn = PROGRAM_LIST(p, p->earn, EarnRule);
	const MultiplyRule *multiply = PROGRAM_LIST(p, p->multiply, MultiplyRule);
	const ExpireRule *expire = PROGRAM_LIST(p, p->expire, ExpireRule);
	const TiersRule *tiers = PROGRAM_LIST(p, p->tiers, TiersRule);
	const Level *levels;
	int			hint = 0;

	memset(plain, 0, sizeof(*plain));
	plain->program = p;
	plain->zone = zone;
	plain->base = NONE;
	plain->whole = p->round == ROUND_DOWN && p->decimals == 0;
	if (p->plans.n > 0 || p->vouchers.n > 0 || p->bonus.n > 0 || p->caps.n > 0 || p->hold.n > 0 || p->scope == SCOPE_DAY ||
		p->expire.n > 1 || p->tiers.n > 1)
		return;
	for (uint32 i = 0; i < p->earn.n; i++)
	{
		if (!is_always(bounds, &earn[i].rule) || earn[i].of != BY_SPEND || earn[i].steps ||
			earn[i].table.n > 0 || earn[i].minimum != PG_INT64_MIN ||
			earn[i].audience.some)
			return;
	}
	for (uint32 i = 0; i < p->multiply.n; i++)
	{
		if (!is_always(bounds, &multiply[i].rule) || multiply[i].audience.some)
			return;
	}
	if (p->expire.n == 1)
	{
		plain->expire = &expire[0];
		if (!is_always(bounds, &expire[0].rule) || expire[0].kind != EXPIRE_AGE ||
			expire[0].resume != RESUME_NONE || expire[0].after.months > 12000)
			return;
		life_of(&expire[0], &plain->shortest, &plain->longest);
		if (expire[0].snap == SNAP_NONE)
			plain->stretches = palloc0(PLAIN_STRETCHES * sizeof(Stretch));
	}
	set_rate(plain, NONE, NONE);
	if (p->tiers.n == 1)
	{
		bool		for_ever;

		plain->tiers = &tiers[0];
		if (!is_always(bounds, &tiers[0].rule) || tiers[0].by != BY_SPEND || tiers[0].has_rollover ||
			(tiers[0].window != WINDOW_CALENDAR_YEAR && tiers[0].window != WINDOW_YEAR_FROM) ||
			tiers[0].valid == VALID_SPAN || tiers[0].downgrade == DOWNGRADE_ONE_STEP)
			return;
		levels = PROGRAM_LIST(p, tiers[0].levels, Level);
		for (uint32 l = 0; l < tiers[0].levels.n; l++)
		{
			if (levels[l].needs.n > 0 || (levels[l].at <= 0 && l > 0))
				return;
			set_rate(plain, (int) l, (int) levels[l].tier);
			if (levels[l].at <= 0)
				plain->base = (int) l;
		}
		for_ever = tiers[0].valid == VALID_FOREVER || tiers[0].downgrade == DOWNGRADE_NEVER;
		for (int y = 0; y <= PLAIN_YEARS; y++)
		{
			int			year = PLAIN_FIRST_YEAR + y;
			int			month = (int) tiers[0].window_month;
			int			end = year + 1 + (tiers[0].valid == VALID_YEAR_AFTER);
			int64		local;

			plain->starts[y] = zone_from_local(zone, local_from_days(
				date_to_days(year, month, Min((int) tiers[0].window_day, days_in_month(year, month)))), &hint);
			if (y == PLAIN_YEARS)
				break;
			local = local_from_days(date_to_days(end, month, Min((int) tiers[0].window_day, days_in_month(end, month))));
			if (tiers[0].has_overhang)
				local = local_snap(local_add(local, &tiers[0].overhang, 1), SNAP_MONTH, 0, 0);
			plain->holds[y] = for_ever || local >= INSTANT_LIMIT ? INSTANT_NEVER :
				zone_from_local(zone, local, &hint);
		}
	}
	plain->is_plain = true;
	plain->is_traded = is_trade_plain(p, bounds);
	plain->redeem = p->redeem.n > 0 ? PROGRAM_LIST(p, p->redeem, RedeemRule) : NULL;
	plain->forgives = p->refund.n > 0 && PROGRAM_LIST(p, p->refund, RefundRule)->shortfall == SHORT_FORGIVE;
}

/* Whether the zone's clock never changes from one instant to the other. */
static bool
is_quiet(const Zone *zone, int64 from, int64 until)
{
	int			segment = 0;

	(void) zone_to_local(zone, from, &segment);
	return segment + 1 >= zone->n || zone->starts[segment + 1] > until;
}

/* Learn how far the end of a lot is for its whole day, where no clock changes. */
static void
set_stretch(PlainProgram *plain, Stretch *stretch, int64 at, int64 end)
{
	int64		local = zone_to_local(plain->zone, at, &plain->hint);
	int64		from = at - (local - local_from_days(local_to_days(local)));

	if (end == INSTANT_NEVER || end == INSTANT_MIN ||
		!is_quiet(plain->zone, from, from + USECS_PER_DAY) ||
		!is_quiet(plain->zone, end - 4 * USECS_PER_DAY, end + 4 * USECS_PER_DAY))
		return;
	stretch->from = from;
	stretch->until = from + USECS_PER_DAY;
	stretch->distance = end - at;
}

static inline int64
lot_end_of(PlainProgram *plain, int64 at)
{
	const ExpireRule *rule = plain->expire;
	Stretch    *stretch = NULL;
	int64		end;

	if (plain->stretches)
	{
		/* the local day but for a change of the clock since the last one */
		int64		day = (at + plain->zone->offsets[plain->hint] * USECS_PER_SEC) / USECS_PER_DAY;

		stretch = &plain->stretches[(uint64) day % PLAIN_STRETCHES];
		if (at >= stretch->from && at < stretch->until)
			return at + stretch->distance;
	}
	end = zone_add(plain->zone, at, &rule->after, 1, &plain->hint, &plain->hint_after);
	if (stretch)
		set_stretch(plain, stretch, at, end);
	if (rule->snap == SNAP_NONE || end == INSTANT_NEVER)
		return end;
	return zone_snap(plain->zone, end, false, (Snap) rule->snap, rule->snap_month, rule->snap_day,
						&plain->hint_after);
}

int64
plain_lot_end(PlainProgram *plain, int64 at)
{
	return plain->expire ? lot_end_of(plain, at) : INSTANT_NEVER;
}

bool
plain_standing(PlainProgram *plain, const uint8 *history, size_t len, int64 asof, Standing *s)
{
	const TiersRule *tiers = plain->tiers;
	HistoryCursor cursor;
	Sales		sales;
	Holding		h;
	int			year = 0;
	int			next = plain->base + 1; /* level that the window reaches next ... */
	int64		next_at = PG_INT64_MAX; /* ... and where */
	int64		tick = PG_INT64_MAX;	/* when the tier or the window ends */
	int64		spent = 0;
	Decimal		earned = 0;
	Decimal		alive = 0;
	Decimal		expiring = 0;
	int64		expiring_at = INSTANT_NEVER;
	int64		surely_alive = PG_INT64_MIN;
	int64		surely_dead = PG_INT64_MIN;

	history_open(&cursor, history, len);
	if (!history_is_sales(&cursor) ||
		(tiers && (asof < plain->starts[0] || asof >= plain->starts[PLAIN_YEARS - 1] ||
				   (cursor.n > 0 && cursor.at < plain->starts[0]))))
		return false;
	if (plain->expire)
	{
		surely_alive = asof - plain->shortest;
		surely_dead = asof - plain->longest;
	}
	holding_begin(plain, &h);
	if (tiers)
	{
		tick = plain->starts[1];
		next_at = next < h.nlevels ? h.levels[next].at : PG_INT64_MAX;
	}

	while (history_next_sales(&cursor, &sales))
	{
		/* lines of one order would have to be taken together */
		if (!sales.distinct)
			return false;
		for (int i = 0; i < sales.n && sales.at[i] <= asof; i++)
		{
			int64		at = sales.at[i];
			Decimal		points;
			int			rated = h.level;

			if (at >= tick && tiers)
			{
				end_levels(plain, &h, at);
				if (at >= plain->starts[year + 1])
				{
					year = window_at(plain, at);
					spent = 0;
					next = plain->base + 1;
					next_at = next < h.nlevels ? h.levels[next].at : PG_INT64_MAX;
				}
				tick = Min(h.until, plain->starts[year + 1]);
				rated = h.level;
			}
			if (__builtin_add_overflow(spent, sales.amount[i], &spent))
				return false;
			if (spent >= next_at && tiers)
			{
				next = reach_levels(plain, &h, year, spent, next, at);
				next_at = next < h.nlevels ? h.levels[next].at : PG_INT64_MAX;
				tick = Min(h.until, plain->starts[year + 1]);
				if (tiers->rate_after)
					rated = h.level;
			}
			points = points_of(plain, sales.amount[i], rated);
			if (__builtin_add_overflow(earned, points, &earned))
				return false;
			if (plain->expire)
			{
				if (points == 0 || at <= surely_dead)
					continue;
				/* its end matters if it may be over, or the next to come */
				if (at <= surely_alive || at + plain->shortest <= expiring_at)
				{
					int64		end = lot_end_of(plain, at);

					if (end <= asof)
						continue;
					if (end < expiring_at)
					{
						expiring_at = end;
						expiring = 0;
					}
					if (end == expiring_at)
						expiring += points;
				}
			}
			alive += points;
		}
		if (earned >= DECIMAL_LIMIT)
			return false;
		if (sales.at[sales.n - 1] > asof)
			break;
	}

	s->expiring = expiring_at == INSTANT_NEVER ? 0 : expiring;
	s->expiring_at = expiring_at;
	s->points = alive;
	s->pending = s->debt = 0;
	s->lifetime_points = earned;
	if (tiers)
		end_levels(plain, &h, asof);
	holding_answer(&h, tiers && asof >= plain->starts[year + 1] ? 0 : spent, s);
	return true;
}
