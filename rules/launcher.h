/*
 * Programs that start another one: `sudo -u x CMD`, `env A=b CMD`, `timeout 5 CMD`, `sh -c
 * TEXT`. Their options stand in rules/actions.cfg, so that a site can add its own.
 */
#ifndef TALLY_LAUNCHER_H
#define TALLY_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "remote_command.h"

struct launched {
	bool launcher; /* argv[0] is a launcher */
	size_t start;  /* index of the inner command's first word; argc: there is none */
	const char
		*text; /* the inner command is this shell text instead (sh -c), or NULL */
	size_t assignments; /* VAR=value words stand in argv[assignments..start) */
	bool joined; /* the inner words are joined and read by a shell again (ssh, eval) */
	bool appends; /* further words are added when it runs (xargs) */
	bool idle;    /* it starts nothing (sudo -l) */
	bool reads;   /* it takes commands from its standard input (sh, ssh HOST, at) */
	const char *program; /* a text in another language (perl -e), or NULL */
};

/* Looks at the launcher that argv[0] names by its base name. */
struct launched launcher_look(const struct action_table *table, const char *const *argv,
			      size_t argc);

/* An option that takes the next word: `word` is one of `values`, or a bundle that ends so. */
bool launcher_takes_next(const char *word, const char *const *values);

/* VAR=value */
bool launcher_is_assignment(const char *word);

#endif
