/*
 * clush. Sources: clush(1), CLI/Clush.py and CLI/OptionParser.py of ClusterShell 1.9.1. What
 * is on the line alone is counted here; groups (@x, -g, -a), wildcards and their sources are
 * resolved by ClusterShell's own `nodeset` with the same configuration.
 */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

#include "syntax.h"

struct nodes {
	struct reader *reader;
	const char **in, **out; /* node set expressions */
	size_t in_count, out_count;
	bool all;
	const char *problem;
};

static bool needs_nodeset(const char *text)
{
	return strpbrk(text, "@*?") != NULL;
}

static void add(struct nodes *nodes, const char *text, bool exclude)
{
	if (exclude)
		nodes->out[nodes->out_count++] = text;
	else
		nodes->in[nodes->in_count++] = text;
}

/* -g a,b[1-3] means @a,@b[1-3]: the @ goes in front of each item. */
static int add_items(struct nodes *nodes, const char *text, bool exclude)
{
	char *result = arena_strdup(nodes->reader->arena, "");
	size_t start = 0, at = 0;
	unsigned depth = 0;

	for (; result; at++) {
		char c = text[at];

		if (c == '[')
			depth++;
		else if (c == ']' && depth)
			depth--;
		if (c != '\0' && (depth || c != ','))
			continue;
		result =
			arena_printf(nodes->reader->arena, "%s%s@%.*s", result,
				     *result ? "," : "", (int)(at - start), text + start);
		start = at + 1;
		if (c == '\0')
			break;
	}
	if (!result)
		return READ_FAULT;
	add(nodes, result, exclude);
	return READ_DONE;
}

struct groups {
	struct nodes *nodes;
	char *text, *end;
};

static int add_group(void *context, const char *name, size_t length)
{
	struct groups *groups = context;

	if (groups->end != groups->text)
		*groups->end++ = ',';
	*groups->end++ = '@';
	groups->end = mempcpy(groups->end, name, length);
	return 0;
}

/* The value of -g is a node set of the names of groups: web,rack[1-4]!rack3. */
static int add_groups(struct nodes *nodes, const char *text, bool exclude)
{
	enum { MANY = 10000, LONGEST = 512 };
	struct arena *arena = nodes->reader->arena;
	struct groups groups = {.nodes = nodes};
	struct fault fault = {0};
	const struct hostset *names = syntax_clustershell(arena, text, &fault);

	if (!names || hostset_count(names) > MANY || strlen(text) > LONGEST)
		return add_items(nodes, text, exclude);
	groups.text = arena_alloc(arena, hostset_count(names) * (2 * LONGEST) + 1);
	groups.end = groups.text;
	if (!groups.text || hostset_each(names, add_group, &groups) != 0)
		return READ_FAULT;
	add(nodes, groups.text, exclude);
	return READ_DONE;
}

/* A host file has no comments: every word of it is a node set. */
static int add_file(struct nodes *nodes, const char *path)
{
	struct reader *reader = nodes->reader;
	const struct fact *fact = facts_file(reader->facts, path);
	char *text, *word, *joined;
	size_t used = 0;

	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK) {
		nodes->problem = arena_printf(reader->arena,
					      "the host file %s cannot be read", path);
		return nodes->problem ? READ_DONE : READ_FAULT;
	}
	text = arena_strdup(reader->arena, fact->data);
	joined = arena_alloc(reader->arena, fact->length + 2);
	if (!text || !joined)
		return READ_FAULT;
	while ((word = strsep(&text, " \t\r\n\v\f")) != NULL) {
		size_t length = strlen(word);

		if (!length)
			continue;
		if (used)
			joined[used++] = ',';
		memcpy(joined + used, word, length);
		used += length;
	}
	if (used)
		add(nodes, joined, false);
	return READ_DONE;
}

static int collect(struct nodes *nodes)
{
	const struct arguments *arguments = nodes->reader->arguments;
	int result = READ_DONE;

	for (size_t i = 0; i < arguments->count && result == READ_DONE; i++) {
		const struct argument *item = &arguments->items[i];

		if (argument_is(item, "-w"))
			add(nodes, item->value, false);
		else if (argument_is(item, "-x"))
			add(nodes, item->value, true);
		else if (argument_is(item, "-g"))
			result = add_groups(nodes, item->value, false);
		else if (argument_is(item, "-X"))
			result = add_groups(nodes, item->value, true);
		else if (argument_is(item, "--hostfile"))
			result = add_file(nodes, item->value);
		else if (argument_is(item, "-a"))
			nodes->all = true;
	}
	return result;
}

