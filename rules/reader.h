/*
 * Readers turn one parsed command line into operations. Most tools need only the generic
 * one, which follows the description; a tool whose line is a language of its own names a
 * reader in C (`reader = "kubectl"`), one file each (reader_*.c), listed in reader.c.
 */
#ifndef TALLY_READER_H
#define TALLY_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "command.h"
#include "facts.h"
#include "fault.h"
#include "operation.h"
#include "options.h"
#include "remote_command.h"
#include "tool.h"

/* Return values of readers and of the functions they are made of. */
enum { READ_DONE = 0, READ_MISSING = 1, READ_FAULT = -1 };

struct reader {
	struct arena *arena;
	const struct tool *tool;
	const struct verb *verb;       /* the deepest subcommand, NULL: none */
	const struct section *section; /* of that verb, or of the tool */
	const char *verb_word;	       /* the deepest subcommand as it was typed */
	const char *verb_path;	       /* "rollout restart", "" without a subcommand */
	const struct command *command;
	const struct arguments
		*arguments; /* options of all levels; operands behind the verb */
	const struct action_table *actions;
	const char *const *rules; /* rule directories: data files of readers */
	struct facts *facts;
	struct reading *reading; /* to fill; zeroed but for tool */
};

typedef int (*reader_function)(struct reader *reader, struct fault *fault);

/* The reader of that name, or NULL. "grammar" is the generic one. */
reader_function reader_find(const char *name);

/* The generic reader; others may call it for the lines that have nothing special. */
int reader_grammar(struct reader *reader, struct fault *fault);

/* True when all conditions hold for this line. An empty list holds. */
bool reader_holds(const struct reader *reader, const struct conditions *conditions);

/*
 * Reads `text` by the notation `syntax` into `set`. Notations: "word" (one name to the
 * letter), "words" (blank separated), "comma", "comma-or-blank", "lines", "hostfile" (lines
 * with # comments), "file-lines" (a file that holds lines), "folded", "clustershell",
 * "user@host", "ssh-url", "json" (array of strings, or object values), "count".
 * READ_MISSING when a file is needed first; an unreadable text gives *set NULL and *why.
 */
int reader_syntax(struct reader *reader, const char *syntax, const char *text,
		  const struct hostset **set, const char **why, struct fault *fault);

/* Whether reader_syntax() knows the notation. */
bool reader_syntax_known(const char *syntax);

/*
 * Fills in the words of a probe: "@argv" all words behind argv[0], "@program" argv[0],
 * "@options:-i,-l" these options as they were typed, "@value:-l", "@operands", "@operands:1"
 * from the second on, "@verb" the subcommand words. NULL when memory is short.
 */
const char *const *reader_words(const struct reader *reader, const char *const *run);

/*
 * Runs a probe with the words `argv`: READ_MISSING until it is answered. *fact is set when
 * READ_DONE; a probe that failed is an answer too (look at fact->state and ->status).
 */
int reader_probe(struct reader *reader, const char *const *argv, unsigned timeout,
		 const struct fact **fact);

/* Appends an operation and returns it, NULL when memory is short. */
struct operation *reader_operation(struct reader *reader, enum action action,
				   const char *unit, const struct hostset *targets);

/* An operation whose targets nobody can know before it runs. READ_DONE or READ_FAULT. */
int reader_unknown(struct reader *reader, enum action action, const char *unit,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The line is refused by the tool itself: nothing is touched. READ_DONE. */
int reader_refused(struct reader *reader, enum action action, const char *unit,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* An operation of ACTION_READ on nothing: help, version, dry run. */
int reader_nothing(struct reader *reader, const char *unit);

#endif
