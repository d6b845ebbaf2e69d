/*
 * mco: which nodes are found first of all by a file, standard input or the network, and then
 * kept by identity. What the network answers nobody knows before. Sources: mco help rpc,
 * optionparser.rb and discovery/flatfile.rb of MCollective 2.12.
 */
#include "reader.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct nodes {
	struct reader *reader;
	const char **names;
	size_t count, capacity;
	const char *problem;
};

/* What an agent's action does; "*" stands for those that are not named. */
static const struct rule {
	const char *agent, *action;
	enum action does;
} rules[] = {
	{"service", "stop", ACTION_STOP},    {"service", "restart", ACTION_RESTART},
	{"service", "start", ACTION_RUN},    {"service", "status", ACTION_READ},
	{"package", "purge", ACTION_REMOVE}, {"package", "uninstall", ACTION_REMOVE},
	{"package", "status", ACTION_READ},  {"package", "count", ACTION_READ},
	{"package", "md5", ACTION_READ},     {"package", "*", ACTION_CONFIG},
	{"puppet", "status", ACTION_READ},   {"puppet", "summary", ACTION_READ},
	{"puppet", "count", ACTION_READ},    {"puppet", "last_run_summary", ACTION_READ},
	{"puppet", "*", ACTION_CONFIG},	     {"process", "list", ACTION_READ},
	{"process", "*", ACTION_STOP},	     {"shell", "list", ACTION_READ},
	{"shell", "kill", ACTION_STOP},	     {"filemgr", "status", ACTION_READ},
	{"filemgr", "list", ACTION_READ},    {"filemgr", "remove", ACTION_REMOVE},
	{"filemgr", "*", ACTION_CONFIG},     {"rpcutil", "*", ACTION_READ},
	{"nettest", "*", ACTION_READ},	     {"nrpe", "*", ACTION_READ},
	{"puppetral", "find", ACTION_READ},  {"puppetral", "search", ACTION_READ},
	{"puppetral", "*", ACTION_CONFIG},   {"power", "*", ACTION_STOP},
};

static const char *const only_read[] = {
	"ping", "find", "inventory",  "facts",		 "plugin",
	"help", "doc",	"completion", "describe_filter", NULL};

static bool reads_only(const char *word)
{
	for (size_t i = 0; only_read[i]; i++)
		if (strcmp(word, only_read[i]) == 0)
			return true;
	return false;
}

/* The first of the line's words that is an action of the agent says what is done. */
static enum action action_of(struct reader *reader, bool *irreversible)
{
	const struct arguments *arguments = reader->arguments;
	const char *agent = arguments_operand(arguments, 0), *word;
	enum action action = ACTION_RUN;
	size_t at = 0, from = 1;
	bool found = false;

	if (agent && strcmp(agent, "rpc") == 0) {
		agent = arguments_operand(arguments, 1);
		from = 2;
	}
	if (!agent)
		return ACTION_STOP;
	if (reads_only(agent) && from == 1)
		return ACTION_READ;
	for (size_t n = 0; (word = arguments_next_operand(arguments, &at)) != NULL; n++) {
		if (strncmp(word, "command=", 8) == 0 ||
		    (n > from && strcmp(agent, "shell") == 0)) {
			enum action other = remote_action(
				reader->arena, reader->actions,
				word + (strncmp(word, "command=", 8) == 0 ? 8 : 0),
				irreversible);

			if (other > action || !found)
				action = other;
			found = true;
		}
		for (size_t i = 0;
		     n >= from && !found && i < sizeof(rules) / sizeof(rules[0]); i++)
			if (strcmp(rules[i].agent, agent) == 0 &&
			    strcmp(rules[i].action, word) == 0) {
				action = rules[i].does;
				found = true;
			}
	}
	for (size_t i = 0; !found && i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].agent, agent) == 0 &&
		    strcmp(rules[i].action, "*") == 0) {
			action = rules[i].does;
			found = true;
		}
	return action;
}

