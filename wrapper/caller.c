#include "caller.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { X32_BIT = 0x40000000, PAGE = 4096 };

/* Of the ABIs whose numbers <sys/syscall.h> does not show to a native program. */
enum { COMPAT_EXECVEAT = 358, X32_EXECVEAT = 545, ARM_EXECVEAT = 387 };

#if defined(__x86_64__)
static const uint32_t native_arch = AUDIT_ARCH_X86_64, compat_arch = AUDIT_ARCH_I386;
#elif defined(__aarch64__)
static const uint32_t native_arch = AUDIT_ARCH_AARCH64, compat_arch = 0;
#else
#error "wrapper/caller.c: the system calls of this machine are not described yet"
#endif

static void read_abi(const struct seccomp_data *data, struct caller *caller)
{
	int number = data->nr;

	caller->pointer = sizeof(uint64_t);
	caller->abi = CALLER_NATIVE;
	caller->at = number == SYS_execveat;
	if (data->arch == native_arch) {
		if (native_arch != AUDIT_ARCH_X86_64 || !(number & X32_BIT))
			return;
		caller->abi = CALLER_X32;
		caller->at = (number & ~X32_BIT) == X32_EXECVEAT;
	} else {
		caller->abi = data->arch == compat_arch ? CALLER_COMPAT : CALLER_FOREIGN;
		caller->at = number == (caller->abi == CALLER_COMPAT ? COMPAT_EXECVEAT
								     : ARM_EXECVEAT);
	}
	caller->pointer = sizeof(uint32_t);
}

void caller_of(int listener, const struct seccomp_notif *call, struct caller *caller)
{
	const __u64 *args = call->data.args;

	*caller = (struct caller){
		.listener = listener,
		.id = call->id,
		.tid = (pid_t)call->pid,
		.instruction = call->data.instruction_pointer,
		.directory = AT_FDCWD,
	};
	read_abi(&call->data, caller);
	if (caller->at) {
		caller->directory = (int)args[0];
		caller->flags = (int)args[4];
		args++;
	}
	caller->path = args[0];
	caller->argv = args[1];
	caller->envp = args[2];
	if (caller->pointer == sizeof(uint32_t)) {
		caller->path &= UINT32_MAX;
		caller->argv &= UINT32_MAX;
		caller->envp &= UINT32_MAX;
	}
}

