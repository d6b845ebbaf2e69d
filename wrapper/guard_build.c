#include "guard_build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard_table.h"

/* Programs whose script argument is looked at. A version behind the name is understood. */
static const char *const interpreters[] = {"python", "pypy", "perl",  "ruby",	"node",
					   "nodejs", "bash", "sh",    "dash",	"ksh",
					   "mksh",   "zsh",  "rbash", "busybox"};

/* Where the dynamic loader may stand: it starts any program it is given. */
static const char *const loaders[] = {
	"/lib64/ld-linux-x86-64.so.2",	     "/lib/ld-linux.so.2",
	"/lib/ld-linux-aarch64.so.1",	     "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
	"/lib/i386-linux-gnu/ld-linux.so.2", "/libx32/ld-linux-x32.so.2",
	"/lib/ld-musl-x86_64.so.1",	     "/usr/bin/ld.so"};

struct build {
	struct arena *arena;
	char *strings;
	size_t string_length, string_capacity;
	struct guard_file *files;
	size_t file_count, file_capacity;
	struct guard_name *names;
	size_t name_count, name_capacity;
	bool failed;
};

/* Offsets of strings are relative to the string area until everything is laid out. */
static uint32_t add_string(struct build *build, const char *text)
{
	size_t length = strlen(text) + 1, offset = build->string_length;

	if (offset + length > build->string_capacity) {
		size_t capacity = (offset + length) * 2 + 4096;
		char *grown = arena_alloc(build->arena, capacity);

		if (!grown || capacity > UINT32_MAX / 2) {
			build->failed = true;
			return 0;
		}
		if (offset)
			memcpy(grown, build->strings, offset);
		build->strings = grown;
		build->string_capacity = capacity;
	}
	memcpy(build->strings + offset, text, length);
	build->string_length += length;
	return (uint32_t)offset + 1; /* 0 means none */
}

static void add_name(struct build *build, const char *name, enum guard_kind kind,
		     uint32_t description)
{
	struct guard_name *items =
		arena_grow(build->arena, build->names, build->name_count,
			   &build->name_capacity, sizeof(*items));

	if (!items) {
		build->failed = true;
		return;
	}
	build->names = items;
	items[build->name_count++] = (struct guard_name){
		add_string(build, name), (uint32_t)strlen(name), kind, description};
}

static void add_file(struct build *build, const char *path, enum guard_kind kind,
		     uint32_t description)
{
	struct guard_file *items;
	struct stat status;

	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	for (size_t i = 0; i < build->file_count; i++)
		if (build->files[i].inode == status.st_ino &&
		    build->files[i].device == status.st_dev)
			return;
	items = arena_grow(build->arena, build->files, build->file_count,
			   &build->file_capacity, sizeof(*items));
	if (!items) {
		build->failed = true;
		return;
	}
	build->files = items;
	items[build->file_count++] =
		(struct guard_file){status.st_dev, status.st_ino, kind, description};
}

/* "pdsh.bin" and "kubectl-1.28" are still the tool; "busybox" and "snap" are not. */
static bool named_after(const char *file, const char *name)
{
	return strncmp(file, name, strlen(name)) == 0;
}

/*
 * Whether the file has another program's name as well: version managers (pyenv, rbenv) make
 * one script and a hard link of it for each program they know.
 */
static bool linked_otherwise(const char *name, const char *real, const struct stat *file)
{
	const char *slash = strrchr(real, '/');
	struct dirent *entry;
	struct stat status;
	char path[PATH_MAX];
	bool otherwise = false;
	DIR *directory;

	if (file->st_nlink < 2)
		return false;
	snprintf(path, sizeof(path), "%.*s/", (int)(slash - real), real);
	directory = opendir(path);
	if (!directory)
		return true;
	while (!otherwise && (entry = readdir(directory)))
		otherwise = !named_after(entry->d_name, name) &&
			    fstatat(dirfd(directory), entry->d_name, &status,
				    AT_SYMLINK_NOFOLLOW) == 0 &&
			    status.st_ino == file->st_ino &&
			    status.st_dev == file->st_dev;
	closedir(directory);
	return otherwise;
}

/*
 * Some tools share one file with programs that are none (busybox, snap, systemctl behind
 * telinit, the scripts of version managers): such a file is found by its names only.
 */
static bool shared_file(const char *name, const char *path)
{
	char real[PATH_MAX];
	struct stat status;
	const char *base;

	if (!realpath(path, real) || stat(real, &status) < 0)
		return true;
	base = strrchr(real, '/');
	return !named_after(base ? base + 1 : real, name) ||
	       linked_otherwise(name, real, &status);
}

static void add_found(struct build *build, const char *name, const char *directories,
		      enum guard_kind kind, uint32_t description)
{
	static const char usual[] =
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:"
		"/snap/bin:/opt/bin";
	const char *lists[] = {directories, usual};

