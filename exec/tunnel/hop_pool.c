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

/* Appends the identity of one that is there. */
static void identity_of(const struct live_hop *hop, struct strbuf *text)
{
	if (hop->parent)
		identity_of(hop->parent, text);
	strbuf_printf(text, "%s\n", hop->key);
}

struct live_hop *hop_acquire(struct engine *engine, const struct plan *plan, size_t index,
			     struct live_hop *parent, const char *const *env, bool asked)
{
	struct strbuf key = {0};
	struct live_hop *hop;

	stitched_key(plan, index, &key);
	hop = find(engine, parent, strbuf_text(&key));
	if (hop && asked)
		hop_again(hop, env);
	if (!hop) {
		hop = hop_create(engine, plan, index, parent, strbuf_text(&key), env, hop_too_late);
		/* Behind its parent, which stands in the list already. */
		list_add(&engine->hops, hop);
		strbuf_clear(&key);
		identity_of(hop, &key);
		hop_idle_learn(hop, strbuf_text(&key));
		hop_alone_recall(hop, strbuf_text(&key));
		if (asked)
			hop_alone_forget(hop);
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
	bool found = false;

	for (size_t i = 0; i < engine->hops.count && !found; i++) {
		const struct live_hop *hop = engine->hops.items[i];
		struct strbuf text = {0};

		if (hop->state != HOP_UP)
			continue;
		identity_of(hop, &text);
		found = strcmp(strbuf_text(&text), identity) == 0;
		strbuf_finish(&text);
	}
	return found;
}

void hop_pool_reap(struct engine *engine)
{
	struct strbuf identity = {0};

	/* Backwards: children stand behind their parents, and freeing one lets go of its parent. */
	for (size_t i = engine->hops.count; i-- > 0;) {
		struct live_hop *hop = engine->hops.items[i];

		if (hop->refs || hop->needs || hop->needs_parent || hop->incarnations.count)
			continue;
		identity_of(hop, &identity);
		hop_idle_remember(hop, strbuf_text(&identity));
		hop_alone_remember(hop, strbuf_text(&identity));
		strbuf_clear(&identity);
		list_remove(&engine->hops, hop);
		exit_dials_finish(&hop->exit_dials);
		hop_destroy(hop);
	}
	strbuf_finish(&identity);
}
