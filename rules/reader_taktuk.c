/*
 * taktuk: options in order, each machine spec with ranges of digits and letters and behind a
 * slash what is left out. Sources: taktuk(1) and the script taktuk 3.7.7 (decode_host_set,
 * parse_options). Gateways (-G) are contacted as well, and so are the machines that others are
 * told to deploy (-m a -[ -m b -]).
 */
#include "reader.h"

#include <ctype.h>
#include <string.h>

#include "syntax.h"

enum { MOST_NAMES = 65536, MOST_FILES = 16 };

struct run {
	struct reader *reader;
	const struct hostset *set;
	const char *text; /* commands that are run there */
	const char *problem;
	unsigned names, files;
	bool command, writes, nothing;
};

/* Perl's ++ on a text of letters and digits: az -> ba, zz -> aaa, 9 -> 10. */
static char *next_value(struct arena *arena, const char *value)
{
	char *copy = arena_strdup(arena, value);
	size_t at = strlen(value);
	char first = value[0];

	while (copy && at-- > 0) {
		if (copy[at] != '9' && copy[at] != 'z' && copy[at] != 'Z') {
			copy[at]++;
			return copy;
		}
		copy[at] = copy[at] == '9' ? '0' : copy[at] == 'z' ? 'a' : 'A';
	}
	return copy ? arena_printf(arena, "%c%s",
				   isdigit((unsigned char)first)   ? '1'
				   : islower((unsigned char)first) ? 'a'
								   : 'A',
				   copy)
		    : NULL;
}

static const struct hostset *expand(struct run *run, const char *item);

/* item = PREFIX [ VALUES ] REST, where VALUES are not all digits. */
static const struct hostset *expand_letters(struct run *run, const char *item,
					    const char *open, const char *close)
{
	struct arena *arena = run->reader->arena;
	const struct hostset *set = hostset_empty(arena);
	char *values = arena_strndup(arena, open + 1, (size_t)(close - open - 1)), *range;

	while (set && values && (range = strsep(&values, ",")) != NULL) {
		char *last = strchr(range, '-');
		const char *value = range;

		if (last)
			*last++ = '\0';
		else
			last = range;
		if (strlen(value) > strlen(last) ||
		    (strlen(value) == strlen(last) && strcmp(value, last) > 0))
			return NULL;
		for (;;) {
			const char *text =
				arena_printf(arena, "%.*s%s%s", (int)(open - item), item,
					     value, close + 1);
			const struct hostset *more = text && run->names++ < MOST_NAMES
							     ? expand(run, text)
							     : NULL;

			set = more ? hostset_union(arena, set, more) : NULL;
			if (!set || strcmp(value, last) == 0)
				break;
			value = next_value(arena, value);
			if (!value)
				return NULL;
		}
	}
	return set;
}

/* One item of a host set. */
static const struct hostset *expand(struct run *run, const char *item)
{
	struct fault fault = {0};
	const char *open = item;

	while ((open = strchr(open, '[')) != NULL) {
		const char *close = strchr(open, ']');

		if (!close)
			return NULL;
		if (open[1 + strspn(open + 1, "0123456789,-")] != ']')
			return expand_letters(run, item, open, close);
		open = close;
	}
	if (strpbrk(item, "$\\\"'` \t"))
		return NULL;
	return syntax_folded(run->reader->arena, item, &fault);
}

static const struct hostset *host_set(struct run *run, const char *text, size_t length)
{
	struct arena *arena = run->reader->arena;
	const struct hostset *set = hostset_empty(arena);
	size_t start = 0;
	bool inside = false;

	for (size_t i = 0; set && i <= length; i++) {
		const struct hostset *more;
		const char *item, *at;

		if (i < length && (text[i] == '[' || text[i] == ']'))
			inside = text[i] == '[';
		if (i < length && (inside || text[i] != ','))
			continue;
		if (i > start) {
			item = arena_strndup(arena, text + start, i - start);
			at = item ? strrchr(item, '@') : NULL;
			more = item ? expand(run, at ? at + 1 : item) : NULL;
			set = more ? hostset_union(arena, set, more) : NULL;
		}
		start = i + 1;
	}
	return set;
}

