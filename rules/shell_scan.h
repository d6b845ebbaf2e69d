/*
 * Shell text as the simple commands in it: lists, pipes, subshells, command substitutions,
 * here documents and the bodies of if, for, while and case, each command as its words with
 * the quotes taken away. Nothing is expanded. It is a reading for caution, not a shell:
 * where a construct is doubtful its text is read as commands, never passed over.
 * Source: dash(1), bash(1), POSIX XCU 2.
 */
#ifndef TALLY_SHELL_SCAN_H
#define TALLY_SHELL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

enum { SHELL_MAX_TEXT = 4 << 20, SHELL_MAX_DEPTH = 32 };

struct shell_command {
	const char **words; /* NULL-terminated */
	size_t count;
	const char **outputs; /* files that > and >> write to */
	size_t output_count;
	const char *input; /* the word of a here-string, or NULL */
};

struct shell_commands {
	struct shell_command *items;
	size_t count, capacity;
};

/*
 * Appends the simple commands of `text` to `commands`. -1 when memory is short or the text
 * nests deeper than SHELL_MAX_DEPTH: the caller must then assume the worst.
 */
int shell_scan(struct arena *arena, const char *text, struct shell_commands *commands);

#endif
