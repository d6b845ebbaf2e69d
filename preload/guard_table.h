/*
 * The guard table: one small read-only file, mapped and never parsed, that says which
 * programs are guarded. Written by wrapper/guard_build.c, read by the preload shim in every
 * process of a session and by the supervisor. The reader uses no libc function, so that it
 * can run between fork and exec, and trusts no offset of the file without checking it.
 *
 * Layout (native byte order, all offsets from the start of the file):
 *   struct guard_header
 *   struct guard_file[file_count]    sorted by (inode, device)
 *   struct guard_name[name_count]    sorted by bytes of the name
 *   strings                          each NUL-terminated
 */
#ifndef TALLY_GUARD_TABLE_H
#define TALLY_GUARD_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define GUARD_MAGIC "TALLYGT1"

enum guard_kind {
	GUARD_NONE = 0,
	GUARD_TOOL = 1,	       /* a guarded program: always through the gate */
	GUARD_INTERPRETER = 2, /* python3, bash, perl ...: look at its script argument */
	GUARD_LOADER = 3,      /* ld.so: look at the program it is given */
	GUARD_GATE = 4,	       /* tally-gate itself: never through the gate again */
};

struct guard_header {
	char magic[8];
	uint32_t size; /* of the whole file */
	uint32_t file_count, files;
	uint32_t name_count, names;
	uint32_t gate;	  /* offset of the absolute path of tally-gate */
	uint32_t session; /* offset of the session directory's absolute path */
	uint32_t shim;	  /* offset of the LD_PRELOAD entry, $LIB included */
};

/* A program found on disk when the table was built. */
struct guard_file {
	uint64_t device, inode;
	uint32_t kind;	      /* enum guard_kind */
	uint32_t description; /* offset of the path of its tool description, 0: none */
};

/*
 * A base name. Interpreters match by name with an optional version behind it (python3.11),
 * tools match exactly.
 */
struct guard_name {
	uint32_t name, length;
	uint32_t kind;
	uint32_t description;
};

struct guard_table {
	const unsigned char *map; /* NULL: no table */
	uint32_t size;
};

struct guard_match {
	enum guard_kind kind;
	const char *description; /* path of the tool description, or NULL */
};

/*
 * Maps the table at `path` with raw system calls. 0, or a negative errno (-EINVAL for a
 * file that is no well-formed table). guard_unmap() undoes it.
 */
int guard_map(struct guard_table *table, const char *path);
void guard_unmap(struct guard_table *table);

const char *guard_gate(const struct guard_table *table);
const char *guard_session(const struct guard_table *table);
const char *guard_shim(const struct guard_table *table);

/* By base name alone; `name` need not be NUL-terminated. */
struct guard_match guard_find_name(const struct guard_table *table, const char *name,
				   size_t length);
/* By device and inode, as stat(2) gives them. */
struct guard_match guard_find_file(const struct guard_table *table, uint64_t device,
				   uint64_t inode);

#endif
