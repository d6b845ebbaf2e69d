/*
 * nodeset and cluset print node lists. They touch nothing: what they name is a read, counted
 * where the words alone say it and by nodeset itself for groups, slices and their like.
 * Source: nodeset(1), CLI/Nodeset.py of ClusterShell 1.9.1 (operations from left to right).
 */
#include "reader.h"

#include <string.h>

#include "syntax.h"

static bool needs_nodeset(const struct arguments *arguments)
{
	static const char *const own[] = {"-I",	    "--split", "--contiguous", "--pick",
					  "-R",	    "-a",      "-r",	       "-G",
					  "--axis", NULL};

	for (size_t i = 0; own[i]; i++)
		if (arguments_has(arguments, own[i]))
			return true;
	for (size_t i = 0; i < arguments->count; i++)
		if (arguments->items[i].value &&
		    strpbrk(arguments->items[i].value, "@*?"))
			return true;
	return false;
}

/* The set of what stands on the line, operations applied as they come; NULL: not known. */
static const struct hostset *line_set(struct reader *reader)
{
	const struct arguments *arguments = reader->arguments;
	struct arena *arena = reader->arena;
	const struct hostset *set = hostset_empty(arena);
	struct fault fault = {0};
	char operation = '\0';

	/* An operation in front of all nodes waits for the first of them. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; set && i < arguments->count; i++) {
			const struct argument *item = &arguments->items[i];
			const struct hostset *more;

			operation = argument_is(item, "-x")   ? 'x'
				    : argument_is(item, "-i") ? 'i'
				    : argument_is(item, "-X") ? 'X'
							      : '\0';
			if (item->unknown || (item->option && !operation) ||
			    (operation != '\0') != (pass == 1))
				continue;
			more = syntax_clustershell(arena, item->value, &fault);
			if (!more)
				return NULL;
			if (!operation)
				set = hostset_union(arena, set, more);
			else if (operation == 'x')
				set = hostset_difference(arena, set, more);
			else if (operation == 'i')
				set = hostset_intersection(arena, set, more);
			else
				set = hostset_union(arena,
						    hostset_difference(arena, set, more),
						    hostset_difference(arena, more, set));
		}
	return set;
}

/* The names that nodeset prints for this very line with -e in the place of -c and -f. */
static int ask(struct reader *reader, const struct hostset **set)
{
	const struct command *command = reader->command;
	const char **argv = arena_array(reader->arena, command->argc + 2, sizeof(*argv));
	const struct fact *fact;
	struct fault fault = {0};
	const char *why;
	int result;

	if (!argv)
		return READ_FAULT;
	for (size_t i = 0; i < command->argc; i++)
		argv[i] = strcmp(command->argv[i], "-c") == 0 ||
					  strcmp(command->argv[i], "-f") == 0
				  ? "-e"
				  : command->argv[i];
	result = reader_probe(reader, argv, 0, &fact);
	if (result == READ_DONE && fact->state == FACT_OK && fact->status == 0)
		result = reader_syntax(reader, "words", fact->data, set, &why, &fault);
	return result;
}

/* Without nodes on the line they come from standard input. */
static int from_input(struct reader *reader, const struct hostset **set)
{
	const struct fact *fact = facts_stdin(reader->facts);
	struct fault fault = {0};
	char *text, *word;

	if (!fact)
		return READ_MISSING;
	text = fact->state == FACT_OK ? arena_strdup(reader->arena, fact->data) : NULL;
	*set = text ? hostset_empty(reader->arena) : NULL;
	while (*set && (word = strsep(&text, " \t\r\n")) != NULL) {
		const struct hostset *more =
			*word ? syntax_clustershell(reader->arena, word, &fault)
			      : hostset_empty(reader->arena);

		*set = more ? hostset_union(reader->arena, *set, more) : NULL;
	}
	return READ_DONE;
}

int reader_nodeset(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	const struct hostset *set = NULL;
	int result = READ_DONE;

	(void)fault;
	if (arguments->unknown || arguments->refusal || arguments_has(arguments, "-h") ||
	    arguments_has(arguments, "--version") || arguments_has(arguments, "-l") ||
	    arguments_has(arguments, "-L") || arguments_has(arguments, "--completion") ||
	    arguments_has(arguments, "--groupsources") || reader->facts->reads_uncounted)
		return reader_nothing(reader, "host");
	if (needs_nodeset(arguments))
		result = ask(reader, &set);
	else if (arguments_operands(arguments))
		set = line_set(reader);
	else
		result = from_input(reader, &set);
	if (result != READ_DONE)
		return result;
	if (!set)
		return reader_unknown(reader, ACTION_READ, "host",
				      "what nodeset will print");
	return reader_operation(reader, ACTION_READ, "host", set) ? READ_DONE
								  : READ_FAULT;
}
