/* Accounts whose login shell this machine itself can change: those in /etc/passwd. */
#ifndef TALLY_ACCOUNTS_H
#define TALLY_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "arena.h"
#include "fault.h"

struct account {
	const char *name, *shell; /* shell as it is used: "" stands for /bin/sh */
	uid_t uid;
	gid_t gid;
};

struct accounts {
	struct account *list;
	size_t count;
};

/* All of /etc/passwd. */
int accounts_load(struct arena *arena, struct accounts *accounts, struct fault *fault);

/* The one called `name`, or NULL. */
const struct account *account_find(const struct accounts *accounts, const char *name);

/*
 * Those of `accounts` in `group`, by their own group or as its members. -1 and `fault` when
 * there is no such group.
 */
int accounts_in_group(struct arena *arena, const struct accounts *accounts,
		      const char *group, struct accounts *members, struct fault *fault);

/* Whether the account is in `group`; no such group has no members. */
bool account_in_group(const struct account *account, const char *group);

/* Whether `shell` is one of /etc/shells. */
bool shell_is_listed(const char *shell);

/* Whether `shell` is an absolute path to a program that everybody may execute. */
bool shell_is_there(const char *shell);

#endif
