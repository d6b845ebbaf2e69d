/* Read-only runs of the aws client, with the account and the place of the line itself. */
#ifndef TALLY_AWS_PROBE_H
#define TALLY_AWS_PROBE_H

#include "aws.h"

/*
 * Begins a probe: program, --profile, --region, --endpoint-url and their like as on the
 * line, then the words of `start` (blank separated). The endpoint is taken from
 * AWS_ENDPOINT_URL when the line has none: aws-cli 2.9 does not look there itself. False
 * when memory is short.
 */
bool aws_probe_start(struct aws *aws, const char *start, struct aws_words *words);

/*
 * Asks for what `words` print. *text NULL and *why when it failed; READ_MISSING until it is
 * answered.
 */
int aws_probe_run(struct aws *aws, const struct aws_words *words, const char **text,
		  const char **why);

/* The same with --query and JSON output, read as a tree. */
int aws_probe_query(struct aws *aws, struct aws_words *words, const char *query,
		    const struct yaml_value **value, const char **why);

#endif
