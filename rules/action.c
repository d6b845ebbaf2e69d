#include "action.h"

#include <string.h>

static const char *const action_names[] = {
	[ACTION_READ] = "read",	    [ACTION_RESTORE] = "restore", [ACTION_RUN] = "run",
	[ACTION_CONFIG] = "config", [ACTION_RESTART] = "restart", [ACTION_STOP] = "stop",
	[ACTION_SCALE] = "scale",   [ACTION_REMOVE] = "remove",
};

static const char *const verdict_names[] = {
	[VERDICT_ALLOW] = "allow",
	[VERDICT_CONFIRM] = "confirm",
	[VERDICT_APPROVE] = "approve",
	[VERDICT_DENY] = "deny",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int find(const char *const *names, unsigned count, const char *text)
{
	for (unsigned i = 0; i < count; i++)
		if (names[i] && strcmp(names[i], text) == 0)
			return (int)i;
	return -1;
}

const char *action_name(enum action action)
{
	return action_names[action];
}

bool action_parse(const char *text, enum action *action)
{
	int found = find(action_names, COUNT(action_names), text);

	if (found < 0)
		return false;
	*action = (enum action)found;
	return true;
}

const char *verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

bool verdict_parse(const char *text, enum verdict *verdict)
{
	int found = find(verdict_names, COUNT(verdict_names), text);

	if (found < 0)
		return false;
	*verdict = (enum verdict)found;
	return true;
}
