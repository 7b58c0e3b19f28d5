#include "planner/reach/atlas.h"

#include "planner/reach/permit.h"

/* What there is room for from the start; where hosts have more, it is made. */
#define VLANS_OF_HOST     3
#define ADDRESSES_OF_HOST 2

/* About what a host takes with these, twice for what sorts its addresses, and its share of the VLANs. */
#define BYTES_OF_HOST 140

/* One pass over all hosts, each of which is somewhere else in memory. */
struct drawing {
	struct atlas *atlas;
	const struct topology *topology;
	struct arena *arena;
	size_t presence_count;
	size_t presence_room;
	struct guest *guests;
	size_t guest_count;
};

/* A host whose sshd is published on another one. */
struct guest {
	uint32_t at;
	uint32_t host;
};

/* --- addresses */

static void widen(struct atlas_span *span, uint64_t high)
{
	if (!span->any || high < span->low)
		span->low = high;
	if (!span->any || high > span->high)
		span->high = high;
	span->any = true;
}

static void add_address(struct drawing *drawing, size_t vlan, uint8_t family, const uint8_t *bytes,
			size_t number)
{
	struct atlas *atlas = drawing->atlas;
	const uint64_t high = ranges_high(bytes);

	if (family == ADDRESS_NAME)
		return;
	widen(&atlas->spans[family][vlan], high);
	ranges_add(&atlas->ranges, drawing->arena, family, high, number);
}

/* A range has to hold all of a VLAN's for its hosts without addresses, so the first one leads to it. */
static void add_ranges(struct drawing *drawing)
{
	const struct topology *topology = drawing->topology;

	for (size_t v = 0; v < topology->vlan_count; v++)
		if (topology->vlans[v].cidr_count)
			add_address(drawing, v, topology->vlans[v].cidrs[0].family,
				    topology->vlans[v].cidrs[0].bytes, topology->host_count + v);
}

/* --- hosts */

static uint8_t traits_of(const struct host *host)
{
	unsigned traits = 0;

	if (host->ssh->none)
		traits |= ATLAS_NO_SSH;
	if (host->jump == JUMP_NO)
		traits |= ATLAS_NO_JUMP;
	if (host->jump == JUMP_AVOID)
		traits |= ATLAS_AVOID;
	if (host->sshd && host->sshd->open.kind == SSHD_PERMITS_LISTED)
		traits |= ATLAS_PERMITS;
	if (host->ssh->interactive)
		traits |= ATLAS_INTERACTIVE;
	if (!permit_open_some(host).granted)
		traits |= ATLAS_NO_FORWARD;
	if (host->relay)
		traits |= ATLAS_RELAYS;
	if (host->published_count)
		traits |= ATLAS_PUBLISHED;
	return (uint8_t)traits;
}

static void add_presence(struct drawing *drawing, size_t vlan)
{
	struct roll *presence = &drawing->atlas->presence;

	presence->items = arena_extend(drawing->arena, presence->items, &drawing->presence_room,
				       drawing->presence_count, sizeof(*presence->items));
	presence->items[drawing->presence_count++] = (uint32_t)vlan;
	drawing->atlas->members.first[vlan + 2]++;
}

static void add_publication(struct drawing *drawing, size_t h, const struct publication *at)
{
	if (at->vlan == TOPOLOGY_NONE) {
		*(struct guest *)arena_push(drawing->arena, &drawing->guests, &drawing->guest_count,
					    sizeof(struct guest)) =
			(struct guest){(uint32_t)at->host, (uint32_t)h};
		return;
	}
	add_presence(drawing, at->vlan);
	add_address(drawing, at->vlan, at->address.family, at->address.bytes, h);
}

static void add_host(struct drawing *drawing, size_t h)
{
	const struct host *host = &drawing->topology->hosts[h];
	struct atlas *atlas = drawing->atlas;

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *interface = &host->interfaces[i];

		add_presence(drawing, interface->vlan);
		for (size_t a = 0; a < interface->address_count; a++)
			add_address(drawing, interface->vlan, interface->addresses[a].family,
				    interface->addresses[a].bytes, h);
	}
	for (size_t i = 0; i < host->published_count; i++)
		add_publication(drawing, h, &host->published[i]);
	atlas->presence.first[h + 1] = (uint32_t)drawing->presence_count;
	atlas->hosts[h] = (struct atlas_host){
		.port = host->published_count ? 0 : host->ssh->port,
		.traits = traits_of(host),
		.trust = host->trust,
	};
	atlas->odd_ports |= atlas->hosts[h].port != 22;
}

