/*
 * The aws client's shorthand for structures: `Key=a,Values=b,c`, `A=[x,y],B={C=d}`. A comma
 * ends a value only where a new `key=` begins, else it makes a list.
 * Source: awscli/shorthand.py of aws-cli 2.9.19 (1.45.11 has `key@=file://x` besides, which
 * is not taken here).
 */
#ifndef TALLY_AWS_SHORTHAND_H
#define TALLY_AWS_SHORTHAND_H

#include "arena.h"
#include "fault.h"
#include "yaml_tree.h"

/* A mapping whose values are texts, sequences and mappings. NULL and `fault` else. */
struct yaml_value *aws_shorthand(struct arena *arena, const char *text,
				 struct fault *fault);

/* Values made by hand; NULL when memory is short. */
struct yaml_value *aws_scalar(struct arena *arena, const char *text, size_t length);
struct yaml_value *aws_container(struct arena *arena, enum yaml_kind kind);
bool aws_append(struct arena *arena, struct yaml_value *container, const char *key,
		struct yaml_value *item);

#endif
