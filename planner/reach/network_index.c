#include "planner/reach/network_index.h"

#include "planner/reach/permit.h"
#include "topology/model/range_index.h"

/* What there is room for from the start; where hosts have more, it is made. */
#define VLANS_OF_HOST     3
#define ADDRESSES_OF_HOST 2

/* About what a host takes with these, twice for what sorts its addresses, and its share of the VLANs. */
#define BYTES_OF_HOST 140

/* One pass over all hosts, each of which is somewhere else in memory. */
struct index_builder {
	struct network_index *network_index;
	const struct topology *topology;
	struct arena *arena;
	size_t membership_count;
	size_t membership_room;
};

/* --- addresses */

static void widen(struct address_bounds *bounds, uint64_t high)
{
	if (!bounds->any || high < bounds->low)
		bounds->low = high;
	if (!bounds->any || high > bounds->high)
		bounds->high = high;
	bounds->any = true;
}

static void add_address(struct index_builder *builder, size_t vlan, uint8_t family,
			const uint8_t *bytes, size_t number)
{
	struct network_index *network_index = builder->network_index;
	const uint64_t high = range_bits(bytes);

	if (family == ADDRESS_NAME)
		return;
	widen(&network_index->bounds[family][vlan], high);
	ranges_add(&network_index->ranges, builder->arena, family, high, number);
}

/* A range has to hold all of a VLAN's for its hosts without addresses, so the first one leads to it. */
static void add_ranges(struct index_builder *builder)
{
	const struct topology *topology = builder->topology;

	for (size_t v = 0; v < topology->vlan_count; v++)
		if (topology->vlans[v].cidr_count)
			add_address(builder, v, topology->vlans[v].cidrs[0].family,
				    topology->vlans[v].cidrs[0].bytes, topology->host_count + v);
}

/* --- hosts */

static uint16_t traits_of(const struct host *host)
{
	unsigned traits = 0;

	if (host->ssh->none)
		traits |= TRAIT_NO_SSH;
	if (host->jump == JUMP_NO)
		traits |= TRAIT_NO_JUMP;
	if (host->jump == JUMP_AVOID)
		traits |= TRAIT_AVOID;
	if (host->sshd && host->sshd->open.kind == SSHD_PERMITS_LISTED)
		traits |= TRAIT_PERMITS;
	if (host->ssh->interactive)
		traits |= TRAIT_INTERACTIVE;
	if (!permit_open_some(host).granted)
		traits |= TRAIT_NO_FORWARD;
	if (host->relay)
		traits |= TRAIT_RELAYS;
	if (host->published_count)
		traits |= TRAIT_PUBLISHED;
	if (!host->ssh->stated)
		traits |= TRAIT_ASSUMED;
	return (uint16_t)traits;
}

static void add_membership(struct index_builder *builder, size_t vlan)
{
	struct id_lists *vlans_of = &builder->network_index->vlans_of;

	vlans_of->items = arena_extend(builder->arena, vlans_of->items, &builder->membership_room,
				       builder->membership_count, sizeof(*vlans_of->items));
	vlans_of->items[builder->membership_count++] = (uint32_t)vlan;
	id_lists_count(&builder->network_index->members, vlan);
}

static void add_publication(struct index_builder *builder, size_t h, const struct publication *at)
{
	if (at->vlan == TOPOLOGY_NONE) {
		id_lists_count(&builder->network_index->published_on, at->host);
		return;
	}
	add_membership(builder, at->vlan);
	add_address(builder, at->vlan, at->address.family, at->address.bytes, h);
}

static void add_host(struct index_builder *builder, size_t h)
{
	const struct host *host = &builder->topology->hosts[h];
	struct network_index *network_index = builder->network_index;

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *interface = &host->interfaces[i];

		add_membership(builder, interface->vlan);
		for (size_t a = 0; a < interface->address_count; a++)
			add_address(builder, interface->vlan, interface->addresses[a].family,
				    interface->addresses[a].bytes, h);
	}
	for (size_t i = 0; i < host->published_count; i++)
		add_publication(builder, h, &host->published[i]);
	network_index->vlans_of.first[h + 1] = (uint32_t)builder->membership_count;
	network_index->hosts[h] = (struct indexed_host){
		.port = host->published_count ? 0 : host->ssh->port,
		.traits = traits_of(host),
		.trust = host->trust,
	};
	network_index->odd_ports |= network_index->hosts[h].port != 22;
}

