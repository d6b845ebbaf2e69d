/*
 * Which tool is this? Looks through what stands in front of a program on its command line:
 * `sudo -u x`, `env A=b`, `nice -n 5`, an interpreter with the path of a script, python's
 * -m, the dynamic loader.
 */
#ifndef TALLY_IDENTIFY_H
#define TALLY_IDENTIFY_H

#include "arena.h"
#include "command.h"
#include "remote_command.h"
#include "tool_index.h"

/*
 * Finds the program of `command` in `index`. On success *found is the command as the tool
 * itself sees it (argv[0] is the program; VAR=value words are in its environment) and the
 * return value names its description; NULL when no known tool is named (or, with
 * *exhausted, when memory ran out).
 */
const struct tool_program *identify(struct arena *arena, const struct tool_index *index,
				    const struct action_table *actions,
				    const struct command *command, struct command *found,
				    bool *exhausted);

/* True when the command is a launcher that starts no program: sudo -l, command -v pdsh. */
bool identify_idle(const struct action_table *actions, const struct command *command);

#endif
