#include "probe_child.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Everything the child needs, made before the fork. */
struct start {
	const char *path, *cwd;
	const char *const *argv, *const *env;
	const char *const *shell_argv; /* for a script without #! */
	const sigset_t *mask;
	pid_t parent;
	int in, out[2], err[2];
	int go[2];     /* parent writes one byte when the child may execute */
	int failed[2]; /* child writes errno when it could not */
};

static void close_all(struct start *start)
{
	int *const fds[] = {&start->in,	    &start->out[0],    &start->out[1],
			    &start->err[0], &start->err[1],    &start->go[0],
			    &start->go[1],  &start->failed[0], &start->failed[1]};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

static int input_of(const char *text)
{
	size_t length = text ? strlen(text) : 0;
	int fd;

	if (!text)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = memfd_create("tallygate-probe-input", MFD_CLOEXEC);
	if (fd >= 0 &&
	    (terminal_write(fd, text, length) < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The words of /bin/sh PATH ARGS, which is what execvp() makes of a script without #!. */
static const char *const *shell_words(struct arena *arena, const char *path,
				      const char *const *argv)
{
	size_t count = 0;
	const char **words;

	while (argv[count])
		count++;
	words = arena_array(arena, count + 2, sizeof(*words));
	if (!words)
		return NULL;
	words[0] = "/bin/sh";
	words[1] = path;
	for (size_t i = 1; i < count; i++)
		words[i + 1] = argv[i];
	return words;
}

static bool names_same(const char *a, const char *b)
{
	size_t length = strcspn(a, "=");

	return strncmp(a, b, length) == 0 && b[length] == '=';
}

/* The command's environment with the need's own entries in place of equal names. */
static const char *const *environment(struct arena *arena, const char *const *base,
				      const char *const *extra)
{
	size_t base_count = 0, extra_count = 0, used = 0;
	const char **env;

	while (base && base[base_count])
		base_count++;
	while (extra && extra[extra_count])
		extra_count++;
	env = arena_array(arena, base_count + extra_count + 1, sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < base_count; i++) {
		bool replaced = false;

		for (size_t k = 0; k < extra_count && !replaced; k++)
			replaced = names_same(extra[k], base[i]);
		if (!replaced)
			env[used++] = base[i];
	}
	for (size_t k = 0; k < extra_count; k++)
		env[used++] = extra[k];
	return env;
}

static void report(int fd)
{
	int error = errno;
	ssize_t done = write(fd, &error, sizeof(error));

	(void)done; /* the parent sees the exit status all the same */
	_exit(127);
}

static void become(const struct start *start)
{
	char go;

	if (dup2(start->in, STDIN_FILENO) < 0 || dup2(start->out[1], STDOUT_FILENO) < 0 ||
	    dup2(start->err[1], STDERR_FILENO) < 0)
		report(start->failed[1]);
	if (start->cwd && chdir(start->cwd) < 0)
		report(start->failed[1]);
	/* Killed with the gate, even by SIGKILL: no probe outlives its question. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != start->parent)
		_exit(127);
	close(start->go[1]);
	while (read(start->go[0], &go, 1) != 1)
		if (errno != EINTR)
			_exit(127);
	sigprocmask(SIG_SETMASK, start->mask, NULL);
	syscall(SYS_execve, start->path, start->argv, start->env);
	if (errno == ENOEXEC)
		syscall(SYS_execve, "/bin/sh", start->shell_argv, start->env);
	report(start->failed[1]);
}

static int open_pipes(struct start *start)
{
	if (start->in < 0 || pipe2(start->out, O_CLOEXEC) < 0 ||
	    pipe2(start->err, O_CLOEXEC) < 0 || pipe2(start->go, O_CLOEXEC) < 0 ||
	    pipe2(start->failed, O_CLOEXEC) < 0)
		return -1;
	if (fcntl(start->out[0], F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(start->err[0], F_SETFL, O_NONBLOCK) < 0)
		return -1;
	return 0;
}

/* Lets the child go; the errno of its exec, 0 when that went well. */
static int release(struct start *start, pid_t pid)
{
	int error = 0;
	ssize_t got;

	close(start->failed[1]);
	start->failed[1] = -1;
	if (terminal_write(start->go[1], "g", 1) < 0)
		error = errno;
	do
		got = read(start->failed[0], &error, sizeof(error));
	while (got < 0 && errno == EINTR);
	if (got == (ssize_t)sizeof(error))
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	return error;
}

static void abandon(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int launch(const struct probe *probe, struct start *start,
		  struct probe_child *child, int *error, struct fault *fault)
{
	pid_t pid = fork();

	if (pid < 0)
		return fault_set(fault, "cannot start a process for a probe: %s",
				 strerror(errno));
	if (pid == 0) {
		setsid();
		become(start);
	}
	child->pid = pid;
	child->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (child->pidfd < 0) {
		fault_set(fault, "cannot watch the probe: %s", strerror(errno));
		abandon(pid);
		return -1;
	}
	if (probe->announce &&
	    probe->announce(probe->context, pid, start->path, start->argv, fault) < 0) {
		abandon(pid);
		close(child->pidfd);
		return -1;
	}
	*error = release(start, pid);
	if (*error)
		close(child->pidfd);
	return 0;
}

int probe_child_start(struct arena *arena, const struct probe *probe, const char *path,
		      const sigset_t *mask, struct probe_child *child, int *error,
		      struct fault *fault)
{
	const struct need *need = probe->need;
	struct start start = {
		.path = path,
		.cwd = probe->command->cwd,
		.argv = need->argv,
		.env = environment(arena, probe->command->env, need->env),
		.shell_argv = shell_words(arena, path, need->argv),
		.mask = mask,
		.parent = getpid(),
		.in = input_of(need->input),
		.out = {-1, -1},
		.err = {-1, -1},
		.go = {-1, -1},
		.failed = {-1, -1},
	};
	int result;

	*error = 0;
	*child = (struct probe_child){.pidfd = -1, .out = -1, .err = -1};
	if (!start.env || !start.shell_argv)
		result = fault_set(fault, "no memory for a probe");
	else if (open_pipes(&start) < 0)
		result = fault_set(fault, "cannot open files for a probe: %s",
				   strerror(errno));
	else
		result = launch(probe, &start, child, error, fault);
	if (result == 0 && !*error) {
		child->out = start.out[0];
		child->err = start.err[0];
		start.out[0] = start.err[0] = -1;
	}
	close_all(&start);
	return result;
}
