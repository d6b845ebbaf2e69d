/*
 * The shim for every program of the machine, by /etc/ld.so.preload: written only after the
 * machine's own programs have been started with it in a mount namespace of their own.
 */
#ifndef TALLY_ENABLE_SYSTEM_H
#define TALLY_ENABLE_SYSTEM_H

#include "enable_users.h"

/* Tries, says what was tried, writes. -1 and `fault`: nothing has changed. */
int system_enable(const struct enable_call *call, struct fault *fault);

/* Takes the shim out again, by tally-unpreload. 1: done; 0: it was not in; -1 and `fault`. */
int system_disable(const struct enable_call *call, struct fault *fault);

#endif
