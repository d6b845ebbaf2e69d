/*
 * Limits that never decide anything, because another one applies whenever they do and is at
 * least as strict. (Their reasons are still shown.)
 */
#include "check.h"

#include <string.h>

#include "limit.h"
#include "limit_select.h"

/* Whether texts that do not come in the same order are still the same list. */
static bool same_texts(const char *const *a, const char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return !*a && !*b;
}

/* A condition of `wide` that is none, or the very one of `narrow`. */
static bool no_narrower(const char *const *wide, const char *const *narrow)
{
	return !wide || (narrow && same_texts(wide, narrow));
}

static bool same_scopes(const struct limit *a, const struct limit *b)
{
	if (a->subsystem_count != b->subsystem_count)
		return false;
	for (size_t i = 0; i < a->subsystem_count; i++) {
		if (a->subsystems[i] != b->subsystems[i])
			return false;
	}
	return true;
}

/* Whether `wide` looks at every target that `narrow` looks at. */
static bool sees_all(const struct limit *wide, const struct limit *narrow)
{
	if (wide->subsystem_count && !same_scopes(wide, narrow))
		return false;
	if (wide->self || wide->unmapped || wide->restarted_before >= 0)
		return wide->self == narrow->self && wide->unmapped == narrow->unmapped &&
		       wide->restarted_before == narrow->restarted_before &&
		       !wide->protect && !wide->protect_set;
	if (!wide->protect && !wide->protect_set)
		return true;
	if (!no_narrower(wide->protect, narrow->protect))
		return false;
	return !wide->protect_set ||
	       (narrow->protect_set &&
		hostset_equal(wide->protect_set, narrow->protect_set));
}

/* Whether `wide` applies whenever `narrow` does. */
static bool applies(const struct limit *wide, const struct limit *narrow)
{
	return (narrow->actions & ~wide->actions) == 0 &&
	       no_narrower(wide->tools, narrow->tools) &&
	       no_narrower(wide->users, narrow->users) &&
	       no_narrower(wide->groups, narrow->groups) &&
	       no_narrower(wide->parents, narrow->parents) &&
	       no_narrower(wide->units, narrow->units) &&
	       no_narrower(wide->environments, narrow->environments) &&
	       no_narrower(wide->hosts, narrow->hosts) && !wide->hours_count &&
	       !wide->outside_hours_count && (!wide->everything || narrow->everything) &&
	       (!wide->irreversible || narrow->irreversible) &&
	       wide->unknown_count == narrow->unknown_count && sees_all(wide, narrow);
}

/* Every verdict of `b` is reached by `a` no later. */
static bool thresholds_cover(const struct limit *a, const struct limit *b)
{
	for (int v = VERDICT_CONFIRM; v <= VERDICT_DENY; v++) {
		bool covered = !b->above[v].set;

		for (int w = v; w <= VERDICT_DENY && !covered; w++)
			covered =
				a->above[w].set && a->above[w].above <= b->above[v].above;
		if (!covered)
			return false;
	}
	return true;
}

/* Whether `a`, where both apply, is at least as strict as `b`. */
static bool is_stricter(const struct limit *a, const struct limit *b)
{
	if (a->kind == LIMIT_PLAIN)
		return a->verdict >= limit_heaviest(b);
	if (a->kind != b->kind)
		return false;
	if (a->kind == LIMIT_ABOVE)
		return thresholds_cover(a, b);
	if (a->verdict < b->verdict)
		return false;
	switch (a->kind) {
	case LIMIT_RATE:
		return a->rate_seconds >= b->rate_seconds &&
		       a->rate_targets <= b->rate_targets && a->actions == b->actions;
	case LIMIT_FRACTION:
		return a->fraction.percent == b->fraction.percent &&
		       a->fraction.value <= b->fraction.value;
	case LIMIT_CELLS:
		return a->cells <= b->cells;
	case LIMIT_PAIRS:
		return true;
	default:
		return false;
	}
}

static bool enforces(const struct policy *policy, const struct limit *limit)
{
	return limit->observe < 0 ? !policy->observe : limit->observe == 0;
}

static bool shadows(const struct policy *policy, const struct limit *a,
		    const struct limit *b)
{
	/* A harder question is a reason to be there. */
	if (b->challenge && limit_heaviest(a) == VERDICT_CONFIRM)
		return false;
	if (!enforces(policy, a) && enforces(policy, b))
		return false;
	return applies(a, b) && is_stricter(a, b);
}

void check_shadows(const struct policy *policy, struct findings *findings)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct limit *limit = &policy->limits[i];

		for (size_t j = 0; j < policy->count; j++) {
			const struct limit *other = &policy->limits[j];

			if (i == j || !shadows(policy, other, limit))
				continue;
			/* Of two that are alike the later one is superfluous. */
			if (j > i && shadows(policy, limit, other))
				continue;
			finding_add(findings, FINDING_WARNING, limit->file, limit->line,
				    "%s never decides anything: %s (%s:%d) applies "
				    "whenever it does and is at least as strict",
				    limit_label(limit, limit_heaviest(limit)),
				    limit_label(other, limit_heaviest(other)),
				    other->file, other->line);
			break;
		}
	}
}
