/*
 * A service manager for one service: the protocols of sd_notify(3) and sd_listen_fds(3) as far
 * as tallyd speaks them. It is so small that there is no reason to restart it ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"
#include "watch.h"

enum {
	MOST_KEPT = 8192 + 16,
	NAME = 32,
	MESSAGE = 512,
	SHORTEST_MS = 100,
	LONGEST_MS = 5000
};

struct kept {
	int fd;
	char name[NAME];
};

struct hold {
	struct kept kept[MOST_KEPT];
	size_t count;
	int notify, signals;
	char address[64]; /* of `notify`, as NOTIFY_SOCKET says it */
	pid_t child;
	bool over;
};

static int open_notify(struct hold *hold)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int on = 1, length;

	length = snprintf(hold->address, sizeof(hold->address), "@tallyd-hold-%ld",
			  (long)getpid());
	memcpy(address.sun_path, hold->address, (size_t)length);
	address.sun_path[0] = '\0';
	hold->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (hold->notify < 0 ||
	    setsockopt(hold->notify, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return -1;
	return bind(hold->notify, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length));
}

/* ---- what is kept ---- */

static void drop(struct hold *hold, const char *name)
{
	for (size_t i = hold->count; i-- > 0;) {
		if (strcmp(hold->kept[i].name, name) != 0)
			continue;
		close(hold->kept[i].fd);
		hold->kept[i] = hold->kept[--hold->count];
	}
}

static void take(struct hold *hold, char *message, int fd)
{
	char name[NAME] = "stored", *rest;
	bool keep = false, remove = false;

	for (char *line = strtok_r(message, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, "FDNAME=", 7) == 0)
			snprintf(name, sizeof(name), "%s", line + 7);
		keep |= strcmp(line, "FDSTORE=1") == 0;
		remove |= strcmp(line, "FDSTOREREMOVE=1") == 0;
	}
	if (remove)
		drop(hold, name);
	if (keep && fd >= 0 && hold->count < MOST_KEPT) {
		hold->kept[hold->count].fd = fd;
		memcpy(hold->kept[hold->count++].name, name, sizeof(name));
		return;
	}
	if (fd >= 0)
		close(fd);
}

/* False when there is no message. Only the child has something to say. */
static bool receive(struct hold *hold)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char message[MESSAGE];
	struct iovec part = {message, sizeof(message) - 1};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	ssize_t length = recvmsg(hold->notify, &header, MSG_CMSG_CLOEXEC);
	struct ucred who = {0};
	int fd = -1;

	if (length < 0)
		return errno == EINTR;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(&header); head;
	     head = CMSG_NXTHDR(&header, head)) {
		if (head->cmsg_level != SOL_SOCKET)
			continue;
		if (head->cmsg_type == SCM_RIGHTS &&
		    head->cmsg_len == CMSG_LEN(sizeof(fd)))
			memcpy(&fd, CMSG_DATA(head), sizeof(fd));
		if (head->cmsg_type == SCM_CREDENTIALS)
			memcpy(&who, CMSG_DATA(head), sizeof(who));
	}
	message[length] = '\0';
	if (who.uid == getuid() && who.pid == hold->child)
		take(hold, message, fd);
	else if (fd >= 0)
		close(fd);
	return true;
}

/* ---- tallyd ---- */

/* In the child: what is kept becomes descriptors 3, 4 ... */
static int pass_kept(struct hold *hold)
{
	const int first = 3;
	char number[32], *names = calloc(hold->count + 1, NAME + 1);

	if (!names)
		return -1;
	/* Out of the way first, so that none is overwritten by another. */
	for (size_t i = 0; i < hold->count; i++) {
		hold->kept[i].fd = fcntl(hold->kept[i].fd, F_DUPFD_CLOEXEC,
					 first + (int)hold->count);
		if (hold->kept[i].fd < 0)
			return -1;
	}
	for (size_t i = 0; i < hold->count; i++) {
		if (dup2(hold->kept[i].fd, first + (int)i) < 0)
			return -1;
		if (i)
			strcat(names, ":");
		strcat(names, hold->kept[i].name);
	}
	snprintf(number, sizeof(number), "%ld", (long)getpid());
	if (setenv("LISTEN_PID", number, 1) < 0)
		return -1;
	snprintf(number, sizeof(number), "%zu", hold->count);
	return setenv("LISTEN_FDS", number, 1) < 0 ||
			       setenv("LISTEN_FDNAMES", names, 1) < 0 ||
			       setenv("NOTIFY_SOCKET", hold->address, 1) < 0
		       ? -1
		       : 0;
}

static void start(struct hold *hold, char *const *argv)
{
	sigset_t none;

	hold->child = fork();
	if (hold->child != 0)
		return;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (pass_kept(hold) == 0)
		execv("/proc/self/exe", argv);
	fprintf(stderr, "tallyd: cannot be started: %s\n", strerror(errno));
	_exit(1);
}

static void take_signal(struct hold *hold)
{
	struct signalfd_siginfo info;

	while (read(hold->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			hold->over = true;
		if (info.ssi_signo != SIGCHLD && hold->child > 0)
			kill(hold->child, (int)info.ssi_signo);
	}
	/* All it has said counts, however it has ended. */
	while (receive(hold))
		;
	if (hold->child > 0 && waitpid(hold->child, NULL, WNOHANG) == hold->child)
		hold->child = -1;
}

static void serve(struct hold *hold, char *const *argv)
{
	int64_t started = 0, wait = SHORTEST_MS;

	while (!hold->over || hold->child > 0) {
		struct pollfd fds[] = {{.fd = hold->notify, .events = POLLIN},
				       {.fd = hold->signals, .events = POLLIN}};
		int64_t now = probe_clock(), left = started + wait - now;

		if (hold->child <= 0 && left <= 0) {
			/* One that does not stay is not started all the time. */
			wait = now - started > LONGEST_MS || !started ? SHORTEST_MS
								      : wait * 2;
			if (wait > LONGEST_MS)
				wait = LONGEST_MS;
			started = now;
			start(hold, argv);
		}
		if (poll(fds, 2, hold->child > 0 ? -1 : (int)(left > 0 ? left : 1)) < 0)
			continue;
		if (fds[0].revents)
			while (receive(hold))
				;
		if (fds[1].revents)
			take_signal(hold);
	}
}

int hold_run(char *const *argv)
{
	struct hold *hold = calloc(1, sizeof(*hold));
	struct rlimit files;
	sigset_t set;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (hold)
		hold->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (!hold || hold->signals < 0 || open_notify(hold) < 0) {
		fprintf(stderr, "tallyd: --hold: %s\n", strerror(errno));
		free(hold);
		return 1;
	}
	prctl(PR_SET_NAME, "tallyd-hold");
	serve(hold, argv);
	free(hold);
	return 0;
}
