#include "launcher.h"

#include <string.h>

#include "action_table.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_one_of(const char *word, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(word, *names) == 0)
			return true;
	return false;
}

static bool has_letter(const char *const *names, char letter)
{
	for (; *names; names++)
		if ((*names)[0] == '-' && (*names)[1] == letter && !(*names)[2])
			return true;
	return false;
}

/* getopt_long(3) takes the beginning of a long option for it: --us for --user. */
static bool is_long(const char *word, size_t length, const char *const *names)
{
	for (; *names; names++)
		if (length > 3 && strncmp(word, *names, length) == 0 &&
		    (*names)[1] == '-')
			return true;
	return false;
}

bool launcher_is_assignment(const char *word)
{
	size_t name = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				   "0123456789");

	return name && word[name] == '=' && !(word[0] >= '0' && word[0] <= '9');
}

bool launcher_takes_next(const char *word, const char *const *values)
{
	if (is_one_of(word, values))
		return true;
	if (word[0] != '-' || word[1] == '-' || !word[1])
		return false;
	for (const char *c = word + 1; *c; c++)
		if (has_letter(values, *c))
			return c[1] == '\0';
	return false;
}

/* One launcher's own words under one of its rules. */
struct look {
	const struct launcher_rule *rule;
	const char *const *argv;
	size_t argc, at;
	size_t operands;
	bool when;	   /* one of the rule's `when` was met */
	bool text_operand; /* -c of a shell: its first operand is the text */
	const char *text;
	const char *program;
	struct launched *launched; /* environment and directory are noted there */
};

/* The value of the option at look->at: joined, or the next word. */
static const char *value_of(struct look *look, const char *joined)
{
	if (*joined)
		return joined;
	return look->at + 1 < look->argc ? look->argv[++look->at] : NULL;
}

static void note_environment(struct look *look, bool clears, bool keeps, bool login)
{
	if (clears)
		look->launched->environment = LAUNCHED_CLEARS;
	else if (keeps && look->launched->environment == LAUNCHED_RESETS)
		look->launched->environment = LAUNCHED_KEEPS;
	if (login)
		look->launched->elsewhere = true;
}

/* The value of an option that takes a variable away, or that says where to start. */
static void note_value(struct look *look, const char *value, bool unsets)
{
	struct launched *launched = look->launched;

	if (!value)
		return;
	if (!unsets)
		launched->directory = value;
	else if (launched->unset_count < LAUNCHED_UNSET)
		launched->unset[launched->unset_count++] = value;
	else
		launched->environment = LAUNCHED_CLEARS;
}

static void look_at_long(struct look *look, const char *word)
{
	const struct launcher_rule *rule = look->rule;
	size_t length = strcspn(word, "=");
	const char *joined = word[length] ? word + length + 1 : "";

	if (is_long(word, length, rule->when))
		look->when = true;
	note_environment(look, is_long(word, length, rule->clears),
			 is_long(word, length, rule->keeps),
			 is_long(word, length, rule->login));
	if (is_long(word, length, rule->text))
		look->text = value_of(look, joined);
	else if (is_long(word, length, rule->program))
		look->program = value_of(look, joined);
	else if (is_long(word, length, rule->unsets))
		note_value(look, value_of(look, joined), true);
	else if (is_long(word, length, rule->directory))
		note_value(look, value_of(look, joined), false);
	else if (is_long(word, length, rule->values) && !word[length])
		look->at++;
}

