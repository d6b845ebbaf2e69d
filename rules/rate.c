/*
 * Rates: distinct targets over a sliding window, over all commands of all users. What was
 * refused was never admitted and so counts for nothing; what was given back has been taken
 * all the same.
 */
#include "limit_kinds.h"

#include "wording.h"

/* The part of an admission that the limit counts. */
static void count_admission(struct inquiry *inquiry, const struct view *view,
			    const struct admission *admission, struct tally *tally)
{
	const struct hostset *selected;

	if (!admission->targets)
		return;
	selected = limit_select(inquiry, view->limit, view->scope, admission->unit,
				admission->targets);
	if (hostset_is_empty(selected))
		return;
	if (admission->effect)
		tally_add_effect(tally, admission->effect, view->tally.effect_unit);
	else
		tally_add(inquiry, tally, admission->unit, selected);
}

static bool counts(const struct inquiry *inquiry, const struct limit *limit,
		   const struct admission *admission)
{
	/* Exactly `seconds` ago is outside: a window of 600 s holds 600 s. */
	return admission->at > inquiry->history->now - limit->rate_seconds &&
	       admission->action != ACTION_RESTORE &&
	       limit_covers_action(limit, admission->action) &&
	       limit_tool_matches(limit, admission->tool);
}

/*
 * The earliest time at which at most `wanted` targets are still within the window. Going
 * from the newest admission to the oldest, the targets seen before an admission are those
 * that remain when it has left. (Those of one second leave together: they find the same.)
 */
static int64_t time_of_room(struct inquiry *inquiry, const struct view *view,
			    uint64_t wanted)
{
	const struct history *history = inquiry->history;
	struct tally newer = {0};
	int64_t found = 0;

	for (size_t i = history->count; i-- > 0;) {
		const struct admission *admission = inquiry->past[i];

		if (!counts(inquiry, view->limit, admission))
			continue;
		if (tally_count(&newer) > wanted)
			break;
		found = admission->at + view->limit->rate_seconds;
		count_admission(inquiry, view, admission, &newer);
	}
	return found;
}

static const char *rate_text(struct inquiry *inquiry, const struct view *view,
			     uint64_t total, uint64_t fits, int64_t next)
{
	struct arena *arena = inquiry->arena;
	const struct limit *limit = view->limit;
	int64_t now = inquiry->history->now;
	const char *window =
		inquiry_text(inquiry, word_duration(arena, limit->rate_seconds));
	const char *when = "", *of = "";

	if (next > now)
		when = inquiry_text(
			inquiry,
			arena_printf(
				arena, ", the next in %s",
				inquiry_text(inquiry, word_duration(arena, next - now))));
	if (view->scope)
		of = inquiry_text(inquiry,
				  arena_printf(arena, " of %s", view->scope->name));
	return arena_printf(
		arena,
		"would be %llu distinct %s%s %s within %s, the limit is %llu; "
		"%llu %s now%s",
		(unsigned long long)total, inquiry_count(inquiry, 2, view->unit) + 2, of,
		word_done(view->action), window, (unsigned long long)limit->rate_targets,
		(unsigned long long)fits, fits == 1 ? "fits" : "fit", when);
}

/* All that the window holds before this command. */
static void count_window(struct inquiry *inquiry, const struct view *view,
			 struct tally *window)
{
	const struct history *history = inquiry->history;
	const struct hostset **machines;
	size_t count = 0;

	machines = arena_array(inquiry->arena, history->count + 1, sizeof(*machines));
	if (!machines) {
		inquiry->exhausted = true;
		return;
	}
	for (size_t i = 0; i < history->count; i++) {
		const struct admission *past = inquiry->past[i];

		if (!counts(inquiry, view->limit, past))
			continue;
		/* Machines, which are nearly all, are put together in one go. */
		if (past->targets && !past->unit && !past->effect)
			machines[count++] = past->targets;
		else
			count_admission(inquiry, view, past, window);
	}
	tally_add(inquiry, window, NULL,
		  limit_select(inquiry, view->limit, view->scope, NULL,
			       inquiry_union_all(inquiry, machines, count)));
}

void limit_judge_rate(struct inquiry *inquiry, const struct view *view)
{
	const struct limit *limit = view->limit;
	struct tally window = {0};
	uint64_t before, total, fits;
	int64_t next = 0;

	if (!view->count)
		return;
	count_window(inquiry, view, &window);
	before = tally_count(&window);
	tally_add_all(inquiry, &window, &view->tally);
	total = tally_count(&window);
	fits = limit->rate_targets > before ? limit->rate_targets - before : 0;
	if (total > limit->rate_targets && fits < limit->rate_targets)
		next = time_of_room(inquiry, view, limit->rate_targets - fits - 1);
	inquiry_room(inquiry, limit->observe, fits, next);
	if (total > limit->rate_targets)
		inquiry_limit(inquiry, limit, limit->verdict,
			      rate_text(inquiry, view, total, fits, next));
}

void limit_rate_room(struct inquiry *inquiry, const struct limit *limit,
		     const struct subsystem *scope, struct rate_room *room)
{
	const struct view view = {.limit = limit, .scope = scope};
	struct tally window = {0};

	*room = (struct rate_room){0};
	count_window(inquiry, &view, &window);
	room->used = tally_count(&window);
	room->unit = tally_unit(&window, "host");
	if (limit->rate_targets > room->used)
		room->fits = limit->rate_targets - room->used;
	if (room->fits < limit->rate_targets)
		room->next = time_of_room(inquiry, &view,
					  limit->rate_targets - room->fits - 1);
}
