/* Messages over a socket: whole or refused, small or large, with files or without. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"
#include "probe.h"
#include "tap.h"

static int ends[2];

static void fresh(void)
{
	close(ends[0]);
	close(ends[1]);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		exit(99);
}

static int open_files(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* A message whose text is `length` bytes, there and back. */
static void check_size(size_t length)
{
	char *text = malloc(length + 1);
	struct packet packet;
	struct fault fault;
	json_t *message, *got;
	int before = open_files();

	memset(text, 'x', length);
	text[length] = '\0';
	message = json_pack("{s:s}", "text", text);
	ok(channel_send(ends[0], message, NULL, 0, probe_clock() + 5000) == 0 &&
		   channel_receive(ends[1], &packet, probe_clock() + 5000) == 1,
	   "%zu bytes are sent", length);
	got = packet_value(&packet, &fault);
	ok(json_equal(message, got), "and arrive");
	packet_close(&packet);
	ok(open_files() == before, "and leave no file open");
	json_decref(got);
	json_decref(message);
	free(text);
}

static void check_files(void)
{
	json_t *message = json_pack("{s:i}", "a", 1);
	int files[2] = {0, 1}, before = open_files(), taken;
	struct packet packet;

	channel_send(ends[0], message, files, 2, 0);
	ok(channel_receive(ends[1], &packet, 0) == 1 && packet.file_count == 2,
	   "files come with a message");
	taken = packet_take_file(&packet, 1);
	ok(taken >= 0 && (fcntl(taken, F_GETFD) & FD_CLOEXEC), "one is taken out");
	ok(packet_take_file(&packet, 2) == -1, "there is no third");
	packet_close(&packet);
	ok(open_files() == before + 1, "the other goes with the packet");
	close(taken);
	json_decref(message);
}

static void send_raw(const char *text, size_t length, int file)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec part = {(void *)text, length};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

	if (file >= 0) {
		struct cmsghdr *rights;

		header.msg_control = control;
		header.msg_controllen = sizeof(control);
		rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(rights), &file, sizeof(file));
	}
	sendmsg(ends[0], &header, 0);
}

static void check_garbage(void)
{
	static const char *const bad[] = {"[]",	  "1",	  "{",	 "{\"a\":1,\"a\":2}",
					  "{}{}", "\xff", "null"};
	char large[CHANNEL_PACKET + 100];
	struct packet packet;
	struct fault fault;
	int before = open_files(), file;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		send_raw(bad[i], strlen(bad[i]), -1);
		ok(channel_receive(ends[1], &packet, 0) == 1 &&
			   !packet_value(&packet, &fault),
		   "%s is no message", bad[i]);
		packet_close(&packet);
	}
	memset(large, ' ', sizeof(large));
	send_raw(large, sizeof(large), -1);
	errno = 0;
	ok(channel_receive(ends[1], &packet, 0) == -1 && errno == EPROTO,
	   "a packet that is too large");
	file = memfd_create("t", MFD_ALLOW_SEALING);
	ok(ftruncate(file, CHANNEL_PACKET + 10) == 0, "a memory file");
	send_raw("{}", 2, file);
	ok(channel_receive(ends[1], &packet, 0) == -1 && errno == EPROTO,
	   "that is not sealed");
	fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	send_raw("{}", 2, file);
	ok(channel_receive(ends[1], &packet, 0) == 1 && !packet_value(&packet, &fault),
	   "that holds no JSON");
	packet_close(&packet);
	close(file);
	send_raw("{}", 2, 0);
	ok(channel_receive(ends[1], &packet, 0) == -1 && errno == EPROTO,
	   "a file that is no memory file");
	ok(channel_receive(ends[1], &packet, 0) == -1 && errno == EAGAIN, "nothing more");
	ok(open_files() == before, "and no file stays open");
}

static void check_end(void)
{
	struct packet packet;
	json_t *message = json_pack("{s:i}", "a", 1);
	int sent = 0;

	while (channel_send(ends[0], message, NULL, 0, 0) == 0)
		sent++;
	ok(sent > 0 && errno == EAGAIN, "a full socket is not waited for");
	fresh();
	close(ends[0]);
	ends[0] = -1;
	ok(channel_receive(ends[1], &packet, 0) == 0, "the other side has gone");
	ok(channel_send(ends[1], message, NULL, 0, 0) == -1 && errno == EPIPE,
	   "and gets nothing any more");
	json_decref(message);
}

int main(void)
{
	ends[0] = ends[1] = -1;
	fresh();
	check_size(0);
	check_size(CHANNEL_PACKET - 11);
	check_size(CHANNEL_PACKET - 10);
	check_size(CHANNEL_PACKET * 100);
	check_files();
	check_garbage();
	check_end();
	return done();
}
