#include "gate_rules.h"

#include <string.h>
#include <sys/stat.h>

#include "guard_table.h"
#include "tool_index.h"

/* By the name it was called by, the name of its file, and the file itself. */
static const char *described(const struct guard_table *table,
			     const struct command *command)
{
	const char *names[2] = {command_base_name(command->argv[0]),
				command->path ? command_base_name(command->path) : ""};
	struct guard_match match;
	struct stat status;

	for (size_t i = 0; i < 2; i++) {
		match = guard_find_name(table, names[i], strlen(names[i]));
		if (match.kind == GUARD_TOOL)
			return match.description;
		/* An interpreter's script has to be looked for by all names. */
		if (match.kind != GUARD_NONE)
			return NULL;
	}
	if (!command->path || stat(command->path, &status) < 0)
		return NULL;
	match = guard_find_file(table, status.st_dev, status.st_ino);
	return match.kind == GUARD_TOOL ? match.description : NULL;
}

static int use_description(struct arena *arena, struct rules *rules,
			   const struct session *session, const struct command *command)
{
	const char *path = arena_printf(arena, "%s/guard.table", session->directory);
	struct guard_table table;
	struct tool_program program = {.program = command_base_name(command->argv[0])};
	const char *description;
	int result = 0;

	if (!path)
		return -1;
	if (guard_map(&table, path) < 0)
		return 0; /* then all descriptions are looked through */
	description = described(&table, command);
	if (description && *description) {
		program.description = arena_strdup(arena, description);
		program.tool = program.program;
		result = program.description ? rules_use_only(rules, &program) : -1;
	}
	guard_unmap(&table);
	return result;
}

int gate_rules_open(struct arena *arena, const struct session *session,
		    const struct command *command, struct rules **rules,
		    struct fault *fault)
{
	if (rules_open(arena, session->rules, rules, fault) < 0)
		return -1;
	if (session->directory && use_description(arena, *rules, session, command) < 0)
		return fault_set(fault, "out of memory while the rules were opened");
	return 0;
}
