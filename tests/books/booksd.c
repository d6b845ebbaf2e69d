/*
 * The books of tallyd behind a socket, and nothing else of tallyd: for tests of the gate that
 * need no privilege and no supervisor. One connection at a time.
 *
 *   booksd SOCKET STATE LOG SNAPSHOTS RULES...
 *
 * SIGHUP reloads the rules, SIGTERM ends it. Prints a line when it listens, and one for each
 * request: its op and what became of it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "books_server.h"
#include "channel.h"
#include "probe.h"

enum { CLIENTS = 64, REQUEST_MS = 5000 };

static struct books *books;

static const char *outcome(const json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (error)
		return error;
	if (json_is_false(json_object_get(answer, "admitted")))
		return "not admitted";
	return "done";
}

/* False when the connection is over. */
static bool serve(int fd)
{
	struct books_peer peer = {.client = BOOKS_GATE, .session = "suite"};
	struct ucred who;
	socklen_t size = sizeof(who);
	struct packet packet;
	struct fault fault = {0};
	json_t *request, *answer;
	const char *op;
	int result = channel_receive(fd, &packet, 0);

	if (result < 0 && errno == EAGAIN)
		return true;
	if (result <= 0)
		return false;
	request = packet_value(&packet, &fault);
	packet_close(&packet);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 ||
	    !who_of(who.pid, who.uid, who.gid, &peer.who)) {
		json_decref(request);
		return false;
	}
	answer = books_handle(books, &peer, request);
	op = json_string_value(json_object_get(request, "op"));
	printf("%s: %s\n", op ? op : "?", answer ? outcome(answer) : "no answer");
	fflush(stdout);
	result = channel_send(fd, answer, NULL, 0, probe_clock() + REQUEST_MS);
	json_decref(request);
	json_decref(answer);
	return result == 0;
}

static bool signalled(int signals)
{
	struct signalfd_siginfo info;
	struct fault fault;

	if (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return false;
	if (info.ssi_signo != SIGHUP)
		return true;
	printf("reload: %s\n", books_reload(books, &fault) == 0 ? "done" : fault.text);
	fflush(stdout);
	return false;
}

static void loop(int listener, int signals)
{
	struct pollfd fds[CLIENTS + 2] = {{.fd = listener, .events = POLLIN},
					  {.fd = signals, .events = POLLIN}};
	nfds_t count = 2;

	for (;;) {
		if (poll(fds, count, -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents && signalled(signals))
			return;
		for (nfds_t i = 2; i < count;) {
			if (!fds[i].revents || serve(fds[i].fd)) {
				i++;
				continue;
			}
			close(fds[i].fd);
			fds[i] = fds[--count];
		}
		if (fds[0].revents && count < CLIENTS + 2) {
			int fd = accept4(listener, NULL, NULL,
					 SOCK_CLOEXEC | SOCK_NONBLOCK);

			if (fd >= 0)
				fds[count++] =
					(struct pollfd){.fd = fd, .events = POLLIN};
		}
	}
}

int main(int argc, char **argv)
{
	struct books_options options;
	struct fault fault = {0};
	sigset_t set;
	int listener, signals;

	if (argc < 6) {
		fputs("usage: booksd SOCKET STATE LOG SNAPSHOTS RULES...\n", stderr);
		return 2;
	}
	options = (struct books_options){.state = argv[2],
					 .log = argv[3],
					 .snapshots = argv[4],
					 .rules = (const char *const *)argv + 5};
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	books = books_open(&options, &fault);
	listener = books ? channel_listen(argv[1], 0666, &fault) : -1;
	if (listener < 0 || signals < 0) {
		fprintf(stderr, "booksd: %s\n", fault.text);
		return 1;
	}
	printf("listening\n");
	fflush(stdout);
	loop(listener, signals);
	books_close(books);
	unlink(argv[1]);
	return 0;
}
