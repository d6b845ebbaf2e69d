/*
 * etcdctl: as its description says, but for `member remove ID`, where the member's name is
 * looked up: it is the name that the fleet knows, and an id that is no member's removes
 * nothing. Source: etcdctl/ctlv3/command/member_command.go of etcd 3.4.
 */
#include "reader.h"

#include <string.h>

#define SERVER                                                                           \
	"@options:--endpoints,--cacert,--cert,--key,--user,--password,"                  \
	"--discovery-srv,--discovery-srv-name,--insecure-discovery,"                     \
	"--insecure-skip-tls-verify,--insecure-transport,--dial-timeout,"                \
	"--command-timeout"

/* "ID, started, NAME, PEER URLS, CLIENT URLS, false": the name, or "" before it joined. */
static const char *member_name(struct arena *arena, const char *list, const char *id)
{
	size_t length = strlen(id);

	for (const char *line = list; line; line = strchr(line, '\n')) {
		const char *field;

		line += *line == '\n';
		if (strncmp(line, id, length) != 0 || line[length] != ',')
			continue;
		field = strstr(line, ", ");
		field = field ? strstr(field + 2, ", ") : NULL;
		return field ? arena_strndup(arena, field + 2, strcspn(field + 2, ",\n"))
			     : NULL;
	}
	return NULL;
}

static int member_remove(struct reader *reader)
{
	static const char *const words[] = {"@program", SERVER, "member", "list", NULL};
	const char *id = arguments_operand(reader->arguments, 0), *name;
	const char *const *argv = reader_words(reader, words);
	const struct hostset *set;
	const struct fact *fact;
	int result;

	if (!argv)
		return READ_FAULT;
	if (!id || arguments_operands(reader->arguments) != 1)
		return reader_refused(reader, ACTION_REMOVE, "member",
				      "it takes the id of one member");
	result = reader_probe(reader, argv, 0, &fact);
	if (result != READ_DONE)
		return result;
	if (fact->state != FACT_OK || fact->status != 0)
		return reader_unknown(reader, ACTION_REMOVE, "member",
				      "the server does not say which member \"%s\" is",
				      id);
	name = member_name(reader->arena, fact->data, id);
	if (!name)
		return reader_unknown(reader, ACTION_REMOVE, "member",
				      "\"%s\" is the id of no member", id);
	if (!*name)
		name = id;
	set = hostset_names(reader->arena, &name, 1);
	return set && reader_operation(reader, ACTION_REMOVE, "member", set) ? READ_DONE
									     : READ_FAULT;
}

int reader_etcdctl(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;

	if (strcmp(reader->verb_path, "member remove") == 0 &&
	    !arguments_has(arguments, "-h") && !arguments->unknown && !arguments->refusal)
		return member_remove(reader);
	return reader_grammar(reader, fault);
}
