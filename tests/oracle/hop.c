#include "tests/oracle/hop.h"

#include <string.h>

const struct host *oracle_host(const struct oracle_goal *goal, size_t host)
{
	return &goal->topology->hosts[host];
}

/* --- rule 9: who is no hop */

bool oracle_is_hop(const struct oracle_goal *goal, size_t host)
{
	const struct tunnel_options *options = &goal->tunnel->options;
	const struct ssh_login *ssh = oracle_host(goal, host)->ssh;

	for (size_t i = 0; i < options->avoid_host_count; i++)
		if (options->avoid_hosts[i] == host)
			return false;
	/* Rule 15. */
	if (goal->kind == ORACLE_EGRESS && host == goal->egress && !goal->socks && !ssh->stated)
		return false;
	return host != goal->me && host != goal->without && !ssh->none &&
	       oracle_host(goal, host)->trust >= options->min_trust;
}

/* --- rules 10 to 14: one more hop */

static bool oracle_has_key(const struct host *host, size_t to)
{
	for (size_t i = 0; i < host->key_count; i++)
		if (host->keys[i].host == to)
			return true;
	return false;
}

/* Rules 10 and 13: whether a client on a host logs in to another one. */
static bool oracle_logs_in(const struct oracle_goal *goal, size_t client, size_t to)
{
	const struct host *host = oracle_host(goal, client);

	if (host->key_count == 0)
		return client == goal->me || goal->tunnel->options.method == METHOD_STITCHED;
	return oracle_has_key(host, to);
}

/* Rule 12: whether two pieces can be joined on a host. */
static bool oracle_joins(const struct oracle_goal *goal, size_t host, size_t piece)
{
	const struct host *at = oracle_host(goal, host);
	const bool listen = goal->kind == ORACLE_INGRESS;
	const struct sshd_permits *permits = !at->sshd ? NULL
					     : listen  ? &at->sshd->listen
						       : &at->sshd->open;
	uint16_t port = 0;

	if (goal->number == 0 && piece < goal->tunnel->stitch_count) {
		const struct joint *joint = &goal->tunnel->stitch[piece];

		if (joint->path)
			return listen ? oracle_may_listen_socket(at)
				      : oracle_may_open_socket(at, joint->path);
		port = joint->port;
	}
	for (size_t i = 0; permits && i < permits->count && port == 0; i++) {
		const struct sshd_permit *item = &permits->items[i];
		bool here = !item->host || !strcmp(item->host, "*") ||
			    !strcmp(item->host, "127.0.0.1") ||
			    (listen ? oracle_pattern(item->host, "127.0.0.1")
				    : !strcmp(item->host, "localhost"));

		for (size_t j = 0; j < at->service_count && here; j++)
			here &= at->services[j].port != item->port;
		if (here && at->ssh->port != item->port)
			port = item->port;
	}
	/* Any port of tunplan's choice; no test's file names it. */
	port = port ? port : 25000;
	return listen ? oracle_may_listen(at, "127.0.0.1", port)
		      : oracle_may_open(at, "127.0.0.1", port) ||
				oracle_may_open(at, "localhost", port);
}

/* Rule 13: whether the tunnel's method wants a hop to be stitched, or not to be. */
static bool oracle_fits_method(const struct oracle_goal *goal, size_t from, size_t to,
			       bool stitched)
{
	const struct host *host = oracle_host(goal, from);

	switch (goal->tunnel->options.method) {
	case METHOD_NESTED:
		return !stitched;
	case METHOD_STITCHED:
		return stitched == (host->key_count == 0 || oracle_has_key(host, to));
	default:
		return true;
	}
}

bool oracle_can_hop(const struct oracle_goal *goal, const struct oracle_way *way, size_t to,
		    enum plan_method method)
{
	const size_t from = way->count ? way->hosts[way->count - 1] : goal->me;
	const struct host *host = oracle_host(goal, from);
	const bool process = goal->by_process[from][to].open, sshd = goal->by_sshd[from][to].open;

	if (way->count == 0)
		return method == PLAN_NESTED && process && oracle_logs_in(goal, goal->me, to);
	if (host->jump == JUMP_NO || !oracle_fits_method(goal, from, to, method == PLAN_STITCHED))
		return false;
	if (method == PLAN_NESTED)
		return sshd && oracle_logs_in(goal, way->client, to);
	if (!process || !oracle_runs_programs(host))
		return false;
	if (method == PLAN_RELAYED)
		return !sshd && host->relay && oracle_logs_in(goal, way->client, to);
	return oracle_joins(goal, from, way->pieces) && oracle_logs_in(goal, from, to);
}

