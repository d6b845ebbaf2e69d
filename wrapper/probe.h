/*
 * Runs one probe: a read-only program whose output says what a command's targets are, or
 * how much capacity there is. It runs as the user, with the command's environment and
 * directory, in a session of its own without a terminal, and never longer than its limit.
 */
#ifndef TALLY_PROBE_H
#define TALLY_PROBE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "arena.h"
#include "command.h"
#include "facts.h"
#include "fault.h"
#include "terminal.h"

enum {
	PROBE_SECONDS = 10,		 /* limit where the need names none */
	PROBE_OUTPUT = 64 * 1024 * 1024, /* bytes of stdout that are kept */
	PROBE_ERRORS = 64 * 1024,	 /* bytes of stderr that are kept */
	PROBE_SILENT_MS = 500, /* after which the terminal says what is waited for */
	PROBE_GRACE_MS = 500,  /* between SIGTERM and SIGKILL */
};

struct probe {
	const struct need *need;
	const struct command *command;	 /* environment and directory */
	const struct terminal *terminal; /* shows the wait; NULL: silent */
	const char *purpose;		 /* "counting targets" */
	int64_t deadline; /* monotonic milliseconds for everything, 0: none */
	/*
	 * Called in the parent with the child, before the child executes `path`; -1 and
	 * `fault` stop the probe. NULL: nobody has to be told.
	 */
	int (*announce)(void *context, pid_t child, const char *path,
			const char *const *argv, struct fault *fault);
	void *context;
};

/*
 * Runs the probe and fills `fact`, whose strings are in `arena`. Returns 0 when there is an
 * answer of any state, the number of the signal (SIGINT ...) that stopped the wait, or -1
 * and `fault` when memory or processes are short.
 */
int probe_run(struct arena *arena, const struct probe *probe, struct fact *fact,
	      struct fault *fault);

/*
 * The file that executing `name` would run: looked up in PATH of `env` unless it has a
 * slash, relative names taken from `cwd`. NULL when there is none (or memory is short).
 */
const char *probe_find(struct arena *arena, const char *name, const char *const *env,
		       const char *cwd);

/* Milliseconds of the monotonic clock. */
int64_t probe_clock(void);

#endif
