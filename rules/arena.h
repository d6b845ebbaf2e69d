/*
 * A bounded bump allocator. The rule engine works on values that live exactly as long as
 * one evaluation: everything a step returns is allocated in the arena it was given and is
 * freed with it. Nothing in rules/ frees single objects.
 */
#ifndef TALLY_ARENA_H
#define TALLY_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* A new arena that hands out at most `limit` bytes; NULL when memory is short. */
struct arena *arena_new(size_t limit);

/* Frees the arena and all that was allocated from it. NULL is allowed. */
void arena_free(struct arena *arena);

/* Forgets all allocations but keeps the memory for the next evaluation. */
void arena_reset(struct arena *arena);

/*
 * `size` zeroed bytes aligned for any object, valid until the arena is freed or reset.
 * NULL when the limit is reached or memory is short: the caller reports it as an
 * evaluation that failed, never as an empty result.
 */
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc() for `count` objects of `size` bytes; NULL also on overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/*
 * Room for one more element behind the `count` elements at `*items`: returns the (perhaps
 * moved) array with capacity doubled when needed, NULL on shortage. `*capacity` is kept
 * by the caller and starts at 0 with `items` NULL.
 */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity,
		 size_t size);

char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

#endif
