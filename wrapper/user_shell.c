#include "user_shell.h"

#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

const char *user_shell(struct arena *arena)
{
	struct passwd entry, *found = NULL;
	char buffer[16384];

	if (getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found) == 0 && found &&
	    found->pw_shell && usable(found->pw_shell))
		return arena_strdup(arena, found->pw_shell);
	return usable("/bin/bash") ? "/bin/bash" : "/bin/sh";
}

const char *user_shell_name(struct arena *arena, const char *shell, const char *called)
{
	const char *base = strrchr(shell, '/') + 1;

	if (called && called[0] == '-')
		return arena_printf(arena, "-%s", base);
	return called && strchr(called, '/') ? shell : base;
}
