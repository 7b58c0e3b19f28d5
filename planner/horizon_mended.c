#include <string.h>

#include "planner/looking.h"
#include "planner/mend.h"

/* Where a destination can be dialled by those who are no neighbours of its. */
struct point {
	struct match_point at;
	uint16_t port;
	bool denied; /* to all of them: a rule says so */
};

struct points {
	const struct topology *topology;
	struct point *items;
	size_t count;
};

/* What it takes a stranger to dial a destination, at least. */
struct dialling {
	bool possible;
	int weight;
	uint8_t wire; /* the trust of what is crossed */
};

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

static struct points find_points(const struct atlas *atlas, const struct reach_to *to,
				 struct arena *arena)
{
	const struct host *host = &atlas->topology->hosts[to->host];
	struct points points = {.topology = atlas->topology};

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *interface = &host->interfaces[i];

		if (to->vlan != TOPOLOGY_NONE && to->vlan != interface->vlan)
			continue;
		for (size_t a = 0; a < interface->address_count; a++)
			add_point(&points, to->host, interface->vlan, &interface->addresses[a],
				  to->port, arena);
		if (interface->address_count == 0)
			add_point(&points, to->host, interface->vlan, NULL, to->port, arena);
	}
	for (size_t i = 0; i < to->published_count; i++) {
		const struct publication *at = &to->published[i];

		if (at->vlan != TOPOLOGY_NONE)
			add_point(&points, to->host, at->vlan, &at->address, at->port, arena);
	}
	rulebook_visit(&atlas->rules, BOOK_TO, to->host, deny, &points);
	return points;
}

/* Returns what it takes from where so much trust is: a rule, for a step up in trust or not. */
static struct dialling dial_point(const struct points *points, const struct point *point,
				  enum trust trust)
{
	const uint8_t there = points->topology->vlans[point->at.vlan].trust;
	const int step = there > trust ? there - trust : 0;

	return (struct dialling){.possible = true,
				 .weight = point->denied ? MEND_DENY : MEND_ALLOW + step,
				 .wire = there < trust ? there : trust};
}

static struct dialling dial(const struct points *points, enum trust trust)
{
	struct dialling best = {0};

	for (size_t i = 0; i < points->count; i++) {
		const struct dialling one = dial_point(points, &points->items[i], trust);

		if (!best.possible || one.weight < best.weight ||
		    (one.weight == best.weight && one.wire > best.wire))
			best = one;
	}
	return best;
}

/* --- ends */

/* How ways end on strangers. */
struct strangers {
	struct looking *looking;
	struct dialling by_wire[TRUST_HIGH + 1];
	bool met[END_KINDS + 1];
};

static struct cost end_cost(const struct strangers *strangers, unsigned kind)
{
	const unsigned trust = kind >> END_TRUST_BIT & TRUST_HIGH;
	const struct dialling *dialling = &strangers->by_wire[kind >> END_WIRE_BIT & TRUST_HIGH];
	struct cost cost = {{0}};

	cost.parts[COST_CHANGES] = dialling->weight;
	cost.parts[COST_CHANGES] += kind & END_NO_JUMP ? MEND_JUMP : 0;
	cost.parts[COST_CHANGES] += kind & END_NO_FORWARD ? MEND_SETTING : 0;
	if (strangers->looking->goal->encrypted == SERVICE_CLEAR) {
		cost.parts[COST_EXPOSURE + trust] += !(kind & END_INGRESS);
		cost.parts[COST_EXPOSURE + dialling->wire]++;
	}
	return cost;
}

/* Returns the kind of end that a stranger is: those of one kind differ in nothing that counts. */
static uint8_t end_kind(const struct strangers *strangers, size_t host)
{
	const struct looking *looking = strangers->looking;
	const struct atlas_host *about = &looking->atlas->hosts[host];
	const uint8_t wire = looking->mended->wires[host];
	unsigned kind = (unsigned)about->trust << END_TRUST_BIT | (unsigned)wire << END_WIRE_BIT;

	if (host == looking->goal->me || (about->traits & ATLAS_NO_SSH) || looking->barred[host] ||
	    about->trust < looking->goal->options->min_trust || !strangers->by_wire[wire].possible)
		return END_KINDS;
	kind |= about->traits & ATLAS_NO_JUMP ? END_NO_JUMP : 0;
	kind |= about->traits & ATLAS_NO_FORWARD ? END_NO_FORWARD : 0;
	kind |= host == looking->goal->ingress_host ? END_INGRESS : 0;
	return (uint8_t)kind;
}

/* What it takes where a rule is about all, or nobody knows what is. */
static struct dialling dial_anywhere(const struct looking *looking, const struct ends *ends,
				     enum trust trust)
{
	const size_t vlan = looking->goal->egress.outside_vlan;
	struct dialling dialling = {.possible = true};

