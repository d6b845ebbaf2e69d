/*
 * What is left when tallyd is stopped for good: the service manager drops the listeners then,
 * and no program could be started in any session. A process of its own goes on with them:
 * what is not guarded runs, what is comes to the gate, which finds no tallyd and refuses. It
 * ends with the last session, or when there is a tallyd that has taken the sessions over.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "probe.h"
#include "watch.h"

enum { GRACE_MS = 2000, LOOK_MS = 200, EVENTS = 64 };

static bool no_gate(void *context, pid_t process)
{
	(void)context, (void)process;
	return false;
}

static bool allows_nothing(void *context, pid_t process, uint64_t device, uint64_t inode,
			   const char *argv_digest)
{
	(void)context, (void)process, (void)device, (void)inode, (void)argv_digest;
	return false;
}

static bool let_stand(void *context, const struct session *session, pid_t process)
{
	(void)context, (void)session, (void)process;
	return true;
}

static void no_alert(void *context, const struct session *session, pid_t process,
		     const char *action, const char *reason)
{
	(void)context, (void)session, (void)process, (void)action, (void)reason;
}

/* Threads do not survive a fork: all that they were for is made anew. */
static bool begin(struct watch *watch)
{
	watch->daemon = (struct supervisor_daemon){.is_gate = no_gate,
						   .allows = allows_nothing,
						   .gate_stands = let_stand,
						   .alert = no_alert};
	watch->workers = workers_new();
	watch->poll = epoll_create1(EPOLL_CLOEXEC);
	watch->store = false;
	close(watch->accept);
	for (struct watch_session *session = watch->sessions; session;
	     session = session->next) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};

		session->supervisor.workers = watch->workers;
		atomic_store(&session->supervisor.busy, 0);
		if (epoll_ctl(watch->poll, EPOLL_CTL_ADD, session->supervisor.listener,
			      &event) < 0)
			return false;
	}
	return watch->workers && watch->poll >= 0;
}

static bool taken_over(const struct watch *watch, uint32_t owner)
{
	return __atomic_load_n(watch->journal.owner, __ATOMIC_ACQUIRE) != owner;
}

void watch_care(struct watch *watch)
{
	uint32_t owner = *watch->journal.owner;
	int64_t until = probe_clock() + GRACE_MS;
	struct epoll_event events[EVENTS];

	prctl(PR_SET_NAME, "tallyd-care");
	/* Of what the service manager still sends to the service it has stopped. */
	signal(SIGHUP, SIG_IGN);
	if (!begin(watch))
		return;
	/* A restart, most likely. */
	while (probe_clock() < until) {
		if (taken_over(watch, owner))
			return;
		usleep(LOOK_MS * 1000);
	}
	sessions_resume(watch);
	while (watch->sessions && !taken_over(watch, owner)) {
		int count = epoll_wait(watch->poll, events, EVENTS, LOOK_MS);

		for (int i = 0; i < count && !taken_over(watch, owner); i++)
			session_event(watch, events[i].data.ptr, events[i].events);
	}
}
