/*
 * fuzz_credit.c
 *		Loans and offers: no overrun, and sums that agree.
 *
 * An input is a credit document, a NUL, and events made up from six bytes each.
 */
#include "postgres.h"

#include "fuzz.h"

#include "base/zone.h"
#include "credit/asked.h"
#include "credit/text.h"
#include "history/history_value.h"
#include "mb/pg_wchar.h"

#define DAY(n)	(date_to_days(2024, 1, 1) * USECS_PER_DAY + (n) * USECS_PER_DAY)
#define MOST_EVENTS 200

static Text
text_of(const char *s)
{
	return (Text) {(const uint8 *) s, (uint32) strlen(s)};
}

/* Six bytes: what and whose, when (two), how much, which terms, tags. */
static void
add_event(Rows *rows, const BoundCredit *bound, const uint8 *p)
{
	static const uint8 kinds[] = {
		EVENT_PURCHASE, EVENT_REFUND, EVENT_EXPENSE, EVENT_ACTIVITY, EVENT_ADVANCE, EVENT_ADVANCE, EVENT_REPAYMENT, EVENT_REPAYMENT
	};
	static const Decimal amounts[] = {10000000, 49990000, -5000000, 1, DECIMAL_LIMIT - 1, 333333, INT64CONST(10000000000), 88490000};
	static const uint8 credit[] = {6, 'c', 'r', 'e', 'd', 'i', 't'};
	const CreditTerms *terms = bound->terms[p[4] % bound->policy->terms.n].terms;
	Event		event;

	event_init(&event, (EventKind) kinds[p[0] & 7], DAY(0) + (p[1] << 8 | p[2]) * (USECS_PER_HOUR / 2));
	event.amount = event.kind == EVENT_ACTIVITY ? 0 : amounts[p[3] & 7];
	if (event.kind == EVENT_ACTIVITY)
		event.name = text_of(p[4] & 1 ? "written off" : "joined");
	else if (event.kind == EVENT_ADVANCE)
	{
		event.name = (Text) {(const uint8 *) BLOCK_NAME(bound->policy, terms->name), terms->name.len};
		event.has |= EVENT_HAS_NAME;
	}
	if ((p[5] & 1) && event_kinds[event.kind].may_have & EVENT_HAS_TAGS)
	{
		event.tags = (Text) {credit, sizeof(credit)};
		event.has |= EVENT_HAS_TAGS;
	}
	if ((p[0] & 0x38) && event_kinds[event.kind].may_have & EVENT_HAS_REF)
	{
		event.ref_number = p[0] >> 3 & 7;
		event.has |= EVENT_HAS_REF_NUMBER;
	}
	if (event_is_valid(&event))
		rows_add(rows, &event);
}

static void
check_loan(const Loans *loans, const Loan *loan)
{
	LoanState	state;

	loan_state(loans, loan, &state);
	/* a buy-out after instalments in advance may take rounding back: who closes before that pays what is left of the amount */
	fuzz_expect(loan->repaid >= 0 && (loan->repaid <= loan->total || terms_in_advance(loan->terms->terms)));
	fuzz_expect(state.owed >= 0 && state.due >= 0 && state.due <= state.owed && state.overdue <= state.due);
	fuzz_expect(state.due == loan_due(loans, loan, loans->today) && state.owed == loan_owed(loans, loan, loans->today));
	fuzz_expect((state.overdue > 0) == (state.overdue_since <= loans->today));
	fuzz_expect(loan_is_open(loan) || (state.owed == 0 && state.principal == 0));
	fuzz_expect(state.next < 0 || (state.next < loan->n && loan->days[state.next] > loans->today && state.next_due > 0));
	for (int k = 1; k < loan->n; k++)
		fuzz_expect(loan->until[k] >= loan->until[k - 1] && loan->days[k] >= loan->days[k - 1]);
}

static void
check_offer(Frames *frames, Loans *loans, const uint8 *history, size_t len)
{
	const CreditPolicy *policy = loans->bound->policy;
	Questions	questions;
	Offer		offer;

	offer_make(&offer, frames, loans, history, len);
	fuzz_expect(offer.decision.frame->day <= frames->today);
	if (offer.reasons == 0)
	{
		fuzz_expect(offer.decision.terms != 0 && offer.decision.frame->ends > frames->today);
		fuzz_expect(offer.amount > 0 && offer.amount >= policy->minimum && offer.amount % policy->step == 0);
		credit_pay_by(policy, frames->today);
	}
	asked_prepare(&questions, policy);
	fuzz_expect(VARSIZE(DatumGetPointer(asked_to_jsonb(&questions, &offer, &frames->clock))) <= questions.most);
}

void
fuzz_one(const uint8 *data, size_t size)
{
	const uint8 *end = memchr(data, 0, size);
	char	   *document = fuzz_text(data, size);
	const CreditPolicy *policy;
	BoundCredit bound;
	Frames		frames = {0};
	Plans	   *plans = palloc0(sizeof(Plans));
	Loans		loans;
	Rows		rows;
	const uint8 *history;
	size_t		len;
	int			nevents = 0;

	pg_verifymbstr(document, (int) strlen(document), false);
	policy = credit_from_json(json_read(document, strlen(document), PG_UTF8, "credit"), zone_listed);
	credit_bind(&bound, policy, fuzz_zone(BLOCK_NAME(policy, policy->timezone)));
	rows_init(&rows, 1024);
	for (const uint8 *p = end ? end + 1 : data + size; p + 6 <= data + size && nevents < MOST_EVENTS; p += 6, nevents++)
		add_event(&rows, &bound, p);
	history = history_from_datum(history_from_rows(&rows), &len);

	for (int i = 0; i < 3; i++)
	{
		int64		asof = DAY(i * 400 + 90);

		frames_begin(&frames, &bound, asof);
		loans_begin(&loans, &bound, plans, frames.today);
		loans_read(&loans, history, len, asof);
		for (uint64 k = 0; k < loans.n; k++)
			check_loan(&loans, &loans.list[k]);
		loans_begin(&loans, &bound, plans, frames.today);
		check_offer(&frames, &loans, history, len);
	}
}
