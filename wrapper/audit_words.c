#include "audit_words.h"

#include <string.h>

#include "audit_chain.h"
#include "digest.h"
#include "reading_sum.h"
#include "redact.h"
#include "visible.h"

/* tallygate.cut: what of this record is not all there was. */
static void put_cut(struct audit_json *record, const char *field)
{
	json_t *tallygate = audit_json_group(record, NULL, "tallygate");
	json_t *list = json_object_get(tallygate, "cut");

	if (!list)
		list = audit_json_list(record, tallygate, "cut");
	audit_json_word(record, list, field);
}

static void put_digest(struct audit_json *record, const char *const *words)
{
	json_t *tallygate = audit_json_group(record, NULL, "tallygate");
	char hex[DIGEST_HEX];
	struct digest digest;

	/* Of the words without secrets: a short password could be found by its digest. */
	digest_start(&digest);
	for (; *words; words++)
		digest_add(&digest, *words, strlen(*words));
	digest_end(&digest, hex);
	audit_json_text(record, audit_json_group(record, tallygate, "command"), "digest",
			hex);
}

/* The words that are kept, in `record`'s arena; *whole when these are all. */
static const char *const *keep(struct audit_json *record, const char *const *words,
			       size_t count, bool *whole)
{
	size_t most = count < AUDIT_WORDS ? count : AUDIT_WORDS, room = AUDIT_WORD_BYTES;
	const char **kept = arena_array(record->arena, most + 1, sizeof(*kept));
	size_t used = 0;

	*whole = true;
	for (; kept && used < most && room > 0; used++) {
		size_t length = strlen(words[used]);
		size_t fit = audit_json_fit(words[used], length,
					    room < AUDIT_WORD ? room : AUDIT_WORD);

		kept[used] = words[used];
		room -= fit;
		if (fit == length)
			continue;
		*whole = false;
		kept[used] = arena_printf(record->arena, "%.*s... (%zu bytes more)",
					  (int)fit, words[used], length - fit);
		if (!kept[used])
			return NULL;
	}
	*whole = *whole && used == count;
	return kept;
}

void audit_command_line(struct audit_json *record, const struct command *command,
			const char *const *secrets)
{
	const char *const *words =
		redact_words(record->arena, command->argv, command->argc, secrets);
	json_t *process = audit_json_group(record, NULL, "process"), *list;
	const char *const *kept;
	const char *line;
	bool whole;

	kept = words ? keep(record, words, command->argc, &whole) : NULL;
	line = kept ? visible_command(record->arena, kept, NULL, true) : NULL;
	if (!line) {
		record->failed = true;
		return;
	}
	list = audit_json_list(record, process, "args");
	for (; *kept; kept++)
		audit_json_word(record, list, *kept);
	audit_json_number(record, process, "args_count", command->argc);
	audit_json_text(record, process, "command_line", line);
	audit_json_text(record, process, "executable", command->path);
	audit_json_text(record, process, "working_directory", command->cwd);
	put_digest(record, words);
	if (!whole)
		put_cut(record, "process.args");
	if (!whole || strlen(line) > AUDIT_TEXT)
		put_cut(record, "process.command_line");
}

struct names {
	struct audit_json *record;
	json_t *list;
	size_t count, bytes;
};

static int put_name(void *context, const char *name, size_t length)
{
	struct names *names = context;

	if (names->count == AUDIT_NAMES || names->bytes + length > AUDIT_NAME_BYTES)
		return 1;
	audit_json_word(names->record, names->list, name);
	names->count++;
	names->bytes += length;
	return 0;
}

static void put_hosts(struct audit_json *record, const struct hostset *set)
{
	json_t *related = audit_json_group(record, NULL, "related");
	struct names names = {.record = record};
	int result;

	names.list = audit_json_list(record, related, "hosts");
	result = hostset_each(set, put_name, &names);
	if (result < 0)
		record->failed = true;
	if (result > 0)
		put_cut(record, "related.hosts");
}

/* Behind the last comma between two patterns of the first `limit` bytes; 0: there is none. */
static size_t whole_patterns(const char *folded, size_t limit)
{
	size_t end = 0;
	bool inside = false;

	for (size_t i = 0; i < limit; i++) {
		if (folded[i] == '\\')
			i++;
		else if (folded[i] == '[' || folded[i] == ']')
			inside = folded[i] == '[';
		else if (folded[i] == ',' && !inside)
			end = i + 1;
	}
	return end;
}

/* Cut between patterns where that is possible, so that what is shown is of the set. */
static void put_folded(struct audit_json *record, json_t *targets,
		       const struct hostset *set)
{
	const char *folded = hostset_fold(record->arena, set), *shown = folded;
	char hash[AUDIT_HASH];
	size_t length, kept;

	if (!folded) {
		record->failed = true;
		return;
	}
	length = strlen(folded);
	audit_hash(folded, length, hash);
	if (length > AUDIT_FOLDED) {
		kept = whole_patterns(folded, AUDIT_FOLDED - 3);
		if (kept == 0)
			kept = audit_json_fit(folded, length, AUDIT_FOLDED - 3);
		shown = arena_printf(record->arena, "%.*s...", (int)kept, folded);
		put_cut(record, "tallygate.targets.folded");
		record->failed |= !shown;
	}
	audit_json_text(record, targets, "folded", shown);
	audit_json_text(record, targets, "digest", hash);
}

static bool is_host(const char *unit)
{
	static const char *const hosts[] = {"host", "node", "instance", "machine", "vm"};

	if (!unit)
		return true;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (strcmp(unit, hosts[i]) == 0)
			return true;
	return false;
}

static void put_effect(struct audit_json *record, json_t *targets,
		       const struct reading_sum *sum)
{
	json_t *effect;

	if (!sum->effect_known || !sum->effect_unit)
		return;
	effect = audit_json_group(record, targets, "effect");
	audit_json_text(record, effect, "unit", sum->effect_unit);
	/* Negative: units that come. */
	if (json_object_set_new(effect, "count", json_integer(sum->effect)) < 0)
		record->failed = true;
}

void audit_targets(struct audit_json *record, const struct reading *reading)
{
	json_t *tallygate = audit_json_group(record, NULL, "tallygate");
	json_t *targets = audit_json_group(record, tallygate, "targets");
	struct reading_sum sum;

	if (reading_add_up(record->arena, reading, &sum) < 0) {
		record->failed = true;
		return;
	}
	audit_json_bool(record, targets, "known", sum.known);
	audit_json_text(record, targets, "unit", reading->unit);
	for (size_t i = 0; i < reading->count; i++)
		if (reading->operations[i].everything)
			audit_json_bool(record, targets, "everything", true);
	put_effect(record, targets, &sum);
	if (!sum.known) {
		audit_json_text(record, targets, "unknown", sum.unknown);
		return;
	}
	audit_json_number(record, targets, "count", sum.count);
	put_folded(record, targets, sum.set);
	if (is_host(reading->unit))
		put_hosts(record, sum.set);
}
