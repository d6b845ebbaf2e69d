#include "audit_select.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arena.h"
#include "audit_read.h"
#include "hostset.h"
#include "syntax.h"

enum { SET_BYTES = 64 << 20 }; /* for one set of targets that is looked into */

/* ---- times ---- */

static bool ago(const char *text, int64_t *seconds)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"s", 1},	       {"sec", 1},	{"m", 60},	 {"min", 60},
		     {"h", 3600},      {"hour", 3600},	{"hours", 3600}, {"d", 86400},
		     {"day", 86400},   {"days", 86400}, {"w", 604800},	 {"week", 604800},
		     {"weeks", 604800}};
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	number = strtoul(text, &end, 10);
	while (*end == ' ')
		end++;
	if (number > 1000000)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		*seconds = (int64_t)number * units[i].seconds;
		return true;
	}
	return false;
}

static bool calendar(const char *text, int64_t now, int64_t *seconds)
{
	static const char *const formats[] = {"%Y-%m-%d %H:%M:%S",
					      "%Y-%m-%dT%H:%M:%S",
					      "%Y-%m-%d %H:%M",
					      "%Y-%m-%dT%H:%M",
					      "%Y-%m-%d",
					      "%H:%M:%S",
					      "%H:%M"};
	time_t today = (time_t)now;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct tm local;
		const char *end;
		bool utc;

		if (!localtime_r(&today, &local))
			return false;
		local.tm_hour = local.tm_min = local.tm_sec = 0;
		local.tm_isdst = -1;
		end = strptime(text, formats[i], &local);
		if (!end)
			continue;
		/* Fractions, as they stand in the records. */
		if (*end == '.')
			end += 1 + strspn(end + 1, "0123456789");
		utc = strcmp(end, "Z") == 0;
		if (*end && !utc)
			continue;
		*seconds = utc ? (int64_t)timegm(&local) : (int64_t)mktime(&local);
		return *seconds >= 0;
	}
	return false;
}

int audit_when(const char *text, int64_t now, int64_t *seconds, struct fault *fault)
{
	int64_t before;

	if (ago(text, &before)) {
		*seconds = now > before ? now - before : 0;
		return 0;
	}
	if (strcmp(text, "today") == 0)
		text = "00:00";
	if (calendar(text, now, seconds))
		return 0;
	return fault_set(fault,
			 "\"%.100s\" is no time, expected \"10 min\", \"3 days\" (ago), "
			 "\"14:30\", \"2026-11-24\", \"2026-11-24 14:30\"",
			 text);
}

/* ---- records ---- */

int audit_selection_start(struct audit_selection *selection,
			  const struct audit_filter *filter)
{
	selection->filter = filter;
	selection->events = json_object();
	return selection->events ? 0 : -1;
}

void audit_selection_end(struct audit_selection *selection)
{
	json_decref(selection->events);
	selection->events = NULL;
}

static bool is_text(const json_t *value, const char *text)
{
	const char *found = json_string_value(value);

	return found && strcmp(found, text) == 0;
}

bool audit_is_end(const json_t *record)
{
	const char *action = audit_get(record, "event.action");

	return strcmp(action, "command-ended") == 0 ||
	       strcmp(action, "command-not-executed") == 0;
}

bool audit_is_held(const json_t *record)
{
	const json_t *types = audit_find(record, "event.type");
	const json_t *type;
	size_t i;

	json_array_foreach(types, i, type)
	{
		if (is_text(type, "denied"))
			return true;
	}
	return false;
}

static bool same(const char *wanted, const json_t *record, const char *path)
{
	return !wanted || strcmp(wanted, audit_get(record, path)) == 0;
}

static bool has_user(const char *wanted, const json_t *record)
{
	return same(wanted, record, "user.name") || same(wanted, record, "user.id") ||
	       same(wanted, record, "user.effective.name");
}

/* Whether one host is among the targets: looked up in the set, which stays folded. */
static bool has_host(const char *host, const json_t *record)
{
	const char *folded = audit_get(record, "tallygate.targets.folded");
	const json_t *hosts = audit_find(record, "related.hosts"), *name;
	const json_t *cut = audit_find(record, "tallygate.cut");
	const struct hostset *set;
	struct arena *arena;
	struct fault fault;
	bool found;
	size_t i;

	json_array_foreach(hosts, i, name)
	{
		if (is_text(name, host))
			return true;
	}
	if (!*folded)
		return false;
	/* Not all of a very large set is recorded: it may well have been in it. */
	json_array_foreach(cut, i, name)
	{
		if (is_text(name, "tallygate.targets.folded"))
			return true;
	}
	arena = arena_new(SET_BYTES);
	set = arena ? syntax_folded(arena, folded, &fault) : NULL;
	found = set && hostset_contains(set, host, strlen(host));
	arena_free(arena);
	return found;
}

static bool wanted(const struct audit_filter *filter, const json_t *record)
{
	int64_t at = audit_time(record);

	if ((filter->since && at < filter->since) ||
	    (filter->until && at > filter->until))
		return false;
	if (filter->held && !audit_is_held(record))
		return false;
	if (filter->user && !has_user(filter->user, record))
		return false;
	return same(filter->tool, record, "tallygate.tool") &&
	       same(filter->action, record, "tallygate.action") &&
	       same(filter->verdict, record, "tallygate.verdict") &&
	       same(filter->event, record, "event.id") &&
	       (!filter->host || has_host(filter->host, record));
}

bool audit_selected(struct audit_selection *selection, const json_t *record)
{
	const char *event = audit_get(record, "event.id");

	if (audit_is_end(record))
		/* There is one end only: what is not kept any longer costs no memory. */
		return *event && json_object_del(selection->events, event) == 0;
	if (!wanted(selection->filter, record))
		return false;
	if (*event)
		json_object_set_new(selection->events, event, json_true());
	return true;
}
