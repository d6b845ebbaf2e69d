/*
 * terraform and tofu: what apply and destroy would do is known to the plan only. It is asked
 * with `plan` and the same variables, targets and state, or read from the saved plan; options
 * in TF_CLI_ARGS_apply and its like are options of the line.
 *
 * Sources: terraform 1.11.4 (internal/command, its machine-readable UI and `show -json`), run
 * with built-in resources; OpenTofu documentation 1.9.
 */
#include <jansson.h>
#include <string.h>

#include "readers.h"
#include "words.h"

struct plan {
	const char **gone; /* addresses that are deleted, or replaced */
	size_t gone_count, gone_capacity;
	const char **touched; /* created, updated */
	size_t touched_count, touched_capacity;
	const char **resized; /* updates that may take capacity away */
	size_t resized_count, resized_capacity;
	double lost; /* by them */
	bool lost_known;
	bool complete;
	const char *problem;
};

struct line {
	const char **words; /* of the probe */
	size_t count, capacity;
	const char *file; /* saved plan, NULL: none */
	const char *problem;
	bool failed;
};

static bool append(struct arena *arena, const char ***items, size_t *count,
		   size_t *capacity, const char *text)
{
	const char **grown = arena_grow(arena, *items, *count, capacity, sizeof(*grown));

	if (!grown || !text)
		return false;
	*items = grown;
	grown[(*count)++] = text;
	return true;
}

static void add_word(struct reader *reader, struct line *line, const char *word)
{
	if (!append(reader->arena, &line->words, &line->count, &line->capacity, word))
		line->failed = true;
}

/* ---- the line ---- */

/* What makes the plan another one; the rest says how it is carried out, or shown. */
static bool makes_plan(const struct argument *item)
{
	static const char *const names[] = {
		"-destroy",	"-refresh-only", "-refresh", "-replace",     "-target",
		"-var",		"-var-file",	 "-state",   "-parallelism", "-exclude",
		"-target-file", "-exclude-file", NULL};

	for (const char *const *name = names; *name; name++)
		if (argument_is(item, *name))
			return true;
	return false;
}

static const char *long_name(const struct argument *item)
{
	return item->option->names[0];
}

static void take_item(struct reader *reader, const struct argument *item,
		      struct line *line)
{
	const char *name;

	if (item->unknown) {
		line->problem = arena_printf(reader->arena, "%s is no option of %s",
					     item->name, reader->tool->name);
		return;
	}
	if (!item->option) {
		if (line->file)
			line->problem = "more than one saved plan is named";
		line->file = item->value;
		return;
	}
	if (!makes_plan(item))
		return;
	name = long_name(item);
	if (item->negative)
		add_word(reader, line, arena_printf(reader->arena, "%s=false", name));
	else if (item->option->arity == OPTION_FLAG)
		add_word(reader, line, name);
	else
		add_word(reader, line,
			 arena_printf(reader->arena, "%s=%s", name,
				      item->value ? item->value : ""));
}

/* The words of TF_CLI_ARGS and TF_CLI_ARGS_VERB stand in front of those of the line. */
static int take_environment(struct reader *reader, const char *name, struct line *line)
{
	const char *text = command_env(reader->command, name), *const * words;
	struct option_set sets[2] = {reader->section->options,
				     reader->tool->section.options};
	struct arguments arguments = {0};
	struct fault fault = {0};
	size_t count;

	if (!text || !*text)
		return READ_DONE;
	words = words_split(reader->arena, text, &count, &fault);
	if (!words) {
		line->problem = arena_printf(reader->arena, "$%s: %s", name, fault.text);
		return line->problem ? READ_DONE : READ_FAULT;
	}
	if (options_parse(reader->arena, &reader->tool->style, sets, 2, words, count, 0,
			  NULL, &arguments) < 0)
		return READ_FAULT;
	if (arguments.refusal)
		line->problem = arguments.refusal;
	for (size_t i = 0; i < arguments.count; i++)
		take_item(reader, &arguments.items[i], line);
	return READ_DONE;
}

