/* The exit status of a process that is nobody's child of ours. */
#ifndef TALLY_EXIT_INFO_H
#define TALLY_EXIT_INFO_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * As wait(2) gives it: of a zombie by field 52 of /proc/PID/stat (proc(5)), of a process that
 * has been reaped by its pidfd (PIDFD_GET_INFO with exit status, Linux 6.15). False when
 * neither tells it (yet).
 */
bool exit_info_of(int pidfd, pid_t pid, unsigned long long start, int *status);

#endif
