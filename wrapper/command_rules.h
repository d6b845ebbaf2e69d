/*
 * The rules that a subcommand of `tally` works with: those of the session it is called in,
 * or the directories it was given with --rules.
 */
#ifndef TALLY_COMMAND_RULES_H
#define TALLY_COMMAND_RULES_H

#include <stdbool.h>

#include "arena.h"
#include "rulebook.h"
#include "session.h"

enum { COMMAND_RULES_DIRECTORIES = 63 };

struct command_rules {
	const char *command;				  /* "explain", for messages */
	const char *given[COMMAND_RULES_DIRECTORIES + 1]; /* as they were typed */
	size_t given_count;
	struct arena *arena; /* of all that follows */
	struct session session;
	const char *const *directories; /* absolute, NULL-terminated */
	struct rulebook book;
};

/* Notes one --rules DIR. 0, or EXIT_STATUS_USAGE when there are too many (it says so). */
int command_rules_add(struct command_rules *rules, const char *directory);

/*
 * Reads the options of a subcommand that has --json, --rules and --help, which prints `help`;
 * optind then is the first operand. -1 to go on, else the exit status.
 */
int command_rules_options(struct command_rules *rules, int argc, char **argv,
			  const char *help, bool *json);

/*
 * Looks for session and directories, makes the latter absolute. 0, or the exit status when
 * that cannot be done: it has said why on stderr.
 */
int command_rules_find(struct command_rules *rules);

/* As command_rules_find(), and opens the rules in them. */
int command_rules_open(struct command_rules *rules);

void command_rules_close(struct command_rules *rules);

/* "tally COMMAND: FILE:LINE: TEXT" on stderr; returns EXIT_STATUS_FAILED. */
int command_fault(const char *command, const struct fault *fault);

/* A wrong call: says what is wrong and where the help is; returns EXIT_STATUS_USAGE. */
int command_usage(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
