#include "daemon_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "interrupt.h"
#include "probe.h"

enum {
	FIRST_PAUSE_MS = 20,
	LONGEST_PAUSE_MS = 500,
	REFUSED_MS = 3000, /* nobody listens at the socket: no mere restart does that */
};

/* One request under way. */
struct asking {
	struct daemon_client *client;
	struct interrupt interrupt;
	int64_t started, limit, pause, refused; /* refused: since when, or 0 */
	bool shown;
};

void daemon_client_init(struct daemon_client *client, const char *path,
			const struct terminal *terminal)
{
	*client = (struct daemon_client){.path = path, .fd = -1, .terminal = terminal};
}

void daemon_client_close(struct daemon_client *client)
{
	if (client->path && client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

/* ---- the wait ---- */

static void show(struct asking *asking)
{
	static const char line[] = "tallygate: waiting for tallyd (Ctrl-C stops)\n";
	const struct terminal *terminal = asking->client->terminal;

	if (asking->shown || !terminal || terminal->fd < 0 ||
	    !terminal_foreground(terminal))
		return;
	terminal_write(terminal->fd, line, sizeof(line) - 1);
	asking->shown = true;
}

/*
 * Waits at most until `until` for `events` of `fd` (-1: only for the time). False when the
 * time limit is over or a signal has come.
 */
static bool wait_for(struct asking *asking, int fd, short events, int64_t until)
{
	struct pollfd fds[] = {{.fd = asking->interrupt.fd, .events = POLLIN},
			       {.fd = fd, .events = events}};

	for (;;) {
		int64_t now = probe_clock(), next = until;

		if (now >= asking->limit)
			return false;
		if (now >= asking->started + DAEMON_SILENT_MS)
			show(asking);
		else if (next > asking->started + DAEMON_SILENT_MS)
			next = asking->started + DAEMON_SILENT_MS;
		if (now >= until)
			return true;
		if (next > asking->limit)
			next = asking->limit;
		if (poll(fds, 2, (int)(next - now) + 1) < 0 && errno != EINTR)
			return false;
		asking->client->signal = interrupt_take(&asking->interrupt);
		if (asking->client->signal)
			return false;
		if (fds[1].revents)
			return true;
	}
}

static bool pause_a_little(struct asking *asking)
{
	int64_t until = probe_clock() + asking->pause;

	asking->pause *= 2;
	if (asking->pause > LONGEST_PAUSE_MS)
		asking->pause = LONGEST_PAUSE_MS;
	return wait_for(asking, -1, 0, until);
}

/* ---- one try ---- */

enum tried { TRIED_ANSWERED, TRIED_AGAIN, TRIED_NEVER };

static void note(struct daemon_client *client, const char *doing)
{
	snprintf(client->why, sizeof(client->why), "%s: %.80s", doing, strerror(errno));
}

static enum tried lost(struct daemon_client *client, const char *doing)
{
	note(client, doing);
	daemon_client_close(client);
	return TRIED_AGAIN;
}

static enum tried receive(struct asking *asking, json_t **answer)
{
	struct daemon_client *client = asking->client;
	struct packet packet;
	struct fault fault = {0};
	int result;

	while ((result = channel_receive(client->fd, &packet, 0)) < 0 && errno == EAGAIN)
		if (!wait_for(asking, client->fd, POLLIN, asking->limit)) {
			errno = ETIMEDOUT;
			lost(client, "it did not answer");
			return TRIED_NEVER;
		}
	if (result == 0)
		errno = ECONNRESET;
	if (result <= 0)
		return lost(client, "it closed the connection");
	*answer = packet_value(&packet, &fault);
	packet_close(&packet);
	if (*answer)
		return TRIED_ANSWERED;
	errno = EPROTO;
	return lost(client, "it gave no answer");
}

/* The socket waits in the service manager, or its holder, while tallyd is restarted. */
static bool is_refused(struct asking *asking, int error)
{
	int64_t now = probe_clock();

	if (error != ECONNREFUSED) {
		asking->refused = 0;
		return false;
	}
	if (!asking->refused)
		asking->refused = now;
	return now >= asking->refused + REFUSED_MS;
}

static enum tried try_once(struct asking *asking, json_t *request, bool *sent,
			   json_t **answer)
{
	struct daemon_client *client = asking->client;

	if (client->fd < 0)
		client->fd = channel_connect(client->path);
	if (client->fd < 0) {
		int error = errno;

		note(client, "it cannot be connected to");
		return is_refused(asking, error) ? TRIED_NEVER : TRIED_AGAIN;
	}
	asking->refused = 0;
	if (*sent && json_object_set_new(request, "again", json_true()) < 0)
		return TRIED_NEVER;
	while (channel_send(client->fd, request, NULL, 0, 0) < 0) {
		if (errno == EMSGSIZE || errno == ENOMEM) {
			note(client, "what it has to be told");
			return TRIED_NEVER;
		}
		if (errno != EAGAIN)
			return lost(client, "it closed the connection");
		if (!wait_for(asking, client->fd, POLLOUT, asking->limit))
			return TRIED_NEVER;
	}
	*sent = true;
	return receive(asking, answer);
}

/* ---- all of it ---- */

static bool is_busy(const json_t *answer)
{
	const char *error = json_string_value(json_object_get(answer, "error"));

	return error && strcmp(error, "busy") == 0;
}

static int attend(struct asking *asking, json_t *request, json_t **answer)
{
	bool sent = false;

	do {
		switch (try_once(asking, request, &sent, answer)) {
		case TRIED_ANSWERED:
			if (!is_busy(*answer))
				return 0;
			json_decref(*answer);
			*answer = NULL;
			snprintf(asking->client->why, sizeof(asking->client->why),
				 "it has too much to do");
			break;
		case TRIED_AGAIN:
			break;
		case TRIED_NEVER:
			return -1;
		}
	} while (pause_a_little(asking));
	return -1;
}

static int give_up(struct daemon_client *client, struct fault *fault)
{
	client->lost = true;
	daemon_client_close(client);
	if (client->signal)
		return fault_set(fault, "stopped while waiting for tallyd");
	return fault_set(fault,
			 "tallyd cannot be asked (%s), and nothing guarded runs without "
			 "it; an administrator starts it by `systemctl start tallyd`",
			 client->why[0] ? client->why : client->path);
}

int daemon_ask(struct daemon_client *client, json_t *request, json_t **answer,
	       struct fault *fault)
{
	struct asking asking = {.client = client, .pause = FIRST_PAUSE_MS};
	int result;

	*answer = NULL;
	if (client->lost)
		return give_up(client, fault);
	asking.started = probe_clock();
	asking.limit = asking.started + DAEMON_SECONDS * 1000;
	if (interrupt_begin(&asking.interrupt, false) < 0)
		return fault_set(fault, "cannot watch for signals: %s", strerror(errno));
	result = attend(&asking, request, answer);
	interrupt_end(&asking.interrupt);
	return result < 0 ? give_up(client, fault) : 0;
}
