#include "ansible_hosts.h"

#include <string.h>

struct listing {
	struct reader *reader;
	struct ansible_plays *plays;
	size_t capacity;
	const char **names;
	size_t name_count, name_capacity;
	const char *pattern;
	bool open; /* a "hosts (N):" line was seen, names follow */
};

/* "['db', 'w01']" -> "db,w01" */
static const char *read_pattern(struct arena *arena, const char *text)
{
	char *result = arena_alloc(arena, strlen(text) + 1), *out = result;
	char quote = '\0';

	for (; result && *text; text++) {
		if (!quote && (*text == '\'' || *text == '"')) {
			quote = *text;
			if (out != result)
				*out++ = ',';
		} else if (quote && *text == quote) {
			quote = '\0';
		} else if (quote) {
			*out++ = *text;
		}
	}
	return result;
}

static int close_play(struct listing *listing)
{
	struct arena *arena = listing->reader->arena;
	struct ansible_plays *plays = listing->plays;
	struct ansible_play *items;

	if (!listing->open)
		return 0;
	items = arena_grow(arena, plays->items, plays->count, &listing->capacity,
			   sizeof(*items));
	if (!items)
		return -1;
	plays->items = items;
	items += plays->count++;
	items->pattern = listing->pattern;
	items->first = listing->name_count ? listing->names[0] : NULL;
	items->hosts = hostset_names(arena, listing->names, listing->name_count);
	listing->open = false;
	listing->pattern = NULL;
	listing->names = NULL;
	listing->name_count = listing->name_capacity = 0;
	return items->hosts ? 0 : -1;
}

static int read_line(struct listing *listing, char *line)
{
	struct arena *arena = listing->reader->arena;
	char *text = line + strspn(line, " ");
	const char **names;

	if (strncmp(text, "hosts (", 7) == 0 && text != line) {
		if (close_play(listing) < 0)
			return -1;
		listing->open = true;
		return 0;
	}
	if (strncmp(text, "pattern: ", 9) == 0) {
		if (close_play(listing) < 0)
			return -1;
		listing->pattern = read_pattern(arena, text + 9);
		return listing->pattern ? 0 : -1;
	}
	if (!listing->open)
		return 0;
	if (*text == '\0' || text == line || strncmp(text, "play #", 6) == 0)
		return close_play(listing);
	names = arena_grow(arena, listing->names, listing->name_count,
			   &listing->name_capacity, sizeof(*names));
	if (!names)
		return -1;
	listing->names = names;
	names[listing->name_count++] = text;
	return 0;
}

int ansible_list_hosts(struct reader *reader, const char *const *argv,
		       struct ansible_plays *plays)
{
	struct listing listing = {.reader = reader, .plays = plays};
	const struct fact *fact;
	char *text, *line;
	int result = reader_probe(reader, argv, 30, &fact);

	memset(plays, 0, sizeof(*plays));
	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0) {
		plays->refusal = fact->error ? fact->error : "ansible gave no reason";
		return READ_DONE;
	}
	plays->unparsed = fact->warnings && (strstr(fact->warnings, "Unable to parse") ||
					     strstr(fact->warnings, "Failed to parse"));
	text = arena_strdup(reader->arena, fact->data);
	if (!text)
		return READ_FAULT;
	while ((line = strsep(&text, "\n")) != NULL)
		if (read_line(&listing, line) < 0)
			return READ_FAULT;
	return close_play(&listing) < 0 ? READ_FAULT : READ_DONE;
}

int ansible_pattern_hosts(struct reader *reader, const char *pattern, bool limited,
			  struct ansible_play *play)
{
	const char *program =
		reader->command->path ? reader->command->path : reader->command->argv[0];
	const char *base = command_base_name(program);
	const char *run[] = {NULL, "--list-hosts",
			     limited ? ANSIBLE_HOST_OPTIONS
				     : "@options:-i,-e,--vault-id,--vault-password-file",
			     NULL};
	const char *const *argv;
	const char **full;
	struct ansible_plays plays;
	size_t count = 0;
	int result;

	/* `ansible` stands beside ansible-playbook. */
	run[0] = arena_printf(reader->arena, "%.*sansible", (int)(base - program),
			      program);
	argv = run[0] ? reader_words(reader, run) : NULL;
	while (argv && argv[count])
		count++;
	full = argv ? arena_array(reader->arena, count + 3, sizeof(*full)) : NULL;
	if (!full)
		return READ_FAULT;
	memcpy(full, argv, count * sizeof(*full));
	full[count] = "--";
	full[count + 1] = pattern;
	memset(play, 0, sizeof(*play));
	result = ansible_list_hosts(reader, full, &plays);
	if (result == READ_DONE && plays.count == 1 && !plays.unparsed)
		*play = plays.items[0];
	return result;
}