static const struct hostset *join(struct nodes *nodes, const char **texts, size_t count)
{
	struct arena *arena = nodes->reader->arena;
	const struct hostset *set = hostset_empty(arena);

	for (size_t i = 0; set && i < count; i++) {
		struct fault fault = {0};
		const struct hostset *more = syntax_clustershell(arena, texts[i], &fault);

		if (!more) {
			nodes->problem = arena_strdup(
				arena, fault.text[0] ? fault.text : "out of memory");
			return NULL;
		}
		set = hostset_union(arena, set, more);
	}
	return set;
}

/*
 * nodeset -f with the same group source and configuration, every expression an argument. Its
 * -x would take away from what stands in front of it, so exclusions are asked for alone.
 */
static int resolve(struct nodes *nodes, const char *const *texts, size_t text_count,
		   bool all, const struct hostset **set)
{
	struct reader *reader = nodes->reader;
	const char *source = arguments_value(reader->arguments, "-s");
	const char *config = arguments_value(reader->arguments, "--groupsconf");
	const char **argv = arena_array(reader->arena, text_count + 9, sizeof(*argv));
	size_t used = 0;
	const struct fact *fact;
	struct fault fault = {0};
	char *text;
	int result;

	if (!argv)
		return READ_FAULT;
	argv[used++] = "nodeset";
	argv[used++] = "-f";
	if (source) {
		argv[used++] = "-s";
		argv[used++] = source;
	}
	if (config) {
		argv[used++] = "--groupsconf";
		argv[used++] = config;
	}
	if (all)
		argv[used++] = "-a";
	argv[used++] = "--";
	for (size_t i = 0; i < text_count; i++)
		argv[used++] = texts[i];
	result = reader_probe(reader, argv, 0, &fact);
	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0) {
		nodes->problem = arena_printf(reader->arena,
					      "nodeset cannot resolve the "
					      "groups: %s",
					      fact->error ? fact->error : "it failed");
		return nodes->problem ? READ_DONE : READ_FAULT;
	}
	text = arena_strndup(reader->arena, fact->data, strcspn(fact->data, "\n"));
	if (!text)
		return READ_FAULT;
	*set = *text ? syntax_clustershell(reader->arena, text, &fault)
		     : hostset_empty(reader->arena);
	if (!*set)
		nodes->problem = arena_printf(
			reader->arena, "nodeset printed \"%.60s\": %s", text, fault.text);
	return *set || nodes->problem ? READ_DONE : READ_FAULT;
}

/* The nodes of all expressions together; only some of them need nodeset. */
static int unite(struct nodes *nodes, const char **texts, size_t count, bool all,
		 const struct hostset **set)
{
	bool groups = all;

	for (size_t i = 0; i < count; i++)
		groups = groups || needs_nodeset(texts[i]);
	if (groups)
		return resolve(nodes, texts, count, all, set);
	*set = join(nodes, texts, count);
	return *set || nodes->problem ? READ_DONE : READ_FAULT;
}

static int count_nodes(struct nodes *nodes, const struct hostset **set)
{
	size_t most = nodes->reader->arguments->count + 1;
	const struct hostset *in = NULL, *out = NULL;
	int result;

	nodes->in = arena_array(nodes->reader->arena, most, sizeof(*nodes->in));
	nodes->out = arena_array(nodes->reader->arena, most, sizeof(*nodes->out));
	if (!nodes->in || !nodes->out)
		return READ_FAULT;
	result = collect(nodes);
	if (result != READ_DONE || nodes->problem)
		return result;
	result = unite(nodes, nodes->in, nodes->in_count, nodes->all, &in);
	if (result != READ_DONE || nodes->problem)
		return result;
	result = unite(nodes, nodes->out, nodes->out_count, false, &out);
	if (result != READ_DONE || nodes->problem)
		return result;
	*set = hostset_difference(nodes->reader->arena, in, out);
	return *set ? READ_DONE : READ_FAULT;
}

static bool copies(const struct arguments *arguments)
{
	return arguments_has(arguments, "--rcopy") || arguments_has(arguments, "-c");
}

