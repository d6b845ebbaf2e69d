#include "guard_words.h"

#include "text.h"

/* How an interpreter's command line finds the script. */
struct grammar {
	const char *name;
	const char *values; /* short options that take a word, or the rest of theirs */
	const char *texts;  /* short options whose value is the program's text: no file */
	const char *rest; /* short options that take nothing but the rest of their word */
	const char *const *long_values; /* long options that take the next word */
	bool plus;			/* +x is an option too */
};

static const char *const shell_values[] = {"--rcfile", "--init-file", NULL};
static const char *const python_values[] = {"--check-hash-based-pycs", NULL};
static const char *const node_values[] = {"--require", "--import", "--loader",
					  "--experimental-loader", NULL};
static const char *const no_values[] = {NULL};

static const struct grammar grammars[] = {
	{"python", "WXQ", "c", "", python_values, false},
	{"pypy", "WXQ", "c", "", python_values, false},
	{"perl", "I", "eE", "MmixFDdV", no_values, false},
	{"ruby", "ICEr", "e", "FKTWxi", no_values, false},
	{"nodejs", "rC", "ep", "", node_values, false},
	{"node", "rC", "ep", "", node_values, false},
	{"rbash", "oO", "c", "", shell_values, true},
	{"bash", "oO", "c", "", shell_values, true},
	{"dash", "o", "c", "", no_values, true},
	{"mksh", "o", "c", "", no_values, true},
	{"ksh", "o", "c", "", no_values, true},
	{"zsh", "o", "c", "", no_values, true},
	{"sh", "oO", "c", "", shell_values, true},
};

/* Another interpreter: no option takes a word. */
static const struct grammar unknown = {"", "", "", "", no_values, false};

/* `name` is the grammar's, with an optional version behind it. */
static const struct grammar *find(const char *name, size_t length)
{
	while (length && ((name[length - 1] >= '0' && name[length - 1] <= '9') ||
			  name[length - 1] == '.' || name[length - 1] == '-'))
		length--;
	for (size_t g = 0; g < sizeof(grammars) / sizeof(grammars[0]); g++) {
		const char *own = grammars[g].name;
		size_t i = 0;

		while (i < length && own[i] == name[i] && own[i])
			i++;
		if (i == length && own[i] == '\0')
			return &grammars[g];
	}
	return &unknown;
}

static bool is_python(const struct grammar *grammar)
{
	return grammar->name[0] == 'p' && grammar->name[1] == 'y';
}

static bool listed(const char *const *list, const char *word)
{
	for (; *list; list++)
		if (text_equal(*list, word))
			return true;
	return false;
}

enum outcome { NEXT_WORD, SKIP_ONE, TEXT, MODULE };

/* A bundle of short options, without its dash; *rest is what follows -m in it. */
static enum outcome read_bundle(const struct grammar *grammar, const char *bundle,
				const char **rest)
{
	for (; *bundle; bundle++) {
		if (text_has(grammar->texts, *bundle))
			return TEXT;
		if (*bundle == 'm' && is_python(grammar)) {
			*rest = bundle + 1;
			return MODULE;
		}
		if (text_has(grammar->rest, *bundle))
			return NEXT_WORD;
		if (text_has(grammar->values, *bundle))
			return bundle[1] ? NEXT_WORD : SKIP_ONE;
	}
	return NEXT_WORD;
}

static struct guard_word program_word(const char *const *argv, size_t at)
{
	return (struct guard_word){.at = argv[at] ? at : 0};
}

struct guard_word guard_interpreted(const char *name, size_t length,
				    const char *const *argv)
{
	static const struct guard_word none;
	const struct grammar *grammar = find(name, length);
	size_t at = 1;

	if (!argv || !argv[0])
		return none;
	if (length == 7 && text_after(name, "busybox")) {
		if (!argv[1] || argv[1][0] == '-')
			return none;
		return (struct guard_word){.at = 1, .program = true};
	}
	for (; argv[at]; at++) {
		const char *word = argv[at], *rest = NULL;

		if (!(word[0] == '-' || (grammar->plus && word[0] == '+')) ||
		    word[1] == '\0')
			break;
		if (text_equal(word, "--"))
			return program_word(argv, at + 1);
		if (word[0] == '-' && word[1] == '-') {
			if (listed(grammar->long_values, word) && argv[at + 1])
				at++;
			continue;
		}
		switch (read_bundle(grammar, word + 1, &rest)) {
		case TEXT:
			return none;
		case MODULE:
			if (!*rest)
				rest = argv[++at];
			return rest ? (struct guard_word){.at = at, .module = rest}
				    : none;
		case SKIP_ONE:
			if (argv[at + 1])
				at++;
			break;
		case NEXT_WORD:
			break;
		}
	}
	return program_word(argv, at);
}

struct guard_word guard_loaded(const char *const *argv)
{
	static const char *const valued[] = {"--library-path",
					     "--inhibit-rpath",
					     "--audit",
					     "--preload",
					     "--argv0",
					     "--glibc-hwcaps-prepend",
					     "--glibc-hwcaps-mask",
					     NULL};
	/* These show something and start nothing. */
	static const char *const shown[] = {
		"--list",	   "--verify",		 "--help", "--version",
		"--list-tunables", "--list-diagnostics", NULL};
	static const struct guard_word none;
	size_t at = 1;

	if (!argv || !argv[0])
		return none;
	for (; argv[at] && argv[at][0] == '-' && argv[at][1] == '-'; at++) {
		if (listed(shown, argv[at]))
			return none;
		if (listed(valued, argv[at]) && argv[at + 1])
			at++;
	}
	if (!argv[at])
		return none;
	return (struct guard_word){.at = at, .program = true};
}

size_t guard_module_package(const char *module)
{
	size_t length = 0;

	while (module[length] && module[length] != '.')
		length++;
	return length;
}
