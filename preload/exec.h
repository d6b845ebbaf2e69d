/* One exec, with the gate in a guarded program's place. Functions return an errno. */
#ifndef TALLY_EXEC_H
#define TALLY_EXEC_H

#include <stdbool.h>
#include <stddef.h>

#include "plan.h"

/* More than that does not go on a stack that may be a signal handler's. */
enum { EXEC_STACK_BYTES = 8192 };

/* An exec by descriptor: how the real call is made when it is not guarded. */
struct at_call {
	bool by_descriptor; /* fexecve(), else execveat() */
	int fd, flags;
	const char *path;
	bool keep_open; /* the path leads through fd, which must outlive the gate's exec */
};

/*
 * Executes `wish`; returns only when that failed. `at` is NULL for execve(); else the real
 * call is made as it says, and wish->path is a path that leads to the same file.
 */
int exec_start(const struct wish *wish, const struct at_call *at);

/*
 * execvpe(3) of glibc: looks `file` up along PATH. A script without a #! line is given to
 * /bin/sh. Only the entry that exists comes to the gate, and a refusal ends the search.
 */
int exec_search(const char *file, char *const *argv, char *const *envp);

#endif
