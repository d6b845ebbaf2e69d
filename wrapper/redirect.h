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
	REDIRECT_FAILED, /* *error says why; the call has failed with EPERM */
	REDIRECT_GONE,	 /* nobody waits any more */
};

/*
 * Redirects the call of `caller`. `seized` says that the calling thread traces it already;
 * either way it is traced no longer afterwards. `ready` is called with the thread stopped,
 * before it goes on. Where the result is TRACED or CLOSED the call still waits for an
 * answer.
 */
enum redirect_result redirect(const struct caller *caller, bool seized, int gate,
			      const char *session, const struct exec_target *target,
			      void (*ready)(void *context, int gate), void *context,
			      int *error);

#endif
