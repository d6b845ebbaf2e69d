/*
 * Text of unknown origin made fit for a screen: what would move the cursor, change colours,
 * reorder or hide text is shown as an escape. Arguments, host names, file names and the
 * messages of probes all come through here before a person or a log sees them.
 */
#ifndef TALLY_VISIBLE_H
#define TALLY_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/*
 * A copy of `text` in which control characters, invalid UTF-8, invisible and direction
 * changing characters (and, without `utf8`, all beyond ASCII) are \n, \xNN or \u{NNNN}.
 * A backslash stays one. NULL when memory is short.
 */
const char *visible_text(struct arena *arena, const char *text, bool utf8);

/*
 * One word as a shell would have to be given it: plain, in '...', or in $'...' with escapes
 * when there is something invisible in it. Always one line, always prints as it is.
 */
const char *visible_word(struct arena *arena, const char *word, bool utf8);

/*
 * All words of a command line, one blank between. The values of the options in `secrets`
 * (NULL-terminated, may be NULL) are shown as ***.
 */
const char *visible_command(struct arena *arena, const char *const *argv,
			    const char *const *secrets, bool utf8);

/* Columns that visible text takes; never less than a terminal uses. */
size_t visible_width(const char *text, size_t length);

/* Bytes of the character at `text`, 1 for anything that is no valid UTF-8. */
size_t visible_step(const char *text);

/* 9874 as "9,874". */
const char *visible_number(struct arena *arena, unsigned long long number);

/* "1 host", "9,874 hosts", "2 policies". */
const char *visible_count(struct arena *arena, unsigned long long number,
			  const char *unit);

/* "hosts" of "host". */
const char *visible_plural(struct arena *arena, const char *unit);

#endif
