/*
 * Messages between the programs of an installed tallygate, over a unix(7) socket of type
 * SOCK_SEQPACKET: one JSON object a packet. A larger one travels in a sealed memory file
 * (memfd_create(2)) that comes with a short packet, so that a packet is never split and the
 * receiver decides when to read it. Files may be handed over with a message (SCM_RIGHTS).
 */
#ifndef TALLY_CHANNEL_H
#define TALLY_CHANNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "fault.h"

enum {
	CHANNEL_PACKET = 32 * 1024,	 /* bytes of a packet */
	CHANNEL_BODY = 64 * 1024 * 1024, /* bytes of a message in a memory file */
	CHANNEL_FILES = 4,		 /* files that come with one message */
};

/* A message that has arrived, not taken apart yet. */
struct packet {
	char *text; /* NUL-terminated; NULL: it lies in `body` */
	size_t length;
	int body; /* sealed memory file, -1: none */
	int files[CHANNEL_FILES];
	size_t file_count;
	/* Who has sent it, as the kernel says: where SO_PASSCRED is set, else 0. */
	pid_t sender;
};

/* A socket that listens at `path` (an old one is replaced), not blocking; -1 and `fault`. */
int channel_listen(const char *path, unsigned mode, struct fault *fault);

/*
 * A connection to `path`, not blocking; -1 with errno set: ENOENT, ECONNREFUSED: nobody is
 * there; EAGAIN: somebody is, who has no time to take it now.
 */
int channel_connect(const char *path);

/*
 * Sends one message, with `files`. `deadline` is in monotonic milliseconds (probe_clock()),
 * 0: does not wait (EAGAIN). -1 with errno set.
 */
int channel_send(int socket, const json_t *message, const int *files, size_t count,
		 int64_t deadline);

/*
 * Receives one message. 1 when there is one (give it to packet_close()), 0 when the other
 * side has closed, -1 with errno set: EAGAIN when there is none (within the deadline),
 * EPROTO when it is none of ours.
 */
int channel_receive(int socket, struct packet *packet, int64_t deadline);

/* The message as a value, which must be an object; NULL and `fault`. */
json_t *packet_value(const struct packet *packet, struct fault *fault);

/* Takes file `index` out of the packet: the caller closes it. -1 when there is none. */
int packet_take_file(struct packet *packet, size_t index);

void packet_close(struct packet *packet);

#endif
