/* What becomes of an exec: it goes on, is put behind the gate, or is refused. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "redirect.h"
#include "supervisor.h"

enum { REMEMBERED_MS = 10 * 1000 };

int64_t supervisor_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- threads that have been sent to the gate ---- */

static void expect(const struct pending *pending, int gate)
{
	struct supervisor *supervisor = pending->supervisor;

	pthread_mutex_lock(&supervisor->lock);
	supervisor->redirected[supervisor->redirected_next++ % MOST_REDIRECTED] =
		(struct redirected){pending->caller.tid, gate};
	pthread_mutex_unlock(&supervisor->lock);
}

/* Is this the call that redirect() has made the thread make? */
static bool expected(struct supervisor *supervisor, const struct caller *caller)
{
	bool found = false;

	if (!caller->at || !(caller->flags & AT_EMPTY_PATH))
		return false;
	pthread_mutex_lock(&supervisor->lock);
	for (size_t i = 0; i < MOST_REDIRECTED && !found; i++) {
		struct redirected *entry = &supervisor->redirected[i];

		if (entry->tid != caller->tid || entry->gate != caller->directory)
			continue;
		found = true;
		entry->tid = 0;
	}
	pthread_mutex_unlock(&supervisor->lock);
	return found;
}

/* ---- refusing ---- */

/* True when the same has just been explained to the same thread. */
static bool explained(struct supervisor *supervisor, pid_t tid, const char *name)
{
	int64_t now = supervisor_now();
	bool known = false;

	pthread_mutex_lock(&supervisor->lock);
	for (size_t i = 0; i < MOST_REFUSED && !known; i++) {
		struct refused *entry = &supervisor->refused[i];

		known = entry->tid == tid && now - entry->at < REMEMBERED_MS &&
			strcmp(entry->name, name) == 0;
		if (known)
			entry->at = now;
	}
	if (!known) {
		struct refused *entry =
			&supervisor->refused[supervisor->refused_next++ % MOST_REFUSED];

		entry->tid = tid;
		entry->at = now;
		snprintf(entry->name, sizeof(entry->name), "%.255s", name);
	}
	pthread_mutex_unlock(&supervisor->lock);
	return known;
}

void settle_explain(struct pending *pending, const char *why)
{
	const char *name = pending->target.name[0] ? pending->target.name : "the program";
	char line[1024];

	if (explained(pending->supervisor, pending->caller.tid, name))
		return;
	snprintf(line, sizeof(line), "tallygate: %.255s was not started: %.512s\n", name,
		 why);
	caller_tell(caller_stderr(pending->caller.tid), line);
	session_log(pending->supervisor->session, "refused %s (process %ld): %s", name,
		    (long)pending->caller.tid, why);
}

static void refuse_traced(struct pending *pending)
{
	struct caller_status status;
	char why[256], path[64], tracer[64] = "another program";
	FILE *file;

	if (caller_status(pending->caller.tid, &status) && status.tracer) {
		snprintf(path, sizeof(path), "/proc/%ld/comm", (long)status.tracer);
		file = fopen(path, "re");
		if (file && fgets(tracer, sizeof(tracer), file))
			tracer[strcspn(tracer, "\n")] = '\0';
		if (file)
			fclose(file);
	}
	snprintf(why, sizeof(why),
		 "its caller, process %ld, is traced by %s, so the gate cannot take its "
		 "place; start it outside of %s",
		 (long)pending->caller.tid, tracer, tracer);
	settle_explain(pending, why);
	caller_refuse(&pending->caller, EPERM);
}

/* The caller stands still: what is said now is said before it does anything else. */
static void stopped(void *context, int gate, int error)
{
	struct pending *pending = context;
	char why[256];

	if (error == 0) {
		expect(pending, gate);
		return;
	}
	snprintf(why, sizeof(why), "the gate cannot take its place: %s", strerror(error));
	settle_explain(pending, why);
}

void settle_guarded(struct pending *pending, bool seized)
{
	struct supervisor *supervisor = pending->supervisor;
	char why[256];

	switch (redirect(&pending->caller, seized, supervisor->gate,
			 supervisor->session->directory, &pending->target, stopped,
			 pending)) {
	case REDIRECT_DONE:
	case REDIRECT_FAILED:
	case REDIRECT_GONE:
		return;
	case REDIRECT_TRACED:
		refuse_traced(pending);
		return;
	case REDIRECT_CLOSED:
		snprintf(why, sizeof(why),
			 "the supervisor may not hold its caller, process %ld; start it "
			 "from a shell",
			 (long)pending->caller.tid);
		settle_explain(pending, why);
		caller_refuse(&pending->caller, EPERM);
		return;
	}
}

/* ---- deciding ---- */

/* The kind as it counts for this caller. */
static enum exec_kind kind_for(struct supervisor *supervisor, const struct caller *caller,
			       enum exec_kind kind)
{
	if (kind == EXEC_GATE_OTHER && expected(supervisor, caller))
		return EXEC_GATE;
	/* Only the gate executes what is guarded: alone, from its own memory. */
	if (kind == EXEC_GUARDED && !supervisor->daemon &&
	    exec_is_gate(&supervisor->finder, caller->tid)) {
		/* It has announced what it becomes; soon that may be over. */
		endings_receive(supervisor->endings);
		return EXEC_FREE;
	}
	return kind;
}

