/*
 * fab: tasks of a fabfile on the hosts of -H, else on those that the task names itself. A task
 * is Python and may reach any machine, so its text is looked at: literal hosts of a Group or
 * Connection count, any other makes the line unknown. Sources: fab --help, fabric/main.py,
 * executor.py and tasks.py of Fabric 2.6.
 */
#include "reader.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct run {
	struct reader *reader;
	const struct hostset *set, *given; /* counted; those of -H or NULL */
	const char *problem;
	enum action action;
	bool irreversible;
};

/* [user@]host[:port] between commas; a blank stays part of the name, as fab has it. */
static const struct hostset *host_list(struct arena *arena, const char *text)
{
	const struct hostset *set = hostset_empty(arena);

	while (set && *text) {
		size_t length = strcspn(text, ","), rest = length;
		const char *at = memrchr(text, '@', length);
		const char *host = at ? at + 1 : text, *colon;

		rest -= (size_t)(host - text);
		colon = memchr(host, ':', rest);
		if (colon && !memchr(colon + 1, ':', rest - (size_t)(colon + 1 - host)))
			rest = (size_t)(colon - host);
		if (rest) {
			const struct hostset *one = hostset_name(arena, host, rest);

			set = one ? hostset_union(arena, set, one) : NULL;
		}
		text += length + (text[length] == ',');
	}
	return set;
}

static void heavier(struct run *run, enum action action)
{
	if (action > run->action)
		run->action = action;
}

/* What a task is called says what it is for, as nothing else on the line does. */
static void name_says(struct run *run, const char *task)
{
	static const struct {
		const char *part;
		enum action action;
	} parts[] = {
		{"restart", ACTION_RESTART},  {"reboot", ACTION_RESTART},
		{"reload", ACTION_RESTART},   {"stop", ACTION_STOP},
		{"shutdown", ACTION_STOP},    {"poweroff", ACTION_STOP},
		{"halt", ACTION_STOP},	      {"kill", ACTION_STOP},
		{"drain", ACTION_STOP},	      {"disable", ACTION_STOP},
		{"delete", ACTION_REMOVE},    {"destroy", ACTION_REMOVE},
		{"remove", ACTION_REMOVE},    {"purge", ACTION_REMOVE},
		{"drop", ACTION_REMOVE},      {"wipe", ACTION_REMOVE},
		{"uninstall", ACTION_REMOVE}, {"decommission", ACTION_REMOVE},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcasestr(task, parts[i].part))
			heavier(run, parts[i].action);
}

/* The texts between quotes: what is run, and `hosts` says whether they are hosts as well. */
static int quoted(struct run *run, const char *text, const char *end, bool hosts)
{
	while (text < end) {
		const char *close;
		char quote = *text;

		if (quote != '"' && quote != '\'') {
			text++;
			continue;
		}
		close = memchr(text + 1, quote, (size_t)(end - text - 1));
		if (!close)
			break;
		if (close > text + 1) {
			struct arena *arena = run->reader->arena;
			const char *one = arena_strndup(arena, text + 1,
							(size_t)(close - text - 1));
			const struct hostset *more;

			if (!one)
				return READ_FAULT;
			if (hosts) {
				more = host_list(arena, one);
				run->set = more ? hostset_union(arena, run->set, more)
						: NULL;
				if (!run->set)
					return READ_FAULT;
			} else {
				heavier(run, remote_action(arena, run->reader->actions,
							   one, &run->irreversible));
			}
		}
		text = close + 1;
	}
	return READ_DONE;
}

static bool only_literals(const char *text, const char *end)
{
	for (; text < end; text++) {
		if (*text == '"' || *text == '\'') {
			const char *close =
				memchr(text + 1, *text, (size_t)(end - text - 1));

			if (!close)
				return false;
			text = close;
		} else if (!strchr(", \t\n[]", *text)) {
			return false;
		}
	}
	return true;
}

/* Every Group(...) and Connection(...) of the text. */
static int own_hosts(struct run *run, const char *text, const char *end, bool *any)
{
	for (; text < end; text++) {
		const char *open = NULL, *close;
		int result;

		if (strncmp(text, "Group", 5) == 0)
			open = text + 5;
		else if (strncmp(text, "Connection", 10) == 0)
			open = text + 10;
		if (!open)
			continue;
		*any = true;
		close = *open == '(' ? memchr(open, ')', (size_t)(end - open)) : NULL;
		if (!close || !only_literals(open + 1, close)) {
			run->problem = "the task reaches hosts of its own";
			return READ_DONE;
		}
		result = quoted(run, open + 1, close, true);
		if (result != READ_DONE)
			return result;
	}
	return READ_DONE;
}

/* The definition of a task: from its decorator (or def) to the next text at the margin. */
static bool find_task(const char *text, const char *task, const char **start,
		      const char **body, const char **end)
{
	const char *decorator = NULL;
	size_t length = strlen(task);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		const char *name;

		line += *line == '\n';
		if (*line == '@')
			decorator = decorator ? decorator : line;
		if (strncmp(line, "def ", 4) != 0) {
			if (*line != '@' && *line != '\n' &&
			    !isspace((unsigned char)*line))
				decorator = NULL;
			continue;
		}
		name = line + 4;
		for (size_t i = 0;; i++) { /* the line has - where Python has _ */
			if (i == length && name[i] == '(') {
				*start = decorator ? decorator : line;
				*body = name + i;
				*end = strchr(*body, '\n');
				while (*end && (isspace((unsigned char)(*end)[1]) ||
						(*end)[1] == '#'))
					*end = strchr(*end + 1, '\n');
				if (!*end)
					*end = text + strlen(text);
				return true;
			}
			if (i == length ||
			    (name[i] != task[i] && !(name[i] == '_' && task[i] == '-')))
				break;
		}
		decorator = NULL;
	}
	return false;
}

