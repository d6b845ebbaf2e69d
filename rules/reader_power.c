/*
 * powerman and ipmipower: power switches by host list. The same letters mean different
 * things: -f is a beacon for powerman and power off for ipmipower, -h a server for powerman
 * and the hosts for ipmipower.
 */
#include "reader.h"

#include <ctype.h>
#include <string.h>

#include "syntax.h"

/* ---- powerman ---- */

static const struct switch_rule {
	const char *option;
	enum action action;
} switches[] = {
	{"-0", ACTION_STOP},	{"-1", ACTION_RUN}, {"-c", ACTION_RESTART},
	{"-r", ACTION_RESTART}, {"-f", ACTION_RUN}, {"-u", ACTION_RUN},
};

/* Options that only ask; words behind them are asked about. */
static const char *const questions[] = {"-l", "-Q", "-q", "-B", "-b",
					"-P", "-t", "-D", "-d"};

static const struct switch_rule *switch_of(const struct argument *item)
{
	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (argument_is(item, switches[i].option))
			return &switches[i];
	return NULL;
}

static bool is_question(const struct argument *item)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (argument_is(item, questions[i]))
			return true;
	return false;
}

/* powerman's answer "on: a[1-3]\noff: b\n", or a bare list: all names in it. */
static const struct hostset *answer_set(struct arena *arena, const char *text)
{
	const struct hostset *set = hostset_empty(arena);
	char *copy = arena_strdup(arena, text), *line;
	struct fault fault = {0};

	while (set && copy && (line = strsep(&copy, "\n")) != NULL) {
		const char *list = strchr(line, ':');
		const struct hostset *more;

		list = list ? list + 1 : line;
		list += strspn(list, " \t\r");
		line[strcspn(line, "\r")] = '\0';
		more = syntax_folded(arena, list, &fault);
		set = more ? hostset_union(arena, set, more) : NULL;
	}
	return set;
}

static int ask(struct reader *reader, const char *option, const char *list,
	       const struct hostset **set)
{
	const char *words[] = {"@program", "@options:-h,-S,-C", option, list, NULL};
	const char *const *argv = reader_words(reader, words);
	const struct fact *fact;
	int result;

	*set = NULL;
	if (!argv)
		return READ_FAULT;
	result = reader_probe(reader, argv, 0, &fact);
	if (result == READ_DONE && fact->state == FACT_OK && fact->status == 0)
		*set = answer_set(reader->arena, fact->data);
	return result;
}

/* A name may be an alias of powerman.conf for a whole rack: only the server knows. */
static int switch_nodes(struct reader *reader, enum action action, const char *list)
{
	struct fault fault = {0};
	const struct hostset *given = syntax_folded(reader->arena, list, &fault);
	const struct hostset *nodes, *other;
	int result;

	if (!given)
		return reader_unknown(reader, action, "host", "\"%s\": %s", list,
				      fault.text);
	if (hostset_is_empty(given))
		return reader_unknown(reader, action, "host",
				      "the list is empty (an unset variable?)");
	result = ask(reader, "-l", NULL, &nodes);
	if (result != READ_DONE)
		return result;
	other = nodes ? hostset_difference(reader->arena, given, nodes) : given;
	if (!other)
		return READ_FAULT;
	if (nodes && !hostset_is_empty(other)) {
		result = ask(reader, "-Q", list, &nodes);
		if (result != READ_DONE)
			return result;
		given = nodes;
	}
	if (!nodes || hostset_is_empty(given))
		return reader_unknown(reader, action, "host",
				      "powermand does not say which nodes \"%s\" are",
				      list);
	return reader_operation(reader, action, "host", given) ? READ_DONE : READ_FAULT;
}

static char *join(struct reader *reader, const char *list, const char *word)
{
	char *text = arena_printf(reader->arena, "%s%s%s", list, *list ? "," : "", word);

	for (char *at = text; at && *at; at++) /* both separate */
		if (isspace((unsigned char)*at))
			*at = ',';
	return text;
}

/* Words without an option belong to the last action, wherever they stand. */
static int one_switch(struct reader *reader, size_t at, bool last)
{
	const struct argument *item = &reader->arguments->items[at];
	char *list = join(reader, "", item->value ? item->value : "");
	const char *word;
	size_t next = 0;

	while (last && list &&
	       (word = arguments_next_operand(reader->arguments, &next)) != NULL)
		list = join(reader, list, word);
	if (!list)
		return READ_FAULT;
	return switch_nodes(reader, switch_of(item)->action, list);
}

