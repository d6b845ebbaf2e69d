/* posix_spawn(3) and its relatives: the real one, with the gate or the kept environment. */
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <spawn.h>
#include <linux/stat.h>

#include "exec.h"
#include "export.h"
#include "next.h"
#include "raw_syscall.h"
#include "scratch.h"
#include "start.h"
#include "text.h"

typedef int spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *,
			   const posix_spawnattr_t *, char *const *, char *const *);

/* One call; pidfd_spawn() has the same arguments, but for what the first one points to. */
struct spawn {
	pid_t *result;
	const posix_spawn_file_actions_t *actions;
	const posix_spawnattr_t *attributes;
	const char *direct, *searching; /* libc's names: by path, along PATH */
};

static int call(const struct spawn *spawn, const char *name, const char *path,
		char *const *argv, char *const *envp)
{
	spawn_function *next = (spawn_function *)next_function(name);

	return next ? next(spawn->result, path, spawn->actions, spawn->attributes, argv,
			   envp)
		    : ENOSYS;
}

/* The gate, or the call as it was made: by `name`, with `file`. */
static int run(const struct spawn *spawn, const struct plan *plan, const char *name,
	       const char *file)
{
	return plan->guarded
		       ? call(spawn, spawn->direct, plan->path, plan->argv, plan->envp)
		       : call(spawn, name, file, plan->argv, plan->envp);
}

/* Plans for `wish`, and calls. This is the parent: what is mapped is unmapped again. */
static int spawn_planned(const struct spawn *spawn, const struct wish *wish,
			 const char *name, const char *file)
{
	struct scratch scratch;
	struct plan plan;
	int error;

	plan_make(&plan, wish);
	if (plan.refused)
		return plan.refused;
	if (plan.bytes == 0)
		return run(spawn, &plan, name, file);
	if (plan.bytes <= EXEC_STACK_BYTES) {
		plan_write(&plan, alloca(plan.bytes));
		return run(spawn, &plan, name, file);
	}
	scratch = scratch_take(plan.bytes);
	if (!scratch.memory)
		return ENOMEM;
	plan_write(&plan, scratch.memory);
	error = run(spawn, &plan, name, file);
	scratch_leave(scratch);
	scratch_drop();
	return error;
}

static int spawn_path(const struct spawn *spawn, const char *path, char *const *argv,
		      char *const *envp)
{
	struct wish wish = {
		.path = path,
		.argv = argv,
		.envp = envp,
		/* One of the actions may be a change of directory. */
		.elsewhere = spawn->actions != NULL,
	};

	return spawn_planned(spawn, &wish, spawn->direct, path);
}

/* A regular file that may be executed: the child's search ends there. */
static bool found(const char *path)
{
	struct statx status;

	return raw_syscall3(SYS_faccessat, AT_FDCWD, (long)path, 1 /* X_OK */) == 0 &&
	       raw_syscall6(SYS_statx, AT_FDCWD, (long)path, 0, STATX_TYPE, (long)&status,
			    0) == 0 &&
	       (status.stx_mode & S_IFMT) == S_IFREG;
}

/* The first file along PATH, into `path` of PATH_MAX bytes; false when there is none. */
static bool search(const char *file, char *path)
{
	const char *list = now_variable("PATH"), *end;
	size_t length = text_length(file);

	if (!list)
		list = "/bin:/usr/bin";
	for (;; list = end + 1) {
		char *to = path;

		for (end = list; *end && *end != ':'; end++)
			;
		if ((size_t)(end - list) + length + 2 <= PATH_MAX) {
			to = text_put(to, list, (size_t)(end - list));
			if (list < end)
				*to++ = '/';
			text_put(to, file, length + 1);
			if (found(path))
				return true;
		}
		if (*end == '\0')
			return false;
	}
}

static int spawn_search(const struct spawn *spawn, const char *file, char *const *argv,
			char *const *envp)
{
	char path[PATH_MAX];
	struct wish wish = {.path = path, .argv = argv, .envp = envp};

	if (text_has(file, '/'))
		return spawn_path(spawn, file, argv, envp);
	if (*file == '\0' || !search(file, path))
		wish.path = "";
	return spawn_planned(spawn, &wish, spawn->searching, file);
}

int tally_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attributes, char *const argv[],
		char *const envp[])
{
	struct spawn spawn = {pid, actions, attributes, "posix_spawn", "posix_spawnp"};

	return spawn_path(&spawn, path, argv, envp);
}

int tally_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attributes, char *const argv[],
		 char *const envp[])
{
	struct spawn spawn = {pid, actions, attributes, "posix_spawn", "posix_spawnp"};

	return spawn_search(&spawn, file, argv, envp);
}

#if __GLIBC_PREREQ(2, 39)
int tally_pidfd_spawn(int *pidfd, const char *path,
		      const posix_spawn_file_actions_t *actions,
		      const posix_spawnattr_t *attributes, char *const argv[],
		      char *const envp[])
{
	struct spawn spawn = {pidfd, actions, attributes, "pidfd_spawn", "pidfd_spawnp"};

	return spawn_path(&spawn, path, argv, envp);
}

int tally_pidfd_spawnp(int *pidfd, const char *file,
		       const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const argv[],
		       char *const envp[])
{
	struct spawn spawn = {pidfd, actions, attributes, "pidfd_spawn", "pidfd_spawnp"};

	return spawn_search(&spawn, file, argv, envp);
}
#endif
