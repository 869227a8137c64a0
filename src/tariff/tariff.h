/*
 * tariff.h
 *		What a shop charges: the compiled document of prices.
 *
 * One block of memory (document/block.h).  Local times stay local, the zone is
 * a name: bind.h gives entries the instants that they have in it.
 */
#ifndef LOYALTY_TARIFF_H
#define LOYALTY_TARIFF_H

#include "base/calendar.h"
#include "base/decimal.h"
#include "document/block.h"

/* limits: every allocation and loop of a bill is bounded by them */
#define TARIFF_MAX_ENTRIES	64		/* of one plan or meter */
#define TARIFF_MAX_NAMED	256		/* plans, or meters of one place */
#define TARIFF_MAX_TIERS	256		/* of one price */

typedef enum TariffRound { TARIFF_HALF_UP, TARIFF_DOWN, TARIFF_UP, TARIFF_NONE } TariffRound;
typedef enum Prorate { PRORATE_DAY, PRORATE_SECOND, PRORATE_NONE } Prorate;
typedef enum Credit { CREDIT_CHANGE, CREDIT_ALWAYS, CREDIT_NEVER } Credit;
typedef enum Align { ALIGN_START, ALIGN_CALENDAR } Align;
typedef enum PriceMode { MODE_GRADUATED, MODE_VOLUME } PriceMode;

typedef struct PriceTier
{
	Decimal		up_to;			/* included; PG_INT64_MAX in the last */
	Decimal		price;			/* of a unit */
	Decimal		flat;			/* for reaching it */
} PriceTier;

/* What a quantity costs: see charge.h. */
typedef struct Price
{
	Decimal		included;		/* free units */
	Decimal		size;			/* units of a package; 0: none */
	Decimal		price;			/* of a unit or package, without tiers */
	Decimal		minimum;
	Decimal		maximum;		/* PG_INT64_MAX: none */
	BlockList	tiers;			/* of PriceTier */
	uint32		mode;			/* PriceMode, of tiers */
	uint32		is_given;		/* a plan need not price its quantity */
} Price;

/* when an entry is in force, by the tariff's clock */
typedef struct InForce
{
	int64		from;			/* local; PG_INT64_MIN if always */
	int64		until;			/* local, excluded; PG_INT64_MAX if for ever */
	uint32		id;				/* of the entry among all of the tariff, from 0 */
} InForce;

typedef enum CountOf { OF_SUM, OF_COUNT, OF_MAX, OF_LATEST, OF_UNIQUE } CountOf;

typedef struct MeterEntry
{
	InForce		in_force;
	BlockName	item;			/* its key: what a bill calls it */
	BlockName	meter;			/* which usage */
	BlockList	any;			/* of BlockName: tags of usage events, as in programs */
	BlockList	all;
	BlockList	none;
	Price		price;
	uint32		of;				/* CountOf */
	uint32		nth;			/* among all meter entries of the tariff, from 0 */
} MeterEntry;

typedef struct PlanEntry
{
	InForce		in_force;
	BlockName	plan;
	Span		every;			/* months or days */
	Decimal		fee;			/* a term */
	Price		price;			/* of the quantity */
	BlockList	meters;			/* of MeterEntry, by item and date: for holders of the plan */
} PlanEntry;

typedef struct Tariff
{
	uint32		size;
	uint32		decimals;
	uint32		round;			/* TariffRound */
	uint32		prorate;		/* Prorate */
	uint32		credit;			/* Credit */
	uint32		align;			/* Align */
	BlockName	name;
	BlockName	timezone;
	BlockList	plans;			/* of PlanEntry, by name; those of a plan and term by date */
	BlockList	meters;			/* of MeterEntry, by item and date */
	uint32		entries;		/* how many have an id */
	uint32		nmeters;		/* how many meter entries there are in all */
} Tariff;

#define TARIFF_PLANS(tariff)	BLOCK_LIST(tariff, (tariff)->plans, PlanEntry)
#define TARIFF_METERS(tariff, list) BLOCK_LIST(tariff, list, MeterEntry)

/* Its words, as the document has them; a NULL ends each list. */
extern const char *const tariff_round_words[];
extern const char *const prorate_words[];
extern const char *const credit_words[];
extern const char *const align_words[];
extern const char *const price_mode_words[];
extern const char *const count_of_words[];

#endif							/* LOYALTY_TARIFF_H */
