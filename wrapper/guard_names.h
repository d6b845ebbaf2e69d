/* Which programs are to be guarded: the names in the tool descriptions. */
#ifndef TALLY_GUARD_NAMES_H
#define TALLY_GUARD_NAMES_H

#include <stddef.h>

#include "arena.h"
#include "fault.h"
#include "guard_build.h"

/*
 * The programs of all tool descriptions below `rules` (NULL-terminated).
 *
 * When one of them is broken, `broken` says which and why, and the names come from the plain
 * text of the files instead: every quoted word behind `name`, `programs` and `modules`, and
 * the file's own name. Rather one too many: none of them names its description then, so
 * that the gate reads all of them and refuses, with file and line, until they can be read.
 * -1 and `fault` when memory is short or the directories cannot be read.
 */
int guard_names(struct arena *arena, const char *const *rules,
		struct guard_program **programs, size_t *count, struct fault *broken,
		struct fault *fault);

#endif
