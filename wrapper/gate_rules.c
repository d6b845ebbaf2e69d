#include "gate_rules.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard_table.h"
#include "interpreter.h"
#include "tool_index.h"

/* By the file itself, and by the name of the file that a link leads to. */
static const char *described_file(const struct guard_table *table, const char *path)
{
	char real[PATH_MAX];
	struct guard_match match;
	struct stat status;
	const char *name;

	if (!path || stat(path, &status) < 0)
		return NULL;
	match = guard_find_file(table, status.st_dev, status.st_ino);
	if (match.kind == GUARD_TOOL)
		return match.description;
	if (!realpath(path, real))
		return NULL;
	name = command_base_name(real);
	match = guard_find_name(table, name, strlen(name));
	return match.kind == GUARD_TOOL ? match.description : NULL;
}

/* The script of an interpreter, by its file; one with a known name is found by that. */
static const char *described_script(const struct guard_table *table,
				    const struct command *command,
				    const char *interpreter, const char **called)
{
	struct interpreted found =
		interpreter_look(interpreter, command->argv, command->argc);
	const char *name;

	if (found.kind != INTERPRETED_SCRIPT && found.kind != INTERPRETED_LOADED)
		return NULL;
	name = command_base_name(command->argv[found.at]);
	if (guard_find_name(table, name, strlen(name)).kind != GUARD_NONE)
		return NULL;
	*called = name;
	return described_file(table, command->argv[found.at]);
}

/*
 * By the name it was called by, the name of its file, and the file itself. *called is the
 * name it has on the command line.
 */
static const char *described(const struct guard_table *table,
			     const struct command *command, const char **called)
{
	const char *names[2] = {command_base_name(command->argv[0]),
				command->path ? command_base_name(command->path) : ""};
	struct guard_match match;

	*called = names[0];
	for (size_t i = 0; i < 2; i++) {
		match = guard_find_name(table, names[i], strlen(names[i]));
		if (match.kind == GUARD_TOOL)
			return match.description;
		/* An interpreter's script has to be looked for by all names. */
		if (match.kind != GUARD_NONE)
			return described_script(table, command, names[i], called);
	}
	return described_file(table, command->path);
}

static int use_description(struct arena *arena, struct rules *rules,
			   const struct session *session, const struct command *command,
			   const char **called)
{
	const char *path = arena_printf(arena, "%s/guard.table", session->directory);
	struct guard_table table;
	struct tool_program program = {0};
	const char *description;
	int result = 0;

	if (!path)
		return -1;
	if (guard_map(&table, path) < 0)
		return 0; /* then all descriptions are looked through */
	description = described(&table, command, &program.program);
	/* A description that has been taken away since the session began describes nothing. */
	if (description && *description &&
	    (!session->installed || access(description, R_OK) == 0)) {
		program.description = arena_strdup(arena, description);
		program.tool = program.program;
		result = program.description ? rules_use_only(rules, &program) : -1;
		*called = arena_strdup(arena, program.program);
	}
	guard_unmap(&table);
	return result;
}

int gate_rules_open(struct arena *arena, const struct session *session,
		    const struct command *command, struct rules **rules,
		    const char **program, struct fault *fault)
{
	*program = NULL;
	if (rules_open(arena, session->rules, rules, fault) < 0)
		return -1;
	if (session->directory &&
	    use_description(arena, *rules, session, command, program) < 0)
		return fault_set(fault, "out of memory while the rules were opened");
	return 0;
}
