/* Every limit that applies is evaluated, in any order: the heaviest verdict holds. */
#include "limit.h"

#include <string.h>

#include "limit_kinds.h"
#include "wording.h"

const char *limit_label(const struct limit *limit, enum verdict verdict)
{
	static const char *const above[] = {"", "confirm_above", "approve_above",
					    "deny_above"};
	static const char *const kinds[] = {
		[LIMIT_FRACTION] = "fraction_of_subsystem",
		[LIMIT_RATE] = "rate",
		[LIMIT_CELLS] = "cells",
		[LIMIT_PAIRS] = "pairs",
		[LIMIT_CANARY] = "canary",
	};

	if (limit->name)
		return limit->name;
	if (limit->kind == LIMIT_ABOVE)
		return above[verdict];
	if (limit->kind != LIMIT_PLAIN)
		return kinds[limit->kind];
	if (limit->unknown_count)
		return "unknown_count";
	if (limit->protect || limit->protect_set)
		return "protect";
	if (limit->self)
		return "self";
	if (limit->unmapped)
		return "unmapped";
	if (limit->restarted_before >= 0)
		return "restarted_before";
	if (limit->everything)
		return "everything";
	if (limit->irreversible)
		return "irreversible";
	if (limit->environments)
		return "environment";
	if (limit->hours_count || limit->outside_hours_count)
		return "hours";
	return "limit";
}

enum verdict limit_heaviest(const struct limit *limit)
{
	if (limit->kind != LIMIT_ABOVE)
		return limit->verdict;
	for (int v = VERDICT_DENY; v > VERDICT_ALLOW; v--) {
		if (limit->above[v].set)
			return (enum verdict)v;
	}
	return VERDICT_ALLOW;
}

static const char *join(struct inquiry *inquiry, const char *text, const char *more)
{
	return inquiry_text(inquiry, arena_printf(inquiry->arena, "%s; %s", text,
						  inquiry_text(inquiry, more)));
}

/* A few of the targets by name: a reason is a sentence, the list is shown elsewhere. */
static const char *names(struct inquiry *inquiry, const struct tally *tally)
{
	const char *folded;

	if (!tally->part_count)
		return "the targets";
	folded = inquiry_text(inquiry,
			      hostset_fold(inquiry->arena, tally->parts[0].targets));
	if (strlen(folded) > 120)
		folded = inquiry_text(inquiry,
				      arena_printf(inquiry->arena, "%.120s...", folded));
	return folded;
}

static const char *stale_text(struct inquiry *inquiry, const struct view *view)
{
	const char *text = NULL;

	for (size_t i = 0; i < inquiry->fleet.count; i++) {
		const struct subsystem *subsystem = &inquiry->fleet.subsystems[i];
		const char *one;
		struct tally tally;
		const struct deed *unknown;

		limit_tally(inquiry, view->limit, subsystem, &tally, &unknown);
		if (!limit_is_stale(inquiry, view->limit, subsystem) ||
		    !tally_count(&tally))
			continue;
		if (subsystem->restarted)
			one = arena_printf(
				inquiry->arena,
				"%s was last restarted in full %s ago, the limit is %s",
				subsystem->name,
				inquiry_text(inquiry,
					     word_duration(inquiry->arena,
							   inquiry->history->now -
								   subsystem->restarted)),
				inquiry_text(
					inquiry,
					word_duration(inquiry->arena,
						      view->limit->restarted_before)));
		else
			one = arena_printf(inquiry->arena,
					   "when %s was last restarted in full is not "
					   "known (`restarted` in the fleet file)",
					   subsystem->name);
		text = text ? join(inquiry, text, one) : inquiry_text(inquiry, one);
	}
	return text ? text : "when they were last restarted is not known";
}

