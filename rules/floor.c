/* Floors: what a command does to every subsystem that its targets belong to. */
#include "inquiry.h"

#include <stdlib.h>
#include <string.h>

#include "capacity.h"
#include "wording.h"

enum { MOMENTS = 256 }; /* returns that are looked at for "the next fits in" */

static bool concerns(const struct inquiry *inquiry, const struct subsystem *subsystem)
{
	return !subsystem->environment || !inquiry->reading->environment ||
	       strcmp(subsystem->environment, inquiry->reading->environment) == 0;
}

static struct impact *add_impact(struct inquiry *inquiry)
{
	struct decision *decision = inquiry->decision;
	struct impact *grown =
		arena_grow(inquiry->arena, decision->impacts, decision->impact_count,
			   &inquiry->impact_capacity, sizeof(*grown));

	if (!grown) {
		inquiry->exhausted = true;
		return NULL;
	}
	decision->impacts = grown;
	return &grown[decision->impact_count++];
}

/* How many of `hit` are in service and would not be any more. */
static uint64_t cost(struct inquiry *inquiry, const struct subsystem *subsystem,
		     const struct capacity *capacity, const struct hostset *hit)
{
	const struct hostset *out =
		capacity_out(inquiry, subsystem, inquiry->history->now);
	const struct hostset *goes = inquiry_minus(inquiry, hit, out);

	if (!capacity->counted && subsystem->unhealthy != UNHEALTHY_COUNT)
		goes = inquiry_common(inquiry, goes, capacity->shown);
	return hostset_count(goes);
}

static uint64_t room_at(struct inquiry *inquiry, const struct subsystem *subsystem,
			const struct capacity *capacity, uint64_t floor, int64_t at)
{
	uint64_t in_service = capacity_at(inquiry, subsystem, capacity, at);

	return in_service > floor ? in_service - floor : 0;
}

