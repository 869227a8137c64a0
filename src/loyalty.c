/*
 * loyalty.c
 *		The module itself: nothing but its magic block.  Each noun of the
 *		extension has a folder of its own beside this file.
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;
