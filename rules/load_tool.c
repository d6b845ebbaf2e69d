/* rules/tools/ *.cfg -> struct tool. The reference of the language is docs/rules.md. */
#include "tool.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "load_section.h"
#include "tool_index.h"
#include "transport.h"

static const char *const tool_keys[] = {
	"name",	      "programs",      "modules",    "reader",	"style",
	"getopt",     "options",       "operations", "targets", "probes",
	"everything", "irreversible",  "none",	     "unit",	"verbs",
	"prefixes",   "transports",    "secret",     "sources", "action",
	"stop_after", "permute_after", NULL};
static const char *const top_keys[] = {"tool", "tests", NULL};

static const struct {
	const char *name;
	size_t offset;
} styles[] = {
	{"stop-at-operand", offsetof(struct option_style, stop_at_operand)},
	{"abbreviations", offsetof(struct option_style, abbreviations)},
	{"single-dash-long", offsetof(struct option_style, single_dash_long)},
	{"no-bundles", offsetof(struct option_style, no_bundles)},
	{"flag-values", offsetof(struct option_style, flag_values)},
	{"negations", offsetof(struct option_style, negations)},
	{"short-equals", offsetof(struct option_style, short_equals)},
	{"no-double-dash", offsetof(struct option_style, no_double_dash)},
	{"list-takes-dash", offsetof(struct option_style, list_takes_dash)},
};

static int load_style(struct arena *arena, const config_setting_t *group,
		      struct option_style *style, struct fault *fault)
{
	const char *const *names = NULL;

	if (load_strings(arena, group, "style", false, &names, fault) < 0)
		return -1;
	for (; names && *names; names++) {
		size_t i = 0, count = sizeof(styles) / sizeof(styles[0]);

		while (i < count && strcmp(styles[i].name, *names) != 0)
			i++;
		if (i == count)
			return load_fault(config_setting_get_member(group, "style"),
					  fault,
					  "style \"%s\" is not known; see docs/rules.md, "
					  "\"style\", for the list",
					  *names);
		*((bool *)((char *)style + styles[i].offset)) = true;
	}
	return 0;
}

/* A getopt(3) string adds its short options in front of the list of options. */
static int load_getopt(struct arena *arena, const config_setting_t *group,
		       struct tool *tool, struct fault *fault)
{
	struct option_set set, *all = &tool->section.options;
	struct option_rule *rules;
	const char *text = NULL;
	bool stop;

	if (load_string(arena, group, "getopt", false, &text, fault) <= 0)
		return text ? -1 : 0;
	if (option_rules_getopt(arena, text, &set, &stop) < 0)
		return fault_set(fault, "out of memory");
	rules = arena_array(arena, set.count + all->count + 1, sizeof(*rules));
	if (!rules)
		return fault_set(fault, "out of memory");
	if (all->count)
		memcpy(rules, all->rules, all->count * sizeof(*rules));
	memcpy(rules + all->count, set.rules, set.count * sizeof(*rules));
	all->rules = rules;
	all->count += set.count;
	if (stop)
		tool->style.stop_at_operand = true;
	return 0;
}

static int load_verb(struct arena *arena, config_setting_t *group, struct verb *verb,
		     unsigned depth, struct fault *fault);

static int load_verbs(struct arena *arena, const config_setting_t *group,
		      const struct verb **verbs, size_t *count, unsigned depth,
		      struct fault *fault)
{
	config_setting_t *list = NULL;
	struct verb *items;
	int length;

	if (load_groups(group, "verbs", false, &list, fault) < 0)
		return -1;
	if (!list)
		return 0;
	if (depth > 6)
		return load_fault(list, fault, "verbs are nested more than 6 deep");
	length = config_setting_length(list);
	items = arena_array(arena, (size_t)length + 1, sizeof(*items));
	if (!items)
		return fault_set(fault, "out of memory");
	for (int i = 0; i < length; i++)
		if (load_verb(arena, config_setting_get_elem(list, (unsigned)i),
			      &items[i], depth, fault) < 0)
			return -1;
	*verbs = items;
	*count = (size_t)length;
	return 0;
}

static int load_verb(struct arena *arena, config_setting_t *group, struct verb *verb,
		     unsigned depth, struct fault *fault)
{
	static const char *const keys[] = {
		"name",	      "options",	 "operations", "targets", "probes",
		"everything", "irreversible",	 "none",       "unit",	  "verbs",
		"action",     "stop_at_operand", NULL};

	if (load_check_keys(group, keys, fault) < 0 ||
	    load_strings(arena, group, "name", true, &verb->names, fault) < 0 ||
	    load_bool(group, "stop_at_operand", false, &verb->section.stop_at_operand,
		      fault) < 0 ||
	    load_section(arena, group, &verb->section, fault) < 0)
		return -1;
	if (!verb->names[0])
		return load_fault(group, fault, "name = [ ]: a verb needs a name");
	return load_verbs(arena, group, &verb->verbs, &verb->verb_count, depth + 1,
			  fault);
}

