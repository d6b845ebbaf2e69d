/* Everything the rule directories say, opened at once: tools, fleet, policy. */
#ifndef TALLY_RULEBOOK_H
#define TALLY_RULEBOOK_H

#include "fleet.h"
#include "judge.h"
#include "policy.h"

struct rulebook {
	struct rules *rules;
	struct fleet fleet;
	struct policy *policy;
};

/* -1 and `fault` (file:line) when any file is broken: rules are taken whole or not at all. */
int rulebook_open(struct arena *arena, const char *const *directories,
		  struct rulebook *book, struct fault *fault);

#endif
