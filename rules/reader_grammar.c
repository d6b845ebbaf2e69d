/* The generic reader: follows the description, knows no tool. */
#include "reader.h"

#include <stdint.h>
#include <string.h>

struct sum {
	const struct hostset *set; /* NULL: nothing was given yet */
	const char *why;	   /* why it is unknown */
	bool given;		   /* some source was on the line */
	uint64_t lines;		   /* that the probe printed, each an object */
};

static const struct operation_rule *choose(const struct reader *reader)
{
	const struct section *sections[] = {reader->section, &reader->tool->section};

	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; sections[s] && i < sections[s]->operation_count; i++)
			if (reader_holds(reader, &sections[s]->operations[i].when))
				return &sections[s]->operations[i];
	return NULL;
}

struct renaming {
	const struct reader *reader;
	const char *as;
	const char **names;
	size_t count;
};

/* "{--zone}/{}" of one name; the bare name when an option in it was not given. */
static int rename_one(void *context, const char *name, size_t length)
{
	struct renaming *to = context;
	struct arena *arena = to->reader->arena;
	char *bare = arena_strndup(arena, name, length), *text = arena_strdup(arena, "");

	for (const char *p = to->as; *p && bare && text;) {
		size_t plain = strcspn(p, "{"), inner;
		const char *value = bare, *option;

		text = arena_printf(arena, "%s%.*s", text, (int)plain, p);
		p += plain;
		if (!*p)
			break;
		inner = strcspn(++p, "}");
		if (inner) {
			option = arena_strndup(arena, p, inner);
			if (!option)
				return -1;
			value = arguments_value(to->reader->arguments, option);
		}
		if (!value || !*value) {
			text = bare;
			break;
		}
		p += inner + (p[inner] == '}');
		if (text)
			text = arena_printf(arena, "%s%s", text, value);
	}
	to->names[to->count++] = text;
	return bare && text ? 0 : -1;
}

static const struct hostset *rename_all(struct reader *reader, const char *as,
					const struct hostset *set)
{
	struct renaming to = {.reader = reader, .as = as};

	to.names = arena_array(reader->arena, hostset_count(set) + 1, sizeof(*to.names));
	if (!to.names || hostset_each(set, rename_one, &to) != 0)
		return NULL;
	return hostset_names(reader->arena, to.names, to.count);
}

static int add_text(struct reader *reader, const struct target_source *source,
		    const char *text, struct sum *sum, struct sum *out,
		    struct fault *fault)
{
	const struct hostset *set;
	const char *why;
	int result;

	if (*text == '\0' && source->exclude)
		return READ_DONE;
	if (*text == '\0') {
		sum->given = true;
		sum->why = "an empty target argument (an unset variable?)";
		return READ_DONE;
	}
	result = reader_syntax(reader, source->syntax, text, &set, &why, fault);
	if (result != READ_DONE)
		return result;
	if (source->exclude)
		sum = out;
	sum->given = true;
	if (!set) {
		sum->why = why;
		return READ_DONE;
	}
	if (source->as) {
		set = rename_all(reader, source->as, set);
		if (!set)
			return READ_FAULT;
	}
	if (!sum->set)
		sum->set = set;
	else if (source->narrow)
		sum->set = hostset_intersection(reader->arena, sum->set, set);
	else
		sum->set = hostset_union(reader->arena, sum->set, set);
	return sum->set ? READ_DONE : READ_FAULT;
}

static int add_option(struct reader *reader, const struct target_source *source,
		      struct sum *sum, struct sum *out, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	size_t last = SIZE_MAX;
	int result = READ_DONE;

	if (source->last)
		for (size_t i = 0; i < arguments->count; i++)
			if (argument_is(&arguments->items[i], source->option))
				last = arguments->items[i].word;
	for (size_t i = 0; i < arguments->count && result == READ_DONE; i++) {
		const struct argument *item = &arguments->items[i];

		if (!argument_is(item, source->option) || !item->value)
			continue;
		if (source->last && item->word != last)
			continue;
		result = add_text(reader, source, item->value, sum, out, fault);
	}
	return result;
}

static int add_source(struct reader *reader, const struct target_source *source,
		      struct sum *sum, struct sum *out, struct fault *fault)
{
	const char *text;
	int result = READ_DONE;

	if (!reader_holds(reader, &source->when))
		return READ_DONE;
	if (source->option)
		return add_option(reader, source, sum, out, fault);
	if (source->operands) {
		size_t at = 0;

		/* One walk: arguments_operand() of each would be as many. */
		for (size_t n = 0; n < source->to && result == READ_DONE; n++) {
			text = arguments_next_operand(reader->arguments, &at);
			if (!text)
				break;
			if (n >= source->from)
				result = add_text(reader, source, text, sum, out, fault);
		}
		return result;
	}
	text = source->constant;
	if (source->environment)
		text = command_env(reader->command, source->environment);
	return text ? add_text(reader, source, text, sum, out, fault) : READ_DONE;
}

