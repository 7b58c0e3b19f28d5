#include "tests/oracle/way.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"

/* --- all ways */

int oracle_compare_costs(const struct cost *a, const struct cost *b)
{
	for (int part = 0; part < COST_PARTS; part++)
		if (a->parts[part] != b->parts[part])
			return a->parts[part] - b->parts[part];
	return 0;
}

/* The choice: by cost, then by rule 26. */
static int oracle_compare(const struct topology *topology, const struct oracle_way *a,
			  const struct oracle_way *b)
{
	int order = oracle_compare_costs(&a->cost, &b->cost);

	for (size_t i = 0; i < a->count && i < b->count && order == 0; i++)
		order = strcmp(topology->hosts[a->hosts[i]].name,
			       topology->hosts[b->hosts[i]].name);
	if (order == 0)
		order = a->count - b->count;
	for (size_t i = 0; i < a->count && order == 0; i++)
		order = a->methods[i] - b->methods[i];
	return order;
}

/* Rule 18: whether a way passes the waypoints in their order. */
static bool oracle_passes_via(const struct oracle_goal *goal, const struct oracle_way *way)
{
	size_t passed = 0;

	for (size_t i = 0; i < way->count && goal->held && passed < goal->tunnel->via_count; i++)
		passed += oracle_asks_for(&goal->tunnel->via[passed], way->hosts[i]);
	return !goal->held || passed == goal->tunnel->via_count;
}

static void oracle_complete(struct oracle_goal *goal, const struct oracle_way *way, size_t first)
{
	const size_t last = way->hosts[way->count - 1];
	struct oracle_way whole = *way, *known = NULL;

	if (!goal->can_end[last] || !oracle_passes_via(goal, way))
		return;
	for (int part = 0; part < COST_PARTS; part++)
		whole.cost.parts[part] += goal->end_cost[last].parts[part];
	/* Ways over the same hosts come one after the other. */
	for (size_t i = first; i < goal->count && !known; i++)
		if (goal->ways[i].count == way->count &&
		    !memcmp(goal->ways[i].hosts, way->hosts, way->count))
			known = &goal->ways[i];
	if (known && oracle_compare(goal->topology, &whole, known) >= 0)
		return;
	if (!known) {
		goal->ways = memory_reserve(goal->ways, &goal->room, goal->count + 1,
					    sizeof(*goal->ways));
		known = &goal->ways[goal->count++];
	}
	*known = whole;
}

static bool oracle_is_on(const struct oracle_way *way, size_t host)
{
	for (size_t i = 0; i < way->count; i++)
		if (way->hosts[i] == host)
			return true;
	return false;
}

/* All ways over a list of hosts: each by all methods; then all lists that are longer. */
static void oracle_walk(struct oracle_goal *goal, const struct oracle_way *ways, size_t count)
{
	struct oracle_way next[3 << (ORACLE_HOSTS - 2)];
	const size_t hops = ways[0].count + 1u, most = goal->tunnel->options.max_hops;

	for (size_t to = 0; to < goal->topology->host_count && (!most || hops <= most); to++) {
		const size_t first = goal->count;
		size_t found = 0;

		if (oracle_is_on(&ways[0], to) || !oracle_is_hop(goal, to))
			continue;
		for (size_t i = 0; i < count * 3; i++) {
			const enum plan_method method = (enum plan_method)(i % 3);
			struct oracle_way way = ways[i / 3];

			if (!oracle_can_hop(goal, &way, to, method))
				continue;
			oracle_pay(goal, &way, to, method);
			if (method == PLAN_STITCHED) {
				way.client = way.hosts[way.count - 1];
				way.pieces++;
			}
			way.methods[way.count] = (uint8_t)method;
			way.hosts[way.count++] = (uint8_t)to;
			oracle_complete(goal, &way, first);
			next[found++] = way;
		}
		if (found)
			oracle_walk(goal, next, found);
	}
}

/* The number of hops and their hosts stand at the beginning of a way. */
static int oracle_compare_hosts(const void *left, const void *right)
{
	return memcmp(left, right, 1 + ORACLE_HOSTS);
}

/* Rule 3: what the options of a host say of the addresses at which me's ssh dials it. */
static const char *oracle_family(const struct host *host)
{
	for (size_t i = 0; i < host->ssh->option_count; i++)
		if (strcmp(host->ssh->options[i].keyword, "AddressFamily") == 0)
			return host->ssh->options[i].value;
	return NULL;
}

void oracle_ways(struct oracle_goal *goal)
{
	const struct oracle_way none = {.client = (uint8_t)goal->me};
	const size_t hosts = goal->topology->host_count;

	for (size_t from = 0; from < hosts; from++) {
		for (size_t to = 0; to < hosts; to++) {
			const struct host *host = oracle_host(goal, to);
			const struct oracle_target sshd = {
				.host = to,
				.vlan = TOPOLOGY_NONE,
				.port = host->ssh->port,
				.published = host->published,
				.published_count = host->published_count,
				.family = from == goal->me ? oracle_family(host) : NULL,
				.options = &goal->tunnel->options};

			if (from == to)
				continue;
			goal->by_process[from][to] =
				oracle_dial(goal->topology, from, false, &sshd);
			goal->by_sshd[from][to] = oracle_dial(goal->topology, from, true, &sshd);
		}
		oracle_look_at_end(goal, from);
	}
	oracle_walk(goal, &none, 1);
	if (goal->count)
		qsort(goal->ways, goal->count, sizeof(*goal->ways), oracle_compare_hosts);
}

/* --- rules 28 to 30: the ways beside it */

/* Whether a way passes all hosts of another one. */
static bool oracle_covers(const struct oracle_way *way, const struct oracle_way *other)
{
	for (size_t i = 0; i < other->count; i++)
		if (!oracle_is_on(way, other->hosts[i]))
			return false;
	return true;
}

const struct oracle_way *oracle_best(const struct oracle_goal *goal)
{
	const struct oracle_way *best = NULL;

	for (size_t i = 0; i < goal->count; i++)
		if (!best || oracle_compare(goal->topology, &goal->ways[i], best) < 0)
			best = &goal->ways[i];
	return best;
}

static size_t oracle_shared(const struct oracle_way *way, const bool *taken)
{
	size_t shared = 0;

	for (size_t i = 0; i < way->count; i++)
		shared += taken[way->hosts[i]];
	return shared;
}

const struct oracle_way *oracle_next(const struct oracle_goal *goal, const struct oracle_way **list,
				     size_t count, const bool *taken)
{
	const struct oracle_way *next = NULL;

	for (size_t i = 0; i < goal->count; i++) {
		const struct oracle_way *way = &goal->ways[i];
		bool lacks = true;
		long order = 1;

		for (size_t j = 0; j < count; j++)
			lacks &= !oracle_covers(way, list[j]);
		if (!lacks)
			continue;
		if (next)
			order = (long)oracle_shared(way, taken) - (long)oracle_shared(next, taken);
		if (next && order == 0)
			order = oracle_compare(goal->topology, way, next);
		if (!next || order < 0)
			next = way;
	}
	return next;
}

bool oracle_depends(const struct oracle_goal *goal, size_t host)
{
	for (size_t i = 0; i < goal->count; i++)
		if (!oracle_is_on(&goal->ways[i], host))
			return false;
	return true;
}
