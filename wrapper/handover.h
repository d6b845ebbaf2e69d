/*
 * What the supervisor tells a gate that it has put in a command's place. The gate is
 * executed by descriptor, with the caller's own argv and environment where they are, so
 * that nothing is written to the caller's memory: what else it must know comes in a sealed
 * memory file beside that descriptor.
 */
#ifndef TALLY_HANDOVER_H
#define TALLY_HANDOVER_H

#include <stddef.h>

#include "caller.h"
#include "exec_target.h"
#include "fault.h"

/* Where the caller has got its new descriptors. */
struct handover_given {
	int gate;    /* to be executed */
	int note;    /* the memory file */
	int program; /* -1: none, a path leads to the program */
};

/*
 * Gives the waiting caller the gate (an open file) and the note about `target`. 0, or a
 * negative errno: -EMFILE when the caller has no descriptor left.
 */
int handover_give(const struct caller *caller, int gate, const char *session,
		  const struct exec_target *target, struct handover_given *given);

enum { HANDOVER_BYTES = 32 * 1024 };

/* The note, read by the gate; all strings lie in `text`. */
struct handover {
	char text[HANDOVER_BYTES];
	const char *session;
	const char *path; /* NULL: the gate was executed by name, argv says it */
	const char *words[EXEC_WORDS]; /* in the place of argv[0] */
	size_t word_count;	       /* 0: argv stays as it is */
};

/*
 * In the gate: takes the note and closes it. 1, or 0 when this gate was started by somebody
 * else than the supervisor.
 */
int handover_take(struct handover *handover);

#endif
