/* A command line as a person writes it -> argv, by the shell's rules of quoting. */
#ifndef TALLY_WORDS_H
#define TALLY_WORDS_H

#include <stddef.h>

#include "arena.h"
#include "fault.h"

/*
 * Splits at blanks; '...', "..." and \ quote as in POSIX sh (2.2). Nothing is expanded:
 * what a shell would expand or act on when it is not quoted ($ ` ; & | < > ( ) and a
 * newline) is a fault, because the words would not be what the shell makes of them. * and
 * ? stay as they are. NULL and `fault` on an open quote as well. The result is
 * NULL-terminated, of *count words.
 */
const char *const *words_split(struct arena *arena, const char *text, size_t *count,
			       struct fault *fault);

#endif
