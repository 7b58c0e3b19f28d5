/*
 * List: a growing array of pointers, in the order in which they were added. Owns the array, never
 * the things that the pointers lead to. A zeroed list is empty.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_LIST_H
#define TUNPLAN_EXEC_SYSTEM_LIST_H

#include <stddef.h>

struct list {
	void **items;
	size_t count;
};

/* Adds an item at the end. */
void list_add(struct list *list, void *item);

/* Takes an item out and closes the gap; an item that is not there changes nothing. */
void list_remove(struct list *list, const void *item);

/* Frees the array and leaves an empty list. */
void list_finish(struct list *list);

#endif
