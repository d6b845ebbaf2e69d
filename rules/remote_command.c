#include "remote_command.h"

#include <fnmatch.h>
#include <string.h>

#include "action_table.h"
#include "launcher.h"
#include "shell_scan.h"

struct classify {
	struct arena *arena;
	const struct action_table *table;
	bool *irreversible;
	enum action action;
	bool told;     /* some command has said what it does */
	size_t budget; /* commands that may still be looked at: hostile nesting ends */
};

enum { MAX_COMMANDS = 200000 };

static void classify_text(struct classify *classify, const char *text, unsigned depth);

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool action_option_is(const char *word, const char *name)
{
	size_t length = strlen(name);

	if (strcmp(word, name) == 0)
		return true;
	if (strncmp(name, "--", 2) == 0)
		return strncmp(word, name, length) == 0 && word[length] == '=';
	if (name[0] == '-' && name[1] && !name[2])
		return word[0] == '-' && word[1] != '-' && strchr(word + 1, name[1]);
	return fnmatch(name, word, 0) == 0;
}

static bool has_option(const char *const *words, size_t count, const char *const *options)
{
	for (; *options; options++)
		for (size_t i = 1; i < count; i++)
			if (action_option_is(words[i], *options))
				return true;
	return false;
}

/* An option whose value is the next word: exactly the name, or a bundle that ends with it. */
static bool takes_next(const char *word, const char *const *values)
{
	for (; *values; values++) {
		size_t length = strlen(word);

		if (strcmp(word, *values) == 0)
			return true;
		if ((*values)[0] == '-' && (*values)[1] != '-' && !(*values)[2] &&
		    word[0] == '-' && word[1] != '-' && length > 2 &&
		    word[length - 1] == (*values)[1])
			return true;
	}
	return false;
}

static bool speaks_for(const struct action_rule *rule, const char *const *words,
		       size_t count)
{
	const char *const *wanted = rule->words + 1;

	if (fnmatch(rule->words[0], base_name(words[0]), 0) != 0)
		return false;
	for (size_t i = 1; i < count && *wanted; i++) {
		if (words[i][0] == '-' && words[i][1]) {
			i += takes_next(words[i], rule->values);
			continue;
		}
		if (fnmatch(*wanted, words[i], 0) != 0)
			return false;
		wanted++;
	}
	if (*wanted)
		return false;
	if (*rule->options && !has_option(words, count, rule->options))
		return false;
	return !has_option(words, count, rule->without);
}

static void raise_to(struct classify *classify, enum action action)
{
	if (!classify->told || action > classify->action)
		classify->action = action;
	classify->told = true;
}

/* Files whose writing is an act of its own. */
static void classify_output(struct classify *classify, const char *path)
{
	if (strcmp(path, "/proc/sysrq-trigger") == 0)
		raise_to(classify, ACTION_STOP);
	else if (fnmatch("/dev/[shvx]d[a-z]*", path, 0) == 0 ||
		 fnmatch("/dev/nvme*", path, 0) == 0 ||
		 fnmatch("/dev/mapper/*", path, 0) == 0)
		raise_to(classify, ACTION_REMOVE);
	else if (fnmatch("/etc/*", path, 0) == 0 ||
		 fnmatch("/proc/sys/*", path, 0) == 0 || fnmatch("/sys/*", path, 0) == 0)
		raise_to(classify, ACTION_CONFIG);
}

static const char *join(struct arena *arena, const char *const *words, size_t count)
{
	size_t length = 1;
	char *text, *p;

	for (size_t i = 0; i < count; i++)
		length += strlen(words[i]) + 1;
	text = p = arena_alloc(arena, length);
	for (size_t i = 0; text && i < count; i++) {
		size_t word = strlen(words[i]);

		if (i)
			*p++ = ' ';
		memcpy(p, words[i], word);
		p += word;
	}
	return text;
}

/* Words that only open or close a construct: the command stands behind them. */
static bool is_keyword(const char *word)
{
	static const char *const keywords[] = {
		"if", "then", "else", "elif", "fi",   "do",	"done", "while", "until",
		"{",  "}",    "!",    "esac", "time", "coproc", "[[",	"]]"};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(word, keywords[i]) == 0)
			return true;
	return false;
}

static bool is_assignment(const char *word)
{
	size_t name = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
				   "0123456789");

	return name && word[name] == '=' && !(word[0] >= '0' && word[0] <= '9');
}

