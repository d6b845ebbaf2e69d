/* Tool descriptions that name what is not there: readers, notations, options. */
#include "check.h"

#include <string.h>

#include "reader.h"

struct tool_check {
	const struct tool *tool;
	struct findings *findings;
	/* The options that are known where the section stands: the tool's, and the verbs'. */
	const struct option_set *sets[16];
	size_t set_count;
	const char *where; /* "", or " of the verb drain" */
};

static void tell(const struct tool_check *check, enum severity severity,
		 const char *format, const char *subject)
{
	const char *text = arena_printf(check->findings->arena, format, subject);

	finding_add(check->findings, severity, check->tool->file, check->tool->line,
		    "%s%s: %s", check->tool->name, check->where,
		    text ? text : "out of memory");
}

static bool has_name(const struct option_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++) {
		for (const char *const *n = set->rules[i].names; *n; n++) {
			if (strcmp(*n, name) == 0)
				return true;
		}
	}
	return false;
}

static bool is_option(const struct tool_check *check, const char *name)
{
	for (size_t i = 0; i < check->set_count; i++) {
		if (has_name(check->sets[i], name))
			return true;
	}
	return false;
}

/* Whether any verb below knows it: what the tool says holds for its verbs too. */
static bool is_option_below(const struct verb *verbs, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (has_name(&verbs[i].section.options, name) ||
		    is_option_below(verbs[i].verbs, verbs[i].verb_count, name))
			return true;
	}
	return false;
}

static void check_option(const struct tool_check *check, const char *name)
{
	if (name && !is_option(check, name) &&
	    !is_option_below(check->tool->verbs, check->tool->verb_count, name))
		tell(check, FINDING_WARNING,
		     "\"%s\" is used, and is in no `options`: it is never seen", name);
}

static void check_conditions(const struct tool_check *check,
			     const struct conditions *conditions)
{
	for (size_t i = 0; i < conditions->count; i++)
		check_option(check, conditions->items[i].option);
}

static void check_syntax(const struct tool_check *check, const char *syntax)
{
	if (!reader_syntax_known(syntax))
		tell(check, FINDING_ERROR,
		     "syntax = \"%s\": there is no such notation; docs/rules.md lists "
		     "them",
		     syntax);
}

/* The options that a probe repeats: "@options:-i,-l" and "@value:-l". */
static void check_run(const struct tool_check *check, const char *const *run)
{
	for (; *run; run++) {
		const char *list = strchr(*run, ':');

		if (!list || (strncmp(*run, "@options:", 9) != 0 &&
			      strncmp(*run, "@value:", 7) != 0))
			continue;
		for (list++; *list;) {
			size_t length = strcspn(list, ",");

			check_option(check,
				     arena_strndup(check->findings->arena, list, length));
			list += length;
			list += *list == ',';
		}
	}
}

/* What comes behind an operation without conditions is never reached. */
static void check_order(const struct tool_check *check, const struct section *section)
{
	for (size_t i = 0; i + 1 < section->operation_count; i++) {
		if (section->operations[i].when.count)
			continue;
		tell(check, FINDING_WARNING,
		     "operations behind the one without `when` (%s) are never reached",
		     action_name(section->operations[i].action));
		return;
	}
}

static void check_section(const struct tool_check *check, const struct section *section)
{
	for (size_t i = 0; i < section->operation_count; i++) {
		check_conditions(check, &section->operations[i].when);
		check_option(check, section->operations[i].remote_option);
	}
	check_order(check, section);
	for (size_t i = 0; i < section->source_count; i++) {
		check_conditions(check, &section->sources[i].when);
		check_option(check, section->sources[i].option);
		check_syntax(check, section->sources[i].syntax);
	}
	for (size_t i = 0; i < section->probe_count; i++) {
		check_conditions(check, &section->probes[i].when);
		check_run(check, section->probes[i].run);
		check_syntax(check, section->probes[i].syntax);
	}
	check_conditions(check, &section->everything);
	check_conditions(check, &section->irreversible);
}

static void check_verbs(const struct tool_check *outer, const struct verb *verbs,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct tool_check check = *outer;

		check.where = arena_printf(outer->findings->arena, "%s %s", outer->where,
					   verbs[i].names[0]);
		if (!check.where)
			check.where = "";
		if (check.set_count < sizeof(check.sets) / sizeof(check.sets[0]))
			check.sets[check.set_count++] = &verbs[i].section.options;
		check_section(&check, &verbs[i].section);
		check_verbs(&check, verbs[i].verbs, verbs[i].verb_count);
	}
}

static bool has_operations(const struct verb *verbs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (verbs[i].section.operation_count ||
		    has_operations(verbs[i].verbs, verbs[i].verb_count))
			return true;
	}
	return false;
}

void check_tool(const struct tool *tool, struct findings *findings)
{
	struct tool_check check = {.tool = tool,
				   .findings = findings,
				   .sets = {&tool->section.options},
				   .set_count = 1,
				   .where = ""};
	bool by_grammar = !tool->reader || strcmp(tool->reader, "grammar") == 0;

	if (tool->reader && !reader_find(tool->reader))
		tell(&check, FINDING_ERROR,
		     "reader = \"%s\": there is no such reader; leave the line out, or "
		     "see "
		     "docs/rules.md",
		     tool->reader);
	if (!tool->programs[0] && !(tool->modules && tool->modules[0]))
		tell(&check, FINDING_WARNING, "%s: nothing is guarded by it",
		     "`programs` is empty");
	for (const char *const *name = tool->secrets; name && *name; name++)
		check_option(&check, *name);
	/* A reader in C looks at the line by itself, and may know more than the grammar. */
	if (!by_grammar)
		return;
	if (!tool->section.operation_count &&
	    !has_operations(tool->verbs, tool->verb_count))
		tell(&check, FINDING_ERROR,
		     "%s: every command of it counts as `run` of unknown size",
		     "it has no `operations` and no `action`");
	check_section(&check, &tool->section);
	check_verbs(&check, tool->verbs, tool->verb_count);
}
