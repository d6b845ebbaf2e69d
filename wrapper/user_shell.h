/* Which shell a user gets. */
#ifndef TALLY_USER_SHELL_H
#define TALLY_USER_SHELL_H

#include "arena.h"

/*
 * The shell of the calling user by the password database, unless that is the running
 * program itself (tallysh as login shell) or cannot be executed; then /bin/bash, else
 * /bin/sh. Never from the environment, which the user may set to anything. Absolute, in
 * the arena; NULL when memory is short.
 */
const char *user_shell(struct arena *arena);

/*
 * What argv[0] of `shell` has to be for a program that was called as `called`: a login shell
 * has a hyphen in front, sshd and login(1) give the base name, others the path.
 */
const char *user_shell_name(struct arena *arena, const char *shell, const char *called);

#endif
