/*
 * signals handler|cancel PROGRAM ARG...: executes PROGRAM from a signal handler on a small
 * stack of its own; or cancels a thread that waits in system(3) and then runs PROGRAM with
 * system(3) again, when SIGINT must be as it was.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char **program;

static void handler(int number)
{
	(void)number;
	execv(program[0], program);
	_exit(127);
}

static int by_handler(void)
{
	static char stack[8192];
	stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};

	sigaltstack(&own, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	return 1;
}

static void *waiting(void *context)
{
	(void)context;
	system("echo waits; exec sleep 100");
	return NULL;
}

static int by_cancel(void)
{
	struct sigaction after;
	pthread_t thread;
	void *result;

	pthread_create(&thread, NULL, waiting, NULL);
	/* It waits once SIGINT is ignored. */
	do {
		usleep(1000);
		sigaction(SIGINT, NULL, &after);
	} while (after.sa_handler != SIG_IGN);
	usleep(100000);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	sigaction(SIGINT, NULL, &after);
	printf("%s, SIGINT %s\n",
	       result == PTHREAD_CANCELED ? "cancelled" : "not cancelled",
	       after.sa_handler == SIG_DFL ? "default" : "ignored");
	fflush(stdout);
	return WEXITSTATUS(system(program[0]));
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	program = argv + 2;
	return strcmp(argv[1], "handler") == 0 ? by_handler() : by_cancel();
}
