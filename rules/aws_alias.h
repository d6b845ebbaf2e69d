/*
 * Aliases of the aws client, ~/.aws/cli/alias: an INI file with `name = words` in
 * [toplevel], and in [command ec2] with aws-cli 2. A value that begins with ! is shell text.
 * Source: awscli/alias.py; configparser.RawConfigParser of CPython 3.11 reads the file.
 */
#ifndef TALLY_AWS_ALIAS_H
#define TALLY_AWS_ALIAS_H

#include <stdbool.h>

#include "arena.h"

/*
 * The value of `name` in `section` ("toplevel", "command ec2") of the file's text, lines
 * joined by newlines and blanks around it dropped; NULL: not there. *failed is set when
 * memory is short.
 */
const char *aws_alias_find(struct arena *arena, const char *text, const char *section,
			   const char *name, bool *failed);

#endif
