#include "words.h"

#include <stdbool.h>
#include <string.h>

struct splitter {
	struct arena *arena;
	const char *at;
	char *word; /* under construction: never longer than the text */
	size_t length;
	bool open; /* a word has begun, perhaps an empty one */
	const char **words;
	size_t count, capacity;
};

static int end_word(struct splitter *splitter)
{
	const char **grown;

	if (!splitter->open)
		return 0;
	grown = arena_grow(splitter->arena, splitter->words, splitter->count,
			   &splitter->capacity, sizeof(*grown));
	if (!grown)
		return -1;
	splitter->words = grown;
	grown[splitter->count] =
		arena_strndup(splitter->arena, splitter->word, splitter->length);
	splitter->open = false;
	splitter->length = 0;
	return grown[splitter->count++] ? 0 : -1;
}

static void add(struct splitter *splitter, char c)
{
	splitter->word[splitter->length++] = c;
}

static int single_quoted(struct splitter *splitter, struct fault *fault)
{
	for (splitter->at++; *splitter->at != '\''; splitter->at++) {
		if (!*splitter->at)
			return fault_set(fault, "a ' has no closing '");
		add(splitter, *splitter->at);
	}
	splitter->at++;
	return 0;
}

static int double_quoted(struct splitter *splitter, struct fault *fault)
{
	for (splitter->at++; *splitter->at != '"'; splitter->at++) {
		char c = *splitter->at;

		if (!c)
			return fault_set(fault, "a \" has no closing \"");
		if (c == '$' || c == '`')
			return fault_set(fault,
					 "%c is not expanded here: put \\ before it, or "
					 "use '...'",
					 c);
		if (c == '\\' && splitter->at[1] && strchr("\"\\$`\n", splitter->at[1])) {
			splitter->at++;
			if (*splitter->at == '\n')
				continue;
		}
		add(splitter, *splitter->at);
	}
	splitter->at++;
	return 0;
}

static int operator_found(char c, struct fault *fault)
{
	if (c == '\n')
		return fault_set(fault,
				 "it has more than one line: expected one command");
	return fault_set(fault,
			 "%c has a meaning to the shell: put it in quotes; expected one "
			 "command and its words",
			 c);
}

static int one_step(struct splitter *splitter, struct fault *fault)
{
	char c = *splitter->at;

	if (c == ' ' || c == '\t') {
		splitter->at++;
		return end_word(splitter) ? fault_set(fault, "out of memory") : 0;
	}
	if (strchr("$`;&|<>()\n", c))
		return operator_found(c, fault);
	splitter->open = true;
	if (c == '\'')
		return single_quoted(splitter, fault);
	if (c == '"')
		return double_quoted(splitter, fault);
	if (c == '\\') {
		if (!*++splitter->at)
			return fault_set(fault, "nothing stands behind the last \\");
	}
	add(splitter, *splitter->at++);
	return 0;
}

const char *const *words_split(struct arena *arena, const char *text, size_t *count,
			       struct fault *fault)
{
	struct splitter splitter = {.arena = arena, .at = text};
	size_t words;

	splitter.word = arena_alloc(arena, strlen(text) + 1);
	if (!splitter.word) {
		fault_set(fault, "out of memory");
		return NULL;
	}
	while (*splitter.at) {
		if (one_step(&splitter, fault))
			return NULL;
	}
	words = splitter.count + splitter.open;
	/* The NULL at the end is one word more. */
	if (end_word(&splitter) || (splitter.open = true, end_word(&splitter))) {
		fault_set(fault, "out of memory");
		return NULL;
	}
	splitter.words[words] = NULL;
	*count = words;
	return splitter.words;
}