/* The words of the remote command joined with blanks, as clush hands them to ssh. */
static const char *command_text(struct reader *reader)
{
	const struct arguments *arguments = reader->arguments;
	size_t length = 1;
	char *text, *end;

	for (size_t i = 0; i < arguments->count; i++)
		if (!arguments->items[i].option && arguments->items[i].value)
			length += strlen(arguments->items[i].value) + 1;
	text = end = arena_alloc(reader->arena, length);
	if (!text)
		return NULL;
	*text = '\0';
	for (size_t i = 0; i < arguments->count; i++) {
		const struct argument *item = &arguments->items[i];

		if (item->option || item->unknown || !item->value)
			continue;
		if (end != text)
			*end++ = ' ';
		end = stpcpy(end, item->value);
	}
	return text;
}

static enum action action_of(struct reader *reader, bool *irreversible)
{
	const char *text;

	if (arguments_has(reader->arguments, "--rcopy"))
		return ACTION_READ;
	if (copies(reader->arguments))
		return ACTION_CONFIG;
	text = command_text(reader);
	return text ? remote_action(reader->arena, reader->actions, text, irreversible)
		    : ACTION_REMOVE;
}

/* Whether some item of a node set begins with a dash. */
static bool has_dash(const char *text)
{
	for (size_t i = 0; text[i]; i++)
		if (text[i] == '-' && (i == 0 || strchr(",!&^ ", text[i - 1])))
			return true;
	return false;
}

struct dashes {
	struct arena *arena;
	const char **names;
	size_t count, capacity;
};

static int note_dash(void *context, const char *name, size_t length)
{
	struct dashes *dashes = context;
	const char **grown;

	if (name[0] != '-')
		return 0;
	grown = arena_grow(dashes->arena, dashes->names, dashes->count, &dashes->capacity,
			   sizeof(*grown));
	if (!grown)
		return -1;
	dashes->names = grown;
	grown[dashes->count] = arena_strndup(dashes->arena, name, length);
	return grown[dashes->count++] ? 0 : -1;
}

/*
 * A node that begins with a dash, as in pdsh's `-w n[1-3],-n1`, excludes nothing here: ssh
 * gets it where its host belongs, takes it for an option and the command for the host.
 */
static int replace_dashes(struct nodes *nodes, const struct hostset **set)
{
	struct arena *arena = nodes->reader->arena;
	struct dashes dashes = {.arena = arena};
	const char *text = command_text(nodes->reader);
	const struct hostset *options, *host;
	bool dash = false;

	for (size_t i = 0; i < nodes->in_count && !dash; i++)
		dash = has_dash(nodes->in[i]);
	if (!dash || (text && !*text) || copies(nodes->reader->arguments))
		return text ? READ_DONE : READ_FAULT;
	if (!text || hostset_each(*set, note_dash, &dashes) < 0)
		return READ_FAULT;
	if (!dashes.count)
		return READ_DONE;
	options = hostset_names(arena, dashes.names, dashes.count);
	host = hostset_names(arena, &text, 1);
	*set = options && host ? hostset_difference(arena, *set, options) : NULL;
	*set = *set ? hostset_union(arena, *set, host) : NULL;
	return *set ? READ_DONE : READ_FAULT;
}

int reader_clush(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	struct nodes nodes = {.reader = reader};
	const struct hostset *set = NULL;
	struct operation *operation;
	bool irreversible = false;
	const char *pick;
	enum action action;
	int result;

	(void)fault;
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "--version"))
		return reader_nothing(reader, "host");
	action = action_of(reader, &irreversible);
	if (arguments->refusal || arguments->unknown)
		return reader_refused(reader, action, "host", "%s %s",
				      arguments->refusal ? arguments->refusal
							 : "no such option:",
				      arguments->refusal ? "" : arguments->unknown);
	if (copies(arguments) && arguments_operands(arguments) == 0)
		return reader_refused(reader, action, "host", "no file to copy is named");
	result = count_nodes(&nodes, &set);
	if (result != READ_DONE)
		return result;
	if (nodes.problem)
		return reader_unknown(reader, action, "host", "%s", nodes.problem);
	if (!set || hostset_is_empty(set))
		return reader_refused(reader, action, "host",
				      "no node to run on: an empty list or group, or "
				      "everything is excluded");
	if (replace_dashes(&nodes, &set) != READ_DONE)
		return READ_FAULT;
	operation = reader_operation(reader, action, "host", set);
	if (!operation)
		return READ_FAULT;
	pick = arguments_value(arguments, "--pick");
	if (pick)
		operation->picks = strtoull(pick, NULL, 10);
	operation->irreversible = irreversible;
	operation->everything = nodes.all;
	return READ_DONE;
}