/* The program, without the options that the environment would add to the probe. */
static void begin(struct reader *reader, struct line *line, const char *verb)
{
	static const char *const names[] = {"TF_CLI_ARGS", "TF_CLI_ARGS_plan",
					    "TF_CLI_ARGS_show"};
	const struct command *command = reader->command;
	const char *directory = arguments_value(reader->arguments, "-chdir");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!command_env(command, names[i]))
			continue;
		if (line->count == 0)
			add_word(reader, line, "env");
		add_word(reader, line, "-u");
		add_word(reader, line, names[i]);
	}
	add_word(reader, line, command->path ? command->path : command->argv[0]);
	if (directory)
		add_word(reader, line,
			 arena_printf(reader->arena, "-chdir=%s", directory));
	add_word(reader, line, verb);
}

/* ---- what it does ---- */

static bool is_capacity(const char *key)
{
	static const char *const keys[] = {"desired_capacity",
					   "desired_count",
					   "desired_size",
					   "target_size",
					   "node_count",
					   "replicas",
					   "instances",
					   "instance_count",
					   "worker_count",
					   "capacity",
					   NULL};

	for (const char *const *k = keys; *k; k++)
		if (strcmp(*k, key) == 0)
			return true;
	return false;
}

/* Capacity that goes between two values of a resource, wherever in them it stands. */
static double capacity_lost(json_t *before, json_t *after, unsigned depth)
{
	double lost = 0;
	const char *key;
	json_t *value;
	size_t index;

	if (depth > 16)
		return 0;
	if (json_is_object(before) && json_is_object(after)) {
		json_object_foreach(before, key, value)
		{
			json_t *now = json_object_get(after, key);

			if (is_capacity(key) && json_is_number(value) &&
			    json_is_number(now))
				lost += json_number_value(value) - json_number_value(now);
			else
				lost += capacity_lost(value, now, depth + 1);
		}
	} else if (json_is_array(before) && json_is_array(after)) {
		json_array_foreach(before, index, value) lost +=
			capacity_lost(value, json_array_get(after, index), depth + 1);
	}
	return lost;
}

static bool has(json_t *actions, const char *wanted)
{
	json_t *action;
	size_t index;

	json_array_foreach(actions, index, action) if (json_is_string(action) &&
						       strcmp(json_string_value(action),
							      wanted) == 0) return true;
	return false;
}

static bool take_change(struct arena *arena, json_t *entry, struct plan *plan)
{
	json_t *change = json_object_get(entry, "change");
	json_t *actions = json_object_get(change, "actions");
	const char *address = json_string_value(json_object_get(entry, "address"));
	const char *mode = json_string_value(json_object_get(entry, "mode"));
	double lost;

	if (!address || !json_is_array(actions)) {
		plan->problem = "the plan has a change without an address";
		return true;
	}
	if (mode && strcmp(mode, "managed") != 0)
		return true;
	address = arena_strdup(arena, address);
	if (has(actions, "delete"))
		return append(arena, &plan->gone, &plan->gone_count, &plan->gone_capacity,
			      address);
	if (!has(actions, "create") && !has(actions, "update"))
		return true;
	lost = capacity_lost(json_object_get(change, "before"),
			     json_object_get(change, "after"), 0);
	if (lost > 0) {
		plan->lost += lost;
		return append(arena, &plan->resized, &plan->resized_count,
			      &plan->resized_capacity, address);
	}
	return append(arena, &plan->touched, &plan->touched_count,
		      &plan->touched_capacity, address);
}

/* What `show -json` prints of a saved plan. */
static int read_saved(struct arena *arena, const char *text, struct plan *plan)
{
	json_t *root = json_loads(text, 0, NULL), *changes, *entry;
	size_t index;
	bool good = true;

	changes = json_object_get(root, "resource_changes");
	plan->complete =
		json_is_object(root) && json_object_get(root, "format_version") != NULL;
	plan->lost_known = true;
	json_array_foreach(changes, index, entry) good =
		good && take_change(arena, entry, plan);
	json_decref(root);
	return good ? READ_DONE : READ_FAULT;
}

