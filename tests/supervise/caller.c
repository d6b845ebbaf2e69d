/*
 * caller MODE [NUMBER] PROGRAM [ARG...]: starts PROGRAM as an awkward caller.
 *   swap N FREE PROGRAM     N times: a second thread rewrites the path to and fro between
 *                           FREE and PROGRAM, which differ in one byte, while the first
 *                           one executes it
 *   vmswap N FREE PROGRAM   the same, the other being a process with the same memory
 *   signals N PROGRAM       gets a signal every N microseconds while it executes
 *   arguments N PROGRAM     with N bytes of arguments
 *   memory NAME PROGRAM     from a memory file of that name, close-on-exec
 *   hidden PROGRAM          with memory that only root may look at
 *   full PROGRAM            with no free file descriptor
 *   loop N PROGRAM          starts it N times, one after the other
 *   path PROGRAM            as some shells look for it: on any error in the next directory
 * Prints nothing of its own but how often what came out; the status is the program's, 98
 * where it could not be started.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, STACK_BYTES = 256 * 1024, WORD = 1000 };

static void die(const char *what)
{
	fprintf(stderr, "caller: %s: %s\n", what, strerror(errno));
	exit(99);
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int fail_exec(void)
{
	int error = errno;

	fprintf(stderr, "caller: errno %d\n", error);
	return 98;
}

/* ---- paths that change ---- */

struct swap {
	char path[PATH_BYTES];
	size_t at; /* of the byte that changes */
	char bytes[2];
	char **argv;
};

static void flip(struct swap *swap, unsigned int i)
{
	*(volatile char *)&swap->path[swap->at] = swap->bytes[i % 2];
}

static void *flip_thread(void *context)
{
	for (unsigned int i = 0;; i++)
		flip(context, i);
	return NULL;
}

static int exec_swapped(void *context)
{
	struct swap *swap = context;

	execve(swap->path, swap->argv, environ);
	_exit(98);
}

static int swap_thread_once(struct swap *swap)
{
	pthread_t thread;
	pid_t pid = fork();

	if (pid != 0)
		return status_of(pid);
	if (pthread_create(&thread, NULL, flip_thread, swap) != 0)
		_exit(99);
	exec_swapped(swap);
	return 99;
}

static int swap_process_once(struct swap *swap)
{
	static char stack[STACK_BYTES] __attribute__((aligned(16)));
	struct timespec pause = {.tv_nsec = 3 * 1000 * 1000};
	pid_t pid = clone(exec_swapped, stack + STACK_BYTES, CLONE_VM | SIGCHLD, swap);
	struct timespec start, now;

	if (pid < 0)
		die("clone");
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (unsigned int i = 0;; i++) {
		flip(swap, i);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if ((now.tv_sec - start.tv_sec) * 1000000000L + now.tv_nsec -
			    start.tv_nsec >
		    pause.tv_nsec)
			break;
	}
	return status_of(pid);
}

static int swap(int (*once)(struct swap *swap), int rounds, char **argv)
{
	static struct swap shared;
	int counts[256] = {0};

	if (strlen(argv[0]) != strlen(argv[1]) || strlen(argv[0]) >= PATH_BYTES)
		die("the two paths");
	while (argv[0][shared.at] == argv[1][shared.at] && argv[0][shared.at])
		shared.at++;
	shared.bytes[0] = argv[0][shared.at];
	shared.bytes[1] = argv[1][shared.at];
	shared.argv = argv + 1;
	for (int i = 0; i < rounds; i++) {
		strcpy(shared.path, argv[0]);
		counts[once(&shared) & 255]++;
	}
	for (int i = 0; i < 256; i++)
		if (counts[i])
			printf("status %d: %d\n", i, counts[i]);
	return 0;
}

/* ---- one exec ---- */

static void count(int signal)
{
	(void)signal;
}

static int with_signals(long microseconds, char **argv)
{
	struct timespec pause = {.tv_nsec = microseconds * 1000};
	pid_t pid;

	/* It does nothing to a program that has no handler for it. */
	signal(SIGURG, count);
	pid = fork();
	if (pid == 0) {
		execve(argv[0], argv, environ);
		_exit(fail_exec());
	}
	for (;;) {
		siginfo_t info = {0};

		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid == pid)
			return status_of(pid);
		kill(pid, SIGURG);
		nanosleep(&pause, NULL);
	}
}

static int with_arguments(size_t bytes, char **argv)
{
	size_t words = bytes / WORD;
	char **long_argv = calloc(words + 64, sizeof(*long_argv));
	char *word = malloc(WORD);
	size_t used = 0;

	if (!long_argv || !word)
		die("malloc");
	memset(word, 'x', WORD - 1);
	word[WORD - 1] = '\0';
	while (argv[used] && used < 60) {
		long_argv[used] = argv[used];
		used++;
	}
	for (size_t i = 0; i < words; i++)
		long_argv[used++] = word;
	execve(argv[0], long_argv, environ);
	return fail_exec();
}

static int from_memory(const char *name, char **argv)
{
	int fd = memfd_create(name, MFD_CLOEXEC), file = open(argv[0], O_RDONLY);
	char bytes[65536];
	ssize_t got;

	if (fd < 0 || file < 0)
		die(argv[0]);
	while ((got = read(file, bytes, sizeof(bytes))) > 0)
		if (write(fd, bytes, (size_t)got) != got)
			die("write");
	fexecve(fd, argv, environ);
	return fail_exec();
}

static int with_full_table(char **argv)
{
	struct rlimit limit = {64, 64};

	setrlimit(RLIMIT_NOFILE, &limit);
	while (dup(0) >= 0)
		;
	execve(argv[0], argv, environ);
	return fail_exec();
}

static int in_loop(long rounds, char **argv)
{
	for (long i = 0; i < rounds; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			execve(argv[0], argv, environ);
			_exit(fail_exec());
		}
		status = status_of(pid);
		if (status)
			return status;
	}
	return 0;
}

/* Goes on whatever the error: dash and Python's execvp() do. */
static int along_path(char **argv)
{
	char path[PATH_BYTES], *list = strdup(getenv("PATH"));

	for (char *p = strtok(list, ":"); p; p = strtok(NULL, ":")) {
		snprintf(path, sizeof(path), "%s/%s", p, argv[0]);
		execve(path, argv, environ);
	}
	return fail_exec();
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";
	long number = argc > 3 ? atol(argv[2]) : 0;

	if (strcmp(mode, "hidden") == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		execve(argv[2], argv + 2, environ);
		return fail_exec();
	}
	if (strcmp(mode, "full") == 0)
		return with_full_table(argv + 2);
	if (strcmp(mode, "path") == 0)
		return along_path(argv + 2);
	if (argc > 3 && strcmp(mode, "memory") == 0)
		return from_memory(argv[2], argv + 3);
	if (argc > 3 && strcmp(mode, "signals") == 0)
		return with_signals(number, argv + 3);
	if (argc > 3 && strcmp(mode, "arguments") == 0)
		return with_arguments((size_t)number, argv + 3);
	if (argc > 3 && strcmp(mode, "loop") == 0)
		return in_loop(number, argv + 3);
	if (argc > 4 && strcmp(mode, "swap") == 0)
		return swap(swap_thread_once, (int)number, argv + 3);
	if (argc > 4 && strcmp(mode, "vmswap") == 0)
		return swap(swap_process_once, (int)number, argv + 3);
	fputs("usage: caller MODE [NUMBER] PROGRAM [ARG...]\n", stderr);
	return 99;
}
