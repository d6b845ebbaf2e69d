/* The sessions of a tallyd: how they begin, are found again, and end. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"
#include "watch.h"
#include "watch_orphan.h"

enum { SESSION_BYTES = 1 << 20, SCRATCH_BYTES = 64 << 20, LINE = 256 };

struct watch_session *session_new(void)
{
	struct watch_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->source = SOURCE_SESSION;
	session->arena = arena_new(SESSION_BYTES);
	if (session->arena)
		return session;
	free(session);
	return NULL;
}

void session_free(struct watch_session *session)
{
	if (session->supervisor.session)
		supervisor_close(&session->supervisor);
	if (session->supervisor.listener > 0)
		close(session->supervisor.listener);
	arena_free(session->arena);
	free(session);
}

static const char *parent_of_all(struct watch *watch, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%.4000s/sessions", watch->config.run);
	return path;
}

/* ---- what a later tallyd has to know of it ---- */

static int write_login(const struct watch_session *session, struct fault *fault)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%.4000s/login", session->session.directory);
	file = fopen(path, "we");
	if (!file)
		return fault_set(fault, "%s: %s", path, strerror(errno));
	fprintf(file, "%ld %ld %s\n", (long)session->uid, (long)session->top,
		session->address ? session->address : "-");
	return fclose(file) == 0 ? 0 : fault_set(fault, "%s: %s", path, strerror(errno));
}

static void read_login(struct watch_session *session)
{
	char path[PATH_MAX], line[LINE], address[64] = "-";
	long uid = -1, top = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%.4000s/login", session->session.directory);
	file = fopen(path, "re");
	if (file && fgets(line, sizeof(line), file) &&
	    sscanf(line, "%ld %ld %63s", &uid, &top, address) >= 2) {
		session->uid = (uid_t)uid;
		session->top = (pid_t)top;
		if (strcmp(address, "-") != 0)
			session->address = arena_strdup(session->arena, address);
	}
	if (file)
		fclose(file);
}

/* ---- beginning ---- */

/* Making it takes megabytes for a moment; what stays of it are a few words. */
static int create(struct watch *watch, struct arena *scratch,
		  struct watch_session *session, struct fault *fault)
{
	struct session *new = &session->session, made = *new;
	struct fault broken = {0};
	char parent[PATH_MAX];

	if (mkdir(parent_of_all(watch, parent), 0755) < 0 && errno != EEXIST)
		return fault_set(fault, "%s cannot be made: %s", parent, strerror(errno));
	if (session_create_in(scratch, parent, &made, &broken, fault) < 0)
		return -1;
	if (broken.text[0])
		watch_log(watch, "rules are broken: %s", broken.text);
	new->id = arena_strdup(session->arena, made.id);
	new->directory = arena_strdup(session->arena, made.directory);
	if (new->id &&new->directory && write_login(session, fault) == 0)
		return 0;
	session_remove(&made);
	return -1;
}

int session_make(struct watch *watch, struct watch_session *session, struct fault *fault)
{
	struct session *new = &session->session;
	struct arena *scratch = arena_new(SCRATCH_BYTES);
	int result = -1;

	new->rules = books_rules_directories(watch->books);
	new->state = watch->config.state;
	new->gate = arena_printf(session->arena, "%s/tally-gate", watch->program);
	new->installed = true;
	new->daemon = watch->config.socket;
	if (scratch && new->gate &&new->shell)
		result = create(watch, scratch, session, fault);
	else
		fault_set(fault, "out of memory");
	arena_free(scratch);
	return result;
}

int session_listen(struct watch *watch, struct watch_session *session, int listener,
		   struct fault *fault)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
	struct supervisor *supervisor = &session->supervisor;

	supervisor_init(supervisor, listener, &session->session);
	supervisor->workers = watch->workers;
	supervisor->daemon = &watch->daemon;
	supervisor->daemon_context = watch;
	if (supervisor_open(supervisor, fault) < 0)
		return -1;
	if (epoll_ctl(watch->poll, EPOLL_CTL_ADD, listener, &event) < 0)
		return fault_set(fault, "the session cannot be waited for: %s",
				 strerror(errno));
	session->journal = journal_session(&watch->journal, session->session.id);
	session->listening = true;
	session->next = watch->sessions;
	watch->sessions = session;
	watch->session_count++;
	return 0;
}

