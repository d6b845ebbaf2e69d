/*
 * What starting a program costs: bench_exec [-n STARTS] [-p PERCENT] [-v] PROGRAM CONFIG...
 *
 * PROGRAM is a path, with arguments behind blanks.
 * CONFIG is LABEL[=COMMAND]: a worker is started below COMMAND (cut at blanks; "env
 * LD_PRELOAD=x", "tally shell --"; none: natively), and starts PROGRAM when it is told to:
 * fork, exec, wait. One start of each configuration in turn, so that what else the machine
 * does hits all of them alike; the low percentile leaves out what hits one. Prints for each
 * its time in microseconds and its ratio to the first one's.
 *   -n  starts of each (2000)   -p  percentile (10)   -v  vfork in place of fork
 */
#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONFIGS = 16, MOST_WORDS = 64, WARM_UP = 50 };

struct config {
	const char *label;
	int tell, hear; /* pipes to and from the worker */
	pid_t worker;
	uint32_t *times; /* nanoseconds, one a start */
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_exec: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- the worker ---- */

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint32_t start_once(char **argv, bool vforked)
{
	uint64_t begin = now();
	pid_t child = vforked ? vfork() : fork();
	int status;

	if (child == 0) {
		execve(argv[0], argv, environ);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		return 0;
	return (uint32_t)(now() - begin);
}

/* One start for each byte that is read; its time is the answer, 0 when it failed. */
static int work(char **argv, bool vforked)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) == 1) {
		uint32_t time = start_once(argv, vforked);

		if (write(STDOUT_FILENO, &time, sizeof(time)) != sizeof(time))
			return 1;
	}
	return 0;
}

/* ---- the master ---- */

static void start_worker(struct config *config, const char *command, const char *self,
			 const char *program, bool vforked)
{
	char *words[2 * MOST_WORDS + 5];
	char *copy = strdup(command), *started = strdup(program), *save = NULL;
	posix_spawn_file_actions_t actions;
	int tell[2], hear[2], error;
	size_t count = 0;

	if (!copy || !started || pipe(tell) < 0 || pipe(hear) < 0)
		die("pipe");
	for (char *word = strtok_r(copy, " ", &save); word && count < MOST_WORDS;
	     word = strtok_r(NULL, " ", &save))
		words[count++] = word;
	words[count++] = (char *)(size_t)self;
	words[count++] = (char *)(size_t)(vforked ? "--vfork" : "--fork");
	for (char *word = strtok_r(started, " ", &save); word && count < 2 * MOST_WORDS;
	     word = strtok_r(NULL, " ", &save))
		words[count++] = word;
	words[count] = NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, tell[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, hear[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	error = posix_spawnp(&config->worker, words[0], &actions, NULL, words, environ);
	if (error) {
		errno = error;
		die(words[0]);
	}
	posix_spawn_file_actions_destroy(&actions);
	close(tell[0]);
	close(hear[1]);
	config->tell = tell[1];
	config->hear = hear[0];
	free(copy);
	free(started);
}

static uint32_t ask(const struct config *config)
{
	uint32_t time = 0;
	ssize_t length;

	if (write(config->tell, "", 1) != 1)
		die(config->label);
	length = read(config->hear, &time, sizeof(time));
	if (length != sizeof(time) || time == 0) {
		fprintf(stderr, "bench_exec: %s: %s\n", config->label,
			length == sizeof(time) ? "the program could not be started"
					       : "its worker has ended");
		exit(1);
	}
	return time;
}

static int by_value(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double percentile(struct config *config, long starts, long percent)
{
	qsort(config->times, (size_t)starts, sizeof(*config->times), by_value);
	return config->times[starts * percent / 100] / 1000.0;
}

int main(int argc, char **argv)
{
	struct config configs[MOST_CONFIGS] = {0};
	long starts = 2000, percent = 10;
	bool vforked = false;
	double native;
	int option, count = 0;

	if (argc > 2 && strcmp(argv[1], "--fork") == 0)
		return work(argv + 2, false);
	if (argc > 2 && strcmp(argv[1], "--vfork") == 0)
		return work(argv + 2, true);
	while ((option = getopt(argc, argv, "+n:p:v")) != -1) {
		if (option == 'n')
			starts = strtol(optarg, NULL, 10);
		else if (option == 'p')
			percent = strtol(optarg, NULL, 10);
		else if (option == 'v')
			vforked = true;
		else
			return 2;
	}
	if (argc - optind < 2 || argc - optind > MOST_CONFIGS || starts < 10 ||
	    percent < 0 || percent > 99) {
		fputs("usage: bench_exec [-n STARTS] [-p PERCENT] [-v] PROGRAM "
		      "LABEL[=COMMAND]...\n",
		      stderr);
		return 2;
	}
	for (int i = optind + 1; i < argc; i++, count++) {
		char *equals = strchr(argv[i], '=');

		if (equals)
			*equals = '\0';
		configs[count].label = argv[i];
		configs[count].times = calloc((size_t)starts, sizeof(uint32_t));
		if (!configs[count].times)
			die("memory");
		start_worker(&configs[count], equals ? equals + 1 : "", argv[0],
			     argv[optind], vforked);
	}
	for (int i = 0; i < count; i++)
		for (int n = 0; n < WARM_UP; n++)
			ask(&configs[i]);
	for (long n = 0; n < starts; n++)
		for (int i = 0; i < count; i++)
			configs[i].times[n] = ask(&configs[i]);
	native = percentile(&configs[0], starts, percent);
	for (int i = 0; i < count; i++) {
		double time = i ? percentile(&configs[i], starts, percent) : native;

		printf("%-16s %8.1f us  %5.3f\n", configs[i].label, time, time / native);
		close(configs[i].tell);
	}
	for (int i = 0; i < count; i++)
		waitpid(configs[i].worker, NULL, 0);
	return 0;
}
