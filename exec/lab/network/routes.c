#include "exec/lab/network/routes.h"

#include "exec/lab/network/published.h"
#include "exec/lab/network/range.h"

#include <stdlib.h>

/* IPv4 and IPv6. */
static const enum address_family families[] = {ADDRESS_IPV4, ADDRESS_IPV6};
#define FAMILY_COUNT (sizeof(families) / sizeof(families[0]))

#define PORT_MAX 65535

static void route_add(struct lab_node *node, struct lab_route route, struct arena *arena)
{
	*(struct lab_route *)arena_push(arena, &node->routes, &node->route_count,
					sizeof(*node->routes)) = route;
}

static struct lab_route route_to(const struct address *address, size_t leg)
{
	return (struct lab_route){
		.to = *address, .prefix = address->family == ADDRESS_IPV4 ? 32 : 128, .leg = leg};
}

/* --- what is on a VLAN of the node's own ------------------------------------------------------ */

static bool leg_covers(const struct lab_leg *leg, const struct address *address)
{
	for (size_t a = 0; a < leg->address_count; a++)
		if (lab_address_within(address, &leg->addresses[a].address,
				       leg->addresses[a].prefix))
			return true;
	return false;
}

/*
 * Routes to the neighbours on a leg's VLAN whose addresses do not lie in a network of the leg: the
 * file may state addresses without saying which network they belong to.
 */
static void neighbour_routes(const struct lab_network *network, struct lab_node *node, size_t leg,
			     struct arena *arena)
{
	for (size_t n = 0; n < network->node_count; n++) {
		const struct lab_leg *peer = lab_node_leg(&network->nodes[n], node->legs[leg].vlan);

		if (!peer || &network->nodes[n] == node)
			continue;
		for (size_t a = 0; a < peer->address_count; a++) {
			const struct address *to = &peer->addresses[a].address;

			if (lab_leg_address(&node->legs[leg], to->family) &&
			    !leg_covers(&node->legs[leg], to))
				route_add(node, route_to(to, leg), arena);
		}
	}
}

/* --- the way out ------------------------------------------------------------------------------ */

/* The address of the router by which a leg leads out, or NULL. */
static const struct address *gate(const struct lab_network *network, const struct lab_leg *leg,
				  enum address_family family)
{
	return lab_leg_address(leg, family)
		       ? lab_leg_address(lab_node_leg(network->router, leg->vlan), family)
		       : NULL;
}

/*
 * The default routes: one by each VLAN, so that a program that wants to leave by it can; who does not
 * care leaves by the first VLAN that has the family.
 */
static void default_routes(const struct lab_network *network, struct lab_node *node,
			   struct arena *arena)
{
	for (size_t f = 0; f < FAMILY_COUNT; f++) {
		struct lab_route route = {.to = {.family = families[f]}};

		for (route.leg = 0; route.leg < node->leg_count; route.leg++) {
			const struct address *via =
				gate(network, &node->legs[route.leg], families[f]);

			if (!via)
				continue;
			route.via = *via;
			route_add(node, route, arena);
			route.metric++;
		}
	}
}

/* The leg of the default route that is taken if nothing else is said, or TOPOLOGY_NONE. */
static size_t usual_leg(const struct lab_node *node, enum address_family family)
{
	for (size_t r = 0; r < node->route_count; r++)
		if (node->routes[r].prefix == 0 && node->routes[r].to.family == family)
			return node->routes[r].leg;
	return TOPOLOGY_NONE;
}

/* --- from which VLAN -------------------------------------------------------------------------- */

/* The search for the ways to one address of a host elsewhere. */
struct search {
	const struct lab_network *network;
	struct lab_node *node;
	const struct lab_node *to;
	const struct lab_leg *there;
	const struct address *address;
	size_t usual;              /* the leg of the default route */
	const struct rule **rules; /* those that can be about it, in order */
	size_t rule_count;
	unsigned *starts; /* where in the range of ports another rule can decide, ascending */
	size_t start_count;
};

