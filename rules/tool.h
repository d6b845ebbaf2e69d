/*
 * Tool descriptions (rules/tools/ *.cfg): what a known program's options are, where its
 * targets stand and what its subcommands do. Data only; docs/rules.md is the reference.
 */
#ifndef TALLY_TOOL_H
#define TALLY_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "action.h"
#include "arena.h"
#include "fault.h"
#include "options.h"

/*
 * A condition on a command line:
 *   "-g"            the option is given          "!-g"        it is not
 *   "-o=json*"      its value matches the glob   "$WCOLL"     the variable is set, not empty
 *   "0=stop*"       operand 0 matches            "#=0" "#>1"  number of operands
 *   "@program=dsh"  the name it was called by    "@verb=isolate"  the subcommand as typed
 * Several in one list must all hold.
 */
struct condition {
	const char *option;	 /* option name, or NULL */
	const char *environment; /* variable name, or NULL */
	const char *name;	 /* "program" or "verb", or NULL */
	long operand;		 /* operand number, -1: none */
	const char *pattern;	 /* glob for the value, NULL: any */
	char compare;		 /* '=', '>', '<' on the number of operands; 0: none */
	unsigned long number;
	bool negate;
};

struct conditions {
	const struct condition *items;
	size_t count;
};

/* Where target expressions stand. Sources add up unless they exclude or narrow. */
struct target_source {
	const char *option;	 /* values of this option */
	bool last;		 /* only its last occurrence counts */
	bool operands;		 /* operands from..to */
	size_t from, to;	 /* to: one behind the last, SIZE_MAX: all */
	const char *environment; /* value of this variable */
	const char *constant;	 /* this very text */
	const char *syntax;	 /* notation of the text: see reader_syntax() */
	const char *as;		 /* "{--zone}/{}": what each name becomes; NULL: itself */
	bool exclude;		 /* takes away */
	bool narrow;		 /* keeps only what is in both */
	struct conditions when;
};

/* A read-only run that prints the targets. */
struct probe_rule {
	struct conditions when;
	const char *const *run; /* words; "@argv" and its like are filled in */
	const char *syntax;	/* of what it prints */
	unsigned timeout;	/* seconds, 0: default */
	bool resolves; /* prints "ID NAME": targets that are an ID, or its beginning, are NAME */
};

/* What the command does when the conditions hold; the first that fits is taken. */
struct operation_rule {
	struct conditions when;
	enum action action;
	bool from_remote_command;  /* of the words of the remote command */
	const char *remote_option; /* these words stand in an option; NULL: operands */
	size_t remote_from;	   /* first operand of the remote command */
	bool no_targets;	   /* touches nothing: help, version, list of groups */
	const char *unit;
	const char
		*effect; /* unit of what goes with the targets, how many is not known */
};

/* What a description says of the tool itself or of one of its subcommands. */
struct section {
	struct option_set options;
	const struct operation_rule *operations;
	size_t operation_count;
	const struct target_source *sources;
	size_t source_count;
	const struct probe_rule *probes;
	size_t probe_count;
	struct conditions everything, irreversible;
	bool everything_if_none; /* no target given means all there are */
	const char *none;	 /* "refused": without targets the tool does nothing */
	bool stop_at_operand;	 /* options of this subcommand end at the first operand */
	const char *unit;
};

struct verb {
	const char *const *names; /* with aliases, NULL-terminated */
	struct section section;
	const struct verb *verbs;
	size_t verb_count;
};

struct tool {
	const char *name;
	const char *const *programs; /* base names, NULL-terminated */
	const char *const *modules;  /* python -m NAME */
	const char *reader;	     /* C reader, NULL: the grammar alone says it all */
	struct option_style style;
	struct section section;
	const struct verb *verbs;
	size_t verb_count;
	const char *const *prefixes;   /* words to drop before a verb (gcloud beta) */
	const char *const *transports; /* tools its processes may start unasked */
	const char *const *secrets;    /* options whose values are never recorded */
	const char *unit;
	const char *file;
	int line; /* of `tool` in it */
};

/* Reads one description. -1 and `fault` (file:line, found, expected) when it is broken. */
int tool_load(struct arena *arena, const char *path, struct tool **tool,
	      struct fault *fault);

/* Parses one condition. */
int condition_parse(struct arena *arena, const char *text, struct condition *condition,
		    struct fault *fault);

#endif
