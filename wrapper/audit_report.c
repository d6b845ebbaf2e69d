#include "audit_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit_read.h"
#include "audit_select.h"
#include "visible.h"

static const struct column {
	const char *action, *name, *title;
} columns[] = {
	{"command-read", "read", "reads"},
	{"command-granted", "granted", "parts"},
	{"command-allowed", "allowed", "allowed"},
	{"command-confirmed", "confirmed", "confirmed"},
	{"command-denied", "denied", "denied"},
	{"command-declined", "declined", "declined"},
	{"command-failed", "failed", "failed"},
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

int audit_report_start(struct audit_report *report)
{
	report->root = json_pack("{s:i, s:s, s:s, s:{}, s:{}, s:{}, s:i, s:i}", "records",
				 0, "from", "", "to", "", "users", "tools", "rules",
				 "ended", 0, "ended_badly", 0);
	return report->root ? 0 : -1;
}

void audit_report_end(struct audit_report *report)
{
	json_decref(report->root);
	report->root = NULL;
}

static int add(json_t *object, const char *name, int64_t more)
{
	int64_t before = json_integer_value(json_object_get(object, name));
	int64_t sum;

	if (__builtin_add_overflow(before, more, &sum))
		sum = INT64_MAX;
	return json_object_set_new(object, name, json_integer(sum));
}

/* Adds the record to the row `name` of a table. */
static int add_row(json_t *table, const char *name, const char *column, int64_t targets)
{
	json_t *row = json_object_get(table, name);

	if (!row) {
		if (json_object_set_new(table, name, json_object()) < 0)
			return -1;
		row = json_object_get(table, name);
	}
	if (add(row, "commands", 1) < 0 || add(row, column, 1) < 0)
		return -1;
	/* What was held back was not touched, and a read touches nothing. */
	if (strcmp(column, "allowed") == 0 || strcmp(column, "confirmed") == 0)
		return targets < 0 ? add(row, "unknown", 1)
				   : add(row, "targets", targets);
	return 0;
}

static const char *column_of(const json_t *record)
{
	const char *action = audit_get(record, "event.action");

	for (size_t i = 0; i < COLUMNS; i++)
		if (strcmp(columns[i].action, action) == 0)
			return columns[i].name;
	return NULL;
}

static int add_rules(json_t *table, const json_t *record)
{
	const json_t *reasons = audit_find(record, "tallygate.reasons"), *reason;
	size_t i;

	json_array_foreach(reasons, i, reason)
	{
		const char *name = audit_get(reason, "rule");
		const char *verdict = audit_get(reason, "verdict");
		bool observed = json_is_true(json_object_get(reason, "observed"));
		json_t *row = json_object_get(table, name);

		if (!row && (json_object_set_new(table, name, json_object()) < 0 ||
			     !(row = json_object_get(table, name))))
			return -1;
		if (add(row, "spoke", 1) < 0 ||
		    add(row, observed ? "observed" : verdict, 1) < 0)
			return -1;
	}
	return 0;
}

int audit_report_add(struct audit_report *report, const json_t *record)
{
	json_t *root = report->root;
	const char *column = column_of(record), *time = audit_get(record, "@timestamp");
	int64_t targets = audit_get_number(record, "tallygate.targets.count", -1);
	const char *user = audit_get(record, "user.name");
	const char *tool = audit_get(record, "tallygate.tool");

	if (add(root, "records", 1) < 0 ||
	    json_object_set_new(root, "to", json_string(time)) < 0)
		return -1;
	if (!*audit_get(root, "from") &&
	    json_object_set_new(root, "from", json_string(time)) < 0)
		return -1;
	if (strcmp(audit_get(record, "event.action"), "command-ended") == 0) {
		if (strcmp(audit_get(record, "event.outcome"), "failure") == 0 &&
		    add(root, "ended_badly", 1) < 0)
			return -1;
		return add(root, "ended", 1);
	}
	if (!column)
		return 0;
	if (add_row(json_object_get(root, "users"), *user ? user : "?", column, targets) <
		    0 ||
	    add_row(json_object_get(root, "tools"), *tool ? tool : "?", column, targets) <
		    0)
		return -1;
	return add_rules(json_object_get(root, "rules"), record);
}

/* ---- as tables ---- */

struct row {
	const char *name;
	const json_t *counts;
	int64_t total;
};

static int by_total(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->total != right->total)
		return left->total > right->total ? -1 : 1;
	return strcmp(left->name, right->name);
}

