#include "screen_parts.h"

#include <string.h>
#include <time.h>

#include "bar.h"
#include "target_text.h"
#include "visible.h"
#include "wording.h"

enum {
	TARGET_LINES = 4, /* of one operation's targets */
	IMPACT_ROWS = 12, /* subsystems shown; those below their floor come first */
	REASON_ROWS = 12, /* limits shown */
};

static const char *number(const struct screen *screen, uint64_t value)
{
	return visible_number(screen->arena, value);
}

static const char *visible(const struct screen *screen, const char *text)
{
	return text ? visible_text(screen->arena, text, screen->utf8) : "";
}

/* ---- operations ---- */

static const char *effect_text(const struct screen *screen, const struct operation *op)
{
	const struct effect *effect = &op->effect;
	int64_t count = effect->count < 0 ? -effect->count : effect->count;
	const char *text;

	if (!effect->unit)
		return "";
	if (!effect->known) {
		text = visible_plural(screen->arena, visible(screen, effect->unit));
		return text ? arena_printf(screen->arena,
					   ", which stand for an unknown number of %s",
					   text)
			    : NULL;
	}
	text = visible_count(screen->arena, (uint64_t)count,
			     visible(screen, effect->unit));
	return text ? arena_printf(screen->arena, ", %s %s", text,
				   effect->count < 0 ? "come" : "go")
		    : NULL;
}

static const char *operation_text(const struct screen *screen,
				  const struct layout *layout, const struct operation *op,
				  bool several)
{
	const char *head, *effect = effect_text(screen, op), *list;
	const char *unit = op->unit ? visible(screen, op->unit) : "target";
	const char *everything = op->everything ? "everything: " : "";
	const char *forced = op->irreversible ? ", for good" : "";
	size_t columns = layout->width ? layout_room(layout) * TARGET_LINES : 2000;
	uint64_t count;

	if (!op->targets)
		return arena_printf(screen->arena, "%sunknown%s%s%s", everything,
				    op->unknown ? ": " : "", visible(screen, op->unknown),
				    forced);
	count = hostset_count(op->targets);
	head = visible_count(screen->arena, count, unit);
	list = target_text(layout, op->targets, columns);
	if (!head || !effect || !list)
		return NULL;
	return arena_printf(screen->arena, "%s%s%s%s%s%s%s%s", everything,
			    several ? action_name(op->action) : "", several ? " " : "",
			    head, effect, forced, count ? ": " : "", list);
}

void screen_put_operations(const struct screen *screen, struct layout *layout,
			   const struct reading *reading, const struct decision *decision)
{
	bool several = false, first = true;
	size_t acting = 0;

	(void)decision;
	if (reading->refused)
		layout_paragraph(
			layout, ' ', STYLE_DIM, "targets", STYLE_PLAIN,
			arena_printf(screen->arena,
				     "none: the tool itself will refuse this%s%s",
				     reading->refusal ? ": " : "",
				     visible(screen, reading->refusal)));
	for (size_t i = 0; i < reading->count; i++)
		acting += reading->operations[i].action != ACTION_READ;
	several = acting > 1;
	for (size_t i = 0; i < reading->count; i++) {
		const struct operation *op = &reading->operations[i];
		bool loud = op->everything || !op->targets;

		if (op->action == ACTION_READ && acting > 0)
			continue;
		layout_paragraph(layout, loud ? '!' : ' ',
				 loud ? STYLE_YELLOW : STYLE_DIM, first ? "targets" : "",
				 STYLE_PLAIN,
				 operation_text(screen, layout, op, several));
		first = false;
	}
}

/* ---- subsystems ---- */

/* In service after, what goes, what was out before; the floor as a mark in it. */
static const char *impact_bar(const struct screen *screen, const struct layout *layout,
			      const struct impact *impact)
{
	const struct bar bar = {.whole = impact->declared,
				.filled = impact->after,
				.fading = impact->capacity,
				.mark = impact->floor};

	return bar_text(screen->arena, &bar, layout_room(layout), screen->utf8);
}

