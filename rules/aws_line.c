#include "aws_line.h"

#include <ctype.h>
#include <string.h>

bool aws_words_add(struct arena *arena, struct aws_words *words, const char *word)
{
	const char **items;

	if (words->count + 1 >= words->capacity) {
		size_t capacity = words->capacity ? words->capacity * 2 : 16;

		items = arena_array(arena, capacity, sizeof(*items));
		if (!items)
			return false;
		if (words->count)
			memcpy(items, words->items, words->count * sizeof(*items));
		words->items = items;
		words->capacity = capacity;
	}
	words->items[words->count++] = word;
	words->items[words->count] = NULL;
	return true;
}

/* -1, -.5: a value, because the client has no option that looks so. */
static bool is_negative_number(const char *word)
{
	size_t digits = strspn(word + 1, "0123456789"), more;

	if (word[1 + digits] == '\0')
		return digits > 0;
	if (word[1 + digits] != '.')
		return false;
	more = strspn(word + digits + 2, "0123456789");
	return more > 0 && word[digits + 2 + more] == '\0';
}

/* Whether argparse takes a word that names no known option for an option all the same. */
static bool looks_like_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0' && !is_negative_number(word) &&
	       !strchr(word, ' ');
}

const char *aws_words_take(struct aws_words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i];

		if (looks_like_option(word))
			continue;
		memmove(words->items + i, words->items + i + 1,
			(words->count - i) * sizeof(*words->items));
		words->count--;
		return word;
	}
	return NULL;
}

/* ---- one option word against names ---- */

enum match { MATCH_NONE, MATCH_ONE, MATCH_SEVERAL };

struct match_word {
	const char *word;
	size_t length;	    /* up to the = */
	const char *joined; /* behind the =, or NULL */
	enum match match;
	bool exact;
	size_t index; /* caller's number of the name that matched */
	bool off;
};

static struct match_word match_start(const char *word)
{
	const char *equals = strchr(word, '=');

	return (struct match_word){.word = word,
				   .length = equals ? (size_t)(equals - word)
						    : strlen(word),
				   .joined = equals ? equals + 1 : NULL};
}

/* `name` has no dashes in front; `prefix` is "--" or "--no-". */
static void match_name(struct match_word *match, const char *prefix, const char *name,
		       size_t index, bool off)
{
	size_t front = strlen(prefix), all = front + strlen(name);
	size_t head = match->length < front ? match->length : front;

	if (match->exact || match->length > all ||
	    strncmp(match->word, prefix, head) != 0 ||
	    (match->length > front &&
	     strncmp(match->word + front, name, match->length - front) != 0))
		return;
	match->exact = match->length == all;
	if (match->exact)
		match->match = MATCH_NONE;
	match->match = match->match == MATCH_NONE ? MATCH_ONE : MATCH_SEVERAL;
	match->index = index;
	match->off = off;
}

/* ---- options of the client itself ---- */

static struct match_word match_global(const struct option_set *known, const char *word)
{
	struct match_word match = match_start(word);

	for (size_t i = 0; i < known->count; i++)
		match_name(&match, "--", known->rules[i].names[0] + 2, i, false);
	return match;
}

bool aws_globals_split(struct arena *arena, const struct option_set *known,
		       const struct aws_words *words, struct aws_words *globals,
		       struct aws_words *rest, const char **refusal)
{
	*refusal = NULL;
	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i];
		const struct option_rule *rule;
		struct match_word match;

		if (strncmp(word, "--", 2) != 0) {
			if (!aws_words_add(arena, rest, word))
				return false;
			continue;
		}
		if (word[2] == '\0') {
			*refusal = "-- stands on the line";
			continue;
		}
		match = match_global(known, word);
		if (match.match == MATCH_SEVERAL)
			*refusal = arena_printf(arena, "ambiguous option %s", word);
		if (match.match != MATCH_ONE) {
			if (!aws_words_add(arena, rest, word))
				return false;
			continue;
		}
		rule = &known->rules[match.index];
		if (!aws_words_add(arena, globals, rule->names[0]))
			return false;
		if (rule->arity == OPTION_FLAG) {
			if (match.joined)
				*refusal = "a switch is given a value";
			continue;
		}
		if (!match.joined) {
			if (i + 1 >= words->count ||
			    looks_like_option(words->items[i + 1])) {
				*refusal = arena_printf(arena, "no value for %s", word);
				match.joined = "";
			} else {
				match.joined = words->items[++i];
			}
		}
		if (!aws_words_add(arena, globals, match.joined))
			return false;
	}
	return true;
}

bool aws_globals_has(const struct aws_words *globals, const char *name)
{
	for (size_t i = 0; i < globals->count; i++)
		if (strcmp(globals->items[i], name) == 0)
			return true;
	return false;
}

const char *aws_globals_value(const struct aws_words *globals, const char *name)
{
	for (size_t i = globals->count; i-- > 1;)
		if (strcmp(globals->items[i - 1], name) == 0)
			return globals->items[i];
	return NULL;
}

/* ---- options of the operation ---- */

/* They come with every operation that is made from a service model. */
static struct aws_option input_options[] = {{"cli-input-json", '=', false, NULL},
					    {"cli-input-yaml", '=', false, NULL},
					    {"generate-cli-skeleton", '%', false, NULL}};
enum { INPUT_OPTIONS = 3, INPUT_JSON = 0, INPUT_YAML = 1, INPUT_SKELETON = 2 };

