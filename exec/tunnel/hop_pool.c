#include "exec/tunnel/hop_pool.h"

#include <string.h>

#include "exec/tunnel/exit_dial.h"
#include "exec/tunnel/hop_alone.h"
#include "exec/tunnel/hop_idle.h"
#include "exec/tunnel/hop_life.h"
#include "exec/tunnel/stitched.h"

static struct live_hop *find(const struct engine *engine, const struct live_hop *parent,
			     const char *key)
{
	for (size_t i = 0; i < engine->hops.count; i++) {
		struct live_hop *hop = engine->hops.items[i];

		if (hop->parent == parent && strcmp(hop->key, key) == 0)
			return hop;
	}
	return NULL;
}

struct live_hop *hop_acquire(struct engine *engine, const struct plan *plan, size_t index,
			     struct live_hop *parent, const char *const *env, enum hop_asked asked)
{
	struct strbuf key = {0};
	struct live_hop *hop;

	stitched_key(plan, index, &key);
	hop = find(engine, parent, strbuf_text(&key));
	if (hop && asked != HOP_UNASKED)
		hop_again(hop, env, asked);
	if (!hop) {
		hop = hop_create(engine, plan, index, parent, strbuf_text(&key), env, hop_too_late);
		/* Behind its parent, which stands in the list already. */
		list_add(&engine->hops, hop);
		hop_idle_learn(hop, hop->identity);
		hop_alone_recall(hop, hop->identity);
		hop_alone_ask(hop, asked);
	}
	/* Where two files differ, the one that says so knows. */
	hop->asks |= plan->topology->hosts[plan->hops[index].host].ssh->interactive;
	strbuf_finish(&key);
	hop_need(hop);
	hop_refer(hop);
	return hop;
}

void hop_pool_identity(const struct plan *plan, size_t index, struct strbuf *text)
{
	const size_t whole = stitched_whole(plan, index);
	const size_t parent = stitched_parent(plan, whole);

	if (parent != TOPOLOGY_NONE)
		hop_pool_identity(plan, parent, text);
	stitched_key(plan, whole, text);
	strbuf_puts(text, "\n");
}

bool hop_pool_has_up(const struct engine *engine, const char *identity)
{
	for (size_t i = 0; i < engine->hops.count; i++) {
		const struct live_hop *hop = engine->hops.items[i];

		if (hop->state == HOP_UP && strcmp(hop->identity, identity) == 0)
			return true;
	}
	return false;
}

void hop_pool_reap(struct engine *engine)
{
	/* Backwards: children stand behind their parents, and freeing one lets go of its parent. */
	for (size_t i = engine->hops.count; i-- > 0;) {
		struct live_hop *hop = engine->hops.items[i];

		if (hop->refs || hop->needs || hop->needs_parent || hop->incarnations.count)
			continue;
		hop_idle_remember(hop, hop->identity);
		hop_alone_remember(hop, hop->identity);
		list_remove(&engine->hops, hop);
		exit_dials_finish(&hop->exit_dials);
		hop_destroy(hop);
	}
}
