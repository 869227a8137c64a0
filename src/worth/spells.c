/*
 * spells.c
 *		What sBG sees of a history: the unbroken times with a contract.
 */
#include "postgres.h"

#include "history/history_value.h"
#include "subscription/segment.h"
#include "worth/spells.h"

#include "miscadmin.h"

static bool
is_contract(const Segment *segment, const Span *unit)
{
	return segment->amount > 0 && segment->at < segment->end &&
		segment->every.months == unit->months && segment->every.days == unit->days;
}

int
spells_look(Datum history, const Span *unit, int64 asof, Spell **spells)
{
	size_t		len;
	const uint8 *bytes = history_from_datum(history, &len);
	Segments	segments;
	int			n = 0;

	segments_read(&segments, bytes, len, asof, false);
	*spells = palloc_extended(Max(segments.n, 1) * sizeof(Spell), MCXT_ALLOC_HUGE);
	for (int i = 0; i < segments.n; i++)
	{
		const Segment *segment = &segments.list[i];
		Spell	   *spell = n > 0 ? &(*spells)[n - 1] : NULL;
		int64		end;

		CHECK_FOR_INTERRUPTS();
		if (!is_contract(segment, unit))
			continue;
		/* an end that is to come has not happened */
		end = segment->end > asof ? INSTANT_NEVER : segment->end;
		if (spell == NULL || segment->at > spell->end)
		{
			spell = &(*spells)[n++];
			spell->start = segment->at;
			spell->end = end;
			spell->first_amount = 0;
			spell->last_amount = 0;
		}
		if (segment->at == spell->start)
			spell->first_amount += segment->amount;
		if (end > spell->end)
		{
			spell->end = end;
			spell->last_amount = 0;
		}
		if (end == spell->end)
			spell->last_amount += segment->amount;
	}
	return n;
}

int64
spell_lost_at(const Spell *spell, const Zone *zone, const Span *unit)
{
	Terms		terms;

	spell_terms(&terms, spell, zone, unit);
	return terms_next(&terms, spell->end);
}

int64
spell_renewals(const Spell *spell, const Zone *zone, const Span *unit, int64 asof)
{
	Terms		terms;

	if (spell->end != INSTANT_NEVER)
		return spell_lost_at(spell, zone, unit) - 1;
	spell_terms(&terms, spell, zone, unit);
	return terms_next(&terms, asof + 1) - 1;
}