/* Kinds of resources that stand for a number of others; their updates may lower it. */
static bool stands_for_more(const char *type)
{
	static const char *const parts[] = {"autoscaling_group",
					    "instance_group",
					    "node_pool",
					    "node_group",
					    "nodepool",
					    "scale_set",
					    "ecs_service",
					    "_deployment",
					    "stateful_set",
					    "replica",
					    "appautoscaling",
					    "fleet",
					    NULL};

	for (const char *const *part = parts; type && *part; part++)
		if (strstr(type, *part))
			return true;
	return false;
}

static bool take_planned(struct arena *arena, json_t *change, struct plan *plan)
{
	json_t *resource = json_object_get(change, "resource");
	const char *address = json_string_value(json_object_get(resource, "addr"));
	const char *type = json_string_value(json_object_get(resource, "resource_type"));
	const char *action = json_string_value(json_object_get(change, "action"));

	if (!address || !action) {
		plan->problem = "the plan has a change without an address";
		return true;
	}
	address = arena_strdup(arena, address);
	if (strcmp(action, "delete") == 0 || strcmp(action, "replace") == 0)
		return append(arena, &plan->gone, &plan->gone_count, &plan->gone_capacity,
			      address);
	if (strcmp(action, "update") == 0 && stands_for_more(type))
		return append(arena, &plan->resized, &plan->resized_count,
			      &plan->resized_capacity, address);
	if (strcmp(action, "update") == 0 || strcmp(action, "create") == 0)
		return append(arena, &plan->touched, &plan->touched_count,
			      &plan->touched_capacity, address);
	return true;
}

/* What `plan -json` prints: a message a line; the summary comes last. */
static int read_messages(struct arena *arena, const char *text, struct plan *plan)
{
	char *copy = arena_strdup(arena, text), *line;
	bool good = copy != NULL;

	while (good && (line = strsep(&copy, "\n")) != NULL) {
		json_t *root = *line == '{' ? json_loads(line, 0, NULL) : NULL;
		const char *type = json_string_value(json_object_get(root, "type"));

		if (type && strcmp(type, "planned_change") == 0)
			good = take_planned(arena, json_object_get(root, "change"), plan);
		else if (type && strcmp(type, "change_summary") == 0)
			plan->complete = true;
		json_decref(root);
	}
	return good ? READ_DONE : READ_FAULT;
}

static int emit(struct reader *reader, enum action action, const char **names,
		size_t count, struct operation **made)
{
	const struct hostset *targets = hostset_names(reader->arena, names, count);

	*made = targets ? reader_operation(reader, action, "resource", targets) : NULL;
	return *made ? READ_DONE : READ_FAULT;
}

static int emit_plan(struct reader *reader, struct plan *plan, bool destroys)
{
	struct operation *made;
	int result = READ_DONE;

	if (plan->problem || !plan->complete)
		return reader_unknown(reader, ACTION_REMOVE, "resource", "%s",
				      plan->problem ? plan->problem
						    : "the plan could not be read");
	if (plan->gone_count || destroys) {
		result = emit(reader, ACTION_REMOVE, plan->gone, plan->gone_count, &made);
		if (result == READ_DONE)
			made->irreversible = true;
	} else if (!plan->resized_count) {
		return emit(reader, ACTION_CONFIG, plan->touched, plan->touched_count,
			    &made);
	}
	if (result != READ_DONE || !plan->resized_count)
		return result;
	result = emit(reader, ACTION_SCALE, plan->resized, plan->resized_count, &made);
	if (result == READ_DONE)
		made->effect = (struct effect){.known = plan->lost_known,
					       .unit = "instance",
					       .count = (int64_t)plan->lost};
	return result;
}

