/*
 * Whether programs of this machine start as they did: each is started twice, without and
 * with a list of preloaded libraries, and has to do the same both times. The second time is
 * in a mount namespace of its own, where that list is mounted over /etc/ld.so.preload.
 */
#ifndef TALLY_START_TRIAL_H
#define TALLY_START_TRIAL_H

#include <stddef.h>

#include "arena.h"
#include "fault.h"

struct start_trial {
	size_t started, loaded; /* programs that were run; that were loaded to the end */
	size_t apart;	/* static ones and such, that a preloaded library never meets */
	size_t without; /* do not start on this machine as it is */
};

/*
 * `list` is the file to be mounted there; libtally.so must show in what is loaded with it.
 * -1 and `fault` with the first program that differs.
 */
int start_trial(struct arena *arena, const char *list, struct start_trial *trial,
		struct fault *fault);

#endif
