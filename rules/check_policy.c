/* Limits that can never speak. */
#include "check.h"

#include <string.h>

#include "limit.h"
#include "limit_select.h"
#include "load.h"
#include "pattern.h"

struct policy_check {
	const struct policy *policy;
	const struct fleet *fleet;
	const char *const *tools;
	struct findings *findings;
};

static void warn(const struct policy_check *check, const struct limit *limit,
		 const char *text)
{
	finding_add(check->findings, FINDING_WARNING, limit->file, limit->line, "%s: %s",
		    limit_label(limit, limit_heaviest(limit)), text);
}

/* The subsystem number `i` that the limit looks at, of those it names or of all. */
static const struct subsystem *scope_of(const struct policy_check *check,
					const struct limit *limit, size_t i)
{
	if (limit->subsystem_count)
		return i < limit->subsystem_count ? limit->subsystems[i] : NULL;
	return i < check->fleet->count ? &check->fleet->subsystems[i] : NULL;
}

static uint64_t largest_scope(const struct policy_check *check, const struct limit *limit)
{
	const struct subsystem *subsystem;
	uint64_t largest = 0;

	for (size_t i = 0; (subsystem = scope_of(check, limit, i)); i++) {
		if (subsystem->declared > largest)
			largest = subsystem->declared;
	}
	return largest;
}

/* ---- patterns that match nothing ---- */

static void check_tools(const struct policy_check *check, const struct limit *limit)
{
	for (const char *const *pattern = limit->tools; pattern && *pattern; pattern++) {
		const char *name = *pattern + (**pattern == '!'), *nearest;
		bool matches = false;

		for (const char *const *tool = check->tools; *tool; tool++)
			matches |= pattern_match(name, *tool);
		if (matches)
			continue;
		nearest = load_nearest(name, check->tools);
		finding_add(check->findings, FINDING_WARNING, limit->file, limit->line,
			    "tool = \"%s\": there is no description of that name%s%s%s",
			    *pattern, nearest ? " (did you mean \"" : "",
			    nearest ? nearest : "", nearest ? "\"?)" : "");
	}
}

/* ---- measures that cannot be exceeded ---- */

static void check_above(const struct policy_check *check, const struct limit *limit)
{
	uint64_t largest = largest_scope(check, limit);

	if (!limit->subsystem_count)
		return;
	for (int v = VERDICT_CONFIRM; v <= VERDICT_DENY; v++) {
		if (!limit->above[v].set || limit->above[v].above < largest)
			continue;
		finding_add(
			check->findings, FINDING_WARNING, limit->file, limit->line,
			"%s_above = %llu can never be exceeded: the subsystem has %llu "
			"members",
			verdict_name((enum verdict)v),
			(unsigned long long)limit->above[v].above,
			(unsigned long long)largest);
	}
}

static void check_rate(const struct policy_check *check, const struct limit *limit)
{
	uint64_t largest = largest_scope(check, limit);

	if (limit->subsystem_count && limit->rate_targets >= largest)
		finding_add(check->findings, FINDING_WARNING, limit->file, limit->line,
			    "a rate of %llu distinct targets can never be exceeded: the "
			    "subsystem has %llu members",
			    (unsigned long long)limit->rate_targets,
			    (unsigned long long)largest);
}

static void check_fraction(const struct policy_check *check, const struct limit *limit)
{
	const struct subsystem *subsystem;
	bool possible = false;

	for (size_t i = 0; (subsystem = scope_of(check, limit, i)); i++)
		possible |= amount_allowance(limit->fraction, subsystem->declared) <
			    subsystem->declared;
	if (!possible)
		warn(check, limit,
		     "can never be exceeded: no subsystem has more members than that");
}

/* Cells, and one more where some members are in none of them. */
static uint64_t cells_of(const struct policy_check *check,
			 const struct subsystem *subsystem)
{
	const struct hostset *all = hostset_empty(check->findings->arena);

	if (!subsystem->cell_count)
		return 0;
	for (size_t i = 0; all && i < subsystem->cell_count; i++)
		all = hostset_union(check->findings->arena, all,
				    subsystem->cell_members[i]);
	if (!all)
		check->findings->exhausted = true;
	return subsystem->cell_count +
	       (all && hostset_count(all) < subsystem->declared ? 1 : 0);
}

