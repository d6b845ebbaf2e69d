/*
 * The login shells that `tally enable` has replaced, so that tallysh knows what to give
 * these users and `tally disable` what to give them back. A file of lines NAME:SHELL that
 * root writes and everybody may read.
 */
#ifndef TALLY_KEPT_SHELLS_H
#define TALLY_KEPT_SHELLS_H

#include <stddef.h>

#include "arena.h"
#include "fault.h"

#define KEPT_SHELLS "/var/lib/tallygate/shells"

struct kept_shell {
	const char *user, *shell;
};

struct kept_shells {
	struct kept_shell *list;
	size_t count;
};

/*
 * Reads `path`; no such file means that none is kept. -1 and `fault` when it cannot be
 * read, or when others than root can write it.
 */
int kept_shells_load(struct arena *arena, const char *path, struct kept_shells *kept,
		     struct fault *fault);

/* The shell kept for `user`, or NULL. */
const char *kept_shell_of(const struct kept_shells *kept, const char *user);

/*
 * Keeps `shell` for `user` in place of what was kept before; NULL forgets it. On the disk
 * when it returns; readers see the old file or the new one. -1 and `fault`.
 */
int kept_shells_set(struct arena *arena, const char *path, const char *user,
		    const char *shell, struct fault *fault);

#endif
