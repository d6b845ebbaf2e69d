/* Which names an aws operation touches, by the target column of its table. */
#ifndef TALLY_AWS_TARGETS_H
#define TALLY_AWS_TARGETS_H

#include "aws.h"

struct aws_names {
	struct arena *arena;
	const char **items;
	size_t count, capacity;
};

/* An empty name is shown as "" (two quotes): one thing the client asks for. */
bool aws_names_add(struct aws_names *names, const char *name);

/*
 * The names that the path `path` ("Objects.Key", "imageTag/imageDigest", "arn+version", ""
 * for the value itself) leads to in `value`. False and *why when something is not there;
 * false without *why when memory is short.
 */
bool aws_names_collect(struct aws_names *names, const struct yaml_value *value,
		       const char *path, const char **why);

/*
 * The names by the target column `target`. *why says that they cannot be known (not given,
 * broken); READ_MISSING while a file is awaited.
 */
int aws_targets(struct aws *aws, const char *target, struct aws_names *names,
		const char **why);

/* Appends the operation with these names. READ_DONE or READ_FAULT. */
int aws_targets_operation(struct aws *aws, const struct aws_names *names,
			  struct operation **operation);

#endif