static int add_spec(struct run *run, const char *spec)
{
	size_t length = strcspn(spec, "/");
	const struct hostset *in, *out;

	if (*spec == '#') /* a shell starts ssh and takes the name for a comment */
		return READ_DONE;
	in = host_set(run, spec, length);
	out = spec[length] ? host_set(run, spec + length + 1, strlen(spec + length + 1))
			   : hostset_empty(run->reader->arena);
	in = in && out ? hostset_difference(run->reader->arena, in, out) : NULL;
	if (!in || hostset_is_empty(in)) {
		run->problem = arena_printf(run->reader->arena,
					    "\"%s\" cannot be read as machines", spec);
		return run->problem ? READ_DONE : READ_FAULT;
	}
	run->set = hostset_union(run->reader->arena, run->set, in);
	return run->set ? READ_DONE : READ_FAULT;
}

static int read_file(struct run *run, const char *path, const char **text)
{
	const struct fact *fact = strcmp(path, "-") == 0
					  ? facts_stdin(run->reader->facts)
					  : facts_file(run->reader->facts, path);

	*text = NULL;
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK || ++run->files > MOST_FILES)
		run->problem = "a file of the line cannot be read";
	else
		*text = fact->data;
	return READ_DONE;
}

/* The first word of each line is a spec. */
static int add_machines(struct run *run, const char *path)
{
	const char *text;
	char *copy, *line;
	int result = read_file(run, path, &text);

	copy = text ? arena_strdup(run->reader->arena, text) : NULL;
	while (result == READ_DONE && copy && (line = strsep(&copy, "\n")) != NULL) {
		line[strcspn(line, " \t\r\v\f")] = '\0';
		if (*line)
			result = add_spec(run, line);
	}
	return result;
}

static int parse(struct run *run, const char *const *words, size_t count);

/* -F: the words of the file as if they stood on the line. */
static int add_arguments(struct run *run, const char *path)
{
	const char *text, **words;
	char *copy, *word;
	size_t count = 0;
	int result = read_file(run, path, &text);

	if (result != READ_DONE || !text)
		return result;
	copy = arena_strdup(run->reader->arena, text);
	words = arena_array(run->reader->arena, strlen(text) / 2 + 2, sizeof(*words));
	if (!copy || !words)
		return READ_FAULT;
	while ((word = strsep(&copy, " \t\r\n\v\f")) != NULL)
		if (*word)
			words[count++] = word;
	return parse(run, words, count);
}

static int add_value(struct run *run, char option, const char *value)
{
	switch (option) {
	case 'm':
	case 'G':
		return add_spec(run, value);
	case 'f':
		return add_machines(run, value);
	case 'F':
		return add_arguments(run, value);
	case 'E': /* these change how the rest is read */
	case 'O':
	case 'C':
		run->problem = "an option that changes how the line is read";
		break;
	default:
		break;
	}
	return READ_DONE;
}

static char letter_of(const char *name)
{
	static const struct {
		const char *name;
		char letter;
	} names[] = {
		{"machine", 'm'},
		{"machines-file", 'f'},
		{"gateway", 'G'},
		{"args-file", 'F'},
		{"login", 'l'},
		{"connector", 'c'},
		{"dynamic", 'd'},
		{"begin-group", 'b'},
		{"end-group", 'e'},
		{"self-propagate", 's'},
		{"dont-self-propagate", 'z'},
		{"perl-interpreter", 'I'},
		{"localhost", 'L'},
		{"send-files", 'S'},
		{"taktuk-command", 'T'},
		{"path-value", 'V'},
		{"command-separator", 'C'},
		{"escape-character", 'E'},
		{"option-separator", 'O'},
		{"output-template", 'o'},
		{"output-redirect", 'R'},
		{"worksteal-behavior", 'B'},
		{"debug", 'D'},
		{"my", 'M'},
		{"print-defaults", 'P'},
		{"window-adaptation", 'W'},
		{"time-granularity", 'g'},
		{"help", 'h'},
		{"interactive", 'i'},
		{"no-numbering", 'n'},
		{"print-package", 'p'},
		{"not-root", 'r'},
		{"timeout", 't'},
		{"cache-limit", 'u'},
		{"version", 'v'},
		{"window", 'w'},
		{"cook", 'k'},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].letter;
	return '?';
}

