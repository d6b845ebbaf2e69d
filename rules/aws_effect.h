/* What goes with the targets of an aws operation: the instances of a group, tasks, nodes. */
#ifndef TALLY_AWS_EFFECT_H
#define TALLY_AWS_EFFECT_H

#include "aws.h"
#include "aws_targets.h"

/*
 * Fills operation->effect by the effect column: the size now, from a probe, less the size
 * that the line asks for (none: all goes). An effect that cannot be known stays unknown,
 * but has its unit. READ_MISSING until the probe is answered.
 */
int aws_effect(struct aws *aws, struct operation *operation);

#endif
