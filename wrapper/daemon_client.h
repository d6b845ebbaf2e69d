/*
 * Asking tallyd (docs/protocol.md): one request, one answer. While tallyd is being restarted
 * it is asked again until it is there, and no longer than DAEMON_SECONDS for all requests of
 * one process together that had to wait.
 */
#ifndef TALLY_DAEMON_CLIENT_H
#define TALLY_DAEMON_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "fault.h"
#include "terminal.h"

enum {
	DAEMON_SECONDS = 15,	 /* tallyd may be away, or busy, for so long */
	DAEMON_SILENT_MS = 1000, /* after which the terminal says what is waited for */
};

struct daemon_client {
	const char *path;		 /* of the socket; NULL: not set up */
	int fd;				 /* -1: not connected */
	const struct terminal *terminal; /* shows the wait; NULL: silent */
	bool lost;     /* it could not be asked once: it is not waited for again */
	int signal;    /* that ended the wait (SIGINT ...), or 0 */
	char why[128]; /* it could not be asked */
};

void daemon_client_init(struct daemon_client *client, const char *path,
			const struct terminal *terminal);

/*
 * Asks. A request that is sent again, because its answer got lost with the connection, has
 * "again": true. 0 and *answer, an object (json_decref()); -1 and `fault`.
 */
int daemon_ask(struct daemon_client *client, json_t *request, json_t **answer,
	       struct fault *fault);

void daemon_client_close(struct daemon_client *client);

#endif
