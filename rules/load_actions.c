/* rules/actions.cfg -> struct action_table. */
#include <string.h>
#include <unistd.h>

#include "action_table.h"
#include "load.h"

static const char *const none[] = {NULL};

/* "systemctl stop" -> {"systemctl", "stop", NULL} */
static const char *const *split(struct arena *arena, const char *text)
{
	const char **words = arena_array(arena, strlen(text) / 2 + 2, sizeof(*words));
	size_t count = 0;

	while (words && *text) {
		size_t length;

		text += strspn(text, " ");
		length = strcspn(text, " ");
		if (length && !(words[count++] = arena_strndup(arena, text, length)))
			return NULL;
		text += length;
	}
	return words;
}

static int load_action(struct arena *arena, const config_setting_t *group,
		       struct action_rule *rule, struct fault *fault)
{
	static const char *const keys[] = {"command", "options",      "without", "values",
					   "action",  "irreversible", NULL};
	const char *command = NULL, *action = NULL;

	rule->options = rule->without = rule->values = none;
	if (load_check_keys(group, keys, fault) < 0 ||
	    load_string(arena, group, "command", true, &command, fault) < 0 ||
	    load_strings(arena, group, "options", false, &rule->options, fault) < 0 ||
	    load_strings(arena, group, "without", false, &rule->without, fault) < 0 ||
	    load_strings(arena, group, "values", false, &rule->values, fault) < 0 ||
	    load_string(arena, group, "action", true, &action, fault) < 0 ||
	    load_bool(group, "irreversible", false, &rule->irreversible, fault) < 0)
		return -1;
	if (!action_parse(action, &rule->action))
		return load_expected(config_setting_get_member(group, "action"), fault,
				     "run, config, restore, restart, stop or remove");
	rule->words = split(arena, command);
	if (!rule->words)
		return fault_set(fault, "out of memory");
	if (!rule->words[0])
		return load_expected(
			config_setting_get_member(group, "command"), fault,
			"a program and perhaps operands, like \"systemctl stop\"");
	return 0;
}

static int load_launcher(struct arena *arena, const config_setting_t *group,
			 struct launcher_rule *rule, struct fault *fault)
{
	static const char *const keys[] = {
		"programs",	 "when",    "operands", "values",      "text",
		"script",	 "program", "skip",	"assignments", "joined",
		"appends",	 "idle",    "alone",	"reads",       "text_first",
		"program_first", "file",    "clears",	"keeps",       "unsets",
		"directory",	 "login",   "resets",	"elsewhere",   NULL};
	const struct {
		const char *name;
		const char *const **list;
	} lists[] = {{"when", &rule->when},	{"operands", &rule->operands},
		     {"values", &rule->values}, {"text", &rule->text},
		     {"script", &rule->script}, {"program", &rule->program},
		     {"clears", &rule->clears}, {"keeps", &rule->keeps},
		     {"unsets", &rule->unsets}, {"directory", &rule->directory},
		     {"login", &rule->login}};
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {{"assignments", &rule->assignments},
		     {"joined", &rule->joined},
		     {"appends", &rule->appends},
		     {"resets", &rule->resets},
		     {"elsewhere", &rule->elsewhere},
		     {"idle", &rule->idle},
		     {"alone", &rule->alone},
		     {"reads", &rule->reads},
		     {"text_first", &rule->text_first},
		     {"program_first", &rule->program_first},
		     {"file", &rule->file}};
	int64_t skip = 0;

