#include "load_limit.h"

#include <string.h>

#include "limit_select.h"
#include "load.h"
#include "pattern.h"
#include "syntax.h"

static const char *const limit_keys[] = {"name",
					 "advice",
					 "challenge",
					 "observe",
					 "verdict",
					 "action",
					 "tool",
					 "user",
					 "group",
					 "parent",
					 "unit",
					 "environment",
					 "host",
					 "hours",
					 "outside_hours",
					 "everything",
					 "irreversible",
					 "unknown_count",
					 "subsystem",
					 "protect",
					 "self",
					 "unmapped",
					 "restarted_before",
					 "confirm_above",
					 "approve_above",
					 "deny_above",
					 "fraction_of_subsystem",
					 "rate",
					 "cells",
					 "pairs",
					 "canary",
					 NULL};
static const char *const rate_keys[] = {"targets", "seconds", NULL};
static const char *const canary_keys[] = {"targets", "settle", "within", NULL};
static const char *const verdicts[] = {"confirm", "approve", "deny", NULL};
static const char *const challenges[] = {
	"blind-count", "name", "echo-count", "name-subsystem", "reason", "ticket", NULL};
static const char *const above_keys[] = {NULL, "confirm_above", "approve_above",
					 "deny_above"};

enum { DAY = 86400, MOST_TARGETS = 1000000000 };

static const unsigned held_actions = 1U << ACTION_RUN | 1U << ACTION_CONFIG |
				     1U << ACTION_RESTART | 1U << ACTION_STOP |
				     1U << ACTION_SCALE | 1U << ACTION_REMOVE;

static int load_actions(struct arena *arena, const config_setting_t *group,
			struct limit *limit, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, "action");
	const char *const *names;
	int found = load_strings(arena, group, "action", false, &names, fault);

	limit->actions = held_actions;
	if (found <= 0)
		return found;
	limit->actions = 0;
	for (; *names; names++) {
		enum action action;

		if (strcmp(*names, "*") == 0) {
			limit->actions |= held_actions;
			continue;
		}
		if (!action_parse(*names, &action))
			return load_fault(setting, fault,
					  "action = \"%s\": expected run, config, "
					  "restart, stop, scale, remove or *",
					  *names);
		if (action == ACTION_READ || action == ACTION_RESTORE)
			return load_fault(setting, fault,
					  "action = \"%s\": this is never held back; "
					  "expected run, config, restart, stop, scale, "
					  "remove or *",
					  *names);
		limit->actions |= 1U << action;
	}
	if (!limit->actions)
		return load_expected(setting, fault, "at least one action");
	return 1;
}

/* A list of patterns that must not be empty: nothing is never read as everything. */
static int load_patterns(struct arena *arena, const config_setting_t *group,
			 const char *name, const char *const **value, struct fault *fault)
{
	int found = load_strings(arena, group, name, false, value, fault);

	if (found <= 0)
		return found;
	for (size_t i = 0; (*value)[i]; i++) {
		if (!(*value)[i][0] || strcmp((*value)[i], "!") == 0)
			return load_fault(config_setting_get_member(group, name), fault,
					  "%s: an empty name: expected a name or a "
					  "pattern like \"db*\"",
					  name);
	}
	if (!(*value)[0])
		return load_expected(config_setting_get_member(group, name), fault,
				     "at least one name (leave the line out for any)");
	return 1;
}

/* A condition that is given is true: false would be read as "the opposite" by some. */
static int load_condition(const config_setting_t *group, const char *name, bool *value,
			  struct fault *fault)
{
	int found = load_bool(group, name, false, value, fault);

	if (found > 0 && !*value)
		return load_expected(config_setting_get_member(group, name), fault,
				     "true, or the line left out");
	return found;
}

static int load_hours(struct arena *arena, const config_setting_t *group,
		      const char *name, const struct hours **hours, size_t *count,
		      struct fault *fault)
{
	const char *const *texts;
	struct hours *parsed;
	int found = load_patterns(arena, group, name, &texts, fault);

