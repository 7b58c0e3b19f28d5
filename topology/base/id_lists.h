/*
 * Id lists: a list of ids for each number, in two arrays, by a counting sort.
 *
 * id_lists_init(), id_lists_count() for each id, id_lists_make_room(), and id_lists_add() for each id
 * again, in the order that a list is to have.
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_ID_LISTS_H
#define TUNPLAN_TOPOLOGY_BASE_ID_LISTS_H

#include <stddef.h>
#include <stdint.h>

#include "topology/base/arena.h"

struct id_lists {
	uint32_t *first; /* the list of n is items[first[n]] up to, without, items[first[n + 1]] */
	uint32_t *items;
};

/* Begins lists for the numbers below count, in an arena. */
static inline void id_lists_init(struct id_lists *lists, size_t count, struct arena *arena)
{
	lists->first = arena_array(arena, count + 2, sizeof(*lists->first));
}

/* Counts an id one place too far, so that adding the ids moves each start to where it belongs. */
static inline void id_lists_count(struct id_lists *lists, size_t number)
{
	lists->first[number + 2]++;
}

/* Makes room for what was counted; count as for id_lists_init(). */
static inline void id_lists_make_room(struct id_lists *lists, size_t count, struct arena *arena)
{
	for (size_t n = 2; n < count + 2; n++)
		lists->first[n] += lists->first[n - 1];
	lists->items = arena_array(arena, lists->first[count + 1], sizeof(*lists->items));
}

static inline void id_lists_add(struct id_lists *lists, size_t number, size_t id)
{
	lists->items[lists->first[number + 1]++] = (uint32_t)id;
}

/* Returns the list of a number, and how long it is. */
static inline const uint32_t *id_lists_of(const struct id_lists *lists, size_t number,
					  size_t *ret_count)
{
	*ret_count = lists->first[number + 1] - lists->first[number];
	return lists->items + lists->first[number];
}

#endif
