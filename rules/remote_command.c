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
	size_t budget; /* words and bytes that may still be looked at: hostile nesting ends */
	/* What the text at hand has shown: where else words may turn into commands. */
	bool reads;	 /* a command takes commands from its standard input */
	bool expands;	 /* a command's name stands in a variable */
	bool positional; /* ... in "$@" or $1 */
};

enum {
	MAX_WORK = 8 << 20,
	MAX_POSITIONAL = 10, /* $0 to $9 */
};

static void classify_text(struct classify *classify, const char *text, unsigned depth);
static void classify_words(struct classify *classify, const char *const *words,
			   size_t count, unsigned depth);

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

static bool speaks_for(const struct action_rule *rule, const char *const *words,
		       size_t count)
{
	const char *const *wanted = rule->words + 1;

	/* A rule with a path, as /etc/init.d/NAME, is for the path; any other for the name. */
	if (fnmatch(rule->words[0],
		    strchr(rule->words[0], '/') ? words[0] : base_name(words[0]), 0) != 0)
		return false;
	for (size_t i = 1; i < count && *wanted; i++) {
		if (words[i][0] == '-' && words[i][1]) {
			i += launcher_takes_next(words[i], rule->values);
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

static char *join(struct arena *arena, const char *const *words, size_t count)
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
		"if", "then", "else", "elif", "fi", "do", "done",     "while", "until",
		"{",  "}",    "!",    "esac", "[[", "]]", "function", ":::"};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(word, keywords[i]) == 0)
			return true;
	return false;
}

static bool spend(struct classify *classify, size_t work)
{
	bool enough = work < classify->budget;

	classify->budget = enough ? classify->budget - work : 0;
	return enough;
}

/* What cannot be read is taken for the worst it could be. */
static void give_up(struct classify *classify)
{
	raise_to(classify, ACTION_REMOVE);
}

/* A command whose name is only known when it runs. The scan leaves a $ for what is in braces. */
static void note_expansion(struct classify *classify, const char *word)
{
	classify->expands = true;
	if (word[1] == '@' || word[1] == '*' || (word[1] >= '0' && word[1] <= '9') ||
	    word[1] == '\0')
		classify->positional = true;
	/* $(echo reboot): what is printed becomes the command. */
	if (word[1] == '\0')
		classify->reads = true;
}

/* The string literals of a program in another language, each and one behind the other. */
static void classify_literals(struct classify *classify, const char *program,
			      unsigned depth)
{
	char *all = arena_alloc(classify->arena, strlen(program) + 1), *end = all;

	while (all && *(program += strcspn(program, "'\"`"))) {
		char quote = *program++;
		const char *start = program, *text;

		while (*program && *program != quote)
			program += program[0] == '\\' && program[1] ? 2 : 1;
		text = arena_strndup(classify->arena, start, (size_t)(program - start));
		if (!text)
			break;
		classify_text(classify, text, depth + 1);
		if (end != all)
			*end++ = ' ';
		end = stpcpy(end, text);
		program += *program == quote;
	}
	if (!all)
		give_up(classify);
	else
		classify_text(classify, all, depth + 1);
}

/* A shell text, and the words behind it, which are "$0", "$1" ... in it. */
static void classify_script(struct classify *classify, const char *text,
			    const char *const *words, size_t count, unsigned depth)
{
	bool outside = classify->positional;
	size_t at = 0;

	classify->positional = false;
	classify_text(classify, text, depth + 1);
	while (at < count && words[at] != text)
		at++;
	if (classify->positional)
		for (size_t n = 0; n < MAX_POSITIONAL && ++at < count; n++)
			classify_words(classify, words + at, count - at, depth + 1);
	classify->positional = classify->positional || outside;
}

static void classify_launched(struct classify *classify, const struct launched *launched,
			      const char *const *words, size_t count, unsigned depth)
{
	classify->reads = classify->reads || launched->reads;
	if (launched->text)
		classify_script(classify, launched->text, words, count, depth);
	if (launched->program)
		classify_literals(classify, launched->program, depth);
	if (launched->start >= count)
		return;
	words += launched->start;
	count -= launched->start;
	if (launched->joined) {
		/* ssh and eval join their words and have a shell read them again. */
		const char *text = join(classify->arena, words, count);

		if (text && strchr(text, '$'))
			classify->reads = true;
		if (text)
			classify_text(classify, text, depth + 1);
		else
			give_up(classify);
	} else {
		classify_words(classify, words, count, depth + 1);
	}
}

static bool classify_by_rules(struct classify *classify, const char *const *words,
			      size_t count)
{
	const struct action_list *list = action_table_list(classify->table);

	for (size_t i = 0; i < list->action_count; i++) {
		const struct action_rule *rule = &list->actions[i];

		if (!speaks_for(rule, words, count))
			continue;
		if (rule->irreversible && classify->irreversible)
			*classify->irreversible = true;
		raise_to(classify, rule->action);
		return true;
	}
	return false;
}

