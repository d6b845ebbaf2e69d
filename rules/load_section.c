#include "load_section.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static int load_conditions(struct arena *arena, const config_setting_t *group,
			   const char *name, struct conditions *conditions,
			   struct fault *fault)
{
	const char *const *texts = NULL;
	struct condition *items;
	size_t count = 0;

	if (load_strings(arena, group, name, false, &texts, fault) < 0)
		return -1;
	while (texts && texts[count])
		count++;
	items = arena_array(arena, count + 1, sizeof(*items));
	if (!items)
		return fault_set(fault, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct fault inner = {0};

		if (condition_parse(arena, texts[i], &items[i], &inner) < 0)
			return load_fault(config_setting_get_member(group, name), fault,
					  "%s", inner.text);
	}
	conditions->items = items;
	conditions->count = count;
	return 0;
}

static int parse_operand_condition(struct arena *arena, const char *text,
				   const char *given, struct condition *condition,
				   struct fault *fault)
{
	char *end;

	errno = 0;
	condition->operand = strtol(text, &end, 10);
	if (errno || *end != '=' || condition->operand > 4096)
		return fault_set(fault, "condition \"%s\": expected \"NUMBER=PATTERN\"",
				 given);
	condition->pattern = arena_strdup(arena, end + 1);
	return condition->pattern ? 0 : fault_set(fault, "out of memory");
}

int condition_parse(struct arena *arena, const char *text, struct condition *condition,
		    struct fault *fault)
{
	const char *given = text, *equals;
	char *end;

	memset(condition, 0, sizeof(*condition));
	condition->operand = -1;
	if (*text == '!') {
		condition->negate = true;
		text++;
	}
	if (*text == '#') {
		condition->compare = text[1];
		if (!condition->compare || !strchr("=<>", condition->compare))
			return fault_set(fault,
					 "condition \"%s\": expected \"#=N\", \"#>N\" "
					 "or \"#<N\"",
					 given);
		condition->number = strtoul(text + 2, &end, 10);
		if (!isdigit((unsigned char)text[2]) || *end)
			return fault_set(fault,
					 "condition \"%s\": expected a number of "
					 "operands",
					 given);
		return 0;
	}
	if (isdigit((unsigned char)*text))
		return parse_operand_condition(arena, text, given, condition, fault);
	if (*text == '@') {
		equals = strchr(text, '=');
		if (!equals || (strncmp(text, "@program=", 9) != 0 &&
				strncmp(text, "@verb=", 6) != 0))
			return fault_set(fault,
					 "condition \"%s\": expected "
					 "\"@program=NAME\" or \"@verb=NAME\"",
					 given);
		condition->name = text[1] == 'p' ? "program" : "verb";
		condition->pattern = arena_strdup(arena, equals + 1);
		return condition->pattern ? 0 : fault_set(fault, "out of memory");
	}
	if (*text != '$' && *text != '-')
		return fault_set(
			fault,
			"condition \"%s\": expected an option (\"-g\"), a variable "
			"(\"$WCOLL\"), an operand (\"0=stop\") or a number of them "
			"(\"#=0\")",
			given);
	equals = strchr(text, '=');
	if (equals) {
		condition->pattern = arena_strdup(arena, equals + 1);
		text = arena_strndup(arena, text, (size_t)(equals - text));
		if (!condition->pattern || !text)
			return fault_set(fault, "out of memory");
	}
	if (*text == '$')
		condition->environment = text + 1;
	else
		condition->option = text;
	return 0;
}

static int load_options(struct arena *arena, const config_setting_t *group,
			struct option_set *set, struct fault *fault)
{
	const char *const *texts = NULL;
	struct option_rule *rules;
	size_t count = 0;

	if (load_strings(arena, group, "options", false, &texts, fault) < 0)
		return -1;
	while (texts && texts[count])
		count++;
	rules = arena_array(arena, count + 1, sizeof(*rules));
	if (!rules)
		return fault_set(fault, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct fault inner = {0};

		if (option_rule_parse(arena, texts[i], &rules[i], &inner) < 0)
			return load_fault(config_setting_get_member(group, "options"),
					  fault, "%s", inner.text);
	}
	set->rules = rules;
	set->count = count;
	return 0;
}

