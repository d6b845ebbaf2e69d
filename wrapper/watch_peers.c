/*
 * Who speaks to tallyd, and what becomes of it. A peer is what the kernel says: the process
 * that has connected, by the program it runs; each message must have been sent by that very
 * process. What it says about itself counts for nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"
#include "process.h"
#include "watch.h"

enum { PROTOCOL = BOOKS_VERSION };

/* ---- who it is ---- */

static bool runs(struct watch *watch, pid_t pid, const char *name)
{
	char path[PATH_MAX], exe[64];
	struct stat ours, theirs;

	snprintf(path, sizeof(path), "%.4000s/%s", watch->program, name);
	snprintf(exe, sizeof(exe), "/proc/%ld/exe", (long)pid);
	return stat(path, &ours) == 0 && stat(exe, &theirs) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* With the lock. False when it has nothing to say here. */
static bool identify(struct watch *watch, int fd, struct connection *connection)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	struct process process;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid <= 0 ||
	    !process_look(peer.pid, &process) ||
	    !who_of(peer.pid, peer.uid, peer.gid, &connection->who) ||
	    connection->who.start != process.start)
		return false;
	if (gate_of(watch, peer.pid, process.start, connection->session))
		connection->kind = PEER_GATE;
	else if (runs(watch, peer.pid, "tallysh"))
		connection->kind = PEER_SHELL;
	else if (runs(watch, peer.pid, "tally"))
		connection->kind = PEER_TALLY;
	else
		return false;
	return true;
}

static size_t of_user(const struct watch *watch, uid_t uid)
{
	size_t count = 0;

	for (const struct connection *connection = watch->connections; connection;
	     connection = connection->next)
		count += connection->who.uid == uid;
	return count;
}

/* ---- connections ---- */

/* A client that is refused learns why, if it looks. */
static void refuse(int fd, const char *error, const char *reason)
{
	json_t *answer = json_pack("{s:s, s:s}", "error", error, "reason", reason);

	if (answer)
		(void)channel_send(fd, answer, NULL, 0, 0);
	json_decref(answer);
	close(fd);
}

/* With the lock. */
static void welcome(struct watch *watch, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT,
				    .data.ptr = connection};

	if (!connection) {
		refuse(fd, "busy", "tallyd is out of memory");
		return;
	}
	if (!identify(watch, fd, connection))
		connection->kind = PEER_NONE;
	if (watch->connection_count >= WATCH_CONNECTIONS ||
	    (connection->who.uid != 0 &&
	     of_user(watch, connection->who.uid) >= WATCH_CONNECTIONS_USER)) {
		refuse(fd, "busy", "too many connections");
		free(connection);
		return;
	}
	connection->source = SOURCE_CONNECTION;
	connection->fd = fd;
	connection->used = probe_clock();
	if (epoll_ctl(watch->poll, EPOLL_CTL_ADD, fd, &event) < 0) {
		refuse(fd, "busy", "tallyd has too much to do");
		free(connection);
		return;
	}
	connection->next = watch->connections;
	watch->connections = connection;
	watch->connection_count++;
}