bool caller_waiting(const struct caller *caller)
{
	__u64 id = caller->id;

	return ioctl(caller->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static bool answer(const struct caller *caller, int error, unsigned int flags)
{
	struct seccomp_notif_resp response = {
		.id = caller->id, .error = -error, .flags = flags};

	bool taken = ioctl(caller->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0;

	if (caller->answered)
		__atomic_store_n(caller->answered, 0, __ATOMIC_RELEASE);
	return taken;
}

bool caller_continue(const struct caller *caller)
{
	return answer(caller, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

bool caller_refuse(const struct caller *caller, int error)
{
	return answer(caller, error, 0);
}

int caller_give(const struct caller *caller, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = {
		.id = caller->id,
		.srcfd = (__u32)fd,
		.newfd_flags = cloexec ? O_CLOEXEC : 0,
	};
	int number;

	do
		number = ioctl(caller->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	while (number < 0 && errno == EINTR);
	return number < 0 ? -errno : number;
}

/* ---- memory ---- */

static ssize_t read_file(pid_t tid, uint64_t address, void *bytes, size_t size)
{
	char path[64];
	ssize_t got;
	int fd, error;

	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES ? -EPERM : -errno;
	got = pread(fd, bytes, size, (off_t)address);
	error = errno;
	close(fd);
	if (got > 0)
		return got;
	return got < 0 && error != EIO ? -error : -EFAULT;
}

ssize_t caller_read(const struct caller *caller, uint64_t address, void *bytes,
		    size_t size)
{
	struct iovec local = {bytes, size};
	struct iovec remote = {(void *)(uintptr_t)address, size};
	ssize_t got = process_vm_readv(caller->tid, &local, 1, &remote, 1, 0);

	if (got > 0)
		return got;
	if (got == 0 || errno == EFAULT)
		return -EFAULT;
	/* Some kernels are built without it, and some sandboxes forbid it. */
	return read_file(caller->tid, address, bytes, size);
}

ssize_t caller_string(const struct caller *caller, uint64_t address, char *text,
		      size_t size)
{
	size_t length = 0;

	while (length < size) {
		/* Never across a page: the next one need not be there. */
		size_t chunk = PAGE - (size_t)((address + length) % PAGE);
		ssize_t got;
		char *end;

		if (length == 0 && chunk > 256)
			chunk = 256;
		if (chunk > size - length)
			chunk = size - length;
		got = caller_read(caller, address + length, text + length, chunk);
		if (got < 0)
			return got;
		end = memchr(text + length, '\0', (size_t)got);
		if (end)
			return end - text;
		length += (size_t)got;
	}
	return -ENAMETOOLONG;
}

static int read_pointer(const struct caller *caller, uint64_t address, uint64_t *value)
{
	uint32_t narrow;
	unsigned char bytes[sizeof(uint64_t)] = {0};
	size_t have = 0;

	while (have < caller->pointer) {
		ssize_t got = caller_read(caller, address + have, bytes + have,
					  caller->pointer - have);

		if (got < 0)
			return (int)got;
		have += (size_t)got;
	}
	if (caller->pointer == sizeof(narrow)) {
		memcpy(&narrow, bytes, sizeof(narrow));
		*value = narrow;
	} else {
		memcpy(value, bytes, sizeof(*value));
	}
	return 0;
}

int caller_words(const struct caller *caller, struct caller_words *words)
{
	size_t used = 0;

	words->count = 0;
	words->complete = caller->argv == 0;
	while (!words->complete && words->count < words->limit && used < words->size) {
		uint64_t address = 0;
		ssize_t length;
		int error = read_pointer(
			caller, caller->argv + words->count * caller->pointer, &address);

		if (error < 0)
			return error;
		if (!address) {
			words->complete = true;
			return 0;
		}
		length = caller_string(caller, address, words->text + used,
				       words->size - used);
		if (length == -ENAMETOOLONG)
			return 0;
		if (length < 0)
			return (int)length;
		words->words[words->count++] = words->text + used;
		used += (size_t)length + 1;
	}
	return 0;
}

/* ---- what /proc says ---- */

static ssize_t read_proc(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	got = read(fd, text, size - 1);
	close(fd);
	if (got > 0)
		text[got] = '\0';
	return got > 0 ? got : -1;
}

static long status_field(const char *text, const char *name, long missing)
{
	const char *at = strstr(text, name);

	return at ? strtol(at + strlen(name), NULL, 10) : missing;
}

bool caller_status(pid_t tid, struct caller_status *status)
{
	char text[4096];

	if (read_proc(tid, "status", text, sizeof(text)) < 0)
		return false;
	/* The name of the program comes first, and a newline in it is shown as \n. */
	status->process = (pid_t)status_field(text, "\nTgid:", 0);
	status->parent = (pid_t)status_field(text, "\nPPid:", 0);
	status->tracer = (pid_t)status_field(text, "\nTracerPid:", 0);
	status->filters = status_field(text, "\nSeccomp_filters:", -1);
	return true;
}

bool caller_traced_by_us(pid_t tracer)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld", (long)tracer);
	return tracer > 0 && access(path, F_OK) == 0;
}

struct stat_line {
	char state;
	pid_t parent;
	long terminal, threads;
};

/* proc(5): pid (comm) state ppid pgrp session tty_nr ... num_threads is field 20. */
static bool read_stat(pid_t pid, struct stat_line *line)
{
	char text[1024], *p;

	if (read_proc(pid, "stat", text, sizeof(text)) < 0)
		return false;
	p = strrchr(text, ')');
	if (!p || p[1] != ' ')
		return false;
	p += 2;
	line->state = *p;
	for (int field = 3; *p; field++) {
		if (field == 4)
			line->parent = (pid_t)strtol(p, NULL, 10);
		if (field == 7)
			line->terminal = strtol(p, NULL, 10);
		if (field == 20) {
			line->threads = strtol(p, NULL, 10);
			return true;
		}
		p += strcspn(p, " ");
		p += *p == ' ';
	}
	return false;
}

bool caller_shares_memory(pid_t tid)
{
	enum { LEVELS = 8 };
	struct stat_line line;

	if (!read_stat(tid, &line) || line.threads != 1)
		return true;
	for (int level = 0; level < LEVELS && line.parent > 0; level++) {
		pid_t parent = line.parent;
		long same = syscall(SYS_kcmp, tid, parent, KCMP_VM, 0, 0);

		if (same != 0)
			return same < 0 && errno != ESRCH;
		/* A parent that waits in vfork() ("D") writes nothing; its other threads may. */
		if (!read_stat(parent, &line) || line.threads != 1 || line.state != 'D')
			return true;
	}
	return false;
}

int caller_open(pid_t tid, const char *path, int flags)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	struct stat status;
	char proc[64];
	int fd, error;

	if (uid != 0)
		return open(path, flags);
	/* proc(5): a process's directory belongs to its effective user, or, closed, to root. */
	snprintf(proc, sizeof(proc), "/proc/%ld", (long)tid);
	if (stat(proc, &status) < 0)
		return -1;
	setfsgid(status.st_gid);
	setfsuid(status.st_uid);
	fd = open(path, flags);
	error = errno;
	setfsuid(uid);
	setfsgid(gid);
	errno = error;
	return fd;
}

/* proc(5), fdinfo: the flags, in octal. */
static bool is_written_to(pid_t tid)
{
	char text[256], *flags;
	long mode;

	if (read_proc(tid, "fdinfo/2", text, sizeof(text)) < 0)
		return false;
	flags = strstr(text, "flags:");
	mode = flags ? strtol(flags + strlen("flags:"), NULL, 8) : O_RDONLY;
	return !(mode & O_PATH) && (mode & O_ACCMODE) != O_RDONLY;
}

/* What sshd may give to a command without a terminal cannot be opened, only sent to. */
static int stderr_socket(pid_t tid)
{
	struct caller_status status;
	struct stat file;
	int pidfd, fd;

	if (!caller_status(tid, &status))
		return -1;
	pidfd = (int)syscall(SYS_pidfd_open, status.process, 0);
	fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, STDERR_FILENO, 0);
	if (pidfd >= 0)
		close(pidfd);
	if (fd < 0 || (fstat(fd, &file) == 0 && S_ISSOCK(file.st_mode)))
		return fd;
	close(fd);
	return -1;
}

int caller_stderr(pid_t tid)
{
	enum { PTS_FIRST = 136, PTS_LAST = 143 }; /* majors: devices.txt of the kernel */
	const int flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat_line line;
	char path[64];
	int fd, minor;

	/* Nothing is written to what it has open for reading only, whoever owns that. */
	snprintf(path, sizeof(path), "/proc/%ld/fd/2", (long)tid);
	fd = is_written_to(tid) ? caller_open(tid, path, flags) : -1;
	if (fd < 0)
		fd = stderr_socket(tid);
	if (fd >= 0 || !read_stat(tid, &line))
		return fd;
	/* Whose memory is closed has closed this too: then the terminal it sits at. */
	if ((line.terminal >> 8 & 0xfff) < PTS_FIRST ||
	    (line.terminal >> 8 & 0xfff) > PTS_LAST)
		return -1;
	minor = (int)((line.terminal & 0xff) | (line.terminal >> 12 & 0xfff00));
	snprintf(path, sizeof(path), "/dev/pts/%d",
		 (int)((line.terminal >> 8 & 0xfff) - PTS_FIRST) * 256 + minor);
	return caller_open(tid, path, flags);
}

void caller_tell(int fd, char *line)
{
	ssize_t done;
	size_t length = strlen(line);

	if (fd < 0)
		return;
	for (size_t i = 0; i + 1 < length; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	done = send(fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done < 0 && errno == ENOTSOCK)
		done = write(fd, line, length);
	(void)done; /* nothing can be done for somebody who does not listen */
	close(fd);
}
