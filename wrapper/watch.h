/*
 * What the parts of tallyd share. Not for anybody else.
 *
 *   watch thread   one epoll loop: all listeners of sessions, the socket, the ends of gates,
 *                  signals, the service manager. It judges nothing and waits for no disk.
 *   workers        what an exec has to be looked at for, or held, by (workers.h): bounded.
 *   books thread   one after the other, what gates ask (books_server.h), from a bounded queue.
 */
#ifndef TALLY_WATCH_H
#define TALLY_WATCH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "books_server.h"
#include "channel.h"
#include "daemon_config.h"
#include "supervisor.h"
#include "watch_journal.h"

enum {
	WATCH_CONNECTIONS = 4096,
	WATCH_CONNECTIONS_USER = 256,
	WATCH_SESSIONS = 8192,
	WATCH_SESSIONS_USER = 1024,
	WATCH_QUEUE = 1024,	     /* pieces of work for the books */
	WATCH_IDLE_MS = 60 * 1000,   /* a connection without a request is closed */
	WATCH_GATE_MS = 3600 * 1000, /* that of a gate, which may wait for a person */
};

/* What an event of the loop is about: the first member of what it belongs to. */
enum source {
	SOURCE_ACCEPT,
	SOURCE_SIGNALS,
	SOURCE_DONE,
	SOURCE_TIMER,
	SOURCE_SESSION,
	SOURCE_CONNECTION,
	SOURCE_GATE,
};

struct watch_session {
	enum source source;
	struct watch_session *next;
	struct supervisor supervisor;
	struct session session;
	struct arena *arena;
	struct journal_session *journal; /* its place in the journal; or NULL */
	uid_t uid;
	pid_t top;	       /* its first process */
	const char *address;   /* it was logged in from; NULL: not over a network */
	bool listening;	       /* has its listener */
	bool over;	       /* no process of it is left */
	bool stale, refreshed; /* its guard table is to be made anew; has been */
};

/* A gate that has been let stand; the same place as in the journal. */
struct watch_gate {
	enum source source;
	int pidfd;
	bool ended; /* waits to be reaped, for its exit status */
};

/* PEER_NONE is told that it has nothing to say here. */
enum peer_kind { PEER_NONE, PEER_GATE, PEER_TALLY, PEER_SHELL };

struct connection {
	enum source source;
	struct connection *next;
	int fd;
	enum peer_kind kind;
	struct who who;
	char session[JOURNAL_ID];     /* of a gate */
	int64_t used;		      /* monotonic milliseconds */
	bool busy;		      /* the books have a request of it */
	atomic_bool closed;	      /* is to be freed as soon as it is not busy */
	struct watch_session *opened; /* of a tallysh, not listening yet */
};

enum job_kind {
	JOB_REQUEST,
	JOB_OPEN,
	JOB_END,
	JOB_ALERT,
	JOB_RELOAD,
	JOB_REFRESH,
	JOB_REMOVE
};

/* A piece of work for the books thread. */
struct job {
	struct job *next;
	enum job_kind kind;
	struct connection *connection; /* that gets the answer; NULL: nobody */
	struct packet packet;	       /* JOB_REQUEST */
	struct books_peer peer;
	char session[JOURNAL_ID], address[64]; /* what `peer` points to */
	pid_t pid;			       /* JOB_END */
	unsigned long long start;
	bool status_known;
	int status;
	char action[32], reason[512]; /* JOB_ALERT */
	struct watch_session *opened; /* JOB_OPEN: in and out; JOB_REMOVE */
	json_t *answer;
	bool malformed; /* the connection is to be closed */
};

struct watch;

struct books_queue {
	struct watch *watch;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wanted;
	struct job *first, **last, *done, **done_last;
	size_t count;
	bool closing;
	int wake; /* eventfd: there is something done */
};

struct watch {
	struct arena *arena;
	struct daemon_config config;
	const char *program; /* directory of the programs */
	int poll, accept, signals, timer;
	enum source accept_source, signals_source, done_source, timer_source;
	bool store; /* there is a service manager that keeps files */
	bool over;
	struct workers *workers;
	struct books *books;
	struct books_queue queue;
	struct supervisor_daemon daemon; /* for all sessions */
	struct seccomp_notif *call;
	size_t call_size;
	struct watch_session *sessions, *leaving;
	size_t session_count;
	bool refreshing;  /* the books have one of them */
	size_t refreshed; /* that have not taken their new table yet */
	/* The rest is used by several threads. */
	pthread_mutex_t lock;
	struct watch_journal journal;
	struct watch_gate gates[JOURNAL_GATES];
	struct connection *connections;
	size_t connection_count;
};

