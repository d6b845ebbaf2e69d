/* The table behind remote_command.h and launcher.h, as rules/actions.cfg says it. */
#ifndef TALLY_ACTION_TABLE_H
#define TALLY_ACTION_TABLE_H

#include <stdbool.h>

#include "action.h"
#include "arena.h"
#include "fault.h"
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

/* All lists are NULL-terminated; options are "-x" (also in a bundle) or "--name". */
struct launcher_rule {
	const char *const *names;
	const char *const *when;     /* the rule holds only with one of these options */
	const char *const *operands; /* ... and with these first operands (netns exec) */
	const char *const *values;   /* options that take the next word */
	const char *const *text;     /* options whose value is shell text (su -c) */
	const char *const
		*script; /* options that make the first operand a text (sh -c) */
	const char *const *program;   /* options whose value is a program (perl -e) */
	const char *const *clears;    /* with one of these the environment is emptied */
	const char *const *keeps;     /* ... is kept where it would be reset */
	const char *const *unsets;    /* the value is a variable that is taken away */
	const char *const *directory; /* the value is where the command starts */
	const char *const *login;     /* with one of these it starts as a login does */
	size_t skip;	  /* operands in front of the inner command (timeout 5) */
	bool assignments; /* VAR=value words may stand in front of it */
	bool joined;	  /* all words are joined and read by a shell (ssh, eval) */
	bool appends;	  /* it adds words when it runs (xargs) */
	bool resets;	  /* the environment is reset to a login's (sudo) */
	bool elsewhere;	  /* the command sees other files or starts elsewhere (chroot) */
	bool idle;	  /* it starts nothing */
	bool alone;	  /* the rule holds only when no command follows */
	bool reads;	  /* with no command it reads some from standard input */
	bool text_first;  /* the first operand is shell text (trap) */
	bool program_first; /* the first operand is a program (awk) */
	bool file;	    /* an operand is the name of a script, no command */
};

struct action_list {
	struct action_rule *actions;
	size_t action_count, action_capacity;
	struct launcher_rule *launchers;
	size_t launcher_count, launcher_capacity;
};

/*
 * Read when it is first looked at: most lines that only read never need it, and it is the
 * largest of all rule files. Who looks cannot fail, so a broken file is found afterwards.
 */
struct action_table {
	struct arena *arena;
	const char *const *directories;
	struct action_table_state {
		bool read, broken;
		struct action_list list;
		struct fault fault;
	} * state;
};

/* The list; empty when the table is broken, which action_table_check() then says. */
const struct action_list *action_table_list(const struct action_table *table);

/* True when `word` is the option `name`: equal, --name=..., or -x in a bundle -axb. */
bool action_option_is(const char *word, const char *name);

#endif
