/*
 * Bytes as JSON values and back, for messages between the gate and tallyd: arguments, names
 * of files and outputs of probes need not be UTF-8, and not one byte of them may change.
 */
#ifndef TALLY_MESSAGE_TEXT_H
#define TALLY_MESSAGE_TEXT_H

#include <stddef.h>

#include <jansson.h>

#include "arena.h"

/*
 * A JSON string where the bytes are UTF-8 without NUL, else {"base64": "..."}; null for
 * NULL. A new value, NULL when memory is short.
 */
json_t *message_text(const char *text, size_t length);

/* The same for a NULL-terminated list of strings; null for NULL. */
json_t *message_texts(const char *const *texts);

/*
 * Takes a value apart again; *text is NUL-terminated, in the arena, NULL for null. `length`
 * may be NULL for texts that hold no NUL: one that does is refused then. -1 when the value
 * is none of these, or memory is short.
 */
int message_get_text(struct arena *arena, const json_t *value, const char **text,
		     size_t *length);
int message_get_texts(struct arena *arena, const json_t *value, const char *const **texts,
		      size_t *count);

/* A whole number within bounds; -1 when it is none. */
int message_get_integer(const json_t *value, json_int_t least, json_int_t most,
			json_int_t *number);

#endif
