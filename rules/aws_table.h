/*
 * The table of aws operations, rules/aws/SERVICE.tsv, made by scripts/aws-operations from
 * the service models of the clients: what an operation does, to what, and its options. Only
 * the file of the service that is on the line is read. A later rule directory's file of a
 * service takes the place of an earlier one's.
 */
#ifndef TALLY_AWS_TABLE_H
#define TALLY_AWS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "fault.h"

struct aws_option {
	const char *name; /* without dashes */
	char kind;	  /* = * [ ] { ! ? % ^, see scripts/aws-operations */
	bool required;
	const char
		*key; /* its name in JSON input, NULL: the same but for case and dashes */
};

struct aws_operation {
	const char *name;
	const char *action; /* "remove", "stop?status=DRAINING config" */
	const char *unit;
	const char *target; /* "-": none */
	const char *effect; /* "-": none */
	struct aws_option *options;
	size_t count;
	bool input; /* takes --cli-input-json and --generate-cli-skeleton */
};

enum aws_found { AWS_FOUND, AWS_NO_SERVICE, AWS_NO_OPERATION };

/*
 * Looks up one operation; with `operation` NULL only the service. -1 and `fault` when the
 * table is broken or memory is short.
 */
int aws_table_find(struct arena *arena, const char *const *rules, const char *service,
		   const char *operation, enum aws_found *found,
		   struct aws_operation *result, struct fault *fault);

/* True when `key` is the option's name in JSON input. */
bool aws_option_is_key(const struct aws_option *option, const char *key);

#endif
