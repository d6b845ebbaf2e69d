/* The guard table of this process: found and mapped once, by whichever thread is first. */
#ifndef TALLY_SHIM_TABLE_H
#define TALLY_SHIM_TABLE_H

#include <stdbool.h>

#include "guard_table.h"

struct shim_table {
	struct guard_table guard; /* .map NULL: nothing is guarded */
	bool named;		  /* TALLY_SESSION said where it is */
};

/*
 * TALLY_SESSION/guard.table, else guard.table beside this library, else
 * /run/tallygate/guard.table. Empty in process 1 and in a program that was started with
 * more rights than its caller.
 */
struct shim_table shim_table(void);

#endif
