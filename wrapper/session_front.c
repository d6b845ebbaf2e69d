#include "session_front.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "descriptors.h"
#include "exit_status.h"
#include "session.h"
#include "session_link.h"

struct watch {
	struct front *front;
	int signals;	 /* signalfd */
	bool supervised; /* the supervisor is alive */
	bool stopped;	 /* with the shell, and not yet told that we go on */
	bool ended;
	int status;
};

static const char supervisor_gone[] = "\r\ntallygate: the supervisor of this session has "
				      "ended: the kernel now refuses to "
				      "start any program in it (\"Function not "
				      "implemented\"). Leave it with `exit` and "
				      "open a new one.\r\n";

/* ---- stopping with the shell, going on with it ---- */

/* The caller has given the terminal to this process; the one it is meant for is the shell. */
static void pass_terminal(const struct front *front)
{
	pid_t group = getpgid(front->shell);
	int terminal;

	if (group <= 0 || group == getpgrp())
		return;
	terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal < 0)
		return;
	if (tcgetpgrp(terminal) == getpgrp())
		(void)tcsetpgrp(terminal, group); /* SIGTTOU is blocked */
	close(terminal);
}

static void send_signal(const struct front *front, int number)
{
	(void)syscall(SYS_pidfd_send_signal, front->shell_handle, number, NULL, 0);
}

static void go_on(struct watch *watch)
{
	const struct front *front = watch->front;
	struct word word = {.kind = WORD_RESUMED};
	pid_t group = getpgid(front->shell);

	pass_terminal(front);
	/* bash's `suspend` stops its whole group; in ours the caller's SIGCONT came by. */
	if (group > 0 && group != getpgrp())
		kill(-group, SIGCONT);
	else
		send_signal(front, SIGCONT);
	/* Not before: the supervisor must not find the shell stopped as it was. */
	if (watch->stopped && watch->supervised)
		(void)word_send(front->link, &word, -1);
	watch->stopped = false;
}

/* Stops as the shell did, so that the caller's shell says the same and takes over. */
static void stop_too(struct watch *watch, int number)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t only;

	watch->stopped = true; /* until SIGCONT is read, which is pending from then on */
	if (number == SIGSTOP) {
		raise(SIGSTOP);
	} else {
		sigemptyset(&only);
		sigaddset(&only, number);
		sigaction(number, &standard, NULL);
		raise(number);
		sigprocmask(SIG_UNBLOCK, &only, NULL); /* here it stops */
		sigprocmask(SIG_BLOCK, &only, NULL);
	}
}

/* ---- signals ---- */

/*
 * What another process sent to us was meant for the shell. What the terminal sent went to
 * the whole foreground group, and if that is the shell's it has got it; only a hangup is
 * told to the session leader alone. An alarm was set before we were executed.
 */
static bool meant_for_shell(const struct front *front,
			    const struct signalfd_siginfo *info)
{
	switch (info->ssi_signo) {
	case SIGALRM:
		return true;
	case SIGHUP:
		if (info->ssi_code > 0)
			return getsid(0) == getpid();
		break;
	default:
		break;
	}
	return info->ssi_code <= 0 && (pid_t)info->ssi_pid != front->shell;
}

/* Children: before the supervisor is gone they are none of ours. */
static void reap(struct watch *watch)
{
	pid_t pid;
	int status;

	if (watch->supervised)
		return;
	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != watch->front->shell)
			continue;
		if (WIFSTOPPED(status)) {
			stop_too(watch, WSTOPSIG(status));
		} else {
			watch->ended = true;
			watch->status = status;
		}
	}
	/* Nobody to wait for, and nothing was said: it must have been killed with it. */
	if (pid < 0 && errno == ECHILD && !watch->ended) {
		watch->ended = true;
		watch->status = SIGKILL;
	}
}

static void take_signal(struct watch *watch)
{
	struct signalfd_siginfo info;

	if (read(watch->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		reap(watch);
	else if (info.ssi_signo == SIGCONT)
		go_on(watch);
	else if (meant_for_shell(watch->front, &info))
		send_signal(watch->front, (int)info.ssi_signo);
}

/* ---- the supervisor ---- */

/* On the shell's own stderr; this process keeps no file of the caller's open. */
static void say_supervisor_gone(const struct front *front)
{
	int stream = (int)syscall(SYS_pidfd_getfd, front->shell_handle, STDERR_FILENO, 0);

	if (stream < 0)
		stream = open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (stream < 0)
		return;
	/* Without a terminal there is no line to break, and no carriage to return. */
	if (isatty(stream))
		dprintf(stream, "%s", supervisor_gone);
	else
		dprintf(stream, "%.*s\n", (int)strcspn(supervisor_gone + 2, "\r"),
			supervisor_gone + 2);
	close(stream);
}

static void take_word(struct watch *watch)
{
	struct front *front = watch->front;
	struct word word;
	int got = word_receive(front->link, &word, NULL);

	if (got > 0 && word.kind == WORD_STOPPED) {
		stop_too(watch, word.value);
	} else if (got > 0 && word.kind == WORD_ENDED) {
		watch->ended = true;
		watch->status = word.value;
		/* When nothing of the session is left it ends now, its times with ours. */
		if (word.pid == 0)
			waitpid(front->supervisor, NULL, 0);
	} else if (got <= 0) {
		watch->supervised = false;
		/* From then on the shell is a child of ours. */
		waitpid(front->supervisor, NULL, 0);
		reap(watch);
		if (!watch->ended)
			say_supervisor_gone(front);
	}
}

static void remove_left_over(const struct watch *watch)
{
	struct session session = {.directory = watch->front->directory};

	if (!watch->supervised && session.directory[0])
		session_remove(&session);
}

int front_wait(struct front *front)
{
	struct watch watch = {.front = front, .supervised = true};
	struct word go = {.kind = WORD_GO};
	struct pollfd polls[2];
	sigset_t all;
	int keep[3];

	sigfillset(&all);
	watch.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	keep[0] = front->link;
	keep[1] = front->shell_handle;
	keep[2] = watch.signals;
	descriptors_release(keep, 3);
	if (watch.signals < 0 || word_send(front->link, &go, -1) < 0)
		return SIGKILL; /* our end closes, and the supervisor ends the shell */
	while (!watch.ended) {
		polls[0] = (struct pollfd){.fd = watch.signals, .events = POLLIN};
		polls[1] = (struct pollfd){.fd = watch.supervised ? front->link : -1,
					   .events = POLLIN};
		if (poll(polls, 2, -1) < 0)
			continue;
		if (polls[0].revents)
			take_signal(&watch);
		else if (polls[1].revents)
			take_word(&watch);
	}
	remove_left_over(&watch);
	return watch.status;
}

int front_end(int status)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t only;
	int number;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	number = WTERMSIG(status);
	/* The shell has left its core, if it was to leave one; a second one says nothing. */
	prctl(PR_SET_DUMPABLE, 0);
	sigaction(number, &standard, NULL);
	sigemptyset(&only);
	sigaddset(&only, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	return 128 + number; /* not reached: every fatal signal is fatal here */
}
