/* Running a program of the system to its end, as root's own tools do it. */
#ifndef TALLY_PROGRAM_RUN_H
#define TALLY_PROGRAM_RUN_H

#include <stddef.h>

#include "arena.h"
#include "fault.h"

enum { PROGRAM_OUTPUT = 32768 };

/* What it printed on both streams: the first bytes of it, bytes of others, not fit for a screen as they are. */
struct program_output {
	char text[PROGRAM_OUTPUT];
	size_t length;
};

/*
 * Runs argv[0] (found in the system's directories) in a session of its own, with /dev/null
 * as input and an environment of the system's directories only. Returns its exit status,
 * 128+N when signal N ended it; -1 and `fault` when it did not start, or did not end within
 * `seconds`, and then it has been killed with all of its group.
 */
int program_run(const char *const *argv, unsigned seconds, struct program_output *output,
		struct fault *fault);

/* The first line of it, fit for a screen, or that there was nothing. */
const char *program_first_line(struct arena *arena, const struct program_output *output);

#endif
