#include "interpreter.h"

#include <string.h>

/* How an interpreter's command line finds the script. */
struct interpreter {
	const char *name;
	const char *values; /* short options that take the next word */
	const char
		*inlined; /* short options whose value is the program text: no script */
	const char *rest; /* short options that take nothing but the rest of their word */
	bool plus;	  /* +x is an option too */
};

/* python(1), perlrun(1), bash(1), dash(1), ruby(1), node(1) */
static const struct interpreter interpreters[] = {
	{"python", "WXQ", "c", "", false},
	{"pypy", "WXQ", "c", "", false},
	{"perl", "I", "eE", "MmixFDdV", false},
	{"ruby", "ICEr", "e", "FKTWxi", false},
	{"node", "rC", "ep", "", false},
	{"nodejs", "rC", "ep", "", false},
	{"bash", "oO", "c", "", true},
	{"rbash", "oO", "c", "", true},
	{"sh", "oO", "c", "", true},
	{"dash", "o", "c", "", true},
	{"ksh", "o", "c", "", true},
	{"mksh", "o", "c", "", true},
	{"zsh", "o", "c", "", true},
};

/* Long options that take the next word. */
static const char *const long_values[] = {
	"--rcfile", "--init-file", "--check-hash-based-pycs", "--require",
	"--import", "--loader",	   "--experimental-loader"};

/* ld.so(8): the options that take a word. */
static const char *const loader_values[] = {
	"--library-path",	  "--inhibit-rpath",	"--audit", "--preload", "--argv0",
	"--glibc-hwcaps-prepend", "--glibc-hwcaps-mask"};

/* "python3.11" is python with a version behind it. */
static const struct interpreter *find_interpreter(const char *name)
{
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(interpreters[0]); i++) {
		size_t length = strlen(interpreters[i].name);

		if (strncmp(name, interpreters[i].name, length) == 0 &&
		    strspn(name + length, "0123456789.-") == strlen(name + length))
			return &interpreters[i];
	}
	return NULL;
}

static bool is_loader(const char *name)
{
	return strncmp(name, "ld-", 3) == 0 || strcmp(name, "ld.so") == 0;
}

static bool listed(const char *const *list, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

static struct interpreted found(enum interpreted_kind kind, size_t at, size_t argc)
{
	if (at >= argc)
		return (struct interpreted){INTERPRETED_NONE, argc};
	return (struct interpreted){kind, at};
}

static struct interpreted look_behind_loader(const char *const *argv, size_t argc)
{
	size_t at = 1;

	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++)
		if (listed(loader_values,
			   sizeof(loader_values) / sizeof(loader_values[0]), argv[at]))
			at++;
	return found(INTERPRETED_LOADED, at, argc);
}

/*
 * One word of bundled short options. NONE: the next word is to be looked at, which *at is
 * moved to; SCRIPT: the program text is among the options, so there is no script.
 */
static enum interpreted_kind bundle(const struct interpreter *interpreter,
				    const char *word, size_t *at)
{
	bool python = interpreter->name[0] == 'p' && interpreter->name[1] == 'y';

	for (const char *c = word + 1; *c; c++) {
		if (strchr(interpreter->inlined, *c))
			return INTERPRETED_SCRIPT;
		if (*c == 'm' && python)
			return c[1] ? INTERPRETED_SCRIPT : INTERPRETED_MODULE;
		if (strchr(interpreter->rest, *c))
			break;
		if (strchr(interpreter->values, *c)) {
			*at += c[1] == '\0';
			break;
		}
	}
	return INTERPRETED_NONE;
}

static struct interpreted look_for_script(const struct interpreter *interpreter,
					  const char *const *argv, size_t argc)
{
	for (size_t at = 1; at < argc; at++) {
		const char *word = argv[at];

		if (!(word[0] == '-' || (interpreter->plus && word[0] == '+')) ||
		    word[1] == '\0')
			return found(INTERPRETED_SCRIPT, at, argc);
		if (strcmp(word, "--") == 0)
			return found(INTERPRETED_SCRIPT, at + 1, argc);
		if (strncmp(word, "--", 2) == 0) {
			at += listed(long_values,
				     sizeof(long_values) / sizeof(long_values[0]), word);
			continue;
		}
		switch (bundle(interpreter, word, &at)) {
		case INTERPRETED_SCRIPT:
			return found(INTERPRETED_NONE, argc, argc);
		case INTERPRETED_MODULE:
			return found(INTERPRETED_MODULE, at + 1, argc);
		default:
			break;
		}
	}
	return found(INTERPRETED_NONE, argc, argc);
}

struct interpreted interpreter_look(const char *name, const char *const *argv,
				    size_t argc)
{
	const struct interpreter *interpreter = find_interpreter(name);

	if (interpreter)
		return look_for_script(interpreter, argv, argc);
	/* Its applet is a program like any other. */
	if (strcmp(name, "busybox") == 0 && argc > 1 && argv[1][0] != '-')
		return found(INTERPRETED_LOADED, 1, argc);
	if (is_loader(name))
		return look_behind_loader(argv, argc);
	return found(INTERPRETED_NONE, argc, argc);
}