static const char *impact_text(const struct screen *screen, const struct impact *impact)
{
	const char *arrow = screen->utf8 ? "\u2192" : "->";
	const char *hit = number(screen, impact->hit_count);
	const char *declared = number(screen, impact->declared);
	const char *reserved = "", *age = "";

	if (!impact->source)
		return hit ? arena_printf(screen->arena, "%s in no subsystem", hit)
			   : NULL;
	if (impact->reserved)
		reserved = arena_printf(screen->arena, ", %s of them reserved",
					number(screen, impact->reserved));
	if (impact->probe_age > 0)
		age = arena_printf(screen->arena, ", as of %s ago",
				   word_duration(screen->arena, impact->probe_age));
	if (!hit || !declared || !reserved || !age)
		return NULL;
	if (!impact->capacity_known)
		return arena_printf(screen->arena,
				    "%s of %s hit; in service: unknown, floor %s", hit,
				    declared, number(screen, impact->floor));
	return arena_printf(screen->arena,
			    "%s of %s hit; in service %s %s %s, floor %s%s%s%s", hit,
			    declared, number(screen, impact->capacity), arrow,
			    number(screen, impact->after), number(screen, impact->floor),
			    reserved, age, impact->below ? ": below the floor" : "");
}

static void put_impact(const struct screen *screen, struct layout *layout,
		       const struct impact *impact)
{
	bool bad = impact->below || (impact->source && !impact->capacity_known);
	enum style style = bad ? STYLE_RED : STYLE_GREEN;
	const char *name = impact->source ? impact->subsystem : "unmapped";

	layout_paragraph(layout, bad ? '!' : ' ', style, visible(screen, name),
			 bad ? STYLE_RED : STYLE_PLAIN, impact_text(screen, impact));
	if (impact->source && impact->capacity_known && layout->width &&
	    layout_room(layout) >= BAR_LEAST)
		layout_paragraph(layout, ' ', STYLE_PLAIN, "", style,
				 impact_bar(screen, layout, impact));
}

void screen_put_impacts(const struct screen *screen, struct layout *layout,
			const struct decision *decision)
{
	size_t shown = 0;

	if (decision->impact_count)
		layout_gap(layout);
	for (int below = 1; below >= 0; below--) {
		for (size_t i = 0; i < decision->impact_count; i++) {
			const struct impact *impact = &decision->impacts[i];

			if (impact->below != (below == 1))
				continue;
			if (shown++ < IMPACT_ROWS)
				put_impact(screen, layout, impact);
		}
	}
	if (shown > IMPACT_ROWS)
		layout_paragraph(layout, ' ', STYLE_DIM, "", STYLE_PLAIN,
				 arena_printf(screen->arena, "%s and %zu more subsystems",
					      layout_ellipsis(layout),
					      shown - IMPACT_ROWS));
}

/* ---- limits ---- */

static const char *place(const struct screen *screen, const struct reason *reason)
{
	if (!reason->file || !*reason->file)
		return "";
	return arena_printf(screen->arena, " (%s:%d)", visible(screen, reason->file),
			    reason->line);
}

static void put_reason(const struct screen *screen, struct layout *layout,
		       const struct reason *reason)
{
	static const enum style styles[] = {
		[VERDICT_ALLOW] = STYLE_GREEN,
		[VERDICT_CONFIRM] = STYLE_YELLOW,
		[VERDICT_APPROVE] = STYLE_YELLOW,
		[VERDICT_DENY] = STYLE_RED,
	};
	const char *text = visible(screen, reason->text), *at = place(screen, reason);
	const char *rule = visible(screen, reason->rule);

	if (!text || !at || !rule) {
		layout->failed = true;
		return;
	}
	layout_paragraph(
		layout, ' ', reason->observed ? STYLE_DIM : styles[reason->verdict],
		verdict_name(reason->verdict), reason->observed ? STYLE_DIM : STYLE_PLAIN,
		arena_printf(screen->arena, "%s%s: %s%s",
			     reason->observed ? "(observed only) " : "", rule, text, at));
}

