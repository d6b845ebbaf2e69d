/* Subsystems that are right by the letter and hardly meant. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "limit.h"

static void warn(struct findings *findings, const struct subsystem *subsystem,
		 const char *text)
{
	finding_add(findings, FINDING_WARNING, subsystem->file, subsystem->line, "%s: %s",
		    subsystem->name, text);
}

static void check_floor(const struct subsystem *subsystem, struct findings *findings)
{
	uint64_t floor = amount_floor(subsystem->floor, subsystem->declared);

	if (!subsystem->floor.set)
		return;
	if (floor == 0)
		warn(findings, subsystem, "a floor of 0 holds nothing back");
	else if (floor == subsystem->declared)
		warn(findings, subsystem,
		     "its floor is all of its members: none may ever be taken");
	if (!subsystem->capacity.probe && subsystem->unhealthy != UNHEALTHY_FREE)
		warn(findings, subsystem,
		     "`unhealthy` says nothing without a `capacity` probe");
}

static bool is_named(const struct policy *policy, const struct subsystem *subsystem)
{
	for (size_t i = 0; i < policy->count; i++) {
		for (size_t j = 0; j < policy->limits[i].subsystem_count; j++) {
			if (policy->limits[i].subsystems[j] == subsystem)
				return true;
		}
	}
	return false;
}

static bool is_needed(const struct fleet *fleet, const struct subsystem *subsystem)
{
	for (size_t i = 0; i < fleet->count; i++) {
		const char *const *name = fleet->subsystems[i].depends_on;

		for (; name && *name; name++) {
			if (strcmp(*name, subsystem->name) == 0)
				return true;
		}
	}
	return false;
}

static bool any_limit(const struct policy *policy, enum limit_kind kind)
{
	for (size_t i = 0; i < policy->count; i++) {
		if (policy->limits[i].kind == kind)
			return true;
	}
	return false;
}

static void check_use(const struct fleet *fleet, const struct policy *policy,
		      const struct subsystem *subsystem, struct findings *findings)
{
	if (subsystem->floor.set || is_named(policy, subsystem) ||
	    is_needed(fleet, subsystem))
		return;
	if ((subsystem->cell_count && any_limit(policy, LIMIT_CELLS)) ||
	    (subsystem->pair_count && any_limit(policy, LIMIT_PAIRS)) ||
	    any_limit(policy, LIMIT_FRACTION))
		return;
	warn(findings, subsystem,
	     "nothing uses it: it has no floor, and no limit looks at it");
}

/* Whether following depends_on from `name` comes back to `start`. */
static bool reaches(const struct fleet *fleet, const char *name, const char *start,
		    size_t depth)
{
	const struct subsystem *subsystem = fleet_subsystem(fleet, name);

	if (!subsystem || depth > fleet->count)
		return false;
	for (const char *const *next = subsystem->depends_on; next && *next; next++) {
		if (strcmp(*next, start) == 0)
			return true;
		if (depth < 16 && reaches(fleet, *next, start, depth + 1))
			return true;
	}
	return false;
}

void check_fleet(const struct fleet *fleet, const struct policy *policy,
		 struct findings *findings)
{
	for (size_t i = 0; i < fleet->count; i++) {
		const struct subsystem *subsystem = &fleet->subsystems[i];

		check_floor(subsystem, findings);
		check_use(fleet, policy, subsystem, findings);
		if (reaches(fleet, subsystem->name, subsystem->name, 0))
			warn(findings, subsystem, "it depends on itself");
	}
	check_spellings(fleet, findings);
}