/* ---- watch_books.c: the queue ---- */

int queue_start(struct watch *watch, struct fault *fault);
/* Takes the job over, and frees it once it is done. False when the queue is full. */
bool queue_add(struct watch *watch, struct job *job);
/* The next that is done, to be freed by job_free(); NULL. */
struct job *queue_done(struct watch *watch);
void queue_finish(struct watch *watch);
struct job *job_new(enum job_kind kind);
void job_free(struct job *job);

/* ---- watch_sessions.c ---- */

/* Books thread: makes the directory of a session. -1 and `fault`. */
int session_make(struct watch *watch, struct watch_session *session, struct fault *fault);
/* Takes its listener over: from now on its execs are answered. -1 and `fault`. */
int session_listen(struct watch *watch, struct watch_session *session, int listener,
		   struct fault *fault);
/* A session that was there before this tallyd; takes the listener over. */
int session_recover(struct watch *watch, const char *id, int listener,
		    struct fault *fault);
struct watch_session *session_find(struct watch *watch, const char *id);
struct watch_session *session_new(void);
void session_free(struct watch_session *session);
/* Takes one exec, or sees that the session is over. */
void session_event(struct watch *watch, struct watch_session *session, uint32_t events);
/* Frees those that are over and that no thread works for. */
void sessions_sweep(struct watch *watch);
/* The rules are others: the tables of all sessions are made anew, one after the other. */
void sessions_refresh(struct watch *watch);
/* Books thread: makes one. */
int session_remake(struct watch *watch, const struct watch_session *session,
		   struct fault *fault);
void session_remade(struct watch *watch, struct watch_session *session);
/* Answers what an earlier tallyd has taken and left. */
void sessions_resume(struct watch *watch);
/* Removes directories that no session has. */
void sessions_clean(struct watch *watch);
size_t sessions_of_user(const struct watch *watch, uid_t uid);

/* ---- watch_gates.c ---- */

void gates_init(struct watch *watch);
/* Takes up those of an earlier tallyd, and the processes that hold grants. */
void gates_resume(struct watch *watch);
void gate_event(struct watch *watch, struct watch_gate *gate);
/* A child of a gate that has been granted a probe: its end is watched too. */
void gate_child(struct watch *watch, pid_t pid);
/* The session of a gate that stands, in `session`; false when this process is none. */
bool gate_of(struct watch *watch, pid_t pid, unsigned long long start,
	     char session[JOURNAL_ID]);

/* ---- watch_peers.c ---- */

void peers_accept(struct watch *watch);
/* With the lock: whoever connected as this process before it became a gate is cut off. */
void peers_forget(struct watch *watch, pid_t pid);
void peer_event(struct watch *watch, struct connection *connection, uint32_t events);
void peer_answer(struct watch *watch, struct job *job);
void peers_sweep(struct watch *watch);

/* ---- watch_log.c ---- */

/* To the service manager's log; at most a few lines a second. */
void watch_log(struct watch *watch, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* An alert in the audit log. */
void watch_alert(struct watch *watch, const struct watch_session *session,
		 const struct who *who, const char *action, const char *reason);
struct job *watch_alert_job(const struct watch_session *session, const struct who *who,
			    const char *action, const char *reason);
/* Keeps a copy of `fd` with the service manager, by this name; or gives it up. */
void watch_keep(struct watch *watch, int fd, const char *name);
void watch_release(struct watch *watch, const char *name);

/* ---- watch_care.c ---- */

/* In a process of its own, after the end of a tallyd. Returns when it is not needed. */
void watch_care(struct watch *watch);

/* ---- watch.c ---- */

/*
 * tallyd itself: serves until it is told to end. `config` is the path of its configuration.
 * The exit status.
 */
int watch_run(const char *config);

/*
 * A service manager for where there is none: keeps what tallyd gives it to keep, and starts
 * `argv` (tallyd) again whenever it ends. The exit status.
 */
int hold_run(char *const *argv);

#endif
