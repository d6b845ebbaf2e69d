#include "user_shell.h"

#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kept_shells.h"

/* The same file, by whatever name: a link to tallysh would start itself for ever. */
static bool is_this_program(const char *path)
{
	struct stat other, self;

	return stat(path, &other) == 0 && stat("/proc/self/exe", &self) == 0 &&
	       other.st_dev == self.st_dev && other.st_ino == self.st_ino;
}

static bool usable(const char *path)
{
	struct stat status;

	return path[0] == '/' && stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	       access(path, X_OK) == 0 && !is_this_program(path);
}

/* What `tally enable` has taken the place of; a broken file must not keep anybody out. */
static const char *kept_shell(struct arena *arena, const char *user)
{
	struct kept_shells kept;
	struct fault fault;
	const char *shell;

	if (kept_shells_load(arena, KEPT_SHELLS, &kept, &fault) < 0)
		return NULL;
	shell = kept_shell_of(&kept, user);
	return shell && usable(shell) ? shell : NULL;
}

const char *user_shell(struct arena *arena)
{
	struct passwd entry, *found = NULL;
	char buffer[16384];
	const char *kept;

	if (getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found) == 0 && found) {
		if (found->pw_shell && usable(found->pw_shell))
			return arena_strdup(arena, found->pw_shell);
		kept = kept_shell(arena, found->pw_name);
		if (kept)
			return kept;
	}
	return usable("/bin/bash") ? "/bin/bash" : "/bin/sh";
}

const char *user_shell_name(struct arena *arena, const char *shell, const char *called)
{
	const char *base = strrchr(shell, '/') + 1;

	if (called && called[0] == '-')
		return arena_printf(arena, "-%s", base);
	return called && strchr(called, '/') ? shell : base;
}
