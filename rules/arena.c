#include "arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct block {
	struct block *next;
	size_t size; /* usable bytes behind the header */
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *first; /* the newest block, the one that is filled */
	size_t limit;
	size_t given;
};

struct arena *arena_new(size_t limit)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena)
		arena->limit = limit;
	return arena;
}

static void free_blocks(struct block *block)
{
	while (block) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	free_blocks(arena->first);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	if (arena->first) {
		free_blocks(arena->first->next);
		arena->first->next = NULL;
		arena->first->used = 0;
	}
	arena->given = 0;
}

static bool add_block(struct arena *arena, size_t least)
{
	size_t size = least > BLOCK_BYTES ? least : BLOCK_BYTES;
	struct block *block;

	if (size > SIZE_MAX - sizeof(*block))
		return false;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return false;
	block->next = arena->first;
	block->size = size;
	block->used = 0;
	arena->first = block;
	return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct block *block;
	void *result;

	if (size > arena->limit || arena->given > arena->limit - size)
		return NULL;
	size = (size + align - 1) / align * align;
	if (size == 0)
		size = align;
	block = arena->first;
	if (!block || block->size - block->used < size) {
		if (!add_block(arena, size))
			return NULL;
		block = arena->first;
	}
	result = block->bytes + block->used;
	block->used += size;
	arena->given += size;
	memset(result, 0, size);
	return result;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		return NULL;
	return arena_alloc(arena, total);
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity,
		 size_t size)
{
	size_t wanted;
	void *grown;

	if (items && count < *capacity)
		return items;
	wanted = *capacity ? *capacity * 2 : 8;
	if (wanted < *capacity)
		return NULL;
	grown = arena_array(arena, wanted, size);
	if (!grown)
		return NULL;
	if (items)
		memcpy(grown, items, (count < *capacity ? count : *capacity) * size);
	*capacity = wanted;
	return grown;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		return NULL;
	copy = arena_alloc(arena, length + 1);
	if (copy)
		memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *text = NULL;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	if (length >= 0)
		text = arena_alloc(arena, (size_t)length + 1);
	if (text)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}