	if (found <= 0)
		return found;
	for (*count = 0; texts[*count];)
		(*count)++;
	*hours = parsed = arena_array(arena, *count, sizeof(*parsed));
	if (!parsed)
		return load_fault(group, fault, "out of memory");
	for (size_t i = 0; i < *count; i++) {
		if (!hours_parse(texts[i], &parsed[i]))
			return load_fault(
				config_setting_get_member(group, name), fault,
				"%s: \"%s\": expected days, times and an offset "
				"from UTC, like \"Mon-Fri 09:00-17:00 +02:00\"",
				name, texts[i]);
	}
	return 1;
}

static int load_protect(struct arena *arena, const config_setting_t *group,
			struct limit *limit, struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, "protect");
	const char *const *texts;
	const char **globs;
	size_t count = 0, glob_count = 0;
	int found = load_patterns(arena, group, "protect", &texts, fault);

	if (found <= 0)
		return found;
	while (texts[count])
		count++;
	globs = arena_array(arena, count + 1, sizeof(*globs));
	if (!globs)
		return load_fault(setting, fault, "out of memory");
	for (; *texts; texts++) {
		const struct hostset *set;
		struct fault why = {0};

		if (pattern_is_glob(*texts)) {
			if (strpbrk(*texts, "[],"))
				return load_fault(
					setting, fault,
					"protect: \"%s\": expected either * and "
					"? or brackets and commas, not both",
					*texts);
			globs[glob_count++] = *texts;
			continue;
		}
		set = syntax_folded(arena, *texts, &why);
		if (!set || hostset_is_empty(set))
			return load_fault(setting, fault,
					  "protect: \"%s\": expected a set of targets or "
					  "a pattern; %s",
					  *texts, why.text);
		limit->protect_set =
			limit->protect_set ? hostset_union(arena, limit->protect_set, set)
					   : set;
		if (!limit->protect_set)
			return load_fault(setting, fault, "out of memory");
	}
	if (glob_count)
		limit->protect = globs;
	return 1;
}

static bool names_subsystem(const struct fleet *fleet, const char *pattern)
{
	for (size_t i = 0; i < fleet->count; i++) {
		if (pattern_match(pattern, fleet->subsystems[i].name))
			return true;
	}
	return false;
}

static int load_scopes(struct arena *arena, const config_setting_t *group,
		       const struct fleet *fleet, struct limit *limit,
		       struct fault *fault)
{
	const config_setting_t *setting = config_setting_get_member(group, "subsystem");
	const char *const *names;
	int found = load_patterns(arena, group, "subsystem", &names, fault);

	if (found <= 0)
		return found;
	limit->subsystems =
		arena_array(arena, fleet->count + 1, sizeof(*limit->subsystems));
	if (!limit->subsystems)
		return load_fault(setting, fault, "out of memory");
	for (const char *const *name = names; *name && !fleet->incomplete; name++) {
		if (!names_subsystem(fleet, *name + (**name == '!')))
			return load_fault(
				setting, fault,
				"subsystem = \"%s\": expected the name of a "
				"subsystem of the fleet files, or a pattern that "
				"one of them matches",
				*name);
	}
	for (size_t i = 0; i < fleet->count; i++) {
		if (pattern_list_match(names, fleet->subsystems[i].name))
			limit->subsystems[limit->subsystem_count++] =
				&fleet->subsystems[i];
	}
	if (!limit->subsystem_count && !fleet->incomplete)
		return load_expected(setting, fault,
				     "a pattern that some subsystem matches");
	return 1;
}

/* `kind` is what this limit measures; a second measure is a fault. */
static int one_kind(const config_setting_t *group, struct limit *limit,
		    enum limit_kind kind, const char *name, struct fault *fault)
{
	if (limit->kind != LIMIT_PLAIN && limit->kind != kind)
		return load_fault(
			config_setting_get_member(group, name), fault,
			"\"%s\" is a second measure in one limit: expected one; "
			"write two limits, the heavier verdict holds",
			name);
	limit->kind = kind;
	return 0;
}