int reader_powerman(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	size_t last = arguments->count, count = 0;
	int result = READ_DONE;

	(void)fault;
	if (arguments_has(arguments, "-V") || arguments_has(arguments, "-L") ||
	    arguments_has(arguments, "-Z"))
		return reader_nothing(reader, "host");
	for (size_t i = 0; i < arguments->count; i++) {
		if (switch_of(&arguments->items[i])) {
			last = i;
			count++;
		} else if (is_question(&arguments->items[i])) {
			last = i;
		}
	}
	if (arguments->refusal || arguments->unknown) /* prints its usage */
		return reader_refused(
			reader, count ? ACTION_STOP : ACTION_READ, "host", "%s",
			arguments->refusal ? arguments->refusal : "no such option");
	if (!count)
		return reader_nothing(reader, "host");
	if (arguments_has(arguments, "-g"))
		return reader_unknown(reader, ACTION_STOP, "host",
				      "the nodes are found by a query of genders");
	for (size_t i = 0; i < arguments->count && result == READ_DONE; i++)
		if (switch_of(&arguments->items[i]))
			result = one_switch(reader, i, i == last);
	return result;
}

/* ---- ipmipower ---- */

/* One item of -h: a host list with a :port, or [v6] with one. */
static const struct hostset *ipmi_item(struct arena *arena, const char *item,
				       size_t length, struct fault *fault)
{
	const char *colon = memrchr(item, ':', length);
	const char *close = memrchr(item, ']', length);
	const char *first = memchr(item, ':', length);

	if (*item == '[' && close && first && first < close)
		return hostset_name(arena, item + 1, (size_t)(close - item - 1));
	if (colon && first == colon && (!close || colon > close))
		length = (size_t)(colon - item);
	else if (colon && (!close || colon > close)) /* ::1 without brackets */
		return hostset_name(arena, item, length);
	item = arena_strndup(arena, item, length);
	return item ? syntax_folded(arena, item, fault) : NULL;
}

static const struct hostset *ipmi_hosts(struct arena *arena, const char *text,
					struct fault *fault)
{
	const struct hostset *set = hostset_empty(arena);

	while (set && *text) {
		const struct hostset *more;
		const char *item;
		bool inside = false;

		text += strspn(text, ", \t\n");
		item = text;
		for (; *text && (inside || !strchr(", \t\n", *text)); text++)
			if (*text == '[' || *text == ']')
				inside = *text == '[';
		if (text == item)
			break;
		more = ipmi_item(arena, item, (size_t)(text - item), fault);
		set = more ? hostset_union(arena, set, more) : NULL;
	}
	return set;
}

static enum action ipmi_action(const struct arguments *arguments, bool *given)
{
	static const struct switch_rule rules[] = {
		{"-f", ACTION_STOP},	     {"--soft", ACTION_STOP},
		{"-c", ACTION_RESTART},	     {"-r", ACTION_RESTART},
		{"--pulse", ACTION_RESTART}, {"-n", ACTION_RUN},
		{"-s", ACTION_READ},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (arguments_has(arguments, rules[i].option)) {
			*given = true;
			return rules[i].action;
		}
	*given = false;
	return ACTION_STOP;
}

int reader_ipmipower(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	const char *hosts = arguments_value(arguments, "-h");
	struct fault wrong = {0};
	const struct hostset *set;
	bool given;
	enum action action = ipmi_action(arguments, &given);

	(void)fault;
	if (arguments_has(arguments, "--help") || arguments_has(arguments, "--usage") ||
	    arguments_has(arguments, "-V"))
		return reader_nothing(reader, "host");
	if (arguments->refusal || arguments_operands(arguments) > 0)
		return reader_refused(reader, action, "host", "%s",
				      arguments->refusal ? arguments->refusal
							 : "it takes no words");
	if (arguments->unknown)
		return reader_unknown(reader, action, "host",
				      "%s is no option that is known",
				      arguments->unknown);
	if (!given) /* commands are typed then, for these hosts or others */
		return reader_unknown(reader, action, "host",
				      "without an action it reads commands");
	if (!hosts)
		return reader_refused(reader, action, "host", "no host is given");
	set = ipmi_hosts(reader->arena, hosts, &wrong);
	if (!set || hostset_is_empty(set))
		return reader_unknown(reader, action, "host", "\"%s\": %s", hosts,
				      set ? "no host" : wrong.text);
	return reader_operation(reader, action, "host", set) ? READ_DONE : READ_FAULT;
}
