#include "tests/unit/loading.h"

#include <criterion/new/assert.h>

#include "topology/language/address.h"
#include "topology/model/places.h"
#include "topology/print/print.h"

#define WORDS_MAX 4

/* A machine, in words: NULL ends each list. A router is "10.10.0.1" or "10.10.0.1 00:…:5e". */
struct machine {
	const char *addresses[WORDS_MAX];
	const char *routers[WORDS_MAX];
	const char *resolvers[WORDS_MAX];
	const char *domains[WORDS_MAX];
	const char *answers[WORDS_MAX];
	unsigned unknown;
};

static size_t count_words(const char *const *words)
{
	size_t count = 0;

	while (count < WORDS_MAX && words[count])
		count++;
	return count;
}

static struct address *read_addresses(const char *const *words, size_t count, struct arena *arena)
{
	struct address *addresses = arena_array(arena, count, sizeof(*addresses));

	for (size_t i = 0; i < count; i++)
		cr_assert(address_numeric(words[i], strcspn(words[i], " "), arena, &addresses[i]),
			  "%s", words[i]);
	return addresses;
}

static struct place_router *read_routers(const char *const *words, size_t count,
					 struct arena *arena)
{
	struct place_router *routers = arena_array(arena, count, sizeof(*routers));
	const struct address *addresses = read_addresses(words, count, arena);

	for (size_t i = 0; i < count; i++) {
		const char *mac = strchr(words[i], ' ');

		routers[i].address = addresses[i];
		routers[i].mac_known = mac != NULL;
		for (size_t j = 0; mac && j < sizeof(routers[i].mac); j++)
			routers[i].mac[j] = (uint8_t)strtoul(mac + 1 + 3 * j, NULL, 16);
	}
	return routers;
}

static struct place_facts read_machine(const struct machine *machine, struct arena *arena)
{
	struct place_facts facts = {
		.address_count = count_words(machine->addresses),
		.router_count = count_words(machine->routers),
		.resolver_count = count_words(machine->resolvers),
		.domain_count = count_words(machine->domains),
		.domains = (const char **)machine->domains,
		.answer_count = count_words(machine->answers),
		.answers = (const char **)machine->answers,
		.unknown = machine->unknown,
	};

	facts.addresses = read_addresses(machine->addresses, facts.address_count, arena);
	facts.routers = read_routers(machine->routers, facts.router_count, arena);
	facts.resolvers = read_addresses(machine->resolvers, facts.resolver_count, arena);
	return facts;
}

/* --- recognising */

#define MAC       "00:1a:2b:3c:4d:5e"
#define OTHER_MAC "00:1a:2b:3c:4d:5f"

