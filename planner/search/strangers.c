#include "planner/search/strangers.h"

#include <string.h>

#include "planner/search/change.h"

/* An address at which hosts on other VLANs can dial a destination. */
struct point {
	struct match_point at;
	uint16_t port;
	bool denied; /* a rule denies it to all sources */
};

struct points {
	const struct topology *topology;
	struct point *items;
	size_t count;
};

/* Lower bound on the changes that let a stranger dial a destination. */
struct dialling {
	bool possible;
	int weight;
	uint8_t wire; /* trust of the VLAN that the connection crosses */
};

/* Strangers as ends: what is known of them, and the bounds on their changes. */
struct endings {
	const struct ends *ends;
	struct points points;
	struct dialling by_wire[TRUST_HIGH + 1];
	bool met[END_KINDS + 1];
};

/* --- where a destination is */

static void add_point(struct points *points, size_t host, size_t vlan,
		      const struct address *address, uint16_t port, struct arena *arena)
{
	*(struct point *)arena_push(arena, &points->items, &points->count, sizeof(struct point)) =
		(struct point){.at = {host, vlan, address}, .port = port};
}

/* A rule that is about all sources; one about some of them leaves the others. */
static void deny(void *context, const struct rule *rule)
{
	static const struct match_point anybody = {TOPOLOGY_NONE, TOPOLOGY_NONE, NULL};
	const struct points *points = context;

	if (rule->allow || rule->from.kind != RULE_ANY)
		return;
	for (size_t i = 0; i < points->count; i++)
		points->items[i].denied |= match_one(points->topology, rule, &anybody,
						     &points->items[i].at, points->items[i].port);
}

static void add_host(struct points *points, const struct network_index *network_index,
		     const struct reach_to *to, struct arena *arena)
{
	const struct host *host = &network_index->topology->hosts[to->host];

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *interface = &host->interfaces[i];

		if (to->vlan != TOPOLOGY_NONE && to->vlan != interface->vlan)
			continue;
		for (size_t a = 0; a < interface->address_count; a++)
			add_point(points, to->host, interface->vlan, &interface->addresses[a],
				  to->port, arena);
		if (interface->address_count == 0)
			add_point(points, to->host, interface->vlan, NULL, to->port, arena);
	}
	for (size_t i = 0; i < to->published_count; i++) {
		const struct publication *at = &to->published[i];

		if (at->vlan != TOPOLOGY_NONE)
			add_point(points, to->host, at->vlan, &at->address, at->port, arena);
	}
	rule_index_visit(&network_index->rules, RULES_TO, to->host, deny, points);
}

static struct points find_points(const struct network_index *network_index,
				 const struct reach_to *to, struct arena *arena)
{
	struct points points = {.topology = network_index->topology};

	if (!to->outside) {
		add_host(&points, network_index, to, arena);
		return points;
	}
	add_point(&points, TOPOLOGY_NONE, to->outside_vlan, to->outside, to->port, arena);
	rule_index_visit_key(&network_index->rules, RULES_TO, RULE_KEY_ANY, deny, &points);
	rule_index_visit_address(&network_index->rules, RULES_TO, to->outside_vlan, to->outside,
				 deny, &points);
	return points;
}

/* --- what it takes to dial it */

/* From where so much trust is, to a point to which no rule lets: a rule, for a step up in trust or not. */
static struct dialling dial_by_new_rule(const struct points *points, const struct point *point,
					enum trust trust)
{
	const size_t vlan = point->at.vlan;
	const uint8_t there =
		vlan == TOPOLOGY_NONE ? TRUST_NONE : points->topology->vlans[vlan].trust;
	const int step = there > trust ? there - trust : 0;

	return (struct dialling){.possible = true,
				 .weight = point->denied ? WEIGHT_DENY : WEIGHT_ALLOW + step,
				 .wire = there < trust ? there : trust};
}

/* Where a rule is about all, or nobody knows what is, no further one is needed: a port of it, at most. */
static struct dialling dial_as_anybody(const struct looking *looking, const struct ends *ends,
				       struct dialling dialling)
{
	dialling.possible = looking->mending || ends->anywhere_by_port;
	dialling.weight = ends->anywhere_by_port ? 0 : WEIGHT_PORT;
	return dialling;
}

static bool is_less(const struct dialling *a, const struct dialling *b)
{
	return a->weight != b->weight ? a->weight < b->weight : a->wire > b->wire;
}

/* Returns the least that it takes to dial one of some points; ends are those of a way, if it ends there. */
static struct dialling dial(const struct looking *looking, const struct points *points,
			    const struct ends *ends, enum trust trust)
{
	struct dialling best = {0};

	for (size_t i = 0; i < points->count; i++) {
		struct dialling one = dial_by_new_rule(points, &points->items[i], trust);

		if (ends && ends->anywhere)
			one = dial_as_anybody(looking, ends, one);
		if (!best.possible || is_less(&one, &best))
			best = one;
	}
	return best;
}

/* --- ends */

