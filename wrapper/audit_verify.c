#include "audit_verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "audit_read.h"

/* Lines that are no records, until one tells of them. */
struct damage {
	crypto_generichash_state state;
	uint64_t bytes;
	uint64_t line; /* the first of them; 0: none */
	char why[200];
};

struct walk {
	struct arena *arena;
	struct audit_reader reader;
	struct audit_check *check;
	const struct audit_anchor *anchor;
	bool anchored;	    /* its record has been seen */
	uint64_t head_line; /* of check->head in this file */
	struct damage damage;
};

/* ---- what is said ---- */

/* Notes the first problem. Returns 0, or -1 when memory is short. */
__attribute__((format(printf, 3, 4))) static int problem(struct walk *walk, uint64_t line,
							 const char *format, ...)
{
	char text[1024];
	va_list args;

	if (walk->check->problem)
		return 0;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	walk->check->problem = arena_printf(walk->arena, "%s:%" PRIu64 ": %s",
					    walk->reader.path, line, text);
	return walk->check->problem ? 0 : -1;
}

/* ---- torn lines ---- */

static void add_damage(struct walk *walk, const struct audit_text *line, const char *why)
{
	struct damage *damage = &walk->damage;

	if (!damage->line) {
		damage->line = walk->reader.number + line->open;
		damage->bytes = 0;
		snprintf(damage->why, sizeof(damage->why), "%s", why);
		crypto_generichash_init(&damage->state, NULL, 0,
					crypto_generichash_BYTES);
	}
	crypto_generichash_update(&damage->state, (const unsigned char *)line->bytes,
				  line->length);
	crypto_generichash_update(&damage->state, (const unsigned char *)"\n", 1);
	damage->bytes += line->length + 1;
}

/* The record behind torn lines has to tell of exactly these. */
static bool told(struct walk *walk, const json_t *record)
{
	struct damage *damage = &walk->damage;
	unsigned char hash[crypto_generichash_BYTES];
	char hex[AUDIT_HASH];

	crypto_generichash_final(&damage->state, hash, sizeof(hash));
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	return strcmp(audit_get(record, "event.action"), "log-recovered") == 0 &&
	       audit_get_number(record, "tallygate.torn.bytes", -1) ==
		       (int64_t)damage->bytes &&
	       strcmp(audit_get(record, "tallygate.torn.digest"), hex) == 0;
}

static int damaged(struct walk *walk)
{
	return problem(walk, walk->damage.line, "%s", walk->damage.why);
}

/* ---- the order of records ---- */

/* The line at which the record `sequence` stands further down, 0 when it is gone. */
static int look_ahead(struct walk *walk, uint64_t sequence, uint64_t *found,
		      struct fault *fault)
{
	struct audit_reader ahead;
	struct audit_text line;
	int result = 0;

	*found = 0;
	if (audit_reader_open(&ahead, walk->reader.path, fault) < 0)
		return -1;
	ahead.offset = walk->reader.offset;
	ahead.number = walk->reader.number;
	while (!*found && (result = audit_reader_next(&ahead, &line, fault)) > 0) {
		struct audit_link link;

		if (line.open)
			break;
		if (audit_link_read(line.bytes, line.length, &link) &&
		    link.sequence == sequence)
			*found = ahead.number;
	}
	audit_reader_close(&ahead);
	return *found || result >= 0 ? 0 : -1;
}

