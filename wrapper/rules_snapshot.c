#include "rules_snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load.h"
#include "policy.h"

enum {
	DEEPEST = 4, /* directories in directories */
	MOST_RULES = 64,
	MOST_BYTES = 256 << 20, /* of one generation */
};

static const char current[] = "current", origins[] = "origins";

struct copying {
	struct fault *fault;
	size_t files;
	int64_t bytes;
};

/* ---- copying ---- */

static int copy_bytes(struct copying *copying, int from, int to, const char *path)
{
	for (;;) {
		ssize_t sent = sendfile(to, from, NULL, 1 << 20);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return fault_at(copying->fault, path, 0, "cannot be copied: %s",
					strerror(errno));
		if (sent == 0)
			return 0;
		copying->bytes += sent;
		if (copying->bytes > MOST_BYTES)
			return fault_at(copying->fault, path, 0,
					"the rules are more than %d MiB",
					MOST_BYTES >> 20);
	}
}

static int copy_file(struct copying *copying, const char *path, const char *to)
{
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), fd, result;

	if (from < 0)
		return fault_at(copying->fault, path, 0, "cannot be read: %s",
				strerror(errno));
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		result = fault_set(copying->fault, "%s cannot be made: %s", to,
				   strerror(errno));
	else
		result = copy_bytes(copying, from, fd, path);
	close(from);
	if (fd >= 0 && (fchmod(fd, 0644) < 0 || close(fd) < 0) && result == 0)
		result = fault_set(copying->fault, "%s cannot be written: %s", to,
				   strerror(errno));
	return result;
}

static int copy_directory(struct copying *copying, const char *path, const char *to,
			  unsigned int depth);

static int copy_one(struct copying *copying, const char *path, const char *to,
		    unsigned int depth)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return fault_at(copying->fault, path, 0, "cannot be examined: %s",
				strerror(errno));
	if (S_ISDIR(status.st_mode))
		return copy_directory(copying, path, to, depth + 1);
	if (!S_ISREG(status.st_mode))
		return 0; /* the loaders say what they think of it where they want it */
	if (++copying->files > LOAD_MAX_FILES)
		return fault_at(copying->fault, path, 0, "more than %d rule files",
				(int)LOAD_MAX_FILES);
	if (load_trusted(path, geteuid(), copying->fault) < 0)
		return -1;
	return copy_file(copying, path, to);
}

/* What rules are made of; other files beside them are not for everybody to read. */
static bool is_of_rules(const char *name)
{
	static const char *const names[] = {"tools", "fleet",  "policy",
					    "aws",   "gcloud", "actions.cfg"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int copy_directory(struct copying *copying, const char *path, const char *to,
			  unsigned int depth)
{
	DIR *entries = opendir(path);
	struct dirent *entry;
	int result = 0;

	if (!entries)
		return fault_at(copying->fault, path, 0, "cannot be read: %s",
				strerror(errno));
	if (depth > DEEPEST)
		result = fault_at(copying->fault, path, 0, "is nested too deep");
	else if (mkdir(to, 0755) < 0 || chmod(to, 0755) < 0)
		result = fault_set(copying->fault, "%s cannot be made: %s", to,
				   strerror(errno));
	while (result == 0 && (entry = readdir(entries))) {
		char below[PATH_MAX], copy[PATH_MAX];

		if (entry->d_name[0] == '.' ||
		    (depth == 0 && !is_of_rules(entry->d_name)))
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) >=
			    (int)sizeof(below) ||
		    snprintf(copy, sizeof(copy), "%s/%s", to, entry->d_name) >=
			    (int)sizeof(copy))
			result = fault_at(copying->fault, path, 0,
					  "a name in it is too long");
		else
			result = copy_one(copying, below, copy, depth);
	}
	closedir(entries);
	return result;
}

/* ---- removing ---- */

static void remove_tree(int parent, const char *name, unsigned int depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *entries = fd < 0 || depth > DEEPEST + 2 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (entries && (entry = readdir(entries))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(entries), entry->d_name, 0) < 0)
			remove_tree(dirfd(entries), entry->d_name, depth + 1);
	}
	if (entries)
		closedir(entries);
	else if (fd >= 0)
		close(fd);
	unlinkat(parent, name, AT_REMOVEDIR);
}

