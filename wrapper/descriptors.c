#include "descriptors.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

static bool kept(int fd, const int *keep, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (keep[i] == fd)
			return true;
	return false;
}

void descriptors_release(const int *keep, size_t count)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), from = STDERR_FILENO + 1;

	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (kept(fd, keep, count) || fd == null)
			continue;
		if (null < 0 || dup3(null, fd, O_CLOEXEC) < 0)
			close(fd);
	}
	/* The gaps between those that are kept, from below. */
	for (;;) {
		int next = INT_MAX;

		for (size_t i = 0; i < count; i++)
			if (keep[i] >= from && keep[i] < next)
				next = keep[i];
		if (next > from)
			(void)close_range((unsigned)from,
					  next == INT_MAX ? ~0U : (unsigned)next - 1, 0);
		if (next == INT_MAX)
			return;
		from = next + 1;
	}
}