	dialling.weight = ends->anywhere_by_port ? 0 : MEND_PORT;
	dialling.wire = trust;
	if (looking->goal->egress.outside && vlan == TOPOLOGY_NONE)
		dialling.wire = TRUST_NONE;
	return dialling;
}

/* All strangers of a kind are one node: most kinds cost more than the way, and nobody looks at those. */
static void put_strangers(struct looking *looking, const struct ends *ends)
{
	const struct topology *topology = looking->topology;
	struct strangers strangers = {.looking = looking};
	struct points points = {0};
	uint8_t *kinds = looking->mended->ends;

	if (!ends->anywhere)
		points = find_points(looking->atlas, &looking->goal->egress, looking->arena);
	for (enum trust wire = TRUST_NONE; wire <= TRUST_HIGH; wire++)
		strangers.by_wire[wire] =
			ends->anywhere ? dial_anywhere(looking, ends, wire) : dial(&points, wire);
	for (size_t h = 0; h < topology->host_count; h++) {
		kinds[h] = ends->known[h] ? END_KINDS : end_kind(&strangers, h);
		strangers.met[kinds[h]] = true;
	}
	for (unsigned kind = 0; kind < END_KINDS; kind++) {
		const struct cost cost = end_cost(&strangers, kind);

		if (strangers.met[kind])
			looking_put(looking, looking_ends(topology, kind),
				    looking_bucket(looking, &cost));
	}
}

void mended_look_at_ends(struct looking *looking, unsigned kind)
{
	const uint8_t *ends = looking->mended->ends, *after = ends + looking->topology->host_count;
	const uint8_t *end = ends;

	while (end < after && (end = memchr(end, (int)kind, (size_t)(after - end)))) {
		looking_put(looking, (size_t)(end - ends), looking->here);
		end++;
	}
}

void mended_put_ends(struct looking *looking)
{
	const struct goal *goal = looking->goal;
	struct ends ends;

	ends_find(&ends, goal, looking->arena);
	for (size_t i = 0; i < ends.count; i++) {
		const size_t host = ends.hosts[i];
		struct goal_end end;
		struct mends mends;

		if (host == goal->me || mend_shuns(goal, host))
			continue;
		mends = mend_end(goal, host, &end);
		end.cost.parts[COST_CHANGES] += mends.weight;
		if (mends.possible && end.open)
			looking_put(looking, host, looking_bucket(looking, &end.cost));
	}
	if (goal->end == TOPOLOGY_NONE && goal->exit == TOPOLOGY_NONE && !goal->socket &&
	    !goal->socks)
		put_strangers(looking, &ends);
}

/* --- hops */

void mended_put_strangers(struct looking *looking, size_t target)
{
	const struct reach_to sshd = reach_to_sshd(looking->topology, target);
	const struct points points = find_points(looking->atlas, &sshd, looking->arena);

	for (enum trust trust = TRUST_NONE; trust <= TRUST_HIGH; trust++) {
		const struct dialling dialling = dial(&points, trust);

		if (dialling.possible)
			looking_put(looking, looking_strangers(looking->topology, trust),
				    looking_after_changes(looking, looking->here, dialling.weight));
	}
}

void mended_look_at_strangers(struct looking *looking, enum trust trust)
{
	for (size_t h = 0; h < looking->topology->host_count; h++)
		if (looking->mended->wires[h] == trust)
			looking_put_host(looking, h);
}

/* --- the whole */

/* By all VLANs on which a host is, or is published: more than it leaves by, so that none is missed. */
static uint8_t best_wire(const struct atlas *atlas, const uint8_t *trusts, size_t host)
{
	uint8_t best = TRUST_NONE;
	size_t count;
	const uint32_t *vlans = roll_of(&atlas->presence, host, &count);

	for (size_t i = 0; i < count; i++)
		best = trusts[vlans[i]] > best ? trusts[vlans[i]] : best;
	return best;
}

void mended_init(struct mended *mended, const struct goal *goal, const uint32_t *targets,
		 size_t target_count, struct arena *arena)
{
	const struct topology *topology = goal->atlas->topology;
	const size_t hosts = topology->host_count;
	uint8_t *trusts = arena_array(arena, topology->vlan_count, sizeof(*trusts));

	/* Close together, for all hosts. */
	for (size_t v = 0; v < topology->vlan_count; v++)
		trusts[v] = topology->vlans[v].trust;
	mended->wires = arena_array(arena, hosts, sizeof(*mended->wires));
	mended->ends = arena_array(arena, hosts, sizeof(*mended->ends));
	mended->targets = arena_array(arena, hosts, sizeof(*mended->targets));
	for (size_t h = 0; h < hosts; h++)
		mended->wires[h] = best_wire(goal->atlas, trusts, h);
	for (size_t i = 0; i < target_count; i++)
		mended->targets[targets[i]] = true;
}
