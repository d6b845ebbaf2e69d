#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ending.h"
#include "supervisor.h"

/* Linux 6.6; older headers do not know it. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

enum { EVENTS = 16, FINISH_MS = 2000 };

/* What the loop serves besides the endings. */
struct serving {
	struct supervisor supervisor;
	struct endings *endings;
	int poll, wake;
	bool over;
	/* Of the kernel's size, which may be larger than the one of our headers. */
	struct seccomp_notif *call;
	size_t call_size;
};

/* ---- setting up ---- */

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

static int open_table(struct supervisor *supervisor, struct fault *fault)
{
	char path[PATH_MAX];
	int error;

	if (snprintf(path, sizeof(path), "%s/guard.table",
		     supervisor->session->directory) >= (int)sizeof(path))
		return fault_set(fault, "the session's directory has too long a name");
	error = guard_map(&supervisor->finder.table, path);
	if (error < 0)
		return fault_set(fault, "%s cannot be read: %s", path, strerror(-error));
	supervisor->finder.session = supervisor->session->directory;
	/* Without it every caller is taken to have a root of its own, which is slow. */
	exec_root_own(&supervisor->finder.root);
	return 0;
}

static int open_call(struct serving *serving, struct fault *fault)
{
	struct seccomp_notif_sizes sizes;

	serving->call_size = sizeof(*serving->call);
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
	    sizes.seccomp_notif > serving->call_size)
		serving->call_size = sizes.seccomp_notif;
	serving->call = calloc(1, serving->call_size);
	return serving->call ? 0 : fault_set(fault, "out of memory");
}

static int add(struct serving *serving, int fd, void *data, const char *what,
	       struct fault *fault)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = data};

	if (epoll_ctl(serving->poll, EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	return fault_set(fault, "%s cannot be waited for: %s", what, strerror(errno));
}

static int open_all(struct serving *serving, int wake, struct fault *fault)
{
	struct supervisor *supervisor = &serving->supervisor;

	if (open_gate(supervisor, fault) < 0 || open_table(supervisor, fault) < 0 ||
	    open_call(serving, fault) < 0)
		return -1;
	/* One of the two always waits for the other: no processor need be woken for that. */
	(void)ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	supervisor->workers = workers_new();
	serving->poll = epoll_create1(EPOLL_CLOEXEC);
	if (!supervisor->workers || serving->poll < 0)
		return fault_set(fault, "the supervisor cannot be set up: %s",
				 strerror(errno));
	if (add(serving, supervisor->listener, &supervisor->listener, "the session",
		fault) < 0 ||
	    (wake >= 0 &&
	     add(serving, wake, &serving->wake, "the supervisor's signals", fault) < 0))
		return -1;
	serving->endings = endings_new(supervisor->session, serving->poll,
				       supervisor->workers, fault);
	return serving->endings ? 0 : -1;
}

/* ---- serving ---- */

/* Takes one notification; what its caller waits for is settled, here or by a thread. */
static void receive(struct serving *serving)
{
	int result;

	/* The kernel refuses a buffer that is not all zeroes. */
	memset(serving->call, 0, serving->call_size);
	result = ioctl(serving->supervisor.listener, SECCOMP_IOCTL_NOTIF_RECV,
		       serving->call);
	/* ENOENT: it was killed, or interrupted, before it was looked at. */
	if (result < 0)
		return;
	settle(&serving->supervisor, serving->call);
}

static bool is_ending(const struct serving *serving, const struct epoll_event *event)
{
	return event->data.ptr != &serving->supervisor.listener &&
	       event->data.ptr != &serving->wake;
}

static void handle(struct serving *serving, const struct epoll_event *event,
		   int (*woken)(void *context), void *context)
{
	if (event->data.ptr == &serving->wake) {
		if (woken(context) != 0)
			serving->over = true;
	} else if (event->events & EPOLLIN) {
		receive(serving);
	} else if (event->events & (EPOLLHUP | EPOLLERR)) {
		serving->over = true;
	}
}

static int serve(struct serving *serving, int (*woken)(void *context), void *context,
		 struct fault *fault)
{
	struct epoll_event events[EVENTS];

	while (!serving->over) {
		int count = epoll_wait(serving->poll, events, EVENTS, -1);

		if (count < 0 && errno != EINTR)
			return fault_set(fault, "the supervisor cannot wait: %s",
					 strerror(errno));
		/*
		 * A gate announces what it becomes just before it executes it: who is
		 * known has to be looked at before it is let go, and perhaps over.
		 */
		for (int i = 0; i < count; i++)
			if (is_ending(serving, &events[i]))
				endings_handle(serving->endings, events[i].data.ptr);
		for (int i = 0; i < count; i++)
			if (!is_ending(serving, &events[i]))
				handle(serving, &events[i], woken, context);
	}
	return 0;
}

/* False when a thread still hangs somewhere: then what it uses must stay. */
static bool close_all(struct serving *serving)
{
	struct supervisor *supervisor = &serving->supervisor;

	if (serving->endings)
		endings_free(serving->endings);
	if (serving->poll >= 0)
		close(serving->poll);
	free(serving->call);
	if (supervisor->workers && !workers_finish(supervisor->workers, FINISH_MS))
		return false;
	if (supervisor->workers)
		workers_free(supervisor->workers);
	guard_unmap(&supervisor->finder.table);
	if (supervisor->gate >= 0)
		close(supervisor->gate);
	pthread_mutex_destroy(&supervisor->lock);
	pthread_mutex_destroy(&supervisor->finder.lock);
	return true;
}

int supervise_serve(int listener, const struct session *session, int wake,
		    int (*woken)(void *context), void *context, struct fault *fault)
{
	struct serving *serving = calloc(1, sizeof(*serving));
	int result;

	if (!serving)
		return fault_set(fault, "out of memory");
	serving->poll = -1;
	serving->supervisor.listener = listener;
	serving->supervisor.session = session;
	serving->supervisor.gate = -1;
	pthread_mutex_init(&serving->supervisor.lock, NULL);
	pthread_mutex_init(&serving->supervisor.finder.lock, NULL);
	result = open_all(serving, wake, fault);
	if (result == 0) {
		if (!supervise_waits_killable())
			session_log(session,
				    "this kernel (before Linux 5.19) lets signals "
				    "interrupt an exec that is looked at; it is then "
				    "looked at again");
		result = serve(serving, woken, context, fault);
	}
	if (close_all(serving))
		free(serving);
	return result;
}
