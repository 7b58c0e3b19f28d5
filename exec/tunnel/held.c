#include "exec/tunnel/held.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"

/* So many are remembered at most, the newest. */
#define REMEMBERED_MAX 1000

static bool may_be_held(const struct live_forward *forward)
{
	return forward->mux.type == PLAN_REMOTE && !forward->mux.bind_path &&
	       !forward_is_stitched(forward);
}

/* Returns its place as text; free() it. */
static char *place_of(const struct live_forward *forward)
{
	return memory_format("%s\n%s\n%s\n%u", forward->names.file, forward->names.ingress,
			     forward->mux.bind, forward->mux.bind_port);
}

/* Returns what is remembered of its place, or NULL. */
static char *find(const struct live_forward *forward)
{
	const struct list *all = &forward->engine->held;
	char *place, *found = NULL;

	if (!all->count || !may_be_held(forward))
		return NULL;
	place = place_of(forward);
	for (size_t i = 0; i < all->count && !found; i++)
		if (strcmp(all->items[i], place) == 0)
			found = all->items[i];
	free(place);
	return found;
}

static void drop(struct list *all, char *place)
{
	list_remove(all, place);
	free(place);
}

void held_note(const struct live_forward *forward)
{
	struct list *all = &forward->engine->held;

	if (!may_be_held(forward) || find(forward))
		return;
	if (all->count >= REMEMBERED_MAX)
		drop(all, all->items[0]);
	list_add(all, place_of(forward));
}

void held_forget(const struct live_forward *forward)
{
	char *place = find(forward);

	if (place)
		drop(&forward->engine->held, place);
}

bool held_has(const struct live_forward *forward)
{
	return find(forward) != NULL;
}

void held_finish(struct engine *engine)
{
	while (engine->held.count)
		drop(&engine->held, engine->held.items[0]);
	list_finish(&engine->held);
}
