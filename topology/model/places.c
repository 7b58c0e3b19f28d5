#include "topology/model/places.h"

#include <string.h>
#include <strings.h>

bool places_apply(const struct topology *topology, size_t host)
{
	return topology->place_count && host != TOPOLOGY_NONE &&
	       (topology->me == TOPOLOGY_NONE || topology->me == host);
}

unsigned places_facts(const struct topology *topology)
{
	unsigned facts = 0;

	for (size_t i = 0; i < topology->place_count; i++)
		for (size_t j = 0; j < topology->places[i].sign_count; j++)
			facts |= PLACE_BIT(topology->places[i].signs[j].fact);
	return facts;
}

/* --- recognising */

static bool same_address(const struct address *a, const struct address *b)
{
	return a->family == b->family && a->family != ADDRESS_NAME &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Whether one sign of a place is found. */
typedef bool find_sign(const struct place *place, const struct place_sign *sign,
		       const struct place_facts *facts);

static bool find_addr(const struct place *place, const struct place_sign *sign,
		      const struct place_facts *facts)
{
	(void)place;
	for (size_t i = 0; i < facts->address_count; i++)
		if (cidr_contains(&sign->range, &facts->addresses[i]))
			return true;
	return false;
}

static bool find_gateway(const struct place *place, const struct place_sign *sign,
			 const struct place_facts *facts)
{
	(void)place;
	for (size_t i = 0; i < facts->router_count; i++)
		if (same_address(&sign->address, &facts->routers[i].address))
			return true;
	return false;
}

/* Whether a router is one of those that the place names, if it names any. */
static bool is_named_router(const struct place *place, const struct place_router *router)
{
	bool any = false;

	for (size_t i = 0; i < place->sign_count; i++) {
		if (place->signs[i].fact != PLACE_GATEWAY)
			continue;
		if (same_address(&place->signs[i].address, &router->address))
			return true;
		any = true;
	}
	return !any;
}

/* It is the MAC address of the gateway: another router that has it is no sign. */
static bool find_gateway_mac(const struct place *place, const struct place_sign *sign,
			     const struct place_facts *facts)
{
	for (size_t i = 0; i < facts->router_count; i++) {
		const struct place_router *router = &facts->routers[i];

		if (router->mac_known && memcmp(router->mac, sign->mac, sizeof(sign->mac)) == 0 &&
		    is_named_router(place, router))
			return true;
	}
	return false;
}

static bool find_dns(const struct place *place, const struct place_sign *sign,
		     const struct place_facts *facts)
{
	(void)place;
	for (size_t i = 0; i < facts->resolver_count; i++)
		if (same_address(&sign->address, &facts->resolvers[i]))
			return true;
	if (sign->address.family != ADDRESS_NAME)
		return false;
	for (size_t i = 0; i < facts->domain_count; i++)
		if (strcasecmp(sign->address.text, facts->domains[i]) == 0)
			return true;
	return false;
}

static bool find_tcp(const struct place *place, const struct place_sign *sign,
		     const struct place_facts *facts)
{
	(void)place;
	for (size_t i = 0; i < facts->answer_count; i++)
		if (strcmp(sign->text, facts->answers[i]) == 0)
			return true;
	return false;
}

static find_sign *const finders[PLACE_FACTS] = {
	[PLACE_ADDR] = find_addr,
	[PLACE_GATEWAY] = find_gateway,
	[PLACE_GATEWAY_MAC] = find_gateway_mac,
	[PLACE_DNS] = find_dns,
	[PLACE_TCP] = find_tcp,
};

bool place_fits(const struct place *place, const struct place_facts *facts, unsigned considered)
{
	unsigned wanted = 0, found = 0;

	for (size_t i = 0; i < place->sign_count; i++) {
		const struct place_sign *sign = &place->signs[i];
		const unsigned bit = PLACE_BIT(sign->fact);

		wanted |= bit & considered;
		if (!(found & bit) && (considered & bit) && finders[sign->fact](place, sign, facts))
			found |= bit;
	}
	return found == wanted;
}

bool place_recognised(const struct place *place, const struct place_facts *facts)
{
	return place->sign_count && place_fits(place, facts, PLACE_ALL_FACTS);
}

/* --- choosing */

static void add(struct whereabouts *where, size_t place)
{
	for (size_t i = 0; i < where->count; i++)
		if (where->places[i] == place)
			return;
	where->places[where->count++] = place;
}

struct whereabouts places_recognise(const struct topology *topology,
				    const struct place_facts *facts, struct arena *arena)
{
	struct whereabouts where = {.how = WHEREABOUTS_RECOGNISED};

	where.places = arena_array(arena, topology->place_count, sizeof(*where.places));
	for (size_t i = 0; i < topology->place_count; i++)
		if (place_recognised(&topology->places[i], facts))
			where.places[where.count++] = i;
	if (where.count)
		return where;
	where.how = WHEREABOUTS_FALLBACK;
	for (size_t i = 0; i < topology->place_count; i++)
		if (topology->places[i].sign_count == 0)
			where.places[where.count++] = i;
	return where;
}

bool places_named(const struct topology *topology, const char *const *names, size_t name_count,
		  struct arena *arena, struct whereabouts *ret_where, const char **ret_unknown)
{
	struct whereabouts where = {.how = WHEREABOUTS_SAID};

	where.places = arena_array(arena, name_count, sizeof(*where.places));
	for (size_t i = 0; i < name_count; i++) {
		const size_t place = topology_place(topology, names[i]);

		if (place == TOPOLOGY_NONE) {
			*ret_unknown = names[i];
			return false;
		}
		add(&where, place);
	}
	*ret_where = where;
	return true;
}

const char *whereabouts_names(const struct topology *topology, const struct whereabouts *where,
			      const char *between, struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < where->count; i++)
		text = arena_format(arena, "%s%s%s", text, i ? between : "",
				    topology->places[where->places[i]].name);
	return text;
}

