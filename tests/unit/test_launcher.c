/* What is left of a command line behind a launcher: words, environment, directory. */
#include <stdlib.h>
#include <string.h>

#include "action_table.h"
#include "launcher.h"
#include "tap.h"
#include "words.h"

/* The command stands in /w with the environment A=1 HOME=/h. */
static const struct {
	const char *line;
	const char *inner;	 /* words joined with blanks; NULL: none to be seen */
	const char *environment; /* the same */
	const char *directory;	 /* "?": not known */
} cases[] = {
	{"nice -n 5 x y", "x y", "A=1 HOME=/h", "/w"},
	{"env B=2 x", "x", "A=1 HOME=/h B=2", "/w"},
	{"env A=2 x", "x", "HOME=/h A=2", "/w"},
	{"env -i B=2 x", "x", "B=2", "/w"},
	{"env - B=2 x", "x", "B=2", "/w"},
	{"env -u A x", "x", "HOME=/h", "/w"},
	{"env -uA --unset=HOME x", "x", "", "/w"},
	{"env --unset HOME -C sub x", "x", "A=1", "/w/sub"},
	{"env --chdir=/tmp x", "x", "A=1 HOME=/h", "/tmp"},
	{"sudo x", "x", "HOME=/h", "/w"},
	{"sudo -E x", "x", "A=1 HOME=/h", "/w"},
	{"sudo --preserve-env=A x", "x", "A=1 HOME=/h", "/w"},
	{"sudo B=2 x", "x", "HOME=/h B=2", "/w"},
	{"sudo -D /tmp -u root x", "x", "HOME=/h", "/tmp"},
	{"sudo -i x", "x", "HOME=/h", "?"},
	{"sudo -l x", NULL, NULL, NULL},
	{"doas x", "x", "HOME=/h", "/w"},
	{"runuser -u root -- x -u y", "x -u y", "A=1 HOME=/h", "/w"},
	{"chroot /mnt x", "x", "A=1 HOME=/h", "?"},
	{"systemd-run x", "x", "HOME=/h", "?"},
	{"timeout -k 5 60 x -k 1", "x -k 1", "A=1 HOME=/h", "/w"},
	{"taskset -p 1", NULL, NULL, NULL},
	{"x y", NULL, NULL, NULL},
};

static const char *joined(struct arena *arena, const char *const *words)
{
	const char *text = "";

	for (size_t i = 0; words && words[i]; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? " " : "", words[i]);
	return text;
}

static void check(struct arena *arena, const struct action_table *table, size_t number)
{
	static const char *const env[] = {"A=1", "HOME=/h", NULL};
	struct command command = {.env = env, .cwd = "/w"}, inner;
	struct fault fault = {0};
	struct launched launched;
	const char *line = cases[number].line;

	command.argv = words_split(arena, line, &command.argc, &fault);
	launched = launcher_look(table, command.argv, command.argc);
	if (!cases[number].inner) {
		ok(launched.start == command.argc, "%s: nothing is started", line);
		return;
	}
	if (!ok(launched.launcher && launched.start < command.argc &&
			launcher_inner(arena, &launched, &command, &inner) == 0,
		"%s: something is started", line))
		return;
	is_text(joined(arena, inner.argv), cases[number].inner, "these words");
	is_text(joined(arena, inner.env), cases[number].environment,
		"in this environment");
	if (strcmp(cases[number].directory, "?") == 0)
		ok(strncmp(inner.cwd, "/dev/null/", 10) == 0, "in an unknown directory");
	else
		is_text(inner.cwd, cases[number].directory, "in this directory");
}

int main(void)
{
	const char *directories[] = {"rules", NULL};
	struct arena *arena = arena_new(64 << 20);
	struct action_table *table;
	struct fault fault = {0};

	if (action_table_load(arena, directories, &table, &fault) < 0) {
		printf("Bail out! %s\n", fault.text);
		return 1;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(arena, table, i);
	arena_free(arena);
	return done();
}
