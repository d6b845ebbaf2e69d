/* The books thread: one piece of work after the other, from a bounded queue. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "watch.h"

struct job *job_new(enum job_kind kind)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->kind = kind;
	job->packet.body = -1;
	return job;
}

void job_free(struct job *job)
{
	packet_close(&job->packet);
	json_decref(job->answer);
	if (job->opened)
		session_free(job->opened);
	free(job);
}

/* ---- in the books thread ---- */

static json_t *refusal(const char *error, const char *reason)
{
	return json_pack("{s:s, s:s}", "error", error, "reason", reason);
}

static void request(struct watch *watch, struct job *job)
{
	struct fault fault = {0};
	json_t *message = packet_value(&job->packet, &fault);
	const char *error;

	if (!message) {
		job->malformed = true;
		return;
	}
	if (job->session[0])
		job->peer.session = job->session;
	if (job->address[0])
		job->peer.source = job->address;
	job->answer = books_handle(watch->books, &job->peer, message);
	if (job->peer.client == BOOKS_GATE && !json_object_get(job->answer, "error") &&
	    json_is_integer(json_object_get(message, "child")))
		gate_child(watch,
			   (pid_t)json_integer_value(json_object_get(message, "child")));
	json_decref(message);
	error = json_string_value(json_object_get(job->answer, "error"));
	job->malformed = error && strcmp(error, "malformed") == 0;
}

static void open_session(struct watch *watch, struct job *job)
{
	struct fault fault = {0};
	char line[FAULT_LINE];

	if (session_make(watch, job->opened, &fault) == 0) {
		job->answer = json_pack("{s:s, s:s}", "id", job->opened->session.id,
					"directory", job->opened->session.directory);
		return;
	}
	job->answer = refusal("failed", fault_line(&fault, line));
	session_free(job->opened);
	job->opened = NULL;
}

static void alert(struct watch *watch, struct job *job)
{
	struct fault fault = {0};

	if (job->session[0])
		job->peer.session = job->session;
	if (job->address[0])
		job->peer.source = job->address;
	if (books_alert(watch->books, &job->peer, job->action, job->reason, &fault) < 0)
		watch_log(watch, "no audit record of %s: %s", job->action, fault.text);
	if (job->connection)
		job->answer = json_pack("{s:b}", "done", 1);
}

static void work(struct watch *watch, struct job *job)
{
	struct fault fault = {0};
	char line[FAULT_LINE];

	switch (job->kind) {
	case JOB_REQUEST:
		request(watch, job);
		break;
	case JOB_OPEN:
		open_session(watch, job);
		break;
	case JOB_END:
		books_end(watch->books, job->pid, job->start, job->status_known,
			  job->status);
		break;
	case JOB_ALERT:
		alert(watch, job);
		break;
	case JOB_RELOAD:
		if (books_reload(watch->books, &fault) < 0)
			watch_log(watch,
				  "the rules stay as they were: %s; `tally check` shows "
				  "what is wrong",
				  fault_line(&fault, line));
		break;
	case JOB_REFRESH:
		if (session_remake(watch, job->opened, &fault) < 0)
			watch_log(watch, "a session goes on with the programs it had: %s",
				  fault_line(&fault, line));
		break;
	case JOB_REMOVE:
		session_remove(&job->opened->session);
		session_free(job->opened);
		job->opened = NULL;
		break;
	}
}

static void report(struct books_queue *queue, struct job *job)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&queue->lock);
	job->next = NULL;
	*queue->done_last = job;
	queue->done_last = &job->next;
	pthread_mutex_unlock(&queue->lock);
	/* It cannot fail: the counter never gets near its end. */
	if (write(queue->wake, &one, sizeof(one)) < 0)
		return;
}

static void *thread_main(void *context)
{
	struct books_queue *queue = context;

	for (;;) {
		struct job *job;

		pthread_mutex_lock(&queue->lock);
		while (!queue->first && !queue->closing)
			pthread_cond_wait(&queue->wanted, &queue->lock);
		job = queue->first;
		if (!job) {
			pthread_mutex_unlock(&queue->lock);
			return NULL;
		}
		queue->first = job->next;
		if (!queue->first)
			queue->last = &queue->first;
		queue->count--;
		pthread_mutex_unlock(&queue->lock);
		work(queue->watch, job);
		report(queue, job);
	}
}

/* ---- from other threads ---- */

int queue_start(struct watch *watch, struct fault *fault)
{
	struct books_queue *queue = &watch->queue;
	sigset_t all, before;
	int error;

	queue->watch = watch;
	queue->last = &queue->first;
	queue->done_last = &queue->done;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->wanted, NULL);
	queue->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (queue->wake < 0)
		return fault_set(fault, "no eventfd: %s", strerror(errno));
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&queue->thread, NULL, thread_main, queue);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error ? fault_set(fault, "no thread: %s", strerror(error)) : 0;
}

bool queue_add(struct watch *watch, struct job *job)
{
	struct books_queue *queue = &watch->queue;
	bool added;

	pthread_mutex_lock(&queue->lock);
	/* An end that is not written is a grant that stays. */
	added = !queue->closing && (queue->count < WATCH_QUEUE || job->kind == JOB_END ||
				    job->kind == JOB_REMOVE);
	if (added) {
		job->next = NULL;
		*queue->last = job;
		queue->last = &job->next;
		queue->count++;
		pthread_cond_signal(&queue->wanted);
	}
	pthread_mutex_unlock(&queue->lock);
	return added;
}

struct job *queue_done(struct watch *watch)
{
	struct books_queue *queue = &watch->queue;
	struct job *job;

	pthread_mutex_lock(&queue->lock);
	job = queue->done;
	if (job)
		queue->done = job->next;
	if (!queue->done)
		queue->done_last = &queue->done;
	pthread_mutex_unlock(&queue->lock);
	return job;
}

void queue_finish(struct watch *watch)
{
	struct books_queue *queue = &watch->queue;

	pthread_mutex_lock(&queue->lock);
	queue->closing = true;
	pthread_cond_signal(&queue->wanted);
	pthread_mutex_unlock(&queue->lock);
	pthread_join(queue->thread, NULL);
}
