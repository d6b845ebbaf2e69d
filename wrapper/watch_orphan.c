#include "watch_orphan.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller.h"

enum {
	MOST_SKIPPED = 256,
	X32_BIT = 0x40000000,
	COMPAT_EXECVE = 11,
	COMPAT_EXECVEAT = 358
};

/* Those between were killed before they were taken. */
static bool find_id(struct caller *caller, uint64_t last)
{
	for (uint64_t i = 1; i <= MOST_SKIPPED; i++) {
		caller->id = last + i;
		if (caller_waiting(caller))
			return true;
	}
	return false;
}

static bool has_file(const char *process, const char *thread, int number,
		     const struct stat *file)
{
	struct stat status;
	char path[128];

	snprintf(path, sizeof(path), "/proc/%.20s/task/%.20s/fd/%d", process, thread,
		 number);
	return stat(path, &status) == 0 && status.st_dev == file->st_dev &&
	       status.st_ino == file->st_ino;
}

static bool read_call(const char *thread, struct seccomp_notif *call)
{
	unsigned long long args[6], instruction;
	char path[64], text[256] = "";
	FILE *file;
	long number;
	bool good;

	snprintf(path, sizeof(path), "/proc/%.20s/syscall", thread);
	file = fopen(path, "re");
	good = file && fgets(text, sizeof(text), file) &&
	       sscanf(text, "%ld %llx %llx %llx %llx %llx %llx %*x %llx", &number,
		      &args[0], &args[1], &args[2], &args[3], &args[4], &args[5],
		      &instruction) == 8;
	if (file)
		fclose(file);
	if (!good)
		return false;
	call->pid = (__u32)strtol(thread, NULL, 10);
	call->data.nr = (int)number;
	for (int i = 0; i < 6; i++)
		call->data.args[i] = args[i];
	call->data.instruction_pointer = instruction;
#if defined(__x86_64__)
	call->data.arch = number == COMPAT_EXECVE || number == COMPAT_EXECVEAT
				  ? AUDIT_ARCH_I386
				  : AUDIT_ARCH_X86_64;
#else
	call->data.arch = AUDIT_ARCH_AARCH64;
#endif
	return true;
}

/* Threads of one process may share their files: the one that executes is meant. */
static bool in_exec(const char *thread, struct seccomp_notif *call)
{
	long number;

	if (!read_call(thread, call))
		return false;
	number = call->data.nr & ~X32_BIT;
	return number == SYS_execve || number == SYS_execveat ||
	       number == COMPAT_EXECVE || number == COMPAT_EXECVEAT || number == 520 ||
	       number == 545;
}

static bool look_at_process(const char *process, int number, const struct stat *file,
			    struct seccomp_notif *call)
{
	char path[64];
	struct dirent *entry;
	bool found = false;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%.20s/task", process);
	threads = opendir(path);
	while (threads && !found && (entry = readdir(threads)))
		found = entry->d_name[0] != '.' &&
			has_file(process, entry->d_name, number, file) &&
			in_exec(entry->d_name, call);
	if (threads)
		closedir(threads);
	return found;
}

static bool find_thread(const struct caller *caller, struct seccomp_notif *call)
{
	int fd = memfd_create("tallyd", MFD_CLOEXEC), number = -1;
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	struct stat file;
	bool found = false;

	if (fd >= 0 && fstat(fd, &file) == 0)
		number = caller_give(caller, fd, true);
	while (processes && number >= 0 && !found && (entry = readdir(processes)))
		found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
			strtol(entry->d_name, NULL, 10) != getpid() &&
			look_at_process(entry->d_name, number, &file, call);
	if (processes)
		closedir(processes);
	if (fd >= 0)
		close(fd);
	return found;
}

bool orphan_find(int listener, uint64_t last, struct seccomp_notif *call)
{
	struct caller caller = {.listener = listener};

	memset(call, 0, sizeof(*call));
	if (!find_id(&caller, last) || !find_thread(&caller, call))
		return false;
	call->id = caller.id;
	return caller_waiting(&caller);
}
