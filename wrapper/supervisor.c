/* One session's part of the supervisor, whatever loop it is served by. */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 6.6; older headers do not know it. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

void supervisor_init(struct supervisor *supervisor, int listener,
		     const struct session *session)
{
	supervisor->listener = listener;
	supervisor->session = session;
	supervisor->gate = -1;
	pthread_mutex_init(&supervisor->lock, NULL);
	pthread_mutex_init(&supervisor->finder.lock, NULL);
}

static int open_gate(struct supervisor *supervisor, struct fault *fault)
{
	struct exec_finder *finder = &supervisor->finder;
	struct stat status;

	supervisor->gate = open(supervisor->session->gate, O_RDONLY | O_CLOEXEC);
	if (supervisor->gate < 0 || fstat(supervisor->gate, &status) < 0)
		return fault_set(fault,
				 "%s cannot be opened: %s; it takes the place of "
				 "guarded commands",
				 supervisor->session->gate, strerror(errno));
	finder->gate_device = status.st_dev;
	finder->gate_inode = status.st_ino;
	return 0;
}

static int map_table(const struct supervisor *supervisor, struct guard_table *table,
		     struct fault *fault)
{
	char path[PATH_MAX];
	int error;

	if (snprintf(path, sizeof(path), "%s/guard.table",
		     supervisor->session->directory) >= (int)sizeof(path))
		return fault_set(fault, "the session's directory has too long a name");
	error = guard_map(table, path);
	if (error < 0)
		return fault_set(fault, "%s cannot be read: %s", path, strerror(-error));
	return 0;
}

static int open_table(struct supervisor *supervisor, struct fault *fault)
{
	if (map_table(supervisor, &supervisor->finder.table, fault) < 0)
		return -1;
	supervisor->finder.session = supervisor->session->directory;
	/* Without it every caller is taken to have a root of its own, which is slow. */
	exec_root_own(&supervisor->finder.root);
	return 0;
}

int supervisor_open(struct supervisor *supervisor, struct fault *fault)
{
	if (open_gate(supervisor, fault) < 0 || open_table(supervisor, fault) < 0)
		return -1;
	/* One of the two always waits for the other: no processor need be woken for that. */
	(void)ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	return 0;
}

int supervisor_refresh(struct supervisor *supervisor, struct fault *fault)
{
	struct exec_finder *finder = &supervisor->finder;
	struct guard_table table = {0};

	if (map_table(supervisor, &table, fault) < 0)
		return -1;
	guard_unmap(&finder->table);
	finder->table = table;
	/* What was not guarded may be so now. */
	memset(finder->known, 0, sizeof(finder->known));
	return 0;
}

void supervisor_close(struct supervisor *supervisor)
{
	guard_unmap(&supervisor->finder.table);
	if (supervisor->gate >= 0)
		close(supervisor->gate);
	pthread_mutex_destroy(&supervisor->lock);
	pthread_mutex_destroy(&supervisor->finder.lock);
}

size_t supervisor_call_size(void)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
	    sizes.seccomp_notif > sizeof(struct seccomp_notif))
		return sizes.seccomp_notif;
	return sizeof(struct seccomp_notif);
}

bool supervisor_receive(struct supervisor *supervisor, struct seccomp_notif *call,
			size_t size)
{
	/* The kernel refuses a buffer that is not all zeroes. */
	memset(call, 0, size);
	/* ENOENT: it was killed, or interrupted, before it was looked at. */
	return ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_RECV, call) == 0;
}