static const struct {
	const char *when;
	struct machine machine;
	bool recognised;
} signs[] = {
	{"addr: 10.10.0.0/16", {.addresses = {"192.0.2.1", "10.10.7.7"}}, true},
	{"addr: 10.10.0.0/16", {.addresses = {"192.0.2.1", "10.11.0.1"}}, false},
	{"addr: 10.10.0.0/16", {.addresses = {NULL}}, false},
	{"addr: '2001:db8::/32'", {.addresses = {"2001:db8:7::1"}}, true},
	{"addr: '2001:db8::/32'", {.addresses = {"2001:db9::1", "10.0.0.1"}}, false},
	{"addr: 0.0.0.0/0", {.addresses = {"::1"}}, false},
	/* Being a neighbour of the router is not enough: the default route has to lead to it. */
	{"gateway: 10.10.0.1", {.addresses = {"10.10.0.1"}}, false},
	{"gateway: 10.10.0.1", {.routers = {"10.10.0.2"}}, false},
	{"gateway: 10.10.0.1", {.routers = {"192.0.2.1", "10.10.0.1"}}, true},
	{"gateway: 'fe80::1'", {.routers = {"fe80::1"}}, true},
	{"gateway_mac: '" MAC "'", {.routers = {"10.10.0.1 " MAC}}, true},
	{"gateway_mac: '" MAC "'", {.routers = {"10.10.0.1 " OTHER_MAC}}, false},
	{"gateway_mac: '" MAC "'", {.routers = {"10.10.0.1"}}, false},
	{"gateway_mac: '00:00:00:00:00:00'", {.routers = {"10.10.0.1"}}, false},
	/* The MAC address of the gateway that is named, not of another one. */
	{"gateway: 10.10.0.1, gateway_mac: '" MAC "'",
	 {.routers = {"10.10.0.1 " OTHER_MAC, "10.10.0.2 " MAC}},
	 false},
	{"gateway: 10.10.0.1, gateway_mac: '" MAC "'",
	 {.routers = {"10.10.0.2 " OTHER_MAC, "10.10.0.1 " MAC}},
	 true},
	{"gateway: [10.10.0.1, 10.10.0.2], gateway_mac: '" MAC "'",
	 {.routers = {"10.10.0.2 " MAC}},
	 true},
	{"dns: 10.10.0.53", {.resolvers = {"192.0.2.53", "10.10.0.53"}}, true},
	{"dns: 10.10.0.53", {.resolvers = {"192.0.2.53"}, .domains = {"10.10.0.53"}}, false},
	{"dns: plant.example", {.domains = {"example.org", "plant.example"}}, true},
	{"dns: plant.example", {.domains = {"Plant.EXAMPLE"}}, true},
	{"dns: plant.example", {.domains = {"old.plant.example", "plant.example.org"}}, false},
	{"tcp: '10.10.0.5:22'", {.answers = {"10.10.0.5:22"}}, true},
	{"tcp: '10.10.0.5:22'", {.answers = {"10.10.0.5:2222"}}, false},
	{"tcp: '[2001:db8:0::5]:22'", {.answers = {"[2001:db8::5]:22"}}, true},
	/* Of one fact any value will do, of several facts each has to be there. */
	{"addr: [10.10.0.0/16, 10.20.0.0/16]", {.addresses = {"10.20.0.1"}}, true},
	{"addr: 10.10.0.0/16, dns: plant.example",
	 {.addresses = {"10.10.0.1"}, .domains = {"plant.example"}},
	 true},
	{"addr: 10.10.0.0/16, dns: plant.example", {.addresses = {"10.10.0.1"}}, false},
	{"addr: 10.10.0.0/16, dns: plant.example", {.domains = {"plant.example"}}, false},
	{"addr: 10.10.0.0/16, dns: [192.0.2.53, plant.example], tcp: 'a:1'",
	 {.addresses = {"10.10.0.1"}, .resolvers = {"192.0.2.53"}, .answers = {"a:1"}},
	 true},
};

Test(places, are_recognised_by_their_signs)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		struct loading loading;
		struct place_facts facts;
		struct arena arena = {0};
		const char *text = arena_format(&arena, "tunplan: 1\nplaces: {a: {when: {%s}}}\n",
						signs[i].when);

		loading_load_good(&loading, text);
		facts = read_machine(&signs[i].machine, &arena);
		cr_expect(place_recognised(&loading.topology->places[0], &facts) ==
				  signs[i].recognised,
			  "row %zu: %s", i, signs[i].when);
		loading_finish(&loading);
		arena_finish(&arena);
	}
}

/* Before its ports are tried, one asks whether all else is as it is at the place. */
Test(places, fit_by_the_facts_that_are_considered)
{
	const struct machine machine = {.addresses = {"10.10.0.1"}};
	const unsigned tcp = PLACE_BIT(PLACE_TCP), dns = PLACE_BIT(PLACE_DNS);
	struct place_facts facts;
	struct loading loading;
	struct arena arena = {0};
	const struct place *places;

	loading_load_good(&loading, "tunplan: 1\n"
				    "places:\n"
				    "  both: {when: {addr: 10.10.0.0/16, tcp: 'a:1'}}\n"
				    "  port: {when: {tcp: 'a:1'}}\n"
				    "  away: {when: {addr: 10.20.0.0/16, tcp: 'a:1'}}\n");
	places = loading.topology->places;
	facts = read_machine(&machine, &arena);
	cr_expect(eq(uint, places_facts(loading.topology), PLACE_BIT(PLACE_ADDR) | tcp));
	cr_expect(place_fits(&places[0], &facts, PLACE_ALL_FACTS & ~tcp));
	cr_expect(not(place_fits(&places[0], &facts, PLACE_ALL_FACTS & ~dns)));
	cr_expect(place_fits(&places[1], &facts, PLACE_ALL_FACTS & ~tcp));
	cr_expect(not(place_recognised(&places[1], &facts)));
	cr_expect(not(place_fits(&places[2], &facts, PLACE_ALL_FACTS & ~tcp)));
	loading_finish(&loading);
	arena_finish(&arena);
}

/* --- choosing */

