#include "exec/tunnel/succession.h"

#include "exec/tunnel/forward_probing.h"
#include "exec/tunnel/hop_life.h"

static bool has_stitched(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (hop_is_stitched(tunnel->hops[i]))
			return true;
	return false;
}

static void replace(struct live_tunnel *old)
{
	tunnel_stop(old, "stopped", "it was replaced by a newer plan");
}

void succession_begin(struct live_tunnel *tunnel, struct live_tunnel *old)
{
	struct live_tunnel *first = old->replaces ? old->replaces : old;

	/* An attempt of which nothing was up yet is not waited for; what it was to replace is. */
	if (first->was_up && !has_stitched(first) && !has_stitched(tunnel)) {
		tunnel_refer(first);
		tunnel->replaces = first;
	} else {
		replace(first);
	}
	if (old != first)
		replace(old);
}

void succession_end(struct live_tunnel *tunnel)
{
	if (tunnel->replaces)
		tunnel_forget(tunnel->replaces);
	tunnel->replaces = NULL;
}

/* What is stalled gets another ssh beside the one that there is, as for whoever else waits for it. */
static bool chain_is_up(const struct live_tunnel *tunnel)
{
	size_t up = 0;

	while (up < tunnel->plan->hop_count && tunnel->hops[up]->state == HOP_UP)
		up++;
	if (up < tunnel->plan->hop_count)
		hop_try_another(tunnel->hops[up]);
	return up == tunnel->plan->hop_count;
}

/* Whether all exits have dialled: what does not answer is refused. */
static bool egresses_are_known(struct live_tunnel *tunnel)
{
	bool known = true;

	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		known &= forward_prove(&tunnel->forwards[i]);
	return known;
}

bool succession_is_made(struct live_tunnel *tunnel)
{
	return chain_is_up(tunnel) &&
	       (tunnel->replaces->state != TUNNEL_UP || egresses_are_known(tunnel));
}

bool succession_step(struct live_tunnel *tunnel)
{
	const struct live_tunnel *old = tunnel->replaces;

	if (!old || tunnel->state == TUNNEL_FAILED)
		return old != NULL;
	if (old->state != TUNNEL_STOPPING && old->state != TUNNEL_DOWN) {
		if (tunnel->on_trial || !succession_is_made(tunnel))
			return true;
		replace(tunnel->replaces);
	}
	succession_end(tunnel);
	/* The old one leaves its listeners in the next step. */
	engine_schedule(tunnel->engine);
	return true;
}
