#include "next.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

#include "start.h"
#include "text.h"

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

static next_any *find_in(const struct link_map *map, const char *name, uint32_t hash)
{
	struct object object;

	read_object(map, &object);
	return lookup(&object, name, hash);
}

static const struct link_map *behind_own(const struct link_map *map)
{
	while (map && !start_is_own(map))
		map = map->l_next;
	return map ? map->l_next : NULL;
}

next_any *next_function(const char *name)
{
	uint32_t hash = gnu_hash(name);
	const struct link_map *map;
	next_any *function = NULL;

	for (map = behind_own(start_objects()); map && !function; map = map->l_next)
		function = find_in(map, name, hash);
	/* musl's loader, which is its libc, stands in front. */
	for (map = start_objects(); map && !function && !start_is_own(map);
	     map = map->l_next)
		function = find_in(map, name, hash);
	return function;
}

next_any *next_before_libc(const char *name)
{
	uint32_t hash = gnu_hash(name);
	const struct link_map *map;
	next_any *function = NULL;

	for (map = behind_own(start_objects()); map && !function && !is_libc(map);
	     map = map->l_next)
		function = find_in(map, name, hash);
	return function;
}
