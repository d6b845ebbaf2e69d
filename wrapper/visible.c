#include "visible.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "redact.h"

/* The character at `text`; 0 bytes when it is no valid UTF-8. */
static size_t decode(const char *text, uint32_t *character)
{
	const unsigned char *bytes = (const unsigned char *)text;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length;
	uint32_t value;

	if (bytes[0] < 0x80) {
		*character = bytes[0];
		return 1;
	}
	if (bytes[0] >= 0xc2 && bytes[0] <= 0xdf)
		length = 2, value = bytes[0] & 0x1fu;
	else if (bytes[0] >= 0xe0 && bytes[0] <= 0xef)
		length = 3, value = bytes[0] & 0x0fu;
	else if (bytes[0] >= 0xf0 && bytes[0] <= 0xf4)
		length = 4, value = bytes[0] & 0x07u;
	else
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3fu);
	}
	if (value < least[length] || value > 0x10ffff ||
	    (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*character = value;
	return length;
}

/* Characters that are not seen, or that change how their neighbours are seen. */
static bool hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x34f ||
	       c == 0x61c || (c >= 0x180b && c <= 0x180e) ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) ||
	       c == 0xfeff || (c >= 0xfff0 && c <= 0xfffb) || c >= 0xe0000 ||
	       (c >= 0xe000 && c <= 0xf8ff);
}

size_t visible_step(const char *text)
{
	uint32_t character;
	size_t length = decode(text, &character);

	return length ? length : 1;
}

size_t visible_width(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length;) {
		uint32_t character = 0;
		size_t step = decode(text + i, &character);

		/* Marks that combine are counted too: too short a line does no harm. */
		width += step && (character < 0x1100 ||
				  (character >= 0x1e00 && character < 0x2e80))
				 ? 1
				 : 2;
		i += step ? step : 1;
	}
	return width;
}

enum { ESCAPE = 16 };

/* Writes the character at *text as it is to be seen, moves on; returns bytes written. */
static size_t put(char *to, const char **text, bool utf8, bool *escaped)
{
	static const char letters[] = "\a\b\t\n\v\f\r\033", names[] = "abtnvfre";
	unsigned char byte = (unsigned char)**text;
	uint32_t character = 0;
	size_t step = decode(*text, &character);
	const char *letter = step == 1 && byte ? strchr(letters, byte) : NULL;
	int length;

	if (step && !hidden(character) && (step == 1 || utf8)) {
		memcpy(to, *text, step);
		*text += step;
		return step;
	}
	*escaped = true;
	*text += step ? step : 1;
	if (letter)
		length = snprintf(to, ESCAPE, "\\%c", names[letter - letters]);
	else if (step > 1)
		length = snprintf(to, ESCAPE, "\\u{%04x}", (unsigned)character);
	else
		length = snprintf(to, ESCAPE, "\\x%02x", byte);
	return length > 0 ? (size_t)length : 0;
}

static size_t escape(char *to, const char *text, bool utf8, bool *escaped)
{
	size_t used = 0;

	while (*text) {
		char bytes[ESCAPE];
		size_t length = put(bytes, &text, utf8, escaped);

		if (to)
			memcpy(to + used, bytes, length);
		used += length;
	}
	if (to)
		to[used] = '\0';
	return used;
}

const char *visible_text(struct arena *arena, const char *text, bool utf8)
{
	bool escaped = false;
	char *copy = arena_alloc(arena, escape(NULL, text, utf8, &escaped) + 1);

	if (copy)
		escape(copy, text, utf8, &escaped);
	return copy;
}

/* $'...': here the backslash and the quote have to be escaped as well. */
static const char *dollar_word(struct arena *arena, const char *word, bool utf8)
{
	char *copy = arena_array(arena, strlen(word) + 1, ESCAPE), *to = copy;

	if (!copy)
		return NULL;
	to = stpcpy(to, "$'");
	while (*word) {
		bool escaped = false;

		if (*word == '\\' || *word == '\'')
			*to++ = '\\';
		to += put(to, &word, utf8, &escaped);
	}
	memcpy(to, "'", 2);
	return copy;
}

const char *visible_word(struct arena *arena, const char *word, bool utf8)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./:=@%+,-^[]{}~";
	const char *visible;
	bool escaped = false;

	escape(NULL, word, utf8, &escaped);
	if (escaped)
		return dollar_word(arena, word, utf8);
	visible = visible_text(arena, word, utf8);
	if (!visible)
		return NULL;
	if (*word && word[0] != '~' && visible[strspn(visible, plain)] == '\0')
		return visible;
	if (strchr(word, '\''))
		return dollar_word(arena, word, utf8);
	return arena_printf(arena, "'%s'", visible);
}

const char *visible_command(struct arena *arena, const char *const *argv,
			    const char *const *secrets, bool utf8)
{
	size_t total = 1, count = 0;
	const char **words;
	bool next = false;
	char *line, *to;

	while (argv[count])
		count++;
	words = arena_array(arena, count + 1, sizeof(*words));
	if (!words)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const char *word = argv[i];

		if (next)
			word = "***";
		next = false;
		if (word == argv[i])
			word = redact_word(arena, argv[i], secrets, &next);
		/* Stars that were put in need no quotes. */
		words[i] = word && (word == argv[i] || next)
				   ? visible_word(arena, word, utf8)
				   : word;
		if (!words[i])
			return NULL;
		total += strlen(words[i]) + 1;
	}
	line = to = arena_alloc(arena, total);
	for (size_t i = 0; line && i < count; i++) {
		if (i)
			*to++ = ' ';
		to = stpcpy(to, words[i]);
	}
	return line;
}

const char *visible_number(struct arena *arena, unsigned long long number)
{
	char digits[32], text[48];
	int length = snprintf(digits, sizeof(digits), "%llu", number);
	size_t used = 0;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	return arena_strndup(arena, text, used);
}

const char *visible_plural(struct arena *arena, const char *unit)
{
	size_t length = strlen(unit);
	char last = length ? unit[length - 1] : '\0';
	char before = length > 1 ? unit[length - 2] : '\0';

	if (last == 'y' && !strchr("aeiou", before))
		return arena_printf(arena, "%.*sies", (int)length - 1, unit);
	if (last == 's' || last == 'x' || (last == 'h' && strchr("cs", before)))
		return arena_printf(arena, "%ses", unit);
	return arena_printf(arena, "%ss", unit);
}

const char *visible_count(struct arena *arena, unsigned long long number,
			  const char *unit)
{
	const char *digits = visible_number(arena, number);
	const char *name = number == 1 ? unit : visible_plural(arena, unit);

	return digits && name ? arena_printf(arena, "%s %s", digits, name) : NULL;
}
