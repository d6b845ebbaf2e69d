/* The audit log below the gate: the end of a line, torn ends, the end record, redaction. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "audit_chain.h"
#include "audit_log.h"
#include "audit_read.h"
#include "audit_torn.h"
#include "redact.h"
#include "tap.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static bool reads(const char *line, uint64_t sequence)
{
	struct audit_link link = {0};

	return audit_link_read(line, strlen(line), &link) && link.sequence == sequence &&
	       strcmp(link.hash, HASH) == 0;
}

static void ends_of_lines(void)
{
	ok(reads("{\"event\":{\"a\":1,\"sequence\":7,\"hash\":\"" HASH "\"}}", 7),
	   "number and hash");
	ok(reads(",\"sequence\":7,\"hash\":\"" HASH "\"}}", 7), "the shortest");
	ok(reads(",\"sequence\":18446744073709551615,\"hash\":\"" HASH "\"}}",
		 UINT64_MAX),
	   "the largest number");
	ok(!reads(",\"sequence\":18446744073709551616,\"hash\":\"" HASH "\"}}", 0),
	   "a number that is too large");
	ok(!reads(",\"sequence\":0,\"hash\":\"" HASH "\"}}", 0), "record 0 is none");
	ok(!reads(",\"sequence\":07,\"hash\":\"" HASH "\"}}", 7), "a leading zero");
	ok(!reads(",\"sequence\":,\"hash\":\"" HASH "\"}}", 0), "no number");
	ok(!reads(",\"sequencE\":7,\"hash\":\"" HASH "\"}}", 7), "another name");
	ok(!reads("7,\"hash\":\"" HASH "\"}}", 7), "a number alone");
	ok(!reads(",\"sequence\":7,\"hash\":\"X123456789abcdef" HASH "\"}}", 7),
	   "no hash");
	ok(!reads(",\"sequence\":7,\"hash\":\"" HASH "\"}} ", 7), "a blank behind it");
	ok(!reads("", 0), "nothing");
}

static json_t *record_of(const char *text)
{
	return json_pack("{s:s, s:{s:s}, s:{s:s}}", "@timestamp", "", "tallygate", "text",
			 text, "event", "action", "command-read");
}

static void lines(void)
{
	struct audit_link link = audit_chain_start, read;
	json_t *record = record_of("a\177b\033");
	char found[AUDIT_HASH], *line, *big;
	size_t length;

	line = audit_line(record, &link, &length);
	ok(line && link.sequence == 1, "the first line has number 1");
	ok(line && strstr(line, "a\\u007fb\\u001") && !strpbrk(line, "\177\033"),
	   "control characters and DEL are escaped");
	ok(line && line[length - 1] == '\n' && audit_link_read(line, length - 1, &read) &&
		   read.sequence == 1 && strcmp(read.hash, link.hash) == 0,
	   "its end is read back");
	ok(line && audit_line_intact(line, length - 1, &read, found),
	   "its hash is right");
	free(line);
	line = audit_line(record, &link, &length);
	ok(line && link.sequence == 2 && strstr(line, "\"sequence\":2,"),
	   "the same record again is the next one");
	if (line)
		line[10] ^= 1;
	ok(line && audit_link_read(line, length - 1, &read) &&
		   !audit_line_intact(line, length - 1, &read, found),
	   "one bit of it makes another hash");
	free(line);
	json_decref(record);
	big = malloc(AUDIT_LINE + 1);
	memset(big, 'x', AUDIT_LINE);
	big[AUDIT_LINE] = '\0';
	record = record_of(big);
	ok(!audit_line(record, &link, &length) && link.sequence == 2,
	   "a line that is too long is refused, and the chain stays where it was");
	json_decref(record);
	free(big);
}

/* ---- with files ---- */

struct place {
	struct arena *arena;
	char state[64];
	const char *log;
};

static bool append(struct place *place, const char *text)
{
	json_t *record = record_of(text);
	struct fault fault = {0};
	int result = audit_append(place->arena, place->state, record, false, &fault);

	if (result < 0)
		printf("# %s\n", fault.text);
	json_decref(record);
	return result == 0;
}

static bool add_bytes(const struct place *place, const char *bytes, size_t length)
{
	int fd = open(place->log, O_WRONLY | O_APPEND | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, bytes, length) == (ssize_t)length;

	if (fd >= 0)
		close(fd);
	return good;
}

/* Every possible cut of a record, not only the one that a test happens to make. */
static void every_cut(struct place *place)
{
	struct audit_link before, link;
	struct audit_torn torn;
	off_t end, whole;
	bool good = true, same = true;
	int fd;

	unlink(place->log);
	ok(append(place, "one") && append(place, "two"), "two records");
	fd = open(place->log, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		printf("Bail out! cannot open %s\n", place->log);
		exit(1);
	}
	end = lseek(fd, 0, SEEK_END);
	ok(audit_torn_look(fd, end, &before, &torn) == 0 && torn.bytes == 0 &&
		   before.sequence == 2,
	   "nothing is torn");
	ok(append(place, "three"), "a third one");
	whole = lseek(fd, 0, SEEK_END);
	for (off_t size = whole - 1; size > end; size--) {
		good = good && ftruncate(fd, size) == 0 &&
		       audit_torn_look(fd, size, &link, &torn) == 0 &&
		       torn.offset == end && torn.open &&
		       torn.bytes == (uint64_t)(size - end) + 1;
		same = same && link.sequence == before.sequence &&
		       strcmp(link.hash, before.hash) == 0;
	}
	ok(good,
	   "cut at any byte, the torn part is what is behind the last whole record");
	ok(same, "and the chain stands at that record");
	close(fd);
}

