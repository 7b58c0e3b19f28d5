/*
 * Arena: memory that lives and dies together.
 *
 * One arena holds one topology (or one plan) and is freed whole, so nothing inside it has an owner
 * of its own. Running out of memory ends the program (memory.h): callers never see NULL.
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_ARENA_H
#define TUNPLAN_TOPOLOGY_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;
struct arena_adopted;

struct arena {
	struct arena_block *blocks;    /* newest first; NULL while empty */
	struct arena_block *lent;      /* bytes of others that are not in use yet */
	struct arena_adopted *adopted; /* blocks that were made elsewhere */
	size_t used;                   /* bytes handed out */
	size_t spare;                  /* bytes of lent */
};

/* Makes an empty arena in the caller's memory. A zeroed struct is an empty arena, too. */
void arena_init(struct arena *arena);

/* Frees everything that came from the arena and leaves it empty. Accepts a zeroed arena. */
void arena_finish(struct arena *arena);

/*
 * Returns size bytes of zeroed memory that live until arena_finish(), aligned for pointers and 64-bit
 * numbers. A size of 0 gives a valid pointer. Ends the program when there is no memory (memory.h).
 */
void *arena_alloc(struct arena *arena, size_t size);

/* Returns zeroed memory for count elements of size bytes; ends the program on overflow, too. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/*
 * Makes room for size bytes in one block, for what is allocated next: a large block takes the system less
 * than many do.
 */
void arena_reserve(struct arena *arena, size_t size);

/* Gives a block from malloc() to the arena, which frees it with the rest. NULL is no block. */
void arena_adopt(struct arena *arena, void *block);

/*
 * Lends bytes to the arena, aligned like its own, for what is still to be allocated: they need not come
 * from the system. They stay with it until arena_finish(); whoever owns them frees them after that. In a
 * block that the arena adopted, they are its own.
 *
 * Only the parser lends (parse_values.c): the nodes of a tree that it has read for the last time, and none
 * of a file in which an alias may lead back to them.
 */
void arena_lend(struct arena *arena, void *bytes, size_t size);

/* Returns a copy of bytes [text, text + length) with a NUL behind it. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

/* Returns a copy of a NUL-terminated string; NULL gives NULL. */
char *arena_string(struct arena *arena, const char *text);

/* Returns the formatted string (printf's rules). */
char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/*
 * Makes room for one more element in a growing array and returns the element, zeroed.
 * array points at the array's pointer, count at its count (incremented here), size is the
 * element's. Capacity doubles at powers of two, so no capacity is stored.
 */
void *arena_push(struct arena *arena, void *array, size_t *count, size_t size);

/* The same for an array whose pointer has the type of its elements: *ARENA_PUSH(arena, items, count) = item. */
#define ARENA_PUSH(arena, items, count) \
	((void)arena_push((arena), &(items), &(count), sizeof(*(items))), &(items)[(count)-1])

/* Returns an array of count elements with room for one more: a larger copy, where there is none. */
void *arena_extend(struct arena *arena, void *array, size_t *room, size_t count, size_t size);

#endif
