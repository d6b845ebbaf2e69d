/* Writes the guard table (preload/guard_table.h) for a set of rule directories. */
#ifndef TALLY_GUARD_BUILD_H
#define TALLY_GUARD_BUILD_H

#include <stddef.h>

#include "arena.h"
#include "fault.h"

/*
 * One guarded program, as a tool description names it. The loader of tool descriptions
 * (rules/tool_index.h) lists them; guard_build() looks each up in PATH and in the usual
 * directories, so that a link, a hard link and an absolute path are all found.
 */
struct guard_program {
	const char *name;	 /* base name, e.g. "pdsh" */
	const char *description; /* path of the .cfg file */
};

/*
 * Writes the table to `path` (by rename). `directories` is a PATH-like list to search;
 * `gate` is the absolute path of tally-gate, `session` the session directory, `shim` the
 * LD_PRELOAD entry. -1 and `fault` on error; nothing half-written is left.
 */
int guard_build(struct arena *arena, const char *path,
		const struct guard_program *programs, size_t count,
		const char *directories, const char *gate, const char *session,
		const char *shim, struct fault *fault);

#endif
