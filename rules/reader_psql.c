/*
 * psql: what DROP and TRUNCATE name in -c, -f and standard input. Only plain statements are
 * read; whatever has more in it (CASCADE, functions' bodies, meta-commands) is unknown.
 * Sources: psql(1) and the SQL commands of PostgreSQL 15; psql run against a server.
 */
#include <ctype.h>
#include <string.h>

#include "readers.h"

struct sql {
	struct reader *reader;
	const char **names;
	size_t count, capacity;
	const char *problem; /* why the targets are not known */
	bool removes, reads, other;
};

/* A copy without comments; NULL and a problem for what is not read here. */
static char *plain_text(struct sql *sql, const char *text)
{
	char *copy = arena_alloc(sql->reader->arena, strlen(text) + 1), *out = copy;

	while (copy && *text) {
		if (strncmp(text, "--", 2) == 0) {
			text += strcspn(text, "\n");
			*out++ = ' ';
		} else if (strncmp(text, "/*", 2) == 0) {
			const char *end = strstr(text + 2, "*/");

			/* Comments may be nested. */
			if (!end || memmem(text + 2, (size_t)(end - text) - 2, "/*", 2))
				sql->problem = "a comment in it is not closed, or nested";
			text = end ? end + 2 : text + strlen(text);
			*out++ = ' ';
		} else {
			if (strchr("\\$'\"", *text))
				sql->problem = "it has more in it than plain statements";
			*out++ = *text++;
		}
	}
	return copy;
}

static bool next_is(char **at, const char *word)
{
	size_t length = strlen(word);
	char *p = *at + strspn(*at, " \t\r\n");

	if (strncasecmp(p, word, length) != 0 || isalnum((unsigned char)p[length]) ||
	    p[length] == '_')
		return false;
	*at = p + length;
	return true;
}

static bool add_name(struct sql *sql, const char *name)
{
	const char **names = arena_grow(sql->reader->arena, sql->names, sql->count,
					&sql->capacity, sizeof(*names));

	if (!names || !name)
		return false;
	sql->names = names;
	names[sql->count++] = name;
	return true;
}

/* The names that stand behind DROP TABLE: a, b.c. False when memory is short. */
static bool take_names(struct sql *sql, char *list, bool table)
{
	struct arena *arena = sql->reader->arena;
	char *item;

	while ((item = strsep(&list, ",")) != NULL) {
		size_t length;
		char *name = item + strspn(item, " \t\r\n"), *rest;

		length = strcspn(name, " \t\r\n");
		rest = name + length;
		if (*rest)
			*rest++ = '\0';
		rest += strspn(rest, " \t\r\n");
		for (char *p = name; *p; p++) {
			*p = (char)tolower((unsigned char)*p);
			if (!isalnum((unsigned char)*p) && !strchr("_.", *p))
				sql->problem = "a name in it is no plain one";
		}
		if (!*name || (*rest && strcasecmp(rest, "restrict") != 0))
			sql->problem = "more goes than it names, or less";
		if (!add_name(sql,
			      arena_printf(
				      arena,
				      table ? (strchr(name, '.') ? "t:%s" : "t:public.%s")
					    : "db:%s",
				      name)))
			return false;
	}
	return true;
}

