/*
 * mussh: -h and -H take all words up to the next one with a dash, so that a forgotten -c
 * makes the command a host. Source: the script mussh 1.0; its options are no getopt's: none
 * is joined but the numbers of -m, -d, -v and -t, and -- is no option of it.
 */
#include "reader.h"

#include <ctype.h>
#include <string.h>

struct line {
	struct reader *reader;
	const char *
		*hosts; /* without user@, in lower case where sort -f | uniq -i would */
	size_t count, capacity;
	const char *text; /* the commands */
	const char *problem, *refusal;
	bool commands; /* -c or -C was given */
	bool every;    /* -U: copies are kept */
};

static int add_host(struct line *line, const char *text, size_t length)
{
	struct arena *arena = line->reader->arena;
	const char *at = memrchr(text, '@', length);
	const char **grown;

	if (at) {
		length -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	if (!length) {
		line->problem = "a user without a host (an unset variable?)";
		return READ_DONE;
	}
	for (size_t i = 0; i < line->count; i++) /* the last spelling of a name stays */
		if (strlen(line->hosts[i]) == length &&
		    strncasecmp(line->hosts[i], text, length) == 0) {
			line->hosts[i] = arena_strndup(arena, text, length);
			return line->hosts[i] ? READ_DONE : READ_FAULT;
		}
	grown = arena_grow(arena, line->hosts, line->count, &line->capacity,
			   sizeof(*grown));
	if (!grown)
		return READ_FAULT;
	line->hosts = grown;
	grown[line->count] = arena_strndup(arena, text, length);
	return grown[line->count++] ? READ_DONE : READ_FAULT;
}

static int add_words(struct line *line, const char *text)
{
	int result = READ_DONE;

	while (*text && result == READ_DONE) {
		size_t length;

		text += strspn(text, " \t\n\r");
		length = strcspn(text, " \t\n\r");
		if (length)
			result = add_host(line, text, length);
		text += length;
	}
	return result;
}

/* One host a line, # comments. */
static int add_file(struct line *line, const char *path)
{
	struct reader *reader = line->reader;
	const struct fact *fact = strcmp(path, "-") == 0
					  ? facts_stdin(reader->facts)
					  : facts_file(reader->facts, path);
	char *copy, *one;
	int result = READ_DONE;

	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK) {
		line->problem = "a list of hosts cannot be read";
		return READ_DONE;
	}
	copy = arena_strdup(reader->arena, fact->data);
	if (!copy)
		return READ_FAULT;
	while (result == READ_DONE && (one = strsep(&copy, "\n")) != NULL) {
		one[strcspn(one, "#")] = '\0';
		result = add_words(line, one);
	}
	return result;
}

static int add_text(struct line *line, const char *text)
{
	line->commands = true;
	line->text = arena_printf(line->reader->arena, "%s%s\n", line->text, text);
	return line->text ? READ_DONE : READ_FAULT;
}

static int add_script(struct line *line, const char *path)
{
	struct reader *reader = line->reader;
	const struct fact *fact = strcmp(path, "-") == 0
					  ? facts_stdin(reader->facts)
					  : facts_file(reader->facts, path);

	if (!fact)
		return READ_MISSING;
	line->commands = true;
	return fact->state == FACT_OK ? add_text(line, fact->data) : READ_DONE;
}

/* -m3, -m 3 and -m alone */
static bool is_number_option(const char *word)
{
	return word[0] == '-' && word[1] && strchr("mdvt", word[1]) &&
	       !word[2 + strspn(word + 2, "0123456789")];
}

/* The words of a list option: all up to the next with a dash ("-" itself is one of them). */
static int take_list(struct line *line, size_t *at)
{
	const struct command *command = line->reader->command;
	char option = command->argv[*at][1];
	int result = READ_DONE;

	(*at)++;
	while (*at < command->argc && result == READ_DONE) {
		const char *word = command->argv[*at];

		if (word[0] == '-' && word[1])
			break;
		if (!*word) { /* the script's own loop ends at an empty word */
			line->problem = "an empty word (an unset variable?)";
			return READ_DONE;
		}
		if (option == 'h')
			result = add_words(line, word);
		else if (option == 'H')
			result = add_file(line, word);
		else if (option == 'C')
			result = add_script(line, word);
		(*at)++;
	}
	return result;
}

static int parse(struct line *line, bool *nothing)
{
	const struct command *command = line->reader->command;
	int result = READ_DONE;
	size_t at = 1;

	while (at < command->argc && result == READ_DONE) {
		const char *word = command->argv[at];
		char letter = word[0] == '-' && word[1] && !word[2] ? word[1] : '\0';

		if (!*word)
			line->problem = "an empty word (an unset variable?)";
		else if (strcmp(word, "--help") == 0 || letter == 'V')
			*nothing = true;
		else if (letter && strchr("hHCi", letter)) {
			result = take_list(line, &at);
			continue;
		} else if (is_number_option(word)) {
			const char *next =
				at + 1 < command->argc ? command->argv[at + 1] : "";

			at += !word[2] && *next && *next != '-';
		} else if (strcmp(word, "-po") == 0 ||
			   (letter && strchr("olLsp", letter)))
			at++;
		else if (letter == 'c') {
			at++;
			result = add_text(line,
					  at < command->argc ? command->argv[at] : "");
		} else if (letter == 'U')
			line->every = true;
		else if (!letter || !strchr("AabBquP", letter))
			line->refusal = "an option that it does not have";
		at++;
	}
	return result;
}

int reader_mussh(struct reader *reader, struct fault *fault)
{
	struct line line = {.reader = reader, .text = ""};
	struct operation *operation;
	const struct hostset *set;
	bool nothing = false, irreversible = false;
	enum action action;
	int result = parse(&line, &nothing);

	(void)fault;
	if (result != READ_DONE)
		return result;
	if (nothing && !line.refusal)
		return reader_nothing(reader, "host");
	if (!line.commands && !line.refusal && !line.problem) {
		result = add_script(&line, "-");
		if (result != READ_DONE)
			return result;
	}
	action = *line.text ? remote_action(reader->arena, reader->actions, line.text,
					    &irreversible)
			    : ACTION_RUN;
	if (line.refusal)
		return reader_refused(reader, action, "host", "%s", line.refusal);
	if (line.problem)
		return reader_unknown(reader, action, "host", "%s", line.problem);
	if (!line.count)
		return reader_refused(reader, action, "host", "no host is named");
	set = hostset_names(reader->arena, line.hosts, line.count);
	operation = set ? reader_operation(reader, action, "host", set) : NULL;
	if (!operation)
		return READ_FAULT;
	operation->irreversible = irreversible;
	return READ_DONE;
}