static int run(struct reader *reader, struct line *line, const struct fact **fact)
{
	line->words = arena_grow(reader->arena, line->words, line->count, &line->capacity,
				 sizeof(*line->words));
	if (!line->words)
		return READ_FAULT;
	line->words[line->count] = NULL;
	/* Real providers refresh over the network: minutes. */
	return reader_probe(reader, line->words, 120, fact);
}

/*
 * A saved plan. When there is no such file terraform refuses the line; what someone has kept
 * of it with `show -json` then tells what it would have been.
 */
static int read_plan_file(struct reader *reader, const char *file, bool destroys)
{
	const char *directory = arguments_value(reader->arguments, "-chdir"), *path;
	struct line probe = {0};
	struct plan plan = {0};
	const struct fact *fact;
	int result;

	begin(reader, &probe, "show");
	add_word(reader, &probe, "-json");
	add_word(reader, &probe, file);
	if (probe.failed)
		return READ_FAULT;
	path = directory && *file != '/'
		       ? arena_printf(reader->arena, "%s/%s", directory, file)
		       : file;
	fact = path ? facts_kind(reader->facts, path) : NULL;
	if (!path)
		return READ_FAULT;
	if (!fact)
		return READ_MISSING;
	if (fact->state == FACT_ABSENT) {
		path = arena_printf(reader->arena, "%s.json", path);
		fact = path ? facts_file(reader->facts, path) : NULL;
		if (!path)
			return READ_FAULT;
		if (!fact)
			return READ_MISSING;
	} else {
		result = run(reader, &probe, &fact);
		if (result != READ_DONE)
			return result;
	}
	if (fact->state != FACT_OK || fact->status != 0)
		plan.problem = "the saved plan could not be read";
	else if (read_saved(reader->arena, fact->data, &plan) != READ_DONE)
		return READ_FAULT;
	return emit_plan(reader, &plan, destroys);
}

static int apply(struct reader *reader, bool destroys)
{
	struct line line = {0}, probe = {0};
	struct plan plan = {0};
	const struct fact *fact;
	int result;

	result = take_environment(reader, "TF_CLI_ARGS", &line);
	if (result == READ_DONE)
		result = take_environment(
			reader, destroys ? "TF_CLI_ARGS_destroy" : "TF_CLI_ARGS_apply",
			&line);
	if (result != READ_DONE)
		return result;
	for (size_t i = 0; i < reader->arguments->count; i++)
		take_item(reader, &reader->arguments->items[i], &line);
	if (line.failed)
		return READ_FAULT;
	if (line.problem)
		return reader_unknown(reader, ACTION_REMOVE, "resource", "%s",
				      line.problem);
	if (line.file)
		return read_plan_file(reader, line.file, destroys);
	begin(reader, &probe, "plan");
	add_word(reader, &probe, "-json");
	add_word(reader, &probe, "-input=false");
	add_word(reader, &probe, "-lock=false");
	if (destroys)
		add_word(reader, &probe, "-destroy");
	for (size_t i = 0; i < line.count; i++)
		add_word(reader, &probe, line.words[i]);
	if (probe.failed)
		return READ_FAULT;
	result = run(reader, &probe, &fact);
	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0)
		plan.problem = "the plan could not be made: run the same line with plan "
			       "to see why";
	else if (read_messages(reader->arena, fact->data, &plan) != READ_DONE)
		return READ_FAULT;
	return emit_plan(reader, &plan, destroys);
}

int reader_terraform(struct reader *reader, struct fault *fault)
{
	bool help = arguments_has(reader->arguments, "-help") ||
		    arguments_has(reader->arguments, "-version");

	if (!help && !reader->arguments->refusal) {
		if (strcmp(reader->verb_path, "apply") == 0)
			return apply(reader, false);
		if (strcmp(reader->verb_path, "destroy") == 0)
			return apply(reader, true);
	}
	return reader_grammar(reader, fault);
}
