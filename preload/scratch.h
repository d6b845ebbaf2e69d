/*
 * Memory for a command line or an environment too long for the stack. A child that shares
 * its parent's memory (vfork, clone(CLONE_VM)) leaves what it mapped behind when its exec
 * succeeds, and nobody is there to unmap it: so a thread keeps at most one such map, which
 * its next exec, or that of its next child, takes up again.
 */
#ifndef TALLY_SCRATCH_H
#define TALLY_SCRATCH_H

#include <stddef.h>

struct scratch {
	void *memory; /* NULL: there is none to be had */
	size_t size;
};

struct scratch scratch_take(size_t bytes);
/* Before an exec: leaves it for the thread's next one, in case this one succeeds. */
void scratch_leave(struct scratch scratch);
/* After an exec that failed, or in the parent: gives it back to the system. */
void scratch_drop(void);

#endif
