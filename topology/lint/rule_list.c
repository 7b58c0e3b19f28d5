#include "topology/lint/rule_list.h"

#include <stdlib.h>

#include "topology/base/memory.h"

void rule_list_add(struct rule_list *list, size_t rule)
{
	list->items =
		memory_reserve(list->items, &list->room, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = rule;
}

static int compare_numbers(const void *left, const void *right)
{
	const size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return (a > b) - (a < b);
}

void rule_list_sort(struct rule_list *list)
{
	/* Most are in order already. */
	for (size_t i = 1; i < list->count; i++) {
		if (list->items[i - 1] < list->items[i])
			continue;
		qsort(list->items, list->count, sizeof(*list->items), compare_numbers);
		return;
	}
}

void rule_list_finish(struct rule_list *list)
{
	free(list->items);
	*list = (struct rule_list){0};
}
