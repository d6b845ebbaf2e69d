#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load_scan.h"

const struct load_source *load_source(const config_setting_t *setting)
{
	return config_setting_get_hook(config_root_setting(setting->config));
}

int load_line(const config_setting_t *setting)
{
	return (int)config_setting_source_line(setting);
}

int load_fault(const config_setting_t *setting, struct fault *fault, const char *format,
	       ...)
{
	char text[FAULT_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return fault_at(fault, load_source(setting)->path, load_line(setting), "%s",
			text);
}

/* Reads `text`, which is that of `source` or all of it that is wanted. */
static int parse(const struct load_source *source, const char *text, config_t *config,
		 struct fault *fault)
{
	const char *what;
	int line;

	config_init(config);
	if (config_read_string(config, text) != CONFIG_TRUE) {
		what = config_error_text(config);
		line = config_error_line(config);
		if (what && strcmp(what, "duplicate setting name") == 0)
			what = "this setting is given twice; keep one of them";
		else if (what && strcmp(what, "syntax error") == 0)
			what = "syntax error: expected `name = value;` here (is a ; or a "
			       "closing bracket missing before it, or are quotes missing "
			       "around a text?)";
		else if (what && strcmp(what, "mismatched element type in array") == 0)
			what = "the elements of an array [ ] are not all of one type; "
			       "use a list ( ) or quote all of them";
		fault_at(fault, source->path, line, "%s", what ? what : "cannot be read");
		config_destroy(config);
		return -1;
	}
	/* From any setting its root, and from there the file, can be found again. */
	config_setting_set_hook(config_root_setting(config), (void *)source);
	return 0;
}

int load_text(struct arena *arena, const char *path, const char *text, size_t length,
	      config_t *config, struct fault *fault)
{
	struct load_source *source = arena_alloc(arena, sizeof(*source));

	if (!source)
		return fault_at(fault, path, 0, "out of memory");
	source->path = arena_strdup(arena, path);
	source->text = arena_strndup(arena, text, length);
	source->length = length;
	if (!source->path || !source->text)
		return fault_at(fault, path, 0, "out of memory");
	if (load_scan(source, NULL, fault))
		return -1;
	return parse(source, source->text, config, fault);
}

/* All of a file; the fault is filled in when it returns NULL. */
static char *read_all(struct arena *arena, const char *path, int file, size_t *length,
		      struct fault *fault)
{
	struct stat status;
	size_t size, done = 0;
	char *text;

	if (fstat(file, &status)) {
		fault_at(fault, path, 0, "cannot be read: %s", strerror(errno));
		return NULL;
	}
	if (!S_ISREG(status.st_mode)) {
		fault_at(fault, path, 0, "is not a regular file");
		return NULL;
	}
	if (status.st_size > LOAD_MAX_BYTES) {
		fault_at(fault, path, 0, "has %lld bytes: expected at most %d",
			 (long long)status.st_size, (int)LOAD_MAX_BYTES);
		return NULL;
	}
	size = (size_t)status.st_size;
	text = arena_alloc(arena, size + 1);
	if (!text) {
		fault_at(fault, path, 0, "out of memory");
		return NULL;
	}
	while (done < size) {
		ssize_t got = read(file, text + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			fault_at(fault, path, 0, "cannot be read: %s",
				 got ? strerror(errno) : "it shrank meanwhile");
			return NULL;
		}
		done += (size_t)got;
	}
	*length = size;
	return text;
}

int load_read(struct arena *arena, const char *path, struct load_source *source,
	      struct fault *fault)
{
	int file;

	source->path = arena_strdup(arena, path);
	if (!source->path)
		return fault_at(fault, path, 0, "out of memory");
	/* A FIFO or a terminal must not hold us up: opened without waiting, then refused. */
	file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file < 0)
		return fault_at(fault, path, 0, "cannot be opened: %s", strerror(errno));
	source->text = read_all(arena, path, file, &source->length, fault);
	close(file);
	return source->text ? 0 : -1;
}

static int open_file(struct arena *arena, const char *path, bool tests, config_t *config,
		     struct fault *fault)
{
	struct load_source *source = arena_alloc(arena, sizeof(*source));
	char *wanted = NULL;

	if (!source)
		return fault_at(fault, path, 0, "out of memory");
	if (load_read(arena, path, source, fault))
		return -1;
	if (!tests) {
		wanted = arena_strndup(arena, source->text, source->length);
		if (!wanted)
			return fault_at(fault, path, 0, "out of memory");
	}
	if (load_scan(source, wanted, fault))
		return -1;
	return parse(source, wanted ? wanted : source->text, config, fault);
}

