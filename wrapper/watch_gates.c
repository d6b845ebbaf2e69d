/*
 * Gates that have been let stand, and what has become of them: only they may ask for
 * something, and their end is the end of what they were granted.
 */
#include <errno.h>
#include <linux/ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exit_info.h"
#include "process.h"
#include "watch.h"

static bool exe_of(pid_t pid, uint64_t *device, uint64_t *inode)
{
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/exe", (long)pid);
	if (stat(path, &status) < 0)
		return false;
	*device = status.st_dev;
	*inode = status.st_ino;
	return true;
}

/* With the lock. */
static struct journal_gate *find(struct watch *watch, pid_t pid)
{
	size_t first = (size_t)pid * 2654435761u % JOURNAL_GATES;

	/* Pids are dense, so the place that a pid hashes to is its own or near to it. */
	for (size_t i = 0; i < JOURNAL_GATES; i++) {
		struct journal_gate *gate =
			&watch->journal.gates[(first + i) % JOURNAL_GATES];

		if (gate->start && gate->pid == pid)
			return gate;
		if (!gate->start && !gate->pid)
			return NULL;
	}
	return NULL;
}

/* With the lock: a place that has never been used ends every search that gets there. */
static struct journal_gate *place_for(struct watch *watch, pid_t pid)
{
	size_t first = (size_t)pid * 2654435761u % JOURNAL_GATES;

	for (size_t i = 0; i < JOURNAL_GATES; i++) {
		struct journal_gate *gate =
			&watch->journal.gates[(first + i) % JOURNAL_GATES];

		if (!gate->start)
			return gate;
	}
	return NULL;
}

static struct watch_gate *beside(struct watch *watch, const struct journal_gate *gate)
{
	return &watch->gates[gate - watch->journal.gates];
}

/* Searches go on over what was given up, unless there is nothing behind it. */
static void tidy(struct watch *watch, size_t at)
{
	struct journal_gate *gates = watch->journal.gates;
	size_t next = (at + 1) % JOURNAL_GATES;

	while (!gates[at].start && gates[at].pid && !gates[next].start &&
	       !gates[next].pid) {
		gates[at].pid = 0;
		next = at;
		at = (at + JOURNAL_GATES - 1) % JOURNAL_GATES;
	}
}

/* With the lock. */
static void forget(struct watch *watch, struct journal_gate *gate)
{
	struct watch_gate *mine = beside(watch, gate);

	if (mine->pidfd >= 0)
		close(mine->pidfd);
	mine->pidfd = -1;
	gate->start = 0;
	tidy(watch, (size_t)(gate - watch->journal.gates));
}

/* With the lock: watches for its end. */
static bool watch_end(struct watch *watch, struct journal_gate *gate)
{
	struct watch_gate *mine = beside(watch, gate);
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = mine};

	mine->source = SOURCE_GATE;
	mine->ended = false;
	mine->pidfd = (int)syscall(SYS_pidfd_open, gate->pid, 0);
	return mine->pidfd >= 0 &&
	       epoll_ctl(watch->poll, EPOLL_CTL_ADD, mine->pidfd, &event) == 0;
}

/* With the lock. NULL when there is no place, or the process has gone. */
static struct journal_gate *add(struct watch *watch, pid_t pid, unsigned long long start,
				const char *session)
{
	struct journal_gate *gate = find(watch, pid);

	if (gate && gate->start == start)
		return gate;
	if (gate)
		forget(watch, gate);
	gate = place_for(watch, pid);
	if (!gate)
		return NULL;
	gate->device = gate->inode = 0;
	snprintf(gate->session, sizeof(gate->session), "%s", session);
	gate->pid = pid;
	__atomic_store_n(&gate->start, start, __ATOMIC_RELEASE);
	if (watch_end(watch, gate))
		return gate;
	forget(watch, gate);
	return NULL;
}

/* ---- what the supervisor asks; in any thread ---- */

static bool is_gate(void *context, pid_t pid)
{
	struct watch *watch = context;
	bool found;

	pthread_mutex_lock(&watch->lock);
	found = find(watch, pid) != NULL;
	pthread_mutex_unlock(&watch->lock);
	return found;
}

static bool allows(void *context, pid_t pid, uint64_t device, uint64_t inode,
		   const char *digest)
{
	struct watch *watch = context;
	struct process process;

	return process_look(pid, &process) &&
	       books_grant_allows(watch->books, pid, process.start, device, inode,
				  digest);
}

