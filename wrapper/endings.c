/* The supervisor's table of commands that have not ended. */
#include "ending.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"
#include "ending_socket.h"
#include "exit_info.h"
#include "grant.h"
#include "process.h"

enum {
	MOST_ENDINGS = 1024,
	END_BYTES = 1 << 20, /* memory for writing one end */
	LAST_MS = 1000,
};

struct ending {
	int pidfd; /* -1: free */
	pid_t pid;
	unsigned long long start;
	int64_t since;
	bool ended;
	char message[ENDING_MESSAGE + 2];
};

struct endings {
	const struct session *session;
	int poll, socket;
	struct workers *workers;
	pthread_mutex_t lock; /* of the table */
	struct ending table[MOST_ENDINGS];
};

/* One end, on its way to the log. */
struct end_work {
	const struct session *session;
	unsigned long long start;
	struct audit_end end;
	char message[ENDING_MESSAGE + 2];
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what is written ---- */

static void write_end(void *context)
{
	struct end_work *work = context;
	struct arena *arena = arena_new(END_BYTES);
	struct fault fault;

	grant_drop(work->session->directory, work->end.pid, work->start);
	/* The command is over either way; the verification of the log tells what is missing. */
	if (arena)
		(void)audit_write_end(arena, work->session->state, &work->end, &fault);
	arena_free(arena);
	free(work);
}

static void forget(struct ending *ending)
{
	if (ending->pidfd >= 0)
		close(ending->pidfd);
	ending->pidfd = -1;
}

static void finish(struct endings *endings, struct ending *ending, bool known, int status)
{
	struct end_work *work = calloc(1, sizeof(*work));

	if (work) {
		work->session = endings->session;
		work->start = ending->start;
		memcpy(work->message, ending->message, sizeof(work->message));
		work->end = (struct audit_end){
			.event = work->message,
			.pid = ending->pid,
			.status_known = known,
			.status = status,
			.milliseconds = now_ms() - ending->since,
			.tool = work->message + strlen(work->message) + 1,
		};
		if (!workers_do(endings->workers, write_end, work))
			write_end(work);
	}
	forget(ending);
}

/* ---- announcements ---- */

static struct ending *free_place(struct endings *endings)
{
	for (size_t i = 0; i < MOST_ENDINGS; i++)
		if (endings->table[i].pidfd < 0)
			return &endings->table[i];
	return NULL;
}

/* "EVENT\0TOOL\0": neither text may be missing. */
static bool well_formed(const char *message, size_t length)
{
	const char *end = memchr(message, '\0', length);

	return end && end > message && end + 2 < message + length &&
	       message[length - 1] == '\0';
}

static void announced(struct endings *endings, pid_t pid, const char *message,
		      size_t length)
{
	struct ending *ending = free_place(endings);
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT};
	struct process process;

	if (!ending || !well_formed(message, length))
		return;
	memset(ending->message, 0, sizeof(ending->message));
	memcpy(ending->message, message, length);
	ending->pid = pid;
	ending->start = process_look(pid, &process) ? process.start : 0;
	ending->since = now_ms();
	ending->ended = false;
	ending->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	event.data.ptr = ending;
	/* It may be over already. */
	if (ending->pidfd < 0 ||
	    epoll_ctl(endings->poll, EPOLL_CTL_ADD, ending->pidfd, &event) < 0)
		finish(endings, ending, false, 0);
}

