#include "audit_chain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

static const char hash_key[] = ",\"hash\":\"", sequence_key[] = ",\"sequence\":";

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

const struct audit_link audit_chain_start = {.hash = ZEROS};

void audit_hash(const void *bytes, size_t length, char hex[AUDIT_HASH])
{
	unsigned char hash[crypto_generichash_BYTES];

	crypto_generichash(hash, sizeof(hash), bytes, length, NULL, 0);
	sodium_bin2hex(hex, AUDIT_HASH, hash, sizeof(hash));
}

bool audit_link_read(const char *line, size_t length, struct audit_link *link)
{
	const size_t key = sizeof(sequence_key) - 1;
	const char *trailer, *digits;

	if (length < AUDIT_TRAILER + key + 1)
		return false;
	trailer = line + length - AUDIT_TRAILER;
	if (memcmp(trailer, hash_key, 9) != 0 ||
	    memcmp(line + length - 3, "\"}}", 3) != 0)
		return false;
	memcpy(link->hash, trailer + 9, 64);
	link->hash[64] = '\0';
	if (strspn(link->hash, "0123456789abcdef") != 64)
		return false;
	digits = trailer;
	while (digits > line && digits[-1] >= '0' && digits[-1] <= '9' &&
	       trailer - digits < 20)
		digits--;
	errno = 0;
	/* A comma ends the digits, so that this never runs over the end. */
	link->sequence = strtoull(digits, NULL, 10);
	return errno == 0 && digits < trailer && *digits != '0' &&
	       (size_t)(digits - line) >= key &&
	       memcmp(digits - key, sequence_key, key) == 0;
}

bool audit_line_intact(const char *line, size_t length, const struct audit_link *link,
		       char found[AUDIT_HASH])
{
	audit_hash(line, length - AUDIT_TRAILER, found);
	return strcmp(found, link->hash) == 0;
}

static int stamp(json_t *record)
{
	struct timespec now;
	char text[80];
	struct tm utc;
	size_t used;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	used = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + used, sizeof(text) - used, ".%03dZ",
		 (int)(now.tv_nsec / 1000000));
	return json_object_set_new(record, "@timestamp", json_string(text));
}

/*
 * Sequence and hash have to be the last of all: what has the place of the last member gives
 * it up, and is set again.
 */
static int chain(json_t *record, const struct audit_link *link)
{
	json_t *event = json_incref(json_object_get(record, "event"));
	json_t *tallygate = json_object_get(record, "tallygate");
	int result;

	json_object_del(record, "event");
	json_object_del(event, "sequence");
	json_object_del(event, "hash");
	result = stamp(record);
	if (json_object_set_new(tallygate, "previous", json_string(link->hash)) < 0 ||
	    json_object_set_new(event, "sequence",
				json_integer((json_int_t)link->sequence + 1)) < 0 ||
	    json_object_set_new(event, "hash", json_string(ZEROS)) < 0)
		result = -1;
	if (json_object_set_new(record, "event", event) < 0)
		result = -1;
	return result;
}

/* Of the control characters JSON asks for no escape of DEL, but a terminal may act on it. */
static char *escape_delete(char *line, size_t *length)
{
	size_t count = 0, used = 0;
	char *copy;

	for (size_t i = 0; i < *length; i++)
		count += line[i] == 0x7f;
	if (!count)
		return line;
	copy = malloc(*length + 5 * count + 2);
	for (size_t i = 0; copy && i < *length; i++) {
		if (line[i] != 0x7f) {
			copy[used++] = line[i];
			continue;
		}
		memcpy(copy + used, "\\u007f", 6);
		used += 6;
	}
	free(line);
	*length = used;
	return copy;
}

/* The dumped record, with room for a newline behind it. */
static char *dump(const json_t *record, size_t *length)
{
	const size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;
	size_t size = json_dumpb(record, NULL, 0, flags);
	char *line = size ? malloc(size + 2) : NULL;

	if (!line)
		return NULL;
	*length = json_dumpb(record, line, size, flags);
	return escape_delete(line, length);
}

char *audit_line(json_t *record, struct audit_link *link, size_t *length)
{
	char *line, hash[AUDIT_HASH];

	if (chain(record, link) < 0)
		return NULL;
	line = dump(record, length);
	if (!line || *length > AUDIT_LINE || *length <= AUDIT_TRAILER) {
		free(line);
		return NULL;
	}
	audit_hash(line, *length - AUDIT_TRAILER, hash);
	memcpy(line + *length - 3 - 64, hash, 64);
	line[(*length)++] = '\n';
	line[*length] = '\0';
	link->sequence++;
	memcpy(link->hash, hash, sizeof(hash));
	return line;
}
