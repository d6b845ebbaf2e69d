#include "identify.h"

#include <string.h>

#include "interpreter.h"
#include "launcher.h"
#include "shell_scan.h"

static const struct tool_program *find_program(const struct tool_index *index,
					       const char *name, bool module)
{
	for (size_t i = 0; i < index->count; i++)
		if (index->programs[i].module == module &&
		    strcmp(index->programs[i].program, name) == 0)
			return &index->programs[i];
	return NULL;
}

/* The command whose argv starts at word `start` of `command`. */
static struct command rest(const struct command *command, size_t start)
{
	struct command result = *command;

	result.argv += start;
	result.argc -= start;
	result.path = strchr(result.argv[0], '/') ? result.argv[0] : NULL;
	return result;
}

/*
 * python -m MODULE [SUBCOMMAND]: a description lists "awscli" or "ansible adhoc". The words
 * of the module stand for the program's name: they are replaced by it.
 */
static const struct tool_program *identify_module(struct arena *arena,
						  const struct tool_index *index,
						  const struct command *command,
						  size_t at, struct command *found,
						  bool *exhausted)
{
	const struct tool_program *program = NULL;
	size_t skip = at;

	if (at + 1 < command->argc) {
		char *both = arena_printf(arena, "%s %s", command->argv[at],
					  command->argv[at + 1]);

		if (!both) {
			*exhausted = true;
			return NULL;
		}
		program = find_program(index, both, true);
		skip = at + 1;
	}
	if (!program) {
		program = find_program(index, command->argv[at], true);
		skip = at;
	}
	if (program) {
		const char **argv =
			arena_array(arena, command->argc - skip + 1, sizeof(*argv));

		if (!argv) {
			*exhausted = true;
			return NULL;
		}
		argv[0] = program->tool;
		memcpy(argv + 1, command->argv + skip + 1,
		       (command->argc - skip - 1) * sizeof(*argv));
		*found = *command;
		found->argv = argv;
		found->argc = command->argc - skip;
		found->path = NULL;
	}
	return program;
}

/*
 * The program that a command starts, by the base name of its file and by argv[0]: a program
 * of many names (systemctl as reboot, pdsh.bin as pdsh) goes by the name it was called.
 */
static const struct tool_program *by_name(const struct tool_index *index,
					  const struct command *command)
{
	const struct tool_program *program = NULL;

	if (command->argc)
		program = find_program(index, command_base_name(command->argv[0]), false);
	if (!program && command->path)
		program = find_program(index, command_base_name(command->path), false);
	return program;
}

/* A text that a shell reads as one plain command, with nothing to expand in it. */
static bool plain_command(struct arena *arena, const char *text, struct command *command,
			  bool *plain, bool *globs)
{
	struct shell_commands commands = {0};

	*plain = false;
	if (strpbrk(text, "$`*?{~"))
		return true;
	if (shell_scan(arena, text, &commands) < 0)
		return false;
	if (commands.count != 1 || commands.items[0].output_count ||
	    commands.items[0].input)
		return true;
	command->argv = commands.items[0].words;
	command->argc = commands.items[0].count;
	command->path = NULL;
	*plain = command->argc > 0;
	*globs = *globs || strchr(text, '[');
	return true;
}

/*
 * Looks through a launcher: *command becomes the inner command, and *seen tells whether there
 * is one, whole: xargs adds words that nobody knows yet. False when memory is short.
 */
static bool launch(struct arena *arena, const struct action_table *actions,
		   struct command *command, bool *seen, bool *globs)
{
	struct launched launched = launcher_look(actions, command->argv, command->argc);

	*seen = false;
	if (!launched.launcher || launched.appends || launched.joined || launched.idle)
		return true;
	if (launched.text) {
		launched.assignments = launched.start;
		if (launcher_inner(arena, &launched, command, command) < 0)
			return false;
		return plain_command(arena, launched.text, command, seen, globs);
	}
	*seen = launched.start < command->argc;
	return !*seen || launcher_inner(arena, &launched, command, command) == 0;
}

int identify(struct arena *arena, const struct tool_index *index,
	     const struct action_table *actions, const struct command *command,
	     struct identified *found)
{
	struct command current = *command;

	memset(found, 0, sizeof(*found));
	for (int depth = 0; depth < 32 && current.argc; depth++) {
		const char *name =
			command_base_name(current.path ? current.path : current.argv[0]);
		struct interpreted inner;
		bool exhausted = false, seen = true;

		found->command = current;
		found->program = by_name(index, &current);
		if (found->program)
			return 0;
		inner = interpreter_look(name, current.argv, current.argc);
		if (inner.kind == INTERPRETED_MODULE) {
			found->program = identify_module(arena, index, &current, inner.at,
							 &found->command, &exhausted);
			return exhausted ? -1 : 0;
		}
		if (inner.kind == INTERPRETED_SCRIPT) {
			found->command = rest(&current, inner.at);
			name = command_base_name(found->command.argv[0]);
			found->program = find_program(index, name, false);
			if (found->program)
				return 0;
		}
		if (inner.kind == INTERPRETED_LOADED)
			current = rest(&current, inner.at);
		else if (!launch(arena, actions, &current, &seen, &found->globs))
			return -1;
		if (!seen)
			return 0;
	}
	return 0;
}

bool identify_idle(const struct action_table *actions, const struct command *command)
{
	size_t at = 0;

	for (int depth = 0; depth < 32 && at < command->argc; depth++) {
		struct launched launched =
			launcher_look(actions, command->argv + at, command->argc - at);

		if (!launched.launcher || launched.idle)
			return launched.idle;
		if (launched.text || launched.program || launched.start == 0)
			return false;
		at += launched.start;
	}
	return false;
}
