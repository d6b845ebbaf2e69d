#include "limit_select.h"

#include <string.h>

#include "pattern.h"

static bool within_hours(const struct hours *hours, size_t count, int64_t at)
{
	for (size_t i = 0; i < count; i++) {
		if (hours_contain(&hours[i], at))
			return true;
	}
	return false;
}

bool limit_concerns(const struct inquiry *inquiry, const struct limit *limit)
{
	const struct asker *asker = inquiry->asker;
	int64_t now = inquiry->history->now;

	if (limit->hours_count && !within_hours(limit->hours, limit->hours_count, now))
		return false;
	if (limit->outside_hours_count &&
	    within_hours(limit->outside_hours, limit->outside_hours_count, now))
		return false;
	return pattern_list_match(limit->tools, inquiry->reading->tool) &&
	       pattern_list_match(limit->users, asker->user) &&
	       pattern_list_match_any(limit->groups, asker->groups) &&
	       pattern_list_match(limit->parents, asker->parent_program) &&
	       pattern_list_match(limit->hosts, asker->host) &&
	       pattern_list_match(limit->environments, inquiry->reading->environment);
}

bool limit_tool_matches(const struct limit *limit, const char *tool)
{
	return pattern_list_match(limit->tools, tool);
}

bool limit_covers_action(const struct limit *limit, enum action action)
{
	unsigned bits = 1U << action;

	/* The ledger knows a scaling by its effect only. */
	if (action == ACTION_REMOVE)
		bits |= 1U << ACTION_SCALE;
	return (limit->actions & bits) != 0;
}

bool limit_covers(const struct limit *limit, const struct deed *deed)
{
	const struct operation *operation = deed->source;
	unsigned bits = 1U << deed->action;

	if (operation->action == ACTION_SCALE && deed->takes)
		bits |= 1U << ACTION_SCALE;
	/* What gives capacity back is never held up. */
	if (deed->action == ACTION_RESTORE || !(limit->actions & bits))
		return false;
	if (limit->everything && !operation->everything)
		return false;
	if (limit->irreversible && !operation->irreversible)
		return false;
	return pattern_list_match(limit->units,
				  operation->unit ? operation->unit : "host");
}

bool limit_selects(const struct limit *limit)
{
	return limit->protect || limit->protect_set || limit->self || limit->unmapped ||
	       limit->subsystem_count || limit->restarted_before >= 0;
}

struct picking {
	struct inquiry *inquiry;
	const struct limit *limit;
	const char **names;
	size_t count, capacity;
};

static int pick_name(void *context, const char *name, size_t length)
{
	struct picking *picking = context;
	const char **grown;

	(void)length;
	for (const char *const *glob = picking->limit->protect; *glob; glob++) {
		if (!pattern_match(*glob, name))
			continue;
		grown = arena_grow(picking->inquiry->arena, picking->names,
				   picking->count, &picking->capacity, sizeof(*grown));
		if (!grown)
			return -1;
		picking->names = grown;
		grown[picking->count] = arena_strdup(picking->inquiry->arena, name);
		return grown[picking->count++] ? 0 : -1;
	}
	return 0;
}

/* Beyond this a glob is not tried on every name: all of them are taken for protected. */
enum { GLOBBED_NAMES = 1 << 20 };

static const struct hostset *pick_globs(struct inquiry *inquiry,
					const struct limit *limit,
					const struct hostset *targets)
{
	struct picking picking = {.inquiry = inquiry, .limit = limit};
	const struct hostset *picked;

	if (!limit->protect)
		return inquiry->empty;
	if (hostset_count(targets) > GLOBBED_NAMES)
		return targets;
	if (hostset_each(targets, pick_name, &picking)) {
		inquiry->exhausted = true;
		return targets;
	}
	picked = hostset_names(inquiry->arena, picking.names, picking.count);
	if (!picked)
		inquiry->exhausted = true;
	return picked ? picked : targets;
}

/*
 * Protected by the name of the member or by the name that was given: both are looked at,
 * as "*.example.com" is lost on the way to the member.
 */
static const struct hostset *pick_protected(struct inquiry *inquiry,
					    const struct limit *limit, const char *unit,
					    const struct hostset *targets)
{
	const struct hostset *picked = pick_globs(inquiry, limit, targets);

	if (limit->protect_set) {
		const struct hostset *set = limit->protect_set;

		if (!unit)
			set = inquiry_identify(inquiry, set);
		picked = inquiry_union(inquiry, picked,
				       inquiry_common(inquiry, targets, set));
	}
	for (size_t i = 0; limit->protect && !unit && i < inquiry->deed_count; i++) {
		const struct deed *deed = &inquiry->deeds[i];
		const struct hostset *given;

		if (deed->unit || !deed->targets || hostset_is_empty(deed->targets))
			continue;
		given = inquiry_minus(inquiry, deed->source->targets, deed->targets);
		given = inquiry_identify(inquiry, pick_globs(inquiry, limit, given));
		picked = inquiry_union(inquiry, picked,
				       inquiry_common(inquiry, targets, given));
	}
	return picked;
}

