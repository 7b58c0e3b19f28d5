/*
 * Heap: the search's priority queue, the smallest first.
 *
 * Holds pointers that the caller owns.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_HEAP_H
#define TUNPLAN_PLANNER_SEARCH_HEAP_H

#include <stddef.h>

struct heap {
	int (*compare)(const void *context, const void *a, const void *b); /* as strcmp() */
	const void *context;                                               /* compare's */
	void **items; /* the smallest first; from malloc() */
	size_t count;
	size_t capacity;
};

/* Adds an item. */
void heap_push(struct heap *heap, void *item);

/* Takes out a smallest item and returns it; NULL when the heap is empty. */
void *heap_pop(struct heap *heap);

/* Gives its memory back. */
void heap_finish(struct heap *heap);

#endif