int load_open(struct arena *arena, const char *path, config_t *config,
	      struct fault *fault)
{
	return open_file(arena, path, true, config, fault);
}

int load_open_rules(struct arena *arena, const char *path, config_t *config,
		    struct fault *fault)
{
	return open_file(arena, path, false, config, fault);
}

static int is_rule_file(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 4 &&
	       strcmp(entry->d_name + length - 4, ".cfg") == 0;
}

struct path_list {
	const char **items;
	size_t count, capacity;
};

static int add_path(struct arena *arena, struct path_list *list, const char *path)
{
	const char **grown = arena_grow(arena, list->items, list->count, &list->capacity,
					sizeof(*grown));

	if (!grown)
		return -1;
	list->items = grown;
	list->items[list->count++] = path;
	return 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/*
 * A rule directory need not have every kind of rule, but it has to be there: without its
 * limits everything would be allowed.
 */
static int absent(const char *directory, struct fault *fault)
{
	char rules[4096];
	const char *slash = strrchr(directory, '/');
	size_t length = slash ? (size_t)(slash - directory) : 0;

	if (length == 0 || length >= sizeof(rules))
		return 0;
	memcpy(rules, directory, length);
	rules[length] = '\0';
	if (access(rules, F_OK) == 0)
		return 0;
	return fault_at(fault, rules, 0,
			"there is no such rule directory (%s); without it nobody knows "
			"what is allowed",
			strerror(errno));
}

static int add_directory(struct arena *arena, const char *directory,
			 struct path_list *list, struct fault *fault)
{
	struct dirent **entries = NULL;
	int count = scandir(directory, &entries, is_rule_file, by_bytes);
	int result = 0;

	if (count < 0) {
		if (errno == ENOENT)
			return absent(directory, fault);
		return fault_at(fault, directory, 0, "cannot be read: %s",
				strerror(errno));
	}
	for (int i = 0; i < count; i++) {
		char *path = NULL;

		if (result == 0 && list->count >= LOAD_MAX_FILES)
			result = fault_at(fault, directory, 0, "more than %d rule files",
					  (int)LOAD_MAX_FILES);
		if (result == 0) {
			path = arena_printf(arena, "%s/%s", directory,
					    entries[i]->d_name);
			if (!path || add_path(arena, list, path))
				result = fault_at(fault, directory, 0, "out of memory");
		}
		free(entries[i]);
	}
	free(entries);
	return result;
}

int load_files(struct arena *arena, const char *const *rules, const char *subdirectory,
	       const char *const **paths, struct fault *fault)
{
	struct path_list list = {0};

	for (; *rules; rules++) {
		char *directory = arena_printf(arena, "%s/%s", *rules, subdirectory);

		if (!directory)
			return fault_at(fault, *rules, 0, "out of memory");
		if (add_directory(arena, directory, &list, fault))
			return -1;
	}
	if (add_path(arena, &list, NULL))
		return fault_set(fault, "out of memory");
	*paths = list.items;
	return 0;
}

static int trusted(const char *path, uid_t owner, struct fault *fault)
{
	struct stat status;

	if (stat(path, &status))
		return fault_at(fault, path, 0, "cannot be examined: %s",
				strerror(errno));
	if (status.st_uid != 0 && status.st_uid != owner)
		return fault_at(fault, path, 0,
				"belongs to uid %u: rules must belong to root or to uid "
				"%u (chown it)",
				(unsigned)status.st_uid, (unsigned)owner);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return fault_at(fault, path, 0,
				"has mode %04o, so that others may write it: take that "
				"away (chmod go-w)",
				(unsigned)status.st_mode & 07777U);
	return 0;
}

int load_trusted(const char *path, uid_t owner, struct fault *fault)
{
	const char *slash = strrchr(path, '/');
	char directory[FAULT_FILE];

	if (trusted(path, owner, fault))
		return -1;
	if (!slash)
		return trusted(".", owner, fault);
	if (slash == path)
		return trusted("/", owner, fault);
	if ((size_t)(slash - path) >= sizeof(directory))
		return fault_at(fault, path, 0, "its name is too long");
	memcpy(directory, path, (size_t)(slash - path));
	directory[slash - path] = '\0';
	return trusted(directory, owner, fault);
}
