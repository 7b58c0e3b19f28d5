/* Finds tunnels of the engine by file, me and name, and says how they fare; compares them with plans. */
#include <string.h>

#include "exec/tunnel/stitched.h"
#include "exec/tunnel/tunnel.h"

static bool is_leaving(const struct live_tunnel *tunnel)
{
	return tunnel->state == TUNNEL_STOPPING || tunnel->state == TUNNEL_DOWN;
}

struct live_tunnel *tunnel_find(const struct engine *engine, const char *file, const char *me,
				const char *name)
{
	/* Backwards: the newest of that identity counts. */
	for (size_t i = engine->tunnels.count; i-- > 0;) {
		struct live_tunnel *tunnel = engine->tunnels.items[i];

		if (!is_leaving(tunnel) && !tunnel->on_trial && strcmp(tunnel->name, name) == 0 &&
		    strcmp(tunnel->me, me) == 0 && strcmp(tunnel->file, file) == 0)
			return tunnel;
	}
	return NULL;
}

bool tunnel_works(const struct live_tunnel *tunnel)
{
	return tunnel->state == TUNNEL_UP || tunnel->state == TUNNEL_SILENT;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_end(const struct plan_end *a, const struct plan_end *b)
{
	return same_text(a->address, b->address) && a->port == b->port &&
	       same_text(a->socket, b->socket) && a->socks == b->socks &&
	       a->any_port == b->any_port && a->joint == b->joint;
}

static bool same_forward(const struct plan_forward *a, const struct plan_forward *b)
{
	return a->type == b->type && a->hop == b->hop && a->join == b->join &&
	       a->no_probe == b->no_probe && a->probe_s == b->probe_s &&
	       same_end(&a->ingress, &b->ingress) && same_end(&a->egress, &b->egress);
}

static bool same_hop(const struct plan *a, const struct plan *b, size_t index)
{
	struct strbuf key_a = {0}, key_b = {0};
	bool same;

	stitched_key(a, index, &key_a);
	stitched_key(b, index, &key_b);
	same = a->hops[index].through == b->hops[index].through &&
	       strcmp(strbuf_text(&key_a), strbuf_text(&key_b)) == 0;
	strbuf_finish(&key_a);
	strbuf_finish(&key_b);
	return same;
}

bool tunnel_matches_plan(const struct live_tunnel *tunnel, const struct plan *plan)
{
	const struct plan *own = tunnel->plan;

	if (own->hop_count != plan->hop_count || own->forward_count != plan->forward_count)
		return false;
	for (size_t i = 0; i < plan->hop_count; i++)
		if (!same_hop(own, plan, i))
			return false;
	for (size_t i = 0; i < plan->forward_count; i++)
		if (!same_forward(&own->forwards[i], &plan->forwards[i]))
			return false;
	return true;
}
