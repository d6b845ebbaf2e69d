#include "guard_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <linux/stat.h>

#include "raw_syscall.h"

enum { LARGEST = 16 * 1024 * 1024 };

static const struct guard_header *header(const struct guard_table *table)
{
	return (const struct guard_header *)(const void *)table->map;
}

/* True when `count` records of `size` bytes lie inside of the file at `offset`. */
static bool inside(uint32_t file, uint32_t offset, uint32_t count, uint32_t size)
{
	uint64_t end = (uint64_t)offset + (uint64_t)count * size;

	return offset % 8 == 0 && end <= file;
}

/* The string at `offset`, or NULL: it must end inside of the file, whose last byte is 0. */
static const char *string(const struct guard_table *table, uint32_t offset)
{
	if (!table->map || offset < sizeof(struct guard_header) || offset >= table->size)
		return 0;
	return (const char *)table->map + offset;
}

static bool well_formed(const unsigned char *map, uint32_t size)
{
	const struct guard_header *head = (const struct guard_header *)(const void *)map;

	for (unsigned i = 0; i < 8; i++)
		if (head->magic[i] != GUARD_MAGIC[i])
			return false;
	return head->size == size && map[size - 1] == 0 &&
	       inside(size, head->files, head->file_count, sizeof(struct guard_file)) &&
	       inside(size, head->names, head->name_count, sizeof(struct guard_name));
}

int guard_map(struct guard_table *table, const char *path)
{
	struct statx status;
	long fd, map, result;

	table->map = 0;
	table->size = 0;
	fd = raw_syscall6(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0,
			  0);
	if (fd < 0)
		return (int)fd;
	result = raw_syscall6(SYS_statx, fd, (long)"", AT_EMPTY_PATH, STATX_SIZE,
			      (long)&status, 0);
	if (result == 0 &&
	    (status.stx_size < sizeof(struct guard_header) || status.stx_size > LARGEST))
		result = -EINVAL;
	if (result < 0) {
		raw_syscall3(SYS_close, fd, 0, 0);
		return (int)result;
	}
#if defined(SYS_mmap2)
	map = raw_syscall6(SYS_mmap2, 0, (long)status.stx_size, PROT_READ, MAP_PRIVATE,
			   fd, 0);
#else
	map = raw_syscall6(SYS_mmap, 0, (long)status.stx_size, PROT_READ, MAP_PRIVATE, fd,
			   0);
#endif
	raw_syscall3(SYS_close, fd, 0, 0);
	/* The kernel's errors are the last page of the address space. */
	if ((unsigned long)map > (unsigned long)-4096L)
		return (int)map;
	table->map = (const unsigned char *)map;
	table->size = (uint32_t)status.stx_size;
	if (well_formed(table->map, table->size))
		return 0;
	guard_unmap(table);
	return -EINVAL;
}

void guard_unmap(struct guard_table *table)
{
	if (table->map)
		raw_syscall3(SYS_munmap, (long)table->map, (long)table->size, 0);
	table->map = 0;
	table->size = 0;
}

const char *guard_gate(const struct guard_table *table)
{
	return table->map ? string(table, header(table)->gate) : 0;
}

const char *guard_session(const struct guard_table *table)
{
	return table->map ? string(table, header(table)->session) : 0;
}

const char *guard_shim(const struct guard_table *table)
{
	return table->map ? string(table, header(table)->shim) : 0;
}

/* Bytewise order of a name in the table and the `length` bytes at `name`. */
static int compare(const char *entry, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char a = (unsigned char)entry[i], b = (unsigned char)name[i];

		if (a != b)
			return a < b ? -1 : 1;
	}
	return entry[length] ? 1 : 0;
}

static struct guard_match find_exact(const struct guard_table *table, const char *name,
				     size_t length)
{
	const struct guard_header *head = header(table);
	const struct guard_name *names =
		(const struct guard_name *)(const void *)(table->map + head->names);
	uint32_t low = 0, high = head->name_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const char *entry = string(table, names[middle].name);
		int order = entry ? compare(entry, name, length) : 1;

		if (order == 0)
			return (struct guard_match){
				(enum guard_kind)names[middle].kind,
				string(table, names[middle].description)};
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (struct guard_match){GUARD_NONE, 0};
}

struct guard_match guard_find_name(const struct guard_table *table, const char *name,
				   size_t length)
{
	struct guard_match match = {GUARD_NONE, 0};
	size_t base = length;

	if (!table->map || length == 0)
		return match;
	match = find_exact(table, name, length);
	if (match.kind != GUARD_NONE)
		return match;
	/* python3.11 is python with a version behind it; only interpreters have one. */
	while (base && ((name[base - 1] >= '0' && name[base - 1] <= '9') ||
			name[base - 1] == '.' || name[base - 1] == '-'))
		base--;
	if (base == 0 || base == length)
		return match;
	match = find_exact(table, name, base);
	if (match.kind != GUARD_INTERPRETER)
		match = (struct guard_match){GUARD_NONE, 0};
	return match;
}

struct guard_match guard_find_file(const struct guard_table *table, uint64_t device,
				   uint64_t inode)
{
	const struct guard_header *head;
	const struct guard_file *files;
	uint32_t low = 0, high;

	if (!table->map)
		return (struct guard_match){GUARD_NONE, 0};
	head = header(table);
	files = (const struct guard_file *)(const void *)(table->map + head->files);
	high = head->file_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct guard_file *file = &files[middle];

		if (file->inode == inode && file->device == device)
			return (struct guard_match){(enum guard_kind)file->kind,
						    string(table, file->description)};
		if (file->inode < inode ||
		    (file->inode == inode && file->device < device))
			low = middle + 1;
		else
			high = middle;
	}
	return (struct guard_match){GUARD_NONE, 0};
}
