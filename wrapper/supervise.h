/*
 * The supervisor: sees every exec of a session through seccomp user notification, lets the
 * unguarded ones go on at once and turns the guarded ones into an exec of tally-gate, in
 * the very process that asked for it. seccomp_unotify(2), docs/design.md section 4.
 *
 *   child: supervise_install(), hand the listener to the supervisor, close it, execute
 *   supervisor: supervise_serve() until the session has ended
 */
#ifndef TALLY_SUPERVISE_H
#define TALLY_SUPERVISE_H

#include <stdbool.h>

#include "fault.h"
#include "session.h"

/* There is a listener above this process already: it is supervised, just go on. */
#define SUPERVISE_NESTED (-2)

/*
 * Installs the filter on the calling process, which must have one thread: from now on every
 * execve and execveat of it and of all its descendants waits for whoever reads the
 * listener, whatever ABI makes the call. no_new_privs is set only where the kernel asks
 * for it (the process lacks CAP_SYS_ADMIN), because sudo does not work below it.
 *
 * Returns the listener (close-on-exec). It has to be handed to the supervisor and closed
 * here before the first exec: an exec in a process that itself holds the listener waits for
 * ever. SUPERVISE_NESTED, or -1 and `fault`.
 */
int supervise_install(struct fault *fault);

/*
 * False where the kernel (before Linux 5.19) lets a signal interrupt an exec that waits:
 * then one exec may be seen several times. To be told by whoever shows the state of things.
 */
bool supervise_waits_killable(void);

/*
 * Answers for the session until no process with the filter is left. `wake` is a further
 * descriptor to look at (-1: none): when it is readable, woken(context) is called, which
 * must read it; anything but 0 ends the serving at once.
 *
 * The calling process must have one thread; others are started here, and woken() is called
 * in the one that called this. Callers are traced for moments, so a wait for any child, or
 * for the session's shell, may see them stopped though nobody stopped them: a stop counts
 * only if `status >> 16` is 0 and the process is in state T of proc(5). SIGPIPE must be
 * ignored or blocked. Returns 0 at the end, -1 and `fault` when serving is impossible.
 */
int supervise_serve(int listener, const struct session *session, int wake,
		    int (*woken)(void *context), void *context, struct fault *fault);

#endif
