/*
 * Which program is described by which file: the one look at all descriptions that is made
 * when a session starts (for the guard table) and by `tally check` and `coverage`.
 */
#ifndef TALLY_TOOL_INDEX_H
#define TALLY_TOOL_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "fault.h"

struct tool_program {
	const char *program;	 /* base name */
	const char *tool;	 /* name of the description */
	const char *description; /* path of the .cfg file */
	bool module; /* `program` is what follows python's -m: "awscli", "ansible adhoc" */
};

struct tool_index {
	struct tool_program *programs;
	size_t count, capacity;
};

/*
 * Reads DIR/tools/<name>.cfg of every directory in `rules` (NULL-terminated), only their
 * `name` and `programs`. A description in a later directory replaces one of the same name
 * in an earlier one. -1 and `fault` at the first broken file.
 */
int tool_index_load(struct arena *arena, const char *const *rules,
		    struct tool_index *index, struct fault *fault);

/* Adds one description, which replaces one of the same name. -1 and `fault`. */
int tool_index_add(struct arena *arena, const char *path, struct tool_index *index,
		   struct fault *fault);

#endif
