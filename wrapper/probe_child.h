/* The child process of a probe, up to the exec. */
#ifndef TALLY_PROBE_CHILD_H
#define TALLY_PROBE_CHILD_H

#include <signal.h>
#include <sys/types.h>

#include "probe.h"

struct probe_child {
	pid_t pid; /* leads its own session and process group */
	int pidfd;
	int out, err; /* ends of pipes, not blocking */
};

/*
 * Starts `path` as the probe says, with the signal mask `mask`. On return 0 either the
 * program runs, or *error says why it could not be executed and nothing is left of it.
 * -1 and `fault` when processes, files or memory are short, or the announcement failed.
 *
 * The exec is made by the system call itself, from the running program's own image: the
 * preloaded shim does not see it, and the supervisor sees the gate executing.
 */
int probe_child_start(struct arena *arena, const struct probe *probe, const char *path,
		      const sigset_t *mask, struct probe_child *child, int *error,
		      struct fault *fault);

#endif
