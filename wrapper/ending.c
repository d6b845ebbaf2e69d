#include "ending.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ending_socket.h"

void ending_announce(const struct session *session, const char *event, const char *tool)
{
	char message[ENDING_MESSAGE];
	size_t event_size, tool_size;
	struct sockaddr_un address;
	int fd, directory;

	if (!session->directory || !event || !tool)
		return;
	event_size = strlen(event) + 1;
	tool_size = strlen(tool) + 1;
	if (event_size > sizeof(message) || tool_size > sizeof(message) - event_size)
		return;
	memcpy(message, event, event_size);
	memcpy(message + event_size, tool, tool_size);
	directory = ending_address(session->directory, &address);
	if (directory < 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0) {
		/* Nobody may be there, or nobody may read: either is no matter of the command's. */
		(void)sendto(fd, message, event_size + tool_size, MSG_NOSIGNAL,
			     (const struct sockaddr *)&address, sizeof(address));
		close(fd);
	}
	close(directory);
}
