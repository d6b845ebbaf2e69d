/*
 * Threads for what may take its time (a disk, another process's scheduling), so that the
 * loop that answers execs never waits for it.
 */
#ifndef TALLY_WORKERS_H
#define TALLY_WORKERS_H

#include <stdbool.h>

struct workers;

/* NULL when memory is short. Threads are made when there is work for them. */
struct workers *workers_new(void);

/*
 * Has a thread call run(work) soon; work waits where all threads are busy. False when
 * neither a thread nor memory is to be had: run() will not be called.
 */
bool workers_do(struct workers *workers, void (*run)(void *work), void *work);

/*
 * Waits until all work is done, at most `milliseconds`. False when some is not: then its
 * threads still use what they were given, and `workers` must not be freed.
 */
bool workers_finish(struct workers *workers, int milliseconds);
void workers_free(struct workers *workers);

#endif
