#include "audit_torn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "audit_log.h"

enum { BLOCK = 64 * 1024 };

static int read_at(int fd, char *bytes, size_t length, off_t offset)
{
	while (length) {
		ssize_t got = pread(fd, bytes, length, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got ? errno : EIO;
			return -1;
		}
		bytes += got;
		offset += got;
		length -= (size_t)got;
	}
	return 0;
}

/* 1 when a record ends (with its newline) at `end`, 0 when not. */
static int record_ends(int fd, off_t end, struct audit_link *link)
{
	char bytes[AUDIT_END + 1];
	size_t length = end < (off_t)sizeof(bytes) ? (size_t)end : sizeof(bytes);

	if (read_at(fd, bytes, length, end - (off_t)length) < 0)
		return -1;
	return length > 0 && bytes[length - 1] == '\n' &&
	       audit_link_read(bytes, length - 1, link);
}

/* Looks backwards, newline by newline, for the last record; *end is behind it. */
static int find_record(int fd, off_t size, struct audit_link *link, off_t *end)
{
	char *block = malloc(BLOCK);
	off_t high = size;
	int found = 0;

	if (!block)
		return -1;
	*end = 0;
	while (high > 0 && found == 0) {
		size_t length = high < BLOCK ? (size_t)high : BLOCK;
		off_t low = high - (off_t)length;

		if (size - low > AUDIT_TORN + BLOCK) {
			errno = EFBIG;
			found = -1;
			break;
		}
		found = read_at(fd, block, length, low);
		for (size_t i = length; i > 0 && found == 0; i--) {
			if (block[i - 1] != '\n')
				continue;
			*end = low + (off_t)i;
			found = record_ends(fd, *end, link);
		}
		high = low;
	}
	free(block);
	if (found == 0) {
		*end = 0;
		*link = audit_chain_start;
	}
	return found < 0 ? -1 : 0;
}

static int digest(int fd, off_t size, struct audit_torn *torn)
{
	unsigned char hash[crypto_generichash_BYTES];
	crypto_generichash_state state;
	char *block = malloc(BLOCK), last = '\0';
	off_t at = torn->offset;

	if (!block)
		return -1;
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	while (at < size) {
		size_t length = size - at < BLOCK ? (size_t)(size - at) : BLOCK;

		if (read_at(fd, block, length, at) < 0) {
			free(block);
			return -1;
		}
		crypto_generichash_update(&state, (unsigned char *)block, length);
		last = block[length - 1];
		at += (off_t)length;
	}
	free(block);
	torn->open = last != '\n';
	torn->bytes = (uint64_t)(size - torn->offset) + torn->open;
	if (torn->open)
		crypto_generichash_update(&state, (const unsigned char *)"\n", 1);
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(torn->digest, sizeof(torn->digest), hash, sizeof(hash));
	return 0;
}

int audit_torn_look(int fd, off_t size, struct audit_link *link, struct audit_torn *torn)
{
	int good;

	memset(torn, 0, sizeof(*torn));
	*link = audit_chain_start;
	if (size == 0)
		return 0;
	good = record_ends(fd, size, link);
	if (good != 0)
		return good < 0 ? -1 : 0;
	if (find_record(fd, size, link, &torn->offset) < 0)
		return -1;
	return digest(fd, size, torn);
}

json_t *audit_torn_note(const struct audit_torn *torn)
{
	return json_pack(
		"{s:s, s:{s:s}, s:{s:{s:I, s:I, s:s}}, s:{s:s, s:[s], s:[s], s:s, s:s, "
		"s:s}}",
		"@timestamp", "", "ecs", "version", "8.11.0", "tallygate", "torn",
		"offset", (json_int_t)torn->offset, "bytes", (json_int_t)torn->bytes,
		"digest", torn->digest, "event", "kind", "event", "category", "process",
		"type", "info", "action", "log-recovered", "outcome", "success", "reason",
		"the log did not end in a whole record: a power failure, a full "
		"disk, or a writer that was killed");
}