static int compare_moments(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* When waiting brings room for more than `fits`: the end of a restart, a settled removal. */
static int64_t next_room(struct inquiry *inquiry, const struct subsystem *subsystem,
			 const struct capacity *capacity, uint64_t floor, uint64_t fits)
{
	const struct history *history = inquiry->history;
	int64_t moments[MOMENTS];
	size_t count = 0;

	/* A probe's answer will have changed by then: nothing can be promised. */
	if (subsystem->capacity.probe)
		return 0;
	for (size_t i = 0; i < history->count && count < MOMENTS; i++) {
		if (inquiry->past[i]->out && inquiry->past[i]->until > history->now)
			moments[count++] = inquiry->past[i]->until;
	}
	qsort(moments, count, sizeof(*moments), compare_moments);
	for (size_t i = 0; i < count; i++) {
		if ((i == 0 || moments[i] != moments[i - 1]) &&
		    room_at(inquiry, subsystem, capacity, floor, moments[i]) > fits)
			return moments[i];
	}
	return 0;
}

static const char *below_text(struct inquiry *inquiry, const struct subsystem *subsystem,
			      const struct impact *impact)
{
	struct arena *arena = inquiry->arena;
	const char *floor =
		inquiry_text(inquiry, word_amount(arena, subsystem->floor, impact->floor,
						  subsystem->declared));
	const char *reserved = "";

	if (impact->reserved)
		reserved = inquiry_text(
			inquiry,
			arena_printf(arena,
				     "; %llu of its members are out by earlier commands",
				     (unsigned long long)impact->reserved));
	if (impact->capacity < impact->floor)
		return arena_printf(
			arena,
			"%s has %llu in service, its floor is %s: it is "
			"below it already and may lose none of %s%s",
			subsystem->name, (unsigned long long)impact->capacity, floor,
			inquiry_count(inquiry, impact->hit_count, NULL), reserved);
	return arena_printf(arena, "%s would have %llu in service, its floor is %s%s",
			    subsystem->name, (unsigned long long)impact->after, floor,
			    reserved);
}

static void speak(struct inquiry *inquiry, const struct subsystem *subsystem,
		  const char *text)
{
	const char *rule = arena_printf(inquiry->arena, "%s floor", subsystem->name);

	inquiry_reason(inquiry, inquiry_text(inquiry, rule), subsystem->file,
		       subsystem->line, subsystem->floor_verdict, subsystem->observe,
		       NULL, text);
}

static void judge_floor(struct inquiry *inquiry, const struct subsystem *subsystem,
			const struct capacity *capacity, struct impact *impact)
{
	uint64_t fits, goes;

	if (!capacity->known) {
		speak(inquiry, subsystem,
		      arena_printf(inquiry->arena,
				   "how many of %s are in service is not known: %s",
				   subsystem->name, capacity->unknown));
		inquiry_room(inquiry, subsystem->observe, 0, 0);
		return;
	}
	goes = cost(inquiry, subsystem, capacity, impact->hit);
	impact->after = impact->capacity > goes ? impact->capacity - goes : 0;
	impact->below = impact->after < impact->floor;
	fits = impact->capacity > impact->floor ? impact->capacity - impact->floor : 0;
	if (!impact->below || (goes == 0 && subsystem->unhealthy == UNHEALTHY_ALLOW)) {
		inquiry_room(inquiry, subsystem->observe, fits, 0);
		return;
	}
	inquiry_room(inquiry, subsystem->observe, fits,
		     next_room(inquiry, subsystem, capacity, impact->floor, fits));
	speak(inquiry, subsystem, below_text(inquiry, subsystem, impact));
}

static void judge_subsystem(struct inquiry *inquiry, const struct subsystem *subsystem)
{
	const struct hostset *taken = inquiry_common(
		inquiry, inquiry_taken(inquiry, subsystem->unit), subsystem->members);
	const struct hostset *touched = inquiry_common(
		inquiry, inquiry_touched(inquiry, subsystem->unit), subsystem->members);
	bool takes = !hostset_is_empty(taken);
	struct capacity capacity = {.age = -1};
	struct impact *impact;

	if (hostset_is_empty(touched) || !(impact = add_impact(inquiry)))
		return;
	*impact = (struct impact){
		.subsystem = subsystem->name,
		.source = subsystem,
		.hit = takes ? taken : touched,
		.declared = subsystem->declared,
		.floor = amount_floor(subsystem->floor, subsystem->declared)};
	impact->hit_count = hostset_count(impact->hit);
	/* A probe costs time: it is asked only where something depends on its answer. */
	if (!subsystem->capacity.probe || (takes && subsystem->floor.set))
		capacity_ask(inquiry, subsystem, &capacity);
	impact->probe_age = capacity.age;
	impact->capacity_known = capacity.known;
	if (capacity.known) {
		impact->shown = capacity.shown_count;
		impact->sighted = capacity.sighted;
		impact->capacity =
			capacity_at(inquiry, subsystem, &capacity, inquiry->history->now);
		impact->after = impact->capacity;
		impact->reserved = impact->shown - impact->capacity;
	}
	if (!takes || inquiry->waiting)
		return;
	if (subsystem->floor.set)
		judge_floor(inquiry, subsystem, &capacity, impact);
	else if (capacity.known)
		impact->after = impact->capacity -
				cost(inquiry, subsystem, &capacity, impact->hit);
}

/* Machines that are in no subsystem: counted and shown, but under no floor. */
static void note_unmapped(struct inquiry *inquiry)
{
	const struct hostset *rest = inquiry_minus(
		inquiry, inquiry_touched(inquiry, NULL), inquiry->fleet.members);
	struct impact *impact;

	if (hostset_is_empty(rest) || !(impact = add_impact(inquiry)))
		return;
	*impact = (struct impact){.subsystem = "unmapped",
				  .hit = rest,
				  .hit_count = hostset_count(rest),
				  .probe_age = -1};
}

void inquiry_floors(struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->fleet.count; i++) {
		if (concerns(inquiry, &inquiry->fleet.subsystems[i]))
			judge_subsystem(inquiry, &inquiry->fleet.subsystems[i]);
	}
	note_unmapped(inquiry);
}
