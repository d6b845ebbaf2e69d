/*
 * How a command ends: nobody of ours is in its process any more, so the gate tells the
 * supervisor which process becomes which command, and the supervisor writes its end.
 */
#ifndef TALLY_ENDING_H
#define TALLY_ENDING_H

#include "fault.h"
#include "session.h"
#include "workers.h"

/*
 * In the gate, just before it becomes the tool: this process is the command with the record
 * `event` (event.id). Best effort: it never waits, and without a supervisor it does nothing.
 */
void ending_announce(const struct session *session, const char *event, const char *tool);

struct endings;

/*
 * In the supervisor: listens in the session's directory. `poll` is an epoll descriptor that
 * the socket and the announced processes are added to, their events' data being a pointer
 * into the table. NULL and `fault`.
 */
struct endings *endings_new(const struct session *session, int poll,
			    struct workers *workers, struct fault *fault);

/* Does what an event with this `data` asks for, by the thread that waits for them. */
void endings_handle(struct endings *endings, void *data);

/* Takes the announcements that are there; by any thread. */
void endings_receive(struct endings *endings);

/* Writes the ends that can still be told, and frees the table. */
void endings_free(struct endings *endings);

#endif
