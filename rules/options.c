#include "options.h"

#include <string.h>

struct parse {
	struct arena *arena;
	const struct option_style *style;
	const struct option_set *sets;
	size_t set_count;
	const char *const *argv;
	size_t argc, at;
	struct arguments *out;
};

static struct argument *append(struct parse *parse, size_t word, size_t words)
{
	struct arguments *out = parse->out;
	struct argument *items = arena_grow(parse->arena, out->items, out->count,
					    &out->capacity, sizeof(*items));

	if (!items)
		return NULL;
	out->items = items;
	items += out->count++;
	memset(items, 0, sizeof(*items));
	items->word = word;
	items->words = words;
	return items;
}

static void refuse(struct parse *parse, const char *format, const char *what)
{
	if (!parse->out->refusal)
		parse->out->refusal = arena_printf(parse->arena, "%s %s", format, what);
}

static bool is_named(const char *rule, const char *name, size_t length)
{
	return strlen(rule) == length && memcmp(rule, name, length) == 0;
}

/* The long or short option whose name is the `length` bytes at `name`. */
static const struct option_rule *find(const struct parse *parse, const char *name,
				      size_t length)
{
	/* Go's flag package takes --name for -name. */
	bool twice = parse->style->single_dash_long && length > 2 &&
		     strncmp(name, "--", 2) == 0;

	for (size_t s = parse->set_count; s-- > 0;)
		for (size_t i = 0; i < parse->sets[s].count; i++) {
			const struct option_rule *rule = &parse->sets[s].rules[i];

			for (const char *const *n = rule->names; *n; n++)
				if (is_named(*n, name, length) ||
				    (twice && is_named(*n, name + 1, length - 1)))
					return rule;
		}
	return NULL;
}

/* By unique prefix; *ambiguous when two different options begin so. */
static const struct option_rule *find_prefix(const struct parse *parse, const char *name,
					     size_t length, bool *ambiguous)
{
	const struct option_rule *found = NULL;

	*ambiguous = false;
	if (length < 3 || strncmp(name, "--", 2) != 0)
		return NULL;
	for (size_t s = 0; s < parse->set_count; s++)
		for (size_t i = 0; i < parse->sets[s].count; i++) {
			const struct option_rule *rule = &parse->sets[s].rules[i];

			for (const char *const *n = rule->names; *n; n++) {
				if (strncmp(*n, name, length) != 0 || rule == found)
					continue;
				if (found)
					*ambiguous = true;
				found = rule;
			}
		}
	return *ambiguous ? NULL : found;
}