void rules_snapshot_drop(const char *top, const struct rules_snapshot *snapshot)
{
	int fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	remove_tree(fd, snapshot->name, 0);
	close(fd);
}

/* ---- generations ---- */

static long number_of(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	return *end || number <= 0 || *name < '1' || *name > '9' ? 0 : number;
}

/* Calls `each` for all generations. The highest number there is. */
static long generations(const char *top, void (*each)(int fd, long number, void *context),
			void *context)
{
	DIR *entries = opendir(top);
	struct dirent *entry;
	long highest = 0;

	while (entries && (entry = readdir(entries))) {
		long number = number_of(entry->d_name);

		if (number && each)
			each(dirfd(entries), number, context);
		highest = number > highest ? number : highest;
	}
	if (entries)
		closedir(entries);
	return highest;
}

/* Fills a snapshot whose generation lies at `path`. */
static int fill(struct arena *arena, const char *path, const char *const *names,
		struct rules_snapshot *snapshot)
{
	const char *slash = strrchr(path, '/'), **directories;
	size_t count = 0;

	while (names[count])
		count++;
	directories = arena_array(arena, count + 1, sizeof(*directories));
	snapshot->name = slash ? arena_strdup(arena, slash + 1) : NULL;
	if (!directories || !snapshot->name)
		return -1;
	for (size_t i = 0; i < count; i++) {
		directories[i] = arena_printf(arena, "%s/%zu", path, i);
		if (!directories[i])
			return -1;
	}
	snapshot->directories = directories;
	snapshot->origins = names;
	return 0;
}

static int write_origins(const char *path, const char *const *rules, struct fault *fault)
{
	FILE *file = fopen(path, "wxe");
	bool failed = !file;

	for (; file && *rules; rules++)
		fprintf(file, "%s\n", *rules);
	if (file) {
		failed = ferror(file) != 0 || fchmod(fileno(file), 0644) < 0;
		failed |= fclose(file) != 0;
	}
	return failed ? fault_set(fault, "%s cannot be written: %s", path,
				  strerror(errno))
		      : 0;
}

static int make_top(const char *top, struct fault *fault)
{
	if (mkdir(top, 0755) < 0 && errno != EEXIST)
		return fault_set(fault, "%s cannot be made: %s", top, strerror(errno));
	return 0;
}

int rules_snapshot_make(struct arena *arena, const char *top, const char *const *rules,
			struct rules_snapshot *snapshot, struct fault *fault)
{
	struct copying copying = {.fault = fault};
	const char *path, *list;
	int result = 0;

	if (make_top(top, fault) < 0)
		return -1;
	path = arena_printf(arena, "%s/%ld", top, generations(top, NULL, NULL) + 1);
	list = path ? arena_printf(arena, "%s/%s", path, origins) : NULL;
	if (!list || fill(arena, path, rules, snapshot) < 0)
		return fault_set(fault, "out of memory while the rules were copied");
	if (mkdir(path, 0755) < 0 || chmod(path, 0755) < 0)
		return fault_set(fault, "%s cannot be made: %s", path, strerror(errno));
	for (size_t i = 0; rules[i] && result == 0; i++)
		result = copy_directory(&copying, rules[i], snapshot->directories[i], 0);
	if (result == 0)
		result = write_origins(list, rules, fault);
	if (result < 0)
		rules_snapshot_drop(top, snapshot);
	return result;
}

struct keeping {
	long newest, before;
};

static void look_before(int fd, long number, void *context)
{
	struct keeping *keeping = context;

	(void)fd;
	if (number < keeping->newest && number > keeping->before)
		keeping->before = number;
}

static void remove_old(int fd, long number, void *context)
{
	struct keeping *keeping = context;
	char name[32];

	if (number == keeping->newest || number == keeping->before)
		return;
	snprintf(name, sizeof(name), "%ld", number);
	remove_tree(fd, name, 0);
}

int rules_snapshot_use(const char *top, const struct rules_snapshot *snapshot,
		       struct fault *fault)
{
	struct keeping keeping = {.newest = number_of(snapshot->name)};
	char link[PATH_MAX], fresh[PATH_MAX];

