/* The front of a session: to the caller it is the shell. See session_run.h. */
#ifndef TALLY_SESSION_FRONT_H
#define TALLY_SESSION_FRONT_H

#include <sys/types.h>

struct front {
	int link; /* to the supervisor */
	pid_t supervisor, shell;
	int shell_handle;      /* pidfd of the shell */
	const char *directory; /* of the session: removed here if the supervisor died */
};

/*
 * Waits for the shell, which has not begun yet: this sends the word for it to go. All
 * signals are blocked. Returns the shell's wait status.
 */
int front_wait(struct front *front);

/* Ends this process with the exit status, or by the signal, of that wait status. */
int front_end(int status);

#endif
