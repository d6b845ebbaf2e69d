/* The environment and the directory that a launcher hands on. */
#include <fnmatch.h>
#include <string.h>

#include "launcher.h"

/* No file can be opened below this, and nothing can be started there. */
static const char nowhere[] = "/dev/null/a directory that is not known";

/* What sudo(8) and doas(1) leave of an environment unless they are told otherwise. */
static bool is_login_variable(const char *entry)
{
	static const char *const globs[] = {
		"PATH=*",	"HOME=*",    "TERM=*",	  "LANG=*",   "LANGUAGE=*",
		"LC_*=*",	"USER=*",    "LOGNAME=*", "MAIL=*",   "SHELL=*",
		"XAUTHORITY=*", "DISPLAY=*", "TZ=*",	  "COLORS=*", "SUDO_*"};

	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++)
		if (fnmatch(globs[i], entry, 0) == 0)
			return true;
	return false;
}

static bool names(const char *entry, const char *variable, size_t length)
{
	return strncmp(entry, variable, length) == 0 && entry[length] == '=';
}

static bool stays(const struct launched *launched, const struct command *command,
		  const char *entry)
{
	if (launched->environment == LAUNCHED_CLEARS ||
	    (launched->environment == LAUNCHED_RESETS && !is_login_variable(entry)))
		return false;
	for (size_t i = 0; i < launched->unset_count; i++)
		if (names(entry, launched->unset[i], strlen(launched->unset[i])))
			return false;
	for (size_t i = launched->assignments; i < launched->start; i++)
		if (names(entry, command->argv[i], strcspn(command->argv[i], "=")))
			return false;
	return true;
}

static const char *const *environment(struct arena *arena,
				      const struct launched *launched,
				      const struct command *command)
{
	size_t count = launched->start, used = 0;
	const char **env;

	for (size_t i = 0; command->env && command->env[i]; i++)
		count++;
	env = arena_array(arena, count + 1, sizeof(*env));
	for (size_t i = 0; env && command->env && command->env[i]; i++)
		if (stays(launched, command, command->env[i]))
			env[used++] = command->env[i];
	for (size_t i = launched->assignments; env && i < launched->start; i++)
		env[used++] = command->argv[i];
	return env;
}

int launcher_inner(struct arena *arena, const struct launched *launched,
		   const struct command *command, struct command *inner)
{
	struct command result = *command;

	result.env = environment(arena, launched, command);
	if (launched->elsewhere)
		result.cwd = nowhere;
	if (launched->directory)
		result.cwd = command_file(arena, &result, launched->directory);
	if (!result.env || (launched->directory && !result.cwd))
		return -1;
	if (!launched->text) {
		result.argv += launched->start;
		result.argc -= launched->start;
		result.path = result.argc && strchr(result.argv[0], '/') ? result.argv[0]
									 : NULL;
	}
	*inner = result;
	return 0;
}
