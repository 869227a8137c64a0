/*
 * sections.h
 *		Where the rules of a compiled program stand, and the words of its
 *		options.
 */
#ifndef LOYALTY_SECTIONS_H
#define LOYALTY_SECTIONS_H

#include "program/program.h"

/* the sections that hold rules, in the order of their numbers and of the text */
typedef enum Section
{
	SECTION_EARN,
	SECTION_MULTIPLY,
	SECTION_BONUS,
	SECTION_CAPS,
	SECTION_HOLD,
	SECTION_EXPIRE,
	SECTION_REDEEM,
	SECTION_REFUND,
	SECTION_TIERS,
	SECTION_VOUCHERS,
	SECTION_BENEFITS,
} Section;

#define SECTIONS 11

typedef struct SectionInfo
{
	const char *key;			/* in the document */
	size_t		list;			/* offset of its ProgramList in Program */
	size_t		size;			/* of one rule, which begins with a Rule */
	bool		versions;		/* one rule at a time */
} SectionInfo;

extern const SectionInfo program_sections[SECTIONS];

static inline const ProgramList *
section_list(const Program *program, int section)
{
	return (const ProgramList *) ((const char *) program + program_sections[section].list);
}

/* a rule of a section, whatever else it is */
static inline const Rule *
section_rule(const Program *program, int section, uint32 i)
{
	return (const Rule *) ((const char *) program + section_list(program, section)->at +
						   i * program_sections[section].size);
}

/*
 * The words of each option, in the order of its enumeration (the default
 * first) and with a NULL at the end.
 */
extern const char *const round_words[];
extern const char *const scope_words[];
extern const char *const measure_words[];
extern const char *const of_words[];
extern const char *const stack_words[];
extern const char *const period_words[];
extern const char *const benefit_per_words[];
extern const char *const milestone_window_words[];
extern const char *const expire_words[];
extern const char *const since_words[];
extern const char *const period_end_words[];
extern const char *const snap_words[];
extern const char *const resume_words[];
extern const char *const order_words[];
extern const char *const earned_words[];
extern const char *const short_words[];
extern const char *const spent_words[];
extern const char *const dated_words[];
extern const char *const downgrade_words[];
extern const char *const on_refund_words[];
extern const char *const rate_at_words[];

/* what earn rules call their measures: one for each of of_words */
extern const Measure of_measures[];

/* the Period of each of benefit_per_words, the WindowKind of each of milestone_window_words */
extern const Period benefit_periods[];
extern const WindowKind milestone_windows[];

/* how often a bonus may be given in its period */
#define BONUS_MAX_TIMES	1000000

#endif							/* LOYALTY_SECTIONS_H */
