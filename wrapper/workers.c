#include "workers.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

enum { MOST_THREADS = 64, IDLE_THREADS = 4, STACK_BYTES = 512 * 1024 };

struct work {
	struct work *next;
	void (*run)(void *work);
	void *what;
};

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t wanted, finished;
	struct work *first, **last;
	unsigned int threads, idle, waiting; /* waiting: work that nobody has taken */
	bool closing;
};

struct workers *workers_new(void)
{
	struct workers *workers = calloc(1, sizeof(*workers));
	pthread_condattr_t clock;

	if (!workers)
		return NULL;
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_mutex_init(&workers->lock, NULL);
	pthread_cond_init(&workers->wanted, NULL);
	pthread_cond_init(&workers->finished, &clock);
	pthread_condattr_destroy(&clock);
	workers->last = &workers->first;
	return workers;
}

static struct work *take(struct workers *workers)
{
	struct work *work = workers->first;

	workers->first = work->next;
	if (!workers->first)
		workers->last = &workers->first;
	workers->waiting--;
	return work;
}

static void *thread_main(void *context)
{
	struct workers *workers = context;

	/* Its pauses are measured in microseconds. */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	pthread_mutex_lock(&workers->lock);
	for (;;) {
		struct work *work;

		while (!workers->first && !workers->closing &&
		       workers->idle < IDLE_THREADS) {
			workers->idle++;
			pthread_cond_wait(&workers->wanted, &workers->lock);
			workers->idle--;
		}
		if (!workers->first)
			break;
		work = take(workers);
		pthread_mutex_unlock(&workers->lock);
		work->run(work->what);
		free(work);
		pthread_mutex_lock(&workers->lock);
	}
	workers->threads--;
	pthread_cond_signal(&workers->finished);
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

/* All signals stay with the thread that called supervise_serve(). */
static bool start_thread(struct workers *workers)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;
	int error;

	if (pthread_attr_init(&attributes) != 0)
		return false;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, thread_main, workers);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (error)
		return false;
	workers->threads++;
	return true;
}

bool workers_do(struct workers *workers, void (*run)(void *work), void *what)
{
	struct work *work = malloc(sizeof(*work));
	bool taken = true;

	if (!work)
		return false;
	*work = (struct work){NULL, run, what};
	pthread_mutex_lock(&workers->lock);
	if (workers->waiting + 1 > workers->idle && workers->threads < MOST_THREADS &&
	    !start_thread(workers) && workers->threads == 0)
		taken = false;
	if (taken) {
		*workers->last = work;
		workers->last = &work->next;
		workers->waiting++;
		pthread_cond_signal(&workers->wanted);
	}
	pthread_mutex_unlock(&workers->lock);
	if (!taken)
		free(work);
	return taken;
}

bool workers_finish(struct workers *workers, int milliseconds)
{
	struct timespec until;
	bool done;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += milliseconds % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&workers->lock);
	workers->closing = true;
	pthread_cond_broadcast(&workers->wanted);
	while (workers->threads > 0 &&
	       pthread_cond_timedwait(&workers->finished, &workers->lock, &until) == 0)
		;
	done = workers->threads == 0;
	pthread_mutex_unlock(&workers->lock);
	return done;
}

void workers_free(struct workers *workers)
{
	pthread_mutex_destroy(&workers->lock);
	pthread_cond_destroy(&workers->wanted);
	pthread_cond_destroy(&workers->finished);
	free(workers);
}
