/*
 * az: one resource by -g and -n, many by --ids; what is done is said by the last word of the
 * command. Every option takes the words up to the next one; @FILE and @- stand for what a file
 * or standard input holds; a beginning of a long option that fits one only is that option.
 * Sources: azure-cli 2.45.0 (its parser, run; azure/cli/core/commands/arm.py), argparse.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "readers.h"

enum az_option {
	GROUP,
	NAME,
	IDS,
	INSTANCES,
	CLUSTER,
	SERVER,
	CAPACITY,
	COUNT,
	HELP,
	NO_WAIT,
	YES,
	SUBSCRIPTION,
	QUERY,
	OPTIONS
};

static const char *const option_names[OPTIONS][3] = {
	[GROUP] = {"--resource-group", "-g"},
	[NAME] = {"--name", "-n"},
	[IDS] = {"--ids"},
	[INSTANCES] = {"--instance-ids"},
	[CLUSTER] = {"--cluster-name"},
	[SERVER] = {"--server", "-s"},
	[CAPACITY] = {"--new-capacity"},
	[COUNT] = {"--node-count"},
	[HELP] = {"--help", "-h"},
	[NO_WAIT] = {"--no-wait"},
	[YES] = {"--yes", "-y"},
	[SUBSCRIPTION] = {"--subscription"},
	[QUERY] = {"--query"},
};

struct az {
	struct reader *reader;
	const char *path, *verb, *noun; /* "vm delete", "delete", "vm" */
	bool given[OPTIONS];
	const char **values[OPTIONS]; /* of the last time it was given */
	size_t counts[OPTIONS];
	const char *problem, *refusal;
	const char **names;
	size_t name_count, name_capacity;
};

static const struct {
	const char *verbs;
	enum action action;
} actions[] = {
	{"delete remove purge delete-instances reimage reset destroy revoke uninstall",
	 ACTION_REMOVE},
	{"stop deallocate disable suspend pause detach simulate-eviction cancel "
	 "power-off unregister delete-host",
	 ACTION_STOP},
	{"restart redeploy failover resize upgrade rotate-certs perform-maintenance "
	 "update-instances reapply swap reboot convert rolling-upgrade restore",
	 ACTION_RESTART},
	{"start resume enable recover", ACTION_RESTORE},
	{"scale", ACTION_SCALE},
	{"update set add create-or-update assign attach tag generalize capture move lock "
	 "import rename",
	 ACTION_CONFIG},
};

static const char reads[] =
	"list show get check wait export list-sizes login logout account version "
	"find feedback configure interactive help";

static bool is_in(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (*list) {
		size_t next = strcspn(list, " ");

		if (next == length && memcmp(list, word, length) == 0)
			return true;
		list += next;
		list += *list == ' ';
	}
	return false;
}

static bool is_read(const struct az *line)
{
	static const char *const begins[] = {"list", "show", "get-", "check-", "wait"};

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(line->verb, begins[i], strlen(begins[i])) == 0)
			return true;
	return is_in(reads, line->verb);
}

static enum action action_of(const struct az *line)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (is_in(actions[i].verbs, line->verb))
			return actions[i].action;
	if (strncmp(line->verb, "delete-", 7) == 0)
		return ACTION_REMOVE;
	return ACTION_RUN;
}

static const char *unit_of(const struct az *line)
{
	static const struct {
		const char *noun, *unit;
	} units[] = {{"aks", "cluster"}, {"group", "resourcegroup"}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].noun, line->noun) == 0)
			return units[i].unit;
	return *line->noun ? line->noun : "object";
}

/* ---- the line ---- */

/* The text of @FILE and @-, without the line break at its end; anything else as it is. */
static int load_value(struct az *line, const char *value, const char **text)
{
	const struct fact *fact;
	size_t length;
	char *copy;

	*text = value;
	if (value[0] != '@' || !value[1])
		return READ_DONE;
	fact = strcmp(value, "@-") == 0 ? facts_stdin(line->reader->facts)
					: facts_file(line->reader->facts, value + 1);
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK) {
		line->problem =
			arena_printf(line->reader->arena, "%s cannot be read", value + 1);
		return line->problem ? READ_DONE : READ_FAULT;
	}
	copy = arena_strdup(line->reader->arena, fact->data);
	if (!copy)
		return READ_FAULT;
	length = strlen(copy);
	if (length && copy[length - 1] == '\n')
		copy[length - 1] = '\0';
	*text = copy;
	return READ_DONE;
}

/* Which option a word is; OPTIONS: one that does not matter here. */
static enum az_option find_option(struct az *line, const char *word, size_t length)
{
	enum az_option found = OPTIONS;

	for (int i = 0; i < OPTIONS; i++)
		for (size_t n = 0; n < 3 && option_names[i][n]; n++)
			if (strlen(option_names[i][n]) == length &&
			    memcmp(option_names[i][n], word, length) == 0)
				return (enum az_option)i;
	if (length < 3 || word[1] != '-')
		return OPTIONS;
	for (int i = 0; i < OPTIONS; i++) {
		if (strncmp(option_names[i][0], word, length) != 0)
			continue;
		if (found != OPTIONS)
			line->problem =
				"an option is cut so short that it may be several";
		found = (enum az_option)i;
	}
	return found;
}

