/*
 * progress.h
 *		How far a long job has come: the view loyalty.progress.
 */
#ifndef LOYALTY_PROGRESS_H
#define LOYALTY_PROGRESS_H

typedef enum Job
{
	JOB_TRACK = 1, JOB_REBUILD, JOB_VERIFY
} Job;

typedef enum Phase
{
	PHASE_CLEARING = 1, PHASE_JOINED_ROWS, PHASE_HISTORIES
} Phase;

/* From here to the end of the job, or of the (sub)transaction that fails. */
extern void progress_begin(Job job, Oid live);
extern void progress_end(void);

/* A phase begins, and counts anew; sql, or NULL, is what gives the events: as many as the planner thinks are expected. */
extern void progress_phase(Phase phase, const char *sql);

#endif							/* LOYALTY_PROGRESS_H */