/* The gate executes what it was granted, whatever that is called. */
static bool from_gate(const struct supervisor *supervisor, pid_t tid)
{
	return supervisor->daemon &&
	       supervisor->daemon->is_gate(supervisor->daemon_context, tid);
}

void settle_find(struct pending *pending)
{
	struct supervisor *supervisor = pending->supervisor;
	struct exec_target *target = &pending->target;

	exec_target_find(&supervisor->finder, &pending->caller, true, target);
	target->kind = kind_for(supervisor, &pending->caller, target->kind);
	free(pending->granted);
	pending->granted = NULL;
	if (supervisor->daemon &&
	    (target->kind == EXEC_GUARDED ||
	     (target->kind == EXEC_FREE && from_gate(supervisor, pending->caller.tid))))
		pending->granted = granted_find(pending);
}

void settle_drop(struct pending *pending)
{
	exec_target_close(&pending->target);
	free(pending->granted);
	free(pending);
}

/* The same gate would ask the same again, and again. */
static void refuse_ungranted(struct pending *pending)
{
	settle_explain(pending, "tallyd has let through another command than this one; "
				"the file may have been replaced meanwhile: try again");
	caller_refuse(&pending->caller, EPERM);
}

void settle_slowly(void *work)
{
	struct pending *pending = work;
	struct supervisor *supervisor = pending->supervisor;

	if (pending->target.kind == EXEC_LATER)
		settle_find(pending);
	if (pending->granted) {
		observe_exec(pending);
		return;
	}
	switch (pending->target.kind) {
	case EXEC_FREE:
	case EXEC_GATE:
		if ((supervisor->daemon && pending->target.kind == EXEC_GATE) ||
		    caller_shares_memory(pending->caller.tid)) {
			observe_exec(pending);
			return;
		}
		caller_continue(&pending->caller);
		break;
	case EXEC_UNREADABLE:
		observe_after(pending);
		return;
	default:
		if (!caller_waiting(&pending->caller))
			break;
		if (pending->target.kind == EXEC_GUARDED && supervisor->daemon &&
		    exec_is_gate(&supervisor->finder, pending->caller.tid))
			refuse_ungranted(pending);
		else
			settle_guarded(pending, false);
	}
	settle_drop(pending);
}

static void do_work(void *work)
{
	struct supervisor *supervisor = ((struct pending *)work)->supervisor;

	settle_slowly(work);
	/* The session may be over, and be freed, from here on. */
	atomic_fetch_sub(&supervisor->busy, 1);
}

/* A thread whose exec is watched calls again: true when its watcher takes it. */
static bool give_to_watcher(struct supervisor *supervisor, struct pending *pending)
{
	bool given = false;

	pthread_mutex_lock(&supervisor->lock);
	for (size_t i = 0; i < MOST_WATCHED && !given; i++) {
		struct watched *entry = &supervisor->watched[i];

		if (entry->tid != pending->caller.tid || entry->next)
			continue;
		entry->next = pending;
		given = true;
	}
	pthread_mutex_unlock(&supervisor->lock);
	return given;
}

static void hand_on(struct supervisor *supervisor, const struct caller *caller,
		    const struct exec_target *target)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (pending) {
		pending->supervisor = supervisor;
		pending->caller = *caller;
		pending->target = *target;
		if (give_to_watcher(supervisor, pending))
			return;
		atomic_fetch_add(&supervisor->busy, 1);
		if (workers_do(supervisor->workers, do_work, pending))
			return;
		atomic_fetch_sub(&supervisor->busy, 1);
		settle_drop(pending);
	}
	caller_refuse(caller, ENOMEM);
}

static bool watched(struct supervisor *supervisor, pid_t tid)
{
	bool found = false;

	/* Who is watched has been so since its exec was answered: before this one. */
	if (supervisor->watched_count == 0)
		return false;
	pthread_mutex_lock(&supervisor->lock);
	for (size_t i = 0; i < MOST_WATCHED && !found; i++)
		found = supervisor->watched[i].tid == tid;
	pthread_mutex_unlock(&supervisor->lock);
	return found;
}

void settle(struct supervisor *supervisor, const struct seccomp_notif *call,
	    uint64_t *answered)
{
	struct caller caller;
	struct exec_target target;

	caller_of(supervisor->listener, call, &caller);
	caller.answered = answered;
	if (watched(supervisor, caller.tid)) {
		target = (struct exec_target){.kind = EXEC_LATER, .program = -1};
		hand_on(supervisor, &caller, &target);
		return;
	}
	exec_target_find(&supervisor->finder, &caller, false, &target);
	tracers_note(supervisor, &caller, target.name);
	target.kind = kind_for(supervisor, &caller, target.kind);
	/* What is granted is told in a thread: there may be much to read. */
	if (supervisor->daemon &&
	    (target.kind == EXEC_GUARDED ||
	     (target.kind == EXEC_FREE && from_gate(supervisor, caller.tid)))) {
		exec_target_close(&target);
		target.kind = EXEC_LATER;
	}
	/* What another thread may still change is looked at again once it runs. */
	if ((target.kind == EXEC_FREE ||
	     (target.kind == EXEC_GATE && !supervisor->daemon)) &&
	    !caller_shares_memory(caller.tid)) {
		caller_continue(&caller);
		exec_target_close(&target);
		return;
	}
	hand_on(supervisor, &caller, &target);
}