static const struct hostset *add_name(struct inquiry *inquiry, const struct hostset *set,
				      const char *name)
{
	const struct hostset *one;

	if (!name || !*name)
		return set;
	one = hostset_name(inquiry->arena, name, strlen(name));
	if (!one) {
		inquiry->exhausted = true;
		return set;
	}
	return inquiry_union(inquiry, set, inquiry_identify(inquiry, one));
}

/* This bastion, under whatever name, and the control hosts of the fleet file. */
static const struct hostset *pick_self(struct inquiry *inquiry,
				       const struct hostset *targets)
{
	static const char *const local[] = {"localhost", "127.0.0.1", "::1",
					    "localhost.localdomain", NULL};
	const char *const *control = inquiry->fleet.identity.self;
	const struct hostset *self =
		add_name(inquiry, inquiry->empty, inquiry->asker->host);

	for (size_t i = 0; local[i]; i++)
		self = add_name(inquiry, self, local[i]);
	for (; control && *control; control++)
		self = add_name(inquiry, self, *control);
	return inquiry_common(inquiry, targets, self);
}

bool limit_is_stale(const struct inquiry *inquiry, const struct limit *limit,
		    const struct subsystem *subsystem)
{
	/* A day that nobody wrote down is not taken for a recent one. */
	return !subsystem->restarted ||
	       inquiry->history->now - subsystem->restarted > limit->restarted_before;
}

static bool same_unit(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static const struct hostset *members_of(struct inquiry *inquiry,
					const struct limit *limit, const char *unit,
					bool stale_only)
{
	const struct hostset *members = inquiry->empty;

	for (size_t i = 0; i < inquiry->fleet.count; i++) {
		const struct subsystem *subsystem = &inquiry->fleet.subsystems[i];

		if (same_unit(subsystem->unit, unit) &&
		    (!stale_only || limit_is_stale(inquiry, limit, subsystem)))
			members = inquiry_union(inquiry, members, subsystem->members);
	}
	return members;
}

const struct hostset *limit_select(struct inquiry *inquiry, const struct limit *limit,
				   const struct subsystem *scope, const char *unit,
				   const struct hostset *targets)
{
	if (scope) {
		if (!same_unit(scope->unit, unit))
			return inquiry->empty;
		targets = inquiry_common(inquiry, targets, scope->members);
	}
	if (limit->protect || limit->protect_set)
		targets = pick_protected(inquiry, limit, unit, targets);
	if (limit->self)
		targets = unit ? inquiry->empty : pick_self(inquiry, targets);
	if (limit->unmapped) {
		/* Pods and groups are in no subsystem by nature: only asked for by name. */
		if (unit && !limit->units)
			return inquiry->empty;
		targets = inquiry_minus(inquiry, targets,
					members_of(inquiry, limit, unit, false));
	}
	if (limit->restarted_before >= 0)
		targets = inquiry_common(inquiry, targets,
					 members_of(inquiry, limit, unit, true));
	return targets;
}

/* The same object in two deeds (stop it, then delete it) has its effect only once. */
static uint64_t effect_left(const struct inquiry *inquiry, const struct limit *limit,
			    size_t index)
{
	const struct deed *deed = &inquiry->deeds[index];
	uint64_t counted = 0;

	for (size_t i = 0; i < index; i++) {
		const struct deed *other = &inquiry->deeds[i];

		if (other->effect > counted && other->count_known &&
		    same_unit(other->unit, deed->unit) && limit_covers(limit, other) &&
		    hostset_equal(other->targets, deed->targets))
			counted = other->effect;
	}
	return deed->effect > counted ? deed->effect - counted : 0;
}

void limit_tally(struct inquiry *inquiry, const struct limit *limit,
		 const struct subsystem *scope, struct tally *tally,
		 const struct deed **unknown)
{
	*unknown = NULL;
	*tally = (struct tally){0};
	for (size_t i = 0; i < inquiry->deed_count; i++) {
		const struct deed *deed = &inquiry->deeds[i];
		const struct hostset *selected;

		if (!limit_covers(limit, deed))
			continue;
		if (!deed->targets || hostset_is_empty(deed->targets)) {
			if (!*unknown)
				*unknown = deed;
			continue;
		}
		selected = limit_select(inquiry, limit, scope, deed->unit, deed->targets);
		if (hostset_is_empty(selected))
			continue;
		if (!deed->count_known && !*unknown)
			*unknown = deed;
		if (deed->effect)
			tally_add_effect(tally, effect_left(inquiry, limit, i),
					 deed->effect_unit);
		else
			tally_add(inquiry, tally, deed->unit, selected);
	}
}