/* One word of options. *at is moved on over values. */
static int parse_options(struct run *run, const char *const *words, size_t count,
			 size_t *at)
{
	char one[2] = {'\0', '\0'};
	const char *letters = words[*at] + 1;
	int result = READ_DONE;

	if (letters[0] == '-') {
		one[0] = letter_of(letters + 1);
		letters = one;
	}
	for (; *letters && result == READ_DONE; letters++) {
		if (strchr("behikMnrsvzP[]", *letters)) {
			if (strchr("hvP", *letters))
				run->nothing = true;
			continue;
		}
		if (!strchr("BCDEFGILORSTVWcdfglmoptuw", *letters)) {
			run->problem = "an option that is not known";
			return READ_DONE;
		}
		if (letters[1]) /* the rest of the word */
			return add_value(run, *letters, letters + 1);
		if (*at + 1 >= count) {
			run->problem = "an option without its value";
			return READ_DONE;
		}
		return add_value(run, *letters, words[++*at]);
	}
	return result;
}

/* Commands: what stands in brackets behind exec is run, put writes files. */
static int parse_commands(struct run *run, const char *const *words, size_t count)
{
	run->command = run->command || count;
	for (size_t i = 0; i < count; i++) {
		const char *word = words[i];

		if (strncmp(word, "put", strlen(word)) == 0 && strlen(word) > 1)
			run->writes = true;
		run->text = arena_printf(run->reader->arena, "%s%s%s", run->text,
					 strpbrk(word, "[]{}()") && !word[1] ? "\n" : " ",
					 strpbrk(word, "[]{}()") && !word[1] ? "" : word);
		if (!run->text)
			return READ_FAULT;
	}
	return READ_DONE;
}

static int parse(struct run *run, const char *const *words, size_t count)
{
	int result = READ_DONE;
	size_t at = 0;

	for (; at < count && result == READ_DONE; at++) {
		if (strcmp(words[at], "--") == 0)
			return parse_commands(run, words + at + 1, count - at - 1);
		if (words[at][0] != '-' && words[at][0])
			return parse_commands(run, words + at, count - at);
		if (words[at][0])
			result = parse_options(run, words, count, &at);
	}
	return result;
}

int reader_taktuk(struct reader *reader, struct fault *fault)
{
	struct run run = {
		.reader = reader, .set = hostset_empty(reader->arena), .text = ""};
	const struct command *command = reader->command;
	struct operation *operation;
	bool irreversible = false;
	enum action action;
	int result = parse(&run, command->argv + 1, command->argc - 1);

	(void)fault;
	if (result != READ_DONE)
		return result;
	if (!run.set)
		return READ_FAULT;
	if (run.nothing)
		return reader_nothing(reader, "host");
	action = *run.text ? remote_action(reader->arena, reader->actions, run.text,
					   &irreversible)
			   : ACTION_RUN;
	if (run.writes && action < ACTION_CONFIG)
		action = ACTION_CONFIG;
	if (command_env(command, "TAKTUK_MACHINE") ||
	    command_env(command, "TAKTUK_GATEWAY") ||
	    command_env(command, "TAKTUK_MACHINES_FILE") ||
	    command_env(command, "TAKTUK_ARGS_FILE"))
		run.problem = "a variable TAKTUK_... names machines";
	if (run.problem)
		return reader_unknown(reader, action, "host", "%s", run.problem);
	if (hostset_is_empty(run.set))
		return reader_unknown(reader, action, "host", "no machine is named");
	operation = reader_operation(reader, action, "host", run.set);
	if (!operation)
		return READ_FAULT;
	operation->irreversible = irreversible;
	return READ_DONE;
}