static bool is_false(const char *text)
{
	static const char *const words[] = {"0", "f", "F", "false", "False", "FALSE"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return false;
}

/* A word that a list of values stops at. */
static bool ends_list(const struct parse *parse, const char *word)
{
	const char *equals;
	bool ambiguous;
	size_t length;

	if (word[0] != '-' || word[1] == '\0')
		return false;
	if (!parse->style->list_takes_dash)
		return true;
	equals = strchr(word, '=');
	length = equals ? (size_t)(equals - word) : strlen(word);
	return find(parse, word, length) || find_prefix(parse, word, length, &ambiguous);
}

static int take_list(struct parse *parse, const struct option_rule *rule, size_t word)
{
	size_t first = parse->at;

	while (parse->at < parse->argc && !ends_list(parse, parse->argv[parse->at]))
		parse->at++;
	if (parse->at == first)
		refuse(parse, "no value for", parse->argv[word]);
	for (size_t i = first; i < parse->at; i++) {
		struct argument *item = append(parse, word, parse->at - word);

		if (!item)
			return -1;
		item->option = rule;
		item->name = parse->argv[word];
		item->value = parse->argv[i];
	}
	return 0;
}

/* An option whose name is known; `joined` is what follows in the same word, or NULL. */
static int take(struct parse *parse, const struct option_rule *rule, size_t word,
		const char *joined, bool negative)
{
	struct argument *item;

	if (rule->arity == OPTION_LIST && !joined)
		return take_list(parse, rule, word);
	item = append(parse, word, 1);
	if (!item)
		return -1;
	item->option = rule;
	item->name = parse->argv[word];
	item->value = joined;
	item->negative = negative;
	if (rule->arity == OPTION_FLAG && joined) {
		if (!parse->style->flag_values)
			refuse(parse, "no value is allowed in", parse->argv[word]);
		else if (is_false(joined))
			item->negative = true;
		item->value = NULL;
	}
	if (rule->arity == OPTION_VALUE && !joined) {
		if (parse->at >= parse->argc) {
			refuse(parse, "no value for", parse->argv[word]);
			return 0;
		}
		item->value = parse->argv[parse->at++];
		item->words = parse->at - word;
	}
	return 0;
}

static int take_unknown(struct parse *parse, size_t word, const char *name)
{
	struct argument *item = append(parse, word, 1);

	if (!item)
		return -1;
	item->unknown = true;
	item->name = name;
	if (!parse->out->unknown)
		parse->out->unknown = name;
	return 0;
}

/* --name, --name=value, --no-name, and -name where one dash is enough. */
static int take_long(struct parse *parse, size_t word, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : strlen(text);
	const struct option_rule *rule = find(parse, text, length);
	bool ambiguous = false, negative = false;

	if (!rule && parse->style->negations && strncmp(text, "--no-", 5) == 0) {
		char *positive =
			arena_printf(parse->arena, "--%.*s", (int)(length - 5), text + 5);

		if (!positive)
			return -1;
		rule = find(parse, positive, strlen(positive));
		negative = rule != NULL;
	}
	if (!rule && parse->style->abbreviations)
		rule = find_prefix(parse, text, length, &ambiguous);
	if (ambiguous) {
		refuse(parse, "ambiguous option", text);
		return take_unknown(parse, word, text);
	}
	if (!rule)
		return take_unknown(parse, word, text);
	return take(parse, rule, word, equals ? equals + 1 : NULL, negative);
}

/* -abc, -wVALUE, -w VALUE. */
static int take_short(struct parse *parse, size_t word)
{
	const char *text = parse->argv[word];
	const struct option_rule *whole = find(parse, text, strlen(text));

	if (whole && (text[2] == '\0' || whole->names[0][1] != '-'))
		return take(parse, whole, word, NULL, false);
	for (size_t i = 1; text[i]; i++) {
		const char name[3] = {'-', text[i], '\0'};
		const struct option_rule *rule = find(parse, name, 2);
		const char *rest = text + i + 1;

		if (!rule)
			return take_unknown(parse, word, text);
		if (rule->arity != OPTION_FLAG) {
			if (parse->style->short_equals && *rest == '=')
				rest++;
			else if (*rest == '\0')
				rest = NULL;
			return take(parse, rule, word, rest, false);
		}
		if (parse->style->flag_values && *rest == '=')
			return take(parse, rule, word, rest + 1, false);
		if (take(parse, rule, word, NULL, false) < 0)
			return -1;
		if (parse->style->no_bundles && *rest)
			return take_unknown(parse, word, text);
	}
	return 0;
}

static int take_operand(struct parse *parse, bool behind_dashes)
{
	struct argument *item = append(parse, parse->at, 1);

	if (!item)
		return -1;
	item->value = parse->argv[parse->at++];
	item->behind_dashes = behind_dashes;
	return 0;
}

static int take_rest(struct parse *parse, bool behind_dashes)
{
	while (parse->at < parse->argc)
		if (take_operand(parse, behind_dashes) < 0)
			return -1;
	return 0;
}

static int take_option(struct parse *parse)
{
	size_t word = parse->at++;
	const char *text = parse->argv[word];

	if (strncmp(text, "--", 2) == 0)
		return take_long(parse, word, text);
	if (parse->style->single_dash_long) {
		/* Go's flag package takes -name and --name alike. */
		char *twice = arena_printf(parse->arena, "-%s", text);
		const char *equals = strchr(text, '=');
		size_t length = equals ? (size_t)(equals - text) : strlen(text);

		if (!twice)
			return -1;
		if (find(parse, text, length))
			return take_long(parse, word, text);
		return take_long(parse, word, twice);
	}
	return take_short(parse, word);
}

/* Whether an option was given that lets options stand behind operands again. */
static bool permutes(const struct parse *parse)
{
	const char *const *name = parse->style->permute_after;

	for (; name && *name; name++)
		if (arguments_has(parse->out, *name))
			return true;
	return false;
}

int options_parse(struct arena *arena, const struct option_style *style,
		  const struct option_set *sets, size_t set_count,
		  const char *const *argv, size_t argc, size_t start,
		  size_t *first_operand, struct arguments *arguments)
{
	struct parse parse = {arena, style, sets,  set_count,
			      argv,  argc,  start, arguments};
	size_t operands = 0;

	while (parse.at < argc) {
		const char *text = argv[parse.at];

		if (!style->no_double_dash && strcmp(text, "--") == 0) {
			if (first_operand)
				break;
			parse.at++;
			return take_rest(&parse, true);
		}
		if (text[0] != '-' || text[1] == '\0') {
			if (first_operand)
				break;
			if (style->stop_at_operand && !permutes(&parse) &&
			    operands++ >= style->stop_after)
				return take_rest(&parse, false);
			if (take_operand(&parse, false) < 0)
				return -1;
			continue;
		}
		if (take_option(&parse) < 0)
			return -1;
	}
	if (first_operand)
		*first_operand = parse.at;
	return 0;
}

int option_rule_parse(struct arena *arena, const char *text, struct option_rule *rule,
		      struct fault *fault)
{
	size_t count = 0, capacity = 0;
	const char **names = NULL;
	const char *p = text;

	rule->arity = OPTION_FLAG;
	for (;;) {
		size_t length;

		p += strspn(p, " ");
		length = strcspn(p, " ");
		names = arena_grow(arena, names, count, &capacity, sizeof(*names));
		if (!names)
			return fault_set(fault, "out of memory");
		if (length == 0 || *p != '-')
			break;
		names[count] = arena_strndup(arena, p, length);
		if (!names[count++])
			return fault_set(fault, "out of memory");
		p += length;
	}
	names[count] = NULL;
	rule->names = names;
	if (strcmp(p, "=") == 0)
		rule->arity = OPTION_VALUE;
	else if (strcmp(p, "?") == 0)
		rule->arity = OPTION_OPTIONAL;
	else if (strcmp(p, "*") == 0)
		rule->arity = OPTION_LIST;
	else if (*p != '\0' || count == 0)
		return fault_set(
			fault,
			"\"%s\" is no option rule: expected names and then nothing, "
			"\"=\", \"?\" or \"*\", like \"-i --inventory =\"",
			text);
	return 0;
}

int option_rules_getopt(struct arena *arena, const char *text, struct option_set *set,
			bool *stop_at_operand)
{
	size_t length = strlen(text);
	struct option_rule *rules = arena_array(arena, length + 1, sizeof(*rules));

	if (!rules)
		return -1;
	*stop_at_operand = false;
	set->rules = rules;
	set->count = 0;
	for (size_t i = 0; i < length; i++) {
		struct option_rule *rule;
		const char **names;

		if (text[i] == '+') {
			*stop_at_operand = true;
			continue;
		}
		if (text[i] == ':' || text[i] == '-' || text[i] == ' ')
			continue;
		names = arena_array(arena, 2, sizeof(*names));
		rule = &rules[set->count++];
		if (!names || !(names[0] = arena_printf(arena, "-%c", text[i])))
			return -1;
		rule->names = names;
		if (text[i + 1] == ':')
			rule->arity = text[i + 2] == ':' ? OPTION_OPTIONAL : OPTION_VALUE;
	}
	return 0;
}

bool argument_is(const struct argument *argument, const char *name)
{
	if (!argument->option)
		return false;
	for (const char *const *n = argument->option->names; *n; n++)
		if (strcmp(*n, name) == 0)
			return true;
	return false;
}

static const struct argument *last(const struct arguments *arguments, const char *name)
{
	for (size_t i = arguments->count; i-- > 0;)
		if (argument_is(&arguments->items[i], name))
			return &arguments->items[i];
	return NULL;
}

bool arguments_has(const struct arguments *arguments, const char *name)
{
	const struct argument *argument = last(arguments, name);

	return argument && !argument->negative;
}

const char *arguments_value(const struct arguments *arguments, const char *name)
{
	const struct argument *argument = last(arguments, name);

	if (!argument || argument->negative)
		return NULL;
	return argument->value ? argument->value : "";
}

const char *arguments_next_operand(const struct arguments *arguments, size_t *at)
{
	while (*at < arguments->count) {
		const struct argument *item = &arguments->items[(*at)++];

		if (!item->option && !item->unknown)
			return item->value;
	}
	return NULL;
}

const char *arguments_operand(const struct arguments *arguments, size_t n)
{
	const char *value = NULL;
	size_t at = 0;

	do
		value = arguments_next_operand(arguments, &at);
	while (value && n-- > 0);
	return value;
}

size_t arguments_operands(const struct arguments *arguments)
{
	size_t count = 0;

	for (size_t i = 0; i < arguments->count; i++)
		if (!arguments->items[i].option && !arguments->items[i].unknown)
			count++;
	return count;
}
