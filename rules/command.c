#include "command.h"

#include <string.h>

const char *command_env(const struct command *command, const char *name)
{
	size_t length = strlen(name);

	if (!command->env)
		return NULL;
	for (const char *const *entry = command->env; *entry; entry++)
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			return *entry + length + 1;
	return NULL;
}

const char *command_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *command_file(struct arena *arena, const struct command *command,
			 const char *path)
{
	if (path[0] == '/' || !command->cwd)
		return arena_strdup(arena, path);
	return arena_printf(arena, "%s/%s", command->cwd, path);
}
