/* tally status as one screen. */
#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "layout.h"
#include "limit.h"
#include "status.h"
#include "target_text.h"
#include "visible.h"
#include "wording.h"

struct page {
	const struct status *status;
	struct layout layout;
};

static const char *visible(const struct page *page, const char *text)
{
	return visible_text(page->layout.arena, text ? text : "", page->layout.utf8);
}

static const char *number(const struct page *page, uint64_t value)
{
	return visible_number(page->layout.arena, value);
}

static const char *until(const struct page *page, int64_t at)
{
	return word_duration(page->layout.arena, at - page->status->history.now);
}

/* ---- what is in force ---- */

static void put_head(struct page *page)
{
	const struct command_rules *rules = page->status->rules;
	const struct policy *policy = rules->book.policy;
	struct arena *arena = page->layout.arena;

	if (policy->observe)
		layout_line(&page->layout, STYLE_YELLOW,
			    "tallygate only observes: limits and floors are shown and "
			    "recorded, and hold nothing back");
	else
		layout_line(&page->layout, STYLE_STRONG,
			    arena_printf(arena,
					 "tallygate enforces %zu limits on %zu "
					 "subsystems",
					 policy->count, rules->book.fleet.count));
	layout_gap(&page->layout);
	for (const char *const *path = rules->directories; *path; path++)
		layout_paragraph(&page->layout, ' ', STYLE_DIM,
				 path == rules->directories ? "rules" : "", STYLE_PLAIN,
				 visible(page, *path));
	layout_paragraph(&page->layout, ' ', STYLE_DIM, "policy", STYLE_PLAIN,
			 arena_printf(arena, "%.12s", policy->digest));
}

static const char *session_text(const struct page *page)
{
	const struct status *status = page->status;
	const struct session *own = &status->rules->session;
	struct arena *arena = page->layout.arena;
	bool inside = own->directory != NULL;
	size_t others = status->session_count;

	if (inside && others)
		others--;
	if (!inside)
		return others ? arena_printf(arena, "not in one; %zu running", others)
			      : "not in one, and none is running: `tally shell` begins "
				"one";
	if (own->supervisor)
		return arena_printf(
			arena, "%s, supervised by process %d%s", visible(page, own->id),
			(int)own->supervisor,
			others ? arena_printf(arena, ", %zu more running", others) : "");
	return arena_printf(arena, "%s, by the shim alone", visible(page, own->id));
}

/* ---- subsystems ---- */

static const char *out_text(const struct page *page, const struct subsystem_standing *one)
{
	struct arena *arena = page->layout.arena;
	const char *count, *list, *back = "";

	if (hostset_is_empty(one->out))
		return "";
	count = number(page, hostset_count(one->out));
	list = target_text(&page->layout, one->out,
			   page->layout.width ? layout_room(&page->layout) : 200);
	if (one->back_at)
		back = arena_printf(arena, ", the first back in %s",
				    until(page, one->back_at));
	if (!count || !list || !back)
		return NULL;
	return arena_printf(arena, "; %s out by earlier commands%s: %s", count, back,
			    list);
}

static const char *floor_text(const struct page *page,
			      const struct subsystem_standing *one)
{
	const struct subsystem *source = one->source;
	struct arena *arena = page->layout.arena;
	const char *floor, *mode = one->observed ? " (only observed)" : "";

	if (!one->has_floor)
		return ", no floor";
	floor = word_amount(arena, source->floor, one->floor, source->declared);
	if (!floor)
		return NULL;
	if (!one->known)
		return arena_printf(arena, ", floor %s%s", floor, mode);
	if (one->below)
		return arena_printf(arena, ", floor %s%s: %s below it", floor, mode,
				    number(page, one->floor - one->in_service));
	return arena_printf(arena, ", floor %s%s: %s may go", floor, mode,
			    number(page, one->room));
}

static const char *subsystem_text(const struct page *page,
				  const struct subsystem_standing *one)
{
	struct arena *arena = page->layout.arena;
	const char *declared = number(page, one->source->declared);
	const char *floor = floor_text(page, one), *out = out_text(page, one);
	const char *age = "";

	if (one->probe_age > 0)
		age = arena_printf(arena, " as of %s ago",
				   word_duration(arena, one->probe_age));
	if (!declared || !floor || !out || !age)
		return NULL;
	if (!one->known)
		return arena_printf(arena, "of %s, in service: unknown%s: %s%s", declared,
				    floor, visible(page, one->unknown), out);
	return arena_printf(arena, "%s of %s in service%s%s%s",
			    number(page, one->in_service), declared, age, floor, out);
}

