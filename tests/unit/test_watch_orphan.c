/* An exec that was taken from the kernel and forgotten is found again, with all of it. */
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session_link.h"
#include "supervise.h"
#include "supervisor.h"
#include "tap.h"
#include "watch_orphan.h"

/* A child that waits in an exec, and the listener for it. */
static pid_t start(int *listener)
{
	struct word word = {.kind = WORD_FILTERED};
	int link[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) < 0)
		exit(1);
	child = fork();
	if (child == 0) {
		char *argv[] = {"true", "a word", NULL}, *envp[] = {NULL};
		struct fault fault;
		int own = supervise_install(&fault);

		if (own < 0 || word_send(link[1], &word, own) < 0)
			_exit(1);
		close(own);
		execve("/nowhere/at/all", argv, envp);
		execve("/bin/true", argv, envp);
		_exit(1);
	}
	close(link[1]);
	if (word_receive(link[0], &word, listener) <= 0)
		*listener = -1;
	close(link[0]);
	return child;
}

static bool answer(int listener, const struct seccomp_notif *call)
{
	struct seccomp_notif_resp response = {.id = call->id,
					      .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};

	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0;
}

int main(void)
{
	struct supervisor supervisor = {0};
	size_t size = supervisor_call_size();
	struct seccomp_notif *first = calloc(1, size), *taken = calloc(1, size), found;
	int listener, status;
	pid_t child = start(&listener);

	if (listener < 0) {
		printf("1..0 # SKIP no filter can be installed here\n");
		return 0;
	}
	supervisor.listener = listener;
	ok(supervisor_receive(&supervisor, first, size), "the first exec is taken");
	ok(answer(listener, first), "and answered");
	ok(!orphan_find(listener, first->id, &found),
	   "nothing is found while the next one has not been taken");
	ok(supervisor_receive(&supervisor, taken, size),
	   "the second is taken, and forgotten");
	ok(orphan_find(listener, first->id, &found), "it is found");
	ok(found.id == taken->id, "by its id");
	ok(found.pid == taken->pid && (pid_t)found.pid == child, "its thread");
	ok(memcmp(&found.data, &taken->data, sizeof(found.data)) == 0,
	   "and the call with all its arguments");
	ok(!orphan_find(listener, taken->id, &found), "behind it there is none");
	ok(answer(listener, taken), "it can be answered");
	ok(waitpid(child, &status, 0) == child && status == 0, "and goes on");
	free(first);
	free(taken);
	return done();
}
