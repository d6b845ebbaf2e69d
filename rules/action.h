/* Actions and verdicts: the two ordered scales of tallygate (docs/design.md, "Words"). */
#ifndef TALLY_ACTION_H
#define TALLY_ACTION_H

#include <stdbool.h>

/*
 * What a command does to its targets, in order of weight. ACTION_SCALE is judged by its
 * effect: a loss counts as ACTION_REMOVE, a gain as ACTION_RESTORE, which gives capacity
 * back and is never held by a floor or a rate.
 */
enum action {
	ACTION_READ,
	ACTION_RESTORE,
	ACTION_RUN,
	ACTION_CONFIG,
	ACTION_RESTART,
	ACTION_STOP,
	ACTION_SCALE,
	ACTION_REMOVE,
};

enum verdict { VERDICT_ALLOW, VERDICT_CONFIRM, VERDICT_APPROVE, VERDICT_DENY };

/* "read", "run" ...; ACTION_RESTORE is "restore". Never NULL. */
const char *action_name(enum action action);
bool action_parse(const char *text, enum action *action);

const char *verdict_name(enum verdict verdict);
bool verdict_parse(const char *text, enum verdict *verdict);

#endif