/* --- rules 19 to 25: what it costs */

void oracle_open_inside(const struct oracle_goal *goal, size_t host, struct cost *cost)
{
	if (goal->clear && host != goal->ingress && host != goal->egress)
		cost->parts[COST_EXPOSURE + oracle_host(goal, host)->trust]++;
}

struct cost oracle_opening(const struct oracle_goal *goal, size_t host)
{
	const struct oracle_dial *dial = &goal->dials[host];
	struct cost cost = {{0}};

	if (!goal->clear || goal->socket || goal->target.own)
		return cost;
	oracle_open_inside(goal, host, &cost);
	if (goal->socks)
		cost.parts[COST_EXPOSURE + TRUST_NONE]++;
	else if (host != goal->egress && !(dial->published && dial->vlan == TOPOLOGY_NONE) &&
		 oracle_trust(goal->topology, dial) != ORACLE_PRIVATE)
		cost.parts[COST_EXPOSURE + oracle_trust(goal->topology, dial)]++;
	return cost;
}

void oracle_pay(const struct oracle_goal *goal, struct oracle_way *way, size_t to,
		enum plan_method method)
{
	const struct host *host = oracle_host(goal, to);
	int32_t *parts = way->cost.parts;

	if (way->count && oracle_host(goal, way->hosts[way->count - 1])->jump == JUMP_AVOID)
		parts[COST_AVOIDED]++;
	if (host->ssh->interactive && (goal->unattended || goal->tunnel->options.on_demand))
		parts[COST_INTERACTIVE]++;
	if (method == PLAN_STITCHED)
		oracle_open_inside(goal, way->hosts[way->count - 1], &way->cost);
	parts[COST_RELAYS] += method != PLAN_NESTED;
	parts[COST_UNTRUSTED] += host->trust < TRUST_MEDIUM;
	parts[COST_HOPS]++;
	parts[COST_COST] += (int32_t)host->cost;
	parts[COST_ASSUMED] += !host->ssh->stated;
}

/* --- rules 14 to 16: the ends */

/* How a host opens the egress: by its sshd, or me by itself. */
static struct oracle_dial oracle_open_egress(const struct oracle_goal *goal, size_t host)
{
	const bool sshd = host != goal->me;
	const struct host *at = oracle_host(goal, host);
	struct oracle_dial dial = {.from_vlan = TOPOLOGY_NONE, .vlan = TOPOLOGY_NONE};

	if (!goal->socket && !goal->socks)
		return oracle_dial(goal->topology, host, sshd, &goal->target);
	dial.open = host == goal->egress &&
		    (!sshd ||
		     (goal->socket ? oracle_may_open_socket(at, goal->socket) : oracle_dials(at)));
	return dial;
}

bool oracle_asks_for(const struct stop *stop, size_t host)
{
	for (size_t i = 0; i < stop->count; i++)
		if (stop->hosts[i] == host)
			return true;
	return false;
}

static bool oracle_ends_on(const struct oracle_goal *goal, size_t host)
{
	const struct host *at = oracle_host(goal, host);

	if (goal->held && goal->tunnel->exit.count && !oracle_asks_for(&goal->tunnel->exit, host))
		return false;
	if (goal->kind == ORACLE_LOGIN)
		return host == goal->egress;
	if (goal->kind == ORACLE_EGRESS)
		return goal->dials[host].open && (at->jump != JUMP_NO || goal->target.own ||
						  (host == goal->egress && !goal->socks));
	return host == goal->ingress &&
	       (goal->bind_socket ? oracle_may_listen_socket(at)
				  : oracle_may_listen(at, goal->bind, goal->bind_port));
}

void oracle_look_at_end(struct oracle_goal *goal, size_t host)
{
	const bool inside = goal->kind != ORACLE_EGRESS || goal->target.own ||
			    (host == goal->egress && !goal->socks);

	if (goal->kind != ORACLE_LOGIN)
		goal->dials[host] = oracle_open_egress(goal, host);
	goal->can_end[host] = host != goal->me && oracle_ends_on(goal, host);
	goal->end_cost[host] = (struct cost){{0}};
	if (goal->kind == ORACLE_EGRESS)
		goal->end_cost[host] = oracle_opening(goal, host);
	if (!inside && oracle_host(goal, host)->jump == JUMP_AVOID)
		goal->end_cost[host].parts[COST_AVOIDED]++;
}
