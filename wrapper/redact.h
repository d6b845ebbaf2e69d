/* Words of a command line without the secrets in them. */
#ifndef TALLY_REDACT_H
#define TALLY_REDACT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/*
 * `word` with the value of a secret option (one of `secrets`, NULL-terminated, may be NULL)
 * taken out: --password=***, -p***. *next is set when the following word is such a value.
 * Returns `word` itself when there is nothing to hide, NULL when memory is short.
 */
const char *redact_word(struct arena *arena, const char *word, const char *const *secrets,
			bool *next);

/*
 * The first `count` words of `argv`. Hides the values of `secrets`, abbreviated too (--pass)
 * and at the end of a bundle (-vp), and of what is called a secret wherever it stands, as
 * not every tool has a description: options that end in password, token and the like, and
 * such variables (PGPASSWORD=...). NULL-terminated.
 */
const char *const *redact_words(struct arena *arena, const char *const *argv,
				size_t count, const char *const *secrets);

#endif
