/* Kernel facts about processes, from proc(5). */
#ifndef TALLY_PROCESS_H
#define TALLY_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
	pid_t pid, parent;
	unsigned long long start; /* clock ticks since boot, field 22 of /proc/PID/stat */
	char name[64]; /* as the process calls itself (comm), which proves nothing */
};

/* False when there is no such process (any more). */
bool process_look(pid_t pid, struct process *process);

/* True while the process that had this pid and start time is there (a zombie is not). */
bool process_alive(pid_t pid, unsigned long long start);

/* True when a stop signal has stopped it (not a tracer). */
bool process_stopped(pid_t pid);

#endif
