/*
 * pdsh, pdcp and rpdcp. Sources: pdsh(1), opt.c, wcoll.c and genders.c of pdsh 2.34, and the
 * program itself (`pdsh -R exec ... echo %h`). What is special: -w and -x are lists with
 * repetitions, of which -x takes away one copy only; items of -w may be files (^), regular
 * expressions (/), exclusions (-) or standard input; -w silences -g, -a and WCOLL.
 */
#include "reader.h"

#include <regex.h>
#include <string.h>

#include "genders.h"
#include "syntax.h"

enum { MAX_INCLUDES = 16, MAX_FILTERED = 1 << 20 };

struct filter {
	struct filter *next;
	const char *regex;
	bool exclude;
};

struct selection {
	struct reader *reader;
	struct pdsh_list in, out;
	struct filter *filters;
	bool given;	     /* something that names hosts was on the line */
	const char *problem; /* why it cannot be counted, or why pdsh refuses it */
	bool refused;
};

static int problem(struct selection *selection, bool refused, const char *format,
		   const char *what, const char *why)
{
	selection->problem =
		arena_printf(selection->reader->arena, format, what, why ? why : "");
	selection->refused = refused;
	return selection->problem ? READ_DONE : READ_FAULT;
}

static int add_list(struct selection *selection, struct pdsh_list *list, const char *text,
		    size_t length)
{
	struct fault fault = {0};

	if (syntax_pdsh_add(selection->reader->arena, list, text, length, &fault) == 0)
		return READ_DONE;
	return problem(selection, true, "%s%s",
		       fault.text[0] ? fault.text : "out of memory", NULL);
}

/* The lines of a host file: comments, lists, and #include of further files. */
static int add_file(struct selection *selection, struct pdsh_list *list, const char *path,
		    unsigned depth)
{
	struct reader *reader = selection->reader;
	const struct fact *fact = facts_file(reader->facts, path);
	char *text, *line;
	int result = READ_DONE;

	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK)
		return problem(selection, fact->state == FACT_ABSENT,
			       "the host file %s cannot be read%s", path, NULL);
	if (depth > MAX_INCLUDES)
		return problem(selection, false, "%s: #include is nested too deep%s",
			       path, NULL);
	if (strlen(fact->data) != fact->length)
		return problem(selection, false, "%s is no text file%s", path, NULL);
	text = arena_strdup(reader->arena, fact->data);
	while (text && result == READ_DONE && !selection->problem &&
	       (line = strsep(&text, "\n")) != NULL) {
		if (strncmp(line, "#include ", 9) == 0) {
			const char *slash = strrchr(path, '/'), *name = line + 9;
			const char *file;

			name += strspn(name, " \t\"");
			name = arena_strndup(reader->arena, name, strcspn(name, " \t\""));
			file = name && name[0] != '/' && slash
				       ? arena_printf(reader->arena, "%.*s/%s",
						      (int)(slash - path), path, name)
				       : name;
			if (!file)
				return READ_FAULT;
			result = add_file(selection, list, file, depth + 1);
			continue;
		}
		line[strcspn(line, "#")] = '\0';
		line += strspn(line, " \t\r");
		line[strcspn(line, "\r")] = '\0';
		if (*line)
			result = add_list(selection, list, line, strlen(line));
	}
	return result;
}

static int add_filter(struct selection *selection, const char *item, size_t length,
		      bool exclude)
{
	struct filter *filter = arena_alloc(selection->reader->arena, sizeof(*filter));

	if (length && item[length - 1] == '/')
		length--;
	if (!filter)
		return READ_FAULT;
	filter->regex = arena_strndup(selection->reader->arena, item, length);
	filter->exclude = exclude;
	filter->next = selection->filters;
	selection->filters = filter;
	return filter->regex ? READ_DONE : READ_FAULT;
}

