#include "next.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

extern struct r_debug _r_debug __attribute__((weak));
extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

enum { HIDDEN_VERSION = 0x8000 }; /* of a symbol kept for old programs only */

struct object {
	uintptr_t base;
	const uint32_t *hash;
	const ElfW(Sym) * symbols;
	const ElfW(Half) * versions;
	const char *strings;
};

/* The loader adds the base to some objects' addresses and not to others' (the vdso). */
static const void *address(const struct link_map *map, ElfW(Addr) value)
{
	return (const void *)(value < map->l_addr ? value + map->l_addr : value);
}

static void read_object(const struct link_map *map, struct object *object)
{
	*object = (struct object){.base = map->l_addr};
	for (const ElfW(Dyn) *entry = map->l_ld; entry && entry->d_tag != DT_NULL;
	     entry++) {
		const void *at = address(map, entry->d_un.d_ptr);

		if (entry->d_tag == DT_GNU_HASH)
			object->hash = at;
		else if (entry->d_tag == DT_SYMTAB)
			object->symbols = at;
		else if (entry->d_tag == DT_STRTAB)
			object->strings = at;
		else if (entry->d_tag == DT_VERSYM)
			object->versions = at;
	}
}

static uint32_t gnu_hash(const char *name)
{
	uint32_t hash = 5381;

	while (*name)
		hash = hash * 33 + (unsigned char)*name++;
	return hash;
}

static next_any *usable(const struct object *object, uint32_t index, const char *name)
{
	const ElfW(Sym) *symbol = &object->symbols[index];

	if (symbol->st_shndx == SHN_UNDEF || (symbol->st_info & 0xf) != STT_FUNC)
		return NULL;
	if (object->versions && (object->versions[index] & HIDDEN_VERSION))
		return NULL;
	if (!text_equal(object->strings + symbol->st_name, name))
		return NULL;
	return (next_any *)(object->base + symbol->st_value);
}

/* The table of DT_GNU_HASH: four numbers, a Bloom filter of words, buckets, chains. */
static next_any *lookup(const struct object *object, const char *name, uint32_t hash)
{
	const uint32_t *table = object->hash, *buckets, *chain;
	const ElfW(Addr) * bloom;
	const uint32_t bits = sizeof(ElfW(Addr)) * 8;
	ElfW(Addr) word;
	uint32_t count, first, filter, shift, index;

	if (!table || !object->symbols || !object->strings)
		return NULL;
	count = table[0];
	first = table[1];
	filter = table[2];
	shift = table[3];
	if (!count || !filter)
		return NULL;
	bloom = (const void *)(table + 4);
	word = bloom[(hash / bits) & (filter - 1)];
	if (!((word >> (hash % bits)) & (word >> ((hash >> shift) % bits)) & 1))
		return NULL;
	buckets = (const void *)(bloom + filter);
	chain = buckets + count;
	index = buckets[hash % count];
	if (index < first)
		return NULL;
	for (;; index++) {
		uint32_t value = chain[index - first];

		if ((value | 1) == (hash | 1)) {
			next_any *function = usable(object, index, name);

			if (function)
				return function;
		}
		if (value & 1)
			return NULL;
	}
}

static bool is_libc(const struct link_map *map)
{
	return map->l_name && text_after(text_base(map->l_name), "libc.so.");
}

static next_any *search(const char *name, bool libc_too)
{
	const struct link_map *map = &_r_debug ? _r_debug.r_map : NULL;
	uint32_t hash = gnu_hash(name);

	/* Without the list's lock: what was loaded at the start is never taken out of it. */
	while (map && map->l_ld != _DYNAMIC)
		map = map->l_next;
	for (map = map ? map->l_next : NULL; map; map = map->l_next) {
		struct object object;
		next_any *function;

		if (!libc_too && is_libc(map))
			return NULL;
		read_object(map, &object);
		function = lookup(&object, name, hash);
		if (function)
			return function;
	}
	return NULL;
}

next_any *next_function(const char *name)
{
	return search(name, true);
}

next_any *next_before_libc(const char *name)
{
	return search(name, false);
}
