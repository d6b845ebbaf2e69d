/*
 * Programs that start another one: `sudo -u x CMD`, `env A=b CMD`, `timeout 5 CMD`, `sh -c
 * TEXT`. Their options stand in rules/actions.cfg, so that a site can add its own.
 */
#ifndef TALLY_LAUNCHER_H
#define TALLY_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "command.h"
#include "remote_command.h"

enum { LAUNCHED_UNSET = 8 };

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
	enum {
		LAUNCHED_KEEPS,	 /* the environment stays as it is */
		LAUNCHED_RESETS, /* only what every login has stays (sudo) */
		LAUNCHED_CLEARS, /* nothing stays (env -i) */
	} environment;
	const char *unset[LAUNCHED_UNSET]; /* variables that are taken away (env -u) */
	size_t unset_count;
	const char *directory; /* where it starts (env -C), NULL: here */
	bool elsewhere;	       /* ... or in a place that is not known (su -) */
};

/* Looks at the launcher that argv[0] names by its base name. */
struct launched launcher_look(const struct action_table *table, const char *const *argv,
			      size_t argc);

/*
 * The inner command of `command`: from the word launched->start on, with the environment and
 * the directory that it gets. In a directory that is not known no file can be read. -1 when
 * memory is short.
 */
int launcher_inner(struct arena *arena, const struct launched *launched,
		   const struct command *command, struct command *inner);

/* An option that takes the next word: `word` is one of `values`, or a bundle that ends so. */
bool launcher_takes_next(const char *word, const char *const *values);

/* VAR=value */
bool launcher_is_assignment(const char *word);

#endif