/* "remove", or "from-remote-command", or "nothing". */
static int parse_action(const config_setting_t *setting, const char *text,
			struct operation_rule *rule, struct fault *fault)
{
	if (strcmp(text, "from-remote-command") == 0) {
		rule->from_remote_command = true;
		return 0;
	}
	if (strcmp(text, "nothing") == 0) {
		rule->action = ACTION_READ;
		rule->no_targets = true;
		return 0;
	}
	if (action_parse(text, &rule->action))
		return 0;
	return load_expected(setting, fault,
			     "read, restore, run, config, restart, stop, scale, remove, "
			     "\"nothing\" or \"from-remote-command\"");
}

static int load_operation(struct arena *arena, const config_setting_t *group,
			  struct operation_rule *rule, struct fault *fault)
{
	static const char *const keys[] = {
		"when", "action", "remote_option", "remote_from", "unit", "effect", NULL};
	const char *text = NULL;
	int64_t from = 0;

	if (load_check_keys(group, keys, fault) < 0 ||
	    load_conditions(arena, group, "when", &rule->when, fault) < 0 ||
	    load_string(arena, group, "action", true, &text, fault) < 0 ||
	    load_string(arena, group, "remote_option", false, &rule->remote_option,
			fault) < 0 ||
	    load_int(group, "remote_from", false, 0, 4096, &from, fault) < 0 ||
	    load_string(arena, group, "unit", false, &rule->unit, fault) < 0 ||
	    load_string(arena, group, "effect", false, &rule->effect, fault) < 0)
		return -1;
	rule->remote_from = (size_t)from;
	return parse_action(config_setting_get_member(group, "action"), text, rule,
			    fault);
}

/* operations = ( { when, action } ... ), and `action = "x"` for "in all other cases". */
static int load_operations(struct arena *arena, const config_setting_t *group,
			   struct section *section, struct fault *fault)
{
	config_setting_t *list = NULL;
	struct operation_rule *items;
	const char *text = NULL;
	size_t count = 0;

	if (load_groups(group, "operations", false, &list, fault) < 0 ||
	    load_string(arena, group, "action", false, &text, fault) < 0)
		return -1;
	if (list)
		count = (size_t)config_setting_length(list);
	items = arena_array(arena, count + 2, sizeof(*items));
	if (!items)
		return fault_set(fault, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (load_operation(arena, config_setting_get_elem(list, (unsigned)i),
				   &items[i], fault) < 0)
			return -1;
	if (text && parse_action(config_setting_get_member(group, "action"), text,
				 &items[count++], fault) < 0)
		return -1;
	section->operations = items;
	section->operation_count = count;
	return 0;
}

/* operands = "all", "0", "1-" or "0-1". */
static int parse_operands(const config_setting_t *setting, const char *text,
			  struct target_source *source, struct fault *fault)
{
	char *end;

	source->operands = true;
	source->to = SIZE_MAX;
	if (strcmp(text, "all") == 0)
		return 0;
	if (!isdigit((unsigned char)*text))
		return load_expected(setting, fault, "\"all\", \"0\", \"1-\" or \"0-1\"");
	source->from = strtoul(text, &end, 10);
	if (*end == '\0') {
		source->to = source->from + 1;
		return 0;
	}
	if (strcmp(end, "-") == 0)
		return 0;
	if (*end == '-' && isdigit((unsigned char)end[1])) {
		source->to = strtoul(end + 1, &end, 10) + 1;
		if (*end == '\0')
			return 0;
	}
	return load_expected(setting, fault, "\"all\", \"0\", \"1-\" or \"0-1\"");
}

static int load_source_rule(struct arena *arena, const config_setting_t *group,
			    struct target_source *source, struct fault *fault)
{
	static const char *const keys[] = {
		"option", "operands", "environment", "constant", "syntax", "exclude",
		"narrow", "last",     "when",	     "as",	 NULL};
	const char *operands = NULL;

