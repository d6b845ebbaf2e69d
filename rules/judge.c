#include "judge.h"

#include <fnmatch.h>
#include <string.h>

#include "action_table.h"
#include "identify.h"
#include "reader.h"
#include "remote_command.h"
#include "tool.h"
#include "tool_index.h"
#include "transport.h"

struct rules {
	struct arena *arena; /* rules live as long as it does */
	const char *const *directories;
	struct action_table *actions;
	struct tool_index index;
	bool indexed;
	struct loaded {
		struct loaded *next;
		struct tool *tool;
	} * loaded;
};

enum { MAX_DEPTH = 8 };

int rules_open(struct arena *arena, const char *const *directories, struct rules **rules,
	       struct fault *fault)
{
	*rules = arena_alloc(arena, sizeof(**rules));
	if (!*rules)
		return fault_set(fault, "out of memory while the rules were opened");
	(*rules)->arena = arena;
	(*rules)->directories = directories;
	return action_table_open(arena, directories, &(*rules)->actions, fault);
}

static int open_index(struct rules *rules, struct fault *fault)
{
	if (rules->indexed)
		return 0;
	if (tool_index_load(rules->arena, rules->directories, &rules->index, fault) < 0)
		return -1;
	rules->indexed = true;
	return 0;
}

int rules_use_only(struct rules *rules, const struct tool_program *program)
{
	struct tool_program *copy = arena_alloc(rules->arena, sizeof(*copy));

	if (!copy)
		return -1;
	*copy = *program;
	rules->index.programs = copy;
	rules->index.count = 1;
	rules->indexed = true;
	return 0;
}

int rules_add_tool(struct rules *rules, const char *path, struct fault *fault)
{
	if (open_index(rules, fault) < 0)
		return -1;
	return tool_index_add(rules->arena, path, &rules->index, fault);
}

static struct tool *open_tool(struct rules *rules, const struct tool_program *program,
			      struct fault *fault)
{
	struct loaded *entry;

	for (entry = rules->loaded; entry; entry = entry->next)
		if (strcmp(entry->tool->file, program->description) == 0)
			return entry->tool;
	entry = arena_alloc(rules->arena, sizeof(*entry));
	if (!entry) {
		fault_set(fault, "out of memory while %s was read", program->description);
		return NULL;
	}
	if (tool_load(rules->arena, program->description, &entry->tool, fault) < 0)
		return NULL;
	entry->next = rules->loaded;
	rules->loaded = entry;
	return entry->tool;
}

int rules_load_all(struct rules *rules, struct fault *fault)
{
	if (open_index(rules, fault) < 0)
		return -1;
	for (size_t i = 0; i < rules->index.count; i++)
		if (!open_tool(rules, &rules->index.programs[i], fault))
			return -1;
	action_table_list(rules->actions);
	return action_table_check(rules->actions, fault);
}

struct rules *rules_restricted(struct arena *arena, const struct rules *rules,
			       const char *program, const char *tool, bool *known)
{
	struct tool_program only = {.program = program, .tool = tool};
	struct rules *copy;

	for (size_t i = 0; i < rules->index.count && !only.description; i++)
		if (strcmp(rules->index.programs[i].tool, tool) == 0)
			only.description = rules->index.programs[i].description;
	*known = only.description != NULL;
	copy = *known ? arena_alloc(arena, sizeof(*copy)) : NULL;
	if (!copy)
		return NULL;
	*copy = *rules;
	copy->arena = arena;
	return rules_use_only(copy, &only) < 0 ? NULL : copy;
}

/* ---- options and subcommands ---- */

struct walk {
	struct reader *reader;
	struct option_set sets[MAX_DEPTH + 1];
	size_t set_count;
	struct arguments *arguments;
};

static const struct verb *find_verb(const struct verb *verbs, size_t count,
				    const char *word)
{
	for (size_t i = 0; i < count; i++)
		for (const char *const *name = verbs[i].names; *name; name++)
			if (strcmp(*name, word) == 0)
				return &verbs[i];
	return NULL;
}

static bool is_prefix(const struct tool *tool, const char *word)
{
	for (const char *const *p = tool->prefixes; p && *p; p++)
		if (strcmp(*p, word) == 0)
			return true;
	return false;
}

static int parse_line(struct walk *walk)
{
	struct reader *reader = walk->reader;
	const struct tool *tool = reader->tool;
	const struct command *command = reader->command;
	const struct verb *verbs = tool->verbs;
	size_t count = tool->verb_count, at = 1;
	struct option_style style;
	char *path = arena_strdup(reader->arena, "");

	walk->sets[walk->set_count++] = tool->section.options;
	while (count && path) {
		size_t operand;
		const struct verb *verb;

		if (options_parse(reader->arena, &tool->style, walk->sets,
				  walk->set_count, command->argv, command->argc, at,
				  &operand, walk->arguments) < 0)
			return -1;
		at = operand;
		if (at >= command->argc)
			break;
		if (reader->verb == NULL && is_prefix(tool, command->argv[at])) {
			at++;
			continue;
		}
		verb = find_verb(verbs, count, command->argv[at]);
		if (!verb)
			break;
		reader->verb_word = command->argv[at++];
		reader->verb = verb;
		path = arena_printf(reader->arena, "%s%s%s", path, *path ? " " : "",
				    verb->names[0]);
		if (walk->set_count <= MAX_DEPTH)
			walk->sets[walk->set_count++] = verb->section.options;
		verbs = verb->verbs;
		count = verb->verb_count;
	}
	if (!path)
		return -1;
	reader->verb_path = path;
	style = tool->style;
	if (reader->verb && reader->verb->section.stop_at_operand)
		style.stop_at_operand = true;
	return options_parse(reader->arena, &style, walk->sets, walk->set_count,
			     command->argv, command->argc, at, NULL, walk->arguments);
}

