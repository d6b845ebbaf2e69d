#include "shell_scan.h"

#include <string.h>

struct scan {
	struct arena *arena;
	struct shell_commands *out;
	struct shell_command current;
	size_t word_capacity, output_capacity;
	char *word; /* the word being read, as large as the text */
	size_t length;
	bool in_word;
	enum { PLAIN, OUTPUT, INPUT, STRING } next; /* what the next word is */
	unsigned depth;
};

static int scan_text(struct arena *arena, const char *text, size_t length,
		     struct shell_commands *out, unsigned depth);

static bool push(struct scan *scan, const char ***list, size_t *count, size_t *capacity,
		 const char *word)
{
	const char **items = arena_grow(scan->arena, (void *)*list, *count + 1, capacity,
					sizeof(*items));

	if (!items)
		return false;
	*list = items;
	items[(*count)++] = word;
	items[*count] = NULL;
	return true;
}

static int end_word(struct scan *scan)
{
	char *word;

	if (!scan->in_word)
		return 0;
	word = arena_strndup(scan->arena, scan->word, scan->length);
	scan->in_word = false;
	scan->length = 0;
	if (!word)
		return -1;
	switch (scan->next) {
	case OUTPUT:
		scan->next = PLAIN;
		return push(scan, &scan->current.outputs, &scan->current.output_count,
			    &scan->output_capacity, word)
			       ? 0
			       : -1;
	case INPUT:
		scan->next = PLAIN;
		return 0;
	case STRING:
		scan->next = PLAIN;
		scan->current.input = word;
		return 0;
	case PLAIN:
		break;
	}
	return push(scan, &scan->current.words, &scan->current.count,
		    &scan->word_capacity, word)
		       ? 0
		       : -1;
}

static int end_command(struct scan *scan)
{
	struct shell_command *items;

	if (end_word(scan) < 0)
		return -1;
	if (scan->current.count || scan->current.output_count) {
		items = arena_grow(scan->arena, scan->out->items, scan->out->count,
				   &scan->out->capacity, sizeof(*items));
		if (!items)
			return -1;
		scan->out->items = items;
		items[scan->out->count++] = scan->current;
	}
	memset(&scan->current, 0, sizeof(scan->current));
	scan->word_capacity = scan->output_capacity = 0;
	scan->next = PLAIN;
	return 0;
}

static void add(struct scan *scan, char c)
{
	scan->word[scan->length++] = c;
	scan->in_word = true;
}

/* The end of a ( ... ) or { ... } that begins behind `at`; its length without the bracket. */
static size_t matching(const char *text, size_t length, char open, char close)
{
	unsigned depth = 1;
	char quote = '\0';

	for (size_t i = 0; i < length; i++) {
		if (quote == '\'') {
			if (text[i] == '\'')
				quote = '\0';
			continue;
		}
		if (text[i] == '\\') {
			i++;
		} else if (quote) {
			if (text[i] == quote)
				quote = '\0';
		} else if (text[i] == '\'' || text[i] == '"') {
			quote = text[i];
		} else if (text[i] == open) {
			depth++;
		} else if (text[i] == close && --depth == 0) {
			return i;
		}
	}
	return length;
}

/*
 * ${NAME:-WORDS} and its like: the words may become the command. 1 when there are such words
 * and they have been read, so that nobody reads them twice: nested ones would double each time.
 */
static int default_words(struct scan *scan, const char *text, size_t length)
{
	size_t name = 0;

	while (name < length && !strchr(":-=+?", text[name]))
		name++;
	name += name < length && text[name] == ':';
	if (name >= length || !strchr("-=+", text[name]))
		return 0;
	return scan_text(scan->arena, text + name + 1, length - name - 1, scan->out,
			 scan->depth + 1) < 0
		       ? -1
		       : 1;
}

/*
 * $(...), `...` and ${...} at text[at]: the commands in them are read as commands of their
 * own; the word keeps a placeholder, as nobody knows what it becomes. Returns what to skip.
 */
static size_t substitution(struct scan *scan, const char *text, size_t length, int *error)
{
	size_t inner, start;
	int words = 0;

	if (text[0] == '`') {
		start = 1;
		inner = 0;
		while (start + inner < length && text[start + inner] != '`')
			inner += text[start + inner] == '\\' && start + inner + 1 < length
					 ? 2
					 : 1;
		if (start + inner > length)
			inner = length - start;
	} else if (length > 1 && text[1] == '(') {
		start = 2;
		inner = matching(text + 2, length - 2, '(', ')');
	} else if (length > 1 && text[1] == '{') {
		start = 2;
		inner = matching(text + 2, length - 2, '{', '}');
	} else {
		add(scan, '$');
		return 1;
	}
	if (text[0] == '$' && text[1] == '{' && !scan->in_word && !scan->current.count)
		words = default_words(scan, text + start, inner);
	if (words < 0)
		*error = -1;
	add(scan, '$');
	if (words == 0 &&
	    scan_text(scan->arena, text + start, inner, scan->out, scan->depth + 1) < 0)
		*error = -1;
	return start + inner < length ? start + inner + 1 : length;
}