	if (snprintf(link, sizeof(link), "%s/%s", top, current) >= (int)sizeof(link) ||
	    snprintf(fresh, sizeof(fresh), "%s/.%s", top, current) >= (int)sizeof(fresh))
		return fault_set(fault, "%s is too long a name", top);
	unlink(fresh);
	if (symlink(snapshot->name, fresh) < 0 || rename(fresh, link) < 0)
		return fault_set(fault, "%s cannot be made: %s", link, strerror(errno));
	/* A gate that is reading has resolved the link before. */
	generations(top, look_before, &keeping);
	generations(top, remove_old, &keeping);
	return 0;
}

/* ---- reading one ---- */

static int read_origins(struct arena *arena, const char *path, const char *const **names,
			struct fault *fault)
{
	const char *list = arena_printf(arena, "%s/%s", path, origins), **found;
	struct load_source source;
	size_t count = 0;
	char *text, *line;

	found = arena_array(arena, MOST_RULES + 1, sizeof(*found));
	if (!list || !found)
		return fault_set(fault, "out of memory");
	if (load_read(arena, list, &source, fault) < 0)
		return -1;
	text = arena_strndup(arena, source.text, source.length);
	while (text && (line = strsep(&text, "\n")))
		if (*line && count < MOST_RULES)
			found[count++] = line;
	*names = found;
	return 0;
}

static int read_at(struct arena *arena, const char *path, struct rules_snapshot *snapshot,
		   struct fault *fault)
{
	const char *const *names = NULL;

	if (read_origins(arena, path, &names, fault) < 0)
		return -1;
	if (fill(arena, path, names, snapshot) < 0)
		return fault_set(fault, "out of memory");
	return 1;
}

int rules_snapshot_current(struct arena *arena, const char *top,
			   struct rules_snapshot *snapshot, struct fault *fault)
{
	const char *link = arena_printf(arena, "%s/%s", top, current);
	char real[PATH_MAX];

	if (!link)
		return fault_set(fault, "out of memory");
	if (!realpath(link, real))
		return errno == ENOENT ? 0
				       : fault_set(fault, "%s cannot be read: %s", link,
						   strerror(errno));
	return read_at(arena, real, snapshot, fault);
}

int rules_snapshot_resolve(struct arena *arena, const char *const *paths,
			   struct rules_snapshot *snapshot, struct fault *fault)
{
	char real[PATH_MAX], *slash;
	const char *list;

	if (!paths[0] || !realpath(paths[0], real) || !(slash = strrchr(real, '/')))
		return 0;
	*slash = '\0';
	list = arena_printf(arena, "%s/%s", real, origins);
	if (!list)
		return fault_set(fault, "out of memory");
	return access(list, F_OK) < 0 ? 0 : read_at(arena, real, snapshot, fault);
}

/* ---- what people are shown ---- */

/* Which directory `path` lies in, and what is behind it; -1: in none. */
static int place(const struct rules_snapshot *snapshot, const char *path,
		 const char **rest)
{
	for (int i = 0; snapshot->directories && snapshot->directories[i]; i++) {
		size_t length = strlen(snapshot->directories[i]);

		if (strncmp(path, snapshot->directories[i], length) == 0 &&
		    path[length] == '/') {
			*rest = path + length;
			return i;
		}
	}
	return -1;
}

const char *rules_snapshot_origin(struct arena *arena,
				  const struct rules_snapshot *snapshot, const char *path)
{
	const char *rest;
	int i = place(snapshot, path, &rest);

	return i < 0 ? path : arena_printf(arena, "%s%s", snapshot->origins[i], rest);
}

int rules_snapshot_reasons(struct arena *arena, const struct rules_snapshot *snapshot,
			   struct decision *decision, struct fault *fault)
{
	for (size_t i = 0; i < decision->reason_count; i++) {
		struct reason *reason = &decision->reasons[i];

		if (reason->file && !(reason->file = rules_snapshot_origin(
					      arena, snapshot, reason->file)))
			return fault_set(fault, "out of memory");
	}
	return 0;
}

void rules_snapshot_fault(const struct rules_snapshot *snapshot, struct fault *fault)
{
	char path[2 * FAULT_FILE];
	const char *rest;
	int i = place(snapshot, fault->file, &rest);

	if (i < 0)
		return;
	snprintf(path, sizeof(path), "%.511s%s", snapshot->origins[i], rest);
	path[FAULT_FILE - 1] = '\0';
	memcpy(fault->file, path, FAULT_FILE);
}
