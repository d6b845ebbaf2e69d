/*
 * scp and rsync: which of the words name another machine, and which way the files go.
 * Sources: scp(1) and misc.c colon() of OpenSSH 9.2; rsync(1) and main.c of rsync 3.2.
 */
#include "reader.h"

#include <string.h>

struct ends {
	const struct hostset *from, *to; /* NULL: this machine */
};

/* The host of [user@]host:path, [v6]:path, host::module and of URLs; NULL: a local file. */
static const struct hostset *remote_host(struct arena *arena, const char *word)
{
	static const char *const schemes[] = {"scp://", "rsync://", "sftp://"};
	const char *end, *at;
	bool url = false;

	for (size_t i = 0; i < 3 && !url; i++)
		if (strncasecmp(word, schemes[i], strlen(schemes[i])) == 0) {
			word += strlen(schemes[i]);
			url = true;
		}
	end = word + strcspn(word, "/");
	at = memrchr(word, '@', (size_t)(end - word));
	if (at)
		word = at + 1;
	if (*word == '[' && strchr(word, ']')) {
		end = strchr(word, ']');
		word++;
		return url || end[1] == ':'
			       ? hostset_name(arena, word, (size_t)(end - word))
			       : NULL;
	}
	at = memchr(word, ':', (size_t)(end - word));
	if (!at && !url)
		return NULL;
	if (at)
		end = at;
	return end > word ? hostset_name(arena, word, (size_t)(end - word)) : NULL;
}

static int find_ends(struct reader *reader, struct ends *ends)
{
	size_t count = arguments_operands(reader->arguments), at = 0, number = 0;
	const char *word;

	while ((word = arguments_next_operand(reader->arguments, &at)) != NULL) {
		const struct hostset *host = remote_host(reader->arena, word);
		const struct hostset **side = &ends->from;

		if (++number == count && count > 1)
			side = &ends->to;
		if (!host)
			continue;
		*side = *side ? hostset_union(reader->arena, *side, host) : host;
		if (!*side)
			return READ_FAULT;
	}
	return READ_DONE;
}

static int add(struct reader *reader, enum action action, const struct hostset *set)
{
	return reader_operation(reader, action, "host", set) ? READ_DONE : READ_FAULT;
}

static bool any(const struct arguments *arguments, const char *const *options)
{
	for (; *options; options++)
		if (arguments_has(arguments, *options))
			return true;
	return false;
}

/* Files come from `from` (read, or with `takes` removed there) and go to `to`. */
static int copy(struct reader *reader, enum action action, bool takes)
{
	struct ends ends = {0};
	const struct hostset *both;
	int result;

	if (reader->arguments->refusal || reader->arguments->unknown)
		return reader_unknown(
			reader, action, "host", "%s %s",
			reader->arguments->refusal ? reader->arguments->refusal
						   : "an option that is not known:",
			reader->arguments->refusal ? "" : reader->arguments->unknown);
	result = find_ends(reader, &ends);
	if (result != READ_DONE)
		return result;
	if (!ends.from && !ends.to)
		return reader_nothing(reader, "host"); /* local files */
	if (ends.from && ends.to) {
		both = hostset_union(reader->arena, ends.from, ends.to);
		return both ? add(reader, action, both) : READ_FAULT;
	}
	if (ends.to)
		return add(reader, action, ends.to);
	return add(reader, takes ? action : ACTION_READ, ends.from);
}

int reader_scp(struct reader *reader, struct fault *fault)
{
	(void)fault;
	return copy(reader, ACTION_CONFIG, false);
}

/* sftp [user@]host[:path]: a word without a colon is a host as well. */
int reader_sftp(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	const char *word = arguments_operand(arguments, 0), *at;
	const struct hostset *set;

	(void)fault;
	if (arguments->refusal || arguments->unknown)
		return reader_unknown(reader, ACTION_CONFIG, "host",
				      "an option that is not known");
	if (arguments_has(arguments, "-h") || arguments_has(arguments, "-D"))
		return reader_nothing(reader, "host"); /* -D: a server of this machine */
	if (!word || !*word)
		return reader_refused(reader, ACTION_CONFIG, "host", "no host is given");
	set = remote_host(reader->arena, word);
	if (!set) {
		at = strrchr(word, '@');
		word = at ? at + 1 : word;
		word = *word == '[' ? arena_strndup(reader->arena, word + 1,
						    strcspn(word + 1, "]"))
				    : word;
		if (!word)
			return READ_FAULT;
		if (!*word)
			return reader_unknown(
				reader, ACTION_CONFIG, "host",
				"a user without a host (an unset variable?)");
		set = hostset_names(reader->arena, &word, 1);
	}
	return set ? add(reader, ACTION_CONFIG, set) : READ_FAULT;
}

int reader_rsync(struct reader *reader, struct fault *fault)
{
	static const char *const quiet[] = {"-n", "--list-only", NULL};
	static const char *const help[] = {"--help", "-V", "--server", "--daemon", NULL};
	static const char *const removes[] = {"--del",
					      "--delete",
					      "--delete-before",
					      "--delete-during",
					      "--delete-delay",
					      "--delete-after",
					      "--delete-excluded",
					      "--delete-missing-args",
					      NULL};
	const struct arguments *arguments = reader->arguments;
	enum action action = ACTION_CONFIG;
	bool takes = arguments_has(arguments, "--remove-source-files");

	(void)fault;
	if (any(arguments, help))
		return reader_nothing(reader, "host");
	if (any(arguments, quiet))
		return copy(reader, ACTION_READ, false);
	if (takes || any(arguments, removes))
		action = ACTION_REMOVE;
	return copy(reader, action, takes);
}
