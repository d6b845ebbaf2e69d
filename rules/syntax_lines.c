/* One name a line, see syntax.h: what probes print and host files hold. */
#include "hostset_gather.h"
#include "syntax.h"

#include <string.h>

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\v' ||
	       byte == '\f';
}

/* Where the comment starts: at the begin of the line or behind a blank. */
static size_t comment_start(const char *line, size_t length, char comment)
{
	for (size_t i = 0; comment && i < length; i++)
		if (line[i] == comment && (i == 0 || is_blank(line[i - 1])))
			return i;
	return length;
}

static int read_line(struct gather *gather, const char *line, size_t length, int number,
		     char comment, struct fault *fault)
{
	length = comment_start(line, length, comment);
	while (length && is_blank(line[length - 1]))
		length--;
	while (length && is_blank(*line)) {
		line++;
		length--;
	}
	if (length == 0)
		return 0;
	for (size_t i = 0; i < length; i++) {
		if (line[i] == '\0')
			return fault_at(fault, "", number,
					"found a zero byte in line %d where a name was "
					"expected",
					number);
		if (is_blank(line[i]))
			return fault_at(
				fault, "", number,
				"found several words in line %d, \"%.*s\", where one "
				"name was expected",
				number, length > 60 ? 60 : (int)length, line);
	}
	if (!gather_name(gather, line, length))
		return fault_set(fault, "the names are too many: the memory for this "
					"evaluation is used up");
	return 0;
}

const struct hostset *syntax_lines(struct arena *arena, const char *text, size_t length,
				   char comment, struct fault *fault)
{
	struct gather gather = {.arena = arena};
	const struct hostset *set;
	int number = 0;

	for (size_t at = 0; at < length;) {
		const char *end = memchr(text + at, '\n', length - at);
		size_t line = end ? (size_t)(end - text) - at : length - at;

		if (read_line(&gather, text + at, line, ++number, comment, fault))
			return NULL;
		at += line + 1;
	}
	set = gather_finish(&gather);
	if (!set)
		fault_set(fault,
			  "the names are too many: the memory for this evaluation is "
			  "used up");
	return set;
}