static void put_bar(struct page *page, const struct bar *bar, enum style style)
{
	struct layout *layout = &page->layout;

	if (layout->width && layout_room(layout) >= BAR_LEAST)
		layout_paragraph(
			layout, ' ', STYLE_PLAIN, "", style,
			bar_text(layout->arena, bar, layout_room(layout), layout->utf8));
}

static void put_subsystem(struct page *page, const struct subsystem_standing *one)
{
	bool bad = one->below || !one->known;
	bool tight = !bad && one->has_floor && one->room == 0;
	enum style style = bad ? STYLE_RED : tight ? STYLE_YELLOW : STYLE_GREEN;
	const struct bar bar = {.whole = one->source->declared,
				.filled = one->in_service,
				.fading = one->in_service,
				.mark = one->has_floor ? one->floor : 0};

	layout_paragraph(&page->layout, bad ? '!' : ' ', style,
			 visible(page, one->source->name), bad ? STYLE_RED : STYLE_PLAIN,
			 subsystem_text(page, one));
	if (one->known)
		put_bar(page, &bar, style);
}

/* ---- rates and what was observed ---- */

static const char *rate_text(const struct page *page, const struct rate_standing *rate)
{
	const struct limit *limit = rate->limit;
	struct arena *arena = page->layout.arena;
	const char *window = word_duration(arena, limit->rate_seconds);
	const char *units = visible_plural(arena, rate->unit ? rate->unit : "target");
	const char *next = "", *of = "";

	if (rate->next_at > page->status->history.now)
		next = arena_printf(arena, ", the next in %s",
				    until(page, rate->next_at));
	if (rate->scope)
		of = arena_printf(arena, " of %s", visible(page, rate->scope->name));
	if (!window || !units || !next || !of)
		return NULL;
	return arena_printf(arena, "%s of %s %s%s within %s%s: %s %s now%s (%s:%d)",
			    number(page, rate->used), number(page, limit->rate_targets),
			    visible(page, units), of, window,
			    rate->observed ? " (only observed)" : "",
			    number(page, rate->fits), rate->fits == 1 ? "fits" : "fit",
			    next, visible(page, limit->file), limit->line);
}

static void put_rate(struct page *page, const struct rate_standing *rate)
{
	const struct limit *limit = rate->limit;
	const struct bar bar = {
		.whole = limit->rate_targets, .filled = rate->used, .fading = rate->used};
	enum style style = rate->fits ? STYLE_GREEN : STYLE_YELLOW;

	layout_paragraph(&page->layout, rate->fits ? ' ' : '!', style,
			 visible(page, limit_label(limit, limit->verdict)), STYLE_PLAIN,
			 rate_text(page, rate));
	put_bar(page, &bar, style);
}

static void put_observed(struct page *page)
{
	const struct status *status = page->status;
	struct arena *arena = page->layout.arena;

	if (!status->standing.observes && !status->observed_count)
		return;
	layout_gap(&page->layout);
	layout_line(&page->layout, STYLE_STRONG,
		    "  What is only observed would have held, in the last day:");
	if (status->observed_unknown)
		layout_line(&page->layout, STYLE_YELLOW, status->observed_unknown);
	else if (!status->observed_count)
		layout_line(&page->layout, STYLE_PLAIN, "  nothing");
	for (size_t i = 0; i < status->observed_count; i++) {
		const struct status_observed *row = &status->observed[i];

		layout_paragraph(
			&page->layout, ' ', STYLE_DIM, visible(page, row->rule),
			STYLE_PLAIN,
			arena_printf(
				arena, "%s, the last %s ago by %s",
				visible_count(arena, row->commands, "command"),
				word_duration(arena, status->history.now - row->last),
				visible(page, row->user)));
	}
}

const char *status_text(const struct status *status, const struct terminal *terminal)
{
	const struct standing *standing = &status->standing;
	struct page page = {.status = status,
			    .layout = {.arena = status->arena,
				       .width = terminal->width,
				       .colour = terminal->colour,
				       .utf8 = terminal->utf8}};

	put_head(&page);
	layout_paragraph(&page.layout, ' ', STYLE_DIM, "session", STYLE_PLAIN,
			 session_text(&page));
	layout_paragraph(&page.layout, ' ', STYLE_DIM, "ledger", STYLE_PLAIN,
			 visible(&page, status->rules->session.state));
	if (standing->subsystem_count)
		layout_gap(&page.layout);
	for (size_t i = 0; i < standing->subsystem_count; i++)
		put_subsystem(&page, &standing->subsystems[i]);
	if (standing->rate_count)
		layout_gap(&page.layout);
	for (size_t i = 0; i < standing->rate_count; i++)
		put_rate(&page, &standing->rates[i]);
	put_observed(&page);
	return layout_text(&page.layout);
}
