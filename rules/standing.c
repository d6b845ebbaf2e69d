#include "standing.h"

#include "capacity.h"
#include "limit_kinds.h"

/* When the first of what is out counts as back by itself. */
static int64_t first_back(struct inquiry *inquiry, const struct subsystem *subsystem)
{
	const struct history *history = inquiry->history;
	int64_t first = 0;

	for (size_t i = 0; i < history->count; i++) {
		const struct admission *past = &history->admissions[i];

		if (!past->out || past->until <= history->now ||
		    (first && past->until >= first) ||
		    hostset_is_empty(
			    inquiry_common(inquiry, subsystem->members, past->out)))
			continue;
		first = past->until;
	}
	return first;
}

static void look_at_subsystem(struct inquiry *inquiry, const struct subsystem *subsystem,
			      struct subsystem_standing *standing)
{
	struct capacity capacity;

	capacity_ask(inquiry, subsystem, &capacity);
	*standing = (struct subsystem_standing){
		.source = subsystem,
		.known = capacity.known,
		.unknown = capacity.unknown,
		.out = capacity_out(inquiry, subsystem, inquiry->history->now),
		.has_floor = subsystem->floor.set,
		.floor = amount_floor(subsystem->floor, subsystem->declared),
		.observed = !inquiry_enforces(inquiry, subsystem->observe),
		.probe_age = capacity.age};
	if (!hostset_is_empty(standing->out))
		standing->back_at = first_back(inquiry, subsystem);
	if (!capacity.known)
		return;
	standing->in_service =
		capacity_at(inquiry, subsystem, &capacity, inquiry->history->now);
	standing->below = standing->has_floor && standing->in_service < standing->floor;
	if (standing->in_service > standing->floor)
		standing->room = standing->in_service - standing->floor;
}

static void look_at_rate(struct inquiry *inquiry, const struct limit *limit,
			 const struct subsystem *scope, struct standing *standing)
{
	struct rate_room room;

	limit_rate_room(inquiry, limit, scope, &room);
	standing->rates[standing->rate_count++] = (struct rate_standing){
		.limit = limit,
		.scope = scope,
		.observed = !inquiry_enforces(inquiry, limit->observe),
		.used = room.used,
		.fits = room.fits,
		.next_at = room.next,
		.unit = room.unit};
}

static size_t count_rates(const struct policy *policy)
{
	size_t count = 0;

	for (size_t i = 0; i < policy->count; i++) {
		const struct limit *limit = &policy->limits[i];

		if (limit->kind == LIMIT_RATE)
			count += limit->subsystem_count ? limit->subsystem_count : 1;
	}
	return count;
}

static void look_at_rates(struct inquiry *inquiry, struct standing *standing)
{
	const struct policy *policy = inquiry->policy;

	for (size_t i = 0; i < policy->count; i++) {
		const struct limit *limit = &policy->limits[i];

		standing->observes |= !inquiry_enforces(inquiry, limit->observe);
		if (limit->kind != LIMIT_RATE)
			continue;
		if (!limit->subsystem_count)
			look_at_rate(inquiry, limit, NULL, standing);
		for (size_t s = 0; s < limit->subsystem_count; s++)
			look_at_rate(inquiry, limit, limit->subsystems[s], standing);
	}
}

int standing_look(struct arena *arena, const struct policy *policy,
		  const struct fleet *fleet, const struct asker *asker,
		  const struct history *history, struct facts *facts,
		  struct standing *standing, struct fault *fault)
{
	const struct reading nothing = {0};
	struct decision decision = {0};
	struct inquiry inquiry = {.arena = arena,
				  .policy = policy,
				  .fleet = *fleet,
				  .reading = &nothing,
				  .asker = asker,
				  .history = history,
				  .facts = facts,
				  .decision = &decision};
	struct fault no_aliases = {0};

	*standing = (struct standing){0};
	/* Without its aliases what the ledger holds goes by the names it was given. */
	inquiry_start(&inquiry, fleet, &no_aliases);
	standing->subsystems =
		arena_array(arena, fleet->count + 1, sizeof(*standing->subsystems));
	standing->rates =
		arena_array(arena, count_rates(policy) + 1, sizeof(*standing->rates));
	if (inquiry.exhausted || !standing->subsystems || !standing->rates)
		return fault_set(fault, "out of memory");
	for (size_t i = 0; i < inquiry.fleet.count; i++) {
		struct subsystem_standing *one = &standing->subsystems[i];

		look_at_subsystem(&inquiry, &inquiry.fleet.subsystems[i], one);
		standing->observes |= one->has_floor && one->observed;
	}
	standing->subsystem_count = inquiry.fleet.count;
	look_at_rates(&inquiry, standing);
	if (inquiry.exhausted || facts->exhausted)
		return fault_set(fault, "out of memory");
	return inquiry.waiting ? 1 : 0;
}
