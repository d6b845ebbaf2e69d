#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"
#include "probe_child.h"
#include "probe_wait.h"

/* What has been read of one pipe so far; everything behind `bound` is counted, not kept. */
struct capture {
	int fd; /* -1: at its end */
	char *bytes;
	size_t length, capacity, bound;
	bool over, failed;
};

struct running {
	struct probe_child child;
	struct capture out, err;
	struct interrupt interrupt;
	int64_t started, limit; /* monotonic milliseconds */
	bool ended, late;
	int status; /* of waitpid() */
	int signal; /* that stopped the wait */
};

int64_t probe_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	       access(path, X_OK) == 0;
}

static const char *under(struct arena *arena, const char *cwd, const char *directory,
			 size_t length, const char *name)
{
	if (length == 0)
		directory = ".", length = 1;
	if (directory[0] == '/' || !cwd)
		return arena_printf(arena, "%.*s/%s", (int)length, directory, name);
	return arena_printf(arena, "%s/%.*s/%s", cwd, (int)length, directory, name);
}

const char *probe_find(struct arena *arena, const char *name, const char *const *env,
		       const char *cwd)
{
	const struct command command = {.env = env, .cwd = cwd};
	const char *path = command_env(&command, "PATH");

	if (!*name)
		return NULL;
	if (strchr(name, '/')) {
		const char *file = command_file(arena, &command, name);

		return file && is_program(file) ? file : NULL;
	}
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	for (;;) {
		size_t length = strcspn(path, ":");
		const char *file =
			length < 4096 ? under(arena, cwd, path, length, name) : NULL;

		if (file && is_program(file))
			return file;
		if (!path[length])
			return NULL;
		path += length + 1;
	}
}

static void capture_close(struct capture *capture)
{
	if (capture->fd >= 0)
		close(capture->fd);
	capture->fd = -1;
}

static bool capture_room(struct capture *capture)
{
	size_t wanted = capture->capacity ? capture->capacity * 2 : 16 * 1024;
	char *grown;

	if (capture->length < capture->capacity)
		return true;
	if (wanted > capture->bound + 1)
		wanted = capture->bound + 1;
	grown = wanted > capture->capacity ? realloc(capture->bytes, wanted) : NULL;
	if (!grown)
		return false;
	capture->bytes = grown;
	capture->capacity = wanted;
	return true;
}

/* Reads what is there; the pipe does not block. */
static void capture_read(struct capture *capture)
{
	char rest[4096];

	while (capture->fd >= 0) {
		bool keep = !capture->over && !capture->failed;
		char *to = rest;
		size_t size = sizeof(rest);
		ssize_t got;

		if (keep && !capture_room(capture)) {
			capture->failed = true;
			continue;
		}
		if (keep) {
			to = capture->bytes + capture->length;
			size = capture->capacity - capture->length;
		}
		got = read(capture->fd, to, size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			capture_close(capture);
			return;
		}
		if (keep)
			capture->length += (size_t)got;
		if (keep && capture->length > capture->bound)
			capture->over = true;
	}
}

static void reap(struct running *run)
{
	if (!run->ended &&
	    waitpid(run->child.pid, &run->status, WNOHANG) == run->child.pid)
		run->ended = true;
}

/* Ends the whole process group: asked first, then not asked. */
static void put_down(struct running *run)
{
	int64_t until = probe_clock() + PROBE_GRACE_MS;

	kill(-run->child.pid, SIGTERM);
	while (!run->ended && probe_clock() < until) {
		struct pollfd fd = {.fd = run->child.pidfd, .events = POLLIN};

		poll(&fd, 1, (int)(until - probe_clock()) + 1);
		reap(run);
	}
	kill(-run->child.pid, SIGKILL);
	while (!run->ended)
		if (waitpid(run->child.pid, &run->status, 0) == run->child.pid ||
		    errno != EINTR)
			run->ended = true;
}

/* Waits for output, the end, a signal or the limit; shows the wait on the terminal. */
static void wait_for(const struct probe *probe, struct running *run)
{
	struct probe_wait wait;

	probe_wait_begin(&wait, probe, run->started, run->limit);
	while ((run->out.fd >= 0 || !run->ended) && !run->signal && !run->late) {
		struct pollfd fds[] = {
			{.fd = run->out.fd, .events = POLLIN},
			{.fd = run->err.fd, .events = POLLIN},
			{.fd = run->ended ? -1 : run->child.pidfd, .events = POLLIN},
			{.fd = run->interrupt.fd, .events = POLLIN},
		};
		int64_t now = probe_clock(), next = probe_wait_show(&wait, now);

		if (now >= run->limit) {
			run->late = true;
			break;
		}
		poll(fds, sizeof(fds) / sizeof(fds[0]), (int)(next - now) + 1);
		capture_read(&run->out);
		capture_read(&run->err);
		reap(run);
		run->signal = interrupt_take(&run->interrupt);
		if (run->out.over || run->out.failed)
			break;
	}
	probe_wait_end(&wait);
	put_down(run);
	capture_read(&run->err);
}

