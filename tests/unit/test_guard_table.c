/* The guard table: what is written is found again, and no bytes of a file do any harm. */
#include "guard_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard_build.h"
#include "tap.h"

enum { ROUNDS = 20000 };

static char directory[] = "/tmp/tallygate-table-XXXXXX";
static char table_path[64], program_path[64];

static void write_bytes(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	close(fd);
}

static unsigned char *read_bytes(const char *path, size_t *size)
{
	struct stat status;
	unsigned char *bytes;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) < 0)
		abort();
	*size = (size_t)status.st_size;
	bytes = malloc(*size);
	if (!bytes || read(fd, bytes, *size) != (ssize_t)*size)
		abort();
	close(fd);
	return bytes;
}

static const char *inside(const char *name)
{
	static char paths[2][96];
	static int next;
	char *path = paths[next ^= 1];

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

static bool write_in(const char *name)
{
	write_bytes(inside(name), "#!/bin/sh\n", 10);
	return true;
}

static bool link_in(const char *from, const char *to)
{
	return link(inside(from), inside(to)) == 0;
}

static bool symlink_in(const char *target, const char *name)
{
	return symlink(target, inside(name)) == 0;
}

static bool unlink_in(const char *name)
{
	return unlink(inside(name)) == 0;
}

static int build(void)
{
	static const struct guard_program programs[] = {
		{"drain", "/rules/drain.cfg"},
		{"ansible", "/rules/ansible.cfg"},
		{"zap", "/rules/zap.cfg"},
	};
	struct arena *arena = arena_new(1 << 20);
	struct fault fault = {0};
	int result;

	write_bytes(program_path, "#!/bin/sh\n", 10);
	result = guard_build(arena, table_path, programs, 3, directory, "/opt/tally-gate",
			     "/run/session", "/opt/$LIB/libtally.so", &fault);
	if (result < 0)
		printf("# %s\n", fault.text);
	arena_free(arena);
	return result;
}

static enum guard_kind kind(const struct guard_table *table, const char *name)
{
	return guard_find_name(table, name, strlen(name)).kind;
}

static void test_found(void)
{
	struct guard_table table;
	struct guard_match match;
	struct stat status;

	ok(guard_map(&table, table_path) == 0, "a table that was built is mapped");
	is_text(guard_gate(&table), "/opt/tally-gate", "the gate");
	is_text(guard_session(&table), "/run/session", "the session");
	is_text(guard_shim(&table), "/opt/$LIB/libtally.so", "the shim");
	match = guard_find_name(&table, "drain", 5);
	ok(match.kind == GUARD_TOOL, "a tool by its name");
	is_text(match.description, "/rules/drain.cfg", "and its description");
	ok(kind(&table, "drai") == GUARD_NONE && kind(&table, "drain2") == GUARD_NONE &&
		   kind(&table, "") == GUARD_NONE,
	   "but by no other name");
	ok(kind(&table, "python3.11") == GUARD_INTERPRETER &&
		   kind(&table, "bash") == GUARD_INTERPRETER,
	   "interpreters, with their version");
	ok(kind(&table, "ld-linux-x86-64.so.2") == GUARD_LOADER, "the loader");
	ok(stat(program_path, &status) == 0 &&
		   guard_find_file(&table, status.st_dev, status.st_ino).kind ==
			   GUARD_TOOL,
	   "a tool by its file");
	ok(guard_find_file(&table, status.st_dev, status.st_ino + 1).kind == GUARD_NONE,
	   "and no other file");
	guard_unmap(&table);
	ok(kind(&table, "drain") == GUARD_NONE && !guard_gate(&table),
	   "nothing in a table that is not there");
}

static size_t touched;

static void touch(const char *text)
{
	touched += text ? strlen(text) : 0;
}

/* Every question there is, to a copy that ends where the file ends, for ASan to watch. */
static void ask_everything(const unsigned char *bytes, size_t size)
{
	static const char *const names[] = {"drain", "ansible", "python3.11",
					    "zzz",   "a",	""};
	unsigned char *copy = malloc(size);
	struct guard_table table = {copy, (uint32_t)size};

	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	touch(guard_gate(&table));
	touch(guard_session(&table));
	touch(guard_shim(&table));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		touch(guard_find_name(&table, names[i], strlen(names[i])).description);
	for (uint64_t inode = 1; inode; inode <<= 5)
		touch(guard_find_file(&table, inode & 7, inode).description);
	free(copy);
}

/* In memory: writing some ten thousand files to a disk takes minutes on some. */
static bool accepted(const unsigned char *bytes, size_t size)
{
	static int fd = -1;
	struct guard_table table;
	char path[32];

	if (fd < 0)
		fd = memfd_create("table", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) < 0 ||
	    pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (guard_map(&table, path) < 0)
		return false;
	guard_unmap(&table);
	return true;
}

static void test_harmless(void)
{
	size_t size, bad = 0, taken = 0;
	unsigned char *good = read_bytes(table_path, &size), *torn = malloc(size);

	if (!torn)
		abort();
	for (size_t length = 0; length < size; length++)
		bad += accepted(good, length);
	ok(bad == 0, "no table that was cut off is taken (%zu lengths)", size);
	srandom(7);
	for (int round = 0; round < ROUNDS; round++) {
		int flips = 1 + (int)(random() % 4);

		memcpy(torn, good, size);
		/* Mostly the header and the records, where the offsets are. */
		for (int i = 0; i < flips; i++) {
			size_t at = (size_t)random() % (random() % 2 ? 48 : size);

			torn[at] = (unsigned char)random();
		}
		if (accepted(torn, size)) {
			taken++;
			ask_everything(torn, size);
		}
	}
	ok(taken > ROUNDS / 10, "tables with wrong bytes answer in bounds (%zu)", taken);
	for (int round = 0; round < 1000; round++) {
		for (size_t i = 0; i < size; i++)
			torn[i] = (unsigned char)random();
		if (round % 2)
			memcpy(torn, good, 12);
		torn[size - 1] = 0;
		if (accepted(torn, size))
			ask_everything(torn, size);
	}
	ok(true, "garbage does no harm");
	free(good);
	free(torn);
}

static bool by_file(const struct guard_table *table, const char *name)
{
	struct stat status;

	return stat(inside(name), &status) == 0 &&
	       guard_find_file(table, status.st_dev, status.st_ino).kind == GUARD_TOOL;
}

/* A file that is also something else is not to make all of that a tool. */
static void test_shared_files(void)
{
	struct guard_table table;

	/* As version managers do, and as snap does. */
	ok(write_in("zap") && link_in("zap", "python3") && write_in("multicall") &&
		   symlink_in("multicall", "ansible"),
	   "a hard link and a link of other names");
	ok(build() == 0 && guard_map(&table, table_path) == 0, "the table is built anew");
	ok(!by_file(&table, "python3"),
	   "not every script of a version manager is a tool");
	ok(!by_file(&table, "multicall"), "nor is a program of many names");
	ok(by_file(&table, "drain"), "a tool with a file of its own is");
	guard_unmap(&table);
	ok(unlink_in("python3") && link_in("zap", "zap-1.2") && build() == 0 &&
		   guard_map(&table, table_path) == 0 && by_file(&table, "zap-1.2"),
	   "so is one with its version behind it");
	guard_unmap(&table);
	unlink_in("zap");
	unlink_in("zap-1.2");
	unlink_in("multicall");
	unlink_in("ansible");
}

static void test_no_table(void)
{
	struct guard_table table;

	unlink(table_path);
	ok(guard_map(&table, table_path) == -ENOENT && !table.map, "no file");
	ok(guard_map(&table, directory) < 0 && !table.map, "a directory");
	ok(guard_map(&table, "/dev/null") < 0 && !table.map, "no regular file");
}

int main(void)
{
	if (!mkdtemp(directory))
		return 1;
	snprintf(table_path, sizeof(table_path), "%s/guard.table", directory);
	snprintf(program_path, sizeof(program_path), "%s/drain", directory);
	if (!ok(build() == 0, "the table is built"))
		return done();
	test_found();
	test_harmless();
	test_shared_files();
	test_no_table();
	unlink(program_path);
	unlink(table_path);
	rmdir(directory);
	return done();
}