/* One item of -w (exclude: of -x, or behind a minus). */
static int add_item(struct selection *selection, const char *item, size_t length,
		    bool exclude)
{
	struct pdsh_list *list = exclude ? &selection->out : &selection->in;

	if (length == 0)
		return READ_DONE;
	if (item[0] == '^') {
		const char *path =
			arena_strndup(selection->reader->arena, item + 1, length - 1);

		if (!exclude)
			selection->given = true;
		return path ? add_file(selection, list, path, 0) : READ_FAULT;
	}
	if (item[0] == '/')
		return add_filter(selection, item + 1, length - 1, exclude);
	/* -x puts a minus in front of each item itself: "-x -n1" excludes a host "-n1". */
	if (item[0] == '-' && exclude)
		return READ_DONE;
	if (item[0] == '-')
		return add_item(selection, item + 1, length - 1, true);
	if (!exclude)
		selection->given = true;
	return add_list(selection, list, item, length);
}

/* Splits at commas and blanks outside of brackets. An open bracket takes all the rest. */
static int add_argument(struct selection *selection, const char *text, bool exclude)
{
	size_t start = 0, at = 0;
	unsigned depth = 0;
	int result = READ_DONE;

	for (; result == READ_DONE && !selection->problem; at++) {
		char c = text[at];

		if (c == '[')
			depth++;
		else if (c == ']' && depth)
			depth--;
		if (c != '\0' && (depth || !strchr(", \t\n", c)))
			continue;
		result = add_item(selection, text + start, at - start, exclude);
		start = at + 1;
		if (c == '\0')
			break;
	}
	return result;
}

static int add_stdin(struct selection *selection)
{
	const struct fact *fact = facts_stdin(selection->reader->facts);
	char *text, *line;
	int result = READ_DONE;

	if (!fact)
		return READ_MISSING;
	selection->given = true;
	if (fact->state != FACT_OK)
		return problem(selection, false,
			       "the host list comes from standard input%s%s",
			       fact->error ? ": " : "", fact->error);
	text = arena_strdup(selection->reader->arena, fact->data);
	while (text && result == READ_DONE && (line = strsep(&text, "\n")) != NULL) {
		line[strcspn(line, "#\r")] = '\0';
		line += strspn(line, " \t");
		if (*line)
			result = add_list(selection, &selection->in, line, strlen(line));
	}
	return result;
}

/* ---- genders ---- */

static int open_genders(struct selection *selection, struct genders **genders)
{
	struct reader *reader = selection->reader;
	const char *path = arguments_value(reader->arguments, "-F");
	struct fault fault = {0};
	const struct fact *fact;

	/* A relative -F is looked up below /etc (genders.c of pdsh). */
	if (path && path[0] != '/')
		path = arena_printf(reader->arena, "/etc/%s", path);
	if (!path)
		path = command_env(reader->command, "PDSH_GENDERS_FILE");
	if (!path)
		path = "/etc/genders";
	fact = facts_file(reader->facts, path);
	if (!fact)
		return READ_MISSING;
	*genders = NULL;
	if (fact->state != FACT_OK)
		return problem(selection, true, "the genders file %s cannot be read%s",
			       path, NULL);
	*genders = genders_parse(reader->arena, fact->data, &fault);
	if (!*genders)
		return problem(selection, false, "%s: %s", path, fault.text);
	return READ_DONE;
}

/* All values of -g or -X: comma separated queries, joined. */
static const struct hostset *query_all(struct selection *selection,
				       const struct genders *genders, const char *option)
{
	struct reader *reader = selection->reader;
	const struct hostset *nodes = hostset_empty(reader->arena);
	struct fault fault = {0};

	for (size_t i = 0; nodes && i < reader->arguments->count; i++) {
		const struct argument *item = &reader->arguments->items[i];
		const char *p;

		if (!argument_is(item, option) || !item->value)
			continue;
		for (p = item->value; *p && nodes;) {
			size_t length = strcspn(p, ",");
			const struct hostset *more;

			more = length ? genders_query(reader->arena, genders, p, length,
						      &fault)
				      : hostset_empty(reader->arena);
			nodes = more ? hostset_union(reader->arena, nodes, more) : NULL;
			p += length;
			p += *p == ',';
		}
	}
	if (!nodes)
		problem(selection, false, "%s%s",
			fault.text[0] ? fault.text : "out of memory", NULL);
	return nodes;
}

