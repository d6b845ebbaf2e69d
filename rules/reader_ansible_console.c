/*
 * ansible-console. Sources: ansible-console(1), cli/console.py of ansible-core 2.14. It
 * starts on the hosts of its pattern; what it does there stands on its standard input, where
 * `cd` takes it to other hosts. It ignores --list-hosts, so `ansible` is asked for the hosts.
 */
#include "ansible_hosts.h"
#include "ansible_module.h"
#include "reader.h"

#include <string.h>

struct console {
	struct reader *reader;
	const struct hostset *hosts; /* of the pattern that holds now */
	const struct hostset *by_action[ACTION_REMOVE + 1];
	bool irreversible;
	const char *problem; /* hosts that cannot be known */
};

static const char *first_word(struct arena *arena, const char *line)
{
	return arena_strndup(arena, line, strcspn(line, " \t"));
}

/* Lines that change how the console works and touch no host. */
static bool is_setting(const char *word)
{
	static const char *const words[] = {
		"?",	  "help",	 "list",      "forks",	     "serial",
		"become", "become_user", "check",     "remote_user", "become_method",
		"diff",	  "timeout",	 "verbosity", "collections"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* A module by its name, or else a text for the shell: the console prefers the module. */
static enum action action_of(struct console *console, const char *line)
{
	struct arena *arena = console->reader->arena;
	const struct action_table *table = console->reader->actions;
	const char *word = first_word(arena, line);
	const char *rest = line + strcspn(line, " \t");
	struct module_text text = {arena, rest + strspn(rest, " \t")};
	enum action as_module, as_text;

	if (!word)
		return ACTION_REMOVE;
	if (strcmp(word, "shell") == 0 || line[0] == '!')
		return remote_action(arena, table, line[0] == '!' ? line + 1 : text.text,
				     &console->irreversible);
	as_module = ansible_module_action(arena, table, word, text.text,
					  ansible_module_argument, &text,
					  &console->irreversible);
	if (ansible_module_is_known(word))
		return as_module;
	as_text = remote_action(arena, table, line, &console->irreversible);
	/* Nobody but the console can tell a module from a program: name=value is a hint. */
	return strchr(text.text, '=') && as_module > as_text ? as_module : as_text;
}

static int touch(struct console *console, enum action action)
{
	const struct hostset **set = &console->by_action[action];

	*set = *set ? hostset_union(console->reader->arena, *set, console->hosts)
		    : console->hosts;
	return *set ? READ_DONE : READ_FAULT;
}

static int change_hosts(struct console *console, const char *pattern)
{
	struct ansible_play play;
	int result;

	if (!*pattern || strstr("/*", pattern))
		pattern = "all";
	result = ansible_pattern_hosts(console->reader, pattern, true, &play);
	if (result != READ_DONE)
		return result;
	if (!play.hosts) {
		console->problem =
			arena_printf(console->reader->arena,
				     "ansible cannot list the hosts of \"%s\"", pattern);
		return console->problem ? READ_DONE : READ_FAULT;
	}
	/* Where nothing matches, cd stays where it is. */
	if (!console->hosts || !hostset_is_empty(play.hosts))
		console->hosts = play.hosts;
	return READ_DONE;
}

static int read_line(struct console *console, const char *line, bool *end)
{
	const char *word = first_word(console->reader->arena, line);

	if (!word)
		return READ_FAULT;
	*end = strcmp(word, "exit") == 0 || strcmp(word, "EOF") == 0;
	if (*end || !*word || *word == '#' || is_setting(word))
		return READ_DONE;
	if (strcmp(word, "cd") == 0) {
		line += strlen(word);
		return change_hosts(console, line + strspn(line, " \t"));
	}
	return touch(console, action_of(console, line));
}

static int read_input(struct console *console, const char *input)
{
	char *text = arena_strdup(console->reader->arena, input), *line;
	bool end = false;
	int result = text ? READ_DONE : READ_FAULT;

	while (result == READ_DONE && !end && (line = strsep(&text, "\n")) != NULL) {
		size_t length;

		line += strspn(line, " \t\r");
		length = strlen(line);
		while (length && strchr(" \t\r", line[length - 1]))
			line[--length] = '\0';
		result = read_line(console, line, &end);
	}
	return result;
}

static int report(struct console *console, bool everything)
{
	bool any = false;

	for (int a = ACTION_READ; a <= ACTION_REMOVE; a++) {
		struct operation *operation;

		if (!console->by_action[a])
			continue;
		operation = reader_operation(console->reader, (enum action)a, "host",
					     console->by_action[a]);
		if (!operation)
			return READ_FAULT;
		operation->irreversible = console->irreversible && a >= ACTION_CONFIG;
		operation->everything = everything;
		any = true;
	}
	return any ? READ_DONE : reader_nothing(console->reader, "host");
}

int reader_ansible_console(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	const char *pattern = arguments_operand(arguments, 0);
	struct console console = {.reader = reader};
	const struct fact *input;
	bool everything = !pattern || strcmp(pattern, "all") == 0;
	int result;

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "--version"))
		return reader_nothing(reader, "host");
	if (arguments->refusal || arguments->unknown)
		return reader_refused(reader, ACTION_RUN, "host", "%s",
				      arguments->refusal ? arguments->refusal
							 : "an option it does not have");
	if (arguments_operands(arguments) > 1)
		return reader_refused(reader, ACTION_RUN, "host",
				      "it takes at most one host pattern");
	result = change_hosts(&console, pattern ? pattern : "all");
	if (result != READ_DONE)
		return result;
	if (console.problem)
		return reader_unknown(reader, ACTION_RUN, "host", "%s", console.problem);
	if (hostset_is_empty(console.hosts))
		return reader_refused(reader, ACTION_RUN, "host",
				      "the pattern and --limit leave no hosts");
	input = facts_stdin(reader->facts);
	if (!input)
		return READ_MISSING;
	if (input->state == FACT_OK)
		result = read_input(&console, input->data);
	else /* typed later: it starts on these hosts, and nothing is known of what for */
		result = touch(&console, ACTION_RUN);
	if (result != READ_DONE)
		return result;
	if (console.problem)
		return reader_unknown(reader, ACTION_RUN, "host", "%s", console.problem);
	return report(&console, everything);
}
