/*
 * Who a process is, as the kernel says: what the gate tells of itself in an embedded session,
 * and what tallyd tells of a gate that has called it. No message and no variable is asked.
 */
#ifndef TALLY_WHO_H
#define TALLY_WHO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct who {
	pid_t pid;
	unsigned long long start; /* as process.h has it */
	pid_t parent;
	uid_t uid; /* effective */
	gid_t gid;
	bool login_known; /* false: the process does not come from a login */
	uid_t login;	  /* /proc/PID/loginuid, which survives su and sudo; else uid */
	bool audit_known; /* audit_session was set */
	uint32_t audit_session; /* /proc/PID/sessionid */
};

/* This process. */
void who_self(struct who *who);

/*
 * The process `pid`, whose effective uid and gid the socket has told (SO_PEERCRED). False
 * when it is gone.
 */
bool who_of(pid_t pid, uid_t uid, gid_t gid, struct who *who);

#endif
