#include "audit_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit_read.h"
#include "audit_select.h"
#include "layout.h"
#include "visible.h"

enum { INDENT = 4, NARROW = 90, TARGETS = 24, COMMAND_LINES = 3 };

struct page {
	struct arena *arena;
	const struct audit_look *look;
	char *text;
	bool failed;
};

static const struct word {
	const char *action, *word, *colour;
} words[] = {
	{"command-read", "read", "\033[2m"},
	{"command-granted", "part", "\033[2m"},
	{"command-allowed", "allowed", "\033[32m"},
	{"command-confirmed", "confirmed", "\033[33m"},
	{"command-denied", "denied", "\033[1;31m"},
	{"command-declined", "declined", "\033[31m"},
	{"command-failed", "failed", "\033[1;31m"},
	{"command-not-executed", "no exec", "\033[31m"},
	{"command-ended", "ended", "\033[2m"},
	{"log-recovered", "torn", "\033[1;31m"},
	{"log-continued", "rotated", "\033[2m"},
};

const char *audit_fit(struct arena *arena, const struct audit_look *look,
		      const char *text, unsigned columns)
{
	const char *ellipsis = look->utf8 ? "\u2026" : "...";
	const char *visible = visible_text(arena, text, look->utf8);
	size_t room = columns > 3 ? columns - (look->utf8 ? 1 : 3) : 1, used = 0,
	       width = 0;

	if (!visible || !columns || visible_width(visible, strlen(visible)) <= columns)
		return visible;
	while (visible[used]) {
		size_t step = visible_step(visible + used);
		size_t more = visible_width(visible + used, step);

		if (width + more > room)
			break;
		width += more;
		used += step;
	}
	return arena_printf(arena, "%.*s%s", (int)used, visible, ellipsis);
}

/* ---- lines ---- */

__attribute__((format(printf, 2, 3))) static void put(struct page *page,
						      const char *format, ...)
{
	const char *more;
	va_list args;

	va_start(args, format);
	more = arena_vprintf(page->arena, format, args);
	va_end(args);
	if (more && page->text)
		more = arena_printf(page->arena, "%s%s", page->text, more);
	if (!more)
		page->failed = true;
	page->text = (char *)more;
}

static void put_line(struct page *page, unsigned indent, const char *text)
{
	unsigned width = page->look->width;
	const char *shown;

	shown = audit_fit(page->arena, page->look, text, width ? width - indent : 0);
	put(page, "%*s%s\n", (int)indent, "", shown ? shown : "");
	page->failed |= !shown;
}

/* ---- the pieces ---- */

static const struct word *word_of(const json_t *record)
{
	static const struct word unknown = {"", "?", ""};
	const char *action = audit_get(record, "event.action");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].action, action) == 0)
			return &words[i];
	return &unknown;
}

static const char *time_of(struct page *page, const json_t *record)
{
	time_t at = (time_t)audit_time(record);
	char text[32];
	struct tm local;

	if (at < 0 || !localtime_r(&at, &local) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local))
		return "?";
	return arena_strdup(page->arena, text);
}

/* "stop 400 hosts", "read", "stop an unknown number of hosts". */
static const char *deed(struct page *page, const json_t *record)
{
	const char *action = audit_get(record, "tallygate.action");
	const char *unit = audit_get(record, "tallygate.targets.unit"), *count;
	int64_t number = audit_get_number(record, "tallygate.targets.count", -1);

	if (!*action)
		return "";
	if (!*unit)
		unit = "target";
	if (number >= 0) {
		count = visible_count(page->arena, (unsigned long long)number, unit);
		return count ? arena_printf(page->arena, "%s %s", action, count) : NULL;
	}
	if (strcmp(action, "read") == 0)
		return action;
	count = visible_plural(page->arena, unit);
	return count ? arena_printf(page->arena, "%s an unknown number of %s", action,
				    count)
		     : NULL;
}

static const char *duration(struct page *page, const json_t *record)
{
	int64_t ms = audit_get_number(record, "event.duration", -1) / 1000000;

	if (audit_get_number(record, "event.duration", -1) < 0)
		return "";
	if (ms < 10000)
		return arena_printf(page->arena, " after %" PRId64 ".%" PRId64 " s",
				    ms / 1000, ms % 1000 / 100);
	if (ms < 600000)
		return arena_printf(page->arena, " after %" PRId64 " s", ms / 1000);
	return arena_printf(page->arena, " after %" PRId64 " min", ms / 60000);
}