static int add_sources(struct reader *reader, struct sum *sum, struct sum *out,
		       struct fault *fault)
{
	const struct section *section = reader->section;
	int result = READ_DONE;

	if (section->source_count == 0)
		section = &reader->tool->section;
	for (size_t i = 0; i < section->source_count && result == READ_DONE; i++)
		result = add_source(reader, &section->sources[i], sum, out, fault);
	return result;
}

/* ---- names for ids ---- */

struct resolving {
	struct arena *arena;
	char **ids, **names; /* what there is */
	size_t known;
	const char **result;
	size_t count;
};

/* An id to the letter, then a name, then the beginning of one id only. */
static int resolve_one(void *context, const char *name, size_t length)
{
	struct resolving *to = context;
	const char *found = NULL;
	size_t begins = 0;

	for (size_t i = 0; i < to->known && !found; i++)
		if (strncmp(to->ids[i], name, length) == 0 && !to->ids[i][length])
			found = to->names[i];
	for (size_t i = 0; i < to->known && !found; i++)
		if (strncmp(to->names[i], name, length) == 0 && !to->names[i][length])
			found = to->names[i];
	if (!found) {
		for (size_t i = 0; i < to->known; i++)
			if (strncmp(to->ids[i], name, length) == 0) {
				found = to->names[i];
				begins++;
			}
		if (begins != 1)
			found = arena_strndup(to->arena, name, length);
	}
	to->result[to->count++] = found;
	return found ? 0 : -1;
}

/* Two ids may have one name: such a name is not used, so that both count. */
static bool is_shared(const struct resolving *to, const char *name)
{
	size_t seen = 0;

	for (size_t i = 0; i < to->known; i++)
		seen += strcmp(to->names[i], name) == 0;
	return seen > 1;
}

static int resolve(struct reader *reader, const char *text, struct sum *sum)
{
	struct resolving to = {.arena = reader->arena};
	char *copy = arena_strdup(reader->arena, text), *line;
	size_t lines = 1;

	if (!sum->set)
		return READ_DONE;
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	to.ids = arena_array(reader->arena, lines, sizeof(*to.ids));
	to.names = arena_array(reader->arena, lines, sizeof(*to.names));
	to.result = arena_array(reader->arena, hostset_count(sum->set) + 1,
				sizeof(*to.result));
	if (!copy || !to.ids || !to.names || !to.result)
		return READ_FAULT;
	while ((line = strsep(&copy, "\n")) != NULL) {
		char *name = strpbrk(line, " \t");

		if (!name)
			continue;
		*name++ = '\0';
		name += strspn(name, " \t");
		name[strcspn(name, " \t\r,")] = '\0';
		if (!*line || !*name)
			continue;
		to.ids[to.known] = line;
		to.names[to.known++] = name;
	}
	for (size_t i = 0; i < to.known; i++)
		if (is_shared(&to, to.names[i]))
			to.names[i] = to.ids[i];
	if (hostset_each(sum->set, resolve_one, &to) != 0)
		return READ_FAULT;
	sum->set = hostset_names(reader->arena, to.result, to.count);
	return sum->set ? READ_DONE : READ_FAULT;
}

/* The first probe whose conditions hold adds what it prints. */
static int add_probe(struct reader *reader, struct sum *sum, struct fault *fault)
{
	const struct section *section = reader->section;
	const struct probe_rule *rule = NULL;
	const char *const *argv;
	const struct hostset *set;
	const struct fact *fact;
	const char *why;
	int result;

	if (section->probe_count == 0)
		section = &reader->tool->section;
	for (size_t i = 0; i < section->probe_count && !rule; i++)
		if (reader_holds(reader, &section->probes[i].when))
			rule = &section->probes[i];
	if (!rule || (rule->resolves && !sum->set))
		return READ_DONE;
	argv = reader_words(reader, rule->run);
	if (!argv)
		return READ_FAULT;
	result = reader_probe(reader, argv, rule->timeout, &fact);
	if (result != READ_DONE)
		return result;
	if (rule->resolves) {
		/* Without it the words stand for themselves: that may be too many. */
		return fact->state == FACT_OK && fact->status == 0
			       ? resolve(reader, fact->data, sum)
			       : READ_DONE;
	}
	sum->given = true;
	if (fact->state != FACT_OK || fact->status != 0) {
		sum->why = arena_printf(reader->arena, "the probe \"%s\" failed: %s",
					argv[0],
					fact->error ? fact->error : "no reason given");
		return sum->why ? READ_DONE : READ_FAULT;
	}
	result = reader_syntax(reader, rule->syntax, fact->data, &set, &why, fault);
	if (result != READ_DONE)
		return result;
	for (const char *p = fact->data; set && strcmp(rule->syntax, "lines") == 0; p++) {
		p += strspn(p, " \t\r\n");
		if (!*p)
			break;
		sum->lines++;
		p += strcspn(p, "\n");
		if (!*p)
			break;
	}
	if (!set)
		sum->why = why;
	else
		sum->set = sum->set ? hostset_union(reader->arena, sum->set, set) : set;
	return READ_DONE;
}

