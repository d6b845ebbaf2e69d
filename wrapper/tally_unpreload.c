/*
 * tally-unpreload: takes libtally.so out of /etc/ld.so.preload. Linked statically, so that it
 * starts when nothing else does; as the kernel's init= as well, where not even the service
 * manager starts any more. Needs no space on the disk: what has to stay is written in place.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit_status.h"
#include "preload_list.h"

static const char help[] =
	"usage: tally-unpreload\n\n"
	"Takes libtally.so out of " PRELOAD_LIST " and leaves the rest of it. For when\n"
	"programs no longer start: it is linked statically and needs nothing else. Where "
	"the\n"
	"machine does not come up, boot it with init=/usr/sbin/tally-unpreload: it goes "
	"on "
	"with\n"
	"/sbin/init by itself.\n\n"
	"Exit status: 0, also when there was nothing to take out; 2 for a wrong call; "
	"125\n"
	"when it cannot be done.\n";

static int failed(const char *what)
{
	fprintf(stderr, "tally-unpreload: " PRELOAD_LIST " cannot be %s: %s\n", what,
		strerror(errno));
	return EXIT_STATUS_FAILED;
}

static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got = 1;

	while (got > 0 && length < size) {
		got = read(fd, text + length, size - length);
		if (got > 0)
			length += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	if (got > 0)
		errno = EFBIG;
	return got == 0 ? (ssize_t)length : -1;
}

static int take_out(void)
{
	static char text[PRELOAD_LIST_BYTES];
	int fd = open(PRELOAD_LIST, O_RDWR | O_CLOEXEC), status = 0;
	ssize_t length;
	size_t count;

	if (fd < 0 && errno == ENOENT) {
		puts("tally-unpreload: there is no " PRELOAD_LIST);
		return 0;
	}
	if (fd < 0)
		return failed("opened");
	length = read_all(fd, text, sizeof(text));
	if (length < 0) {
		status = failed("read");
		close(fd);
		return status;
	}
	count = preload_list_blank(text, (size_t)length);
	/* One write of less than a page of the same length: no loader sees half of it. */
	if (count == 0)
		puts("tally-unpreload: libtally.so is not in " PRELOAD_LIST);
	else if (preload_list_empty(text, (size_t)length))
		status = unlink(PRELOAD_LIST) == 0 ? 0 : failed("removed");
	else if (pwrite(fd, text, (size_t)length, 0) != length || fsync(fd) < 0)
		status = failed("written");
	close(fd);
	if (count > 0 && status == 0)
		puts("tally-unpreload: libtally.so is taken out; programs that are "
		     "started "
		     "from now on run without it");
	return status;
}

/* Process 1: the root may still be mounted for reading only, and init has to follow. */
static int boot(char **argv)
{
	static const char *const inits[] = {"/sbin/init", "/lib/systemd/systemd",
					    "/bin/sh"};

	if (mount("", "/", NULL, MS_REMOUNT, NULL) < 0)
		fprintf(stderr, "tally-unpreload: / cannot be mounted for writing: %s\n",
			strerror(errno));
	(void)take_out();
	sync();
	for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++) {
		argv[0] = (char *)inits[i];
		execv(inits[i], argv);
	}
	return EXIT_STATUS_FAILED;
}

int main(int argc, char **argv)
{
	if (getpid() == 1)
		return boot(argv);
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return 0;
	}
	if (argc != 1) {
		fputs("tally-unpreload: it takes no arguments; see tally-unpreload "
		      "--help\n",
		      stderr);
		return EXIT_STATUS_USAGE;
	}
	return take_out();
}
