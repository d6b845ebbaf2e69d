/* One invocation of a program: the value that everything is decided about. */
#ifndef TALLY_COMMAND_H
#define TALLY_COMMAND_H

#include <stddef.h>

#include "arena.h"

struct command {
	const char *const *argv; /* NULL-terminated, argc words */
	size_t argc;
	const char *path;	/* the executable file, or NULL when only argv is known */
	const char *const *env; /* NAME=value, NULL-terminated */
	const char *cwd;	/* absolute; relative file names of the line start here */
};

/* The value of an environment variable of the command, or NULL. */
const char *command_env(const struct command *command, const char *name);

/* What stands behind the last slash of `path`. */
const char *command_base_name(const char *path);

/* `path` as the command would open it: absolute, `cwd` put before a relative one. */
const char *command_file(struct arena *arena, const struct command *command,
			 const char *path);

#endif
