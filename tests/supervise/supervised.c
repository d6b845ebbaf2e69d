/*
 * supervised RULES STATE GATE CMD [ARG...]: runs the command in a new session under the
 * supervisor and exits with its status. What `tally shell` does besides (the shim, a holder
 * for the listener) is left out: everything that is seen, the supervisor has seen.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "session.h"
#include "supervise.h"

static pid_t child;
static int child_status;

static void fail(const char *what)
{
	fprintf(stderr, "supervised: %s\n", what);
	exit(125);
}

static void send_fd(int socket, int fd)
{
	char byte = 'f', control[CMSG_SPACE(sizeof(fd))] = {0};
	struct iovec vector = {&byte, 1};
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(part), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) != 1)
		fail("the listener cannot be sent");
}

static int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec vector = {&byte, 1};
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *part;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	part = CMSG_FIRSTHDR(&message);
	if (!part)
		return -1;
	memcpy(&fd, CMSG_DATA(part), sizeof(fd));
	return fd;
}

static void become(int socket, char **argv)
{
	struct fault fault = {0};
	int listener = supervise_install(&fault);

	if (listener == SUPERVISE_NESTED)
		fail("nested");
	if (listener < 0)
		fail(fault.text);
	send_fd(socket, listener);
	close(listener);
	close(socket);
	execvp(argv[0], argv);
	fprintf(stderr, "supervised: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static int woken(void *context)
{
	struct signalfd_siginfo info;
	const int *fd = context;
	int status;
	pid_t pid;

	if (read(*fd, &info, sizeof(info)) < 0)
		return 0;
	while ((pid = waitpid(-1, &status, WNOHANG | __WNOTHREAD)) > 0)
		if (pid == child && (WIFEXITED(status) || WIFSIGNALED(status)))
			child_status = status;
	return 0;
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new(1 << 24);
	struct session session;
	const char *rules[2] = {NULL, NULL};
	struct fault fault = {0}, broken = {0};
	int sockets[2], listener, signals;
	sigset_t set, before;

	if (argc < 5)
		fail("usage: supervised RULES STATE GATE CMD [ARG...]");
	rules[0] = argv[1];
	session = (struct session){
		.state = argv[2], .rules = rules, .gate = argv[3], .shell = "/bin/sh"};
	if (!arena || session_create(arena, &session, &broken, &fault) < 0)
		fail(fault.text);
	if (broken.text[0])
		fail(broken.text);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, &before);
	sigdelset(&set, SIGPIPE);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		fail(strerror(errno));
	child = fork();
	if (child == 0) {
		close(sockets[0]);
		close(signals);
		sigprocmask(SIG_SETMASK, &before, NULL);
		become(sockets[1], argv + 4);
	}
	close(sockets[1]);
	listener = receive_fd(sockets[0]);
	close(sockets[0]);
	if (listener < 0)
		fail("no listener");
	/* The terminal's signals are for the command. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (supervise_serve(listener, &session, signals, woken, &signals, &fault) < 0)
		fail(fault.text);
	while (waitpid(child, &child_status, 0) < 0 && errno == EINTR)
		;
	session_remove(&session);
	arena_free(arena);
	close(listener);
	close(signals);
	return WIFEXITED(child_status) ? WEXITSTATUS(child_status)
				       : 128 + WTERMSIG(child_status);
}
