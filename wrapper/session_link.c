#include "session_link.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int word_send(int link, const struct word *word, int descriptor)
{
	struct iovec part = {.iov_base = (void *)word, .iov_len = sizeof(*word)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	union control control = {0};
	ssize_t sent;

	/* Most words are a few bytes: whatever is stopped must not fill the socket. */
	if (!word->directory[0] && !word->text[0])
		part.iov_len = offsetof(struct word, directory);
	if (descriptor >= 0) {
		struct cmsghdr *header;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(descriptor));
		memcpy(CMSG_DATA(header), &descriptor, sizeof(descriptor));
	}
	do {
		sent = sendmsg(link, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

int word_receive(int link, struct word *word, int *descriptor)
{
	struct iovec part = {.iov_base = word, .iov_len = sizeof(*word)};
	union control control = {0};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *header;
	ssize_t length;
	int got = -1;

	memset(word, 0, sizeof(*word));
	do {
		length = recvmsg(link, &message, MSG_CMSG_CLOEXEC);
	} while (length < 0 && errno == EINTR);
	header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(got)))
		memcpy(&got, CMSG_DATA(header), sizeof(got));
	if (descriptor)
		*descriptor = got;
	else if (got >= 0)
		close(got);
	return length < 0 ? -1 : length > 0;
}
