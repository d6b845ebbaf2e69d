/*
 * The table of gcloud commands, rules/gcloud/GROUP.tsv, made by scripts/gcloud-commands from
 * the client's own completion tree: what a command does, to what, and its flags. Only the file
 * of the group on the line is read; a later rule directory's takes the place of an earlier's.
 */
#ifndef TALLY_GCLOUD_TABLE_H
#define TALLY_GCLOUD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "fault.h"

struct gcloud_command {
	const char *path; /* "compute instances delete" */
	const char *action;
	const char *unit, *target, *name; /* "" of a command that reads */
	const char *valued, *boolean; /* names of flags without dashes, blanks between */
};

enum gcloud_found {
	GCLOUD_NOTHING, /* no command begins so */
	GCLOUD_GROUP,	/* commands begin so, none is it */
	GCLOUD_COMMAND
};

/* Looks up one path. -1 and `fault` when the table is broken or memory is short. */
int gcloud_table_find(struct arena *arena, const char *const *rules, const char *path,
		      enum gcloud_found *found, struct gcloud_command *command,
		      struct fault *fault);

/* Whether `name` (of `length` bytes) is one of the words of `list`. */
bool gcloud_is_in(const char *list, const char *name, size_t length);

#endif
