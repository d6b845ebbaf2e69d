/*
 * A login where tallygate is installed: tallyd supervises, this process only asks for it and
 * becomes the shell. Nobody is locked out, whatever is broken.
 */
#ifndef TALLY_SESSION_INSTALLED_H
#define TALLY_SESSION_INSTALLED_H

#include <stdbool.h>

#include "arena.h"

/*
 * Is the running program that of an installation which serves all users of this machine: in
 * PREFIX/lib/tallygate, with tallygate.cfg or a tallyd?
 */
bool session_is_installed(struct arena *arena);

/*
 * Becomes the user's shell with the arguments `argv` and the environment that the process was
 * started with (`envp` is what the loader has left of it). Does not return unless not even
 * /bin/sh can be executed: the exit status.
 */
int session_installed_run(struct arena *arena, char **argv, char **envp);

#endif