/* find -exec CMD, and the { that opens a body behind a name: coproc X {, function f {. */
static bool opens_command(const char *word)
{
	static const char *const words[] = {"-exec", "-execdir", "-ok", "-okdir", "{"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

static void classify_words(struct classify *classify, const char *const *words,
			   size_t count, unsigned depth)
{
	struct launched launched;

	while (count && (is_keyword(words[0]) || launcher_is_assignment(words[0])))
		words++, count--;
	if (!count)
		return;
	if (depth > SHELL_MAX_DEPTH || !spend(classify, count)) {
		give_up(classify);
		return;
	}
	if (words[0][0] == '$') {
		note_expansion(classify, words[0]);
		/* $SUDO reboot */
		classify_words(classify, words + 1, count - 1, depth + 1);
	}
	launched = launcher_look(classify->table, words, count);
	if (!classify_by_rules(classify, words, count) && !launched.launcher)
		raise_to(classify, ACTION_RUN);
	if (launched.launcher) {
		classify_launched(classify, &launched, words, count, depth);
		return;
	}
	for (size_t i = 1; i + 1 < count; i++) {
		if (!opens_command(words[i]))
			continue;
		/* Further ones are found behind this one. */
		classify_words(classify, words + i + 1, count - i - 1, depth + 1);
		break;
	}
}

/* What echo and printf print, as a text: their \n are line ends. */
static void classify_printed(struct classify *classify,
			     const struct shell_command *command, unsigned depth)
{
	static const char *const printers[] = {"echo", "printf", "print", "yes"};
	size_t first = 1;
	bool prints = false;
	char *text;

	for (size_t i = 0; i < sizeof(printers) / sizeof(printers[0]); i++)
		if (command->count &&
		    strcmp(base_name(command->words[0]), printers[i]) == 0)
			prints = true;
	while (first < command->count && command->words[first][0] == '-')
		first++;
	if (!prints || first >= command->count)
		return;
	text = join(classify->arena, (const char *const *)command->words + first,
		    command->count - first);
	if (!text) {
		give_up(classify);
		return;
	}
	for (char *c = text; *c; c++)
		if (c[0] == '\\' && (c[1] == 'n' || c[1] == 't'))
			c[0] = ' ', c[1] = '\n';
	classify_text(classify, text, depth + 1);
}

/* Values that a variable or "$@" may have taken to the place of a command. */
static void classify_values(struct classify *classify,
			    const struct shell_command *command, unsigned depth)
{
	const char *const *words = (const char *const *)command->words;

	for (size_t i = 0; i < command->count; i++)
		if (launcher_is_assignment(words[i]))
			classify_text(classify, strchr(words[i], '=') + 1, depth + 1);
	if (command->count > 3 && strcmp(words[0], "for") == 0)
		for (size_t i = 3; i < command->count; i++)
			classify_text(classify, words[i], depth + 1);
	if (classify->positional && command->count > 1)
		classify_words(classify, words + 1, command->count - 1, depth + 1);
}

static void classify_text(struct classify *classify, const char *text, unsigned depth)
{
	struct shell_commands commands = {0};
	const struct classify outer = *classify;

	if (depth > SHELL_MAX_DEPTH || !spend(classify, strlen(text)) ||
	    shell_scan(classify->arena, text, &commands) < 0) {
		give_up(classify);
		return;
	}
	classify->reads = classify->expands = classify->positional = false;
	for (size_t i = 0; i < commands.count; i++) {
		const struct shell_command *command = &commands.items[i];

		classify_words(classify, (const char *const *)command->words,
			       command->count, depth);
		for (size_t o = 0; o < command->output_count; o++)
			classify_output(classify, command->outputs[o]);
		if (command->input)
			classify_text(classify, command->input, depth + 1);
	}
	for (size_t i = 0; classify->reads && i < commands.count; i++)
		classify_printed(classify, &commands.items[i], depth);
	for (size_t i = 0; classify->expands && i < commands.count; i++)
		classify_values(classify, &commands.items[i], depth);
	/* `sh -c '$X'` in a text with X=reboot: the flags hold for the text around as well. */
	classify->reads = classify->reads || outer.reads;
	classify->expands = classify->expands || outer.expands;
	classify->positional = classify->positional || outer.positional;
}

enum action remote_action(struct arena *arena, const struct action_table *table,
			  const char *text, bool *irreversible)
{
	struct classify classify = {.arena = arena,
				    .table = table,
				    .irreversible = irreversible,
				    .action = ACTION_RUN,
				    .budget = MAX_WORK};

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