/* With the lock. */
static void accept_all(struct watch *watch)
{
	int fd;

	/* Each message comes with its sender, as the listening socket is set to. */
	while ((fd = accept4(watch->accept, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >=
	       0)
		welcome(watch, fd);
}

void peers_accept(struct watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	accept_all(watch);
	pthread_mutex_unlock(&watch->lock);
}

/* Its end is in the loop's thread, which may have an event of it in its hands. */
static void cut(struct connection *connection)
{
	connection->closed = true;
	shutdown(connection->fd, SHUT_RDWR);
}

void peers_forget(struct watch *watch, pid_t pid)
{
	accept_all(watch);
	for (struct connection *connection = watch->connections; connection;
	     connection = connection->next)
		if (connection->who.pid == pid)
			cut(connection);
}

/* With the lock. */
static void drop(struct watch *watch, struct connection *connection)
{
	struct connection **at = &watch->connections;

	while (*at && *at != connection)
		at = &(*at)->next;
	if (*at) {
		*at = connection->next;
		watch->connection_count--;
	}
	close(connection->fd);
	if (connection->opened) {
		session_remove(&connection->opened->session);
		session_free(connection->opened);
	}
	free(connection);
}

static void close_connection(struct watch *watch, struct connection *connection)
{
	pthread_mutex_lock(&watch->lock);
	if (connection->busy)
		cut(connection);
	else
		drop(watch, connection);
	pthread_mutex_unlock(&watch->lock);
}

static void await_next(struct watch *watch, struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT,
				    .data.ptr = connection};

	connection->used = probe_clock();
	if (epoll_ctl(watch->poll, EPOLL_CTL_MOD, connection->fd, &event) < 0)
		close_connection(watch, connection);
}

static void answer(struct watch *watch, struct connection *connection, json_t *message)
{
	/* One answer to one request: who does not read it does not get another. */
	if (message && channel_send(connection->fd, message, NULL, 0, 0) == 0)
		await_next(watch, connection);
	else
		close_connection(watch, connection);
	json_decref(message);
}

static void say(struct watch *watch, struct connection *connection, const char *error,
		const char *reason)
{
	answer(watch, connection,
	       json_pack("{s:s, s:s}", "error", error, "reason", reason));
}

/* ---- requests ---- */

static void ask_books(struct watch *watch, struct connection *connection, struct job *job)
{
	job->connection = connection;
	connection->busy = true;
	if (queue_add(watch, job))
		return;
	connection->busy = false;
	job_free(job);
	say(watch, connection, "busy", "tallyd has too much to do");
}

/* Who holds a process can have it say anything. */
static bool is_traced(const struct connection *connection)
{
	struct caller_status status;

	return !caller_status(connection->who.pid, &status) || status.tracer != 0;
}

static void ask(struct watch *watch, struct connection *connection, struct packet *packet)
{
	struct job *job = job_new(JOB_REQUEST);
	const struct watch_session *session = session_find(watch, connection->session);

	if (!job) {
		packet_close(packet);
		say(watch, connection, "busy", "tallyd is out of memory");
		return;
	}
	job->packet = *packet;
	job->peer.who = connection->who;
	job->peer.client = connection->kind == PEER_GATE ? BOOKS_GATE : BOOKS_TALLY;
	snprintf(job->session, sizeof(job->session), "%s", connection->session);
	if (session) {
		job->peer.top = session->top;
		snprintf(job->address, sizeof(job->address), "%s",
			 session->address ? session->address : "");
	}
	ask_books(watch, connection, job);
}

/* ---- of tallysh ---- */

static void open_session(struct watch *watch, struct connection *connection,
			 const json_t *message)
{
	const char *shell = json_string_value(json_object_get(message, "shell"));
	const char *address = json_string_value(json_object_get(message, "address"));
	struct job *job;

	if (!shell || shell[0] != '/' || strlen(shell) >= PATH_MAX ||
	    connection->opened) {
		say(watch, connection, "malformed", "no shell is named");
		return;
	}
	if (watch->session_count >= WATCH_SESSIONS ||
	    (connection->who.uid != 0 &&
	     sessions_of_user(watch, connection->who.uid) >= WATCH_SESSIONS_USER)) {
		say(watch, connection, "busy", "there are too many sessions");
		return;
	}
	job = job_new(JOB_OPEN);
	if (job)
		job->opened = session_new();
	if (!job || !job->opened) {
		if (job)
			job_free(job);
		say(watch, connection, "busy", "tallyd is out of memory");
		return;
	}
	job->opened->uid = connection->who.uid;
	job->opened->top = connection->who.pid;
	job->opened->session.shell = arena_strdup(job->opened->arena, shell);
	/* An address, or nothing: it is for the audit log. */
	if (address && strlen(address) < sizeof(job->address) &&
	    strspn(address, "0123456789abcdefABCDEF.:%") == strlen(address))
		job->opened->address = arena_strdup(job->opened->arena, address);
	ask_books(watch, connection, job);
}

static bool is_listener(int fd)
{
	char path[64], link[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, link, sizeof(link) - 1);
	link[length > 0 ? length : 0] = '\0';
	return strcmp(link, "anon_inode:seccomp notify") == 0;
}

static void listen_session(struct watch *watch, struct connection *connection,
			   struct packet *packet)
{
	struct watch_session *session = connection->opened;
	int listener = packet_take_file(packet, 0);
	struct fault fault = {0};

	if (!session || listener < 0 || !is_listener(listener)) {
		if (listener >= 0)
			close(listener);
		say(watch, connection, "malformed", "no listener came with it");
		return;
	}
	connection->opened = NULL;
	if (session_listen(watch, session, listener, &fault) < 0) {
		session_remove(&session->session);
		session_free(session);
		say(watch, connection, "failed", fault.text);
		return;
	}
	watch_keep(watch, listener, session->session.id);
	answer(watch, connection, json_pack("{s:b}", "done", 1));
}

/* Answered when it is written. */
static void plain_login(struct watch *watch, struct connection *connection)
{
	struct job *job = watch_alert_job(
		NULL, &connection->who, "break-glass-login",
		"a member of the break-glass group has got a plain shell");

	if (job)
		ask_books(watch, connection, job);
	else
		say(watch, connection, "busy", "tallyd is out of memory");
}

static void hear_shell(struct watch *watch, struct connection *connection,
		       struct packet *packet)
{
	struct fault fault = {0};
	json_t *message = packet->text ? packet_value(packet, &fault) : NULL;
	const char *op = json_string_value(json_object_get(message, "op"));

	if (!op || json_integer_value(json_object_get(message, "v")) != PROTOCOL) {
		say(watch, connection, "version",
		    "tallysh and tallyd are of different versions; restart tallyd");
	} else if (strcmp(op, "session-open") == 0) {
		open_session(watch, connection, message);
	} else if (strcmp(op, "session-listen") == 0) {
		listen_session(watch, connection, packet);
	} else if (strcmp(op, "session-plain") == 0) {
		plain_login(watch, connection);
	} else {
		close_connection(watch, connection);
	}
	json_decref(message);
	packet_close(packet);
}

/* ---- events ---- */

/* What it has sent is taken first: else its end is a reset, and it does not see the answer. */
static void turn_away(struct watch *watch, struct connection *connection)
{
	json_t *message = json_pack(
		"{s:s, s:s}", "error", "client", "reason",
		"this program is not in a session that tallyd supervises; log in again");

	watch_alert(watch, NULL, &connection->who, "client-refused",
		    "a program that is none of tallygate's, or in no session, has asked "
		    "for something");
	if (message)
		(void)channel_send(connection->fd, message, NULL, 0, 0);
	json_decref(message);
	close_connection(watch, connection);
}

void peer_event(struct watch *watch, struct connection *connection, uint32_t events)
{
	struct packet packet;
	int got;

	(void)events;
	if (connection->closed) {
		close_connection(watch, connection);
		return;
	}
	got = channel_receive(connection->fd, &packet, 0);
	if (got < 0 && errno == EAGAIN) {
		await_next(watch, connection);
		return;
	}
	if (got <= 0) {
		if (got < 0)
			watch_log(watch, "process %ld has sent no message: %s",
				  (long)connection->who.pid, strerror(errno));
		close_connection(watch, connection);
		return;
	}
	if (packet.sender != connection->who.pid) {
		watch_alert(watch, NULL, &connection->who, "client-refused",
			    "a message was sent by another process than had connected");
		packet_close(&packet);
		close_connection(watch, connection);
		return;
	}
	if (connection->kind == PEER_NONE ||
	    (connection->kind == PEER_GATE && is_traced(connection))) {
		packet_close(&packet);
		turn_away(watch, connection);
		return;
	}
	if (connection->kind == PEER_SHELL)
		hear_shell(watch, connection, &packet);
	else
		ask(watch, connection, &packet);
}

void peer_answer(struct watch *watch, struct job *job)
{
	struct connection *connection = job->connection;
	json_t *message = job->answer;

	if (!connection)
		return;
	connection->busy = false;
	job->answer = NULL;
	if (job->kind == JOB_OPEN) {
		connection->opened = job->opened;
		job->opened = NULL;
	}
	if (job->malformed)
		watch_alert(watch, NULL, &connection->who, "client-refused",
			    "it has sent what is no request");
	if (connection->closed || job->malformed) {
		json_decref(message);
		close_connection(watch, connection);
		return;
	}
	answer(watch, connection, message);
}

void peers_sweep(struct watch *watch)
{
	int64_t now = probe_clock();
	struct connection *next;

	pthread_mutex_lock(&watch->lock);
	for (struct connection *connection = watch->connections; connection;
	     connection = next) {
		int64_t limit =
			connection->kind == PEER_GATE ? WATCH_GATE_MS : WATCH_IDLE_MS;

		next = connection->next;
		if (!connection->busy &&
		    (connection->closed || now - connection->used > limit))
			drop(watch, connection);
	}
	pthread_mutex_unlock(&watch->lock);
}
