/*
 * The thread that takes one notification after the other. It waits in the kernel's own
 * queue: to ask first whether there is one (epoll) makes each exec a hundredth dearer.
 */
#ifndef TALLY_RECEIVER_H
#define TALLY_RECEIVER_H

#include <stdbool.h>

#include "fault.h"

struct supervisor;
struct receiver;

/* Starts it: it calls settle() (supervisor.h) for each. NULL and `fault`. */
struct receiver *receiver_start(struct supervisor *supervisor, struct fault *fault);

/*
 * Ends it. Where the kernel leaves it waiting though nobody is left to notify (before Linux
 * 6.6), or somebody is, false: then it still uses what it was given.
 */
bool receiver_stop(struct receiver *receiver);

#endif
