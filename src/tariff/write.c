/*
 * write.c
 *		The readable form of a tariff: the document that compiles to it.
 */
#include "postgres.h"

#include "event/where.h"
#include "document/write.h"
#include "tariff/text.h"

static void
put_price(Writer *w, const Price *price)
{
	const PriceTier *tiers = BLOCK_LIST(w->document, price->tiers, PriceTier);

	if (!price->is_given)
		return;
	if (price->included != 0)
		put_decimal(w, "included", price->included);
	if (price->size != 0)
		put_decimal(w, "size", price->size);
	if (price->tiers.n == 0)
		put_decimal(w, "price", price->price);
	else
	{
		write_key(w, "tiers");
		write_begin(w, '[');
		for (uint32 i = 0; i < price->tiers.n; i++)
		{
			write_element(w);
			write_begin(w, '{');
			if (tiers[i].up_to != PG_INT64_MAX)
				put_decimal(w, "up_to", tiers[i].up_to);
			if (tiers[i].price != 0)
				put_decimal(w, "price", tiers[i].price);
			if (tiers[i].flat != 0)
				put_decimal(w, "flat", tiers[i].flat);
			write_end(w, '}');
		}
		write_end(w, ']');
		put_choice(w, "mode", price_mode_words, price->mode);
	}
	if (price->minimum != 0)
		put_decimal(w, "minimum", price->minimum);
	if (price->maximum != PG_INT64_MAX)
		put_decimal(w, "maximum", price->maximum);
}

static void
put_in_force(Writer *w, const InForce *in_force)
{
	if (in_force->from != PG_INT64_MIN)
		put_local(w, "from", in_force->from);
	if (in_force->until != PG_INT64_MAX)
		put_local(w, "until", in_force->until);
}

static void
write_meter(Writer *w, const MeterEntry *entry)
{
	write_begin(w, '{');
	if (entry->meter.at != entry->item.at)
		put_name(w, "meter", entry->meter);
	put_choice(w, "of", count_of_words, entry->of);
	put_where(w, entry->any, entry->all, entry->none);
	put_price(w, &entry->price);
	put_in_force(w, &entry->in_force);
	write_end(w, '}');
}

static void
put_meters(Writer *w, BlockList list)
{
	const MeterEntry *entries = BLOCK_LIST(w->document, list, MeterEntry);

	if (list.n == 0)
		return;
	write_key(w, "meters");
	write_begin(w, '{');
	for (uint32 i = 0, next; i < list.n; i = next)
	{
		for (next = i + 1; next < list.n && entries[next].item.at == entries[i].item.at;)
			next++;
		write_key_name(w, entries[i].item);
		if (next == i + 1)
		{
			write_meter(w, &entries[i]);
			continue;
		}
		write_begin(w, '[');
		for (uint32 k = i; k < next; k++)
		{
			write_element(w);
			write_meter(w, &entries[k]);
		}
		write_end(w, ']');
	}
	write_end(w, '}');
}

static void
write_plan(Writer *w, const PlanEntry *entry)
{
	write_begin(w, '{');
	/* said even if it is the default: it is what the entry is about */
	put_span(w, "every", &entry->every);
	if (entry->fee != 0)
		put_decimal(w, "fee", entry->fee);
	put_price(w, &entry->price);
	put_meters(w, entry->meters);
	put_in_force(w, &entry->in_force);
	write_end(w, '}');
}

static void
put_plans(Writer *w, const Tariff *tariff)
{
	const PlanEntry *entries = TARIFF_PLANS(tariff);

	if (tariff->plans.n == 0)
		return;
	write_key(w, "plans");
	write_begin(w, '{');
	for (uint32 i = 0, next; i < tariff->plans.n; i = next)
	{
		for (next = i + 1; next < tariff->plans.n && entries[next].plan.at == entries[i].plan.at;)
			next++;
		write_key_name(w, entries[i].plan);
		if (next == i + 1)
		{
			write_plan(w, &entries[i]);
			continue;
		}
		write_begin(w, '[');
		for (uint32 k = i; k < next; k++)
		{
			write_element(w);
			write_plan(w, &entries[k]);
		}
		write_end(w, ']');
	}
	write_end(w, '}');
}

void
tariff_to_json(StringInfo out, const Tariff *tariff)
{
	Writer		w;

	write_init(&w, out, tariff);
	write_begin(&w, '{');
	put_name(&w, "tariff", tariff->name);
	put_name(&w, "timezone", tariff->timezone);
	if (tariff->decimals != 2)
		put_whole(&w, "decimals", tariff->decimals);
	put_choice(&w, "round", tariff_round_words, tariff->round);
	put_choice(&w, "prorate", prorate_words, tariff->prorate);
	put_choice(&w, "credit", credit_words, tariff->credit);
	put_choice(&w, "align", align_words, tariff->align);
	put_plans(&w, tariff);
	put_meters(&w, tariff->meters);
	write_end(&w, '}');
}
