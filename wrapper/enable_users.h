/* The words of `tally enable` and `tally disable`: users and %groups, one after the other. */
#ifndef TALLY_ENABLE_USERS_H
#define TALLY_ENABLE_USERS_H

#include <stdbool.h>

#include "arena.h"
#include "fault.h"
#include "installed.h"

struct enable_call {
	struct arena *arena;
	struct installed installed;
	const char *command; /* "tally enable", for what is said */
	bool only_say;	     /* --dry-run */
};

/* Counted over all words; what was done and why not has been printed, line by line. */
struct enable_result {
	unsigned done, not_needed, passed_over, failed;
};

/*
 * Makes tallysh the login shell of everybody in `words` (NULL-terminated). -1 and `fault`
 * when nothing could be tried at all.
 */
int enable_users(const struct enable_call *call, char **words,
		 struct enable_result *result, struct fault *fault);

/* Gives everybody in `words` their login shell back. */
int disable_users(const struct enable_call *call, char **words,
		  struct enable_result *result, struct fault *fault);

/* Everybody who has tallysh as login shell, or whose shell is still kept. */
int disable_everybody(const struct enable_call *call, struct enable_result *result,
		      struct fault *fault);

#endif
