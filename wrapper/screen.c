#include "screen.h"

#include <stdio.h>
#include <string.h>

#include "layout.h"
#include "screen_parts.h"
#include "target_text.h"
#include "terminal.h"
#include "visible.h"

enum {
	SUMMARY_COLUMNS = 60, /* of the targets behind the first sentence */
	COMMAND_LINES = 3,
};

struct layout screen_layout(const struct screen *screen)
{
	return (struct layout){
		.arena = screen->arena,
		.width = screen->width,
		.colour = screen->colour,
		.utf8 = screen->utf8,
	};
}

/* "would stop", and with nothing but a unit behind it a whole sentence. */
static const char *would(enum action action)
{
	static const char *const phrases[] = {
		[ACTION_READ] = "would only read",
		[ACTION_RESTORE] = "would bring back",
		[ACTION_RUN] = "would run a command on",
		[ACTION_CONFIG] = "would configure",
		[ACTION_RESTART] = "would restart",
		[ACTION_STOP] = "would stop",
		[ACTION_SCALE] = "would scale",
		[ACTION_REMOVE] = "would remove",
	};

	return phrases[action];
}

const char *screen_units(const struct screen *screen, const struct reading *reading)
{
	return visible_plural(screen->arena, reading->unit ? reading->unit : "target");
}

/* Targets of all operations but reads together; NULL in *set when some are unknown. */
static int targets_of(const struct screen *screen, const struct reading *reading,
		      const struct hostset **set)
{
	*set = hostset_empty(screen->arena);
	for (size_t i = 0; *set && i < reading->count; i++) {
		const struct operation *operation = &reading->operations[i];

		if (operation->action == ACTION_READ)
			continue;
		if (!operation->targets) {
			*set = NULL;
			return 0;
		}
		*set = hostset_union(screen->arena, *set, operation->targets);
	}
	return *set ? 0 : -1;
}

static bool is_everything(const struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++)
		if (reading->operations[i].everything)
			return true;
	return false;
}

const char *screen_summary(const struct screen *screen, const struct reading *reading,
			   const struct decision *decision)
{
	const char *tool = visible_text(screen->arena, reading->tool, screen->utf8);
	const char *unit = reading->unit ? reading->unit : "target", *number;
	const char *everything = is_everything(reading) ? "everything, " : "";
	struct layout layout = screen_layout(screen);
	const struct hostset *set;
	const char *targets;

	if (!tool)
		return NULL;
	if (reading->refused || reading->count == 0)
		return arena_printf(screen->arena, "%s would touch nothing", tool);
	if (!decision->count_known) {
		number = visible_plural(screen->arena, unit);
		return number ? arena_printf(screen->arena,
					     "%s %s an unknown number of %s", tool,
					     would(reading->action), number)
			      : NULL;
	}
	number = visible_count(screen->arena, decision->count, unit);
	if (!number || targets_of(screen, reading, &set) < 0)
		return NULL;
	if (!set || hostset_is_empty(set))
		return arena_printf(screen->arena, "%s %s %s%s", tool,
				    would(reading->action), everything, number);
	targets = target_text(&layout, set, SUMMARY_COLUMNS);
	return targets ? arena_printf(screen->arena, "%s %s %s%s (%s)", tool,
				      would(reading->action), everything, number, targets)
		       : NULL;
}

static void put_command(const struct screen *screen, struct layout *layout,
			const struct command *command)
{
	layout_ends(layout, "command",
		    visible_command(screen->arena, command->argv, screen->secrets,
				    screen->utf8),
		    COMMAND_LINES);
}

static void put_environment(const struct screen *screen, struct layout *layout,
			    const struct reading *reading)
{
	if (reading->environment)
		layout_paragraph(
			layout, ' ', STYLE_DIM, "in", STYLE_YELLOW,
			visible_text(screen->arena, reading->environment, screen->utf8));
}

const char *screen_full(const struct screen *screen, const struct command *command,
			const struct reading *reading, const struct decision *decision)
{
	static const struct {
		const char *word;
		enum style style;
	} heads[] = {
		[VERDICT_ALLOW] = {"allowed", STYLE_GREEN},
		[VERDICT_CONFIRM] = {"to be confirmed", STYLE_YELLOW},
		[VERDICT_APPROVE] = {"needs a second person", STYLE_YELLOW},
		[VERDICT_DENY] = {"denied", STYLE_RED},
	};
	struct layout layout = screen_layout(screen);
	const char *summary = screen_summary(screen, reading, decision);

	if (!summary)
		return NULL;
	layout_line(&layout, heads[decision->verdict].style,
		    arena_printf(screen->arena, "tallygate: %s: %s",
				 heads[decision->verdict].word, summary));
	layout_gap(&layout);
	put_command(screen, &layout, command);
	put_environment(screen, &layout, reading);
	screen_put_operations(screen, &layout, reading, decision);
	screen_put_impacts(screen, &layout, decision);
	screen_put_reasons(screen, &layout, decision);
	screen_put_instead(screen, &layout, reading, decision);
	return layout_text(&layout);
}

const char *screen_blind(const struct screen *screen, const struct command *command,
			 const struct reading *reading)
{
	struct layout layout = screen_layout(screen);
	const char *tool = visible_text(screen->arena, reading->tool, screen->utf8);
	const char *units = screen_units(screen, reading);

	if (!tool || !units)
		return NULL;
	layout_line(&layout, STYLE_YELLOW,
		    arena_printf(screen->arena, "tallygate: %s %s %s", tool,
				 would(reading->action), units));
	layout_gap(&layout);
	put_command(screen, &layout, command);
	put_environment(screen, &layout, reading);
	if (is_everything(reading))
		layout_paragraph(&layout, '!', STYLE_YELLOW, "targets", STYLE_YELLOW,
				 "everything");
	layout_gap(&layout);
	return layout_text(&layout);
}

const char *screen_short(const struct screen *screen, const char *outcome,
			 const struct reading *reading, const struct decision *decision)
{
	const char *summary = screen_summary(screen, reading, decision);
	struct layout layout = screen_layout(screen);
	const char *text;

	if (!summary)
		return NULL;
	screen_put_reasons(screen, &layout, decision);
	screen_put_instead(screen, &layout, reading, decision);
	text = layout_text(&layout);
	return text ? arena_printf(screen->arena, "tallygate: %s: %s\n%s", outcome,
				   summary, text)
		    : NULL;
}

const char *screen_explain(struct arena *arena, const struct command *command,
			   const struct reading *reading, const struct decision *decision,
			   unsigned width, bool colour)
{
	const struct screen screen = {
		.arena = arena,
		.width = width,
		.colour = colour,
		.utf8 = terminal_utf8(command->env),
	};

	return screen_full(&screen, command, reading, decision);
}
