#include "exec/place/place_facts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "exec/place/resolvers.h"
#include "exec/place/routers.h"
#include "exec/place/tcp_answers.h"
#include "topology/base/memory.h"

/* What is being gathered, and for whom. */
struct gathering {
	const struct topology *topology;
	struct arena *arena;
	unsigned wanted; /* PLACE_BIT()s */
	struct place_facts *facts;
};

/* Gathers some of the facts. Returns 0, or -errno with the facts untouched. */
typedef int gather(struct gathering *gathering);

static bool read_sockaddr(const struct sockaddr *from, struct arena *arena,
			  struct address *ret_address)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct address address = {0};

	if (from->sa_family == AF_INET) {
		address.family = ADDRESS_IPV4;
		memcpy(address.bytes, &((const struct sockaddr_in *)(const void *)from)->sin_addr,
		       4);
	} else if (from->sa_family == AF_INET6) {
		address.family = ADDRESS_IPV6;
		memcpy(address.bytes, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr,
		       16);
	} else {
		return false;
	}
	inet_ntop(from->sa_family, address.bytes, text, sizeof(text));
	address.text = arena_string(arena, text);
	*ret_address = address;
	return true;
}

/* An interface that is down, or whose cable is out, keeps its address, and is nowhere. */
static bool is_running(const struct ifaddrs *interface)
{
	const unsigned running = IFF_UP | IFF_RUNNING;

	return interface->ifa_addr && (interface->ifa_flags & running) == running;
}

static int gather_addresses(struct gathering *gathering)
{
	struct place_facts *facts = gathering->facts;
	struct ifaddrs *all;
	struct address address;
	const int error = getifaddrs(&all) < 0 ? errno : 0;

	if (error == ENOMEM)
		memory_exhausted();
	if (error)
		return -error;
	for (const struct ifaddrs *one = all; one; one = one->ifa_next)
		if (is_running(one) && read_sockaddr(one->ifa_addr, gathering->arena, &address))
			*(struct address *)arena_push(gathering->arena, &facts->addresses,
						      &facts->address_count, sizeof(address)) =
				address;
	freeifaddrs(all);
	return 0;
}

static int gather_routers(struct gathering *gathering)
{
	return routers_find(gathering->wanted & PLACE_BIT(PLACE_GATEWAY_MAC), PLACE_FACTS_MAC_MS,
			    gathering->arena, gathering->facts);
}

static int gather_resolvers(struct gathering *gathering)
{
	return resolvers_find(gathering->arena, gathering->facts);
}

/* The ports to try: signs of PLACE_TCP, none twice. */
struct ports {
	const struct place_sign **signs;
	size_t count;
};

static void add_ports(struct ports *ports, const struct place *place, struct arena *arena)
{
	for (size_t i = 0; i < place->sign_count; i++) {
		const struct place_sign *sign = &place->signs[i];
		const struct place_sign **added;
		size_t known = 0;

		while (known < ports->count && strcmp(ports->signs[known]->text, sign->text) != 0)
			known++;
		if (sign->fact != PLACE_TCP || known < ports->count)
			continue;
		added = arena_push(arena, &ports->signs, &ports->count,
				   sizeof(const struct place_sign *));
		*added = sign;
	}
}

static struct ports list_ports(const struct gathering *gathering)
{
	const struct topology *topology = gathering->topology;
	const unsigned others = PLACE_ALL_FACTS & ~PLACE_BIT(PLACE_TCP);
	struct ports ports = {0};

	for (size_t i = 0; i < topology->place_count; i++)
		if (place_fits(&topology->places[i], gathering->facts, others))
			add_ports(&ports, &topology->places[i], gathering->arena);
	return ports;
}

static int gather_answers(struct gathering *gathering)
{
	const struct ports ports = list_ports(gathering);
	struct place_facts *facts = gathering->facts;
	struct tcp_question *questions =
		arena_array(gathering->arena, ports.count, sizeof(*questions));
	int error = 0;

	for (size_t i = 0; i < ports.count; i++)
		questions[i] = (struct tcp_question){.address = &ports.signs[i]->address,
						     .port = ports.signs[i]->port};
	if (ports.count)
		error = tcp_answers(questions, ports.count, PLACE_FACTS_TCP_MS);
	facts->answers = arena_array(gathering->arena, ports.count, sizeof(*facts->answers));
	for (size_t i = 0; i < ports.count; i++)
		if (questions[i].answers)
			facts->answers[facts->answer_count++] = ports.signs[i]->text;
	return error;
}

/* In this order: ports come last. */
static const struct {
	unsigned facts;
	gather *run;
} gatherers[] = {
	{PLACE_BIT(PLACE_ADDR), gather_addresses},
	{PLACE_BIT(PLACE_GATEWAY) | PLACE_BIT(PLACE_GATEWAY_MAC), gather_routers},
	{PLACE_BIT(PLACE_DNS), gather_resolvers},
	{PLACE_BIT(PLACE_TCP), gather_answers},
};

void place_facts_gather(const struct topology *topology, struct arena *arena,
			struct place_facts *ret_facts)
{
	struct gathering gathering = {topology, arena, places_facts(topology), ret_facts};

	*ret_facts = (struct place_facts){0};
	for (size_t i = 0; i < sizeof(gatherers) / sizeof(gatherers[0]); i++) {
		const unsigned facts = gatherers[i].facts & gathering.wanted;

		if (facts && gatherers[i].run(&gathering) < 0)
			ret_facts->unknown |= facts;
	}
}