/* What session.cfg says of it, as far as it is asked for later. */
static int load(struct watch *watch, const char *id, struct watch_session *session,
		struct fault *fault)
{
	struct session *found = &session->session, loaded;
	struct arena *scratch = arena_new(SCRATCH_BYTES);
	char path[PATH_MAX];
	int result = -1;

	snprintf(path, sizeof(path), "%.4000s/sessions/%.15s", watch->config.run, id);
	if (scratch && session_load(scratch, path, &loaded, fault) == 0) {
		*found = (struct session){
			.id = arena_strdup(session->arena, loaded.id),
			.directory = arena_strdup(session->arena, path),
			.state = watch->config.state,
			.rules = books_rules_directories(watch->books),
			/* An upgrade may have put another gate there. */
			.gate = arena_strdup(session->arena, loaded.gate),
			.shell = arena_strdup(session->arena, loaded.shell),
			.installed = true,
			.daemon = watch->config.socket,
		};
		result = found->id && found->directory && found->gate && found->shell
				 ? 0
				 : fault_set(fault, "out of memory");
	}
	arena_free(scratch);
	return result;
}

int session_recover(struct watch *watch, const char *id, int listener,
		    struct fault *fault)
{
	struct watch_session *session = session_new();

	if (!session || load(watch, id, session, fault) < 0) {
		close(listener);
		if (session)
			session_free(session);
		return session ? -1 : fault_set(fault, "out of memory");
	}
	read_login(session);
	if (session_listen(watch, session, listener, fault) == 0)
		return 0;
	session_free(session);
	return -1;
}

struct watch_session *session_find(struct watch *watch, const char *id)
{
	struct watch_session *session = watch->sessions;

	while (session && strcmp(session->session.id, id) != 0)
		session = session->next;
	return session;
}

size_t sessions_of_user(const struct watch *watch, uid_t uid)
{
	size_t count = 0;

	for (const struct watch_session *session = watch->sessions; session;
	     session = session->next)
		count += session->uid == uid;
	return count;
}

/* ---- serving ---- */

static void take(struct watch *watch, struct watch_session *session)
{
	struct journal_call *place = journal_place(&watch->journal);

	/* Too many wait already: this one is taken later. */
	if (!place ||
	    !supervisor_receive(&session->supervisor, watch->call, watch->call_size))
		return;
	journal_note(place, session->session.id, watch->call);
	if (session->journal)
		session->journal->last = watch->call->id;
	settle(&session->supervisor, watch->call, &place->taken);
}

static void leave(struct watch *watch, struct watch_session *session)
{
	struct watch_session **at = &watch->sessions;

	while (*at && *at != session)
		at = &(*at)->next;
	if (*at) {
		*at = session->next;
		watch->session_count--;
	}
	if (session->journal)
		memset(session->journal, 0, sizeof(*session->journal));
	epoll_ctl(watch->poll, EPOLL_CTL_DEL, session->supervisor.listener, NULL);
	watch_release(watch, session->session.id);
	session->over = true;
	watch->refreshed -= session->refreshed;
	session->next = watch->leaving;
	watch->leaving = session;
}

void session_event(struct watch *watch, struct watch_session *session, uint32_t events)
{
	if (events & EPOLLIN)
		take(watch, session);
	else if (events & (EPOLLHUP | EPOLLERR))
		leave(watch, session);
}

/* ---- other rules ---- */

int session_remake(struct watch *watch, const struct watch_session *session,
		   struct fault *fault)
{
	struct session with_rules = session->session;
	struct arena *arena = arena_new(SCRATCH_BYTES);
	struct fault broken = {0};
	int result;

	if (!arena)
		return fault_set(fault, "out of memory");
	with_rules.rules = books_rules_directories(watch->books);
	result = session_refresh(arena, &with_rules, &broken, fault);
	arena_free(arena);
	return result;
}

/* One at a time, so that what gates ask comes between. */
static void refresh_next(struct watch *watch)
{
	struct watch_session *session = watch->sessions;
	struct job *job;

	while (session && !session->stale)
		session = session->next;
	if (watch->refreshing || !session)
		return;
	job = job_new(JOB_REFRESH);
	if (!job)
		return;
	job->opened = session;
	atomic_fetch_add(&session->supervisor.busy, 1);
	if (queue_add(watch, job)) {
		watch->refreshing = true;
		session->stale = false;
		return;
	}
	atomic_fetch_sub(&session->supervisor.busy, 1);
	job->opened = NULL;
	job_free(job);
}

