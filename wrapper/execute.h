/* Becoming the real program, in the state in which the command was found. */
#ifndef TALLY_EXECUTE_H
#define TALLY_EXECUTE_H

#include "fault.h"
#include "replay.h"

/*
 * To be called first in main(): closed standard streams are held by /dev/null until the
 * exec, so that no file of ours becomes somebody's stderr. -1 and `fault` when that fails.
 */
int execute_prepare(struct fault *fault);

/*
 * Executes `path` with exactly `argv` and `env` by the system call itself, so that no
 * preloaded function sees it; gives the input back first. A script without #! goes through
 * /bin/sh, as execvp() does it. Returns only when that failed: an errno, or -1 and `fault`
 * when the input could not be given back.
 */
int execute_program(const char *path, char *const *argv, char *const *env,
		    struct replay *replay, struct fault *fault);

/*
 * The same; before it goes through a shell, `through_shell` is asked with the shell's argv,
 * and keeps it from it by -1 and `fault`.
 */
int execute_granted(const char *path, char *const *argv, char *const *env,
		    struct replay *replay,
		    int (*through_shell)(void *context, const char *const *argv,
					 struct fault *fault),
		    void *context, struct fault *fault);

/* The exit status a shell would report for that errno: 127 not found, 126 otherwise. */
int execute_status(int error);

#endif
