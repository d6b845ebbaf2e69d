/* The directory of ledger and audit log. */
#ifndef TALLY_STATE_DIRECTORY_H
#define TALLY_STATE_DIRECTORY_H

#include "fault.h"

/* Makes it, and what is missing above it, with mode 0700. -1 and `fault`. */
int state_directory_make(const char *state, struct fault *fault);

#endif
