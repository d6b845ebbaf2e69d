#include "supervise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "receiver.h"
#include "supervisor.h"

enum { EVENTS = 16, FINISH_MS = 2000 };

/* What the loop serves besides the endings. */
struct serving {
	struct supervisor supervisor;
	struct receiver *receiver;
	int poll, wake;
	bool over;
};

/* ---- setting up ---- */

static int add(struct serving *serving, int fd, unsigned int events, void *data,
	       const char *what, struct fault *fault)
{
	struct epoll_event event = {.events = events, .data.ptr = data};

	if (epoll_ctl(serving->poll, EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	return fault_set(fault, "%s cannot be waited for: %s", what, strerror(errno));
}

static int open_all(struct serving *serving, int wake, struct fault *fault)
{
	struct supervisor *supervisor = &serving->supervisor;

	supervisor->workers = workers_new();
	if (supervisor_open(supervisor, fault) < 0)
		return -1;
	serving->poll = epoll_create1(EPOLL_CLOEXEC);
	if (!supervisor->workers || serving->poll < 0)
		return fault_set(fault, "the supervisor cannot be set up: %s",
				 strerror(errno));
	/* That nobody is left is told unasked; the rest is for the receiver. */
	if (add(serving, supervisor->listener, 0, &supervisor->listener, "the session",
		fault) < 0 ||
	    (wake >= 0 && add(serving, wake, EPOLLIN, &serving->wake,
			      "the supervisor's signals", fault) < 0))
		return -1;
	supervisor->endings = endings_new(supervisor->session, serving->poll,
					  supervisor->workers, fault);
	if (!supervisor->endings)
		return -1;
	serving->receiver = receiver_start(supervisor, fault);
	return serving->receiver ? 0 : -1;
}

/* ---- serving ---- */

static int serve(struct serving *serving, int (*woken)(void *context), void *context,
		 struct fault *fault)
{
	struct epoll_event events[EVENTS];

	while (!serving->over) {
		int count = epoll_wait(serving->poll, events, EVENTS, -1);

		if (count < 0 && errno != EINTR)
			return fault_set(fault, "the supervisor cannot wait: %s",
					 strerror(errno));
		for (int i = 0; i < count; i++) {
			void *data = events[i].data.ptr;

			if (data == &serving->wake)
				serving->over |= woken(context) != 0;
			else if (data == &serving->supervisor.listener)
				serving->over = true;
			else
				endings_handle(serving->supervisor.endings, data);
		}
	}
	return 0;
}

/* False when a thread still hangs somewhere: then what it uses must stay. */
static bool close_all(struct serving *serving)
{
	struct supervisor *supervisor = &serving->supervisor;

	/* It may have something for the workers still. */
	if (serving->receiver && !receiver_stop(serving->receiver))
		return false;
	if (supervisor->endings)
		endings_free(supervisor->endings);
	if (serving->poll >= 0)
		close(serving->poll);
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
