/*
 * dsh (dancer's shell): -m lists, -f files, -g groups and -a all machines, of files below
 * ~/.dsh or /etc/dsh. Sources: dsh(1) and linkedlist.c, dsh.c of dsh 0.25.10. Names are taken
 * to the letter: there are no ranges, and only a whole line may be a comment.
 */
#include "reader.h"

#include <ctype.h>
#include <string.h>

struct machines {
	struct reader *reader;
	const struct hostset *set;
	const char *problem;
};

/* [user@]host,[user@]host: a comma separates, a blank does not. */
static int add_list(struct machines *machines, const char *text)
{
	struct arena *arena = machines->reader->arena;

	while (*text) {
		size_t length = strcspn(text, ",");
		const char *at = memrchr(text, '@', length);
		const char *host = at ? at + 1 : text;
		size_t rest = length - (size_t)(host - text);

		if (rest) {
			const struct hostset *one = hostset_name(arena, host, rest);

			machines->set =
				one ? hostset_union(arena, machines->set, one) : NULL;
			if (!machines->set)
				return READ_FAULT;
		}
		text += length + (text[length] == ',');
	}
	return READ_DONE;
}

static int add_lines(struct machines *machines, const char *text)
{
	char *copy = arena_strdup(machines->reader->arena, text), *line;
	int result = copy ? READ_DONE : READ_FAULT;

	while (result == READ_DONE && (line = strsep(&copy, "\n")) != NULL) {
		size_t length;

		line += strspn(line, " \t\r");
		length = strlen(line);
		while (length && isspace((unsigned char)line[length - 1]))
			line[--length] = '\0';
		if (*line && *line != '#')
			result = add_list(machines, line);
	}
	return result;
}

/* The first of the files that is there. */
static int add_file(struct machines *machines, const char *const *paths)
{
	for (; *paths; paths++) {
		const struct fact *fact = facts_file(machines->reader->facts, *paths);

		if (!fact)
			return READ_MISSING;
		if (fact->state == FACT_OK)
			return add_lines(machines, fact->data);
		if (fact->state != FACT_ABSENT)
			break;
	}
	machines->problem = "a list of machines cannot be read";
	return READ_DONE;
}

/* ~/.dsh/NAME, else /etc/dsh/NAME */
static int add_own_file(struct machines *machines, const char *name)
{
	struct reader *reader = machines->reader;
	const char *home = command_env(reader->command, "HOME");
	const char *paths[3] = {NULL, NULL, NULL};
	size_t used = 0;

	if (home)
		paths[used++] = arena_printf(reader->arena, "%s/.dsh/%s", home, name);
	paths[used] = arena_printf(reader->arena, "/etc/dsh/%s", name);
	if (!paths[0] || !paths[used])
		return READ_FAULT;
	return add_file(machines, paths);
}

static int add_group(struct machines *machines, const char *name)
{
	const char *path;

	if (*name == '@') {
		machines->problem = "the machines of a netgroup are not known";
		return READ_DONE;
	}
	path = arena_printf(machines->reader->arena, "group/%s", name);
	return path ? add_own_file(machines, path) : READ_FAULT;
}

static int collect(struct machines *machines)
{
	const struct arguments *arguments = machines->reader->arguments;
	int result = READ_DONE;

	for (size_t i = 0; i < arguments->count && result == READ_DONE; i++) {
		const struct argument *item = &arguments->items[i];
		const char *paths[] = {item->value, NULL};

		if (argument_is(item, "-m"))
			result = add_list(machines, item->value);
		else if (argument_is(item, "-f"))
			result = add_file(machines, paths);
		else if (argument_is(item, "-g"))
			result = add_group(machines, item->value);
		else if (argument_is(item, "-a"))
			result = add_own_file(machines, "machines.list");
	}
	return result;
}

static enum action action_of(struct reader *reader, bool *irreversible)
{
	const char **words = arena_array(
		reader->arena, arguments_operands(reader->arguments) + 1, sizeof(*words));
	const char *word;
	size_t at = 0, count = 0;

	if (!words)
		return ACTION_REMOVE;
	while ((word = arguments_next_operand(reader->arguments, &at)) != NULL)
		words[count++] = word;
	return count ? remote_action_words(reader->arena, reader->actions, words, count,
					   irreversible)
		     : ACTION_RUN;
}

int reader_dsh(struct reader *reader, struct fault *fault)
{
	struct machines machines = {.reader = reader,
				    .set = hostset_empty(reader->arena)};
	const struct arguments *arguments = reader->arguments;
	bool irreversible = false;
	enum action action = action_of(reader, &irreversible);
	struct operation *operation;
	int result;

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "-V"))
		return reader_nothing(reader, "host");
	if (arguments->refusal || arguments->unknown)
		return reader_refused(reader, action, "host", "%s",
				      arguments->refusal ? arguments->refusal
							 : "no such option");
	result = collect(&machines);
	if (result != READ_DONE)
		return result;
	if (machines.problem)
		return reader_unknown(reader, action, "host", "%s", machines.problem);
	if (!machines.set)
		return READ_FAULT;
	if (hostset_is_empty(machines.set))
		return reader_unknown(reader, action, "host",
				      "no machine is named (an unset variable?)");
	operation = reader_operation(reader, action, "host", machines.set);
	if (!operation)
		return READ_FAULT;
	operation->irreversible = irreversible;
	operation->everything = arguments_has(arguments, "-a");
	return READ_DONE;
}
