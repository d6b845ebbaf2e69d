#include "receiver.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "supervisor.h"

enum { STACK_BYTES = 512 * 1024, STOP_MS = 200 };

struct receiver {
	struct supervisor *supervisor;
	pthread_t thread;
	atomic_bool over;
	/* Of the kernel's size, which may be larger than the one of our headers. */
	struct seccomp_notif *call;
	size_t call_size;
};

static bool hung_up(int listener)
{
	struct pollfd end = {.fd = listener};

	return poll(&end, 1, 0) > 0 && (end.revents & (POLLHUP | POLLNVAL));
}

static void *receive(void *context)
{
	struct receiver *receiver = context;
	int listener = receiver->supervisor->listener;

	while (!receiver->over) {
		if (supervisor_receive(receiver->supervisor, receiver->call,
				       receiver->call_size))
			settle(receiver->supervisor, receiver->call, NULL);
		/* ENOENT: that one was killed before it was looked at, or it was the last. */
		else if (errno != EINTR && (errno != ENOENT || hung_up(listener)))
			break;
	}
	return NULL;
}

/* All signals stay with the thread that called supervise_serve(). */
static int start_thread(struct receiver *receiver)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error = pthread_attr_init(&attributes);

	if (error)
		return error;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&receiver->thread, &attributes, receive, receiver);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

struct receiver *receiver_start(struct supervisor *supervisor, struct fault *fault)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));
	int error = ENOMEM;

	if (receiver) {
		receiver->supervisor = supervisor;
		receiver->call_size = supervisor_call_size();
		receiver->call = calloc(1, receiver->call_size);
	}
	if (receiver && receiver->call)
		error = start_thread(receiver);
	if (error == 0)
		return receiver;
	fault_set(fault, "the supervisor cannot be started: %s", strerror(error));
	if (receiver)
		free(receiver->call);
	free(receiver);
	return NULL;
}

bool receiver_stop(struct receiver *receiver)
{
	struct timespec until;

	receiver->over = true;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += STOP_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	if (pthread_timedjoin_np(receiver->thread, NULL, &until) != 0) {
		pthread_detach(receiver->thread);
		return false;
	}
	free(receiver->call);
	free(receiver);
	return true;
}
