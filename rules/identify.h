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

struct identified {
	const struct tool_program *program; /* NULL: no known tool is named */
	struct command command; /* as the tool itself sees it: argv[0] is the program */
	bool globs; /* a shell may find files in its words: n[1-3] where a file n1 lies */
};

/*
 * Finds the program of `command` in `index`. The command that is found has the environment
 * and the directory that what stands in front of it hands on. -1 when memory is short.
 */
int identify(struct arena *arena, const struct tool_index *index,
	     const struct action_table *actions, const struct command *command,
	     struct identified *found);

/* True when the command is a launcher that starts no program: sudo -l, command -v pdsh. */
bool identify_idle(const struct action_table *actions, const struct command *command);

#endif
