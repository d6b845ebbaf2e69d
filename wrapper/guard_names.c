#include "guard_names.h"

#include <stdbool.h>
#include <string.h>

#include "load.h"
#include "tool_index.h"

struct names {
	struct arena *arena;
	struct guard_program *items;
	size_t count, capacity;
};

static int add(struct names *names, const char *text, size_t length,
	       const char *description)
{
	struct guard_program *items = arena_grow(names->arena, names->items, names->count,
						 &names->capacity, sizeof(*items));
	/* Of a module ("ansible adhoc") the first word is what -m is given. */
	const char *space = memchr(text, ' ', length);
	const char *name = arena_strndup(names->arena, text,
					 space ? (size_t)(space - text) : length);

	if (!items || !name)
		return -1;
	names->items = items;
	if (*name && !strchr(name, '/'))
		items[names->count++] = (struct guard_program){name, description};
	return 0;
}

/* ---- from files that cannot be read as what they should be ---- */

static bool word_at(const char *text, const char *at, const char *word)
{
	size_t length = strlen(word);

	return strncmp(at, word, length) == 0 &&
	       (at == text || strchr(" \t\n{;,(", at[-1])) &&
	       strchr(" \t\n=:", at[length]);
}

/* The quoted words from `at` to the ; that ends the setting, or to the end of the text. */
static int add_quoted(struct names *names, const char *at)
{
	while (*at && *at != ';' && *at != '}') {
		const char *end;

		if (*at++ != '"')
			continue;
		end = at + strcspn(at, "\"\n");
		if (add(names, at, (size_t)(end - at), "") < 0)
			return -1;
		at = *end ? end + 1 : end;
	}
	return 0;
}

static int add_text(struct names *names, const char *path)
{
	const char *base = strrchr(path, '/') + 1, *dot = strrchr(base, '.');
	struct load_source source;
	struct fault ignored;

	/* A file that cannot even be opened still has a name. */
	if (add(names, base, (size_t)(dot ? dot - base : (ptrdiff_t)strlen(base)), "") <
	    0)
		return -1;
	if (load_read(names->arena, path, &source, &ignored) < 0)
		return 0;
	for (const char *at = source.text; *at; at++)
		if ((word_at(source.text, at, "name") ||
		     word_at(source.text, at, "programs") ||
		     word_at(source.text, at, "modules")) &&
		    add_quoted(names, at) < 0)
			return -1;
	return 0;
}

static int from_text(struct names *names, const char *const *rules, struct fault *fault)
{
	const char *const *paths = NULL;

	if (load_files(names->arena, rules, "tools", &paths, fault) < 0)
		return -1;
	for (; paths && *paths; paths++)
		if (add_text(names, *paths) < 0)
			return fault_set(fault, "out of memory");
	return 0;
}

int guard_names(struct arena *arena, const char *const *rules,
		struct guard_program **programs, size_t *count, struct fault *broken,
		struct fault *fault)
{
	struct names names = {.arena = arena};
	struct tool_index index;
	int result = 0;

	if (tool_index_load(arena, rules, &index, broken) < 0)
		result = from_text(&names, rules, fault);
	else
		broken->text[0] = '\0';
	for (size_t i = 0; !broken->text[0] && i < index.count; i++)
		if (add(&names, index.programs[i].program,
			strlen(index.programs[i].program),
			index.programs[i].description) < 0)
			return fault_set(fault, "out of memory");
	*programs = names.items;
	*count = names.count;
	return result;
}
