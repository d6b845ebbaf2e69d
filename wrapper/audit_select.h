/* Which records of the audit log are wanted: the filters of `tally audit`. */
#ifndef TALLY_AUDIT_SELECT_H
#define TALLY_AUDIT_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "arena.h"
#include "fault.h"

struct audit_filter {
	int64_t since, until; /* epoch seconds; 0: no bound */
	const char *user, *tool, *action, *host, *event, *verdict; /* NULL: any */
	bool held; /* only what did not run: denied, declined, failed */
};

/* What a filter keeps from one record to the next. */
struct audit_selection {
	const struct audit_filter *filter;
	json_t *events; /* ids of what was selected: the ends of these belong to them */
};

/*
 * A time in the past: "10 min", "2 h", "3 days" (ago), "14:30" (today), "2026-11-24",
 * "2026-11-24 14:30[:05]" (local time, also with a T) or with a Z at the end (UTC).
 */
int audit_when(const char *text, int64_t now, int64_t *seconds, struct fault *fault);

/* -1 when memory is short. */
int audit_selection_start(struct audit_selection *selection,
			  const struct audit_filter *filter);
void audit_selection_end(struct audit_selection *selection);

/*
 * Whether the record is wanted. The end of a command has neither user nor targets in it: it
 * is wanted when the record that let the command through was.
 */
bool audit_selected(struct audit_selection *selection, const json_t *record);

/* The record is the end of a command, not its beginning. */
bool audit_is_end(const json_t *record);

/* The record is of a command that did not run. */
bool audit_is_held(const json_t *record);

#endif
