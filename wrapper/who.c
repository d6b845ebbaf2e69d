#include "who.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "process.h"

/* 4294967295: never set, the process does not come from a login (proc(5)). */
static bool read_id(pid_t pid, const char *name, uint32_t *id)
{
	char path[64], text[32], *end;
	unsigned long long number;
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	number = strtoull(text, &end, 10);
	if (end == text || number >= UINT32_MAX)
		return false;
	*id = (uint32_t)number;
	return true;
}

bool who_of(pid_t pid, uid_t uid, gid_t gid, struct who *who)
{
	struct process process;
	uint32_t login = uid;

	*who = (struct who){.pid = pid, .uid = uid, .gid = gid};
	who->login_known = read_id(pid, "loginuid", &login);
	who->login = login;
	who->audit_known = read_id(pid, "sessionid", &who->audit_session);
	if (!process_look(pid, &process))
		return false;
	who->start = process.start;
	who->parent = process.parent;
	return true;
}

void who_self(struct who *who)
{
	/* Without /proc it still is somebody: what the system calls say. */
	(void)who_of(getpid(), geteuid(), getegid(), who);
	who->parent = getppid();
	/* Below su without a login it is the one who called. */
	if (!who->login_known)
		who->login = getuid();
}