/* The heaviest action and the unit that holds for all operations. */
static void sum_up(struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++) {
		const struct operation *operation = &reading->operations[i];

		if (i == 0 || operation->action > reading->action)
			reading->action = operation->action;
		if (!reading->unit)
			reading->unit = operation->unit;
		else if (strcmp(reading->unit, operation->unit) != 0)
			reading->unit = "object";
	}
}

static int read_tool(struct arena *arena, struct rules *rules, const struct tool *tool,
		     const struct command *command, struct facts *facts,
		     struct reading *reading, struct fault *fault)
{
	struct arguments arguments = {0};
	struct reader reader = {.arena = arena,
				.tool = tool,
				.command = command,
				.arguments = &arguments,
				.actions = rules->actions,
				.rules = rules->directories,
				.facts = facts,
				.reading = reading};
	struct walk walk = {.reader = &reader, .arguments = &arguments};
	reader_function read = reader_find(tool->reader ? tool->reader : "grammar");
	int result;

	if (!read)
		return fault_at(fault, tool->file, 0,
				"reader = \"%s\": there is no such reader", tool->reader);
	if (parse_line(&walk) < 0)
		return fault_set(fault, "out of memory while the line was parsed");
	reader.section = reader.verb ? &reader.verb->section : &tool->section;
	reading->tool = tool->name;
	if (fault)
		fault->text[0] = '\0';
	result = read(&reader, fault);
	if (result == READ_FAULT && fault && !fault->text[0])
		fault_set(fault, "out of memory while the line of %s was read",
			  tool->name);
	if (result == READ_DONE)
		sum_up(reading);
	return result;
}

/* No known tool, and nothing that could be one: it touches nothing. */
static int read_nothing(struct arena *arena, struct reading *reading, struct fault *fault)
{
	struct reader reader = {.arena = arena, .reading = reading};

	if (reader_nothing(&reader, "host") != READ_DONE)
		return fault_set(fault, "out of memory while the line was read");
	sum_up(reading);
	return 0;
}

/*
 * Whether a shell puts the names of files in the place of a word. READ_MISSING or READ_DONE.
 */
static int finds_files(struct arena *arena, const struct command *command,
		       struct facts *facts, bool *finds)
{
	const struct fact *list = facts_list(facts, ".");
	char *names = list ? arena_strdup(arena, list->data ? list->data : "") : NULL;
	const char *name;

	if (!list)
		return READ_MISSING;
	*finds = list->state != FACT_OK;
	while (names && (name = strsep(&names, "\n")) != NULL)
		for (size_t i = 0; i < command->argc; i++)
			if (strchr(command->argv[i], '[') && *name &&
			    (strchr(command->argv[i], '/') ||
			     fnmatch(command->argv[i], name, FNM_PERIOD) == 0))
				*finds = true;
	return READ_DONE;
}

static int read_command(struct arena *arena, struct rules *rules,
			const struct command *command, struct facts *facts,
			struct reading *reading, struct fault *fault)
{
	struct identified *found = arena_alloc(arena, sizeof(*found));
	const struct tool *tool;
	bool finds = false;

	memset(reading, 0, sizeof(*reading));
	if (open_index(rules, fault) < 0)
		return -1;
	if (!found || identify(arena, &rules->index, rules->actions, command, found) < 0)
		return fault_set(fault, "out of memory while the program was identified");
	if (!found->program)
		return identify_idle(rules->actions, command)
			       ? read_nothing(arena, reading, fault)
			       : 0;
	reading->command = &found->command;
	if (found->globs) {
		if (finds_files(arena, &found->command, facts, &finds) == READ_MISSING)
			return READ_MISSING;
		/* Which words they become is known when the program is started. */
		if (finds)
			return 0;
	}
	tool = open_tool(rules, found->program, fault);
	if (!tool)
		return -1;
	return read_tool(arena, rules, tool, &found->command, facts, reading, fault);
}

int judge_read(struct arena *arena, struct rules *rules, const struct command *command,
	       struct facts *facts, struct reading *reading, struct fault *fault)
{
	int result = read_command(arena, rules, command, facts, reading, fault);

	/* What was read by a table that is broken says nothing. */
	return action_table_check(rules->actions, fault) < 0 ? -1 : result;
}

static const struct tool *loaded_tool(const struct rules *rules, const char *name)
{
	for (const struct loaded *entry = rules->loaded; entry; entry = entry->next)
		if (strcmp(entry->tool->name, name) == 0)
			return entry->tool;
	return NULL;
}

static const char *const nothing[] = {NULL};

const char *const *rules_transports(const struct rules *rules, struct arena *arena,
				    const char *tool, enum action action)
{
	const struct tool *found = loaded_tool(rules, tool);

	return transports_for(arena, found ? found->transports : NULL, action);
}

const char *const *rules_secrets(const struct rules *rules, const char *tool)
{
	const struct tool *found = loaded_tool(rules, tool);

	return found && found->secrets ? found->secrets : nothing;
}

const struct action_table *rules_actions(const struct rules *rules)
{
	return rules->actions;
}
