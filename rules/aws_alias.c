#include "aws_alias.h"

#include <string.h>
#include <strings.h>

struct line {
	const char *text; /* behind the indent */
	size_t length, indent;
};

static bool next_line(const char **at, struct line *line)
{
	size_t all = strcspn(*at, "\n");

	if (!**at)
		return false;
	line->indent = strspn(*at, " \t\r\v\f");
	if (line->indent > all)
		line->indent = all;
	line->text = *at + line->indent;
	line->length = all - line->indent;
	while (line->length && strchr(" \t\r\v\f", line->text[line->length - 1]))
		line->length--;
	*at += all;
	*at += **at == '\n';
	return true;
}

static bool is_comment(const struct line *line)
{
	return line->length && (line->text[0] == '#' || line->text[0] == ';');
}

/* The words of "[command  ec2]" and "command ec2" are the same section. */
static bool is_section(const struct line *line, const char *section)
{
	const char *p = line->text + 1, *end = memchr(line->text, ']', line->length);

	if (!end)
		return false;
	while (*section && p < end) {
		if (*section != *p)
			return false;
		if (*section == ' ')
			while (p < end && *p == ' ')
				p++;
		else
			p++;
		section++;
	}
	while (p < end && *p == ' ')
		p++;
	return *section == '\0' && p == end;
}

/* name = value or name : value; option names are read without regard to case. */
static bool is_option(const struct line *line, const char *name, const char **value,
		      size_t *length)
{
	size_t cut = strcspn(line->text, "=:"), end;

	if (cut >= line->length)
		return false;
	for (end = cut; end && strchr(" \t", line->text[end - 1]); end--)
		continue;
	if (strlen(name) != end || strncasecmp(line->text, name, end) != 0)
		return false;
	*value = line->text + cut + 1;
	*length = line->length - cut - 1;
	while (*length && strchr(" \t", **value)) {
		(*value)++;
		(*length)--;
	}
	return true;
}

static const char *trimmed(struct arena *arena, const char *text, bool *failed)
{
	size_t length;
	char *copy;

	text += strspn(text, " \t\n\r\v\f");
	length = strlen(text);
	while (length && strchr(" \t\n\r\v\f", text[length - 1]))
		length--;
	copy = arena_strndup(arena, text, length);
	*failed = !copy;
	return copy;
}

const char *aws_alias_find(struct arena *arena, const char *text, const char *section,
			   const char *name, bool *failed)
{
	bool inside = false, option = false, mine = false;
	const char *value, *found = NULL;
	size_t length, indent = 0;
	struct line line;

	*failed = false;
	while (next_line(&text, &line)) {
		if (is_comment(&line))
			continue;
		if (line.length == 0 || (option && line.indent > indent)) {
			/* More indented than its option: the value goes on. */
			if (mine && found)
				found = arena_printf(arena, "%s\n%.*s", found,
						     (int)line.length, line.text);
			if (mine && !found) {
				*failed = true;
				return NULL;
			}
			continue;
		}
		indent = line.indent;
		mine = false;
		if (line.text[0] == '[') {
			inside = is_section(&line, section);
			option = false;
			continue;
		}
		option = true;
		if (!inside || !is_option(&line, name, &value, &length))
			continue;
		mine = true;
		found = arena_strndup(arena, value, length);
		if (!found) {
			*failed = true;
			return NULL;
		}
	}
	return found ? trimmed(arena, found, failed) : NULL;
}
