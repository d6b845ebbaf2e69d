/* What the supervisor has to say when there is no command to say it to. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "supervisor.h"

enum { LINE = 1024, MOST_BYTES = 1 << 20 };

void session_log(const struct session *session, const char *format, ...)
{
	char path[PATH_MAX], older[PATH_MAX], line[LINE];
	struct stat status;
	time_t now = time(NULL);
	struct tm utc;
	va_list args;
	size_t length;
	int fd;

	if (snprintf(path, sizeof(path), "%s/session.log", session->state) >=
		    (int)sizeof(path) ||
	    !gmtime_r(&now, &utc))
		return;
	length = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%SZ ", &utc);
	length += (size_t)snprintf(line + length, sizeof(line) - length, "%.64s ",
				   session->id);
	va_start(args, format);
	vsnprintf(line + length, sizeof(line) - length - 1, format, args);
	va_end(args);
	/* Names of programs are anybody's text. */
	for (char *p = line + length; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	length = strlen(line);
	line[length++] = '\n';
	fd = open(path,
		  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		  0600);
	if (fd < 0)
		return;
	if (write(fd, line, length) < 0)
		errno = 0; /* a full disk holds nothing up here */
	/* Somebody who makes it write for ever shall not fill the disk. */
	if (fstat(fd, &status) == 0 && status.st_size > MOST_BYTES &&
	    snprintf(older, sizeof(older), "%s.1", path) < (int)sizeof(older))
		(void)rename(path, older);
	close(fd);
}