static bool end_matches(const struct rule_end *end, const struct lab_node *node,
			const struct lab_leg *leg, const struct address *address)
{
	if (end->kind == RULE_CIDR)
		return cidr_contains(&end->cidr, address);
	return lab_rule_end_covers(end, node, leg);
}

static bool from_matches(const struct search *search, const struct rule *rule, size_t leg)
{
	const struct lab_leg *leaving = &search->node->legs[leg];
	const struct address *source = lab_leg_address(leaving, search->address->family);

	return source && end_matches(&rule->from, search->node, leaving, source);
}

static void start_add(struct search *search, unsigned port, struct arena *arena)
{
	if (port <= PORT_MAX)
		*(unsigned *)arena_push(arena, &search->starts, &search->start_count,
					sizeof(*search->starts)) = port;
}

static int starts_compare(const void *a, const void *b)
{
	const unsigned one = *(const unsigned *)a, other = *(const unsigned *)b;

	return (one > other) - (one < other);
}

/* Collects the rules that can be about connections to the address, and the edges of their ports. */
static void rules_find(struct search *search, struct arena *arena)
{
	start_add(search, 1, arena);
	for (size_t r = 0; r < search->network->rule_count; r++) {
		const struct rule *rule = &search->network->rules[r];
		bool from = false;

		if (!end_matches(&rule->to, search->to, search->there, search->address))
			continue;
		for (size_t l = 0; l < search->node->leg_count; l++)
			from = from || from_matches(search, rule, l);
		if (!from)
			continue;
		*(const struct rule **)arena_push(arena, &search->rules, &search->rule_count,
						  sizeof(const struct rule *)) = rule;
		for (size_t p = 0; p < rule->port_count; p++) {
			start_add(search, rule->ports[p].first, arena);
			start_add(search, rule->ports[p].last + 1u, arena);
		}
	}
	qsort(search->starts, search->start_count, sizeof(*search->starts), starts_compare);
}

static bool port_matches(const struct rule *rule, unsigned port)
{
	for (size_t p = 0; p < rule->port_count; p++)
		if (rule->ports[p].first <= port && port <= rule->ports[p].last)
			return true;
	return rule->port_count == 0;
}

static bool allows(const struct search *search, size_t leg, unsigned port)
{
	for (size_t r = 0; r < search->rule_count; r++)
		if (port_matches(search->rules[r], port) &&
		    from_matches(search, search->rules[r], leg))
			return search->rules[r]->allow;
	return false;
}

/* The leg from which a port is allowed, the usual one if it can be; else TOPOLOGY_NONE. */
static size_t leg_for_port(const struct search *search, unsigned port)
{
	if (allows(search, search->usual, port))
		return search->usual;
	for (size_t l = 0; l < search->node->leg_count; l++)
		if (allows(search, l, port) &&
		    gate(search->network, &search->node->legs[l], search->address->family))
			return l;
	return TOPOLOGY_NONE;
}

/*
 * The leg that all ports take which have no route of their own: the usual one if any is to take it. Where the
 * last port is allowed it has to be that port's, because Linux has no rules for it (65535).
 */
static size_t leg_for_most(const struct search *search, const size_t *legs)
{
	size_t first = legs[search->start_count - 1];

	if (first != TOPOLOGY_NONE)
		return first;
	for (size_t s = 0; s < search->start_count; s++) {
		if (legs[s] == search->usual)
			return search->usual;
		if (first == TOPOLOGY_NONE)
			first = legs[s];
	}
	return first == TOPOLOGY_NONE ? search->usual : first;
}

static void routed_add(const struct search *search, size_t leg, unsigned first, unsigned last,
		       struct arena *arena)
{
	struct lab_route route = route_to(search->address, leg);

	route.via = *gate(search->network, &search->node->legs[leg], search->address->family);
	route.first_port = (uint16_t)first;
	route.last_port = (uint16_t)last;
	route_add(search->node, route, arena);
}

