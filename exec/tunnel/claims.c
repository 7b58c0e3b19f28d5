#include "exec/tunnel/claims.h"

#include <string.h>

#include "exec/tunnel/tunnel.h"

static bool is_remote(const struct live_forward *forward)
{
	return forward->mux.type == PLAN_REMOTE;
}

/* Whether two listen on the same host: by whatever path an ssh came there, its sshd has one port of a number. */
static bool same_host(const struct live_forward *a, const struct live_forward *b)
{
	return a->hop == b->hop || (strcmp(a->names.file, b->names.file) == 0 &&
				    strcmp(a->names.ingress, b->names.ingress) == 0);
}

static bool same_place(const struct live_forward *a, const struct live_forward *b)
{
	if (is_remote(a) != is_remote(b) || a->mux.bind_port != b->mux.bind_port)
		return false;
	/* Remote listeners are on the host where the ssh session ends. */
	if (is_remote(a) && !same_host(a, b))
		return false;
	if (a->mux.bind_path || b->mux.bind_path)
		return a->mux.bind_path && b->mux.bind_path &&
		       strcmp(a->mux.bind_path, b->mux.bind_path) == 0;
	return strcmp(a->mux.bind, b->mux.bind) == 0;
}

const struct live_forward *claims_find(const struct live_forward *forward)
{
	const struct list *claims = &forward->engine->claims;

	for (size_t i = 0; i < claims->count; i++) {
		const struct live_forward *other = claims->items[i];

		if (other != forward && same_place(other, forward))
			return other;
	}
	return NULL;
}

bool claims_is_leaving(const struct live_forward *forward)
{
	return forward->state == FORWARD_CLOSING || forward->state == FORWARD_CHECKING;
}

void claims_add(struct live_forward *forward)
{
	if (!forward->is_listed)
		list_add(&forward->engine->claims, forward);
	forward->is_listed = true;
}

/* Those that it was in the way of need not wait any longer. */
static void end_waits(const struct live_forward *left)
{
	const struct list *tunnels = &left->engine->tunnels;

	for (size_t i = 0; i < tunnels->count; i++) {
		struct live_tunnel *tunnel = tunnels->items[i];

		for (size_t j = 0; tunnel->kept && j < tunnel->plan->forward_count; j++) {
			struct live_forward *forward = &tunnel->forwards[j];

			if (forward != left && forward->state == FORWARD_FAILED &&
			    forward->retry.class == RETRY_TAKEN && same_place(forward, left))
				forward_end_wait(forward);
		}
	}
}

void claims_remove(struct live_forward *forward)
{
	if (!forward->is_listed)
		return;
	list_remove(&forward->engine->claims, forward);
	forward->is_listed = false;
	end_waits(forward);
}
