/* The one line on the terminal that says what is waited for, and for how long at most. */
#ifndef TALLY_PROBE_WAIT_H
#define TALLY_PROBE_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "probe.h"

struct probe_wait {
	const struct probe *probe;
	int64_t started, limit;
	int64_t next; /* when the line changes next */
	bool shown;
};

void probe_wait_begin(struct probe_wait *wait, const struct probe *probe, int64_t started,
		      int64_t limit);

/* Shows the line when it is time to; returns when to call again, never behind the limit. */
int64_t probe_wait_show(struct probe_wait *wait, int64_t now);

/* Takes the line off the screen. */
void probe_wait_end(struct probe_wait *wait);

#endif