/* --- rolls: filling moves each start, which is one place too far, to where it belongs */

static void make_room(struct roll *roll, size_t count, struct arena *arena)
{
	for (size_t n = 2; n < count + 2; n++)
		roll->first[n] += roll->first[n - 1];
	roll->items = arena_array(arena, roll->first[count + 1], sizeof(*roll->items));
}

static void fill_members(struct atlas *atlas, struct arena *arena)
{
	const struct roll *presence = &atlas->presence;
	struct roll *members = &atlas->members;

	make_room(members, atlas->topology->vlan_count, arena);
	for (size_t h = 0; h < atlas->topology->host_count; h++)
		for (size_t i = presence->first[h]; i < presence->first[h + 1]; i++)
			members->items[members->first[presence->items[i] + 1]++] = (uint32_t)h;
}

static void fill_guests(struct drawing *drawing)
{
	struct roll *guests = &drawing->atlas->guests;

	for (size_t i = 0; i < drawing->guest_count; i++)
		guests->first[drawing->guests[i].at + 2]++;
	make_room(guests, drawing->topology->host_count, drawing->arena);
	for (size_t i = 0; i < drawing->guest_count; i++)
		guests->items[guests->first[drawing->guests[i].at + 1]++] = drawing->guests[i].host;
}

void atlas_init(struct atlas *atlas, const struct topology *topology, struct arena *arena)
{
	const size_t hosts = topology->host_count, vlans = topology->vlan_count;
	struct drawing drawing = {.atlas = atlas, .topology = topology, .arena = arena};

	*atlas = (struct atlas){.topology = topology};
	arena_reserve(arena, hosts * BYTES_OF_HOST);
	drawing.presence_room = hosts * VLANS_OF_HOST;
	atlas->presence.items =
		arena_array(arena, drawing.presence_room, sizeof(*atlas->presence.items));
	ranges_reserve(&atlas->ranges, arena, ADDRESS_IPV4, hosts * ADDRESSES_OF_HOST);
	rulebook_init(&atlas->rules, topology, arena);
	atlas->members.first = arena_array(arena, vlans + 2, sizeof(*atlas->members.first));
	atlas->presence.first = arena_array(arena, hosts + 1, sizeof(*atlas->presence.first));
	atlas->guests.first = arena_array(arena, hosts + 2, sizeof(*atlas->guests.first));
	atlas->hosts = arena_array(arena, hosts, sizeof(*atlas->hosts));
	for (size_t f = ADDRESS_IPV4; f <= ADDRESS_IPV6; f++)
		atlas->spans[f] = arena_array(arena, vlans, sizeof(*atlas->spans[f]));
	for (size_t h = 0; h < hosts; h++)
		add_host(&drawing, h);
	add_ranges(&drawing);
	ranges_sort(&atlas->ranges, arena);
	fill_members(atlas, arena);
	fill_guests(&drawing);
}

/* --- visiting */

void atlas_visit_vlan(const struct atlas *atlas, size_t vlan,
		      void (*visit)(void *context, size_t host), void *context)
{
	size_t count;
	const uint32_t *members = roll_of(&atlas->members, vlan, &count);

	for (size_t i = 0; i < count; i++)
		visit(context, members[i]);
}

static void visit_range(const struct atlas *atlas, const struct cidr *range,
			void (*visit)(void *context, size_t host), void *context)
{
	const size_t host_count = atlas->topology->host_count;
	size_t count;
	const struct ranges_entry *entries = ranges_in(&atlas->ranges, range, &count);

	for (size_t i = 0; i < count; i++)
		if (entries[i].number < host_count)
			visit(context, entries[i].number);
		else
			atlas_visit_vlan(atlas, entries[i].number - host_count, visit, context);
}

bool atlas_visit_end(const struct atlas *atlas, const struct rule_end *end,
		     void (*visit)(void *context, size_t host), void *context)
{
	const struct set *set;
	bool any = false;

	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		visit(context, end->host);
		return false;
	case RULE_VLAN:
		atlas_visit_vlan(atlas, end->vlan, visit, context);
		return false;
	case RULE_SET:
		set = &atlas->topology->sets[end->set];
		for (size_t i = 0; i < set->end_count; i++)
			any |= atlas_visit_end(atlas, &set->ends[i], visit, context);
		return any;
	case RULE_ANY:
		return true;
	case RULE_CIDR:
		visit_range(atlas, &end->cidr, visit, context);
		return false;
	}
	return false;
}
