/* Text of unknown encoding as JSON strings. */
#ifndef TALLY_TEXT_JSON_H
#define TALLY_TEXT_JSON_H

#include <stddef.h>

#include <jansson.h>

/*
 * A JSON string of `length` bytes. Arguments of programs are bytes, JSON is UTF-8: a byte
 * that is not part of a valid sequence is written as the four characters \xNN. NULL when
 * memory is short.
 */
json_t *text_json(const char *text, size_t length);

/* The same of a NUL-terminated text; JSON's null for NULL. */
json_t *text_json_or_null(const char *text);

#endif