static void check_cells(const struct policy_check *check, const struct limit *limit)
{
	const struct subsystem *subsystem;
	uint64_t most = 0;

	for (size_t i = 0; (subsystem = scope_of(check, limit, i)); i++) {
		uint64_t cells = cells_of(check, subsystem);

		most = cells > most ? cells : most;
	}
	if (!most)
		warn(check, limit, "never speaks: no subsystem it looks at has `cells`");
	else if (limit->cells >= most)
		warn(check, limit,
		     "can never be exceeded: no subsystem it looks at has more cells");
}

static void check_pairs(const struct policy_check *check, const struct limit *limit)
{
	const struct subsystem *subsystem;

	for (size_t i = 0; (subsystem = scope_of(check, limit, i)); i++) {
		if (subsystem->pair_count)
			return;
	}
	warn(check, limit, "never speaks: no subsystem it looks at has `pairs`");
}

static void check_measure(const struct policy_check *check, const struct limit *limit)
{
	switch (limit->kind) {
	case LIMIT_ABOVE:
		check_above(check, limit);
		return;
	case LIMIT_RATE:
		check_rate(check, limit);
		return;
	case LIMIT_FRACTION:
		check_fraction(check, limit);
		return;
	case LIMIT_CELLS:
		check_cells(check, limit);
		return;
	case LIMIT_PAIRS:
		check_pairs(check, limit);
		return;
	case LIMIT_PLAIN:
	case LIMIT_CANARY:
		return;
	}
}

/* ---- choices of targets that exclude each other ---- */

static void check_protect(const struct policy_check *check, const struct limit *limit)
{
	struct arena *arena = check->findings->arena;
	const struct subsystem *subsystem;
	const struct hostset *common;

	if (!limit->subsystem_count || !limit->protect_set || limit->protect)
		return;
	for (size_t i = 0; (subsystem = scope_of(check, limit, i)); i++) {
		common = hostset_intersection(arena, limit->protect_set,
					      subsystem->members);
		if (!common || !hostset_is_empty(common))
			return;
	}
	warn(check, limit, "never speaks: what it protects is not in its subsystem");
}

static void check_choice(const struct policy_check *check, const struct limit *limit)
{
	if (limit->unmapped && limit->subsystem_count)
		warn(check, limit,
		     "never speaks: what is in a subsystem is never unmapped");
	if (limit->unmapped && limit->restarted_before >= 0)
		warn(check, limit,
		     "never speaks: what is unmapped is in no subsystem that could have "
		     "been restarted");
	if (limit->unmapped && (limit->kind == LIMIT_FRACTION ||
				limit->kind == LIMIT_CELLS || limit->kind == LIMIT_PAIRS))
		warn(check, limit,
		     "never speaks: its measure looks at subsystems, and what is "
		     "unmapped "
		     "is in none");
	check_protect(check, limit);
	if (limit->challenge && limit_heaviest(limit) != VERDICT_CONFIRM &&
	    !(limit->kind == LIMIT_ABOVE && limit->above[VERDICT_CONFIRM].set) &&
	    limit->verdict == VERDICT_DENY)
		finding_add(check->findings, FINDING_WARNING, limit->file, limit->line,
			    "challenge = \"%s\" is never put: the verdict is deny",
			    limit->challenge);
}

void check_policy(const struct policy *policy, const struct fleet *fleet,
		  const char *const *tools, struct findings *findings)
{
	const struct policy_check check = {policy, fleet, tools, findings};

	for (size_t i = 0; i < policy->count; i++) {
		const struct limit *limit = &policy->limits[i];

		check_tools(&check, limit);
		check_choice(&check, limit);
		/* One reason is enough for never speaking. */
		if (!limit->unmapped || limit->kind <= LIMIT_ABOVE)
			check_measure(&check, limit);
	}
	check_shadows(policy, findings);
}