static const char *end_text(struct page *page, const json_t *record)
{
	const char *tool = audit_get(record, "tallygate.tool");
	const char *signal = audit_get(record, "tallygate.signal");
	const char *after = duration(page, record);
	int64_t status = audit_get_number(record, "process.exit_code", -1);
	int64_t pid = audit_get_number(record, "process.pid", 0);
	const char *how = *signal ? signal : "status not known";

	if (!*signal && status >= 0)
		how = arena_printf(page->arena, "status %" PRId64, status);
	if (!after || !how)
		return NULL;
	return arena_printf(page->arena, "%s (pid %" PRId64 "): %s%s", tool, pid, how,
			    after);
}

/* What the record is about, behind time, user and verdict. */
static const char *subject(struct page *page, const json_t *record)
{
	const char *tool = audit_get(record, "tallygate.tool"), *done;

	if (strcmp(audit_get(record, "event.action"), "command-ended") == 0)
		return end_text(page, record);
	if (!*tool)
		return audit_get(record, "event.reason");
	done = deed(page, record);
	return done ? arena_printf(page->arena, "%s %s", tool, done) : NULL;
}

/* ---- the whole of it ---- */

static void put_head(struct page *page, const json_t *record)
{
	const struct audit_look *look = page->look;
	const char *when = time_of(page, record), *about = subject(page, record);
	const char *user = audit_get(record, "user.name");
	const char *targets = audit_get(record, "tallygate.targets.folded");
	const struct word *word = word_of(record);
	bool narrow = look->width && look->width < NARROW;
	unsigned room, used;

	user = audit_fit(page->arena, look, user, narrow ? 12 : 16);
	about = about ? visible_text(page->arena, about, look->utf8) : NULL;
	if (!when || !about || !user) {
		page->failed = true;
		return;
	}
	put(page, "%s  %-8s  %s%-9s%s", when, user, look->colour ? word->colour : "",
	    word->word, look->colour ? "\033[0m" : "");
	used = 19 + 2 + 8 + 2 + 9;
	put(page, narrow ? "\n%*s" : "%*s", narrow ? INDENT : 2, "");
	used = narrow ? INDENT : used + 2;
	about = audit_fit(page->arena, look, about,
			  look->width > used + 8 ? look->width - used : 0);
	put(page, "%s", about ? about : "");
	used += about ? (unsigned)visible_width(about, strlen(about)) : 0;
	if (*targets && (!look->width || look->width >= used + TARGETS)) {
		room = look->width ? look->width - used - 2 : 0;
		targets = audit_fit(page->arena, look, targets, room);
		put(page, "  %s\n", targets ? targets : "");
		page->failed |= !targets;
		return;
	}
	put(page, "\n");
	if (*targets)
		put_line(page, INDENT, targets);
}

static bool says_why(const json_t *record)
{
	return audit_is_held(record) ||
	       strcmp(audit_get(record, "event.action"), "command-not-executed") == 0;
}

/* The command line: both ends of it say more than its middle. */
static void put_command(struct page *page, struct layout *layout, const char *line)
{
	const char *visible = visible_text(page->arena, line, page->look->utf8);

	if (page->look->width)
		layout_ends(layout, "command", visible, COMMAND_LINES);
	else
		layout_paragraph(layout, ' ', STYLE_DIM, "command", STYLE_STRONG,
				 visible);
}

static void put_why(struct page *page, struct layout *layout, const json_t *record)
{
	const char *rule = audit_get(record, "rule.name");
	const char *why = audit_get(record, "event.reason");

	if (*rule && strcmp(audit_get(record, "event.action"), "command-denied") == 0)
		why = arena_printf(page->arena, "%s: %s", rule, why);
	why = why ? visible_text(page->arena, why, page->look->utf8) : NULL;
	layout_paragraph(layout, ' ', STYLE_DIM, "why", STYLE_YELLOW, why);
}

const char *audit_show(struct arena *arena, const struct audit_look *look,
		       const json_t *record)
{
	struct page page = {.arena = arena, .look = look};
	struct layout layout = {.arena = arena,
				.width = look->width,
				.colour = look->colour,
				.utf8 = look->utf8};
	const char *line = audit_get(record, "process.command_line");

	put_head(&page, record);
	if (*line && !audit_is_end(record))
		put_command(&page, &layout, line);
	if (says_why(record))
		put_why(&page, &layout, record);
	line = layout_text(&layout);
	put(&page, "%s", line ? line : "");
	return page.failed || !line ? NULL : page.text;
}