/* --- the topology from there */

static bool has_address(const struct interface *interface, const struct address *address)
{
	for (size_t i = 0; i < interface->address_count; i++)
		if (strcmp(interface->addresses[i].text, address->text) == 0)
			return true;
	return false;
}

/* Adds addresses to an interface, whose array is still another's. */
static void add_addresses(struct interface *interface, const struct interface *more,
			  struct arena *arena)
{
	const size_t room = interface->address_count + more->address_count;
	struct address *addresses = arena_array(arena, room, sizeof(*addresses));

	if (interface->address_count)
		memcpy(addresses, interface->addresses,
		       interface->address_count * sizeof(*addresses));
	interface->addresses = addresses;
	for (size_t i = 0; i < more->address_count; i++)
		if (!has_address(interface, &more->addresses[i]))
			addresses[interface->address_count++] = more->addresses[i];
}

/* Adds an interface to a host, whose array has room for it. */
static void add_interface(struct host *host, const struct interface *interface, struct arena *arena)
{
	for (size_t i = 0; i < host->interface_count; i++) {
		if (host->interfaces[i].vlan != interface->vlan)
			continue;
		add_addresses(&host->interfaces[i], interface, arena);
		return;
	}
	host->interfaces[host->interface_count++] = *interface;
}

static void add_places(const struct topology *topology, const struct whereabouts *where,
		       struct host *host, struct arena *arena)
{
	const struct interface *own = host->interfaces;
	size_t room = host->interface_count;

	for (size_t i = 0; i < where->count; i++)
		room += topology->places[where->places[i]].interface_count;
	host->interfaces = arena_array(arena, room, sizeof(*host->interfaces));
	if (host->interface_count)
		memcpy(host->interfaces, own, host->interface_count * sizeof(*own));
	for (size_t i = 0; i < where->count; i++) {
		const struct place *place = &topology->places[where->places[i]];

		for (size_t j = 0; j < place->interface_count; j++)
			add_interface(host, &place->interfaces[j], arena);
	}
}

const struct topology *topology_at(const struct topology *topology, size_t me,
				   const struct whereabouts *where, struct arena *arena)
{
	struct topology *there;

	if (where->count == 0)
		return topology;
	there = arena_alloc(arena, sizeof(*there));
	*there = *topology;
	there->hosts = arena_array(arena, topology->host_count, sizeof(*there->hosts));
	memcpy(there->hosts, topology->hosts, topology->host_count * sizeof(*there->hosts));
	add_places(topology, where, &there->hosts[me], arena);
	return there;
}
