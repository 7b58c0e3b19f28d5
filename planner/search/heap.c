#include "planner/search/heap.h"

#include <stdbool.h>
#include <stdlib.h>

#include "topology/base/memory.h"

static bool less(const struct heap *heap, size_t a, size_t b)
{
	return heap->compare(heap->context, heap->items[a], heap->items[b]) < 0;
}

static void swap(struct heap *heap, size_t a, size_t b)
{
	void *item = heap->items[a];

	heap->items[a] = heap->items[b];
	heap->items[b] = item;
}

void heap_push(struct heap *heap, void *item)
{
	size_t at = heap->count;

	heap->items =
		memory_reserve(heap->items, &heap->capacity, heap->count + 1, sizeof(*heap->items));
	heap->items[heap->count++] = item;
	for (; at > 0 && less(heap, at, (at - 1) / 2); at = (at - 1) / 2)
		swap(heap, at, (at - 1) / 2);
}

void *heap_pop(struct heap *heap)
{
	void *top;
	size_t at = 0;

	if (heap->count == 0)
		return NULL;
	top = heap->items[0];
	heap->items[0] = heap->items[--heap->count];
	for (;;) {
		size_t child = at * 2 + 1;

		if (child >= heap->count)
			return top;
		if (child + 1 < heap->count && less(heap, child + 1, child))
			child++;
		if (!less(heap, child, at))
			return top;
		swap(heap, at, child);
		at = child;
	}
}

void heap_finish(struct heap *heap)
{
	free(heap->items);
	*heap = (struct heap){0};
}
