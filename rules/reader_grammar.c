/* The generic reader: follows the description, knows no tool. */
#include "reader.h"

#include <stdint.h>
#include <string.h>

struct sum {
	const struct hostset *set; /* NULL: nothing was given yet */
	const char *why;	   /* why it is unknown */
	bool given;		   /* some source was on the line */
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

static int add_text(struct reader *reader, const struct target_source *source,
		    const char *text, struct sum *sum, struct sum *out,
		    struct fault *fault)
{
	const struct hostset *set;
	const char *why;
	int result = reader_syntax(reader, source->syntax, text, &set, &why, fault);

	if (result != READ_DONE)
		return result;
	if (source->exclude)
		sum = out;
	sum->given = true;
	if (!set) {
		sum->why = why;
		return READ_DONE;
	}
	if (*text == '\0' && !source->exclude) {
		sum->why = "an empty target argument (an unset variable?)";
		return READ_DONE;
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
	if (!rule)
		return READ_DONE;
	argv = reader_words(reader, rule->run);
	if (!argv)
		return READ_FAULT;
	result = reader_probe(reader, argv, rule->timeout, &fact);
	if (result != READ_DONE)
		return result;
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
	if (reader->section->irreversible.count &&
	    reader_holds(reader, &reader->section->irreversible))
		operation->irreversible = true;
	operation->everything = reader->section->everything.count &&
				reader_holds(reader, &reader->section->everything);
	return READ_DONE;
}
