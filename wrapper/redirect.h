/*
 * Turns a pending exec into an exec of the gate: the caller's thread is stopped on its way
 * out of the system call, its registers are set for execveat() of a descriptor it has been
 * given, and it makes the call again. ptrace(2), seccomp_unotify(2).
 */
#ifndef TALLY_REDIRECT_H
#define TALLY_REDIRECT_H

#include <stdbool.h>
#include <sys/types.h>

#include "caller.h"
#include "exec_target.h"
#include "handover.h"

/* Why a thread could not be taken hold of. */
enum redirect_result {
	REDIRECT_DONE,	 /* it executes the gate next: given says by which descriptor */
	REDIRECT_TRACED, /* by somebody else, so not to be had */
	REDIRECT_CLOSED, /* the kernel does not let us */
	REDIRECT_FAILED, /* the call has failed with EPERM; stopped() was told why */
	REDIRECT_GONE,	 /* nobody waits any more */
};

/*
 * Redirects the call of `caller`. `seized` says that the calling thread traces it already;
 * either way it is traced no longer afterwards. `stopped` is called with the thread stopped,
 * before it goes on, for the gate or, with an errno, without it. Where the result is TRACED or CLOSED the call still waits for an
 * answer.
 */
enum redirect_result redirect(const struct caller *caller, bool seized, int gate,
			      const char *session, const struct exec_target *target,
			      void (*stopped)(void *context, int gate, int error),
			      void *context);

#endif
