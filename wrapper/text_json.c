#include "text_json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *text_json(const char *text, size_t length)
{
	json_t *value = json_stringn(text, length);
	char *escaped, *p;

	if (value)
		return value;
	if (length > (SIZE_MAX - 1) / 4)
		return NULL;
	escaped = p = malloc(length * 4 + 1);
	if (!escaped)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte >= 0x20 && byte < 0x7f)
			/* cppcheck-suppress uninitdata ; it is being filled */
			*p++ = (char)byte;
		else
			p += sprintf(p, "\\x%02x", byte);
	}
	value = json_stringn(escaped, (size_t)(p - escaped));
	free(escaped);
	return value;
}

json_t *text_json_or_null(const char *text)
{
	return text ? text_json(text, strlen(text)) : json_null();
}
