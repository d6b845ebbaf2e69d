/*
 * The aws client's command line, in steps: aws_line.h takes it apart as argparse does,
 * aws_table.h knows the operation, aws_value.h what its options hold, aws_targets.h,
 * aws_effect.h and aws_s3.h count. rules/reader_aws.c puts the steps in order.
 * Source: awscli/clidriver.py, argparser.py, argprocess.py, shorthand.py, paramfile.py,
 * alias.py of aws-cli 1.45.11 and 2.9.19.
 */
#ifndef TALLY_AWS_H
#define TALLY_AWS_H

#include <stdbool.h>
#include <stddef.h>

#include "aws_line.h"
#include "aws_table.h"
#include "reader.h"
#include "yaml_tree.h"

/* One line of one operation, on its way from words to a count. */
struct aws {
	struct reader *reader;
	struct fault *fault;
	struct aws_words
		globals; /* options of the client itself, for probes: --region x */
	const char *service;
	struct aws_operation operation;
	struct aws_words rest; /* words behind the operation, without global options */
	struct aws_options options;	/* the same, taken apart */
	const struct yaml_value *input; /* --cli-input-json, -yaml; NULL: none */
	enum action action;
};

#endif