static int out_of_order(struct walk *walk, uint64_t sequence, struct fault *fault)
{
	uint64_t expected = walk->check->head.sequence + 1, at = 0;
	uint64_t line = walk->reader.number;

	if (sequence < expected)
		return problem(walk, line,
			       "record %" PRIu64 " stands here, where record %" PRIu64
			       " is expected: reordered, or put in twice",
			       sequence, expected);
	if (look_ahead(walk, expected, &at, fault) < 0)
		return -1;
	if (at)
		return problem(walk, line,
			       "record %" PRIu64 " stands here, where record %" PRIu64
			       " is expected, which is at line %" PRIu64 ": reordered",
			       sequence, expected, at);
	if (sequence == expected + 1)
		return problem(walk, line,
			       "record %" PRIu64 " stands here, where record %" PRIu64
			       " is expected, which is missing: removed",
			       sequence, expected);
	return problem(walk, line,
		       "record %" PRIu64 " stands here, where record %" PRIu64
		       " is expected: %" PRIu64 " records, to %" PRIu64
		       ", are missing: removed",
		       sequence, expected, sequence - expected, sequence - 1);
}

/* A file that goes on where an older one was closed begins with a record that says so. */
static bool continues(const struct walk *walk, const json_t *record)
{
	return walk->check->records == 0 &&
	       strcmp(audit_get(record, "event.action"), "log-continued") == 0;
}

static int check_record(struct walk *walk, const json_t *record,
			const struct audit_link *link, struct fault *fault)
{
	struct audit_check *check = walk->check;
	const char *previous = audit_get(record, "tallygate.previous");

	if (continues(walk, record) && strlen(previous) == AUDIT_HASH - 1) {
		memcpy(check->head.hash, previous, AUDIT_HASH);
		check->head.sequence = link->sequence - 1;
	}
	if (link->sequence != check->head.sequence + 1)
		return out_of_order(walk, link->sequence, fault);
	if (strcmp(previous, check->head.hash) != 0 && link->sequence == 1)
		return problem(walk, walk->reader.number,
			       "record 1 says that there was one before it: forged");
	if (strcmp(previous, check->head.hash) != 0)
		return problem(walk, walk->head_line,
			       "record %" PRIu64 " was replaced: it has the hash %s, the "
			       "record behind it expects %s",
			       check->head.sequence, check->head.hash, previous);
	if (!check->records)
		check->first = link->sequence;
	check->records++;
	check->head = *link;
	walk->head_line = walk->reader.number;
	snprintf(check->time, sizeof(check->time), "%s", audit_get(record, "@timestamp"));
	if (walk->anchor && strcmp(walk->anchor->hash, link->hash) == 0 &&
	    (!walk->anchor->sequence || walk->anchor->sequence == link->sequence))
		walk->anchored = true;
	return 0;
}

/* ---- line by line ---- */

static int check_line(struct walk *walk, const struct audit_text *line,
		      struct fault *fault)
{
	char found[AUDIT_HASH];
	struct audit_link link;
	json_t *record;
	int result;

	if (line->open || !audit_link_read(line->bytes, line->length, &link)) {
		add_damage(walk, line,
			   line->open
				   ? "the last line is torn: a writer was cut off; the "
				     "next command's records tell of it"
				   : "this line is no record, and no record tells of a "
				     "torn one: edited");
		return 0;
	}
	if (!audit_line_intact(line->bytes, line->length, &link, found))
		return walk->damage.line
			       ? damaged(walk)
			       : problem(walk, walk->reader.number,
					 "record %" PRIu64 " was edited: it carries the "
					 "hash %s, its bytes give %s",
					 link.sequence, link.hash, found);
	record = json_loadb(line->bytes, line->length, 0, NULL);
	if (!record)
		return problem(walk, walk->reader.number,
			       "record %" PRIu64 " is no JSON: forged", link.sequence);
	if (walk->damage.line && !told(walk, record)) {
		json_decref(record);
		return damaged(walk);
	}
	if (walk->damage.line) {
		walk->check->torn++;
		walk->damage.line = 0;
	}
	result = check_record(walk, record, &link, fault);
	json_decref(record);
	return result;
}

static int check_file(struct walk *walk, const char *path, struct fault *fault)
{
	struct audit_text line;
	int result = 0;

	if (audit_reader_open(&walk->reader, path, fault) < 0)
		return -1;
	while (!walk->check->problem &&
	       (result = audit_reader_next(&walk->reader, &line, fault)) > 0) {
		result = check_line(walk, &line, fault);
		if (result < 0 || line.open)
			break;
	}
	if (result >= 0 && walk->damage.line)
		result = damaged(walk);
	audit_reader_close(&walk->reader);
	return result < 0 ? -1 : 0;
}

