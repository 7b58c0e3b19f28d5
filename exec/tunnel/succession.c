#include "exec/tunnel/succession.h"

#include "exec/tunnel/forward_probing.h"
#include "exec/tunnel/hop_life.h"
#include "exec/tunnel/tunnel_trouble.h"

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

void succession_give_back(struct live_tunnel *tunnel)
{
	if (!tunnel->replaces || !tunnel->replaces->yields)
		return;
	tunnel->replaces->yields = false;
	engine_schedule(tunnel->engine);
}

void succession_end(struct live_tunnel *tunnel)
{
	succession_give_back(tunnel);
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

/* Whether all that it is for is there, the listeners, too. */
static bool has_all(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		if (!forward_state_is_judged(tunnel->forwards[i].state))
			return false;
	return true;
}

/* Whether a listener goes only with the old one's ssh. */
static bool is_stuck(const struct live_tunnel *old)
{
	for (size_t i = 0; i < old->plan->forward_count; i++)
		if (old->forwards[i].stuck)
			return true;
	return false;
}

static bool has_closed(const struct live_tunnel *old)
{
	for (size_t i = 0; i < old->plan->forward_count; i++)
		if (old->forwards[i].state != FORWARD_CLOSED)
			return false;
	return true;
}

/* It is not tried again beside what goes on: the old one is told, and may try it anew. */
static void give_up(struct live_tunnel *tunnel)
{
	tunnel->engine->refused(tunnel->engine, tunnel);
	tunnel->kept = false;
	tunnel_stop(tunnel, NULL, NULL);
}

/* It has the place, and not the listeners: what was up is lost, as long and as often as the old one was. */
static void be_lost_for(struct live_tunnel *tunnel, const struct live_tunnel *old)
{
	tunnel->was_up |= old->was_up;
	tunnel->restarts = old->restarts;
	if (tunnel->state == TUNNEL_RECONNECTING && old->state == TUNNEL_RECONNECTING)
		tunnel->since_ms = old->since_ms;
}

/* The old one has left its listeners, or is about to: who has them in the end? Returns whether to wait for that. */
static bool step_moving(struct live_tunnel *tunnel)
{
	/* A place that only a dead session has, the old one would not get either. */
	if (has_all(tunnel) || is_stuck(tunnel->replaces) ||
	    (tunnel->kept && tunnel_is_held(tunnel))) {
		if (!has_all(tunnel))
			be_lost_for(tunnel, tunnel->replaces);
		replace(tunnel->replaces);
		succession_end(tunnel);
		history_note_place(tunnel);
	} else if (tunnel->state == TUNNEL_FAILED || tunnel->state == TUNNEL_RECONNECTING) {
		give_up(tunnel);
	}
	return tunnel->replaces && !has_closed(tunnel->replaces);
}

bool succession_step(struct live_tunnel *tunnel)
{
	struct live_tunnel *old = tunnel->replaces;

	if (!old)
		return false;
	if (old->yields)
		return step_moving(tunnel);
	if (tunnel->state == TUNNEL_FAILED) {
		if (!tunnel->on_trial)
			give_up(tunnel);
		return true;
	}
	if (old->state == TUNNEL_STOPPING || old->state == TUNNEL_DOWN)
		succession_end(tunnel);
	else if (tunnel->on_trial || !succession_is_made(tunnel))
		return true;
	else
		old->yields = true;
	/* The old one leaves its listeners in the next step. */
	engine_schedule(tunnel->engine);
	return true;
}