static void rubbish(struct place *place)
{
	struct audit_torn torn;
	struct audit_link link;
	char *zeros = calloc(1, 1 << 20);
	int fd;

	for (int i = 0; zeros && i < (AUDIT_TORN >> 20) + 2; i++)
		add_bytes(place, zeros, 1 << 20);
	free(zeros);
	fd = open(place->log, O_RDONLY | O_CLOEXEC);
	errno = 0;
	ok(audit_torn_look(fd, lseek(fd, 0, SEEK_END), &link, &torn) < 0 &&
		   errno == EFBIG,
	   "the search for the last record is bounded");
	close(fd);
	ok(!append(place, "more"), "and nothing is appended then");
	unlink(place->log);
}

/* The last record of the log. */
static json_t *last(const struct place *place)
{
	struct audit_reader reader;
	struct audit_text line;
	struct fault fault;
	json_t *record = NULL;

	if (audit_reader_open(&reader, place->log, &fault) < 0)
		return NULL;
	while (audit_reader_next(&reader, &line, &fault) > 0 && !line.open) {
		json_decref(record);
		record = json_loadb(line.bytes, line.length, 0, NULL);
	}
	audit_reader_close(&reader);
	return record;
}

static json_t *end_of(struct place *place, struct audit_end end)
{
	struct fault fault;

	end.event = "01234567-89ab-7def-8123-456789abcdef";
	end.tool = "pdsh";
	end.pid = 4711;
	if (audit_write_end(place->arena, place->state, &end, &fault) < 0)
		return NULL;
	return last(place);
}

static void ends(struct place *place)
{
	json_t *record = end_of(place, (struct audit_end){.status_known = true,
							  .status = 3 << 8,
							  .milliseconds = 1500});

	is_text(audit_get(record, "event.action"), "command-ended",
		"the end of a command");
	is_text(audit_get(record, "event.id"), "01234567-89ab-7def-8123-456789abcdef",
		"it has the id of its beginning");
	is_text(audit_get(record, "event.outcome"), "failure", "status 3 is a failure");
	is_text(audit_get(record, "tallygate.tool"), "pdsh", "the tool");
	ok(audit_get_number(record, "process.exit_code", -1) == 3, "the status");
	ok(audit_get_number(record, "process.pid", -1) == 4711, "the process");
	ok(audit_get_number(record, "event.duration", -1) == 1500000000, "nanoseconds");
	json_decref(record);
	record = end_of(place, (struct audit_end){.status_known = true});
	is_text(audit_get(record, "event.outcome"), "success", "status 0 is a success");
	ok(audit_get_number(record, "process.exit_code", -1) == 0, "its status is there");
	json_decref(record);
	record = end_of(place,
			(struct audit_end){.status_known = true, .status = SIGKILL});
	is_text(audit_get(record, "tallygate.signal"), "SIGKILL", "a signal by its name");
	ok(audit_get_number(record, "process.exit_code", -1) == 137,
	   "and as a shell reports it");
	json_decref(record);
	record = end_of(place, (struct audit_end){.milliseconds = -1});
	is_text(audit_get(record, "event.outcome"), "unknown", "a status nobody knows");
	ok(!audit_find(record, "process.exit_code") &&
		   !audit_find(record, "event.duration"),
	   "what is not known is not there");
	ok(audit_get_number(record, "event.sequence", -1) == 4, "all in one chain");
	json_decref(record);
}

static void ids(struct arena *arena)
{
	const char *one = audit_event_id(arena), *two = audit_event_id(arena);

	ok(one && strlen(one) == 36 && one[14] == '7' && strchr("89ab", one[19]),
	   "a UUID of version 7");
	ok(one && two && strcmp(one, two) != 0, "the next one is another one");
}

static void secrets(struct arena *arena)
{
	static const char *const options[] = {"-p", "--password", NULL};
	static const struct {
		const char *word, *wanted;
	} words[] = {
		{"mysql", "mysql"},
		{"-phunter2", "-p***"},
		{"-p", "-p"},
		{"hunter2", "***"},
		{"--password=x", "--password=***"},
		{"--pass=hunter2", "--pass=***"},
		{"--pass", "--pass"},
		{"--hunter2", "***"},
		{"-vp", "-vp"},
		{"hunter2", "***"},
		{"--passive", "--passive"},
		{"-uroot", "-uroot"},
		{"--ADMIN-PASSWORD=hunter2", "--ADMIN-PASSWORD=***"},
		{"token=hunter2", "token=***"},
		{"token", "token"},
		{"web1", "web1"},
		{"--", "--"},
		{"web2", "web2"},
		{"", ""},
	};
	enum { WORDS = sizeof(words) / sizeof(words[0]) };
	const char *argv[WORDS];
	const char *const *found;

	for (size_t i = 0; i < WORDS; i++)
		argv[i] = words[i].word;
	found = redact_words(arena, argv, WORDS, options);
	for (size_t i = 0; found && i < WORDS; i++)
		is_text(found[i], words[i].wanted, words[i].word);
	ok(found && !found[WORDS], "and no word more");
}

int main(void)
{
	struct place place = {.arena = arena_new(64 << 20),
			      .state = "/tmp/tally-audit-XXXXXX"};

	ends_of_lines();
	lines();
	ids(place.arena);
	secrets(place.arena);
	if (!ok(mkdtemp(place.state) != NULL, "a directory"))
		return done();
	place.log = audit_path(place.arena, place.state);
	ends(&place);
	every_cut(&place);
	rubbish(&place);
	rmdir(place.state);
	arena_free(place.arena);
	return done();
}