static int push(struct selection *selection, struct pdsh_list *list,
		const struct hostset *nodes)
{
	const struct hostset **layers = arena_array(
		selection->reader->arena, list->count + 1, sizeof(struct hostset *));

	/* A further copy of every node: the old layers move up where they overlap. */
	if (!layers || !nodes)
		return READ_FAULT;
	for (size_t i = 0; i < list->count; i++) {
		layers[i] =
			hostset_union(selection->reader->arena, list->layers[i], nodes);
		nodes = hostset_intersection(selection->reader->arena, list->layers[i],
					     nodes);
		if (!layers[i] || !nodes)
			return READ_FAULT;
	}
	layers[list->count] = nodes;
	list->layers = layers;
	list->count++;
	return READ_DONE;
}

static int add_genders(struct selection *selection)
{
	struct reader *reader = selection->reader;
	const struct arguments *arguments = reader->arguments;
	bool all = arguments_has(arguments, "-A"), most = arguments_has(arguments, "-a");
	bool queried = arguments_has(arguments, "-g"),
	     excluded = arguments_has(arguments, "-X");
	const struct hostset *nodes = NULL;
	struct genders *genders;
	int result;

	if (!all && !most && !queried && !excluded)
		return READ_DONE;
	if ((all || most) && queried)
		return problem(selection, true, "-a and -A cannot be given with -g%s%s",
			       "", NULL);
	result = open_genders(selection, &genders);
	if (result != READ_DONE || !genders)
		return result;
	if (excluded) {
		nodes = query_all(selection, genders, "-X");
		if (!nodes)
			return READ_DONE;
		result = push(selection, &selection->out, nodes);
		if (result == READ_DONE)
			result = push(selection, &selection->out,
				      genders_altnames(reader->arena, genders, nodes));
		if (result != READ_DONE)
			return result;
	}
	if (selection->given || (!all && !most && !queried))
		return READ_DONE;
	if (queried)
		nodes = query_all(selection, genders, "-g");
	else
		nodes = genders_all(reader->arena, genders);
	if (nodes && most) {
		const struct hostset *skipped =
			genders_query(reader->arena, genders, "pdsh_all_skip", 13, NULL);

		nodes = skipped ? hostset_difference(reader->arena, nodes, skipped)
				: NULL;
	}
	if (!nodes)
		return selection->problem ? READ_DONE : READ_FAULT;
	if (!arguments_has(arguments, "-i"))
		nodes = genders_altnames(reader->arena, genders, nodes);
	selection->given = true;
	return push(selection, &selection->in, nodes);
}

/* ---- regular expressions over the result ---- */

struct matching {
	struct arena *arena;
	regex_t regex;
	bool exclude;
	const char **names;
	size_t count, capacity;
};

static int match_name(void *context, const char *name, size_t length)
{
	struct matching *matching = context;
	const char **names;

	if ((regexec(&matching->regex, name, 0, NULL, 0) == 0) == matching->exclude)
		return 0;
	names = arena_grow(matching->arena, matching->names, matching->count,
			   &matching->capacity, sizeof(*names));
	if (!names)
		return -1;
	matching->names = names;
	names[matching->count] = arena_strndup(matching->arena, name, length);
	return names[matching->count++] ? 0 : -1;
}

static int apply_filter(struct selection *selection, const struct filter *filter,
			const struct hostset **set)
{
	struct matching matching = {.arena = selection->reader->arena,
				    .exclude = filter->exclude};
	int result;

	if (hostset_count(*set) > MAX_FILTERED)
		return problem(selection, false,
			       "too many hosts to match /%s/ against one by one%s",
			       filter->regex, NULL);
	if (regcomp(&matching.regex, filter->regex, REG_EXTENDED | REG_NOSUB) != 0)
		return problem(selection, true, "/%s/ is no regular expression%s",
			       filter->regex, NULL);
	result = hostset_each(*set, match_name, &matching);
	regfree(&matching.regex);
	if (result != 0)
		return READ_FAULT;
	*set = hostset_names(selection->reader->arena, matching.names, matching.count);
	return *set ? READ_DONE : READ_FAULT;
}

