/* tally status: what is shown, and the two ways of showing it. */
#ifndef TALLY_STATUS_H
#define TALLY_STATUS_H

#include <jansson.h>

#include "command_rules.h"
#include "standing.h"
#include "terminal.h"

/* A session that is running now. */
struct status_session {
	const char *id, *directory;
	pid_t supervisor; /* 0: the shim works alone */
};

/* What limits in observe mode would have held, by the audit log. */
struct status_observed {
	const char *rule;
	uint64_t commands;
	int64_t last;	  /* epoch seconds */
	const char *user; /* of the last one */
};

enum { STATUS_OBSERVED_SECONDS = 86400 }; /* how far back that is looked at */

struct status {
	const struct command_rules *rules;
	struct arena *arena;
	struct history history;
	struct standing standing;
	struct status_session *sessions;
	size_t session_count;
	struct status_observed *observed;
	size_t observed_count;
	const char *observed_unknown; /* why the audit log says nothing, or NULL */
};

/* The sessions of this user whose supervisor lives, this one first. -1: memory. */
int status_find_sessions(struct status *status);

/*
 * Reads the audit log for what would have been held within the last day. A log that is not
 * there is an empty one; one that cannot be read sets `observed_unknown`. -1: memory.
 */
int status_find_observed(struct status *status);

/* NULL when memory is short. */
const char *status_text(const struct status *status, const struct terminal *terminal);
json_t *status_json(const struct status *status);

#endif
