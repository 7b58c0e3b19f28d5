#include "topology/base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"

/*
 * Bytes of a block: a quarter of what the arena has handed out already, within these. More gets a block
 * of its own.
 */
#define BLOCK_MIN ((size_t)4 * 1024)
#define BLOCK_MAX ((size_t)4 * 1024 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t used;   /* bytes of data handed out */
	size_t size;   /* bytes of data */
	size_t mapped; /* bytes of the block, if memory_map() made it; else 0 */
	bool zeroed;   /* what was not handed out yet is zero */
	bool lent;     /* it is no block from malloc() */
	uint64_t data[];
};

/* A block from elsewhere; the struct itself is in the arena. */
struct arena_adopted {
	struct arena_adopted *next;
	void *block;
};

/* What every struct of the house is aligned to. */
#define ALIGNMENT sizeof(uint64_t)

_Static_assert(sizeof(void *) <= ALIGNMENT, "pointers need more than the arena gives");

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

/* Leaves only the blocks that are the arena's own: what was lent may be in what it adopted. */
static struct arena_block *own_blocks(struct arena *arena)
{
	struct arena_block **link = &arena->blocks;

	while (*link) {
		if ((*link)->lent)
			*link = (*link)->next;
		else
			link = &(*link)->next;
	}
	return arena->blocks;
}

void arena_finish(struct arena *arena)
{
	struct arena_adopted *adopted = arena->adopted;
	struct arena_block *block = own_blocks(arena);

	/* An older one may hold a newer one's struct, not the other way round. */
	while (adopted) {
		void *bytes = adopted->block;

		adopted = adopted->next;
		free(bytes);
	}
	while (block) {
		struct arena_block *next = block->next;

		if (block->mapped)
			memory_unmap(block, block->mapped);
		else
			free(block);
		block = next;
	}
	arena_init(arena);
}

/* Makes a block with room for size bytes; large ones come zeroed from the system anyway. */
static struct arena_block *block_create(size_t size)
{
	size_t whole = sizeof(struct arena_block) + size;
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		memory_exhausted();
	block = memory_map(&whole);
	if (block)
		block->mapped = whole;
	else
		block = memory_array(1, whole);
	block->size = whole - sizeof(*block);
	block->zeroed = true;
	return block;
}

/* Takes what was lent for a block, if that has room. */
static bool take_lent(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->lent;

	if (!block || block->size < size)
		return false;
	arena->lent = block->next;
	arena->spare -= block->size;
	block->next = arena->blocks;
	arena->blocks = block;
	return true;
}

/*
 * Makes a block with room. A large one goes behind the newest one, so that the room left in that one
 * is not lost.
 */
static struct arena_block *add_block(struct arena *arena, size_t size)
{
	struct arena_block *head = arena->blocks, *block;
	size_t ordinary = arena->used / 4;

	if (ordinary < BLOCK_MIN)
		ordinary = BLOCK_MIN;
	if (ordinary > BLOCK_MAX)
		ordinary = BLOCK_MAX;
	ordinary -= sizeof(*block);
	block = block_create(size > ordinary ? size : ordinary);
	if (head && size > ordinary) {
		block->next = head->next;
		head->next = block;
	} else {
		block->next = head;
		arena->blocks = block;
	}
	return block;
}

/* Returns a block with size bytes free from a multiple of alignment on, a power of two. */
static struct arena_block *block_for(struct arena *arena, size_t size, size_t alignment,
				     size_t *ret_start)
{
	struct arena_block *block = arena->blocks;
	size_t start = block ? (block->used + alignment - 1) & ~(alignment - 1) : 0;

	if (!block || start > block->size || block->size - start < size) {
		block = take_lent(arena, size) ? arena->blocks : add_block(arena, size);
		start = 0;
	}
	arena->used += size;
	block->used = start + size;
	*ret_start = start;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t start;
	struct arena_block *block = block_for(arena, size ? size : 1, ALIGNMENT, &start);
	unsigned char *memory = (unsigned char *)block->data + start;

	return block->zeroed ? memory : memset(memory, 0, size);
}

/* Takes bytes for a text, which are not zeroed. */
static char *take(struct arena *arena, size_t size)
{
	size_t start;
	struct arena_block *block = block_for(arena, size, 1, &start);

	return (char *)block->data + start;
}

void arena_reserve(struct arena *arena, size_t size)
{
	struct arena_block *block = block_create(size);

	block->next = arena->blocks;
	arena->blocks = block;
}

void arena_adopt(struct arena *arena, void *block)
{
	struct arena_adopted *adopted;

	if (!block)
		return;
	adopted = arena_alloc(arena, sizeof(*adopted));
	*adopted = (struct arena_adopted){arena->adopted, block};
	arena->adopted = adopted;
}

void arena_lend(struct arena *arena, void *bytes, size_t size)
{
	struct arena_block *block = bytes;

	if (size <= sizeof(*block))
		return;
	*block = (struct arena_block){
		.next = arena->lent, .size = size - sizeof(*block), .lent = true};
	arena->lent = block;
	arena->spare += block->size;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		memory_exhausted();
	return arena_alloc(arena, count * size);
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		memory_exhausted();
	copy = take(arena, length + 1);
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = arena_vformat(arena, format, arguments);
	va_end(arguments);
	return text;
}

char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
{
	/* Most texts are a few words: these are formatted only once. */
	char room[256], *text;
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(room, sizeof(room), format, again);
	va_end(again);
	if (length < 0)
		memory_exhausted();
	if ((size_t)length < sizeof(room))
		return arena_copy(arena, room, (size_t)length);
	text = take(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	return text;
}

void *arena_push(struct arena *arena, void *array, size_t *count, size_t size)
{
	const size_t n = *count;
	unsigned char *items;

	/* The caller's pointer has a type of its own: copied, so as not to alias it. */
	memcpy(&items, array, sizeof(items));
	/* The array is full exactly when its count is 0 or a power of two. */
	if ((n & (n - 1)) == 0) {
		unsigned char *grown = arena_array(arena, n ? n * 2 : 1, size);

		if (n)
			memcpy(grown, items, n * size);
		items = grown;
		memcpy(array, &items, sizeof(items));
	}
	(*count)++;
	return items + n * size;
}

void *arena_extend(struct arena *arena, void *array, size_t *room, size_t count, size_t size)
{
	void *extended;

	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 64;
	extended = arena_array(arena, *room, size);
	if (count)
		memcpy(extended, array, count * size);
	return extended;
}