void screen_put_reasons(const struct screen *screen, struct layout *layout,
			const struct decision *decision)
{
	size_t shown = 0;

	if (decision->reason_count && layout->length)
		layout_gap(layout);
	for (int observed = 0; observed <= 1; observed++) {
		for (int verdict = VERDICT_DENY; verdict >= VERDICT_ALLOW; verdict--) {
			for (size_t i = 0; i < decision->reason_count; i++) {
				const struct reason *reason = &decision->reasons[i];

				if (reason->observed != (observed == 1) ||
				    reason->verdict != (enum verdict)verdict)
					continue;
				if (shown++ < REASON_ROWS)
					put_reason(screen, layout, reason);
			}
		}
	}
	if (shown > REASON_ROWS)
		layout_paragraph(layout, ' ', STYLE_DIM, "", STYLE_PLAIN,
				 arena_printf(screen->arena,
					      "%s and %zu more limits: tally explain",
					      layout_ellipsis(layout),
					      shown - REASON_ROWS));
}

/* ---- what else ---- */

/* "at 14:20:05 (in 5 min 12 s)" */
static const char *when(const struct screen *screen, int64_t at)
{
	time_t local = (time_t)(at + screen->utc_offset);
	struct tm parts;
	char clock[32];

	if (!gmtime_r(&local, &parts))
		return NULL;
	strftime(clock, sizeof(clock),
		 screen->now && at - screen->now < 43200 ? "%H:%M:%S" : "%F %H:%M:%S",
		 &parts);
	if (!screen->now)
		return arena_printf(screen->arena, "at %s%s", clock,
				    screen->utc_offset ? "" : " UTC");
	return arena_printf(screen->arena, "at %s (in %s)", clock,
			    word_duration(screen->arena, at - screen->now));
}

static const char *room_text(const struct screen *screen, const struct reading *reading,
			     const struct decision *decision)
{
	const struct room *room = &decision->room;
	const char *unit = reading->unit ? visible(screen, reading->unit) : "target";
	const char *fits = visible_count(screen->arena, room->fits_now, unit);
	const char *next = room->next_at ? when(screen, room->next_at) : "";

	if (!fits || !next)
		return NULL;
	if (room->fits_now && room->next_at)
		return arena_printf(screen->arena, "%s would fit now, one more fits %s.",
				    fits, next);
	if (room->fits_now)
		return arena_printf(screen->arena, "%s would fit now.", fits);
	if (room->next_at)
		return arena_printf(screen->arena, "None fits now, the next one fits %s.",
				    next);
	return "None would fit now, and waiting does not change it.";
}

void screen_put_instead(const struct screen *screen, struct layout *layout,
			const struct reading *reading, const struct decision *decision)
{
	bool room = decision->room.known && decision->verdict == VERDICT_DENY;
	const char *text;

	if (decision->verdict < VERDICT_APPROVE)
		return;
	if (layout->length && layout->width)
		layout_gap(layout);
	if (room)
		layout_paragraph(layout, ' ', STYLE_DIM, "instead", STYLE_PLAIN,
				 room_text(screen, reading, decision));
	text = decision->count_known
		       ? "Name fewer targets, or take them in steps; "
			 "`tally explain -- COMMAND` shows what another line would do."
		       : "Name the targets, so that they can be counted; "
			 "`tally explain -- COMMAND` shows what another line would do.";
	if (decision->verdict == VERDICT_APPROVE)
		text = "Another person has to approve it; asking for that is not "
		       "available here. Fewer targets may do without: "
		       "`tally explain -- COMMAND`.";
	layout_paragraph(layout, ' ', STYLE_DIM, room ? "" : "instead", STYLE_PLAIN,
			 text);
}
