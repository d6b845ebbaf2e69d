#include "interrupt.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void hold(sigset_t *set, int number)
{
	struct sigaction action;

	/* A blocked signal is queued even when it is ignored, so look first. */
	if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
		sigaddset(set, number);
}

int interrupt_begin(struct interrupt *interrupt, bool job_control)
{
	static const int always[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t set;

	memset(interrupt, 0, sizeof(*interrupt));
	interrupt->fd = -1;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		hold(&set, always[i]);
	if (job_control) {
		hold(&set, SIGTSTP);
		sigaddset(&set, SIGWINCH);
	}
	interrupt->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (interrupt->fd < 0)
		return -1;
	if (sigprocmask(SIG_BLOCK, &set, &interrupt->before) < 0) {
		int saved = errno;

		close(interrupt->fd);
		interrupt->fd = -1;
		errno = saved;
		return -1;
	}
	interrupt->held = true;
	return 0;
}

int interrupt_take(const struct interrupt *interrupt)
{
	struct signalfd_siginfo info;

	if (interrupt->fd < 0)
		return 0;
	if (read(interrupt->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

void interrupt_end(struct interrupt *interrupt)
{
	if (interrupt->fd >= 0)
		close(interrupt->fd);
	interrupt->fd = -1;
	if (interrupt->held)
		sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
	interrupt->held = false;
}

void interrupt_die(int number)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t set;

	sigaction(number, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + number); /* not reached by signals that end a process */
}
