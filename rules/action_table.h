/* The table behind remote_command.h and launcher.h, as rules/actions.cfg says it. */
#ifndef TALLY_ACTION_TABLE_H
#define TALLY_ACTION_TABLE_H

#include "action.h"
#include "launcher.h"

/*
 * One line of the table. It speaks for a command whose program has the base name words[0]
 * and whose first operands match the other words (globs), which has one of `options` (if
 * there are any), and none of `without`.
 */
struct action_rule {
	const char *const *words;
	const char *const *options,
		*const *without;   /* globs of whole words, or "-x" in a bundle */
	const char *const *values; /* options whose next word is their value */
	enum action action;
	bool irreversible;
};

struct launcher_rule {
	const char *const *names;
	const char *const *values; /* options that take the next word */
	const char *const *text;   /* options whose value is shell text (-c) */
	size_t skip;	   /* operands in front of the inner command (timeout 5) */
	bool assignments;  /* VAR=value words may stand in front of it */
	bool joined;	   /* all words are joined and read by a shell (ssh, eval) */
	bool appends;	   /* it adds words when it runs (xargs) */
	bool operand_text; /* an operand that follows is a script's name, no command */
};

struct action_table {
	struct action_rule *actions;
	size_t action_count, action_capacity;
	struct launcher_rule *launchers;
	size_t launcher_count, launcher_capacity;
};

/* True when `word` is the option `name`: equal, --name=..., or -x in a bundle -axb. */
bool action_option_is(const char *word, const char *name);

#endif