	for (size_t l = 0; l < 2; l++) {
		const char *p = lists[l];

		while (*p) {
			size_t length = strcspn(p, ":");
			char path[PATH_MAX];

			if (length &&
			    (size_t)snprintf(path, sizeof(path), "%.*s/%s", (int)length,
					     p, name) < sizeof(path) &&
			    access(path, X_OK) == 0 && !shared_file(name, path))
				add_file(build, path, kind, description);
			p += length;
			p += *p == ':';
		}
	}
}

static int by_inode(const void *a, const void *b)
{
	const struct guard_file *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->device > y->device) - (x->device < y->device);
}

static const char *sorted_strings; /* for by_name(), which qsort() gives no context */

static int by_name(const void *a, const void *b)
{
	const struct guard_name *x = a, *y = b;

	return strcmp(sorted_strings + x->name - 1, sorted_strings + y->name - 1);
}

static int write_all(int fd, const void *bytes, size_t length)
{
	const char *p = bytes;

	while (length) {
		ssize_t written = write(fd, p, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -1;
		p += written;
		length -= (size_t)written;
	}
	return 0;
}

static int write_file(const char *path, const void *bytes, size_t length,
		      struct fault *fault)
{
	char fresh[PATH_MAX];
	int fd;

	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", path) >= sizeof(fresh))
		return fault_set(fault, "the name is too long: %s", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return fault_set(fault, "%s cannot be written: %s", fresh,
				 strerror(errno));
	if (write_all(fd, bytes, length) < 0) {
		int error = errno;

		close(fd);
		unlink(fresh);
		return fault_set(fault, "%s cannot be written: %s", fresh,
				 strerror(error));
	}
	/* By rename: a table that is mapped somewhere keeps its bytes. */
	if (close(fd) < 0 || rename(fresh, path) < 0) {
		int error = errno;

		unlink(fresh);
		return fault_set(fault, "%s cannot be replaced: %s", path,
				 strerror(error));
	}
	return 0;
}

/* Lays the parts out behind each other and turns string numbers into offsets. */
static int lay_out(struct build *build, const char *path, const uint32_t fixed[3],
		   struct fault *fault)
{
	size_t files = sizeof(struct guard_header);
	size_t names = files + build->file_count * sizeof(struct guard_file);
	size_t strings = names + build->name_count * sizeof(struct guard_name);
	size_t size = strings + build->string_length + 1;
	unsigned char *bytes = arena_alloc(build->arena, size);
	struct guard_header *head = (struct guard_header *)(void *)bytes;
	uint32_t base = (uint32_t)strings;

	if (!bytes)
		return fault_set(fault, "out of memory while the guard table was made");
	for (size_t i = 0; i < build->file_count; i++)
		if (build->files[i].description)
			build->files[i].description += base - 1;
	sorted_strings = build->strings;
	qsort(build->names, build->name_count, sizeof(*build->names), by_name);
	for (size_t i = 0; i < build->name_count; i++) {
		build->names[i].name += base - 1;
		if (build->names[i].description)
			build->names[i].description += base - 1;
	}
	qsort(build->files, build->file_count, sizeof(*build->files), by_inode);
	memcpy(head->magic, GUARD_MAGIC, sizeof(head->magic));
	head->size = (uint32_t)size;
	head->file_count = (uint32_t)build->file_count;
	head->files = (uint32_t)files;
	head->name_count = (uint32_t)build->name_count;
	head->names = (uint32_t)names;
	head->gate = fixed[0] + base - 1;
	head->session = fixed[1] + base - 1;
	head->shim = fixed[2] + base - 1;
	memcpy(bytes + files, build->files, build->file_count * sizeof(*build->files));
	memcpy(bytes + names, build->names, build->name_count * sizeof(*build->names));
	memcpy(bytes + strings, build->strings, build->string_length);
	return write_file(path, bytes, size, fault);
}

int guard_build(struct arena *arena, const char *path,
		const struct guard_program *programs, size_t count,
		const char *directories, const char *gate, const char *session,
		const char *shim, struct fault *fault)
{
	struct build build = {.arena = arena};
	uint32_t fixed[3];

	fixed[0] = add_string(&build, gate);
	fixed[1] = add_string(&build, session);
	fixed[2] = add_string(&build, shim);
	add_file(&build, gate, GUARD_GATE, 0);
	for (size_t i = 0; i < count; i++) {
		uint32_t description = add_string(&build, programs[i].description);

		add_name(&build, programs[i].name, GUARD_TOOL, description);
		add_found(&build, programs[i].name, directories, GUARD_TOOL, description);
	}
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(interpreters[0]); i++)
		add_name(&build, interpreters[i], GUARD_INTERPRETER, 0);
	for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++) {
		const char *slash = strrchr(loaders[i], '/');

		add_name(&build, slash + 1, GUARD_LOADER, 0);
		add_file(&build, loaders[i], GUARD_LOADER, 0);
	}
	if (build.failed)
		return fault_set(fault, "out of memory while the guard table was made");
	return lay_out(&build, path, fixed, fault);
}
