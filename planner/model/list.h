/* List: questions about an array of numbers: of hosts, or of VLANs. */
#ifndef TUNPLAN_PLANNER_MODEL_LIST_H
#define TUNPLAN_PLANNER_MODEL_LIST_H

#include <stdbool.h>
#include <stddef.h>

static inline bool list_has(const size_t *list, size_t count, size_t number)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == number)
			return true;
	return false;
}

/* Whether a list has all numbers of another one. */
static inline bool list_has_all(const size_t *list, size_t count, const size_t *other,
				size_t other_count)
{
	for (size_t i = 0; i < other_count; i++)
		if (!list_has(list, count, other[i]))
			return false;
	return true;
}

#endif