static int load_above(const config_setting_t *group, struct limit *limit,
		      struct fault *fault)
{
	uint64_t last = 0;

	for (int v = VERDICT_CONFIRM; v <= VERDICT_DENY; v++) {
		int64_t above = 0;
		int found = load_int(group, above_keys[v], false, 0, MOST_TARGETS, &above,
				     fault);

		if (found < 0)
			return -1;
		if (!found)
			continue;
		if (one_kind(group, limit, LIMIT_ABOVE, above_keys[v], fault))
			return -1;
		if ((uint64_t)above < last)
			return load_expected(
				config_setting_get_member(group, above_keys[v]), fault,
				"at least %llu, where the lighter verdict "
				"begins (else that one is never reached)",
				(unsigned long long)last);
		limit->above[v] = (struct threshold){true, (uint64_t)above};
		last = (uint64_t)above;
	}
	return 0;
}

static int load_rate(const config_setting_t *group, struct limit *limit,
		     struct fault *fault)
{
	config_setting_t *inner;
	int64_t targets = 0;
	int found = load_group(group, "rate", false, &inner, fault);

	if (found <= 0)
		return found;
	if (one_kind(group, limit, LIMIT_RATE, "rate", fault) ||
	    load_check_keys(inner, rate_keys, fault) ||
	    load_int(inner, "targets", true, 0, MOST_TARGETS, &targets, fault) < 0 ||
	    load_duration(inner, "seconds", true, &limit->rate_seconds, fault) < 0)
		return -1;
	if (limit->rate_seconds == 0)
		return load_expected(config_setting_get_member(inner, "seconds"), fault,
				     "at least 1 second");
	limit->rate_targets = (uint64_t)targets;
	return 1;
}

static int load_canary(const config_setting_t *group, struct limit *limit,
		       struct fault *fault)
{
	config_setting_t *inner;
	int64_t targets = 0;
	int found = load_group(group, "canary", false, &inner, fault);

	if (found <= 0)
		return found;
	limit->canary.settle = SETTLE_SECONDS;
	limit->canary.within = 7 * DAY;
	if (one_kind(group, limit, LIMIT_CANARY, "canary", fault) ||
	    load_check_keys(inner, canary_keys, fault) ||
	    load_int(inner, "targets", true, 1, MOST_TARGETS, &targets, fault) < 0 ||
	    load_duration(inner, "settle", false, &limit->canary.settle, fault) < 0 ||
	    load_duration(inner, "within", false, &limit->canary.within, fault) < 0)
		return -1;
	if (limit->canary.within <= limit->canary.settle)
		return load_fault(inner, fault,
				  "canary: within = %lld s: expected more than settle = "
				  "%lld s",
				  (long long)limit->canary.within,
				  (long long)limit->canary.settle);
	limit->canary.targets = (uint64_t)targets;
	return 1;
}

static int load_measure(const config_setting_t *group, struct limit *limit,
			struct fault *fault)
{
	int64_t cells = 0;
	bool pairs = false;
	int found;

	if (load_above(group, limit, fault) || load_rate(group, limit, fault) < 0 ||
	    load_canary(group, limit, fault) < 0)
		return -1;
	found = load_amount(group, "fraction_of_subsystem", false, &limit->fraction,
			    fault);
	if (found < 0 || (found && one_kind(group, limit, LIMIT_FRACTION,
					    "fraction_of_subsystem", fault)))
		return -1;
	found = load_int(group, "cells", false, 1, MOST_TARGETS, &cells, fault);
	if (found < 0 || (found && one_kind(group, limit, LIMIT_CELLS, "cells", fault)))
		return -1;
	limit->cells = (uint64_t)cells;
	found = load_condition(group, "pairs", &pairs, fault);
	if (found < 0 || (found && one_kind(group, limit, LIMIT_PAIRS, "pairs", fault)))
		return -1;
	return 0;
}

