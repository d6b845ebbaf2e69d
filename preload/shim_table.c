#include "shim_table.h"

#include <alloca.h>
#include <linux/limits.h>
#include <stdatomic.h>
#include <stdint.h>

#include "raw_syscall.h"
#include "start.h"
#include "text.h"

enum { UNKNOWN = 0, ABSENT = 1, NAMED = 1 };

/*
 * UNKNOWN, ABSENT, or the address of the map, with NAMED in its lowest bit. A child that
 * shares its parent's memory may be the one that fills it in; the parent has use of that.
 */
static _Atomic(uintptr_t) known;

static struct shim_table unpack(uintptr_t value)
{
	struct shim_table table = {.named = false};

	if (value == UNKNOWN || value == ABSENT)
		return table;
	table.named = (value & NAMED) != 0;
	table.guard.map = (const unsigned char *)(value & ~(uintptr_t)NAMED);
	/* guard_map() made sure that the header says the true size. */
	table.guard.size =
		((const struct guard_header *)(const void *)table.guard.map)->size;
	return table;
}

/* Maps NAME in the directory of `length` bytes. */
static bool map_in(struct guard_table *table, const char *directory, size_t length)
{
	static const char name[] = "/guard.table";
	char *path;

	if (length + sizeof(name) > PATH_MAX)
		return false;
	/* No more than is needed: the stack may be a signal handler's. */
	path = alloca(length + sizeof(name));
	text_put(text_put(path, directory, length), name, sizeof(name));
	return guard_map(table, path) == 0;
}

static bool map_session(struct guard_table *table, const char *session)
{
	return session && *session == '/' && map_in(table, session, text_length(session));
}

static uintptr_t search(struct guard_table *table)
{
	const char *library;

	if (map_session(table, now_variable("TALLY_SESSION")) ||
	    map_session(table, start_variable("TALLY_SESSION")))
		return (uintptr_t)table->map | NAMED;
	library = start_library();
	if (library && text_has(library, '/') &&
	    map_in(table, library, (size_t)(text_base(library) - library - 1)))
		return (uintptr_t)table->map;
	if (map_in(table, "/run/tallygate", sizeof("/run/tallygate") - 1))
		return (uintptr_t)table->map;
	return ABSENT;
}

struct shim_table shim_table(void)
{
	uintptr_t value = atomic_load_explicit(&known, memory_order_acquire);
	struct guard_table found = {0};

	if (value != UNKNOWN)
		return unpack(value);
	/* Not written down: the children of process 1 are processes like any other. */
	if (raw_syscall3(SYS_getpid, 0, 0, 0) == 1)
		return unpack(ABSENT);
	value = start_secure() ? ABSENT : search(&found);
	{
		uintptr_t expected = UNKNOWN;

		if (atomic_compare_exchange_strong_explicit(&known, &expected, value,
							    memory_order_acq_rel,
							    memory_order_acquire))
			return unpack(value);
		/* Another thread was first. */
		guard_unmap(&found);
		return unpack(expected);
	}
}