/* Returns the kind of end that a stranger is. */
static uint8_t end_kind(const struct looking *looking, const struct endings *endings, size_t host)
{
	const struct indexed_host *about = &looking->network_index->hosts[host];
	const uint8_t wire = looking->wires[host];
	const bool odd =
		about->traits & (TRAIT_NO_JUMP | TRAIT_AVOID | TRAIT_NO_FORWARD | TRAIT_PERMITS);

	if (endings->ends->known[host] || host == looking->goal->me ||
	    host == looking->goal->ingress_host || (about->traits & TRAIT_NO_SSH) ||
	    looking->barred[host] || about->trust < looking->goal->options->min_trust ||
	    !endings->by_wire[wire].possible)
		return END_KINDS;
	return (uint8_t)(wire << END_WIRE_BIT | about->trust << END_TRUST_BIT | odd);
}

/* Returns what it takes to end on those of a kind; on odd ones, at least. */
static struct cost end_cost(const struct looking *looking, const struct endings *endings,
			    unsigned kind)
{
	const unsigned trust = kind >> END_TRUST_BIT & TRUST_HIGH;
	const struct dialling *dialling = &endings->by_wire[kind >> END_WIRE_BIT & TRUST_HIGH];
	struct cost cost = {{0}};

	cost.parts[COST_CHANGES] = dialling->weight;
	if (looking->goal->encrypted == SERVICE_CLEAR) {
		cost.parts[COST_EXPOSURE + trust]++;
		cost.parts[COST_EXPOSURE + dialling->wire]++;
	}
	return cost;
}

void strangers_put_ends(struct looking *looking, const struct ends *ends)
{
	const struct topology *topology = looking->topology;
	const size_t ingress = looking->goal->ingress_host;
	struct endings endings = {.ends = ends};

	strangers_know(looking);
	looking->ends = arena_array(looking->arena, topology->host_count, sizeof(*looking->ends));
	endings.points =
		find_points(looking->network_index, &looking->goal->egress, looking->arena);
	for (enum trust wire = TRUST_NONE; wire <= TRUST_HIGH; wire++)
		endings.by_wire[wire] = dial(looking, &endings.points, ends, wire);
	/* What is inside it counts for nothing. */
	if (ingress != TOPOLOGY_NONE && !ends->known[ingress])
		looking_put_end(looking, ingress);
	for (size_t h = 0; h < topology->host_count; h++) {
		looking->ends[h] = end_kind(looking, &endings, h);
		endings.met[looking->ends[h]] = true;
	}
	for (unsigned kind = 0; kind < END_KINDS; kind++) {
		const struct cost cost = end_cost(looking, &endings, kind);

		if (endings.met[kind])
			looking_put(looking, looking_ends(topology, kind),
				    looking_bucket(looking, &cost));
	}
}

void strangers_look_at_ends(struct looking *looking, unsigned kind)
{
	const uint8_t *ends = looking->ends, *after = ends + looking->topology->host_count;
	struct bucket *here = looking->here;

	for (const uint8_t *end = ends;
	     end < after && (end = memchr(end, (int)kind, (size_t)(after - end))); end++) {
		const size_t host = (size_t)(end - ends);

		if (kind & END_ODD)
			looking_put_end(looking, host);
		else
			looking_put(looking, host, here);
	}
}

/* --- hops */

void strangers_put(struct looking *looking, size_t target)
{
	const struct reach_to sshd = reach_to_sshd(looking->topology, target);
	const struct points points = find_points(looking->network_index, &sshd, looking->arena);

	for (enum trust trust = TRUST_NONE; trust <= TRUST_HIGH; trust++) {
		const struct dialling dialling = dial(looking, &points, NULL, trust);

		if (dialling.possible)
			looking_put(looking, looking_strangers(looking->topology, trust),
				    looking_after_changes(looking, looking->here, dialling.weight));
	}
}

void strangers_look_at(struct looking *looking, enum trust trust)
{
	for (size_t h = 0; h < looking->topology->host_count; h++)
		if (looking->wires[h] == trust)
			looking_put_host(looking, h);
}

/* --- all hosts */

/* By all VLANs on which a host is, or is published: more than it leaves by, so that none is missed. */
static uint8_t best_wire(const struct network_index *network_index, const uint8_t *trusts,
			 size_t host)
{
	uint8_t best = TRUST_NONE;
	size_t count;
	const uint32_t *vlans = id_lists_of(&network_index->vlans_of, host, &count);

	for (size_t i = 0; i < count; i++)
		best = trusts[vlans[i]] > best ? trusts[vlans[i]] : best;
	return best;
}

void strangers_know(struct looking *looking)
{
	const struct topology *topology = looking->topology;
	uint8_t *trusts;

	if (looking->wires)
		return;
	/* Close together, for all hosts. */
	trusts = arena_array(looking->arena, topology->vlan_count, sizeof(*trusts));
	for (size_t v = 0; v < topology->vlan_count; v++)
		trusts[v] = topology->vlans[v].trust;
	looking->wires = arena_array(looking->arena, topology->host_count, sizeof(*looking->wires));
	for (size_t h = 0; h < topology->host_count; h++)
		looking->wires[h] = best_wire(looking->network_index, trusts, h);
}
