#include "program_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "visible.h"

static const char search[] =
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
	"/bin";

static void become(const char *const *argv, int output)
{
	static char *env[] = {(char *)search, (char *)"LC_ALL=C.UTF-8",
			      (char *)"HOME=/root", (char *)"TERM=dumb", NULL};
	int input = open("/dev/null", O_RDONLY);
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGPIPE, &standard, NULL);
	if (input < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		_exit(127);
	execvpe(argv[0], (char *const *)argv, env);
	_exit(127);
}

static long left(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
}

/* Reads what there is; false at the end of it. */
static bool take(int fd, struct program_output *output)
{
	char bytes[1024];
	ssize_t got = read(fd, bytes, sizeof(bytes));
	size_t room = sizeof(output->text) - 1 - output->length;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (got <= 0)
		return false;
	if ((size_t)got < room)
		room = (size_t)got;
	memcpy(output->text + output->length, bytes, room);
	output->length += room;
	output->text[output->length] = '\0';
	return true;
}

/* Until the program itself ends; what it left running may keep the pipe open for ever. */
static bool follow(int handle, int fd, const struct timespec *end,
		   struct program_output *output)
{
	struct pollfd polls[2] = {{.fd = handle, .events = POLLIN},
				  {.fd = fd, .events = POLLIN}};
	bool ended = false;
	long rest;

	while (!ended && (rest = left(end)) > 0) {
		if (poll(polls, 2, (int)rest) < 0)
			continue;
		if (polls[1].revents && !take(fd, output))
			polls[1].fd = -1;
		ended = polls[0].revents && !(polls[1].revents & POLLIN);
	}
	return ended;
}

/* su hands SIGTERM on to what it has started in a session of its own, SIGKILL it cannot. */
static void end_it(pid_t pid, int handle)
{
	struct pollfd wait = {.fd = handle, .events = POLLIN};

	kill(-pid, SIGTERM);
	if (handle < 0 || poll(&wait, 1, 4000) <= 0)
		kill(-pid, SIGKILL);
}

int program_run(const char *const *argv, unsigned seconds, struct program_output *output,
		struct fault *fault)
{
	struct timespec end;
	int pipes[2], handle, status = 0;
	bool ended = false;
	pid_t pid;

	output->length = 0;
	output->text[0] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK) < 0)
		return fault_set(fault, "%s: %s", argv[0], strerror(errno));
	pid = fork();
	if (pid == 0) {
		/* A program must find its output as it always is. */
		(void)fcntl(pipes[1], F_SETFL, 0);
		become(argv, pipes[1]);
	}
	close(pipes[1]);
	handle = pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
	if (handle >= 0)
		ended = follow(handle, pipes[0], &end, output);
	if (pid > 0 && !ended)
		end_it(pid, handle);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(pipes[0]);
	if (handle < 0)
		return fault_set(fault, "%s cannot be started: %s", argv[0],
				 strerror(errno));
	close(handle);
	if (!ended)
		return fault_set(fault, "%s did not end within %u seconds", argv[0],
				 seconds);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const char *program_first_line(struct arena *arena, const struct program_output *output)
{
	const char *line =
		arena_strndup(arena, output->text, strcspn(output->text, "\r\n"));

	line = line ? visible_text(arena, line, true) : NULL;
	return line && line[0] ? line : "it printed nothing";
}
