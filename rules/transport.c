#include "transport.h"

#include <string.h>

#include "command.h"
#include "pattern.h"

enum { LINE = 4096 }; /* bytes of a line; what is longer is covered by no pattern */

/* The pattern behind "ACTION: ", and the action; NULL when the entry is a tool. */
static const char *pattern_of(const char *entry, enum action *action)
{
	const char *colon = strstr(entry, ": ");
	char name[16];
	size_t length = colon ? (size_t)(colon - entry) : sizeof(name);

	if (length >= sizeof(name))
		return NULL;
	memcpy(name, entry, length);
	name[length] = '\0';
	return action_parse(name, action) ? colon + 2 : NULL;
}

bool transport_valid(const char *entry)
{
	enum action action;
	const char *pattern = pattern_of(entry, &action);

	/* A pattern of one word would cover whatever that program is told. */
	if (pattern)
		return strchr(pattern, ' ') != NULL && *pattern != ' ';
	return *entry && !strpbrk(entry, " :");
}

const char *const *transports_for(struct arena *arena, const char *const *entries,
				  enum action action)
{
	size_t count = 0, used = 0;
	const char **list;

	while (entries && entries[count])
		count++;
	list = arena_array(arena, count + 1, sizeof(*list));
	for (size_t i = 0; list && i < count; i++) {
		enum action least;
		const char *pattern = pattern_of(entries[i], &least);

		if (!pattern)
			list[used++] = entries[i];
		else if (action >= least)
			list[used++] = pattern;
	}
	return list;
}

const char *transport_line(struct arena *arena, const char *const *argv, size_t argc)
{
	char line[LINE];
	size_t used = 0;

	for (size_t i = 0; i < argc; i++) {
		const char *word = i ? argv[i] : command_base_name(argv[0]);
		size_t length = strlen(word);

		if (length + 1 >= sizeof(line) - used)
			return "";
		memcpy(line + used, word, length);
		used += length;
		line[used++] = ' ';
	}
	line[used ? used - 1 : 0] = '\0';
	return arena_strdup(arena, line);
}

bool transports_cover(const char *const *entries, const char *tool, const char *line)
{
	for (; *entries; entries++) {
		if (strchr(*entries, ' ') ? pattern_match(*entries, line)
					  : strcmp(*entries, tool) == 0)
			return true;
	}
	return false;
}
