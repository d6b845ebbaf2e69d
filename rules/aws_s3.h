/*
 * aws s3: rm, rb, sync, mv, cp, mb, website. What a line would do is what the client itself
 * says when the same line has --dryrun: filters, prefixes and the comparison of sync are
 * its own. Source: awscli/customizations/s3/ of aws-cli 1.45.11 and 2.9.19.
 */
#ifndef TALLY_AWS_S3_H
#define TALLY_AWS_S3_H

#include "aws.h"

/* READ_DONE, READ_MISSING or READ_FAULT. */
int aws_s3(struct aws *aws);

#endif