	source->syntax = "word";
	if (load_check_keys(group, keys, fault) < 0 ||
	    load_string(arena, group, "option", false, &source->option, fault) < 0 ||
	    load_string(arena, group, "operands", false, &operands, fault) < 0 ||
	    load_string(arena, group, "environment", false, &source->environment, fault) <
		    0 ||
	    load_string(arena, group, "constant", false, &source->constant, fault) < 0 ||
	    load_string(arena, group, "syntax", false, &source->syntax, fault) < 0 ||
	    load_string(arena, group, "as", false, &source->as, fault) < 0 ||
	    load_bool(group, "exclude", false, &source->exclude, fault) < 0 ||
	    load_bool(group, "narrow", false, &source->narrow, fault) < 0 ||
	    load_bool(group, "last", false, &source->last, fault) < 0 ||
	    load_conditions(arena, group, "when", &source->when, fault) < 0)
		return -1;
	if (operands && parse_operands(config_setting_get_member(group, "operands"),
				       operands, source, fault) < 0)
		return -1;
	if ((source->option != NULL) + (operands != NULL) +
		    (source->environment != NULL) + (source->constant != NULL) !=
	    1)
		return load_fault(group, fault,
				  "a target source needs exactly one of option, "
				  "operands, environment and constant");
	return 0;
}

static int load_sources(struct arena *arena, const config_setting_t *group,
			struct section *section, struct fault *fault)
{
	config_setting_t *list = NULL;
	struct target_source *items;
	size_t count;

	if (load_groups(group, "targets", false, &list, fault) < 0)
		return -1;
	if (!list)
		return 0;
	count = (size_t)config_setting_length(list);
	items = arena_array(arena, count + 1, sizeof(*items));
	if (!items)
		return fault_set(fault, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (load_source_rule(arena, config_setting_get_elem(list, (unsigned)i),
				     &items[i], fault) < 0)
			return -1;
	section->sources = items;
	section->source_count = count;
	return 0;
}

static int load_probe(struct arena *arena, const config_setting_t *group,
		      struct probe_rule *rule, struct fault *fault)
{
	static const char *const keys[] = {"when",    "run",	  "syntax",
					   "timeout", "resolves", NULL};
	int64_t timeout = 0;

	rule->syntax = "lines";
	if (load_check_keys(group, keys, fault) < 0 ||
	    load_conditions(arena, group, "when", &rule->when, fault) < 0 ||
	    load_strings(arena, group, "run", true, &rule->run, fault) < 0 ||
	    load_string(arena, group, "syntax", false, &rule->syntax, fault) < 0 ||
	    load_bool(group, "resolves", false, &rule->resolves, fault) < 0 ||
	    load_int(group, "timeout", false, 1, 3600, &timeout, fault) < 0)
		return -1;
	rule->timeout = (unsigned)timeout;
	if (!rule->run[0])
		return load_fault(group, fault, "run = [ ]: a probe needs a program");
	return 0;
}

static int load_probes(struct arena *arena, const config_setting_t *group,
		       struct section *section, struct fault *fault)
{
	config_setting_t *list = NULL;
	struct probe_rule *items;
	size_t count;

	if (load_groups(group, "probes", false, &list, fault) < 0)
		return -1;
	if (!list)
		return 0;
	count = (size_t)config_setting_length(list);
	items = arena_array(arena, count + 1, sizeof(*items));
	if (!items)
		return fault_set(fault, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (load_probe(arena, config_setting_get_elem(list, (unsigned)i),
			       &items[i], fault) < 0)
			return -1;
	section->probes = items;
	section->probe_count = count;
	return 0;
}

/* What it means that no target is given: none = "refused", "everything" or "unknown". */
static int load_none(const config_setting_t *group, struct section *section,
		     struct fault *fault)
{
	static const char *const names[] = {"unknown", "refused", "everything", NULL};
	int choice = 0;

	if (load_choice(group, "none", false, names, &choice, fault) < 0)
		return -1;
	if (choice == 1)
		section->none = "refused";
	section->everything_if_none = choice == 2;
	return 0;
}

int load_section(struct arena *arena, const config_setting_t *group,
		 struct section *section, struct fault *fault)
{
	if (load_options(arena, group, &section->options, fault) < 0 ||
	    load_operations(arena, group, section, fault) < 0 ||
	    load_sources(arena, group, section, fault) < 0 ||
	    load_probes(arena, group, section, fault) < 0 ||
	    load_conditions(arena, group, "everything", &section->everything, fault) <
		    0 ||
	    load_conditions(arena, group, "irreversible", &section->irreversible, fault) <
		    0 ||
	    load_none(group, section, fault) < 0 ||
	    load_string(arena, group, "unit", false, &section->unit, fault) < 0)
		return -1;
	return 0;
}
