/* Making tallysh somebody's login shell, and giving them back the one they had. */
#ifndef TALLY_SHELL_CHANGE_H
#define TALLY_SHELL_CHANGE_H

#include <stdbool.h>

#include "accounts.h"
#include "installed.h"

enum shell_change {
	CHANGE_FAILED = -1, /* `fault` says why; everything is as it was */
	CHANGE_DONE,	    /* `said` is the new state */
	CHANGE_NOT_NEEDED,  /* it is so already */
	CHANGE_PASSED_OVER, /* not for this account; `said` is the reason */
};

struct shell_change_call {
	struct arena *arena;
	const struct installed *installed;
	bool by_group; /* asked for by a group, not by name */
	bool only_say; /* --dry-run: all checks and tests, no change */
	const char *said;
};

/* Whether anybody could log in through tallysh here: it is there, and in /etc/shells. */
int shell_change_possible(const struct installed *installed, struct fault *fault);

/*
 * Tests tallysh as this user, keeps their shell, changes it through usermod, tests again,
 * and undoes it all when that fails. Root is never changed; break-glass members, and those
 * who cannot log in anyway, only when they were asked for by name.
 */
enum shell_change shell_enable(struct shell_change_call *call,
			       const struct account *account, struct fault *fault);

/* Gives back the kept shell, or one that works when that one is gone. */
enum shell_change shell_disable(struct shell_change_call *call,
				const struct account *account, struct fault *fault);

/* Whether this path is tallysh, by whatever name. */
bool shell_is_tallysh(const struct installed *installed, const char *shell);

/*
 * Whether the user's `-c` through `shell` ends as it should, as su starts it: as a login
 * shell and as none. -1 and `fault` with what was seen instead.
 */
int shell_test(struct arena *arena, const char *user, const char *shell,
	       struct fault *fault);

#endif
