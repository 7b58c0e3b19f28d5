#include "planner/model/plan.h"

#include <string.h>
#include <strings.h>

#include "planner/model/endpoint.h"

const char *plan_type_name(enum plan_type type)
{
	static const char *const names[] = {
		[PLAN_LOCAL] = "local",
		[PLAN_REMOTE] = "remote",
		[PLAN_DYNAMIC] = "dynamic",
		[PLAN_REMOTE_DYNAMIC] = "remote_dynamic",
	};

	return names[type];
}

const char *plan_method_name(enum plan_method method)
{
	static const char *const names[] = {
		[PLAN_NESTED] = "nested",
		[PLAN_RELAYED] = "relayed",
		[PLAN_STITCHED] = "stitched",
	};

	return names[method];
}

bool plan_is_carried(const struct plan_hop *hop)
{
	return hop->through != TOPOLOGY_NONE;
}

const char *plan_key_name(const struct plan_hop *hop, const char *alias, const char *hostname,
			  struct arena *arena)
{
	if (hop->config && (alias || !plan_is_carried(hop)))
		return NULL;
	if (hop->key_alias || !plan_is_carried(hop))
		return hop->key_alias;
	if (!alias && (!hostname || strcasecmp(hostname, hop->address) == 0))
		return NULL;
	/* As known_hosts has it. */
	return hop->port == 22 ? hop->address
			       : arena_format(arena, "[%s]:%u", hop->address, hop->port);
}

unsigned plan_alive_count_max(const struct plan_hop *hop)
{
	return 3 + 4 * (hop->depth - 1);
}

const char *plan_decided_by(const struct plan_route *route)
{
	switch (route->next) {
	case PLAN_NEXT:
		return cost_part_name(route->decider);
	case PLAN_NO_NEXT:
		return "only path";
	case PLAN_NEXT_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *plan_reason_code(enum plan_reason reason)
{
	static const char *const codes[REASONS] = {
		[REASON_RULE_DENY] = "RULE_DENY", [REASON_DEFAULT_DENY] = "DEFAULT_DENY",
		[REASON_FWD_OFF] = "FWD_OFF",     [REASON_PERMIT_OPEN] = "PERMIT_OPEN",
		[REASON_NO_SSH] = "NO_SSH",       [REASON_NO_KEY] = "NO_KEY",
		[REASON_FAMILY] = "FAMILY",       [REASON_LOOPBACK_ONLY] = "LOOPBACK_ONLY",
		[REASON_NOT_JUMP] = "NOT_JUMP",   [REASON_NOT_HERE] = "NOT_HERE",
		[REASON_NO_LISTEN] = "NO_LISTEN", [REASON_CONSTRAINT] = "CONSTRAINT",
	};

	return codes[reason];
}

size_t *plan_chain(const struct plan *plan, size_t hop, struct arena *arena, size_t *ret_count)
{
	size_t count = 0;
	size_t *chain;

	for (size_t h = hop; h != TOPOLOGY_NONE; h = plan->hops[h].through)
		count++;
	*ret_count = count;
	chain = arena_array(arena, count, sizeof(*chain));
	for (size_t h = hop; h != TOPOLOGY_NONE; h = plan->hops[h].through)
		chain[--count] = h;
	return chain;
}

const char *const *plan_relay_argv(const struct plan_hop *hop, struct arena *arena)
{
	const char **argv = arena_array(arena, 4, sizeof(*argv));

	if (hop->relay == RELAY_SOCAT) {
		argv[0] = "socat";
		argv[1] = "-";
		argv[2] = arena_format(arena, "TCP%s:%s", strchr(hop->address, ':') ? "6" : "",
				       endpoint_text(hop->address, hop->port, arena));
	} else {
		argv[0] = "nc";
		argv[1] = hop->address;
		argv[2] = arena_format(arena, "%u", hop->port);
	}
	return argv;
}

size_t *plan_piece(const struct plan *plan, size_t hop, struct arena *arena, size_t *ret_count)
{
	size_t count, first = 0;
	size_t *chain = plan_chain(plan, hop, arena, &count);

	for (size_t i = 0; i < count; i++)
		if (plan->hops[chain[i]].method == PLAN_STITCHED)
			first = i;
	*ret_count = count - first;
	return chain + first;
}

bool plan_is_stitched(const struct plan *plan, size_t hop)
{
	return plan->hops[hop].client != plan->me;
}

size_t plan_carrier(const struct plan *plan, size_t hop)
{
	while (plan->hops[hop].method != PLAN_STITCHED && plan->hops[hop].through != TOPOLOGY_NONE)
		hop = plan->hops[hop].through;
	return plan->hops[hop].through;
}

size_t plan_tunnel_forwards(const struct plan *plan)
{
	return plan->forward_count ? plan->forwards[plan->forward_count - 1].of + 1 : 0;
}

const struct plan_forward *plan_first_piece(const struct plan *plan, size_t of)
{
	size_t i = 0;

	while (plan->forwards[i].of != of)
		i++;
	return &plan->forwards[i];
}

const struct plan_forward *plan_last_piece(const struct plan *plan, size_t of)
{
	size_t i = plan->forward_count - 1;

	while (plan->forwards[i].of != of)
		i--;
	return &plan->forwards[i];
}