/* What is special about the targets or the command, behind what would be done. */
static const char *qualify(struct inquiry *inquiry, const struct view *view,
			   const char *text)
{
	const struct limit *limit = view->limit;

	if (limit->everything)
		text = join(inquiry, text, "the command names everything");
	if (limit->irreversible)
		text = join(inquiry, text, "it cannot be undone");
	if (limit->protect || limit->protect_set)
		text = join(inquiry, text,
			    arena_printf(inquiry->arena, "protected: %s",
					 names(inquiry, &view->tally)));
	if (limit->self)
		text = join(inquiry, text,
			    arena_printf(inquiry->arena,
					 "this bastion or a control host: %s",
					 names(inquiry, &view->tally)));
	if (limit->unmapped)
		text = join(inquiry, text,
			    arena_printf(inquiry->arena, "in no subsystem: %s",
					 names(inquiry, &view->tally)));
	if (limit->restarted_before >= 0)
		text = join(inquiry, text, stale_text(inquiry, view));
	if (limit->environments && inquiry->reading->environment)
		text = join(inquiry, text,
			    arena_printf(inquiry->arena, "the environment is %s",
					 inquiry->reading->environment));
	if (limit->hours_count)
		text = join(inquiry, text, "it is within the limit's hours");
	if (limit->outside_hours_count)
		text = join(inquiry, text, "it is outside the limit's hours");
	return text;
}

void limit_judge_above(struct inquiry *inquiry, const struct view *view)
{
	const struct limit *limit = view->limit;
	const char *text;

	for (int v = VERDICT_DENY; v > VERDICT_ALLOW; v--) {
		const struct threshold *threshold = &limit->above[v];

		if (!threshold->set || view->count <= threshold->above)
			continue;
		text = arena_printf(inquiry->arena, "%s, %s_above is %llu", view->what,
				    verdict_name((enum verdict)v),
				    (unsigned long long)threshold->above);
		text = qualify(inquiry, view, inquiry_text(inquiry, text));
		inquiry_limit(inquiry, limit, (enum verdict)v, text);
		return;
	}
}

/* "400 hosts would be stopped", "in index 400 hosts would be stopped". */
static void describe(struct inquiry *inquiry, struct view *view)
{
	const char *text;

	view->count = tally_count(&view->tally);
	view->unit = tally_unit(&view->tally, "host");
	text = word_would(inquiry->arena, view->action, view->count, view->unit);
	text = inquiry_text(inquiry, text);
	if (view->scope)
		text = inquiry_text(inquiry, arena_printf(inquiry->arena, "in %s %s",
							  view->scope->name, text));
	view->what = text;
}

static enum action heaviest_action(const struct inquiry *inquiry,
				   const struct limit *limit)
{
	enum action heaviest = ACTION_READ;

	for (size_t i = 0; i < inquiry->deed_count; i++) {
		if (limit_covers(limit, &inquiry->deeds[i]) &&
		    inquiry->deeds[i].action > heaviest)
			heaviest = inquiry->deeds[i].action;
	}
	return heaviest;
}

/* Whether some limit says what is to happen when this deed's count is not known. */
static bool unknown_is_ruled(const struct inquiry *inquiry, const struct deed *deed)
{
	for (size_t i = 0; i < inquiry->policy->count; i++) {
		const struct limit *limit = &inquiry->policy->limits[i];

		if (limit->unknown_count && limit_concerns(inquiry, limit) &&
		    limit_covers(limit, deed))
			return true;
	}
	return false;
}

static const char *unknown_text(struct inquiry *inquiry, const struct deed *deed)
{
	const char *unit = deed->source->unit ? deed->source->unit : "target";

	return arena_printf(inquiry->arena, "how many %s it would %s is not known: %s",
			    inquiry_count(inquiry, 2, unit) + 2,
			    deed->action == ACTION_RUN ? "run on"
						       : action_name(deed->action),
			    deed->unknown);
}

static void judge_unknown(struct inquiry *inquiry, const struct limit *limit)
{
	for (size_t i = 0; i < inquiry->deed_count; i++) {
		const struct deed *deed = &inquiry->deeds[i];

		if (!deed->count_known && limit_covers(limit, deed)) {
			inquiry_limit(inquiry, limit, limit->verdict,
				      unknown_text(inquiry, deed));
			return;
		}
	}
}

