/*
 * bind.c
 *		When the rules of a program are in force, in a time zone.
 */
#include "postgres.h"

#include "program/bind.h"
#include "program/sections.h"

void
program_bind(const Program *program, const Zone *zone, Bound *bounds)
{
	int			hint = 0;

	for (int section = 0; section < SECTIONS; section++)
	{
		for (uint32 i = 0; i < section_list(program, section)->n; i++)
		{
			const Rule *rule = section_rule(program, section, i);
			Bound	   *bound = &bounds[rule->id];

			bound->from = rule->from == PG_INT64_MIN ? PG_INT64_MIN :
				zone_from_local(zone, rule->from, &hint);
			bound->until = rule->until == PG_INT64_MAX ? PG_INT64_MAX :
				zone_from_local(zone, rule->until, &hint);
		}
	}
}