/* --- lists */

static void fill_members(struct network_index *network_index, struct arena *arena)
{
	const struct topology *topology = network_index->topology;

	id_lists_make_room(&network_index->members, topology->vlan_count, arena);
	for (size_t h = 0; h < topology->host_count; h++) {
		size_t count;
		const uint32_t *vlans = id_lists_of(&network_index->vlans_of, h, &count);

		for (size_t i = 0; i < count; i++)
			id_lists_add(&network_index->members, vlans[i], h);
	}
}

static void fill_published_on(struct network_index *network_index, struct arena *arena)
{
	const struct topology *topology = network_index->topology;
	struct id_lists *lists = &network_index->published_on;

	id_lists_make_room(lists, topology->host_count, arena);
	for (size_t h = 0; h < topology->host_count; h++) {
		if (!(network_index->hosts[h].traits & TRAIT_PUBLISHED))
			continue;
		for (size_t i = 0; i < topology->hosts[h].published_count; i++)
			if (topology->hosts[h].published[i].vlan == TOPOLOGY_NONE)
				id_lists_add(lists, topology->hosts[h].published[i].host, h);
	}
}

void network_index_init(struct network_index *network_index, const struct topology *topology,
			struct arena *arena)
{
	const size_t hosts = topology->host_count, vlans = topology->vlan_count;
	struct index_builder builder = {
		.network_index = network_index, .topology = topology, .arena = arena};

	*network_index = (struct network_index){.topology = topology};
	arena_reserve(arena, hosts * BYTES_OF_HOST);
	builder.membership_room = hosts * VLANS_OF_HOST;
	network_index->vlans_of.items =
		arena_array(arena, builder.membership_room, sizeof(*network_index->vlans_of.items));
	ranges_reserve(&network_index->ranges, arena, ADDRESS_IPV4, hosts * ADDRESSES_OF_HOST);
	rule_index_init(&network_index->rules, topology, arena);
	id_lists_init(&network_index->members, vlans, arena);
	id_lists_init(&network_index->vlans_of, hosts, arena);
	id_lists_init(&network_index->published_on, hosts, arena);
	network_index->hosts = arena_array(arena, hosts, sizeof(*network_index->hosts));
	for (size_t f = ADDRESS_IPV4; f <= ADDRESS_IPV6; f++)
		network_index->bounds[f] =
			arena_array(arena, vlans, sizeof(*network_index->bounds[f]));
	for (size_t h = 0; h < hosts; h++)
		add_host(&builder, h);
	add_ranges(&builder);
	ranges_sort(&network_index->ranges, arena);
	fill_members(network_index, arena);
	fill_published_on(network_index, arena);
}

/* --- visiting */

void network_index_visit_vlan(const struct network_index *network_index, size_t vlan,
			      host_visit *visit, void *context)
{
	size_t count;
	const uint32_t *members = id_lists_of(&network_index->members, vlan, &count);

	for (size_t i = 0; i < count; i++)
		visit(context, members[i]);
}

static void visit_range(const struct network_index *network_index, const struct cidr *range,
			host_visit *visit, void *context)
{
	const size_t host_count = network_index->topology->host_count;
	size_t count;
	const struct ranges_entry *entries = ranges_in(&network_index->ranges, range, &count);

	for (size_t i = 0; i < count; i++)
		if (entries[i].number < host_count)
			visit(context, entries[i].number);
		else
			network_index_visit_vlan(network_index, entries[i].number - host_count,
						 visit, context);
}

bool network_index_visit_end(const struct network_index *network_index, const struct rule_end *end,
			     host_visit *visit, void *context)
{
	const struct set *set;
	bool any = false;

	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		visit(context, end->host);
		return false;
	case RULE_VLAN:
		network_index_visit_vlan(network_index, end->vlan, visit, context);
		return false;
	case RULE_SET:
		set = &network_index->topology->sets[end->set];
		for (size_t i = 0; i < set->end_count; i++)
			any |= network_index_visit_end(network_index, &set->ends[i], visit,
						       context);
		return any;
	case RULE_ANY:
		return true;
	case RULE_CIDR:
		visit_range(network_index, &end->cidr, visit, context);
		return false;
	}
	return false;
}
