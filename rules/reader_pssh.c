/*
 * parallel-ssh, -scp, -rsync, -slurp and -nuke. Sources: psshlib/cli.py and psshutil.py of
 * pssh 2.3.4 (Debian 12). -H takes blank separated hosts and no ranges; -h is a file of
 * hosts, not help; -g filters what came from files and not what came from -H.
 */
#include "reader.h"

#include <fnmatch.h>
#include <string.h>

struct hosts {
	struct arena *arena;
	const char **items;
	size_t count, capacity;
};

/* [user@]host[:port]: the host is what parse_host() in psshutil.py makes of it. */
static bool add_host(struct hosts *hosts, const char *text, size_t length,
		     const char *glob)
{
	const char *at = memchr(text, '@', length), *colon;
	const char **items;
	char *host;

	if (at) {
		length -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	colon = memrchr(text, ':', length);
	if (colon)
		length = (size_t)(colon - text);
	host = arena_strndup(hosts->arena, text, length);
	if (!host)
		return false;
	if (glob && fnmatch(glob, host, 0) != 0)
		return true;
	items = arena_grow(hosts->arena, hosts->items, hosts->count, &hosts->capacity,
			   sizeof(*items));
	if (!items)
		return false;
	hosts->items = items;
	items[hosts->count++] = host;
	return true;
}

/* -H "a root@b c:22" */
static bool add_words(struct hosts *hosts, const char *text)
{
	while (*text) {
		size_t length;

		text += strspn(text, " \t\n\r\v\f");
		length = strcspn(text, " \t\n\r\v\f");
		if (length && !add_host(hosts, text, length, NULL))
			return false;
		text += length;
	}
	return true;
}

/* One line of a host file: "[user@]host[:port] [user]"; with more words pssh drops it. */
static bool add_line(struct hosts *hosts, char *line, const char *glob)
{
	char *host, *more;
	size_t length;

	line[strcspn(line, "#")] = '\0';
	host = line + strspn(line, " \t\r\v\f");
	length = strcspn(host, " \t\r\v\f");
	if (!length)
		return true;
	more = host + length;
	more += strspn(more, " \t\r\v\f");
	if (*more) {
		size_t second = strcspn(more, " \t\r\v\f");

		if (more[second + strspn(more + second, " \t\r\v\f")] != '\0')
			return true;
		if (memchr(host, '@', length))
			return true; /* user given twice: dropped as well */
	}
	return add_host(hosts, host, length, glob);
}

static int add_file(struct reader *reader, struct hosts *hosts, const char *path,
		    const char *glob, const char **problem)
{
	const struct fact *fact = facts_file(reader->facts, path);
	char *text, *line;

	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK) {
		*problem = arena_printf(reader->arena, "the host file %s cannot be read",
					path);
		return *problem ? READ_DONE : READ_FAULT;
	}
	text = arena_strdup(reader->arena, fact->data);
	if (!text)
		return READ_FAULT;
	while ((line = strsep(&text, "\n")) != NULL)
		if (!add_line(hosts, line, glob))
			return READ_FAULT;
	return READ_DONE;
}

static const char *join_operands(struct reader *reader)
{
	char *text = arena_strdup(reader->arena, "");

	for (size_t i = 0; text && i < reader->arguments->count; i++)
		if (!reader->arguments->items[i].option &&
		    !reader->arguments->items[i].unknown)
			text = arena_printf(reader->arena, "%s%s%s", text,
					    *text ? " " : "",
					    reader->arguments->items[i].value);
	return text;
}

/* The remote command stands on the line, with -I (also) on standard input. */
static int remote(struct reader *reader, enum action *action, bool *irreversible)
{
	const char *text = join_operands(reader);
	const struct fact *fact;
	enum action other;

	if (!text)
		return READ_FAULT;
	*action = remote_action(reader->arena, reader->actions, text, irreversible);
	if (!arguments_has(reader->arguments, "-I"))
		return READ_DONE;
	fact = facts_stdin(reader->facts);
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK)
		return READ_DONE;
	other = remote_action(reader->arena, reader->actions, fact->data, irreversible);
	if (other > *action)
		*action = other;
	return READ_DONE;
}

static int action_of(struct reader *reader, enum action *action, bool *irreversible)
{
	const char *program = command_base_name(reader->command->argv[0]);

	*action = ACTION_CONFIG; /* scp and rsync write files there */
	if (strstr(program, "nuke"))
		*action = ACTION_STOP; /* pkill -9 of the named programs */
	else if (strstr(program, "slurp"))
		*action = ACTION_READ;
	else if (strstr(program, "ssh") && !strstr(program, "cp"))
		return remote(reader, action, irreversible);
	return READ_DONE;
}

int reader_pssh(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	struct hosts hosts = {.arena = reader->arena};
	const char *glob = arguments_value(arguments, "-g"), *problem = NULL;
	bool given = false, irreversible = false;
	const struct hostset *set;
	struct operation *operation;
	enum action action;
	int result;

	(void)fault;
	if (arguments_has(arguments, "--help") || arguments_has(arguments, "--version"))
		return reader_nothing(reader, "host");
	result = action_of(reader, &action, &irreversible);
	if (result != READ_DONE)
		return result;
	if (arguments->refusal || arguments->unknown)
		return reader_refused(reader, action, "host", "%s",
				      arguments->refusal ? arguments->refusal
							 : "an option it does not have");
	for (size_t i = 0; i < arguments->count && !problem && result == READ_DONE; i++) {
		const struct argument *item = &arguments->items[i];

		if (argument_is(item, "-h")) {
			given = true;
			result = add_file(reader, &hosts, item->value, glob, &problem);
		} else if (argument_is(item, "-H")) {
			given = true;
			if (!add_words(&hosts, item->value))
				return READ_FAULT;
		}
	}
	if (result != READ_DONE)
		return result;
	if (problem || !given)
		return reader_refused(reader, action, "host", "%s",
				      problem ? problem : "no hosts are given");
	if (hosts.count == 0)
		return reader_unknown(
			reader, action, "host",
			"the host list is empty (an unset variable, an empty "
			"file, or -g left nothing)");
	set = hostset_names(reader->arena, hosts.items, hosts.count);
	operation = set ? reader_operation(reader, action, "host", set) : NULL;
	if (!operation)
		return READ_FAULT;
	operation->irreversible = irreversible;
	return READ_DONE;
}
