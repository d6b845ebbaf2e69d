/*
 * Another preloaded library: says on standard error what is executed, and hands on. Tests
 * that the shim calls what stands behind it.
 */
#include <dlfcn.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

static void say(const char *what, const char *path)
{
	char line[512] = "other: ";

	strncat(line, what, 64);
	strncat(line, " ", 2);
	strncat(line, path, 256);
	strncat(line, "\n", 2);
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		_exit(1);
}

int execve(const char *path, char *const argv[], char *const envp[])
{
	int (*next)(const char *, char *const *, char *const *);

	*(void **)&next = dlsym(RTLD_NEXT, "execve");
	say("execve", path);
	return next(path, argv, envp);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attributes, char *const argv[],
		char *const envp[])
{
	int (*next)(pid_t *, const char *, const posix_spawn_file_actions_t *,
		    const posix_spawnattr_t *, char *const *, char *const *);

	*(void **)&next = dlsym(RTLD_NEXT, "posix_spawn");
	say("posix_spawn", path);
	return next(pid, path, actions, attributes, argv, envp);
}