#define SOME_PLACES                                                 \
	"tunplan: 1\n"                                              \
	"vlans: [office, plant, internet, wifi]\n"                  \
	"hosts: {laptop: }\n"                                       \
	"places:\n"                                                 \
	"  away: {vlans: [internet]}\n"                             \
	"  office: {when: {addr: 10.10.0.0/16}, vlans: [office]}\n" \
	"  vpn: {when: {gateway: 10.8.0.1}, vlans: [plant]}\n"      \
	"  train: {vlans: [wifi]}\n"

static const struct {
	struct machine machine;
	enum whereabouts_how how;
	const char *names;
} machines[] = {
	{{.addresses = {"10.10.0.7"}}, WHEREABOUTS_RECOGNISED, "office"},
	{{.routers = {"10.8.0.1"}}, WHEREABOUTS_RECOGNISED, "vpn"},
	/* All that are recognised add up, in the file's order. */
	{{.addresses = {"10.10.0.7"}, .routers = {"10.8.0.1"}},
	 WHEREABOUTS_RECOGNISED,
	 "office, vpn"},
	/* Those without signs count only if no other is recognised. */
	{{.addresses = {"192.0.2.1"}}, WHEREABOUTS_FALLBACK, "away, train"},
	{{.unknown = PLACE_ALL_FACTS}, WHEREABOUTS_FALLBACK, "away, train"},
};

Test(places, that_are_recognised_add_up_and_the_others_are_the_fallback)
{
	struct loading loading;

	loading_load_good(&loading, SOME_PLACES);
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		const struct place_facts facts = read_machine(&machines[i].machine, &loading.arena);
		const struct whereabouts where =
			places_recognise(loading.topology, &facts, &loading.arena);

		cr_log_info("row %zu", i);
		cr_expect(eq(int, where.how, machines[i].how));
		expect_text(whereabouts_names(loading.topology, &where, ", ", &loading.arena),
			    machines[i].names);
	}
	loading_finish(&loading);
}

Test(places, without_a_fallback_me_may_be_at_none)
{
	const struct place_facts nothing = {0};
	struct whereabouts where;
	struct loading loading;

	loading_load_good(&loading, "tunplan: 1\nplaces: {a: {when: {gateway: 10.8.0.1}}}\n");
	where = places_recognise(loading.topology, &nothing, &loading.arena);
	cr_expect(eq(int, where.how, WHEREABOUTS_FALLBACK));
	cr_expect(eq(sz, where.count, 0));
	loading_finish(&loading);
}

Test(places, can_be_named_each_counts_once)
{
	static const char *const names[] = {"vpn", "away", "vpn"};
	static const char *const wrong[] = {"vpn", "ofice", "avay"};
	struct whereabouts where = {0};
	const char *unknown = NULL;
	struct loading loading;

	loading_load_good(&loading, SOME_PLACES);
	cr_assert(places_named(loading.topology, names, 3, &loading.arena, &where, &unknown));
	cr_expect(eq(int, where.how, WHEREABOUTS_SAID));
	expect_text(whereabouts_names(loading.topology, &where, ",", &loading.arena), "vpn,away");
	cr_expect(unknown == NULL);
	cr_expect(not(places_named(loading.topology, wrong, 3, &loading.arena, &where, &unknown)));
	expect_text(unknown, "ofice");
	cr_expect(eq(sz, where.count, 2), "the result of before is untouched");
	cr_expect(places_named(loading.topology, NULL, 0, &loading.arena, &where, &unknown));
	cr_expect(eq(sz, where.count, 0), "no names: at no place");
	loading_finish(&loading);
}

/* They are those of the host that the file's `me:` names, or of whichever host is me. */
Test(places, apply_to_me_of_the_file)
{
	static const struct {
		const char *text;
		bool laptop;
		bool gw;
	} rows[] = {
		{"hosts: {laptop: , gw: }\nplaces: {a: }\n", true, true},
		{"me: laptop\nhosts: {laptop: , gw: }\nplaces: {a: }\n", true, false},
		{"me: laptop\nhosts: {laptop: , gw: }\n", false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = {0};
		struct loading loading;

		loading_load_good(&loading, arena_format(&arena, "tunplan: 1\n%s", rows[i].text));
		cr_expect(places_apply(loading.topology, 0) == rows[i].laptop, "row %zu", i);
		cr_expect(places_apply(loading.topology, 1) == rows[i].gw, "row %zu", i);
		cr_expect(not(places_apply(loading.topology, TOPOLOGY_NONE)));
		loading_finish(&loading);
		arena_finish(&arena);
	}
}

/* --- the topology from there */

/* Writes the interfaces of a host as "office: 10.10.0.7 10.10.0.8; plant:". */
static const char *interfaces_text(const struct topology *topology, size_t host,
				   struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < topology->hosts[host].interface_count; i++) {
		const struct interface *interface = &topology->hosts[host].interfaces[i];

		text = arena_format(arena, "%s%s%s:", text, i ? "; " : "",
				    topology->vlans[interface->vlan].name);
		for (size_t j = 0; j < interface->address_count; j++)
			text = arena_format(arena, "%s %s", text, interface->addresses[j].text);
	}
	return text;
}

