/* What tallyd tells to others than its clients. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "probe.h"
#include "watch.h"

enum { LINES_A_SECOND = 20 };

void watch_log(struct watch *watch, const char *format, ...)
{
	int64_t second = probe_clock() / 1000;
	char line[1024];
	va_list args;
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static int64_t told;
	static unsigned int count;
	bool quiet;

	(void)watch;
	pthread_mutex_lock(&lock);
	if (told != second) {
		told = second;
		count = 0;
	}
	quiet = count++ >= LINES_A_SECOND;
	pthread_mutex_unlock(&lock);
	if (quiet)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	fprintf(stderr, "tallyd: %s\n", line);
}

struct job *watch_alert_job(const struct watch_session *session, const struct who *who,
			    const char *action, const char *reason)
{
	struct job *job = job_new(JOB_ALERT);

	if (!job)
		return NULL;
	job->peer.who = *who;
	job->peer.client = BOOKS_GATE;
	if (session) {
		snprintf(job->session, sizeof(job->session), "%s", session->session.id);
		snprintf(job->address, sizeof(job->address), "%s",
			 session->address ? session->address : "");
		job->peer.top = session->top;
	}
	snprintf(job->action, sizeof(job->action), "%s", action);
	snprintf(job->reason, sizeof(job->reason), "%s", reason);
	return job;
}

void watch_alert(struct watch *watch, const struct watch_session *session,
		 const struct who *who, const char *action, const char *reason)
{
	struct job *job = watch_alert_job(session, who, action, reason);

	watch_log(watch, "%s: process %ld of user %ld: %s", action, (long)who->pid,
		  (long)who->uid, reason);
	/* Many of them at once must not keep what gates ask from being answered. */
	if (job && !queue_add(watch, job))
		job_free(job);
}

void watch_keep(struct watch *watch, int fd, const char *name)
{
	char text[64];

	if (!watch->store)
		return;
	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s", name);
	if (sd_pid_notify_with_fds(0, 0, text, &fd, 1) < 0)
		watch_log(watch, "the service manager does not keep %s over a restart",
			  name);
}

void watch_release(struct watch *watch, const char *name)
{
	if (watch->store)
		(void)sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name);
}