static void look_at_bundle(struct look *look, const char *word)
{
	const struct launcher_rule *rule = look->rule;

	/* Words like gdb's -ex, find's -exec: one dash and a name of its own. */
	if (word[2] && is_one_of(word, rule->values)) {
		look->at++;
		return;
	}
	if (!word[1])
		note_environment(look, is_one_of(word, rule->clears), false,
				 is_one_of(word, rule->login));
	for (const char *c = word + 1; *c; c++) {
		look->when = look->when || has_letter(rule->when, *c);
		note_environment(look, has_letter(rule->clears, *c),
				 has_letter(rule->keeps, *c),
				 has_letter(rule->login, *c));
		look->text_operand = look->text_operand || has_letter(rule->script, *c);
		if (has_letter(rule->text, *c)) {
			look->text = value_of(look, c + 1);
			return;
		}
		if (has_letter(rule->program, *c)) {
			look->program = value_of(look, c + 1);
			return;
		}
		if (has_letter(rule->unsets, *c) || has_letter(rule->directory, *c)) {
			bool unsets = has_letter(rule->unsets, *c);

			note_value(look, value_of(look, c + 1), unsets);
			return;
		}
		if (has_letter(rule->values, *c)) {
			look->at += c[1] == '\0';
			return;
		}
	}
}

/* `operands` of the rule, then `skip` further ones, stand in front of the inner command. */
static bool is_own_operand(struct look *look, const char *word)
{
	const char *const *wanted = look->rule->operands;
	size_t count = 0;

	while (wanted[count])
		count++;
	if (look->operands < count)
		return strcmp(word, wanted[look->operands]) == 0;
	return look->operands < count + look->rule->skip;
}

static bool own_operands_complete(const struct look *look)
{
	size_t count = 0;

	while (look->rule->operands[count])
		count++;
	return look->operands >= count;
}

static void look_through(struct look *look)
{
	bool options = true;

	for (look->at = 1; look->at < look->argc; look->at++) {
		const char *word = look->argv[look->at];

		if (options && strcmp(word, "--") == 0) {
			options = false;
		} else if (options && strncmp(word, "--", 2) == 0) {
			look_at_long(look, word);
		} else if (options && word[0] == '-') {
			look_at_bundle(look, word); /* "-" alone has no letters */
		} else if (is_own_operand(look, word)) {
			look->operands++;
		} else {
			break;
		}
	}
	if (look->at > look->argc)
		look->at = look->argc;
}

static bool finds(struct look *look)
{
	if (!is_one_of(base_name(look->argv[0]), look->rule->names))
		return false;
	look_through(look);
	if (look->rule->alone && look->at < look->argc)
		return false;
	return (look->when || !*look->rule->when) && own_operands_complete(look);
}

struct launched launcher_look(const struct action_table *table, const char *const *argv,
			      size_t argc)
{
	const struct action_list *list = action_table_list(table);
	struct launched result = {.start = argc};
	const struct launcher_rule *rule = NULL;
	struct look look = {0};
	size_t at;

	for (size_t l = 0; argc && l < list->launcher_count && !rule; l++) {
		look = (struct look){.rule = &list->launchers[l],
				     .argv = argv,
				     .argc = argc,
				     .launched = &result};
		result = (struct launched){.start = argc};
		if (look.rule->resets)
			result.environment = LAUNCHED_RESETS;
		result.elsewhere = look.rule->elsewhere;
		if (finds(&look))
			rule = look.rule;
	}
	if (!rule)
		return (struct launched){.start = argc};
	at = look.at;
	result.launcher = true;
	result.joined = rule->joined;
	result.appends = rule->appends;
	result.idle = rule->idle;
	result.text = look.text;
	result.program = look.program;
	if (rule->idle || look.text || look.program)
		return result;
	if (rule->text_first && at < argc)
		result.text = argv[at];
	else if (rule->program_first && at < argc)
		result.program = argv[at];
	else if (look.text_operand && at < argc)
		result.text = argv[at];
	if (result.text || result.program)
		return result;
	result.reads = rule->reads && (at == argc || *rule->when || rule->appends);
	/* What stands behind a shell without -c is the name of a script, no command. */
	if (*rule->script || rule->file)
		return result;
	result.assignments = at;
	if (rule->assignments)
		while (at < argc && launcher_is_assignment(argv[at]))
			at++;
	result.start = at;
	return result;
}