static const struct {
	const char *own;
	const char *places;
	const char *expected;
} positions[] = {
	{"{}", "{a: {vlans: [office]}}", "office:"},
	{"{}", "{a: {vlans: {office: 10.10.0.7}}}", "office: 10.10.0.7"},
	{"{vlans: [plant]}", "{a: {vlans: [office]}}", "plant:; office:"},
	{"{}", "{a: {vlans: [office]}, b: {vlans: [plant]}}", "office:; plant:"},
	{"{}", "{a: }", ""},
	/* Where it is already, the addresses are added, none twice. */
	{"{vlans: {office: 10.10.0.7}}", "{a: {vlans: {office: [10.10.0.8, 10.10.0.7]}}}",
	 "office: 10.10.0.7 10.10.0.8"},
	{"{vlans: [office]}", "{a: {vlans: {office: 10.10.0.7}}}", "office: 10.10.0.7"},
	{"{vlans: {office: 10.10.0.7}}", "{a: {vlans: [office]}}", "office: 10.10.0.7"},
	{"{}", "{a: {vlans: {office: 10.10.0.7}}, b: {vlans: {office: [10.10.0.7, 10.10.0.9]}}}",
	 "office: 10.10.0.7 10.10.0.9"},
	{"{vlans: {office: '2001:db8::7'}}", "{a: {vlans: {office: '2001:db8:0::7'}}}",
	 "office: 2001:db8::7"},
};

/* Every place of the topology, as the user would name them. */
static struct whereabouts everywhere(struct loading *loading)
{
	struct whereabouts where = {.how = WHEREABOUTS_SAID};

	for (size_t i = 0; i < loading->topology->place_count; i++)
		*(size_t *)arena_push(&loading->arena, &where.places, &where.count,
				      sizeof(*where.places)) = i;
	return where;
}

static const char *print(const struct topology *topology, struct arena *arena)
{
	struct strbuf text = {0};
	const char *copy;

	topology_print(topology, false, &text);
	copy = arena_string(arena, strbuf_text(&text));
	strbuf_finish(&text);
	return copy;
}

Test(places, give_me_their_interfaces)
{
	for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
		struct arena arena = {0};
		struct loading loading;
		struct whereabouts where;
		const struct topology *there;
		const char *before, *own;

		loading_load_good(&loading,
				  arena_format(&arena,
					       "tunplan: 1\nvlans: [office, plant]\n"
					       "hosts: {gw: [plant], laptop: %s}\nplaces: %s\n",
					       positions[i].own, positions[i].places));
		where = everywhere(&loading);
		before = print(loading.topology, &arena);
		own = interfaces_text(loading.topology, 1, &arena);
		there = topology_at(loading.topology, 1, &where, &arena);
		cr_log_info("row %zu", i);
		expect_text(interfaces_text(there, 1, &arena), positions[i].expected);
		expect_text(interfaces_text(there, 0, &arena), "plant:");
		/* The original is shared: nothing of it has changed. */
		expect_text(interfaces_text(loading.topology, 1, &arena), own);
		expect_text(print(loading.topology, &arena), before);
		loading_finish(&loading);
		arena_finish(&arena);
	}
}

Test(places, leave_everything_else_where_it_is)
{
	const struct whereabouts nowhere = {.how = WHEREABOUTS_FALLBACK};
	const struct topology *there;
	struct loading loading;
	struct whereabouts where;

	loading_load_good(&loading, SOME_PLACES);
	where = everywhere(&loading);
	there = topology_at(loading.topology, 0, &where, &loading.arena);
	cr_expect(eq(sz, topology_host(there, "laptop"), 0));
	cr_expect(eq(sz, topology_place(there, "vpn"), topology_place(loading.topology, "vpn")));
	cr_expect(eq(sz, there->place_count, 4));
	cr_expect(there->vlans == loading.topology->vlans);
	cr_expect(host_interface(&there->hosts[0], topology_vlan(there, "wifi")) != NULL);
	cr_expect(topology_at(loading.topology, 0, &nowhere, &loading.arena) == loading.topology);
	loading_finish(&loading);
}
