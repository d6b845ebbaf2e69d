/* Who asks: the person behind this process, told by the kernel and the user database. */
#ifndef TALLY_ASKER_H
#define TALLY_ASKER_H

#include "arena.h"
#include "fault.h"
#include "policy.h"
#include "who.h"

/*
 * Fills `asker` for this process: the login user and its groups, the parent's program, this
 * host's name, and whether there is a terminal. All strings in the arena.
 */
int asker_self(struct arena *arena, struct asker *asker, struct fault *fault);

/* The same for another process; whether it has a terminal is for the caller to say. */
int asker_of(struct arena *arena, const struct who *who, bool terminal,
	     struct asker *asker, struct fault *fault);

#endif