static int select_hosts(struct selection *selection, const struct hostset **set)
{
	struct reader *reader = selection->reader;
	const struct arguments *arguments = reader->arguments;
	struct fault fault = {0};
	const char *file;
	int result = READ_DONE;

	for (size_t i = 0; i < arguments->count && result == READ_DONE; i++) {
		const struct argument *item = &arguments->items[i];

		if (argument_is(item, "-w") && strcmp(item->value, "-") == 0)
			result = add_stdin(selection);
		else if (argument_is(item, "-w"))
			result = add_argument(selection, item->value, false);
		else if (argument_is(item, "-x"))
			result = add_argument(selection, item->value, true);
	}
	if (result == READ_DONE && !selection->problem)
		result = add_genders(selection);
	file = command_env(reader->command, "WCOLL");
	if (result == READ_DONE && !selection->problem && !selection->given && file) {
		selection->given = true;
		result = add_file(selection, &selection->in, file, 0);
	}
	if (result != READ_DONE || selection->problem || !selection->given)
		return result;
	if (syntax_pdsh_remove(reader->arena, &selection->in, &selection->out, &fault) <
	    0)
		return READ_FAULT;
	*set = syntax_pdsh_set(reader->arena, &selection->in);
	for (const struct filter *f = selection->filters;
	     f && *set && !selection->problem && result == READ_DONE; f = f->next)
		result = apply_filter(selection, f, set);
	return *set ? result : READ_FAULT;
}

static enum action action_of(struct reader *reader, bool *irreversible)
{
	const struct arguments *arguments = reader->arguments;
	const char *program = command_base_name(reader->command->argv[0]);
	const char **words;
	size_t count = 0;

	if (arguments_has(arguments, "-Q") || arguments_has(arguments, "-q"))
		return ACTION_READ;
	if (strncmp(program, "rp", 2) == 0)
		return ACTION_READ;
	if (strstr(program, "cp"))
		return ACTION_CONFIG;
	words = arena_array(reader->arena, arguments->count + 1, sizeof(*words));
	if (!words)
		return ACTION_REMOVE;
	for (size_t i = 0; i < arguments->count; i++)
		if (!arguments->items[i].option && !arguments->items[i].unknown)
			words[count++] = arguments->items[i].value;
	return remote_action_words(reader->arena, reader->actions, words, count,
				   irreversible);
}

int reader_pdsh(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	struct selection selection = {.reader = reader};
	const struct hostset *set = NULL;
	struct operation *operation;
	bool irreversible = false;
	enum action action;
	int result;

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "-V") ||
	    arguments_has(arguments, "-L"))
		return reader_nothing(reader, "host");
	action = action_of(reader, &irreversible);
	if (strstr(reader->command->argv[0], "pdsh.bin") && !reader->command->path)
		return reader_refused(reader, action, "host",
				      "pdsh.bin runs only under the name pdsh");
	if (arguments->refusal)
		return reader_refused(reader, action, "host", "%s", arguments->refusal);
	if (arguments->unknown)
		return reader_unknown(
			reader, action, "host",
			"%s is an option of a module that is not known here",
			arguments->unknown);
	result = select_hosts(&selection, &set);
	if (result != READ_DONE)
		return result;
	if (selection.problem)
		return selection.refused ? reader_refused(reader, action, "host", "%s",
							  selection.problem)
					 : reader_unknown(reader, action, "host", "%s",
							  selection.problem);
	if (!set || hostset_is_empty(set))
		return reader_refused(
			reader, action, "host",
			"no hosts are left: an empty list, or everything is "
			"excluded");
	operation = reader_operation(reader, action, "host", set);
	if (!operation)
		return READ_FAULT;
	operation->irreversible = irreversible;
	operation->everything =
		arguments_has(arguments, "-A") || arguments_has(arguments, "-a");
	return READ_DONE;
}