/* ---- the anchor ---- */

static int compare_anchor(struct walk *walk)
{
	const struct audit_anchor *anchor = walk->anchor;
	struct audit_check *check = walk->check;
	const char *path = walk->reader.path;

	if (!anchor || walk->anchored || check->problem)
		return 0;
	if (anchor->sequence > check->head.sequence)
		check->problem = arena_printf(
			walk->arena,
			"%s: the log ends with record %" PRIu64
			", the anchor is record %" PRIu64 ": its end has been cut off",
			path, check->head.sequence, anchor->sequence);
	else if (anchor->sequence && anchor->sequence < check->first)
		check->problem = arena_printf(
			walk->arena,
			"%s: the anchor is record %" PRIu64 ", the first one here is "
			"%" PRIu64 ": name the older files too, oldest first",
			path, anchor->sequence, check->first);
	else if (anchor->sequence)
		check->problem = arena_printf(walk->arena,
					      "%s: record %" PRIu64
					      " has not the anchor's hash %s: the log "
					      "has been written anew",
					      path, anchor->sequence, anchor->hash);
	else
		check->problem = arena_printf(
			walk->arena,
			"%s: no record has the anchor's hash %s: the end of the log has "
			"been cut off, or it has been written anew",
			path, anchor->hash);
	return check->problem ? 0 : -1;
}

static bool parse_anchor(const char *text, struct audit_anchor *anchor)
{
	static const char hex[] = "0123456789abcdef";
	char *end;

	anchor->sequence = 0;
	if (strspn(text, hex) != AUDIT_HASH - 1) {
		errno = 0;
		if (*text < '1' || *text > '9')
			return false;
		anchor->sequence = strtoull(text, &end, 10);
		if (errno || *end != ':')
			return false;
		text = end + 1;
	}
	if (strspn(text, hex) != AUDIT_HASH - 1 ||
	    text[strcspn(text, " \t\n")] != text[64])
		return false;
	memcpy(anchor->hash, text, AUDIT_HASH - 1);
	anchor->hash[AUDIT_HASH - 1] = '\0';
	return true;
}

int audit_anchor_read(const char *text, struct audit_anchor *anchor, struct fault *fault)
{
	char line[256];
	FILE *file;

	if (parse_anchor(text, anchor))
		return 0;
	file = fopen(text, "re");
	if (!file)
		return fault_set(fault,
				 "the anchor \"%.200s\" is neither HASH nor NUMBER:HASH "
				 "nor a file that can be read: %s",
				 text, strerror(errno));
	/* Anchors may be appended, one a line: the last is the newest. */
	memset(anchor, 0, sizeof(*anchor));
	while (fgets(line, sizeof(line), file)) {
		if (*line != '\n' && !parse_anchor(line, anchor)) {
			fclose(file);
			return fault_set(
				fault,
				"the file %.200s holds a line that is no anchor, "
				"expected HASH or NUMBER:HASH",
				text);
		}
	}
	fclose(file);
	if (!anchor->hash[0])
		return fault_set(fault, "the file %.200s holds no anchor", text);
	return 0;
}

int audit_verify(struct arena *arena, const char *const *paths, size_t count,
		 const struct audit_anchor *anchor, struct audit_check *check,
		 struct fault *fault)
{
	struct walk walk = {.arena = arena, .check = check, .anchor = anchor};

	memset(check, 0, sizeof(*check));
	check->head = audit_chain_start;
	for (size_t i = 0; i < count && !check->problem; i++)
		if (check_file(&walk, paths[i], fault) < 0)
			return -1;
	if (compare_anchor(&walk) < 0)
		return fault_set(fault, "out of memory");
	return 0;
}
