#include "topology/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of an ordinary block; a larger request gets a block of its own. */
#define BLOCK_SIZE ((size_t)64 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t used; /* bytes of data handed out */
	size_t size; /* bytes of data */
	max_align_t data[];
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

void arena_finish(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	arena_init(arena);
}

static void out_of_memory(void)
{
	fputs("tunplan: out of memory\n", stderr);
	abort();
}

static size_t aligned(size_t size)
{
	const size_t unit = sizeof(max_align_t);

	if (size > SIZE_MAX - unit)
		out_of_memory();
	return (size + unit - 1) / unit * unit;
}

static struct arena_block *block_create(size_t size)
{
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		out_of_memory();
	block = calloc(1, sizeof(*block) + size);
	if (!block)
		out_of_memory();
	block->size = size;
	return block;
}

/*
 * Finds or makes a block with room. A large block goes behind the newest one, so that the room
 * left in that one is not lost.
 */
static struct arena_block *block_with_room(struct arena *arena, size_t size)
{
	struct arena_block *head = arena->blocks;
	struct arena_block *block;

	if (head && head->size - head->used >= size)
		return head;
	block = block_create(size > BLOCK_SIZE ? size : BLOCK_SIZE);
	if (head && size > BLOCK_SIZE) {
		block->next = head->next;
		head->next = block;
	} else {
		block->next = head;
		arena->blocks = block;
	}
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t room = aligned(size ? size : 1);
	struct arena_block *block = block_with_room(arena, room);
	void *memory = (unsigned char *)block->data + block->used;

	block->used += room;
	arena->used += room;
	return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		out_of_memory();
	return arena_alloc(arena, count * size);
}

char *arena_copy(struct arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		out_of_memory();
	copy = arena_alloc(arena, length + 1);
	if (length)
		memcpy(copy, text, length);
	return copy;
}

char *arena_string(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list arguments, again;
	char *text;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		out_of_memory();
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
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
