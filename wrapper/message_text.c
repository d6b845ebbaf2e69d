#include "message_text.h"

#include <string.h>

#include <sodium.h>

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL };

static json_t *encoded(const char *text, size_t length)
{
	size_t size = sodium_base64_encoded_len(length, BASE64);
	char *code = malloc(size);
	json_t *value = NULL;

	if (code) {
		sodium_bin2base64(code, size, (const unsigned char *)text, length,
				  BASE64);
		value = json_pack("{s:s}", "base64", code);
	}
	free(code);
	return value;
}

json_t *message_text(const char *text, size_t length)
{
	json_t *value = NULL;

	if (!text)
		return json_null();
	/* jansson refuses what is no UTF-8; a NUL in the middle it would take. */
	if (!memchr(text, '\0', length))
		value = json_stringn(text, length);
	return value ? value : encoded(text, length);
}

json_t *message_texts(const char *const *texts)
{
	json_t *list;

	if (!texts)
		return json_null();
	list = json_array();
	for (; list && *texts; texts++) {
		if (json_array_append_new(list, message_text(*texts, strlen(*texts))) <
		    0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* What stands in {"base64": CODE}. */
static int decode(struct arena *arena, const json_t *value, const char **text,
		  size_t *length)
{
	const json_t *code = json_object_get(value, "base64");
	size_t size = json_string_length(code), got;
	unsigned char *bytes;
	const char *end;

	if (!json_is_string(code) || json_object_size(value) != 1)
		return -1;
	bytes = arena_alloc(arena, size / 4 * 3 + 4);
	if (!bytes ||
	    sodium_base642bin(bytes, size / 4 * 3 + 3, json_string_value(code), size,
			      NULL, &got, &end, BASE64) != 0 ||
	    end != json_string_value(code) + size)
		return -1;
	bytes[got] = '\0';
	*text = (const char *)bytes;
	*length = got;
	return 0;
}

int message_get_text(struct arena *arena, const json_t *value, const char **text,
		     size_t *length)
{
	size_t size = 0;

	*text = NULL;
	if (length)
		*length = 0;
	if (json_is_null(value))
		return 0;
	if (json_is_string(value)) {
		size = json_string_length(value);
		*text = arena_strndup(arena, json_string_value(value), size);
	} else if (!json_is_object(value) || decode(arena, value, text, &size) < 0) {
		return -1;
	}
	if (!*text || (!length && memchr(*text, '\0', size)))
		return -1;
	if (length)
		*length = size;
	return 0;
}

int message_get_texts(struct arena *arena, const json_t *value, const char *const **texts,
		      size_t *count)
{
	size_t size = json_array_size(value);
	const char **list;

	*texts = NULL;
	if (count)
		*count = 0;
	if (json_is_null(value))
		return 0;
	if (!json_is_array(value))
		return -1;
	list = arena_array(arena, size + 1, sizeof(*list));
	if (!list)
		return -1;
	for (size_t i = 0; i < size; i++)
		if (message_get_text(arena, json_array_get(value, i), &list[i], NULL) <
			    0 ||
		    !list[i])
			return -1;
	*texts = list;
	if (count)
		*count = size;
	return 0;
}

int message_get_integer(const json_t *value, json_int_t least, json_int_t most,
			json_int_t *number)
{
	if (!json_is_integer(value))
		return -1;
	*number = json_integer_value(value);
	return *number < least || *number > most ? -1 : 0;
}
