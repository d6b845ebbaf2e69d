/* Starting a child and waiting for it. */
#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#include "route.h"

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return route_status(status);
}

static int by_fork(const struct route_call *call)
{
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (child == 0) {
		execve(call->path, call->argv, call->envp);
		_exit(127);
	}
	return wait_for(child);
}

static int by_vfork(const struct route_call *call)
{
	volatile int error = 0;
	pid_t child = vfork();

	if (child < 0)
		return -errno;
	if (child == 0) {
		execve(call->path, call->argv, call->envp);
		error = errno;
		_exit(127);
	}
	if (error) {
		wait_for(child);
		return -error;
	}
	return wait_for(child);
}

struct clone_call {
	const struct route_call *call;
	volatile int error;
};

static int clone_main(void *context)
{
	struct clone_call *clone_call = context;

	execve(clone_call->call->path, clone_call->call->argv, clone_call->call->envp);
	clone_call->error = errno;
	return 127;
}

/* What Go's and Rust's runtimes do. */
static int by_clone(const struct route_call *call)
{
	enum { STACK = 256 * 1024 };
	struct clone_call clone_call = {call, 0};
	char *stack = malloc(STACK);
	pid_t child;
	int result;

	if (!stack)
		return -ENOMEM;
	child = clone(clone_main, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD,
		      &clone_call);
	result = child < 0 ? -errno : wait_for(child);
	free(stack);
	return clone_call.error ? -clone_call.error : result;
}

static int by_posix_spawn(const struct route_call *call)
{
	pid_t child;
	int error = posix_spawn(&child, call->path, NULL, NULL, call->argv, call->envp);

	return error ? -error : wait_for(child);
}

static int by_posix_spawnp(const struct route_call *call)
{
	pid_t child;
	int error = posix_spawnp(&child, call->path, NULL, NULL, call->argv, call->envp);

	return error ? -error : wait_for(child);
}

/* The child goes to the program's directory first, and looks it up from there. */
static int by_posix_spawn_chdir(const struct route_call *call)
{
	const char *slash = strrchr(call->path, '/');
	posix_spawn_file_actions_t actions;
	char *directory, *name;
	pid_t child;
	int error;

	if (!slash || asprintf(&name, "./%s", slash + 1) < 0)
		return by_posix_spawn(call);
	directory = strndup(call->path, (size_t)(slash - call->path) + 1);
	if (!directory)
		return -ENOMEM;
	posix_spawn_file_actions_init(&actions);
	error = posix_spawn_file_actions_addchdir_np(&actions, directory);
	if (!error)
		error = posix_spawn(&child, name, &actions, NULL, call->argv, call->envp);
	posix_spawn_file_actions_destroy(&actions);
	free(directory);
	free(name);
	return error ? -error : wait_for(child);
}

/* `exec 'word' 'word' ...` for a shell: in single quotes, all but the quote stands for itself. */
static char *command_line(char *const *argv)
{
	size_t size = sizeof("exec");
	char *line, *p;

	for (size_t i = 0; argv[i]; i++)
		size += strlen(argv[i]) * 4 + 3;
	line = malloc(size);
	if (!line)
		return NULL;
	p = stpcpy(line, "exec");
	for (size_t i = 0; argv[i]; i++) {
		p = stpcpy(p, " '");
		for (const char *c = argv[i]; *c; c++) {
			if (*c == '\'')
				p = stpcpy(p, "'\\''");
			else
				*p++ = *c;
		}
		p = stpcpy(p, "'");
	}
	return line;
}

static int by_system(const struct route_call *call)
{
	char *line = command_line(call->argv);
	int status = line ? system(line) : -1;

	free(line);
	return status == -1 ? -errno : route_status(status);
}

static int by_popen(const struct route_call *call)
{
	char *line = command_line(call->argv), buffer[4096];
	FILE *stream = line ? popen(line, "re") : NULL;
	size_t length;
	int status;

	free(line);
	if (!stream)
		return -errno;
	while ((length = fread(buffer, 1, sizeof(buffer), stream)) > 0)
		if (fwrite(buffer, 1, length, stdout) != length)
			break;
	fflush(stdout);
	status = pclose(stream);
	return status == -1 ? -errno : route_status(status);
}

/* The status of the command is not to be had: 0 when there were words. */
static int by_wordexp(const struct route_call *call)
{
	char *line = command_line(call->argv), *substitution;
	wordexp_t words;
	int error;

	if (!line || asprintf(&substitution, "$(%s)", line) < 0)
		return -ENOMEM;
	free(line);
	error = wordexp(substitution, &words, 0);
	free(substitution);
	if (error)
		return error == WRDE_NOSPACE ? -ENOMEM : -EINVAL;
	for (size_t i = 0; i < words.we_wordc; i++)
		printf("%s%c", words.we_wordv[i], i + 1 < words.we_wordc ? ' ' : '\n');
	fflush(stdout);
	error = words.we_wordc == 0;
	wordfree(&words);
	return error;
}

const struct route routes_spawn[] = {
	{"fork", by_fork},
	{"vfork", by_vfork},
	{"clone", by_clone},
	{"posix_spawn", by_posix_spawn},
	{"posix_spawnp", by_posix_spawnp},
	{"posix_spawn-chdir", by_posix_spawn_chdir},
	{"system", by_system},
	{"popen", by_popen},
	{"wordexp", by_wordexp},
	{NULL, NULL},
};
