#include "aws_table.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

/* A service's name is part of a file name here, and comes from the line. */
static bool is_name(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.");

	return length > 0 && text[0] != '.' && length < 128 && text[length] == '\0';
}

static const char *service_file(struct arena *arena, const char *const *rules,
				const char *service)
{
	const char *found = "";

	for (; *rules; rules++) {
		const char *path = arena_printf(arena, "%s/aws/%s.tsv", *rules, service);

		if (!path)
			return NULL;
		if (access(path, F_OK) == 0)
			found = path;
	}
	return found;
}

static bool parse_option(struct arena *arena, const char *word, size_t length,
			 struct aws_option *option)
{
	size_t end;

	if (*word == '+') {
		option->required = true;
		word++;
		length--;
	}
	end = strcspn(word, "=*[]{!?%^");
	if (end == 0 || end >= length)
		return false;
	option->name = arena_strndup(arena, word, end);
	option->kind = word[end];
	if (end + 1 < length) {
		if (word[end + 1] != ':' || end + 2 == length)
			return false;
		option->key = arena_strndup(arena, word + end + 2, length - end - 2);
		if (!option->key)
			return false;
	}
	return option->name != NULL;
}

static bool parse_options(struct arena *arena, const char *text,
			  struct aws_operation *operation)
{
	size_t words = 1;

	for (const char *p = text; *p; p++)
		words += *p == ' ';
	operation->options = arena_array(arena, words, sizeof(*operation->options));
	if (!operation->options)
		return false;
	while (*text) {
		size_t length = strcspn(text, " ");

		if (length == 1 && *text == '@')
			operation->input = true;
		else if (length && !parse_option(arena, text, length,
						 &operation->options[operation->count++]))
			return false;
		text += length;
		text += *text == ' ';
	}
	return true;
}

/* operation, action, unit, target and, of what does more than read, effect, options */
static int parse_line(struct arena *arena, const char *path, int line, const char *text,
		      size_t length, struct aws_operation *operation, struct fault *fault)
{
	char *copy = arena_strndup(arena, text, length), *column[6] = {0};
	size_t count = 0;

	if (!copy)
		return fault_at(fault, path, line, "out of memory");
	while (count < 6 && (column[count] = strsep(&copy, "\t")) != NULL)
		count++;
	if (count != 4 && count != 6)
		return fault_at(fault, path, line,
				"%zu columns: expected operation, action, unit, target, "
				"effect and options, separated by tabs",
				count);
	*operation = (struct aws_operation){.name = column[0],
					    .action = column[1],
					    .unit = column[2],
					    .target = column[3],
					    .effect = count == 6 ? column[4] : "-"};
	if (!parse_options(arena, count == 6 ? column[5] : "", operation))
		return fault_at(fault, path, line,
				"the options of %s cannot be read; make the file again "
				"with scripts/aws-operations",
				operation->name);
	return 0;
}

int aws_table_find(struct arena *arena, const char *const *rules, const char *service,
		   const char *operation, enum aws_found *found,
		   struct aws_operation *result, struct fault *fault)
{
	struct load_source source;
	const char *path, *at;
	size_t length = operation ? strlen(operation) : 0;
	int line = 1;

	*found = AWS_NO_SERVICE;
	if (!is_name(service))
		return 0;
	path = service_file(arena, rules, service);
	if (!path)
		return fault_set(fault, "out of memory");
	if (!*path)
		return 0;
	*found = operation ? AWS_NO_OPERATION : AWS_FOUND;
	if (!operation || !is_name(operation))
		return 0;
	if (load_read(arena, path, &source, fault) < 0)
		return -1;
	for (at = source.text; *at; line++) {
		size_t end = strcspn(at, "\n");

		if (end > length && at[length] == '\t' &&
		    memcmp(at, operation, length) == 0) {
			*found = AWS_FOUND;
			return parse_line(arena, path, line, at, end, result, fault);
		}
		at += end;
		at += *at == '\n';
	}
	return 0;
}

bool aws_option_is_key(const struct aws_option *option, const char *key)
{
	const char *name = option->name;

	if (option->key)
		return strcmp(option->key, key) == 0;
	for (; *name; name++) {
		if (*name == '-')
			continue;
		if (tolower((unsigned char)*key) != *name)
			return false;
		key++;
	}
	return *key == '\0';
}