/* Who it is says the kernel, not the message. False when there is no message. */
static bool receive_one(struct endings *endings)
{
	char message[ENDING_MESSAGE];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec vector = {message, sizeof(message)};
	struct msghdr header = {
		.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t length = recvmsg(endings->socket, &header, MSG_DONTWAIT | MSG_TRUNC);
	struct cmsghdr *part = length > 0 ? CMSG_FIRSTHDR(&header) : NULL;
	struct ucred who;

	if (!part || (size_t)length > sizeof(message) || part->cmsg_level != SOL_SOCKET ||
	    part->cmsg_type != SCM_CREDENTIALS)
		return length > 0;
	memcpy(&who, CMSG_DATA(part), sizeof(who));
	/* Only the user of the session, and root by sudo, has commands in it. */
	if (who.pid > 0 && (who.uid == getuid() || who.uid == 0 || getuid() == 0))
		announced(endings, who.pid, message, (size_t)length);
	return true;
}

/* ---- the table ---- */

static int listen_in(struct endings *endings)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = endings};
	struct sockaddr_un address;
	char path[PATH_MAX];
	int directory, on = 1, result = -1;

	endings->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	directory = ending_address(endings->session->directory, &address);
	if (endings->socket < 0 || directory < 0)
		return -1;
	if (snprintf(path, sizeof(path), "%s/%s", endings->session->directory,
		     ENDING_NAME) < (int)sizeof(path))
		unlink(path);
	if (setsockopt(endings->socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0 &&
	    bind(endings->socket, (const struct sockaddr *)&address, sizeof(address)) ==
		    0)
		result = epoll_ctl(endings->poll, EPOLL_CTL_ADD, endings->socket, &event);
	close(directory);
	return result;
}

struct endings *endings_new(const struct session *session, int poll,
			    struct workers *workers, struct fault *fault)
{
	struct endings *endings = calloc(1, sizeof(*endings));

	if (!endings) {
		fault_set(fault, "out of memory");
		return NULL;
	}
	endings->session = session;
	endings->poll = poll;
	pthread_mutex_init(&endings->lock, NULL);
	endings->workers = workers;
	for (size_t i = 0; i < MOST_ENDINGS; i++)
		endings->table[i].pidfd = -1;
	if (listen_in(endings) < 0) {
		fault_set(fault, "no socket can be made in %s: %s", session->directory,
			  strerror(errno));
		if (endings->socket >= 0)
			close(endings->socket);
		free(endings);
		return NULL;
	}
	return endings;
}

/*
 * First a zombie tells its status, then, once its parent has reaped it, the kernel does. A
 * parent that never looks is waited for by endings_free() at the latest.
 */
static void look(struct endings *endings, struct ending *ending, bool last)
{
	struct epoll_event reaped = {.events = EPOLLONESHOT, .data.ptr = ending};
	int status = 0;

	if (exit_info_of(ending->pidfd, ending->pid, ending->start, &status))
		finish(endings, ending, true, status);
	else if (last || ending->ended ||
		 epoll_ctl(endings->poll, EPOLL_CTL_MOD, ending->pidfd, &reaped) < 0)
		finish(endings, ending, false, 0);
	else
		ending->ended = true;
}

void endings_receive(struct endings *endings)
{
	pthread_mutex_lock(&endings->lock);
	while (receive_one(endings))
		;
	pthread_mutex_unlock(&endings->lock);
}

void endings_handle(struct endings *endings, void *data)
{
	if (data == endings) {
		endings_receive(endings);
		return;
	}
	pthread_mutex_lock(&endings->lock);
	if (((struct ending *)data)->pidfd >= 0)
		look(endings, data, false);
	pthread_mutex_unlock(&endings->lock);
}

void endings_free(struct endings *endings)
{
	int64_t until = now_ms() + LAST_MS, left;
	char path[PATH_MAX];

	endings_receive(endings);
	for (size_t i = 0; i < MOST_ENDINGS; i++) {
		struct pollfd end = {.fd = endings->table[i].pidfd, .events = POLLIN};

		if (end.fd < 0)
			continue;
		/* The last one may be on its way out still. */
		left = until - now_ms();
		poll(&end, 1, left > 0 ? (int)left : 0);
		look(endings, &endings->table[i], true);
	}
	close(endings->socket);
	if (snprintf(path, sizeof(path), "%s/%s", endings->session->directory,
		     ENDING_NAME) < (int)sizeof(path))
		unlink(path);
	pthread_mutex_destroy(&endings->lock);
	free(endings);
}
