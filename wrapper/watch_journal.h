/*
 * What must not be lost with a tallyd that is killed: execs that it has taken from the kernel
 * and not answered (the kernel will not show them again), and gates that have been let stand.
 * It lies in a memory file that the service manager keeps (sd_notify(3), FDSTORE=1), so that
 * the next tallyd finds it as it was at that moment.
 */
#ifndef TALLY_WATCH_JOURNAL_H
#define TALLY_WATCH_JOURNAL_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fault.h"

enum {
	JOURNAL_ID = 16,
	JOURNAL_CALLS = 4096,
	JOURNAL_GATES = 8192,
	JOURNAL_SESSIONS = 8192 + 1024,
};

/* An exec that waits. */
struct journal_call {
	uint64_t taken; /* 0: free, or answered */
	char session[JOURNAL_ID];
	struct seccomp_notif call;
};

/* A gate that has been let stand, or what has become of it. */
struct journal_gate {
	uint64_t start; /* 0: free */
	pid_t pid;
	char session[JOURNAL_ID];
	uint64_t device, inode; /* of the program, when it was let stand */
};

/* How far a session's execs have been taken. */
struct journal_session {
	char session[JOURNAL_ID]; /* "": free */
	uint64_t last;		  /* id of the one taken last; 0: none yet */
};

struct watch_journal {
	int fd;
	struct journal_call *calls;
	struct journal_gate *gates;
	struct journal_session *sessions;
	uint32_t *owner; /* counts the tallyds that have had it */
	size_t next, next_session;
};

/* Maps `fd`, which comes from an earlier tallyd, or a new one for -1. -1 and `fault`. */
int journal_open(struct watch_journal *journal, int fd, struct fault *fault);

/* The place of a session, which is taken if need be; NULL when all are. For one thread. */
struct journal_session *journal_session(struct watch_journal *journal,
					const char *session);

/* A free place for an exec; NULL when all are taken. For one thread. */
struct journal_call *journal_place(struct watch_journal *journal);

/* Notes an exec there as soon as it has been taken from the kernel. */
void journal_note(struct journal_call *place, const char *session,
		  const struct seccomp_notif *call);

#endif
