#include "state_directory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int state_directory_make(const char *state, struct fault *fault)
{
	char path[4096];
	size_t length = strlen(state);

	if (length >= sizeof(path))
		return fault_set(fault, "the state directory's name is too long: %s",
				 state);
	memcpy(path, state, length + 1);
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return fault_set(fault, "%s cannot be made: %s", path,
					 strerror(errno));
		*p = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return fault_set(fault, "%s cannot be made: %s", path, strerror(errno));
	return 0;
}