static bool take_statement(struct sql *sql, char *text)
{
	static const char *const reads[] = {"select", "show",	  "table", "values",
					    "begin",  "commit",	  "set",   "reset",
					    "end",    "rollback", NULL};
	char *at = text;

	if (text[strspn(text, " \t\r\n")] == '\0')
		return true;
	if (next_is(&at, "drop")) {
		bool table = next_is(&at, "table");

		sql->removes = true;
		if (!table && !next_is(&at, "database")) {
			sql->problem = "it drops what is not read here";
			return true;
		}
		if (next_is(&at, "if"))
			next_is(&at, "exists");
		return take_names(sql, at, table);
	}
	if (next_is(&at, "truncate")) {
		sql->removes = true;
		next_is(&at, "table");
		return take_names(sql, at, true);
	}
	if (next_is(&at, "delete")) {
		sql->removes = true;
		sql->problem = "which rows go is known only to the server";
		return true;
	}
	for (const char *const *word = reads; *word; word++)
		if (next_is(&at, *word)) {
			/* A function may do anything; INTO makes a table. */
			if (strchr(at, '(') || strcasestr(at, "into"))
				sql->other = true;
			sql->reads = true;
			return true;
		}
	/* ALTER TABLE ... DROP COLUMN, WITH ... DELETE */
	if (strcasestr(at, "drop") || strcasestr(at, "truncate") ||
	    strcasestr(at, "delete"))
		sql->removes = true;
	sql->other = true;
	return true;
}

static bool take_text(struct sql *sql, const char *text)
{
	char *plain = plain_text(sql, text), *statement;

	if (!plain)
		return false;
	/* What is not plain is not cut; that it may remove is seen all the same. */
	if (sql->problem) {
		sql->removes = sql->removes || strcasestr(plain, "drop") ||
			       strcasestr(plain, "truncate") ||
			       strcasestr(plain, "delete");
		sql->other = true;
		return true;
	}
	while ((statement = strsep(&plain, ";")) != NULL)
		if (!take_statement(sql, statement))
			return false;
	return true;
}

static int take_fact(struct sql *sql, const struct fact *fact)
{
	if (!fact)
		return READ_MISSING;
	if (fact->state != FACT_OK) {
		sql->problem =
			"its commands come from a terminal or a file that cannot be "
			"read";
		sql->other = true;
		return READ_DONE;
	}
	return take_text(sql, fact->data) ? READ_DONE : READ_FAULT;
}

static int emit(struct sql *sql)
{
	struct reader *reader = sql->reader;
	const struct hostset *targets;

	if (sql->removes) {
		if (sql->problem || sql->other || !sql->count)
			return reader_unknown(reader, ACTION_REMOVE, "object", "%s",
					      sql->problem ? sql->problem
							   : "not all of it is read");
		targets = hostset_names(reader->arena, sql->names, sql->count);
		if (!targets)
			return READ_FAULT;
		return reader_operation(reader, ACTION_REMOVE,
					strncmp(sql->names[0], "db:", 3) == 0 ? "database"
									      : "table",
					targets)
			       ? READ_DONE
			       : READ_FAULT;
	}
	if (sql->problem || sql->other || !sql->reads)
		return reader_unknown(reader, ACTION_RUN, "object", "%s",
				      sql->problem
					      ? sql->problem
					      : "what the statements touch is not known");
	return reader_nothing(reader, "object");
}

int reader_psql(struct reader *reader, struct fault *fault)
{
	const struct arguments *arguments = reader->arguments;
	struct sql sql = {.reader = reader};
	bool given = false;
	int result = READ_DONE;

	if (arguments_has(arguments, "--help") || arguments_has(arguments, "--version") ||
	    arguments_has(arguments, "--list") || arguments->refusal)
		return reader_grammar(reader, fault);
	if (arguments->unknown)
		return reader_unknown(reader, ACTION_RUN, "object",
				      "%s is no option that is known",
				      arguments->unknown);
	for (size_t i = 0; i < arguments->count && result == READ_DONE; i++) {
		const struct argument *item = &arguments->items[i];

		if (argument_is(item, "--command")) {
			given = true;
			if (!take_text(&sql, item->value))
				return READ_FAULT;
		} else if (argument_is(item, "--file")) {
			given = true;
			result = take_fact(
				&sql, strcmp(item->value, "-") == 0
					      ? facts_stdin(reader->facts)
					      : facts_file(reader->facts, item->value));
		}
	}
	if (result == READ_DONE && !given)
		result = take_fact(&sql, facts_stdin(reader->facts));
	return result == READ_DONE ? emit(&sql) : result;
}
