/* What the parts of the supervisor share. Not for anybody else: see supervise.h. */
#ifndef TALLY_SUPERVISOR_H
#define TALLY_SUPERVISOR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "caller.h"
#include "ending.h"
#include "exec_target.h"
#include "session.h"
#include "workers.h"

enum { MOST_REDIRECTED = 256, MOST_WATCHED = 128, MOST_REFUSED = 64 };

/*
 * An exec that a gate may do by a grant: what it was looked at as, so that what runs
 * afterwards can be compared with it.
 */
struct granted {
	uint64_t device, inode;
	bool script;   /* something else is the program, and has it in its arguments */
	size_t length; /* of the words of argv, each with its NUL */
	size_t first;  /* length of argv[0] of them */
	char text[];
};

/* One exec that is not answered yet. */
struct pending {
	struct supervisor *supervisor;
	struct caller caller;
	struct exec_target target;
	struct granted *granted; /* NULL: by no grant */
};

/* What tallyd has to say to the execs of its sessions. Called by any thread. */
struct supervisor_daemon {
	/* Is this process a gate that has been let stand, in whatever session? */
	bool (*is_gate)(void *context, pid_t process);
	/* Has it leave to execute this file with these arguments? */
	bool (*allows)(void *context, pid_t process, uint64_t device, uint64_t inode,
		       const char *argv_digest);
	/*
	 * A gate stands before its first instruction, and nothing of its environment will
	 * come to run in it. False: it must not run.
	 */
	bool (*gate_stands)(void *context, const struct session *session, pid_t process);
	/* Something has been tried that a person should look at. */
	void (*alert)(void *context, const struct session *session, pid_t process,
		      const char *action, const char *reason);
};

/* A thread that has been told to execute the gate by this descriptor, and will call again. */
struct redirected {
	pid_t tid; /* 0: free */
	int gate;
};

/* A thread whose exec is being watched; what it calls meanwhile is for the watcher. */
struct watched {
	pid_t tid; /* 0: free */
	struct pending *next;
};

/* A refusal that has been explained: shells try the same name along PATH. */
struct refused {
	pid_t tid;
	int64_t at; /* monotonic milliseconds */
	char name[NAME_MAX + 1];
};

/* Whether somebody in the session watches execs by means that ours disable. */
struct tracers {
	long filters; /* of seccomp in a process of the session; 0: not known yet */
	bool sudo;    /* has been started */
	bool told;
};

struct supervisor {
	int listener;
	const struct session *session;
	const struct supervisor_daemon *daemon; /* NULL: the session is embedded */
	void *daemon_context;
	int gate; /* tally-gate, open */
	struct exec_finder finder;
	struct workers *workers;
	struct endings
		*endings; /* of an embedded session, NULL: the daemon has its own */
	atomic_uint busy; /* pieces of work that threads still have of it */
	struct tracers tracers;
	pthread_mutex_t lock; /* of all below */
	struct redirected redirected[MOST_REDIRECTED];
	size_t redirected_next;
	struct watched watched[MOST_WATCHED];
	atomic_uint watched_count; /* read without the lock, by the receiver alone */
	struct refused refused[MOST_REFUSED];
	size_t refused_next;
};

int64_t supervisor_now(void); /* monotonic milliseconds */

/* ---- supervisor.c: one session's part, whatever loop it is served by ---- */

void supervisor_init(struct supervisor *supervisor, int listener,
		     const struct session *session);

/* Opens the gate and the guard table of the session. -1 and `fault`. */
int supervisor_open(struct supervisor *supervisor, struct fault *fault);

/*
 * Takes the guard table that has been put in the place of the old one. Only while no thread
 * has work of it. -1 and `fault`: it goes on with the old one.
 */
int supervisor_refresh(struct supervisor *supervisor, struct fault *fault);
void supervisor_close(struct supervisor *supervisor);

/* Of the kernel's notifications, which may be larger than the one of our headers. */
size_t supervisor_call_size(void);

/* Takes one notification, for settle(). False when there is none after all. */
bool supervisor_receive(struct supervisor *supervisor, struct seccomp_notif *call,
			size_t size);

/* ---- settle.c ---- */

/*
 * Answers the exec, or has a thread do it. `answered` (may be NULL) is set to 0 as soon as
 * there is an answer; it must last as long as the supervisor.
 */
void settle(struct supervisor *supervisor, const struct seccomp_notif *call,
	    uint64_t *answered);

/* In a thread: decides what the pending exec is now, waiting for what has to be waited for. */
void settle_find(struct pending *pending);

/* In a thread: answers `work`, a pending exec of any kind, and frees it. */
void settle_slowly(void *work);

/* Frees it, which has been answered. */
void settle_drop(struct pending *pending);

/* In a thread: puts it behind the gate, or refuses it. `seized`: see redirect(). */
void settle_guarded(struct pending *pending, bool seized);

/*
 * The call has been, or is to be, answered with EPERM: says why, once, to the caller and
 * in the log.
 */
void settle_explain(struct pending *pending, const char *why);

/* ---- granted.c, in a thread ---- */

/* What the pending exec is allowed as by a grant; NULL when it is not. */
struct granted *granted_find(const struct pending *pending);

/* Is what the process has become, before its first instruction, what was granted? */
bool granted_is(const struct granted *granted, pid_t process);

/* ---- observe.c, both in a thread; they take `pending` over ---- */

/*
 * Lets the exec of a caller that shares its memory go on, and stops the new program before
 * its first instruction to see that it is what was looked at.
 */
void observe_exec(struct pending *pending);

/*
 * Lets an exec go on whose caller cannot be held, and looks at what it has become as soon
 * as that can be seen. A caller that cannot be read but whose own command line names a
 * guarded program is refused: what it will start is most likely that.
 */
void observe_after(struct pending *pending);

/* ---- tracers.c ---- */

/*
 * sudo's `intercept` and `log_subcmds` trace execs by a seccomp filter whose answer loses
 * against ours: what its policy would deny runs. Tells so in the session's log, once.
 * `caller` is about to execute a file called `name`.
 */
void tracers_note(struct supervisor *supervisor, const struct caller *caller,
		  const char *name);

/* ---- session_log.c ---- */

/* One line of the session's log, STATE/session.log, with its time and the session. */
void session_log(const struct session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
