/* Descriptors of the caller's, in a process that only stands beside the program. */
#ifndef TALLY_DESCRIPTORS_H
#define TALLY_DESCRIPTORS_H

#include <stddef.h>

/*
 * Closes everything but the `count` descriptors in `keep` (-1 is passed over), so that a
 * pipe of the caller's ends when the program closes it. Descriptors 0 to 2 that are not
 * kept are held by /dev/null.
 */
void descriptors_release(const int *keep, size_t count);

#endif
