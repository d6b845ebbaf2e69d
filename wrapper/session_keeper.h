/* The supervisor's side of a session: see session_run.h. */
#ifndef TALLY_SESSION_KEEPER_H
#define TALLY_SESSION_KEEPER_H

#include <sys/types.h>

#include "session.h"

struct keeper {
	const struct session *session;
	int link;     /* to the front */
	int listener; /* -1: the shim works alone */
	pid_t shell;  /* child of this process */
};

/*
 * Answers for the session until no process of it is left, and tells the front what becomes
 * of the shell. All signals are blocked, SIGCHLD is not ignored, the process is a child
 * subreaper and has no file of the caller's open.
 */
void keeper_serve(struct keeper *keeper);

/*
 * Puts this process into a process group of its own that it does not lead, so that neither
 * `kill 0` nor Ctrl-C reaches it and setsid(2) stays possible.
 */
void keeper_leave_group(void);

#endif
