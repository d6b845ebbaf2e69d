/*
 * An exec that an earlier tallyd had taken from the kernel at the very moment it was killed,
 * before it could note it: nobody would ever answer it.
 */
#ifndef TALLY_WATCH_ORPHAN_H
#define TALLY_WATCH_ORPHAN_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Looks for an exec of `listener` that has been taken after the one with the id `last` and
 * still waits; to be called before anything else is taken from it. The kernel counts the ids
 * of a filter upwards and gives them out in order (kernel/seccomp.c); which thread it is shows
 * where a file arrives that is given to it; what it calls stands in /proc/TID/syscall. True
 * when there is one: *call is what the kernel had told.
 */
bool orphan_find(int listener, uint64_t last, struct seccomp_notif *call);

#endif
