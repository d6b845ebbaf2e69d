/*
 * growth N PROGRAM ARG...: starts PROGRAM N times by vfork and execve, and says by how much
 * that made this process bigger: "mappings +A descriptors +B kilobytes +C". The first
 * hundred starts are not counted: what is needed once may be there. Status 1 when a child
 * could not be started or did not end with 0.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct size {
	long mappings, descriptors, kilobytes;
};

static long count_lines(const char *path)
{
	char buffer[4096];
	ssize_t length;
	long lines = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while ((length = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t i = 0; i < length; i++)
			lines += buffer[i] == '\n';
	close(fd);
	return lines;
}

static long count_descriptors(void)
{
	long count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Resident. statm is off by what the kernel keeps per processor; this walks the pages. */
static long resident(void)
{
	char buffer[4096] = "";
	int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
	ssize_t length = read(fd, buffer, sizeof(buffer) - 1);
	char *line = length > 0 ? strstr(buffer, "\nRss:") : NULL;

	close(fd);
	return line ? strtol(line + sizeof("\nRss:") - 1, NULL, 10) : -1;
}

static struct size measure(void)
{
	return (struct size){count_lines("/proc/self/maps"), count_descriptors(),
			     resident()};
}

static int start(char **argv)
{
	int status;
	pid_t child = vfork();

	if (child == 0) {
		execve(argv[0], argv, environ);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		return -1;
	return 0;
}

int main(int argc, char **argv)
{
	enum { WARM_UP = 100 };
	struct size before, after;
	long count = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

	if (count <= 0) {
		fputs("usage: growth N PROGRAM ARG...\n", stderr);
		return 2;
	}
	for (long i = 0; i < WARM_UP; i++)
		if (start(argv + 2) < 0)
			return 1;
	measure(); /* its own pages are not what is asked about */
	before = measure();
	for (long i = 0; i < count; i++)
		if (start(argv + 2) < 0) {
			fprintf(stderr, "growth: start %ld failed\n", i);
			return 1;
		}
	after = measure();
	printf("mappings %+ld descriptors %+ld kilobytes %+ld\n",
	       after.mappings - before.mappings, after.descriptors - before.descriptors,
	       after.kilobytes - before.kilobytes);
	return 0;
}