static bool gate_stands(void *context, const struct session *session, pid_t pid)
{
	struct watch *watch = context;
	struct journal_gate *gate = NULL;
	uint64_t device, inode;
	struct process process;

	pthread_mutex_lock(&watch->lock);
	/* Whatever the program before it has sent must not pass for the gate's. */
	peers_forget(watch, pid);
	if (process_look(pid, &process) && exe_of(pid, &device, &inode))
		gate = add(watch, pid, process.start, session->id);
	if (gate) {
		snprintf(gate->session, sizeof(gate->session), "%s", session->id);
		gate->device = device;
		gate->inode = inode;
	}
	pthread_mutex_unlock(&watch->lock);
	return gate != NULL;
}

static void alert(void *context, const struct session *session, pid_t pid,
		  const char *action, const char *reason)
{
	/* The session is the first thing after what it lies in, see watch.h. */
	struct watch_session *whole =
		(struct watch_session *)((char *)(uintptr_t)session -
					 offsetof(struct watch_session, session));
	struct who who = {.pid = pid, .uid = whole->uid};
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld", (long)pid);
	if (stat(path, &status) == 0)
		(void)who_of(pid, status.st_uid, status.st_gid, &who);
	watch_alert(context, whole, &who, action, reason);
}

bool gate_of(struct watch *watch, pid_t pid, unsigned long long start,
	     char session[JOURNAL_ID])
{
	const struct journal_gate *gate = find(watch, pid);
	uint64_t device, inode;

	if (!gate || gate->start != start || !exe_of(pid, &device, &inode) ||
	    gate->device != device || gate->inode != inode)
		return false;
	memcpy(session, gate->session, JOURNAL_ID);
	return true;
}

/* ---- their ends ---- */

/* Writes the end, once its status is known or will not be. */
void gate_event(struct watch *watch, struct watch_gate *mine)
{
	struct journal_gate *gate = &watch->journal.gates[mine - watch->gates];
	struct epoll_event reaped = {.events = EPOLLONESHOT, .data.ptr = mine};
	struct job *job = NULL;
	int status = 0;
	bool known;

	pthread_mutex_lock(&watch->lock);
	if (mine->pidfd >= 0 && gate->start) {
		known = exit_info_of(mine->pidfd, gate->pid, gate->start, &status);
		/* A zombie tells nothing more: the kernel does once its parent has looked. */
		if (!known && !mine->ended &&
		    epoll_ctl(watch->poll, EPOLL_CTL_MOD, mine->pidfd, &reaped) == 0) {
			mine->ended = true;
		} else {
			job = job_new(JOB_END);
			if (job) {
				job->pid = gate->pid;
				job->start = gate->start;
				job->status_known = known;
				job->status = status;
			}
			forget(watch, gate);
		}
	}
	pthread_mutex_unlock(&watch->lock);
	if (job && !queue_add(watch, job))
		job_free(job);
}

/* ---- the beginning ---- */

static void resume_grant(void *context, pid_t pid, unsigned long long start)
{
	struct watch *watch = context;

	pthread_mutex_lock(&watch->lock);
	(void)add(watch, pid, start, "");
	pthread_mutex_unlock(&watch->lock);
}

void gate_child(struct watch *watch, pid_t pid)
{
	struct process process;

	if (process_look(pid, &process))
		resume_grant(watch, pid, process.start);
}

void gates_init(struct watch *watch)
{
	for (size_t i = 0; i < JOURNAL_GATES; i++)
		watch->gates[i].pidfd = -1;
	watch->daemon = (struct supervisor_daemon){
		.is_gate = is_gate,
		.allows = allows,
		.gate_stands = gate_stands,
		.alert = alert,
	};
}

void gates_resume(struct watch *watch)
{
	for (size_t i = 0; i < JOURNAL_GATES; i++) {
		struct journal_gate *gate = &watch->journal.gates[i];
		struct job *job;
		bool lives;

		if (!gate->start)
			continue;
		pthread_mutex_lock(&watch->lock);
		lives = process_alive(gate->pid, gate->start) && watch_end(watch, gate);
		job = lives ? NULL : job_new(JOB_END);
		if (job) {
			job->pid = gate->pid;
			job->start = gate->start;
		}
		if (!lives)
			forget(watch, gate);
		pthread_mutex_unlock(&watch->lock);
		if (job && !queue_add(watch, job))
			job_free(job);
	}
	books_grants_each(watch->books, resume_grant, watch);
}
