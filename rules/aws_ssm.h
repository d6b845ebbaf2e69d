/* aws ssm send-command: instances by id, and by the tags that --targets selects. */
#ifndef TALLY_AWS_SSM_H
#define TALLY_AWS_SSM_H

#include "aws.h"

/* READ_DONE, READ_MISSING or READ_FAULT. */
int aws_ssm_send(struct aws *aws);

#endif
