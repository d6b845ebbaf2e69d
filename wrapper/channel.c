#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe.h"

/* What a packet says whose message lies in a memory file. */
static const char in_body[] = "{}";

enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static int address(const char *path, struct sockaddr_un *name)
{
	*name = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(name->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name->sun_path, path, strlen(path) + 1);
	return 0;
}

int channel_listen(const char *path, unsigned mode, struct fault *fault)
{
	struct sockaddr_un name;
	int fd;

	if (address(path, &name) < 0)
		return fault_set(fault, "%s: %s", path, strerror(errno));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fault_set(fault, "no socket can be made: %s", strerror(errno));
	unlink(path);
	if (bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 ||
	    chmod(path, mode) < 0 || listen(fd, SOMAXCONN) < 0) {
		fault_set(fault, "%s cannot be listened at: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

int channel_connect(const char *path)
{
	struct sockaddr_un name;
	int fd, error;

	if (address(path, &name) < 0)
		return -1;
	/* Where nobody accepts for long, connect(2) would wait: it is tried again instead. */
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* ---- sending ---- */

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -1;
		text += written;
		length -= (size_t)written;
	}
	return 0;
}

static int make_body(const char *text, size_t length)
{
	int fd = memfd_create("tallygate-message", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (write_all(fd, text, length) < 0 || fcntl(fd, F_ADD_SEALS, SEALS) < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Waits until `events` are there; -1 with errno EAGAIN when the time is over. */
static int await(int socket, short events, int64_t deadline)
{
	struct pollfd poll_fd = {.fd = socket, .events = events};
	int64_t left = deadline - probe_clock();

	if (deadline == 0 || left <= 0) {
		errno = EAGAIN;
		return -1;
	}
	if (poll(&poll_fd, 1, left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
		return -1;
	return 0;
}

static int send_packet(int socket, const char *text, size_t length, const int *files,
		       size_t count, int64_t deadline)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * (CHANNEL_FILES + 1))];
	} control = {0};
	struct iovec part = {.iov_base = (void *)text, .iov_len = length};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

	if (count) {
		struct cmsghdr *rights;

		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(rights), files, sizeof(int) * count);
	}
	for (;;) {
		if (sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || await(socket, POLLOUT, deadline) < 0)
			return -1;
	}
}

int channel_send(int socket, const json_t *message, const int *files, size_t count,
		 int64_t deadline)
{
	char *text = json_dumps(message, JSON_COMPACT);
	size_t length = text ? strlen(text) : 0;
	int all[CHANNEL_FILES + 1], result;

	if (!text || count > CHANNEL_FILES) {
		free(text);
		errno = text ? EINVAL : ENOMEM;
		return -1;
	}
	if (length > CHANNEL_BODY) {
		free(text);
		errno = EMSGSIZE;
		return -1;
	}
	if (length <= CHANNEL_PACKET) {
		result = send_packet(socket, text, length, files, count, deadline);
		free(text);
		return result;
	}
	all[0] = make_body(text, length);
	free(text);
	if (all[0] < 0)
		return -1;
	if (count)
		memcpy(all + 1, files, sizeof(int) * count);
	result = send_packet(socket, in_body, strlen(in_body), all, count + 1, deadline);
	count = (size_t)errno;
	close(all[0]);
	errno = (int)count;
	return result;
}

/* ---- receiving ---- */

static void take_files(struct msghdr *header, int *files, size_t *count, pid_t *sender)
{
	*count = 0;
	*sender = 0;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part;
	     part = CMSG_NXTHDR(header, part)) {
		size_t number;

		if (part->cmsg_level == SOL_SOCKET &&
		    part->cmsg_type == SCM_CREDENTIALS) {
			struct ucred who;

			memcpy(&who, CMSG_DATA(part), sizeof(who));
			*sender = who.pid;
		}
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		number = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < number; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(fd));
			if (*count <= CHANNEL_FILES)
				files[(*count)++] = fd;
			else
				close(fd);
		}
	}
}

static ssize_t receive(int socket, struct msghdr *header, int64_t deadline)
{
	for (;;) {
		ssize_t length = recvmsg(socket, header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

		if (length >= 0 || (errno != EINTR && errno != EAGAIN))
			return length;
		if (errno == EAGAIN && await(socket, POLLIN, deadline) < 0)
			return -1;
	}
}

/* A message in a memory file that its sender can still change is none. */
static bool sealed(int fd)
{
	struct stat status;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS && fstat(fd, &status) == 0 &&
	       status.st_size > CHANNEL_PACKET && status.st_size <= CHANNEL_BODY;
}

int channel_receive(int socket, struct packet *packet, int64_t deadline)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * (CHANNEL_FILES + 1)) +
			   CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec part = {.iov_len = CHANNEL_PACKET + 1};
	struct msghdr header = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
	int files[CHANNEL_FILES + 1];
	size_t count;
	ssize_t length;

	*packet = (struct packet){.body = -1, .text = malloc(CHANNEL_PACKET + 2)};
	part.iov_base = packet->text;
	length = packet->text ? receive(socket, &header, deadline) : -1;
	if (length <= 0) {
		free(packet->text);
		packet->text = NULL;
		return length < 0 ? -1 : 0;
	}
	take_files(&header, files, &count, &packet->sender);
	packet->length = (size_t)length;
	packet->text[length] = '\0';
	if (packet->length == strlen(in_body) && strcmp(packet->text, in_body) == 0 &&
	    count) {
		free(packet->text);
		packet->text = NULL;
		packet->body = files[0];
	}
	for (size_t i = packet->body >= 0; i < count; i++) {
		if (packet->file_count < CHANNEL_FILES)
			packet->files[packet->file_count++] = files[i];
		else
			close(files[i]);
	}
	if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    (packet->body >= 0 && !sealed(packet->body))) {
		packet_close(packet);
		errno = EPROTO;
		return -1;
	}
	return 1;
}

static json_t *parse(const char *text, size_t length, struct fault *fault)
{
	json_error_t error;
	json_t *value =
		json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

	if (json_is_object(value))
		return value;
	fault_set(fault, "a message is no JSON object: %s",
		  value ? "it is something else" : error.text);
	json_decref(value);
	return NULL;
}

json_t *packet_value(const struct packet *packet, struct fault *fault)
{
	struct stat status;
	json_t *value;
	void *map;

	if (packet->text)
		return parse(packet->text, packet->length, fault);
	if (fstat(packet->body, &status) < 0) {
		fault_set(fault, "a message cannot be read: %s", strerror(errno));
		return NULL;
	}
	map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, packet->body, 0);
	if (map == MAP_FAILED) {
		fault_set(fault, "a message cannot be read: %s", strerror(errno));
		return NULL;
	}
	value = parse(map, (size_t)status.st_size, fault);
	munmap(map, (size_t)status.st_size);
	return value;
}

int packet_take_file(struct packet *packet, size_t index)
{
	int fd;

	if (index >= packet->file_count)
		return -1;
	fd = packet->files[index];
	packet->files[index] = -1;
	return fd;
}

void packet_close(struct packet *packet)
{
	free(packet->text);
	packet->text = NULL;
	if (packet->body >= 0)
		close(packet->body);
	packet->body = -1;
	for (size_t i = 0; i < packet->file_count; i++)
		if (packet->files[i] >= 0)
			close(packet->files[i]);
	packet->file_count = 0;
}
