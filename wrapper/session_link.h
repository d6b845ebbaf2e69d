/*
 * What the processes of an embedded session tell each other: the front (the process that
 * was called and waits for the shell), the supervisor, and the shell before it executes.
 * A word is one packet of a SOCK_SEQPACKET pair, so it arrives whole or not at all.
 */
#ifndef TALLY_SESSION_LINK_H
#define TALLY_SESSION_LINK_H

#include <limits.h>
#include <sys/types.h>

#include "fault.h"

enum word_kind {
	WORD_FAILED = 1, /* cannot be done: text */
	WORD_NESTED,	 /* a supervisor is there already */
	WORD_FILTERED,	 /* shell to supervisor, with the listener */
	WORD_READY,	 /* supervisor to front: the shell waits; pid, directory, text */
	WORD_GO,	 /* answer to it; to the shell with the directory */
	WORD_STOPPED,	 /* the shell is stopped by signal `value` */
	WORD_RESUMED,	 /* front to supervisor: stopped too, and running again */
	WORD_ENDED, /* wait status in `value`; pid: 0 when nothing of the session is left */
};

enum { WORD_TEXT = FAULT_TEXT + FAULT_FILE + 256 };

struct word {
	enum word_kind kind;
	pid_t pid;
	int value;
	char directory[PATH_MAX]; /* of the session */
	char text[WORD_TEXT];
};

/* Sends `word`, and a copy of `descriptor` unless it is -1. 0, or -1 and errno. */
int word_send(int link, const struct word *word, int descriptor);

/*
 * Waits for the next word. `descriptor` (may be NULL) gets what came with it, -1 if
 * nothing did; it is closed on exec. 1; 0 when the other end is closed; -1 and errno.
 */
int word_receive(int link, struct word *word, int *descriptor);

#endif
