#include "exec/tunnel/hop_adopt.h"

#include <string.h>

#include "exec/system/process.h"
#include "exec/tunnel/survivor.h"
#include "topology/base/memory.h"

bool hop_may_adopt(const struct live_hop *hop)
{
	return survivor_of(hop) &&
	       (!hop->parent || (hop->parent->present && hop_carries(hop->parent)));
}

/* Returns the incarnation of a hop that has a socket, or NULL. */
static struct incarnation *find(const struct live_hop *hop, const char *socket)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		struct incarnation *incarnation = hop->incarnations.items[i];

		if (!incarnation->ended && strcmp(incarnation->socket, socket) == 0)
			return incarnation;
	}
	return NULL;
}

/* Its next ssh is to have what this one has. */
static void take_environment(struct live_hop *hop, const struct incarnation *incarnation)
{
	char **env = process_environment(master_pid(incarnation->master));

	if (env)
		hop_set_env(hop, (const char *const *)env);
	memory_free_strings(env);
}

/* Takes one over, or not: then it is ended, or was. Returns it if it may count. */
static struct incarnation *take(struct live_hop *hop, struct survivor *survivor,
				const struct master_events *events, bool *ret_is_up)
{
	struct incarnation *through = hop->parent ? find(hop->parent, survivor->through) : NULL;
	struct incarnation *incarnation;
	enum master_use use;

	if (hop->parent && !through) {
		survivor->refused = true;
		return NULL;
	}
	if (incarnation_adopt(hop, survivor, through, events, &incarnation, &use)) {
		survivor_remove(survivor, true);
		return NULL;
	}
	engine_log(hop->engine, "hop %s: ssh %d is taken over", hop->host,
		   (int)master_pid(incarnation->master));
	list_add(&hop->incarnations, incarnation);
	hop->asks |= survivor->asks;
	if (hop_is_stitched(hop))
		hop->choice = survivor->choice;
	survivor_remove(survivor, false);
	*ret_is_up = use == MASTER_IS_UP;
	incarnation->told |= use == MASTER_IS_DEAF;
	if (use == MASTER_IS_DEAF)
		master_end_deaf(incarnation->master);
	return use == MASTER_IS_UP || use == MASTER_RISES ? incarnation : NULL;
}

struct incarnation *hop_adopt(struct live_hop *hop, const struct master_events *events,
			      bool *ret_is_up)
{
	struct incarnation *best = NULL, *other;
	struct survivor *survivor;
	bool is_up = false, other_is_up;

	/* The oldest first. */
	while ((survivor = survivor_of(hop))) {
		other = take(hop, survivor, events, &other_is_up);
		if (!other)
			continue;
		if (is_up && !other_is_up) {
			incarnation_stop(other);
			continue;
		}
		if (best && !is_up)
			incarnation_stop(best);
		best = other;
		is_up = other_is_up;
	}
	if (best)
		take_environment(hop, best);
	*ret_is_up = is_up;
	return best;
}