static void classify_words(struct classify *classify, const char *const *words,
			   size_t count, unsigned depth)
{
	struct launched launched;
	bool named = false;

	while (count && (is_keyword(words[0]) || is_assignment(words[0])))
		words++, count--;
	if (!count)
		return;
	if (classify->budget == 0 || depth > SHELL_MAX_DEPTH) {
		raise_to(classify, ACTION_REMOVE);
		return;
	}
	classify->budget--;
	for (size_t i = 0; i < classify->table->action_count; i++) {
		const struct action_rule *rule = &classify->table->actions[i];

		if (!speaks_for(rule, words, count))
			continue;
		if (rule->irreversible && classify->irreversible)
			*classify->irreversible = true;
		raise_to(classify, rule->action);
		named = true;
		break;
	}
	launched = launcher_look(classify->table, words, count);
	if (!named && !launched.launcher)
		raise_to(classify, ACTION_RUN);
	if (launched.launcher && launched.text)
		classify_text(classify, launched.text, depth + 1);
	if (launched.launcher && launched.start < count) {
		const char *text;

		/* ssh and eval join their words and have a shell read them again. */
		text = launched.joined ? join(classify->arena, words + launched.start,
					      count - launched.start)
				       : NULL;
		if (text)
			classify_text(classify, text, depth + 1);
		else
			classify_words(classify, words + launched.start,
				       count - launched.start, depth + 1);
	}
	/* find ... -exec CMD ... ; and the like: what follows the word is a command. */
	for (size_t i = 1; i + 1 < count; i++)
		if (strcmp(words[i], "-exec") == 0 || strcmp(words[i], "-execdir") == 0 ||
		    strcmp(words[i], "-ok") == 0 || strcmp(words[i], "-okdir") == 0)
			classify_words(classify, words + i + 1, count - i - 1, depth + 1);
}

static void classify_text(struct classify *classify, const char *text, unsigned depth)
{
	struct shell_commands commands = {0};

	if (depth > SHELL_MAX_DEPTH || shell_scan(classify->arena, text, &commands) < 0) {
		/* What cannot be read is taken for the worst it could be. */
		raise_to(classify, ACTION_REMOVE);
		return;
	}
	for (size_t i = 0; i < commands.count; i++) {
		const struct shell_command *command = &commands.items[i];

		classify_words(classify, command->words, command->count, depth);
		for (size_t o = 0; o < command->output_count; o++)
			classify_output(classify, command->outputs[o]);
		if (command->input)
			classify_text(classify, command->input, depth + 1);
	}
}

enum action remote_action(struct arena *arena, const struct action_table *table,
			  const char *text, bool *irreversible)
{
	struct classify classify = {.arena = arena,
				    .table = table,
				    .irreversible = irreversible,
				    .action = ACTION_RUN,
				    .budget = MAX_COMMANDS};

	classify_text(&classify, text, 0);
	return classify.action;
}

enum action remote_action_words(struct arena *arena, const struct action_table *table,
				const char *const *words, size_t count,
				bool *irreversible)
{
	const char *text = join(arena, words, count);

	/* Without memory for the reading the heaviest is assumed, never the lightest. */
	return text ? remote_action(arena, table, text, irreversible) : ACTION_REMOVE;
}

struct launched launcher_look(const struct action_table *table, const char *const *argv,
			      size_t argc)
{
	struct launched result = {.start = argc};
	const struct launcher_rule *rule = NULL;
	const char *name = argc ? base_name(argv[0]) : "";
	size_t i = 1, operands = 0;

	for (size_t l = 0; l < table->launcher_count && !rule; l++)
		for (const char *const *n = table->launchers[l].names; *n && !rule; n++)
			if (strcmp(*n, name) == 0)
				rule = &table->launchers[l];
	if (!rule)
		return result;
	result.launcher = true;
	result.joined = rule->joined;
	result.appends = rule->appends;
	for (; i < argc; i++) {
		const char *word = argv[i];

		if (strcmp(word, "--") == 0) {
			i++;
			break;
		}
		if (word[0] != '-' || word[1] == '\0') {
			if (operands >= rule->skip)
				break;
			operands++;
			continue;
		}
		for (const char *const *t = rule->text; *t; t++) {
			size_t length = strlen(*t);

			if (takes_next(word, (const char *const[]){*t, NULL}) &&
			    i + 1 < argc) {
				result.text = argv[i + 1];
			} else if ((*t)[1] == '-' && strncmp(word, *t, length) == 0 &&
				   word[length] == '=') {
				result.text = word + length + 1;
			} else {
				continue;
			}
			return result;
		}
		if (takes_next(word, rule->values))
			i++;
	}
	/* Behind "--" operands may still be due (timeout -- 5 CMD). */
	while (operands < rule->skip && i < argc)
		i++, operands++;
	result.assignments = i;
	if (rule->assignments)
		while (i < argc && is_assignment(argv[i]))
			i++;
	if (!rule->operand_text)
		result.start = i;
	return result;
}
