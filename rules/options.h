/*
 * The option grammars of real tools: getopt, getopt_long, argparse, optparse, pflag, Go's
 * flag package and their special cases, as data. argv -> options and operands.
 */
#ifndef TALLY_OPTIONS_H
#define TALLY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "fault.h"

enum option_arity {
	OPTION_FLAG,	 /* takes no value */
	OPTION_VALUE,	 /* the rest of the word, or the next word */
	OPTION_OPTIONAL, /* a value only when it is joined */
	OPTION_LIST,	 /* all words up to the next option (argparse nargs) */
};

/* One option with all its names; the first is the one conditions and sources use. */
struct option_rule {
	const char *const *names; /* "-i", "--inventory"; NULL-terminated */
	enum option_arity arity;
};

struct option_set {
	const struct option_rule *rules;
	size_t count;
};

/* How a tool reads its command line. All false is getopt_long(3) with permutation. */
struct option_style {
	bool stop_at_operand; /* options end at the first operand (POSIX, getopt "+") */
	size_t stop_after; /* ... or behind so many operands (ssh HOST [options] WORD) */
	const char *const
		*permute_after; /* ... but no longer behind one of these options */
	bool abbreviations;	/* a unique prefix of a long option will do */
	bool single_dash_long;	/* -name is a long option (Go's flag, terraform) */
	bool no_bundles;	/* -abc is not -a -b -c */
	bool flag_values;	/* --flag=true, --flag=false (pflag, Go's flag) */
	bool negations;		/* --no-flag is --flag=false (aws) */
	bool short_equals;	/* -o=value is value (pflag), not "=value" (getopt) */
	bool no_double_dash;	/* -- has no meaning */
	bool list_takes_dash;	/* a list ends only at a known option */
};

/* One option (with one value) or one operand of the line. */
struct argument {
	const struct option_rule *option; /* NULL: an operand, or an unknown option */
	const char *value;		  /* option's value or the operand; NULL: flag */
	const char *name;		  /* the option as it was typed, NULL: operand */
	bool unknown;			  /* looks like an option that is not known */
	bool negative;			  /* a flag that was switched off */
	bool behind_dashes;		  /* operand behind -- */
	size_t word, words; /* where it stands in argv, and how many words */
};

struct arguments {
	struct argument *items;
	size_t count, capacity;
	const char *refusal; /* why the tool itself will refuse the line, or NULL */
	const char
		*unknown; /* the first option that the grammar does not know, or NULL */
};

/*
 * Reads argv[start..argc) and appends to `arguments`. With `first_operand` given, stops in
 * front of the first operand and stores its index there (argc when there is none): so that
 * global options before a subcommand can be read. -1 when memory is short.
 */
int options_parse(struct arena *arena, const struct option_style *style,
		  const struct option_set *sets, size_t set_count,
		  const char *const *argv, size_t argc, size_t start,
		  size_t *first_operand, struct arguments *arguments);

/*
 * A rule from its text in a tool description: names, then `=` (value), `?` (optional) or
 * `*` (list): "-i --inventory =", "-v --verbose", "--instance-ids *".
 */
int option_rule_parse(struct arena *arena, const char *text, struct option_rule *rule,
		      struct fault *fault);

/* The rules of a getopt(3) string ("+hw:x:"); a leading + sets *stop_at_operand. */
int option_rules_getopt(struct arena *arena, const char *text, struct option_set *set,
			bool *stop_at_operand);

/* Whether the option was given (and not switched off), under any of its names. */
bool arguments_has(const struct arguments *arguments, const char *name);

/* The value of its last occurrence, or NULL. A flag that is on gives "". */
const char *arguments_value(const struct arguments *arguments, const char *name);

/* The n-th operand, from 0, or NULL. */
const char *arguments_operand(const struct arguments *arguments, size_t n);
/* The operands one by one: *at starts at 0 and is moved on; NULL after the last. */
const char *arguments_next_operand(const struct arguments *arguments, size_t *at);
size_t arguments_operands(const struct arguments *arguments);

/* True when `argument` is the option of that name. */
bool argument_is(const struct argument *argument, const char *name);

#endif
