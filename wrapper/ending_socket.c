#include "ending_socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int ending_address(const char *directory, struct sockaddr_un *address)
{
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s", fd,
		 ENDING_NAME);
	return fd;
}
