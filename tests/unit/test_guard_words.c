/* Which word of its command line an interpreter takes for the program. */
#include "guard_words.h"

#include <string.h>

#include "interpreter.h"
#include "tap.h"

enum { MOST = 12 };

static const struct {
	const char *argv[MOST];
	const char *program; /* the word, NULL: none */
	const char *module;  /* or the module */
} cases[] = {
	{{"python3", "/usr/bin/ansible", "all"}, "/usr/bin/ansible", NULL},
	{{"python3", "-W", "ignore", "-B", "ansible", "all"}, "ansible", NULL},
	{{"python3.11", "-Wignore", "ansible"}, "ansible", NULL},
	{{"python3", "-X", "dev", "--", "ansible"}, "ansible", NULL},
	{{"python3", "-c", "import os", "ansible"}, NULL, NULL},
	{{"python3", "-Ic", "import os", "ansible"}, NULL, NULL},
	{{"python3", "-m", "ansible", "adhoc"}, NULL, "ansible"},
	{{"python3", "-Im", "ansible.cli.adhoc"}, NULL, "ansible.cli.adhoc"},
	{{"python3", "-mansible"}, NULL, "ansible"},
	{{"python3", "-m"}, NULL, NULL},
	{{"python3", "-", "ansible"}, "-", NULL},
	{{"python3", "--check-hash-based-pycs", "never", "ansible"}, "ansible", NULL},
	{{"python3"}, NULL, NULL},
	{{"perl", "-w", "/usr/bin/dsh"}, "/usr/bin/dsh", NULL},
	{{"perl", "-MTest::More", "-I", "lib", "dsh"}, "dsh", NULL},
	{{"perl", "-i.bake", "dsh"}, "dsh", NULL},
	{{"perl", "-lne", "print", "dsh"}, NULL, NULL},
	{{"ruby", "-rjson", "-W0", "mco"}, "mco", NULL},
	{{"ruby", "-r", "json", "mco"}, "mco", NULL},
	{{"node", "--require", "x", "cdk"}, "cdk", NULL},
	{{"node", "--inspect", "cdk"}, "cdk", NULL},
	{{"node", "-e", "1", "cdk"}, NULL, NULL},
	{{"bash", "-x", "+e", "-o", "pipefail", "/opt/drain"}, "/opt/drain", NULL},
	{{"bash", "--rcfile", "rc", "--norc", "/opt/drain"}, "/opt/drain", NULL},
	{{"bash", "-lc", "drain web01"}, NULL, NULL},
	{{"sh", "-e", "drain"}, "drain", NULL},
	{{"rbash", "drain"}, "drain", NULL},
	{{"sh", "-s", "drain"}, "drain", NULL},
	{{"busybox", "sh", "drain"}, "sh", NULL},
	{{"busybox", "--list"}, NULL, NULL},
	{{"busybox"}, NULL, NULL},
	{{"lua5.4", "drain"}, "drain", NULL},
	{{NULL}, NULL, NULL},
};

static const struct {
	const char *argv[MOST];
	const char *program;
} loads[] = {
	{{"ld.so", "/usr/bin/pdsh", "-w", "x"}, "/usr/bin/pdsh"},
	{{"ld.so", "--argv0", "x", "--library-path", "/l", "--inhibit-cache", "pdsh"},
	 "pdsh"},
	{{"ld.so", "--list", "pdsh"}, NULL},
	{{"ld.so", "--verify", "pdsh"}, NULL},
	{{"ld.so", "--argv0"}, NULL},
	{{"ld.so"}, NULL},
	{{NULL}, NULL},
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The rules read the same command lines with a reader of their own: both must agree. */
static bool agrees(const char *name, const char *const *argv, const char *program,
		   const char *module)
{
	struct interpreted found;
	size_t argc = 0;
	bool named;

	while (argv[argc])
		argc++;
	found = interpreter_look(name, argv, argc);
	named = found.kind == INTERPRETED_SCRIPT || found.kind == INTERPRETED_LOADED;
	if (!same(named ? argv[found.at] : NULL, program))
		return false;
	return same(found.kind == INTERPRETED_MODULE ? argv[found.at] : NULL, module);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *const *argv = cases[i].argv;
		const char *name = argv[0] ? argv[0] : "";
		struct guard_word word = guard_interpreted(name, strlen(name), argv);
		const char *program = word.at && !word.module ? argv[word.at] : NULL;

		ok(same(program, cases[i].program) && same(word.module, cases[i].module),
		   "%s %s %s %s", name, argv[0] && argv[1] ? argv[1] : "",
		   argv[0] && argv[1] && argv[2] ? argv[2] : "",
		   program ? program : "names no file");
		/* They know no other interpreter, and no module that is part of a word. */
		if (argv[0] && strcmp(name, "lua5.4") != 0 &&
		    !(word.module && argv[word.at] != word.module))
			ok(agrees(name, argv, program, word.module), "the rules agree");
	}
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		const char *const *argv = loads[i].argv;
		struct guard_word word = guard_loaded(argv);

		ok(same(word.at ? argv[word.at] : NULL, loads[i].program),
		   "loader %zu: %s", i,
		   loads[i].program ? loads[i].program : "starts nothing");
	}
	ok(guard_interpreted("python3", 7, NULL).at == 0, "no command line at all");
	ok(guard_module_package("ansible.cli.adhoc") == 7, "the package of a module");
	ok(guard_module_package("ansible") == 7, "a package by itself");
	return done();
}