static int take_option(struct az *line, size_t *at)
{
	const struct command *command = line->reader->command;
	const char *word = command->argv[(*at)++], *equals = strchr(word, '=');
	size_t length = equals && word[1] == '-' ? (size_t)(equals - word) : strlen(word);
	enum az_option option;
	const char *glued = length < strlen(word) ? equals + 1 : NULL;
	int result = READ_DONE;

	/* -gRG is -g RG */
	if (word[1] != '-' && length > 2) {
		glued = word + 2 + (word[2] == '=');
		length = 2;
	}
	option = find_option(line, word, length);
	if (option == OPTIONS) {
		while (!glued && *at < command->argc && command->argv[*at][0] != '-')
			(*at)++;
		return READ_DONE;
	}
	line->given[option] = true;
	line->counts[option] = 0;
	line->values[option] =
		arena_array(line->reader->arena, command->argc + 1, sizeof(char *));
	if (!line->values[option])
		return READ_FAULT;
	if (glued)
		return load_value(line, glued,
				  &line->values[option][line->counts[option]++]);
	while (result == READ_DONE && *at < command->argc && command->argv[*at][0] != '-')
		result = load_value(line, command->argv[(*at)++],
				    &line->values[option][line->counts[option]++]);
	return result;
}

static int read_line(struct az *line)
{
	const struct command *command = line->reader->command;
	const char *path = "";
	size_t at = 1;
	int result = READ_DONE;

	line->verb = line->noun = "";
	while (at < command->argc && command->argv[at][0] != '-') {
		line->noun = line->verb;
		line->verb = command->argv[at];
		path = arena_printf(line->reader->arena, "%s%s%s", path, *path ? " " : "",
				    command->argv[at++]);
		if (!path)
			return READ_FAULT;
	}
	line->path = path;
	line->reader->verb_path = path;
	while (at < command->argc && result == READ_DONE)
		result = take_option(line, &at);
	return result;
}

/* ---- names ---- */

static const char *value_of(const struct az *line, enum az_option option)
{
	return line->counts[option] ? line->values[option][0] : NULL;
}

static bool add_name(struct az *line, const char *name)
{
	const char **names =
		arena_grow(line->reader->arena, line->names, line->name_count,
			   &line->name_capacity, sizeof(*names));

	if (!names || !name)
		return false;
	line->names = names;
	names[line->name_count++] = name;
	return true;
}

/*
 * /subscriptions/S/resourceGroups/G/providers/P/TYPE/NAME[/TYPE/NAME] -> G/NAME[/NAME]; any
 * other form stays as it is, so that two ids are never one name.
 */
static const char *name_of_id(struct arena *arena, const char *id)
{
	char *copy = arena_strdup(arena, id), *part;
	const char *name = "";
	size_t n = 0;

	while (copy && name && (part = strsep(&copy, "/")) != NULL) {
		if (!*part)
			continue;
		n++;
		if ((n == 3 && strcasecmp(part, "resourceGroups") != 0) ||
		    (n == 5 && strcasecmp(part, "providers") != 0))
			return id;
		if (n == 4)
			name = part;
		else if (n >= 8 && n % 2 == 0)
			name = arena_printf(arena, "%s/%s", name, part);
	}
	return n >= 8 && n % 2 == 0 && name ? name : id;
}

/* The ids in the values of --ids: each value may hold several. */
static int add_ids(struct az *line)
{
	struct arena *arena = line->reader->arena;
	bool whole = strcmp(line->noun, "resource") == 0;

	for (size_t i = 0; i < line->counts[IDS]; i++) {
		char *copy = arena_strdup(arena, line->values[IDS][i]), *id;

		if (!copy)
			return READ_FAULT;
		while ((id = strsep(&copy, " \t\r\n")) != NULL) {
			if (!*id)
				continue;
			if (*id != '/')
				line->problem = "an id is none";
			if (!add_name(line, whole ? id : name_of_id(arena, id)))
				return READ_FAULT;
		}
	}
	return READ_DONE;
}

static int add_instances(struct az *line, bool *all)
{
	for (size_t i = 0; i < line->counts[INSTANCES]; i++) {
		const char *value = line->values[INSTANCES][i];

		if (!*value)
			line->problem = "an empty instance id (an unset variable?)";
		if (value[strcspn(value, " \t\r\n")])
			line->problem = "several instance ids stand in one word";
		*all = *all || strcmp(value, "*") == 0;
		if (!add_name(line, value))
			return READ_FAULT;
	}
	return READ_DONE;
}