static const struct aws_option *option_at(const struct aws_operation *operation, size_t i)
{
	return i < operation->count ? &operation->options[i]
				    : &input_options[i - operation->count];
}

static struct match_word match_option(const struct aws_operation *operation,
				      const char *word)
{
	struct match_word match = match_start(word);
	size_t count = operation->count + (operation->input ? INPUT_OPTIONS : 0);

	for (size_t i = 0; i < count; i++) {
		const struct aws_option *option = option_at(operation, i);

		if (option->kind == '^')
			continue;
		match_name(&match, "--", option->name, i, false);
		if (option->kind == '!')
			match_name(&match, "--no-", option->name, i, true);
	}
	return match;
}

static bool is_option(const struct aws_operation *operation, const char *word)
{
	if (word[0] != '-' || word[1] == '\0')
		return false;
	if (strncmp(word, "--", 2) == 0 &&
	    match_option(operation, word).match != MATCH_NONE)
		return true;
	return looks_like_option(word);
}

static void refuse(struct arena *arena, struct aws_options *options, const char *format,
		   const char *word)
{
	if (!options->refusal)
		options->refusal = arena_printf(arena, "%s %s", format, word);
}

/* How many of the words behind an option it takes. */
static size_t take_words(const struct aws_operation *operation,
			 const struct aws_words *words, size_t at, char kind)
{
	size_t most = kind == '=' || kind == '{' || kind == '%' ? 1 : words->count;
	size_t count = 0;

	if (kind == '!' || kind == '?')
		return 0;
	while (count < most && at + count < words->count &&
	       !is_option(operation, words->items[at + count]))
		count++;
	return count;
}

static struct aws_given *give(struct arena *arena, struct aws_options *options,
			      const struct aws_option *option)
{
	struct aws_given *items;

	for (size_t i = 0; i < options->count; i++)
		if (options->items[i].option == option)
			return &options->items[i];
	items = arena_grow(arena, options->items, options->count, &options->capacity,
			   sizeof(*items));
	if (!items)
		return NULL;
	options->items = items;
	items += options->count++;
	memset(items, 0, sizeof(*items));
	items->option = option;
	return items;
}

static bool take_option(struct arena *arena, const struct aws_operation *operation,
			const struct aws_words *words, size_t *at,
			struct aws_options *options)
{
	const char *word = words->items[(*at)++];
	struct match_word match = match_option(operation, word);
	const struct aws_option *option;
	struct aws_given *given;
	const char **joined;

	if (match.match != MATCH_ONE || word[1] != '-') {
		refuse(arena, options,
		       match.match == MATCH_NONE ? "unknown option" : "ambiguous option",
		       word);
		return true;
	}
	option = option_at(operation, match.index);
	given = give(arena, options, option);
	joined = arena_array(arena, 1, sizeof(*joined));
	if (!given || !joined)
		return false;
	given->off = match.off;
	if (match.joined) {
		*joined = match.joined;
		given->values = joined;
		given->count = 1;
		if (option->kind == '!' || option->kind == '?')
			refuse(arena, options, "a switch is given a value:", word);
	} else {
		given->values = words->items + *at;
		given->count = take_words(operation, words, *at, option->kind);
		*at += given->count;
		if (given->count == 0 && (option->kind == '=' || option->kind == '{'))
			refuse(arena, options, "no value for", word);
	}
	return true;
}

static void check_required(struct arena *arena, const struct aws_operation *operation,
			   struct aws_options *options)
{
	size_t operands = 0;

	for (size_t i = 0; i < operation->count; i++) {
		const struct aws_option *option = &operation->options[i];

		operands += option->kind == '^';
		if (option->required && option->kind != '^' && !options->json &&
		    !options->yaml &&
		    !aws_options_find(options, option->name, strlen(option->name)))
			refuse(arena, options, "missing option --", option->name);
	}
	/* Of s3, "paths" is one entry and two words; its reader counts them. */
	if (options->operands.count > operands && operands == 0)
		refuse(arena, options, "unknown options:", options->operands.items[0]);
}

bool aws_options_parse(struct arena *arena, const struct aws_operation *operation,
		       const struct aws_words *words, struct aws_options *options)
{
	const struct aws_given *given;
	size_t at = 0;

	*options = (struct aws_options){0};
	while (at < words->count) {
		if (is_option(operation, words->items[at])) {
			if (!take_option(arena, operation, words, &at, options))
				return false;
		} else if (!aws_words_add(arena, &options->operands,
					  words->items[at++])) {
			return false;
		}
	}
	for (size_t i = 0; i < options->count; i++) {
		given = &options->items[i];
		if (given->option == &input_options[INPUT_JSON] && given->count)
			options->json = given->values[0];
		if (given->option == &input_options[INPUT_YAML] && given->count)
			options->yaml = given->values[0];
		if (given->option == &input_options[INPUT_SKELETON])
			options->skeleton = true;
	}
	if (options->json && options->yaml)
		refuse(arena, options, "more than one", "--cli-input");
	check_required(arena, operation, options);
	return true;
}

const struct aws_given *aws_options_find(const struct aws_options *options,
					 const char *name, size_t length)
{
	for (size_t i = 0; i < options->count; i++) {
		const char *known = options->items[i].option->name;

		if (strlen(known) == length && memcmp(known, name, length) == 0)
			return &options->items[i];
	}
	return NULL;
}
