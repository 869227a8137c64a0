/*
 * named.c
 *		What rules refer to by its name: metrics and tiers.
 */
#include "postgres.h"

#include "program/reading.h"

uint32
value_metric(const Reading *r, const JsonNode *node, const char *name)
{
	for (uint32 i = 0; name && i < r->nmetrics; i++)
	{
		if (block_name_is(&r->block, r->metrics[i].name, name))
			return i;
	}
	value_refuse(node, "is not a metric of this program", name && name == node->key ? NULL : value_found(node),
				 psprintf("%s Others are defined under \"metrics\".",
						  value_accepted(value_words(&r->block, r->metrics, r->nmetrics, sizeof(Metric)), NULL, name)));
}

uint32
value_tier(const Reading *r, const JsonNode *node, const char *name)
{
	for (uint32 i = 0; name && i < r->ntiers; i++)
	{
		if (block_name_is(&r->block, r->tiers[i], name))
			return i;
	}
	value_refuse(node, "is not a tier of this program", name && name == node->key ? NULL : value_found(node),
				 r->ntiers == 0 ? "The program has no \"tiers\": add them." :
				 value_accepted(value_words(&r->block, r->tiers, r->ntiers, sizeof(ProgramName)), NULL, name));
}
