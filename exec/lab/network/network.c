#include "exec/lab/network/network.h"

#include <stdio.h>
#include <string.h>

#include "exec/lab/network/addresses.h"
#include "exec/lab/network/ports.h"
#include "exec/lab/network/published.h"
#include "exec/lab/network/routes.h"
#include "exec/lab/network/rules.h"

/* The first two bytes of our hardware addresses: locally administered, unicast. */
static const uint8_t mac_prefix[2] = {0x02, 0x7e};

static bool share_family(const struct lab_leg *one, const struct lab_leg *other)
{
	for (size_t a = 0; a < one->address_count; a++)
		for (size_t b = 0; b < other->address_count; b++)
			if (one->addresses[a].address.family == other->addresses[b].address.family)
				return true;
	return false;
}

/* Whether the rules let a host open a listener of another by a leg that it has a family in common with. */
static bool leg_opens(const struct lab_network *network, const struct lab_node *from,
		      struct reach_to to, struct lab_dial *ret_dial)
{
	struct reach reach = reach_try(&network->network_index, from->host, REACH_PROCESS, &to);

	if (!reach.open || reach.published)
		return false;
	ret_dial->trust = reach_trust(network->topology, &reach);
	ret_dial->leaving = lab_node_leg(from, reach.from_vlan);
	ret_dial->arriving = lab_node_leg(&network->nodes[to.host], reach.vlan);
	return ret_dial->leaving && ret_dial->arriving &&
	       share_family(ret_dial->leaving, ret_dial->arriving);
}

/* Whether one way to a host elsewhere is better than another: rule 4 of tunplan(7). */
static bool goes_before(const struct lab_network *network, const struct lab_dial *dial,
			const struct lab_dial *other)
{
	const struct vlan *vlans = network->topology->vlans;
	const bool shared = dial->leaving->vlan == dial->arriving->vlan;

	if (shared != (other->leaving->vlan == other->arriving->vlan))
		return shared;
	if (dial->trust != other->trust)
		return dial->trust > other->trust;
	return strcmp(vlans[dial->arriving->vlan].name, vlans[other->arriving->vlan].name) < 0;
}

/* Finds the best way to a listener. */
static bool dial_listener(const struct lab_network *network, const struct lab_node *from,
			  const struct lab_node *to, struct reach_to listener,
			  struct lab_dial *ret_dial)
{
	bool found = false;

	for (size_t l = 0; l < to->leg_count; l++) {
		struct lab_dial dial;

		listener.vlan = to->legs[l].vlan;
		if (!leg_opens(network, from, listener, &dial) ||
		    (found && !goes_before(network, &dial, ret_dial)))
			continue;
		*ret_dial = dial;
		found = true;
	}
	return found;
}

struct lab_dial lab_dial_name(const struct lab_network *network, const struct lab_node *from,
			      const struct lab_node *to)
{
	const struct host *host = &network->topology->hosts[to->host];
	struct lab_dial dial = {.arriving = to->leg_count > 0 ? &to->legs[0] : NULL};

	if (!host->ssh->none &&
	    dial_listener(network, from, to, reach_to_sshd(network->topology, to->host), &dial))
		return dial;
	for (size_t s = 0; s < host->service_count; s++) {
		const struct service *service = &host->services[s];
		const struct reach_to listener = {
			.host = to->host, .port = service->port, .service = service};

		if (!service->socket && dial_listener(network, from, to, listener, &dial))
			return dial;
	}
	for (size_t l = 0; l < to->leg_count; l++)
		if (lab_node_leg(from, to->legs[l].vlan))
			return (struct lab_dial){.arriving = &to->legs[l]};
	return dial;
}

/* Device names that Linux keeps for itself, or that name a directory of its settings. */
static bool device_reserved(const char *name)
{
	static const char *const reserved[] = {"lo", "all", "default", "bonding_masters"};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(name, reserved[i]) == 0)
			return true;
	return false;
}

/* A VLAN's name where it can be a device's, else a short form of it with the index in front. */
static const char *device_name(const struct topology *topology, size_t vlan, struct arena *arena)
{
	const char *name = topology->vlans[vlan].name;

	if (strlen(name) < LAB_DEVICE_SIZE && !device_reserved(name))
		return name;
	return arena_format(arena, "%zu~%.9s", vlan + 1, name);
}

static void leg_init(struct lab_leg *leg, size_t vlan, size_t node)
{
	*leg = (struct lab_leg){.vlan = vlan};
	memcpy(leg->mac, mac_prefix, sizeof(mac_prefix));
	leg->mac[2] = (uint8_t)(vlan >> 8);
	leg->mac[3] = (uint8_t)vlan;
	leg->mac[4] = (uint8_t)(node >> 8);
	leg->mac[5] = (uint8_t)node;
}

static void host_node_init(struct lab_node *node, const struct topology *topology, size_t host,
			   struct arena *arena)
{
	const struct host *source = &topology->hosts[host];

	*node = (struct lab_node){.name = source->name, .host = host};
	node->leg_count = source->interface_count;
	node->legs = arena_array(arena, node->leg_count, sizeof(*node->legs));
	for (size_t l = 0; l < node->leg_count; l++)
		leg_init(&node->legs[l], source->interfaces[l].vlan, host);
}

static void router_node_init(struct lab_node *node, const struct topology *topology,
			     struct arena *arena)
{
	*node = (struct lab_node){.name = "the router", .host = TOPOLOGY_NONE};
	node->leg_count = topology->vlan_count;
	node->legs = arena_array(arena, node->leg_count, sizeof(*node->legs));
	for (size_t l = 0; l < node->leg_count; l++)
		leg_init(&node->legs[l], l, topology->host_count);
}

bool lab_network_create(const struct topology *topology, struct arena *arena,
			const struct lab_network **ret_network, const char **ret_problem)
{
	struct lab_network *network = arena_alloc(arena, sizeof(*network));
	size_t host_count = topology->host_count;
	bool routed;

	if (!lab_ports_check(topology, arena, ret_problem))
		return false;
	network->topology = topology;
	network_index_init(&network->network_index, topology, arena);
	network->rules = lab_rules_expand(topology, arena, &network->rule_count);
	network->devices = arena_array(arena, topology->vlan_count, sizeof(*network->devices));
	for (size_t v = 0; v < topology->vlan_count; v++)
		network->devices[v] = device_name(topology, v, arena);
	routed = network->rule_count > 0 || lab_published_on_vlans(topology);
	network->node_count = host_count + routed;
	network->nodes = arena_array(arena, network->node_count, sizeof(*network->nodes));
	for (size_t h = 0; h < host_count; h++)
		host_node_init(&network->nodes[h], topology, h, arena);
	if (routed) {
		router_node_init(&network->nodes[host_count], topology, arena);
		network->router = &network->nodes[host_count];
	}
	if (!lab_addresses_assign(topology, network->nodes, network->node_count, arena,
				  ret_problem))
		return false;
	lab_published_find(network, arena);
	for (size_t n = 0; n < network->node_count; n++)
		lab_routes_choose(network, &network->nodes[n], arena);
	*ret_network = network;
	return true;
}
