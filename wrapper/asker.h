/* Who asks: the person behind this process, told by the kernel and the user database. */
#ifndef TALLY_ASKER_H
#define TALLY_ASKER_H

#include <sys/types.h>

#include "arena.h"
#include "fault.h"
#include "policy.h"

/*
 * The uid that logged in: /proc/self/loginuid (which survives su and sudo; proc(5)), the
 * real uid where it was never set.
 */
uid_t asker_login_uid(void);

/*
 * Fills `asker` for this process: the login user and its groups, the parent's program, this
 * host's name, and whether there is a terminal. All strings in the arena.
 */
int asker_self(struct arena *arena, struct asker *asker, struct fault *fault);

#endif