static int load_verdict(const config_setting_t *group, struct limit *limit,
			struct fault *fault)
{
	int verdict = 0;
	int found = load_choice(group, "verdict", limit->kind != LIMIT_ABOVE, verdicts,
				&verdict, fault);

	if (found < 0)
		return -1;
	if (found && limit->kind == LIMIT_ABOVE)
		return load_fault(config_setting_get_member(group, "verdict"), fault,
				  "\"verdict\" does not go with confirm_above, "
				  "approve_above and deny_above: they name it");
	limit->verdict = (enum verdict)(VERDICT_CONFIRM + verdict);
	return 0;
}

static int load_conditions(struct arena *arena, const config_setting_t *group,
			   const struct fleet *fleet, struct limit *limit,
			   struct fault *fault)
{
	if (load_actions(arena, group, limit, fault) < 0 ||
	    load_patterns(arena, group, "tool", &limit->tools, fault) < 0 ||
	    load_patterns(arena, group, "user", &limit->users, fault) < 0 ||
	    load_patterns(arena, group, "group", &limit->groups, fault) < 0 ||
	    load_patterns(arena, group, "parent", &limit->parents, fault) < 0 ||
	    load_patterns(arena, group, "unit", &limit->units, fault) < 0 ||
	    load_patterns(arena, group, "host", &limit->hosts, fault) < 0 ||
	    load_patterns(arena, group, "environment", &limit->environments, fault) < 0)
		return -1;
	if (load_hours(arena, group, "hours", &limit->hours, &limit->hours_count, fault) <
		    0 ||
	    load_hours(arena, group, "outside_hours", &limit->outside_hours,
		       &limit->outside_hours_count, fault) < 0 ||
	    load_condition(group, "everything", &limit->everything, fault) < 0 ||
	    load_condition(group, "irreversible", &limit->irreversible, fault) < 0 ||
	    load_condition(group, "unknown_count", &limit->unknown_count, fault) < 0)
		return -1;
	if (load_scopes(arena, group, fleet, limit, fault) < 0 ||
	    load_protect(arena, group, limit, fault) < 0 ||
	    load_condition(group, "self", &limit->self, fault) < 0 ||
	    load_condition(group, "unmapped", &limit->unmapped, fault) < 0 ||
	    load_duration(group, "restarted_before", false, &limit->restarted_before,
			  fault) < 0)
		return -1;
	return 0;
}

static int check_unknown(const config_setting_t *group, const struct limit *limit,
			 struct fault *fault)
{
	if (limit->unknown_count && (limit->kind != LIMIT_PLAIN || limit_selects(limit)))
		return load_fault(group, fault,
				  "unknown_count does not go with a measure or a choice "
				  "of targets, as there are none to look at: expected a "
				  "limit of its own");
	return 0;
}

int load_limit(struct arena *arena, const config_setting_t *group,
	       const struct fleet *fleet, struct limit *limit, struct fault *fault)
{
	int challenge = 0, found;
	bool observe = false;

	*limit = (struct limit){.file = load_source(group)->path,
				.line = load_line(group),
				.observe = -1,
				.restarted_before = -1};
	if (load_check_keys(group, limit_keys, fault) ||
	    load_string(arena, group, "name", false, &limit->name, fault) < 0 ||
	    load_string(arena, group, "advice", false, &limit->advice, fault) < 0 ||
	    load_conditions(arena, group, fleet, limit, fault) ||
	    load_measure(group, limit, fault) || load_verdict(group, limit, fault) ||
	    check_unknown(group, limit, fault))
		return -1;
	found = load_choice(group, "challenge", false, challenges, &challenge, fault);
	if (found < 0)
		return -1;
	if (found)
		limit->challenge = challenges[challenge];
	found = load_bool(group, "observe", false, &observe, fault);
	if (found < 0)
		return -1;
	if (found)
		limit->observe = observe;
	return 0;
}