	if (load_check_keys(group, keys, fault) < 0 ||
	    load_strings(arena, group, "programs", true, &rule->names, fault) < 0 ||
	    load_int(group, "skip", false, 0, 8, &skip, fault) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		*lists[i].list = none;
		if (load_strings(arena, group, lists[i].name, false, lists[i].list,
				 fault) < 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (load_bool(group, flags[i].name, false, flags[i].flag, fault) < 0)
			return -1;
	rule->skip = (size_t)skip;
	return 0;
}

/* What a line says of a program's options holds for the lines behind it as well. */
static void inherit_values(struct action_rule *items, size_t first, size_t at)
{
	struct action_rule *rule = &items[at];

	for (size_t i = at; i-- > first && !*rule->values;)
		if (strcmp(items[i].words[0], rule->words[0]) == 0)
			rule->values = items[i].values;
}

static int load_file(struct arena *arena, const config_t *config,
		     struct action_list *table, struct fault *fault)
{
	static const char *const keys[] = {"actions", "launchers", "tests", NULL};
	const config_setting_t *root = config_root_setting(config);
	config_setting_t *actions = NULL, *launchers = NULL;
	size_t first = table->action_count;

	if (load_check_keys(root, keys, fault) < 0 ||
	    load_groups(root, "actions", false, &actions, fault) < 0 ||
	    load_groups(root, "launchers", false, &launchers, fault) < 0)
		return -1;
	for (int i = 0; actions && i < config_setting_length(actions); i++) {
		struct action_rule *items =
			arena_grow(arena, table->actions, table->action_count,
				   &table->action_capacity, sizeof(*items));

		if (!items)
			return fault_set(fault, "out of memory");
		table->actions = items;
		memset(&items[table->action_count], 0, sizeof(*items));
		if (load_action(arena, config_setting_get_elem(actions, (unsigned)i),
				&items[table->action_count++], fault) < 0)
			return -1;
		inherit_values(items, first, table->action_count - 1);
	}
	for (int i = 0; launchers && i < config_setting_length(launchers); i++) {
		struct launcher_rule *items =
			arena_grow(arena, table->launchers, table->launcher_count,
				   &table->launcher_capacity, sizeof(*items));

		if (!items)
			return fault_set(fault, "out of memory");
		table->launchers = items;
		memset(&items[table->launcher_count], 0, sizeof(*items));
		if (load_launcher(arena, config_setting_get_elem(launchers, (unsigned)i),
				  &items[table->launcher_count++], fault) < 0)
			return -1;
	}
	return 0;
}

static int read_lists(struct arena *arena, const char *const *rules,
		      struct action_list *list, struct fault *fault)
{
	size_t count = 0;

	while (rules[count])
		count++;
	/* The last directory is a site's own: what it says first is looked at first. */
	while (count-- > 0) {
		const char *path = arena_printf(arena, "%s/actions.cfg", rules[count]);
		config_t config;
		int result;

		if (!path)
			return fault_set(fault, "out of memory");
		if (access(path, F_OK) != 0)
			continue;
		if (load_open_rules(arena, path, &config, fault) < 0)
			return -1;
		result = load_file(arena, &config, list, fault);
		config_destroy(&config);
		if (result < 0)
			return -1;
	}
	return 0;
}

int action_table_open(struct arena *arena, const char *const *rules,
		      struct action_table **table, struct fault *fault)
{
	*table = arena_alloc(arena, sizeof(**table));
	if (!*table)
		return fault_set(fault, "out of memory");
	(*table)->arena = arena;
	(*table)->directories = rules;
	(*table)->state = arena_alloc(arena, sizeof(*(*table)->state));
	return (*table)->state ? 0 : fault_set(fault, "out of memory");
}

const struct action_list *action_table_list(const struct action_table *table)
{
	struct action_table_state *state = table->state;

	if (!state->read) {
		state->read = true;
		if (read_lists(table->arena, table->directories, &state->list,
			       &state->fault) < 0) {
			state->broken = true;
			state->list = (struct action_list){0};
		}
	}
	return &state->list;
}

int action_table_check(const struct action_table *table, struct fault *fault)
{
	if (!table->state->broken)
		return 0;
	if (fault)
		*fault = table->state->fault;
	return -1;
}

int action_table_load(struct arena *arena, const char *const *rules,
		      struct action_table **table, struct fault *fault)
{
	if (action_table_open(arena, rules, table, fault) < 0)
		return -1;
	action_table_list(*table);
	return action_table_check(*table, fault);
}