static int load_tool(struct arena *arena, config_setting_t *group, struct tool *tool,
		     struct fault *fault)
{
	const char *const *sources = NULL;
	int64_t stop_after = 0;

	if (load_check_keys(group, tool_keys, fault) < 0 ||
	    load_string(arena, group, "name", true, &tool->name, fault) < 0 ||
	    load_strings(arena, group, "programs", true, &tool->programs, fault) < 0 ||
	    load_strings(arena, group, "modules", false, &tool->modules, fault) < 0 ||
	    load_string(arena, group, "reader", false, &tool->reader, fault) < 0 ||
	    load_strings(arena, group, "prefixes", false, &tool->prefixes, fault) < 0 ||
	    load_strings(arena, group, "transports", false, &tool->transports, fault) <
		    0 ||
	    load_strings(arena, group, "secret", false, &tool->secrets, fault) < 0 ||
	    load_strings(arena, group, "sources", false, &sources, fault) < 0 ||
	    load_style(arena, group, &tool->style, fault) < 0 ||
	    load_strings(arena, group, "permute_after", false, &tool->style.permute_after,
			 fault) < 0 ||
	    load_int(group, "stop_after", false, 0, 16, &stop_after, fault) < 0 ||
	    load_section(arena, group, &tool->section, fault) < 0 ||
	    load_getopt(arena, group, tool, fault) < 0)
		return -1;
	for (const char *const *entry = tool->transports; entry && *entry; entry++)
		if (!transport_valid(*entry))
			return load_fault(
				group, fault,
				"transports: \"%s\": expected the name of a tool, or "
				"\"ACTION: COMMAND PATTERN\", as in \"stop: systemctl "
				"stop *\"",
				*entry);
	tool->style.stop_after = (size_t)stop_after;
	tool->line = load_line(group);
	tool->unit = tool->section.unit;
	return load_verbs(arena, group, &tool->verbs, &tool->verb_count, 0, fault);
}

static int open_tool(struct arena *arena, const char *path, config_t *config,
		     config_setting_t **group, struct fault *fault)
{
	if (load_open_rules(arena, path, config, fault) < 0)
		return -1;
	if (load_check_keys(config_root_setting(config), top_keys, fault) < 0 ||
	    load_group(config_root_setting(config), "tool", true, group, fault) < 0) {
		config_destroy(config);
		return -1;
	}
	return 0;
}

int tool_load(struct arena *arena, const char *path, struct tool **tool,
	      struct fault *fault)
{
	config_setting_t *group;
	config_t config;
	int result;

	*tool = arena_alloc(arena, sizeof(**tool));
	if (!*tool)
		return fault_set(fault, "out of memory while %s was read", path);
	if (open_tool(arena, path, &config, &group, fault) < 0)
		return -1;
	result = load_tool(arena, group, *tool, fault);
	config_destroy(&config);
	(*tool)->file = arena_strdup(arena, path);
	if (!(*tool)->file)
		return fault_set(fault, "out of memory while %s was read", path);
	return result;
}

/* ---- the index: name and programs of all descriptions ---- */

static int add_names(struct arena *arena, const char *const *names, bool module,
		     const char *tool, const char *path, struct tool_index *index)
{
	for (; names && *names; names++) {
		struct tool_program *items =
			arena_grow(arena, index->programs, index->count, &index->capacity,
				   sizeof(*items));

		if (!items)
			return -1;
		index->programs = items;
		items[index->count++] = (struct tool_program){*names, tool, path, module};
	}
	return 0;
}

int tool_index_add(struct arena *arena, const char *path, struct tool_index *index,
		   struct fault *fault)
{
	const char *const *programs = NULL, *const *modules = NULL, *name = NULL;
	config_setting_t *group;
	config_t config;
	int result;

	if (open_tool(arena, path, &config, &group, fault) < 0)
		return -1;
	result = load_string(arena, group, "name", true, &name, fault);
	if (result >= 0)
		result = load_strings(arena, group, "programs", true, &programs, fault);
	if (result >= 0)
		result = load_strings(arena, group, "modules", false, &modules, fault);
	config_destroy(&config);
	if (result < 0)
		return -1;
	/* A later directory's description replaces an earlier one of the same name. */
	for (size_t i = 0; i < index->count;) {
		if (strcmp(index->programs[i].tool, name) == 0)
			index->programs[i] = index->programs[--index->count];
		else
			i++;
	}
	if (add_names(arena, programs, false, name, path, index) < 0 ||
	    add_names(arena, modules, true, name, path, index) < 0)
		return fault_set(fault, "out of memory while %s was read", path);
	return 0;
}

int tool_index_load(struct arena *arena, const char *const *rules,
		    struct tool_index *index, struct fault *fault)
{
	const char *const *paths = NULL;

	memset(index, 0, sizeof(*index));
	if (load_files(arena, rules, "tools", &paths, fault) < 0)
		return -1;
	for (; paths && *paths; paths++)
		if (tool_index_add(arena, *paths, index, fault) < 0)
			return -1;
	return 0;
}
