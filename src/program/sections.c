/*
 * sections.c
 *		Where the rules of a compiled program stand, and the words of its
 *		options.
 */
#include "postgres.h"

#include "program/sections.h"

const SectionInfo program_sections[SECTIONS] = {
	{"earn", offsetof(Program, earn), sizeof(EarnRule), false},
	{"multiply", offsetof(Program, multiply), sizeof(MultiplyRule), false},
	{"bonus", offsetof(Program, bonus), sizeof(BonusRule), false},
	{"caps", offsetof(Program, caps), sizeof(CapRule), false},
	{"hold", offsetof(Program, hold), sizeof(HoldRule), true},
	{"expire", offsetof(Program, expire), sizeof(ExpireRule), false},
	{"redeem", offsetof(Program, redeem), sizeof(RedeemRule), true},
	{"refund", offsetof(Program, refund), sizeof(RefundRule), true},
	{"tiers", offsetof(Program, tiers), sizeof(TiersRule), true},
	{"vouchers", offsetof(Program, vouchers), sizeof(VoucherRule), false},
	{"benefits", offsetof(Program, benefits), sizeof(BenefitRule), false},
};

const char *const round_words[] = {"down", "half up", "up", "none", NULL};
const char *const scope_words[] = {"order", "line", "day", NULL};
const char *const measure_words[] = {"spend", "points", "orders", "quantity", "profit", NULL};
const char *const of_words[] = {"amount", "quantity", "orders", NULL};
const Measure of_measures[] = {BY_SPEND, BY_QUANTITY, BY_ORDERS};
const char *const stack_words[] = {"multiply", "max", "replace", NULL};
const char *const period_words[] = {"order", "day", "week", "month", "year", "membership year", "lifetime", NULL};
const char *const benefit_per_words[] = {"lifetime", "day", "week", "month", "year", "membership year", NULL};
const Period benefit_periods[] = {PER_LIFETIME, PER_DAY, PER_WEEK, PER_MONTH, PER_YEAR, PER_MEMBERSHIP_YEAR};
const char *const milestone_window_words[] = {"lifetime", "calendar year", "year from MM-DD", "membership year", "month", NULL};
const WindowKind milestone_windows[] = {
	WINDOW_LIFETIME, WINDOW_CALENDAR_YEAR, WINDOW_YEAR_FROM, WINDOW_MEMBERSHIP_YEAR, WINDOW_MONTH
};
const char *const expire_words[] = {"age", "inactivity", "period end", "plan end", NULL};
const char *const since_words[] = {"earning", "release", NULL};
const char *const period_end_words[] = {"calendar year", "membership year", NULL};
const char *const snap_words[] = {"none", "month", "quarter", "year", NULL};
const char *const resume_words[] = {"restart", "original", "freeze", NULL};
const char *const order_words[] = {"expiring first", "oldest first", NULL};
const char *const earned_words[] = {"recompute", "proportional", "keep", NULL};
const char *const short_words[] = {"debt", "forgive", NULL};
const char *const spent_words[] = {"none", "full only", "pro rata", NULL};
const char *const dated_words[] = {"purchase", "refund", NULL};
const char *const downgrade_words[] = {"earned", "one step", "never", NULL};
const char *const on_refund_words[] = {"recompute", "latch", NULL};
const char *const rate_at_words[] = {"before", "after", NULL};