void sessions_refresh(struct watch *watch)
{
	for (struct watch_session *session = watch->sessions; session;
	     session = session->next)
		session->stale = true;
	refresh_next(watch);
}

void session_remade(struct watch *watch, struct watch_session *session)
{
	atomic_fetch_sub(&session->supervisor.busy, 1);
	watch->refreshing = false;
	if (!session->over) {
		watch->refreshed += !session->refreshed;
		session->refreshed = true;
	}
	refresh_next(watch);
}

/* In the loop's thread nothing of a session is under way that no thread has. */
static void take_tables(struct watch *watch)
{
	struct fault fault;

	for (struct watch_session *session = watch->sessions; session && watch->refreshed;
	     session = session->next) {
		if (!session->refreshed || atomic_load(&session->supervisor.busy) > 0)
			continue;
		session->refreshed = false;
		watch->refreshed--;
		if (supervisor_refresh(&session->supervisor, &fault) < 0)
			watch_log(watch, "%s", fault.text);
	}
}

void sessions_sweep(struct watch *watch)
{
	struct watch_session **at = &watch->leaving;

	take_tables(watch);
	while (*at) {
		struct watch_session *session = *at;
		struct job *job;

		if (atomic_load(&session->supervisor.busy) > 0) {
			at = &session->next;
			continue;
		}
		job = job_new(JOB_REMOVE);
		if (!job)
			return;
		*at = session->next;
		job->opened = session;
		/* Refused only when all is over: the next tallyd cleans up. */
		if (!queue_add(watch, job))
			job_free(job);
	}
}

/* ---- after a tallyd that was there before ---- */

/* One that was taken and not noted: at most one, of whatever session. */
static void resume_orphan(struct watch *watch, struct watch_session *session)
{
	struct journal_call *place = journal_place(&watch->journal);
	struct seccomp_notif call;

	if (!place || !session->journal || !session->journal->last ||
	    !orphan_find(session->supervisor.listener, session->journal->last, &call))
		return;
	watch_log(watch, "the exec of process %ld had been taken and not noted",
		  (long)call.pid);
	journal_note(place, session->session.id, &call);
	session->journal->last = call.id;
	settle(&session->supervisor, &place->call, &place->taken);
}

void sessions_resume(struct watch *watch)
{
	for (size_t i = 0; i < JOURNAL_CALLS; i++) {
		struct journal_call *place = &watch->journal.calls[i];
		struct watch_session *session;
		struct caller caller = {0};

		if (!place->taken)
			continue;
		place->session[JOURNAL_ID - 1] = '\0';
		session = session_find(watch, place->session);
		if (session && session->journal &&
		    session->journal->last < place->call.id)
			session->journal->last = place->call.id;
		caller.id = place->call.id;
		caller.listener = session ? session->supervisor.listener : -1;
		/* It may have been answered just before the end, or its caller have died. */
		if (session && caller_waiting(&caller))
			settle(&session->supervisor, &place->call, &place->taken);
		else
			place->taken = 0;
	}
	for (struct watch_session *session = watch->sessions; session;
	     session = session->next)
		resume_orphan(watch, session);
}

/* What the journal has of sessions that are no more. */
static void clean_journal(struct watch *watch)
{
	for (size_t i = 0; i < JOURNAL_SESSIONS; i++) {
		struct journal_session *place = &watch->journal.sessions[i];

		place->session[JOURNAL_ID - 1] = '\0';
		if (place->session[0] && !session_find(watch, place->session))
			memset(place, 0, sizeof(*place));
	}
}

void sessions_clean(struct watch *watch)
{
	char parent[PATH_MAX], path[PATH_MAX];
	DIR *directory = opendir(parent_of_all(watch, parent));
	struct dirent *entry;

	clean_journal(watch);
	while (directory && (entry = readdir(directory))) {
		struct session session = {.directory = path};

		if (entry->d_name[0] == '.' || session_find(watch, entry->d_name))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name) <
		    (int)sizeof(path))
			session_remove(&session);
	}
	if (directory)
		closedir(directory);
}
