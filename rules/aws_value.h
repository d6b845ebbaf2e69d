/*
 * What an option of an aws operation holds: words, JSON, shorthand, the text of a file
 * (file://, fileb://), or the member of --cli-input-json that the option would override.
 * Source: awscli/argprocess.py, paramfile.py, customizations/cliinput.py.
 */
#ifndef TALLY_AWS_VALUE_H
#define TALLY_AWS_VALUE_H

#include "aws.h"

/*
 * The value of the option `name` (`length` bytes) from argv or, failing that, from the
 * input file; *value NULL: not given. A value that cannot be known or that the client
 * itself refuses gives *value NULL and *why. READ_MISSING while a file is awaited.
 */
int aws_value(struct aws *aws, const char *name, size_t length,
	      const struct yaml_value **value, const char **why);

/* Reads --cli-input-json or --cli-input-yaml into aws->input. */
int aws_value_input(struct aws *aws, const char **why);

/* True for a flag that is on: --x, not --no-x, true in the input. */
bool aws_is_on(const struct aws *aws, const char *name);

/* JSON as a tree; NULL and *why when it is none. */
struct yaml_value *aws_json(struct arena *arena, const char *text, const char **why);

#endif