static const char *unit_of(const struct reader *reader, const struct operation_rule *rule)
{
	if (rule && rule->unit)
		return rule->unit;
	if (reader->section->unit)
		return reader->section->unit;
	return reader->tool->unit ? reader->tool->unit : "object";
}

static enum action action_of(struct reader *reader, const struct operation_rule *rule,
			     bool *irreversible)
{
	const struct arguments *arguments = reader->arguments;
	const char **words;
	size_t count = 0;

	if (!rule->from_remote_command)
		return rule->action;
	if (rule->remote_option) {
		const char *text =
			arguments_value(reader->arguments, rule->remote_option);

		return text ? remote_action(reader->arena, reader->actions, text,
					    irreversible)
			    : ACTION_RUN;
	}
	words = arena_array(reader->arena, arguments->count + 1, sizeof(*words));
	if (!words)
		return ACTION_REMOVE;
	for (size_t i = 0, operand = 0; i < arguments->count; i++) {
		const struct argument *item = &arguments->items[i];

		if (item->option || item->unknown)
			continue;
		if (operand++ >= rule->remote_from)
			words[count++] = item->value;
	}
	return remote_action_words(reader->arena, reader->actions, words, count,
				   irreversible);
}

static int no_targets(struct reader *reader, enum action action, const char *unit)
{
	const struct section *section = reader->section;
	const char *none = section->none ? section->none : reader->tool->section.none;

	if (none && strcmp(none, "refused") == 0)
		return reader_refused(reader, action, unit, "no target is given");
	if (section->everything_if_none) {
		int result = reader_unknown(reader, action, unit,
					    "no target is given, which means everything");

		if (result == READ_DONE)
			reader->reading->operations[reader->reading->count - 1]
				.everything = true;
		return result;
	}
	return reader_unknown(reader, action, unit, "no target is given on the line");
}

int reader_grammar(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	const struct operation_rule *rule = choose(reader);
	const char *unit = unit_of(reader, rule);
	struct sum sum = {0}, out = {0};
	struct operation *operation;
	bool irreversible = false;
	enum action action;
	int result;

	if (!rule)
		return reader_unknown(
			reader, ACTION_RUN, unit,
			"the description of %s does not know what \"%s\" does",
			reader->tool->name,
			reader->verb_path[0] ? reader->verb_path
					     : (arguments_operand(arguments, 0)
							? arguments_operand(arguments, 0)
							: reader->command->argv[0]));
	if (rule->no_targets)
		return rule->action == ACTION_READ
			       ? reader_nothing(reader, unit)
			       : reader_refused(reader, rule->action, unit,
						"nothing to do");
	action = action_of(reader, rule, &irreversible);
	if (action == ACTION_READ && reader->facts->reads_uncounted)
		return reader_unknown(reader, action, unit,
				      "what is only read is not counted");
	if (arguments->refusal)
		return reader_refused(reader, action, unit, "%s", arguments->refusal);
	if (arguments->unknown)
		return reader_unknown(reader, action, unit,
				      "%s is no option that the description of %s knows",
				      arguments->unknown, reader->tool->name);
	result = add_sources(reader, &sum, &out, fault);
	if (result == READ_DONE)
		result = add_probe(reader, &sum, fault);
	if (result != READ_DONE)
		return result;
	if (out.why)
		sum.why = out.why;
	if (!sum.given)
		return no_targets(reader, action, unit);
	if (sum.why)
		return reader_unknown(reader, action, unit, "%s", sum.why);
	if (out.set && sum.set)
		sum.set = hostset_difference(reader->arena, sum.set, out.set);
	if (!sum.set)
		return READ_FAULT;
	operation = reader_operation(reader, action, unit, sum.set);
	if (!operation)
		return READ_FAULT;
	operation->irreversible = irreversible;
	operation->effect.unit = rule->effect;
	/* A list may show two objects of one name. */
	if (action == ACTION_READ && sum.lines > hostset_count(sum.set))
		operation->unnamed = sum.lines - hostset_count(sum.set);
	if (reader->section->irreversible.count &&
	    reader_holds(reader, &reader->section->irreversible))
		operation->irreversible = true;
	operation->everything = reader->section->everything.count &&
				reader_holds(reader, &reader->section->everything);
	return READ_DONE;
}