static struct row *sorted(struct arena *arena, json_t *table, const char *total,
			  size_t *count)
{
	struct row *rows = arena_array(arena, json_object_size(table) + 1, sizeof(*rows));
	const char *name;
	json_t *counts;

	*count = 0;
	if (!rows)
		return NULL;
	json_object_foreach(table, name, counts)
	{
		rows[(*count)++] =
			(struct row){name, counts, audit_get_number(counts, total, 0)};
	}
	qsort(rows, *count, sizeof(*rows), by_total);
	return rows;
}

static const char *number(struct arena *arena, const json_t *counts, const char *name)
{
	int64_t value = audit_get_number(counts, name, 0);

	return value ? arena_printf(arena, "%" PRId64, value) : "-";
}

static const char *strong(const struct audit_look *look)
{
	return look->colour ? "\033[1m" : "";
}

static const char *plain(const struct audit_look *look)
{
	return look->colour ? "\033[0m" : "";
}

/* Users or tools. On a narrow screen each row is a list: only what is not 0. */
static char *put_rows(struct arena *arena, const struct audit_look *look, char *text,
		      const char *title, json_t *table)
{
	bool narrow = look->width && look->width < 100;
	size_t count;
	struct row *rows = sorted(arena, table, "commands", &count);

	if (!rows || !text)
		return NULL;
	text = arena_printf(arena, "%s\n%s%-16s%s", text, strong(look), title,
			    narrow ? "" : "  commands");
	for (size_t i = 0; text && !narrow && i < COLUMNS; i++)
		text = arena_printf(arena, "%s %9s", text, columns[i].title);
	text = text ? arena_printf(arena, "%s%s%s\n", text, narrow ? "" : "   targets",
				   plain(look))
		    : NULL;
	for (size_t r = 0; text && r < count; r++) {
		const struct row *row = &rows[r];
		const char *name = audit_fit(arena, look, row->name, 16);

		text = arena_printf(arena, "%s%-16s %9" PRId64, text, name ? name : "?",
				    row->total);
		for (size_t i = 0; text && i < COLUMNS; i++) {
			int64_t value = audit_get_number(row->counts, columns[i].name, 0);

			if (!narrow)
				text = arena_printf(
					arena, "%s %9s", text,
					number(arena, row->counts, columns[i].name));
			else if (value)
				text = arena_printf(arena, "%s, %" PRId64 " %s", text,
						    value, columns[i].title);
		}
		if (!text)
			return NULL;
		text = narrow ? arena_printf(arena, "%s\n", text)
			      : arena_printf(arena, "%s %9s\n", text,
					     number(arena, row->counts, "targets"));
	}
	return text;
}

static char *put_rules(struct arena *arena, const struct audit_look *look, char *text,
		       json_t *table)
{
	static const char *const verdicts[] = {"deny", "approve", "confirm", "observed"};
	size_t count;
	struct row *rows = sorted(arena, table, "spoke", &count);

	if (!rows || !text || !count)
		return rows ? text : NULL;
	text = arena_printf(arena, "%s\n%slimits that spoke%s\n", text, strong(look),
			    plain(look));
	for (size_t r = 0; text && r < count; r++) {
		const char *name = audit_fit(arena, look, rows[r].name, 30);
		const char *comma = "";

		text = arena_printf(arena, "%s%-30s ", text, name ? name : "?");
		for (size_t i = 0; text && i < 4; i++) {
			int64_t value = audit_get_number(rows[r].counts, verdicts[i], 0);

			if (!value)
				continue;
			text = arena_printf(arena, "%s%s %" PRId64 " %s", text, comma,
					    value, verdicts[i]);
			comma = ",";
		}
		text = text ? arena_printf(arena, "%s\n", text) : NULL;
	}
	return text;
}

const char *audit_report_text(struct arena *arena, const struct audit_look *look,
			      const struct audit_report *report)
{
	const json_t *root = report->root;
	int64_t ended = audit_get_number(root, "ended", 0);
	const char *from = visible_text(arena, audit_get(root, "from"), look->utf8);
	const char *to = visible_text(arena, audit_get(root, "to"), look->utf8);
	const char *records = visible_count(
		arena, (unsigned long long)audit_get_number(root, "records", 0),
		"record");
	char *text;

	if (!records || !from || !to)
		return NULL;
	if (!*from)
		return arena_strdup(arena, "no records\n");
	text = arena_printf(arena, "%s, %s to %s\n", records, from, to);
	if (ended && text)
		text = arena_printf(arena,
				    "%s%" PRId64 " commands have ended, %" PRId64
				    " of them with an error\n",
				    text, ended,
				    audit_get_number(root, "ended_badly", 0));
	text = put_rows(arena, look, text, "user", json_object_get(root, "users"));
	text = put_rows(arena, look, text, "tool", json_object_get(root, "tools"));
	return put_rules(arena, look, text, json_object_get(root, "rules"));
}