/* -I NAME or -I /REGEX/; several add up. */
static bool is_wanted(struct nodes *nodes, const char *name)
{
	const struct arguments *arguments = nodes->reader->arguments;
	bool any = false;

	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument *item = &arguments->items[i];
		size_t length;
		regex_t regex;
		const char *text;
		bool fits;

		if (!argument_is(item, "-I"))
			continue;
		any = true;
		length = strlen(item->value);
		if (item->value[0] != '/') {
			if (strcmp(item->value, name) == 0)
				return true;
			continue;
		}
		text = length > 1 && item->value[length - 1] == '/'
			       ? arena_strndup(nodes->reader->arena, item->value + 1,
					       length - 2)
			       : NULL;
		/* Ruby's own signs mean something else to regcomp(3). */
		if (!text || strpbrk(text, "\\") || strstr(text, "(?") ||
		    regcomp(&regex, text, REG_EXTENDED | REG_NOSUB) != 0) {
			nodes->problem = "the pattern of -I cannot be read here";
			return true;
		}
		fits = regexec(&regex, name, 0, NULL, 0) == 0;
		regfree(&regex);
		if (fits)
			return true;
	}
	return !any;
}

static int add_lines(struct nodes *nodes, const char *text)
{
	char *copy = arena_strdup(nodes->reader->arena, text), *line;

	if (!copy)
		return READ_FAULT;
	while ((line = strsep(&copy, "\n")) != NULL) {
		const char **grown;

		line += strspn(line, " \t\r");
		line[strcspn(line, " \t\r")] = '\0';
		if (!*line || *line == '#' || !is_wanted(nodes, line))
			continue;
		grown = arena_grow(nodes->reader->arena, nodes->names, nodes->count,
				   &nodes->capacity, sizeof(*grown));
		if (!grown)
			return READ_FAULT;
		nodes->names = grown;
		grown[nodes->count++] = line;
	}
	return READ_DONE;
}

static int discover(struct nodes *nodes)
{
	struct reader *reader = nodes->reader;
	const struct arguments *arguments = reader->arguments;
	const char *file = arguments_value(arguments, "--nodes");
	const char *method = arguments_value(arguments, "--dm");
	const struct fact *fact;

	if (!file && method && strcmp(method, "flatfile") == 0)
		file = arguments_value(arguments, "--do");
	if (!file && (!method || strcmp(method, "stdin") != 0)) {
		nodes->problem = "the nodes are those that answer on the network";
		return READ_DONE;
	}
	fact = file ? facts_file(reader->facts, file) : facts_stdin(reader->facts);
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK) {
		nodes->problem = "the list of nodes cannot be read";
		return READ_DONE;
	}
	return add_lines(nodes, fact->data);
}

/* --limit N and --one: the first ones; a percentage is left at all. */
static void limit(struct nodes *nodes)
{
	const struct arguments *arguments = nodes->reader->arguments;
	const char *text = arguments_value(arguments, "--limit");
	char *end;
	unsigned long most;

	if (arguments_has(arguments, "-1") && nodes->count > 1)
		nodes->count = 1;
	if (!text)
		return;
	most = strtoul(text, &end, 10);
	if (!*end && most > 0 && most < nodes->count)
		nodes->count = most;
}

int reader_mco(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	struct nodes nodes = {.reader = reader};
	const char *first = arguments_operand(arguments, 0);
	struct operation *operation;
	const struct hostset *set;
	bool irreversible = false;
	enum action action;
	int result;

	(void)fault;
	if (!first || arguments_has(arguments, "--help") ||
	    arguments_has(arguments, "--version") || strcmp(first, "help") == 0 ||
	    strcmp(first, "plugin") == 0 || strcmp(first, "completion") == 0)
		return reader_nothing(reader, "host");
	action = action_of(reader, &irreversible);
	if (arguments->refusal || arguments->unknown)
		return reader_unknown(reader, action, "host",
				      "an option that is not known");
	result = discover(&nodes);
	if (result != READ_DONE)
		return result;
	if (nodes.problem)
		return reader_unknown(reader, action, "host", "%s", nodes.problem);
	if (!nodes.count)
		return reader_refused(reader, action, "host", "no node is left");
	limit(&nodes);
	set = hostset_names(reader->arena, nodes.names, nodes.count);
	operation = set ? reader_operation(reader, action, "host", set) : NULL;
	if (!operation)
		return READ_FAULT;
	operation->irreversible = irreversible;
	return READ_DONE;
}