static int one_task(struct run *run, const char *text, const char *task)
{
	const char *start, *body, *end, *hosts;
	bool any = false, uses;
	int result;

	name_says(run, task);
	if (!find_task(text, task, &start, &body, &end)) {
		run->problem = "the fabfile does not show what the task does";
		return READ_DONE;
	}
	result = quoted(run, body, end, false);
	if (result == READ_DONE)
		result = own_hosts(run, body, end, &any);
	if (result != READ_DONE || run->problem)
		return result;
	uses = memmem(body, (size_t)(end - body), "c.", 2) != NULL ||
	       memmem(body, (size_t)(end - body), "conn.", 5) != NULL ||
	       memmem(body, (size_t)(end - body), "ctx.", 4) != NULL;
	if (any && !uses)
		return READ_DONE;
	if (run->given) {
		run->set = hostset_union(run->reader->arena, run->set, run->given);
		return run->set ? READ_DONE : READ_FAULT;
	}
	hosts = memmem(start, (size_t)(body - start), "hosts=[", 7);
	if (hosts) {
		const char *close = memchr(hosts, ']', (size_t)(body - hosts));

		if (close && only_literals(hosts + 7, close))
			return quoted(run, hosts + 7, close, true);
	}
	run->problem = "no host is named on the line";
	return READ_DONE;
}

/* Code of other files, and what is done outside of tasks, cannot be seen here. */
static bool is_plain(const char *text)
{
	static const char *const known[] = {
		"from fabric ",	 "from invoke ",    "import fabric",   "import invoke",
		"import os",	 "import sys",	    "import re",       "import time",
		"import json",	 "import datetime", "from datetime ",  "from pathlib ",
		"import shutil", "import random",   "from __future__ "};

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		bool good = false;

		line += *line == '\n';
		if (strncmp(line, "import ", 7) != 0 && strncmp(line, "from ", 5) != 0) {
			good = isspace((unsigned char)*line) || *line == '@' ||
			       *line == '#' || !*line || strncmp(line, "def ", 4) == 0;
			/* a helper without a decorator may hide a Connection */
			if (!good &&
			    (strstr(line, "Connection(") || strstr(line, "Group(")))
				return false;
			continue;
		}
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && !good; i++)
			good = strncmp(line, known[i], strlen(known[i])) == 0;
		if (!good)
			return false;
	}
	return true;
}

static int tasks(struct run *run)
{
	const struct arguments *arguments = run->reader->arguments;
	const char *name = arguments_value(arguments, "-c");
	const char *root = arguments_value(arguments, "-r");
	const struct fact *fact;
	int result = READ_DONE;

	name = arena_printf(run->reader->arena, "%s%s%s.py", root ? root : "",
			    root ? "/" : "", name ? name : "fabfile");
	fact = name ? facts_file(run->reader->facts, name) : NULL;
	if (!name)
		return READ_FAULT;
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK || !is_plain(fact->data))
		run->problem = "the tasks cannot be read, which may reach other hosts";
	for (size_t i = 0; i < arguments->count && result == READ_DONE; i++) {
		const char *task = arguments->items[i].value, *place;

		if (arguments->items[i].option || arguments->items[i].unknown || !task)
			continue;
		if (run->problem)
			name_says(run, task);
		else if (!i || !arguments->items[i - 1].unknown ||
			 find_task(fact->data, task, &place, &place, &place))
			result = one_task(run, fact->data, task);
		/* else the value of an option of the task in front of it */
	}
	return result;
}

/* fab -H a,b -- CMD */
static int anonymous(struct run *run)
{
	const struct arguments *arguments = run->reader->arguments;
	char *text = arena_strdup(run->reader->arena, "");

	for (size_t i = 0; text && i < arguments->count; i++)
		if (arguments->items[i].behind_dashes)
			text = arena_printf(run->reader->arena, "%s %s", text,
					    arguments->items[i].value);
	if (!text)
		return READ_FAULT;
	heavier(run, remote_action(run->reader->arena, run->reader->actions, text,
				   &run->irreversible));
	if (run->given)
		run->set = hostset_union(run->reader->arena, run->set, run->given);
	return run->set ? READ_DONE : READ_FAULT;
}

int reader_fab(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	struct run run = {.reader = reader,
			  .set = hostset_empty(reader->arena),
			  .action = ACTION_RUN};
	const char *hosts = arguments_value(arguments, "-H");
	struct operation *operation;
	bool behind = false;
	int result;

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "-l") ||
	    arguments_has(arguments, "-V") || arguments_has(arguments, "-R") ||
	    arguments_has(arguments, "--print-completion-script"))
		return reader_nothing(reader, "host");
	if (arguments->refusal)
		return reader_unknown(reader, ACTION_RUN, "host", "%s",
				      arguments->refusal);
	for (size_t i = 0; i < arguments->count; i++)
		behind = behind || arguments->items[i].behind_dashes;
	if (hosts)
		run.given = host_list(reader->arena, hosts);
	if (!run.set || (hosts && !run.given))
		return READ_FAULT;
	if (!arguments_operands(arguments))
		return reader_nothing(reader, "host"); /* the list of tasks, or help */
	result = behind ? anonymous(&run) : tasks(&run);
	if (result != READ_DONE)
		return result;
	if (run.problem || hostset_is_empty(run.set))
		return reader_unknown(reader, run.action, "host", "%s",
				      run.problem ? run.problem : "no host is named");
	operation = reader_operation(reader, run.action, "host", run.set);
	if (!operation)
		return READ_FAULT;
	operation->irreversible = run.irreversible;
	return READ_DONE;
}
