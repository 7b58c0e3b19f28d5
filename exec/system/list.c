#include "exec/system/list.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"

void list_add(struct list *list, void *item)
{
	void **items = memory_array(list->count + 1, sizeof(*items));

	if (list->count)
		memcpy(items, list->items, list->count * sizeof(*items));
	items[list->count++] = item;
	free(list->items);
	list->items = items;
}

void list_remove(struct list *list, const void *item)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i] != item)
			continue;
		list->count--;
		memmove(&list->items[i], &list->items[i + 1],
			(list->count - i) * sizeof(list->items[0]));
		return;
	}
}

void list_finish(struct list *list)
{
	free(list->items);
	*list = (struct list){0};
}
