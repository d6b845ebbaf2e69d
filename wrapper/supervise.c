#include "supervise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "ending.h"
#include "supervisor.h"

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

static int open_call(struct serving *serving, struct fault *fault)
{
	serving->call_size = supervisor_call_size();
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

	supervisor->workers = workers_new();
	if (supervisor_open(supervisor, fault) < 0 || open_call(serving, fault) < 0)
		return -1;
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
		if (supervisor_receive(&serving->supervisor, serving->call,
				       serving->call_size))
			settle(&serving->supervisor, serving->call, NULL);
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
	supervisor_close(supervisor);
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
	supervisor_init(&serving->supervisor, listener, session);
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