/* The last line of stderr that says anything; it is shown escaped. */
static const char *last_line(struct arena *arena, const struct capture *err)
{
	size_t end = err->length, start;

	while (end > 0 && strchr("\r\n\t ", err->bytes[end - 1]))
		end--;
	for (start = end; start > 0 && err->bytes[start - 1] != '\n';)
		start--;
	if (end - start > 300)
		end = start + 300;
	return end > start ? arena_strndup(arena, err->bytes + start, end - start) : NULL;
}

static const char *tell(struct arena *arena, const struct probe *probe,
			const struct running *run, const struct fact *fact)
{
	const char *name = command_base_name(probe->need->argv[0]);
	const char *said = last_line(arena, &run->err);
	const char *between = said ? ": " : "";

	if (!said)
		said = "";
	if (fact->state == FACT_TIMEOUT)
		return arena_printf(arena, "%s did not end within %lld s%s%s", name,
				    (long long)(run->limit - run->started) / 1000,
				    between, said);
	if (fact->state == FACT_TOO_BIG)
		return arena_printf(arena, "%s printed more than %d MiB", name,
				    PROBE_OUTPUT / (1024 * 1024));
	if (WIFSIGNALED(run->status))
		return arena_printf(arena, "%s was ended by signal %d%s%s", name,
				    WTERMSIG(run->status), between, said);
	return arena_printf(arena, "%s exited with status %d%s%s", name,
			    WEXITSTATUS(run->status), between, said);
}

static int conclude(struct arena *arena, const struct probe *probe,
		    const struct running *run, struct fact *fact, struct fault *fault)
{
	size_t length = run->out.length;

	if (run->out.failed)
		return fault_set(fault, "no memory for the output of the probe %s",
				 probe->need->argv[0]);
	if (length > run->out.bound)
		length = run->out.bound;
	fact->data = arena_strndup(arena, length ? run->out.bytes : "", length);
	fact->length = length;
	fact->status = WIFSIGNALED(run->status) ? 128 + WTERMSIG(run->status)
						: WEXITSTATUS(run->status);
	if (run->out.over)
		fact->state = FACT_TOO_BIG;
	else if (run->late)
		fact->state = FACT_TIMEOUT;
	else if (fact->status != 0)
		fact->state = FACT_FAILED;
	else
		fact->state = FACT_OK;
	if (run->err.length)
		fact->warnings =
			arena_strndup(arena, run->err.bytes,
				      run->err.length < run->err.bound ? run->err.length
								       : run->err.bound);
	if (fact->state != FACT_OK)
		fact->error = tell(arena, probe, run, fact);
	if (!fact->data || (fact->state != FACT_OK && !fact->error))
		return fault_set(fault, "no memory for the answer of the probe %s",
				 probe->need->argv[0]);
	return 0;
}

static int attend(struct arena *arena, const struct probe *probe, const char *path,
		  struct running *run, struct fact *fact, struct fault *fault)
{
	int error = 0, result;

	if (probe_child_start(arena, probe, path, &run->interrupt.before, &run->child,
			      &error, fault) < 0)
		return -1;
	if (error) {
		fact->state = FACT_FAILED;
		fact->error = arena_printf(arena, "%s could not be started: %s", path,
					   strerror(error));
		return fact->error ? 0 : fault_set(fault, "no memory for a probe");
	}
	run->out = (struct capture){.fd = run->child.out, .bound = PROBE_OUTPUT};
	run->err = (struct capture){.fd = run->child.err, .bound = PROBE_ERRORS};
	wait_for(probe, run);
	result = run->signal ? run->signal : conclude(arena, probe, run, fact, fault);
	capture_close(&run->out);
	capture_close(&run->err);
	close(run->child.pidfd);
	free(run->out.bytes);
	free(run->err.bytes);
	return result;
}

int probe_run(struct arena *arena, const struct probe *probe, struct fact *fact,
	      struct fault *fault)
{
	const struct need *need = probe->need;
	unsigned timeout = need->timeout ? need->timeout : PROBE_SECONDS;
	struct running run = {.started = probe_clock()};
	const char *path;
	int result;

	*fact = (struct fact){.need = *need, .state = FACT_ABSENT, .data = ""};
	path = probe_find(arena, need->argv[0], probe->command->env, probe->command->cwd);
	if (!path) {
		fact->error =
			arena_printf(arena, "%s: no such program in PATH", need->argv[0]);
		return fact->error ? 0 : fault_set(fault, "no memory for a probe");
	}
	run.limit = run.started + (int64_t)timeout * 1000;
	if (probe->deadline && run.limit > probe->deadline)
		run.limit = probe->deadline;
	if (interrupt_begin(&run.interrupt, false) < 0)
		return fault_set(fault, "cannot watch for signals: %s", strerror(errno));
	result = attend(arena, probe, path, &run, fact, fault);
	interrupt_end(&run.interrupt);
	return result;
}
