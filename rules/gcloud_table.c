#include "gcloud_table.h"

#include <string.h>
#include <unistd.h>

#include "load.h"

bool gcloud_is_in(const char *list, const char *name, size_t length)
{
	while (list && *list) {
		size_t word = strcspn(list, " ");

		if (word == length && memcmp(list, name, length) == 0)
			return true;
		list += word;
		list += *list == ' ';
	}
	return false;
}

/* The file of the first word of `path`; "" when there is none, NULL when memory is short. */
static const char *group_file(struct arena *arena, const char *const *rules,
			      const char *path)
{
	size_t length = strcspn(path, " ");
	const char *found = "";

	if (length == 0 || length > 64 ||
	    strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789-") < length)
		return found;
	for (; *rules; rules++) {
		const char *file = arena_printf(arena, "%s/gcloud/%.*s.tsv", *rules,
						(int)length, path);

		if (!file)
			return NULL;
		if (access(file, F_OK) == 0)
			found = file;
	}
	return found;
}

static int parse_line(struct arena *arena, const char *file, int line, const char *text,
		      size_t length, struct gcloud_command *command, struct fault *fault)
{
	char *copy = arena_strndup(arena, text, length), *column[7] = {0};
	size_t count = 0;

	if (!copy)
		return fault_at(fault, file, line, "out of memory");
	while (count < 7 && (column[count] = strsep(&copy, "\t")) != NULL)
		count++;
	if (count != 2 && count != 7)
		return fault_at(fault, file, line,
				"%zu columns: expected command, action and, of what does "
				"more than read, unit, target, name and flags",
				count);
	*command = (struct gcloud_command){.path = column[0],
					   .action = column[1],
					   .unit = column[2],
					   .target = column[3],
					   .name = column[4],
					   .valued = column[5],
					   .boolean = column[6]};
	return 0;
}

int gcloud_table_find(struct arena *arena, const char *const *rules, const char *path,
		      enum gcloud_found *found, struct gcloud_command *command,
		      struct fault *fault)
{
	const char *file = group_file(arena, rules, path);
	size_t length = strlen(path);
	struct load_source source;
	int line = 1;

	*found = GCLOUD_NOTHING;
	if (!file)
		return fault_set(fault, "out of memory");
	if (!*file)
		return 0;
	if (load_read(arena, file, &source, fault) < 0)
		return -1;
	for (const char *at = source.text; *at; line++) {
		size_t end = strcspn(at, "\n");

		if (end > length && memcmp(at, path, length) == 0) {
			if (at[length] == ' ')
				*found = GCLOUD_GROUP;
			if (at[length] == '\t') {
				*found = GCLOUD_COMMAND;
				return parse_line(arena, file, line, at, end, command,
						  fault);
			}
		}
		at += end;
		at += *at == '\n';
	}
	return 0;
}