static size_t double_quoted(struct scan *scan, const char *text, size_t length,
			    int *error)
{
	size_t i = 1;

	scan->in_word = true;
	while (i < length && text[i] != '"') {
		if (text[i] == '\\' && i + 1 < length) {
			if (!strchr("$`\"\\\n", text[i + 1]))
				add(scan, '\\');
			if (text[i + 1] != '\n')
				add(scan, text[i + 1]);
			i += 2;
		} else if (text[i] == '$' || text[i] == '`') {
			i += substitution(scan, text + i, length - i, error);
		} else {
			add(scan, text[i++]);
		}
	}
	return i < length ? i + 1 : length;
}

static size_t single_quoted(struct scan *scan, const char *text, size_t length)
{
	size_t i = 1;

	scan->in_word = true;
	while (i < length && text[i] != '\'')
		add(scan, text[i++]);
	return i < length ? i + 1 : length;
}

/* The character that digits spell; *used of them belong to it. */
static unsigned digits(const char *text, size_t most, unsigned base, size_t *used)
{
	unsigned code = 0;

	for (*used = 0; *used < most; ++*used) {
		static const char all[] = "0123456789abcdef";
		char c = text[*used];
		const char *digit;

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		digit = c ? strchr(all, c) : NULL;
		if (!digit || (unsigned)(digit - all) >= base)
			break;
		code = code * base + (unsigned)(digit - all);
	}
	return code;
}

/* $'...': a backslash quotes a quote, and spells other characters. text: the first quote. */
static size_t ansi_quoted(struct scan *scan, const char *text, size_t length)
{
	static const char letters[] = "abefnrtvE", values[] = "\a\b\033\f\n\r\t\v\033";
	size_t i = 1;

	scan->in_word = true;
	while (i < length && text[i] != '\'') {
		bool hex = text[i + 1] == 'x';
		const char *letter;
		size_t used;
		unsigned code;

		if (text[i] != '\\' || i + 1 >= length) {
			add(scan, text[i++]);
			continue;
		}
		i++;
		code = digits(text + i + hex, hex ? 2 : 3, hex ? 16 : 8, &used);
		letter = strchr(letters, text[i]);
		if (used && code && code < 256) {
			add(scan, (char)code);
			i += used + hex;
		} else {
			add(scan, letter ? values[letter - letters] : text[i]);
			i++;
		}
	}
	return i < length ? i + 1 : length;
}

/* > >> >| >& < << <<- <<< <& and a file descriptor in front of them. */
static size_t redirection(struct scan *scan, const char *text, size_t length, int *error)
{
	size_t i = 1;

	if (scan->in_word && scan->length &&
	    strspn(scan->word, "0123456789") >= scan->length) {
		scan->in_word = false;
		scan->length = 0;
	}
	if (end_word(scan) < 0)
		*error = -1;
	if (text[0] == '>') {
		while (i < length && (text[i] == '>' || text[i] == '|' || text[i] == '&'))
			i++;
		scan->next = OUTPUT;
		return i;
	}
	scan->next = INPUT;
	if (length > 2 && strncmp(text, "<<<", 3) == 0) {
		scan->next = STRING;
		return 3;
	}
	/* The lines of a here document are read as commands: `bash <<E` runs them. */
	while (i < length && (text[i] == '<' || text[i] == '-' || text[i] == '&'))
		i++;
	return i;
}

static int scan_text(struct arena *arena, const char *text, size_t length,
		     struct shell_commands *out, unsigned depth)
{
	struct scan scan = {.arena = arena, .out = out, .depth = depth};
	int error = 0;
	size_t i = 0;

	if (depth > SHELL_MAX_DEPTH || length > SHELL_MAX_TEXT)
		return -1;
	scan.word = arena_alloc(arena, length + 2);
	if (!scan.word)
		return -1;
	while (i < length && !error) {
		char c = text[i];

		if (c == '\'') {
			i += single_quoted(&scan, text + i, length - i);
		} else if (c == '"') {
			i += double_quoted(&scan, text + i, length - i, &error);
		} else if (c == '$' || c == '`') {
			if (c == '$' && i + 1 < length && text[i + 1] == '\'')
				i += 1 + ansi_quoted(&scan, text + i + 1, length - i - 1);
			else if (c == '$' && i + 1 < length && text[i + 1] == '"')
				i++;
			else
				i += substitution(&scan, text + i, length - i, &error);
		} else if (c == '\\') {
			if (i + 1 < length && text[i + 1] != '\n')
				add(&scan, text[i + 1]);
			i += 2;
		} else if (c == '#' && !scan.in_word) {
			while (i < length && text[i] != '\n')
				i++;
		} else if (c == '<' || c == '>') {
			i += redirection(&scan, text + i, length - i, &error);
		} else if (strchr(";|&\n()", c)) {
			error = end_command(&scan);
			i++;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			error = end_word(&scan);
			i++;
		} else {
			add(&scan, c);
			i++;
		}
	}
	return error < 0 || end_command(&scan) < 0 ? -1 : 0;
}

int shell_scan(struct arena *arena, const char *text, struct shell_commands *commands)
{
	return scan_text(arena, text, strlen(text), commands, 0);
}
