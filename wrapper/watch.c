/* tallyd's loop: what comes is sent to who is concerned, and nothing is waited for. */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "load.h"
#include "probe.h"
#include "rule_directories.h"

enum { CONFIG_BYTES = 64 << 20, EVENTS = 64, TICK_MS = 1000, FINISH_MS = 2000 };

static const char journal_name[] = "journal";

/* ---- setting up ---- */

static int open_signals(struct watch *watch, struct fault *fault)
{
	struct itimerspec tick = {.it_interval = {.tv_sec = TICK_MS / 1000},
				  .it_value = {.tv_sec = TICK_MS / 1000}};
	struct rlimit files;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	watch->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	watch->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watch->signals < 0 || watch->timer < 0 ||
	    timerfd_settime(watch->timer, 0, &tick, NULL) < 0)
		return fault_set(fault, "signals and time cannot be waited for: %s",
				 strerror(errno));
	return 0;
}

static int add(struct watch *watch, int fd, enum source *source, struct fault *fault)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = source};

	if (epoll_ctl(watch->poll, EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	return fault_set(fault, "the loop cannot be set up: %s", strerror(errno));
}

static int make_directory(const char *path, mode_t mode, struct fault *fault)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	return fault_set(fault, "%s cannot be made: %s", path, strerror(errno));
}

static int open_books(struct watch *watch, struct fault *fault)
{
	const struct daemon_config *config = &watch->config;
	const char *const *rules = config->rules;
	struct books_options options = {.state = config->state, .log = config->log};

	options.snapshots = arena_printf(watch->arena, "%s/rules", config->run);
	if (!rules)
		rules = rule_directories_find(watch->arena, watch->program, fault);
	if (!rules || !options.snapshots)
		return -1;
	options.rules = rules;
	if (make_directory(config->run, 0755, fault) < 0 ||
	    make_directory(config->state, 0700, fault) < 0 ||
	    make_directory(config->log, 0750, fault) < 0)
		return -1;
	watch->books = books_open(&options, fault);
	return watch->books ? 0 : -1;
}

/* ---- what an earlier tallyd has left with the service manager ---- */

struct inherited {
	char **names;
	int count, journal;
};

static bool is_socket(int fd)
{
	return sd_is_socket(fd, AF_UNIX, SOCK_SEQPACKET, 1) > 0;
}

static int take_inherited(struct watch *watch, struct inherited *inherited,
			  struct fault *fault)
{
	int on = 1;

	inherited->journal = -1;
	inherited->count = sd_listen_fds_with_names(1, &inherited->names);
	for (int i = 0; i < inherited->count; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (strcmp(inherited->names[i], journal_name) == 0)
			inherited->journal = fd;
		else if (is_socket(fd))
			watch->accept = fd;
	}
	if (watch->accept < 0)
		watch->accept = channel_listen(watch->config.socket, 0666, fault);
	if (watch->accept < 0 ||
	    journal_open(&watch->journal, inherited->journal, fault) < 0)
		return -1;
	(void)fcntl(watch->accept, F_SETFL, O_RDWR | O_NONBLOCK);
	/* Accepted ones have it from the first moment on: a client may be quick. */
	if (setsockopt(watch->accept, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return fault_set(fault, "the socket does not tell who sends: %s",
				 strerror(errno));
	if (inherited->journal < 0)
		watch_keep(watch, watch->journal.fd, journal_name);
	return 0;
}

static void take_sessions(struct watch *watch, const struct inherited *inherited)
{
	struct fault fault;

	for (int i = 0; i < inherited->count; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		const char *name = inherited->names[i];

		if (fd == inherited->journal || fd == watch->accept)
			continue;
		if (session_recover(watch, name, fd, &fault) < 0) {
			watch_log(watch, "the session %.32s is lost: %s", name,
				  fault.text);
			watch_release(watch, name);
		}
	}
}

static void free_inherited(struct inherited *inherited)
{
	for (int i = 0; i < inherited->count; i++)
		free(inherited->names[i]);
	free(inherited->names);
}

static int begin(struct watch *watch, const char *config, struct fault *fault)
{
	struct inherited inherited = {0};
	struct fault broken = {0};
	char line[FAULT_LINE];

	if (daemon_config_load(watch->arena, config, &watch->config, &broken) < 0)
		watch_log(watch, "%s; the usual values are used until that is put right",
			  fault_line(&broken, line));
	watch->store = getenv("NOTIFY_SOCKET") != NULL;
	watch->program = session_program_directory(watch->arena);
	watch->poll = epoll_create1(EPOLL_CLOEXEC);
	watch->workers = workers_new();
	watch->call_size = supervisor_call_size();
	watch->call = calloc(1, watch->call_size);
	if (!watch->program || watch->poll < 0 || !watch->workers || !watch->call)
		return fault_set(fault, "tallyd cannot be set up: %s", strerror(errno));
	gates_init(watch);
	if (open_signals(watch, fault) < 0 || open_books(watch, fault) < 0 ||
	    take_inherited(watch, &inherited, fault) < 0 || queue_start(watch, fault) < 0)
		return -1;
	watch->accept_source = SOURCE_ACCEPT;
	watch->signals_source = SOURCE_SIGNALS;
	watch->done_source = SOURCE_DONE;
	watch->timer_source = SOURCE_TIMER;
	if (add(watch, watch->accept, &watch->accept_source, fault) < 0 ||
	    add(watch, watch->signals, &watch->signals_source, fault) < 0 ||
	    add(watch, watch->queue.wake, &watch->done_source, fault) < 0 ||
	    add(watch, watch->timer, &watch->timer_source, fault) < 0)
		return -1;
	take_sessions(watch, &inherited);
	free_inherited(&inherited);
	gates_resume(watch);
	sessions_resume(watch);
	sessions_clean(watch);
	return 0;
}

/* ---- the loop ---- */

static void reload(struct watch *watch)
{
	struct job *job = job_new(JOB_RELOAD);

	/* sd_notify(3): with the time, so that systemctl reload knows which one is meant. */
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
			 (long long)probe_clock() * 1000);
	if (job && queue_add(watch, job))
		return;
	if (job)
		job_free(job);
	watch_log(watch, "the rules are not read again: there is too much to do");
	(void)sd_notify(0, "READY=1");
}

static void take_signals(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(watch);
		else
			watch->over = true;
	}
}

