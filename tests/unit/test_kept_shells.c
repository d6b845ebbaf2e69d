/* Login shells that were replaced: kept, replaced, forgotten; other people's files refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept_shells.h"
#include "tap.h"

static struct arena *arena;
static char path[256];

static void write_file(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, mode) < 0)
		abort();
}

static const char *kept(const char *user)
{
	struct kept_shells shells;
	struct fault fault;
	const char *shell;

	if (kept_shells_load(arena, path, &shells, &fault) < 0)
		return "refused";
	shell = kept_shell_of(&shells, user);
	return shell ? shell : "none";
}

static void test_changes(void)
{
	struct fault fault = {0};

	is_text(kept("ada"), "none", "no file: nobody's is kept");
	ok(kept_shells_set(arena, path, "ada", "/bin/bash", &fault) == 0, "one is kept");
	ok(kept_shells_set(arena, path, "bob", "/bin/zsh", &fault) == 0, "and another");
	is_text(kept("ada"), "/bin/bash", "the first one is still there");
	ok(kept_shells_set(arena, path, "ada", "/bin/dash", &fault) == 0, "replaced");
	is_text(kept("ada"), "/bin/dash", "by the new one");
	ok(kept_shells_set(arena, path, "ada", NULL, &fault) == 0, "forgotten");
	is_text(kept("ada"), "none", "is gone");
	is_text(kept("bob"), "/bin/zsh", "the other one stays");
	is_text(kept("bo"), "none", "the beginning of a name is another name");
}

static void test_files(void)
{
	write_file("\n:\n:/bin/sh\nx\nad\xff:relative\nada:/bin/b:c\nbob:/bin/zsh", 0644);
	is_text(kept("ada"), "/bin/b:c", "lines that are none are passed over");
	is_text(kept("bob"), "/bin/zsh", "the last line needs no end");
	is_text(kept(""), "none", "an empty name is nobody");
	write_file("ada:/bin/bash\n", 0666);
	is_text(kept("ada"), "refused", "a file that others can write is refused");
	unlink(path);
	ok(symlink("/etc/passwd", path) == 0, "a link");
	is_text(kept("root"), "refused", "is not followed");
	unlink(path);
}

int main(void)
{
	char directory[] = "/tmp/kept-shells-XXXXXX";

	if (geteuid() != 0) {
		ok(true, "only root keeps shells # SKIP not root");
		return done();
	}
	arena = arena_new(1 << 20);
	if (!arena || !mkdtemp(directory))
		return 1;
	snprintf(path, sizeof(path), "%s/shells", directory);
	test_changes();
	test_files();
	rmdir(directory);
	arena_free(arena);
	return done();
}
