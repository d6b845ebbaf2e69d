#include "session_keeper.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "session_link.h"
#include "supervise.h"

/* One who answers the front and buries the dead, beside the serving. */
struct watch {
	struct keeper *keeper;
	int signals, wake;  /* signalfd; an epoll descriptor over it and the link */
	bool ended;	    /* the shell has */
	bool told;	    /* and the front knows */
	int status;	    /* the shell's, when it has ended */
	int stopped;	    /* a signal that stopped the shell, still to be told; or 0 */
	bool front_stopped; /* was told so, and has not said yet that it runs again */
	pid_t shell_session;
};

void keeper_leave_group(void)
{
	pid_t leader = fork();

	if (leader < 0)
		return;
	if (leader == 0)
		for (;;)
			pause();
	if (setpgid(leader, leader) == 0)
		(void)setpgid(0, leader);
	kill(leader, SIGKILL);
	waitpid(leader, NULL, 0);
}

static void tell_stopped(struct watch *watch)
{
	struct word word = {.kind = WORD_STOPPED, .value = watch->stopped};

	/* One word at a time: a front that is stopped reads none. */
	if (!watch->stopped || watch->front_stopped || watch->keeper->link < 0)
		return;
	watch->stopped = 0;
	watch->front_stopped = word_send(watch->keeper->link, &word, -1) == 0;
}

/*
 * When a shell ends, the kernel sends SIGHUP and SIGCONT to its stopped jobs, as nobody is
 * left to go on with them (setpgid(2), orphaned process group). Here they have got a new
 * parent in the same session, this process, so the kernel sees no orphans.
 */
static void hang_up_stopped(pid_t session)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10), group;
		struct process process;

		if (pid <= 0 || !process_look(pid, &process) ||
		    process.parent != getpid() || getsid(pid) != session)
			continue;
		group = getpgid(pid);
		if (!process_stopped(pid) || group <= 1 || group == getpgrp())
			continue;
		kill(-group, SIGHUP);
		kill(-group, SIGCONT);
	}
	closedir(directory);
}

/* The shell is gone; what it has left behind is ours. */
static void tell_ended(struct watch *watch, bool anything_left)
{
	struct keeper *keeper = watch->keeper;
	struct word word = {.kind = WORD_ENDED,
			    .pid = anything_left ? getpid() : 0,
			    .value = watch->status};

	watch->told = true;
	if (keeper->link >= 0) {
		(void)word_send(keeper->link, &word, -1);
		close(keeper->link); /* leaves the epoll set too */
		keeper->link = -1;
	}
	if (anything_left) {
		hang_up_stopped(watch->shell_session);
		/* Not before: a shell without a parent in its session has no job control. */
		(void)setsid();
	}
}

/* True when no process of the session is left. */
static bool reap(struct watch *watch)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (pid != watch->keeper->shell || watch->ended)
			continue;
		/* The supervisor holds callers for moments, and this process is its tracer. */
		if (WIFSTOPPED(status) && (status >> 16 || !process_stopped(pid)))
			continue;
		watch->stopped = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
		watch->ended = WIFEXITED(status) || WIFSIGNALED(status);
		watch->status = status;
		tell_stopped(watch);
	}
	if (watch->ended && !watch->told)
		tell_ended(watch, pid == 0);
	return pid < 0 && errno == ECHILD;
}

/* The front says that it runs again, or has been killed: so the shell is to be. */
static void hear_front(struct watch *watch)
{
	struct keeper *keeper = watch->keeper;
	struct word word;

	if (word_receive(keeper->link, &word, NULL) > 0) {
		watch->front_stopped = false;
		/* The front has sent SIGCONT, so another stop is one that came after it. */
		if (process_stopped(keeper->shell))
			tell_stopped(watch);
		watch->stopped = 0;
		return;
	}
	close(keeper->link);
	keeper->link = -1;
	if (!watch->ended)
		kill(keeper->shell, SIGKILL);
}

static int woken(void *context)
{
	struct watch *watch = context;
	struct epoll_event events[2];
	int count = epoll_wait(watch->wake, events, 2, 0);
	bool empty = false;

	for (int i = 0; i < count; i++) {
		struct signalfd_siginfo info[16];

		if (events[i].data.fd == watch->signals) {
			/* Only children matter; the rest is for the session, not for us. */
			while (read(watch->signals, info, sizeof(info)) > 0)
				;
			empty = reap(watch);
		} else if (watch->keeper->link >= 0) {
			hear_front(watch);
		}
	}
	return empty;
}

static int add(int epoll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Until the last child, and so the last process of the session, is gone. */
static void wait_for_all(struct watch *watch)
{
	struct pollfd wake = {.fd = watch->wake, .events = POLLIN};

	while (!woken(watch))
		(void)poll(&wake, 1, -1);
}

void keeper_serve(struct keeper *keeper)
{
	struct watch watch = {.keeper = keeper, .shell_session = getsid(keeper->shell)};
	struct fault fault;
	sigset_t all;

	sigfillset(&all);
	watch.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	watch.wake = epoll_create1(EPOLL_CLOEXEC);
	/* Returning is ending: the front says what that means, and execs fail at once. */
	if (watch.signals < 0 || watch.wake < 0 || add(watch.wake, watch.signals) < 0 ||
	    add(watch.wake, keeper->link) < 0)
		return;
	if (keeper->listener >= 0 &&
	    supervise_serve(keeper->listener, keeper->session, watch.wake, woken, &watch,
			    &fault) < 0)
		return;
	/* The dead may be unburied yet, whose filter is gone already. */
	if (!reap(&watch))
		wait_for_all(&watch);
}