static void routes_to_address(struct search *search, struct arena *arena)
{
	size_t *legs, most;

	rules_find(search, arena);
	legs = arena_array(arena, search->start_count, sizeof(*legs));
	for (size_t s = 0; s < search->start_count; s++)
		legs[s] = leg_for_port(search, search->starts[s]);
	most = leg_for_most(search, legs);
	if (most != search->usual)
		routed_add(search, most, 0, 0, arena);
	for (size_t s = 0; s < search->start_count; s++) {
		const size_t first = s;

		if (legs[s] == most || legs[s] == TOPOLOGY_NONE)
			continue;
		while (s + 1 < search->start_count && legs[s + 1] == legs[first])
			s++;
		routed_add(search, legs[first], search->starts[first],
			   s + 1 < search->start_count ? search->starts[s + 1] - 1 : PORT_MAX,
			   arena);
	}
}

static void routes_to_leg(const struct lab_network *network, struct lab_node *node,
			  const struct lab_node *to, const struct lab_leg *there,
			  struct arena *arena)
{
	for (size_t a = 0; a < there->address_count; a++) {
		struct search search = {.network = network,
					.node = node,
					.to = to,
					.there = there,
					.address = &there->addresses[a].address};

		search.usual = usual_leg(node, search.address->family);
		if (search.usual != TOPOLOGY_NONE)
			routes_to_address(&search, arena);
	}
}

/* A route to one address of something published, for its port alone. */
static void published_route(const struct lab_network *network, struct lab_node *node,
			    const struct lab_published *published, const struct address *address,
			    struct arena *arena)
{
	struct search search = {.network = network,
				.node = node,
				.to = &network->nodes[published->host],
				.there = lab_node_leg(network->router, published->at->vlan),
				.address = address,
				.usual = usual_leg(node, address->family)};
	const uint16_t port = published->at->port;
	size_t leg;

	if (search.usual == TOPOLOGY_NONE || port == PORT_MAX)
		return;
	rules_find(&search, arena);
	leg = leg_for_port(&search, port);
	if (leg != TOPOLOGY_NONE)
		routed_add(&search, leg, port, port, arena);
}

/*
 * Routes to what is published on a VLAN elsewhere. They go before those to who has the address: it is not the
 * same whom the rules are about.
 */
static void published_routes(const struct lab_network *network, struct lab_node *node,
			     struct arena *arena)
{
	for (size_t p = 0; p < network->published_count; p++) {
		const struct lab_published *published = &network->published[p];
		const struct lab_leg *there =
			lab_node_leg(&network->nodes[published->owner], published->at->vlan);

		if (!there || lab_node_leg(node, there->vlan))
			continue;
		for (size_t a = 0; a < there->address_count; a++)
			if (lab_listen_has(&published->listen, &there->addresses[a].address))
				published_route(network, node, published,
						&there->addresses[a].address, arena);
	}
}

static void host_routes(const struct lab_network *network, struct lab_node *node,
			struct arena *arena)
{
	default_routes(network, node, arena);
	/* With one way out, there is nothing to choose. */
	if (node->leg_count > 1)
		published_routes(network, node, arena);
	for (size_t n = 0; n < network->node_count && node->leg_count > 1; n++) {
		const struct lab_node *to = &network->nodes[n];

		if (to == node || to == network->router)
			continue;
		for (size_t l = 0; l < to->leg_count; l++)
			if (!lab_node_leg(node, to->legs[l].vlan))
				routes_to_leg(network, node, to, &to->legs[l], arena);
	}
}

void lab_routes_choose(const struct lab_network *network, struct lab_node *node,
		       struct arena *arena)
{
	for (size_t l = 0; l < node->leg_count; l++)
		neighbour_routes(network, node, l, arena);
	if (network->router && node != network->router)
		host_routes(network, node, arena);
}