static int add_one(struct az *line)
{
	struct arena *arena = line->reader->arena;
	const char *group = value_of(line, GROUP), *name = value_of(line, NAME);
	const char *parent = value_of(line, CLUSTER);

	if (!parent)
		parent = strcmp(line->noun, "db") == 0 ? value_of(line, SERVER) : NULL;
	if (line->counts[NAME] > 1)
		line->refusal = "--name takes one name";
	if (!name) {
		line->problem =
			"the line does not name what it touches by --name or --ids";
		return READ_DONE;
	}
	if (!*name || (group && !*group)) {
		line->problem = "an empty name (an unset variable?)";
		return READ_DONE;
	}
	if (strcmp(line->noun, "group") == 0)
		group = NULL;
	if (parent)
		name = arena_printf(arena, "%s/%s", parent, name);
	if (group && name)
		name = arena_printf(arena, "%s/%s", group, name);
	return add_name(line, name) ? READ_DONE : READ_FAULT;
}

/* ---- what goes with them ---- */

/* How many instances a scale set, or nodes a pool, has now; what is left is taken off. */
static int weigh(struct az *line, bool scale, struct effect *effect)
{
	bool pool = strcmp(line->noun, "nodepool") == 0;
	const char *wanted = value_of(line, pool ? COUNT : CAPACITY);
	const char *group = value_of(line, GROUP), *name = value_of(line, NAME);
	const char *cluster = value_of(line, CLUSTER), **run;
	const struct command *command = line->reader->command;
	const struct fact *fact;
	size_t n = 0;
	char *end;
	int result;

	effect->unit = pool ? "node" : "instance";
	if (!group || !name || (pool && !cluster) || line->given[IDS])
		return READ_DONE;
	run = arena_array(line->reader->arena, 20, sizeof(*run));
	if (!run)
		return READ_FAULT;
	run[n++] = command->path ? command->path : command->argv[0];
	if (pool)
		run[n++] = "aks";
	run[n++] = pool ? "nodepool" : "vmss";
	run[n++] = "show";
	run[n++] = "-g";
	run[n++] = group;
	run[n++] = "-n";
	run[n++] = name;
	if (pool) {
		run[n++] = "--cluster-name";
		run[n++] = cluster;
	}
	if (value_of(line, SUBSCRIPTION)) {
		run[n++] = "--subscription";
		run[n++] = value_of(line, SUBSCRIPTION);
	}
	run[n++] = "--query";
	run[n++] = pool ? "count" : "sku.capacity";
	run[n++] = "-o";
	run[n++] = "tsv";
	result = reader_probe(line->reader, run, 0, &fact);
	if (result != READ_DONE || fact->state != FACT_OK || fact->status != 0 ||
	    !isdigit((unsigned char)fact->data[0]))
		return result;
	effect->count = strtol(fact->data, &end, 10);
	effect->known = true;
	if (scale) {
		effect->known = wanted && isdigit((unsigned char)*wanted);
		if (effect->known)
			effect->count -= strtol(wanted, &end, 10);
	}
	return READ_DONE;
}

static int emit(struct az *line)
{
	struct reader *reader = line->reader;
	enum action action = action_of(line);
	bool instances = line->given[INSTANCES], all = false;
	bool set = strcmp(line->noun, "vmss") == 0;
	const char *unit = instances ? "instance" : unit_of(line);
	const struct hostset *targets;
	struct operation *operation;
	int result;

	if (instances)
		result = add_instances(line, &all);
	else
		result = line->given[IDS] ? add_ids(line) : add_one(line);
	if (result != READ_DONE)
		return result;
	if (set && !instances && strcmp(line->verb, "delete-instances") == 0)
		line->refusal = "no instance is named";
	if (line->given[IDS] && !line->name_count)
		line->refusal = "--ids has no value";
	if (line->refusal)
		return reader_refused(reader, action, unit, "%s", line->refusal);
	if (line->problem || !line->name_count)
		return reader_unknown(reader, action, unit, "%s",
				      line->problem ? line->problem : "nothing is named");
	targets = hostset_names(reader->arena, line->names, line->name_count);
	operation = targets ? reader_operation(reader, action, unit, targets) : NULL;
	if (!operation)
		return READ_FAULT;
	operation->everything = all;
	if ((set && (!instances || all)) || strcmp(line->noun, "nodepool") == 0)
		return weigh(line, action == ACTION_SCALE, &operation->effect);
	if (strcmp(line->noun, "group") == 0 && action == ACTION_REMOVE)
		operation->effect.unit = "resource";
	else if (strcmp(line->noun, "aks") == 0)
		operation->effect.unit = "node";
	return READ_DONE;
}

int reader_az(struct reader *reader, struct fault *fault)
{
	struct az line = {.reader = reader};
	int result = read_line(&line);

	(void)fault;
	if (result != READ_DONE)
		return result;
	if (line.given[HELP] || !*line.verb)
		return reader_nothing(reader, "object");
	if (is_read(&line))
		return reader->facts->reads_uncounted
			       ? reader_unknown(reader, ACTION_READ, "object",
						"what is only read is not counted")
			       : reader_nothing(reader, "object");
	return emit(&line);
}
