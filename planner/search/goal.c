#include "planner/search/goal.h"

#include "planner/model/list.h"

/* --- passing */

/* Nobody promised a login on the egress's own host unless the file states one (rule 15). */
static bool is_unpromised(const struct goal *goal, size_t host)
{
	return goal->kind == GOAL_EGRESS && !goal->socks && host == goal->egress.host &&
	       !goal_host(goal, host)->ssh->stated;
}

bool goal_excludes(const struct goal *goal, size_t host, enum plan_reason *ret_reason,
		   struct span *ret_at)
{
	const struct tunnel_options *options = goal->options;
	const struct indexed_host *at = &goal->network_index->hosts[host];
	const bool none = (at->traits & TRAIT_NO_SSH) != 0;
	const bool unwanted = host == goal->me || at->trust < options->min_trust ||
			      list_has(options->avoid_hosts, options->avoid_host_count, host) ||
			      list_has(goal->without, goal->without_count, host);
	const bool excludes = none || unwanted || is_unpromised(goal, host) ||
			      (goal->stated_only && !goal_host(goal, host)->ssh->stated);

	if (excludes && ret_reason)
		*ret_reason = unwanted && !none ? REASON_CONSTRAINT : REASON_NO_SSH;
	if (excludes && ret_at)
		*ret_at = none ? goal_host(goal, host)->ssh->at : (struct span){0};
	return excludes;
}

/* --- opening the egress */

struct permit goal_permit(const struct goal *goal, size_t host)
{
	const struct host *at = goal_host(goal, host);

	if (goal->kind != GOAL_INGRESS)
		return goal->socket ? permit_open_socket(at, goal->socket) : permit_open_some(at);
	return goal->bind_socket ? permit_listen_socket(at)
				 : permit_listen(at, goal->bind, goal->bind_port);
}

/* A unix socket, or a SOCKS server's connections: there is no address to dial. */
static struct reach dial_nothing(const struct goal *goal, size_t from)
{
	struct permit permit = {.granted = true};
	struct reach reach = {.from_vlan = TOPOLOGY_NONE, .vlan = TOPOLOGY_NONE};

	if (from != goal->egress.host) {
		reach.reason = REASON_LOOPBACK_ONLY;
		return reach;
	}
	if (from != goal->me)
		permit = goal_permit(goal, from);
	reach.open = permit.granted;
	reach.reason = permit.reason;
	reach.at = permit.at;
	return reach;
}

struct reach goal_dial(const struct goal *goal, size_t from)
{
	if (goal->socket || goal->socks)
		return dial_nothing(goal, from);
	return reach_try(goal->network_index, from, from == goal->me ? REACH_PROCESS : REACH_SSHD,
			 &goal->egress);
}

struct cost goal_exposure(const struct goal *goal, size_t from, const struct reach *dial)
{
	const uint8_t trust = reach_trust(goal->network_index->topology, dial);
	struct cost cost = {{0}};

	if (goal->kind != GOAL_EGRESS || goal->encrypted != SERVICE_CLEAR)
		return cost;
	if (goal->socks) {
		cost.parts[COST_EXPOSURE + TRUST_NONE]++;
	} else if (!goal_is_inside(goal, from)) {
		if (from != goal->ingress_host)
			cost.parts[COST_EXPOSURE + goal_host(goal, from)->trust]++;
		/* What is published is a connection of the host to itself, but not to the end. */
		if (trust != REACH_PRIVATE && (dial->vlan != TOPOLOGY_NONE || !dial->published))
			cost.parts[COST_EXPOSURE + trust]++;
	}
	return cost;
}

/* --- ending */

static struct goal_end refused(enum plan_reason reason, struct span at)
{
	return (struct goal_end){.reason = reason, .at = at};
}

bool goal_is_inside(const struct goal *goal, size_t host)
{
	return goal->kind != GOAL_EGRESS || goal->egress.own ||
	       (host == goal->egress.host && !goal->socks);
}

struct cost goal_end_cost(const struct goal *goal, size_t host, const struct reach *dial)
{
	struct cost cost = goal_exposure(goal, host, dial);

	cost.parts[COST_AVOIDED] +=
		goal_host(goal, host)->jump == JUMP_AVOID && !goal_is_inside(goal, host);
	return cost;
}

struct goal_end goal_end(const struct goal *goal, size_t host)
{
	const struct host *at = goal_host(goal, host);
	struct goal_end end = {.open = true};

	if (!goal_wants_end(goal, host))
		return refused(REASON_CONSTRAINT, (struct span){0});
	if (at->jump == JUMP_NO && !goal_is_inside(goal, host))
		return refused(REASON_NOT_JUMP, at->at);
	if (goal->kind == GOAL_EGRESS) {
		const struct reach dial = goal_dial(goal, host);

		end = (struct goal_end){dial.open, dial.reason, dial.at, dial, {{0}}};
	} else if (goal->kind == GOAL_INGRESS) {
		const struct permit permit = goal_permit(goal, host);

		end = (struct goal_end){
			.open = permit.granted, .reason = permit.reason, .at = permit.at};
	}
	if (end.open)
		end.cost = goal_end_cost(goal, host, &end.dial);
	return end;
}
