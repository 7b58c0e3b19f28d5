#include "exec/lab/network/published.h"

#include <string.h>

#include "exec/lab/network/range.h"

/* Calls visit for each publication of a topology until it returns true; returns whether it did. */
static bool visit_all(const struct topology *topology,
		      bool (*visit)(void *context, size_t host, const struct service *service,
				    const struct publication *at),
		      void *context)
{
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		for (size_t p = 0; !host->ssh->none && p < host->published_count; p++)
			if (visit(context, h, NULL, &host->published[p]))
				return true;
		for (size_t s = 0; s < host->service_count; s++)
			for (size_t p = 0; p < host->services[s].published_count; p++)
				if (visit(context, h, &host->services[s],
					  &host->services[s].published[p]))
					return true;
	}
	return false;
}

static bool is_on_vlan(void *context, size_t host, const struct service *service,
		       const struct publication *at)
{
	(void)context;
	(void)host;
	(void)service;
	return at->vlan != TOPOLOGY_NONE;
}

bool lab_published_on_vlans(const struct topology *topology)
{
	return visit_all(topology, is_on_vlan, NULL);
}

static bool same_address(const struct address *one, const struct address *other)
{
	return lab_address_within(one, other,
				  one->family == ADDRESS_IPV4   ? 32
				  : one->family == ADDRESS_IPV6 ? 128
								: 0);
}

/* An address on a VLAN that is looked for. */
struct wanted {
	size_t vlan;
	const struct address *address;
};

static bool is_wanted(void *context, size_t host, const struct service *service,
		      const struct publication *at)
{
	const struct wanted *wanted = context;

	(void)host;
	(void)service;
	return at->vlan == wanted->vlan && same_address(&at->address, wanted->address);
}

bool lab_published_at(const struct topology *topology, size_t vlan, const struct address *address)
{
	struct wanted wanted = {vlan, address};

	return visit_all(topology, is_wanted, &wanted);
}

/* --- where it is ------------------------------------------------------------------------------ */

struct finder {
	struct lab_network *network;
	struct arena *arena;
};

/* Returns the node that has an address on a VLAN, or TOPOLOGY_NONE. */
static size_t address_holder(const struct lab_network *network, size_t vlan,
			     const struct address *address)
{
	for (size_t n = 0; n < network->node_count; n++) {
		const struct lab_leg *leg = lab_node_leg(&network->nodes[n], vlan);

		for (size_t a = 0; leg && a < leg->address_count; a++)
			if (same_address(&leg->addresses[a].address, address))
				return n;
	}
	return TOPOLOGY_NONE;
}

static void router_address_add(const struct finder *finder, size_t vlan,
			       const struct address *address)
{
	struct lab_node *router = &finder->network->nodes[finder->network->node_count - 1];
	struct lab_leg *leg = &router->legs[vlan];

	*(struct lab_address *)arena_push(finder->arena, &leg->addresses, &leg->address_count,
					  sizeof(*leg->addresses)) = (struct lab_address){
		.address = *address, .prefix = (uint8_t)lab_family_bits(address->family)};
}

/* A name is a node's first addresses on a VLAN, one of each family that it has. */
static const char *const *leg_texts(const struct lab_leg *leg, struct arena *arena)
{
	const struct address *v4 = lab_leg_address(leg, ADDRESS_IPV4);
	const struct address *v6 = lab_leg_address(leg, ADDRESS_IPV6);
	const char **texts = arena_array(arena, 3, sizeof(*texts));
	size_t count = 0;

	if (v4)
		texts[count++] = v4->text;
	if (v6)
		texts[count++] = v6->text;
	return texts;
}

static const char *const *one_text(const char *text, struct arena *arena)
{
	const char **texts = arena_array(arena, 2, sizeof(*texts));

	texts[0] = text;
	return texts;
}

/* Finds where something listens that is published on a VLAN. */
static void place_on_vlan(const struct finder *finder, struct lab_published *published)
{
	const struct lab_network *network = finder->network;
	const struct publication *at = published->at;

	published->owner = network->node_count - 1;
	if (at->address.family == ADDRESS_NAME) {
		published->listen.addresses =
			leg_texts(lab_node_leg(network->router, at->vlan), finder->arena);
		return;
	}
	published->listen.addresses = one_text(at->address.text, finder->arena);
	if (address_holder(network, at->vlan, &at->address) == TOPOLOGY_NONE)
		router_address_add(finder, at->vlan, &at->address);
	else
		published->owner = address_holder(network, at->vlan, &at->address);
}

static bool add(void *context, size_t host, const struct service *service,
		const struct publication *at)
{
	static const char *const loopback[] = {"127.0.0.1", "::1", NULL};
	const struct finder *finder = context;
	struct lab_network *network = finder->network;
	struct lab_published *published = arena_push(finder->arena, &network->published,
						     &network->published_count, sizeof(*published));

	*published = (struct lab_published){.host = host, .service = service, .at = at};
	published->target =
		service ? lab_listen_service(&network->nodes[host], service, finder->arena)
			: lab_listen_any(network->topology->hosts[host].ssh->port);
	published->listen.port = at->port;
	if (at->vlan != TOPOLOGY_NONE) {
		place_on_vlan(finder, published);
		return false;
	}
	published->owner = at->host;
	published->listen.addresses = at->address.family == ADDRESS_NAME
					      ? loopback
					      : one_text(at->address.text, finder->arena);
	return false;
}

void lab_published_find(struct lab_network *network, struct arena *arena)
{
	struct finder finder = {network, arena};

	visit_all(network->topology, add, &finder);
}
