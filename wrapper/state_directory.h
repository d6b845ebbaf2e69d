/*
 * The directory of ledger and audit log. What root makes in a directory of somebody else
 * (below sudo) is given to that user, who otherwise could do nothing with it afterwards.
 */
#ifndef TALLY_STATE_DIRECTORY_H
#define TALLY_STATE_DIRECTORY_H

#include "fault.h"

/* Makes it, and what is missing above it, with mode 0700. -1 and `fault`. */
int state_directory_make(const char *state, struct fault *fault);

/*
 * Makes the file `path` in it, mode 0600, and opens it with `flags`. Its descriptor, or -1
 * with errno; EEXIST when there is one of that name.
 */
int state_file_make(const char *state, const char *path, int flags);

#endif
