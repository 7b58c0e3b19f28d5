/*
 * Arena: memory that lives and dies together.
 *
 * One arena holds one topology (or one plan) and is freed whole, so nothing inside it has an owner
 * of its own. Running out of memory aborts inside the arena: callers never see NULL.
 */
#ifndef TUNPLAN_TOPOLOGY_ARENA_H
#define TUNPLAN_TOPOLOGY_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first; NULL while empty */
	size_t used;                /* bytes handed out, for `make bench` and limits */
};

/* Makes an empty arena in the caller's memory. A zeroed struct is an empty arena, too. */
void arena_init(struct arena *arena);

/* Frees everything that came from the arena and leaves it empty. Accepts a zeroed arena. */
void arena_finish(struct arena *arena);

/*
 * Returns size bytes of zeroed memory, aligned for any type, that live until arena_finish().
 * A size of 0 gives a valid pointer. Aborts when there is no memory.
 */
void *arena_alloc(struct arena *arena, size_t size);

/* Returns zeroed memory for count elements of size bytes; aborts on overflow, too. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Returns a copy of bytes [text, text + length) with a NUL behind it. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

/* Returns a copy of a NUL-terminated string; NULL gives NULL. */
char *arena_string(struct arena *arena, const char *text);

/* Returns the formatted string (printf's rules). */
char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Makes room for one more element in a growing array and returns the element, zeroed.
 * array points at the array's pointer, count at its count (incremented here), size is the
 * element's. Capacity doubles at powers of two, so no capacity is stored.
 */
void *arena_push(struct arena *arena, void *array, size_t *count, size_t size);

#endif