static void judge_each_subsystem(struct inquiry *inquiry, const struct view *view)
{
	for (size_t i = 0; i < inquiry->fleet.count; i++) {
		const struct subsystem *subsystem = &inquiry->fleet.subsystems[i];

		if (view->scope && view->scope != subsystem)
			continue;
		if (view->limit->kind == LIMIT_FRACTION)
			limit_judge_fraction(inquiry, view, subsystem);
		else if (view->limit->kind == LIMIT_CELLS)
			limit_judge_cells(inquiry, view, subsystem);
		else
			limit_judge_pairs(inquiry, view, subsystem);
	}
}

static void measure(struct inquiry *inquiry, const struct view *view,
		    const struct deed *unknown)
{
	switch (view->limit->kind) {
	case LIMIT_PLAIN:
		if (view->count ||
		    (unknown && (unknown->targets || !limit_selects(view->limit))))
			inquiry_limit(
				inquiry, view->limit, view->limit->verdict,
				qualify(inquiry, view,
					view->count
						? view->what
						: inquiry_text(inquiry,
							       unknown_text(inquiry,
									    unknown))));
		return;
	case LIMIT_ABOVE:
		limit_judge_above(inquiry, view);
		return;
	case LIMIT_RATE:
		limit_judge_rate(inquiry, view);
		return;
	case LIMIT_CANARY:
		limit_judge_canary(inquiry, view);
		return;
	case LIMIT_FRACTION:
	case LIMIT_CELLS:
	case LIMIT_PAIRS:
		judge_each_subsystem(inquiry, view);
		return;
	}
}

static void judge_within(struct inquiry *inquiry, const struct limit *limit,
			 const struct subsystem *scope)
{
	struct view view = {.limit = limit,
			    .scope = scope,
			    .action = heaviest_action(inquiry, limit)};
	const struct deed *unknown;
	bool asks_count = limit->kind != LIMIT_PLAIN || limit_selects(limit);

	if (view.action == ACTION_READ)
		return;
	limit_tally(inquiry, limit, scope, &view.tally, &unknown);
	describe(inquiry, &view);
	/*
	 * A count that is not known may be any: the limit speaks as if it were exceeded,
	 * unless a limit of its own says what then is to happen. (What takes capacity is
	 * refused anyway: see judge_unruled().)
	 */
	if (unknown && asks_count && !unknown->takes &&
	    !unknown_is_ruled(inquiry, unknown)) {
		inquiry_limit(inquiry, limit, limit_heaviest(limit),
			      unknown_text(inquiry, unknown));
		return;
	}
	measure(inquiry, &view, unknown);
}

static void judge_limit(struct inquiry *inquiry, const struct limit *limit)
{
	if (!limit_concerns(inquiry, limit))
		return;
	if (limit->unknown_count) {
		judge_unknown(inquiry, limit);
		return;
	}
	if (!limit->subsystem_count) {
		judge_within(inquiry, limit, NULL);
		return;
	}
	for (size_t i = 0; i < limit->subsystem_count; i++)
		judge_within(inquiry, limit, limit->subsystems[i]);
}

/* Unknown is not zero: what would take nobody knows how much, and no limit speaks of it. */
static void judge_unruled(struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->deed_count; i++) {
		const struct deed *deed = &inquiry->deeds[i];

		if (deed->takes && !deed->count_known &&
		    !unknown_is_ruled(inquiry, deed)) {
			inquiry_reason(inquiry, "unknown_count", NULL, 0, VERDICT_DENY,
				       -1, NULL, unknown_text(inquiry, deed));
			return;
		}
	}
}

void inquiry_limits(struct inquiry *inquiry)
{
	for (size_t i = 0; i < inquiry->policy->count; i++)
		judge_limit(inquiry, &inquiry->policy->limits[i]);
	judge_unruled(inquiry);
}
