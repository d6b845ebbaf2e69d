/*
 * Running a program, mostly a shell, as an embedded session.
 *
 *   front       the process that was called. Keeps its pid, so that whoever waits for it
 *     |         (sshd, another shell, a terminal) sees the shell in it: passes signals on,
 *     |         stops when the shell stops, ends as the shell ends.     session_front.c
 *   supervisor  child subreaper, hence an ancestor of everything in the session, as Yama's
 *     |         ptrace_scope 1 wants it. Stays until the last process of the session has
 *     |         ended, in a session (setsid) of its own once the shell has. session_keeper.c
 *   shell       installs the seccomp filter, hands the listener over, executes the program.
 *
 * The program finds its descriptors, signal mask and dispositions, process group, terminal,
 * limits and directory as the caller left them; front and supervisor hold none of the
 * caller's files open. Its environment has the shim at the head of LD_PRELOAD,
 * TALLY_SESSION and SHELL.
 */
#ifndef TALLY_SESSION_RUN_H
#define TALLY_SESSION_RUN_H

#include <stdbool.h>

#include "arena.h"
#include "fault.h"
#include "session.h"

struct session_program {
	const char *path;  /* the file to execute; argv[0] need not be its name */
	char *const *argv; /* NULL-terminated */
	bool shim_alone;   /* start it also where the kernel lets nobody supervise it */
	bool warn;	   /* say on stderr when the rules are broken */
};

enum { SESSION_NESTED = -2 };

/*
 * Runs `program` in a new session with the rules, state, gate and shell of `session`
 * (session_load()). Call execute_prepare() first. Returns
 *   its exit status when it has ended by itself; when a signal ended it, this process has
 *     died of the same signal;
 *   SESSION_NESTED when this process is supervised already, as the kernel says: nothing has
 *     been started, execute the program directly;
 *   -1 and `fault` when the session cannot be: nothing has been started or changed.
 */
int session_run(struct arena *arena, struct session *session,
		const struct session_program *program, struct fault *fault);

#endif
