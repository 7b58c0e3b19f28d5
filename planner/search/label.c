#include "planner/search/label.h"

#include <string.h>

#include "planner/search/known.h"

struct label label_root(const struct goal *goal)
{
	return (struct label){.host = (uint32_t)goal->me, .client = (uint32_t)goal->me};
}

/* Adds what a hop costs. */
static void add_hop(const struct goal *goal, size_t host, enum plan_method method,
		    struct cost *cost)
{
	const struct host *at = goal_host(goal, host);

	if (at->ssh->interactive && (goal->unattended || goal->options->on_demand))
		cost->parts[COST_INTERACTIVE]++;
	cost->parts[COST_RELAYS] += method != PLAN_NESTED;
	cost->parts[COST_UNTRUSTED] += at->trust < TRUST_MEDIUM;
	cost->parts[COST_SHARED] += goal->shared && goal->shared[host];
	cost->parts[COST_HOPS]++;
	cost->parts[COST_COST] += (int32_t)at->cost;
	cost->parts[COST_ASSUMED] += !at->ssh->stated && !goal->any_login;
}

/* Adds what a joint leaves in the clear: the bytes lie open inside the host (rule 21). */
static void add_joint(const struct goal *goal, size_t host, struct cost *cost)
{
	const struct host *at = goal_host(goal, host);

	if (goal->encrypted == SERVICE_CLEAR && host != goal->ingress_host &&
	    host != goal->egress.host)
		cost->parts[COST_EXPOSURE + at->trust]++;
}

struct label label_step(const struct goal *goal, const struct label *from, size_t host,
			enum plan_method method, const struct link *link)
{
	struct label next = {
		.parent = from,
		.host = (uint32_t)host,
		.client = (uint32_t)link->client,
		.set = from->set + known_hash(host + 1), /* that of 0 is 0 */
		.depth = (uint16_t)(from->depth + 1),
		.passed = from->passed,
		.pieces = (uint16_t)(from->pieces + (method == PLAN_STITCHED)),
		.method = (uint8_t)method,
		.cost = from->cost,
	};

	if (next.passed < goal->via_count && stop_has(&goal->via[next.passed], host))
		next.passed++;
	/* What is passed on the way to the next one (rule 19). */
	if (from->parent && goal_host(goal, from->host)->jump == JUMP_AVOID)
		next.cost.parts[COST_AVOIDED]++;
	add_hop(goal, host, method, &next.cost);
	if (method == PLAN_STITCHED)
		add_joint(goal, from->host, &next.cost);
	return next;
}

void label_look_ahead(struct label *label, const struct cost *rest, int factor)
{
	for (enum cost_part part = 0; part < COST_PARTS; part++)
		label->cost.parts[part] += factor * rest->parts[part];
}

struct label label_end(const struct label *label, const struct goal_end *end)
{
	struct label ended = *label;

	ended.complete = true;
	cost_add(&ended.cost, &end->cost);
	return ended;
}

/* The difference that is nearest to me decides, names before methods. */
static int compare_names(const struct topology *topology, const struct label *a,
			 const struct label *b)
{
	const int longer = a->depth - b->depth;
	int names = 0, methods = 0;

	while (a->depth > b->depth)
		a = a->parent;
	while (b->depth > a->depth)
		b = b->parent;
	for (; a != b && a->parent; a = a->parent, b = b->parent) {
		if (a->host != b->host)
			names = strcmp(topology->hosts[a->host].name,
				       topology->hosts[b->host].name);
		methods = a->method != b->method ? a->method - b->method : methods;
	}
	if (names)
		return names;
	return longer ? longer : methods;
}

int label_compare(const struct topology *topology, const struct label *a, const struct label *b)
{
	int order = cost_compare(&a->cost, &b->cost);

	if (order)
		return order;
	order = compare_names(topology, a, b);
	return order ? order : b->complete - a->complete;
}

bool label_passes(const struct label *label, size_t host)
{
	for (; label; label = label->parent)
		if (label->host == host)
			return true;
	return false;
}

struct plan_path label_path(const struct label *label, struct arena *arena)
{
	struct plan_path path = {.count = label->depth, .cost = label->cost};

	path.hosts = arena_array(arena, path.count, sizeof(*path.hosts));
	path.methods = arena_array(arena, path.count, sizeof(*path.methods));
	for (size_t at = path.count; at > 0; label = label->parent) {
		path.hosts[--at] = label->host;
		path.methods[at] = (enum plan_method)label->method;
	}
	return path;
}
