/* Operations as the policy sees them. */
#include "inquiry.h"

#include <string.h>

static const char empty_set[] = "the target set is empty, and nothing is often read as "
				"everything";

static bool takes_capacity(enum action action)
{
	return action == ACTION_RESTART || action == ACTION_STOP ||
	       action == ACTION_REMOVE;
}

/* The action by its effect: a loss is a removal, a gain gives back, neither is a change. */
static enum action action_by_effect(const struct operation *operation)
{
	if (operation->action != ACTION_SCALE)
		return operation->action;
	if (!operation->effect.known || operation->effect.count > 0)
		return ACTION_REMOVE;
	return operation->effect.count < 0 ? ACTION_RESTORE : ACTION_CONFIG;
}

static void weigh_effect(const struct operation *operation, struct deed *deed)
{
	const struct effect *effect = &operation->effect;
	bool stands_for_more = effect->unit || operation->action == ACTION_SCALE;
	bool gone = deed->action == ACTION_STOP || deed->action == ACTION_REMOVE;

	if (!stands_for_more)
		return;
	if (!effect->known) {
		/* A rolling restart counts its objects; what goes for good must be known. */
		if (!gone)
			return;
		deed->count_known = false;
		if (!deed->unknown)
			deed->unknown = "what the targets stand for is not known";
	} else if (effect->count > 0) {
		deed->effect = (uint64_t)effect->count;
		deed->effect_unit = effect->unit;
	}
}

static void make_deed(struct inquiry *inquiry, const struct operation *operation,
		      struct deed *deed)
{
	*deed = (struct deed){.source = operation,
			      .action = action_by_effect(operation),
			      .unit = operation->unit,
			      .targets = operation->targets,
			      .unknown = operation->unknown};
	if (fleet_unit_is_machine(deed->unit))
		deed->unit = NULL;
	deed->takes = takes_capacity(deed->action);
	deed->temporary = operation->temporary || deed->action == ACTION_RESTART;
	deed->count_known = deed->targets != NULL;
	if (!deed->targets) {
		if (!deed->unknown)
			deed->unknown = "the command line does not say";
		return;
	}
	deed->unknown = NULL;
	if (hostset_is_empty(deed->targets) && deed->action != ACTION_RESTORE) {
		deed->count_known = false;
		deed->unknown = empty_set;
		return;
	}
	if (!deed->unit)
		deed->targets = inquiry_identify(inquiry, deed->targets);
	weigh_effect(operation, deed);
}

void inquiry_deeds(struct inquiry *inquiry)
{
	static const struct operation nothing_read = {
		.unknown = "no operation could be read from the command line"};
	const struct reading *reading = inquiry->reading;
	struct operation *whole;

	inquiry->deeds =
		arena_array(inquiry->arena, reading->count + 1, sizeof(*inquiry->deeds));
	if (!inquiry->deeds) {
		inquiry->exhausted = true;
		return;
	}
	for (size_t i = 0; i < reading->count; i++) {
		if (reading->operations[i].action != ACTION_READ)
			make_deed(inquiry, &reading->operations[i],
				  &inquiry->deeds[inquiry->deed_count++]);
	}
	if (reading->count || reading->refused || reading->action == ACTION_READ)
		return;
	/* A known tool does something, to nobody knows what. */
	whole = arena_alloc(inquiry->arena, sizeof(*whole));
	if (!whole) {
		inquiry->exhausted = true;
		return;
	}
	*whole = nothing_read;
	whole->action = reading->action;
	whole->unit = reading->unit;
	make_deed(inquiry, whole, &inquiry->deeds[inquiry->deed_count++]);
}

static bool same_unit(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

const struct hostset *inquiry_taken(struct inquiry *inquiry, const char *unit)
{
	const struct hostset *taken = inquiry->empty;

	for (size_t i = 0; i < inquiry->deed_count; i++) {
		const struct deed *deed = &inquiry->deeds[i];

		if (deed->takes && deed->targets && same_unit(deed->unit, unit))
			taken = inquiry_union(inquiry, taken, deed->targets);
	}
	return taken;
}

const struct hostset *inquiry_touched(struct inquiry *inquiry, const char *unit)
{
	const struct hostset *touched = inquiry->empty;

	for (size_t i = 0; i < inquiry->deed_count; i++) {
		const struct deed *deed = &inquiry->deeds[i];

		if (deed->targets && same_unit(deed->unit, unit))
			touched = inquiry_union(inquiry, touched, deed->targets);
	}
	return touched;
}
