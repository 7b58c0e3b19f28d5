#include "exec/tunnel/tunnel_trouble.h"

#include <stdlib.h>
#include <string.h>

#include "exec/tunnel/forward_life.h"
#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/hop_retry.h"
#include "topology/base/memory.h"

/* What is in the way of a tunnel. */
struct trouble {
	const struct failure *failure; /* NULL: nothing */
	const struct retry *retry;     /* of what is tried again, or NULL */
	int64_t next_try_ms;           /* or -1 */
	bool asks;                     /* a person, who has to run `up` for that */
};

bool tunnel_tries_again(const struct live_tunnel *tunnel, const struct live_hop *hop)
{
	return tunnel->kept || retry_is_quick(&hop->retry);
}

/* Whether a hop is in the way: a first attempt ends with the first hop that is given up. */
static bool is_in_the_way(const struct live_tunnel *tunnel, const struct live_hop *hop)
{
	if (!failure_is_set(&hop->failure))
		return false;
	return tunnel->kept ? hop_is_missing(hop)
			    : hop->state == HOP_RETRY && !tunnel_tries_again(tunnel, hop);
}

/* Whether a dead session of ours is all that it waits for. */
static bool forward_is_held(const struct live_forward *forward)
{
	return forward->state == FORWARD_WAITING && forward->retry.class == RETRY_HELD &&
	       forward->retry.attempt > 0;
}

/* A first attempt asks some times for a port that is held; what is on trial, where nobody waits, as long as it takes. */
static bool forward_is_in_the_way(const struct live_tunnel *tunnel,
				  const struct live_forward *forward)
{
	if (!tunnel->kept && forward_is_held(forward))
		return !tunnel->on_trial && !retry_is_quick(&forward->retry);
	return forward->state == FORWARD_FAILED ||
	       (forward->state == FORWARD_WAITING && failure_is_set(&forward->failure));
}

/* The shallowest hop that is not up is to blame, or the stalled one before it: deaths only spread outward. */
static struct trouble find_trouble(const struct live_tunnel *tunnel)
{
	const struct live_hop *stalled = NULL;

	for (size_t i = 0; i < tunnel->plan->hop_count; i++) {
		const struct live_hop *hop = tunnel->hops[i];

		if (hop->state == HOP_STALLED && !stalled)
			stalled = hop;
		if (is_in_the_way(tunnel, hop))
			return (struct trouble){stalled ? &stalled->failure : &hop->failure,
						&hop->retry, hop_next_try_ms(hop),
						hop->asks && hop_next_try_ms(hop) < 0};
	}
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];

		/* Whatever it was refused for, it cannot be asked for now. */
		if (stalled && forward_waits_in_vain(forward))
			return (struct trouble){&stalled->failure, NULL, -1, false};
		if (forward_is_in_the_way(tunnel, forward))
			return (struct trouble){&forward->failure, &forward->retry,
						forward_next_try_ms(forward), false};
	}
	return (struct trouble){NULL, NULL, -1, false};
}

static void add_advice(struct failure *failure, const char *words)
{
	const char *advice = failure->advice ? failure->advice : "";
	char *longer = memory_format("%s%s%s", advice, *advice ? "; or " : "", words);

	free(failure->advice);
	failure->advice = longer;
}

void tunnel_add_elsewhere(struct live_tunnel *tunnel)
{
	if (tunnel->elsewhere)
		add_advice(&tunnel->failure, tunnel->elsewhere);
}

bool tunnel_take_blame(struct live_tunnel *tunnel, enum tunnel_event *ret_event)
{
	const struct trouble trouble = find_trouble(tunnel);

	if (!trouble.failure)
		return false;
	failure_copy(&tunnel->failure, trouble.failure);
	if (tunnel->kept && trouble.asks)
		add_advice(
			&tunnel->failure,
			"run `tunplan up`: a login there asks a person, so none is made by itself");
	tunnel_add_elsewhere(tunnel);
	*ret_event = !tunnel->kept || trouble.asks ||
				     (trouble.retry && retry_needs_somebody(trouble.retry))
			     ? TUNNEL_BROKE
			     : TUNNEL_LOST;
	return true;
}

int64_t tunnel_next_try_ms(const struct live_tunnel *tunnel)
{
	return find_trouble(tunnel).next_try_ms;
}

bool tunnel_blame_is_known(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (!hop_is_settled(tunnel->hops[i]))
			return false;
	return true;
}

/* Whether a hop failed because its host cannot be reached. What is our own side's is not about the hop. */
static bool is_unreached(const struct live_hop *hop, const struct failure *failure)
{
	return failure->about && strcmp(failure->about, "hop") == 0 &&
	       retry_is_unreached(&hop->retry, failure->code);
}

size_t tunnel_unreached(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++) {
		const struct live_hop *hop = tunnel->hops[i];
		const bool stalled = hop->state == HOP_STALLED;

		/* Of a stalled one: another ssh beside it, which what cannot go through that one any more waits for. */
		if (stalled && !failure_is_set(&hop->tried))
			break;
		if (!stalled && !is_in_the_way(tunnel, hop))
			continue;
		if (is_unreached(hop, stalled ? &hop->tried : &hop->failure) &&
		    tunnel_blame_is_known(tunnel))
			return i;
		break;
	}
	return TOPOLOGY_NONE;
}

bool tunnel_is_held(const struct live_tunnel *tunnel)
{
	bool held = false;

	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (!hop_carries(tunnel->hops[i]))
			return false;
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];

		if (forward->state == FORWARD_FAILED)
			return false;
		held |= forward_is_held(forward);
	}
	return held;
}

bool tunnel_was_tried(const struct live_tunnel *tunnel)
{
	const struct trouble trouble = find_trouble(tunnel);

	/* Where nothing is in the way any more, it is on its way. */
	return trouble.failure && tunnel_blame_is_known(tunnel) &&
	       (!trouble.retry || trouble.retry->attempt > 0);
}
