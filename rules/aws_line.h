/*
 * Words of an aws command line as argparse takes them. The client parses three times, and
 * each time hands on what it did not know: its own options wherever they stand, then the
 * service, then the operation with its options. So `--instance-ids a --region x b` names
 * two instances, and a prefix of a global option (`--d`) is that, whatever the operation has.
 * Source: argparse.py of CPython 3.11, awscli/argparser.py.
 */
#ifndef TALLY_AWS_LINE_H
#define TALLY_AWS_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "aws_table.h"
#include "options.h"

struct aws_words {
	const char **items; /* NULL-terminated */
	size_t count, capacity;
};

/* False when memory is short. */
bool aws_words_add(struct arena *arena, struct aws_words *words, const char *word);

/* The first word that is no option is taken out of `words` and returned; NULL: none. */
const char *aws_words_take(struct aws_words *words);

/*
 * Cuts `words` into global options (each as it would be typed in full) and the rest.
 * *refusal is set to why the client refuses the line, or NULL. False when memory is short.
 */
bool aws_globals_split(struct arena *arena, const struct option_set *known,
		       const struct aws_words *words, struct aws_words *globals,
		       struct aws_words *rest, const char **refusal);

/* Whether a global option of that full name is among them; its last value, or NULL. */
bool aws_globals_has(const struct aws_words *globals, const char *name);
const char *aws_globals_value(const struct aws_words *globals, const char *name);

/* What was given to one option of the operation; the last time it was given counts. */
struct aws_given {
	const struct aws_option *option;
	bool off;		   /* --no-x */
	const char *const *values; /* `count` words */
	size_t count;
};

struct aws_options {
	struct aws_given *items;
	size_t count, capacity;
	struct aws_words operands;
	bool skeleton;	     /* --generate-cli-skeleton: prints, sends nothing */
	const char *json;    /* value of --cli-input-json, NULL: none */
	const char *yaml;    /* value of --cli-input-yaml */
	const char *refusal; /* why the client refuses the line, or NULL */
};

/* Takes the words behind the operation apart. False when memory is short. */
bool aws_options_parse(struct arena *arena, const struct aws_operation *operation,
		       const struct aws_words *words, struct aws_options *options);

/* What was given to the option of that name, or NULL. */
const struct aws_given *aws_options_find(const struct aws_options *options,
					 const char *name, size_t length);

#endif
