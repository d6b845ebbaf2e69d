/* Reads rule directories as a whole and says all that is wrong with them. */
#ifndef TALLY_CHECK_RULES_H
#define TALLY_CHECK_RULES_H

#include "finding.h"

/* What was found there, for the last line. */
struct checked_rules {
	size_t tools, subsystems, limits, tests;
	bool observe;	    /* the policy only observes */
	const char *digest; /* of policy and fleet; NULL: they could not be read whole */
};

/*
 * Reads every file below `directories` (as they are to be shown; `absolute` are the same
 * ones), looks for what is hardly meant, and runs the tests if there is no error before.
 */
void check_rules(const char *const *directories, const char *const *absolute,
		 struct findings *findings, struct checked_rules *checked);

#endif