static void take_done(struct watch *watch)
{
	uint64_t count;
	struct job *job;

	if (read(watch->queue.wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	while ((job = queue_done(watch))) {
		if (job->kind == JOB_RELOAD) {
			sessions_refresh(watch);
			(void)sd_notify(0, "READY=1");
		}
		if (job->kind == JOB_REFRESH) {
			session_remade(watch, job->opened);
			job->opened = NULL;
		}
		peer_answer(watch, job);
		job_free(job);
	}
}

static void tick(struct watch *watch)
{
	uint64_t count;

	if (read(watch->timer, &count, sizeof(count)) < 0)
		return;
	(void)sd_notify(0, "WATCHDOG=1");
	peers_sweep(watch);
}

static void handle(struct watch *watch, const struct epoll_event *event, bool *ticked)
{
	switch (*(enum source *)event->data.ptr) {
	case SOURCE_ACCEPT:
		peers_accept(watch);
		break;
	case SOURCE_SIGNALS:
		take_signals(watch);
		break;
	case SOURCE_DONE:
		take_done(watch);
		break;
	case SOURCE_TIMER:
		*ticked = true;
		break;
	case SOURCE_SESSION:
		session_event(watch, event->data.ptr, event->events);
		break;
	case SOURCE_CONNECTION:
		peer_event(watch, event->data.ptr, event->events);
		break;
	case SOURCE_GATE:
		gate_event(watch, event->data.ptr);
		break;
	}
}

static int serve(struct watch *watch, struct fault *fault)
{
	struct epoll_event events[EVENTS];

	while (!watch->over) {
		int count = epoll_wait(watch->poll, events, EVENTS, -1);
		bool ticked = false;

		if (count < 0 && errno != EINTR)
			return fault_set(fault, "tallyd cannot wait: %s",
					 strerror(errno));
		for (int i = 0; i < count; i++)
			handle(watch, &events[i], &ticked);
		/* What is freed is not named by an event that is still to be handled. */
		if (ticked)
			tick(watch);
		sessions_sweep(watch);
	}
	return 0;
}

static void finish(struct watch *watch)
{
	(void)sd_notify(0, "STOPPING=1");
	/* What has been asked is answered; what waits for an answer finds the next tallyd. */
	queue_finish(watch);
	take_done(watch);
	(void)workers_finish(watch->workers, FINISH_MS);
	sessions_sweep(watch);
	if (watch->sessions && fork() == 0) {
		watch_care(watch);
		_exit(0);
	}
	books_close(watch->books);
}

int watch_run(const char *config)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	struct fault fault = {0};
	char line[FAULT_LINE];

	if (watch) {
		watch->arena = arena_new(CONFIG_BYTES);
		watch->accept = watch->poll = -1;
		pthread_mutex_init(&watch->lock, NULL);
	}
	if (!watch || !watch->arena) {
		fputs("tallyd: out of memory\n", stderr);
		return 1;
	}
	if (begin(watch, config, &fault) < 0) {
		fprintf(stderr, "tallyd: %s\n", fault_line(&fault, line));
		return 1;
	}
	(void)sd_notify(0, "READY=1");
	if (serve(watch, &fault) < 0) {
		fprintf(stderr, "tallyd: %s\n", fault.text);
		return 1;
	}
	finish(watch);
	return 0;
}
