#include "process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* proc(5): pid (comm) state ppid ...; comm may hold blanks and parentheses. */
static bool read_stat(pid_t pid, struct process *process, char *state)
{
	char path[64], text[1024], *p, *name;
	ssize_t length;
	int fd, field;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	p = strrchr(text, ')');
	name = strchr(text, '(');
	if (!p || p[1] != ' ' || !name)
		return false;
	snprintf(process->name, sizeof(process->name), "%.*s", (int)(p - name - 1),
		 name + 1);
	p += 2;
	*state = *p;
	process->pid = pid;
	for (field = 3; *p; field++) {
		if (field == 4)
			process->parent = (pid_t)strtol(p, NULL, 10);
		if (field == 22) {
			process->start = strtoull(p, NULL, 10);
			return true;
		}
		p += strcspn(p, " ");
		p += *p == ' ';
	}
	return false;
}

bool process_look(pid_t pid, struct process *process)
{
	char state;

	return read_stat(pid, process, &state);
}

bool process_alive(pid_t pid, unsigned long long start)
{
	struct process process;
	char state;

	return read_stat(pid, &process, &state) && process.start == start &&
	       state != 'Z' && state != 'X';
}

bool process_stopped(pid_t pid)
{
	struct process process;
	char state;

	return read_stat(pid, &process, &state) && state == 'T';
}
