/*
 * The lab's network: addresses, device names, routes, and which leg of a host is meant.
 */
#include "tests/unit/lab_making.h"

/* Returns a node's addresses, "10.1.0.1/24 fd00::1/64 | 10.2.0.1/24": a bar between legs. */
static const char *addresses(struct made *made, const char *name)
{
	const struct lab_node *owner = node(made, name);
	const char *text = "";

	for (size_t l = 0; l < owner->leg_count; l++) {
		const struct lab_leg *leg = &owner->legs[l];

		text = arena_format(&made->loading.arena, "%s%s", text, l > 0 ? " |" : "");
		for (size_t a = 0; a < leg->address_count; a++)
			text = arena_format(&made->loading.arena, "%s%s%s/%u", text,
					    *text ? " " : "", leg->addresses[a].address.text,
					    leg->addresses[a].prefix);
	}
	return text;
}

/* Returns a node's routes, one a line: "10.2.0.5/32 via 10.1.0.254 dev one". */
static const char *routes(struct made *made, const char *name)
{
	const struct lab_node *owner = node(made, name);
	struct arena *arena = &made->loading.arena;
	const char *text = "";

	for (size_t r = 0; r < owner->route_count; r++) {
		const struct lab_route *route = &owner->routes[r];

		text = arena_format(arena, "%s%s/%u%s%s dev %s", text,
				    route->prefix ? route->to.text : "default", route->prefix,
				    route->via.text ? " via " : "",
				    route->via.text ? route->via.text : "",
				    made->network->devices[owner->legs[route->leg].vlan]);
		if (route->first_port)
			text = arena_format(arena, "%s ports %u-%u", text, route->first_port,
					    route->last_port);
		if (route->metric)
			text = arena_format(arena, "%s metric %u", text, route->metric);
		text = arena_format(arena, "%s\n", text);
	}
	return text;
}

#define HEAD "tunplan: 1\n"

static const struct {
	const char *what;
	const char *yaml;
	const char *host;
	const char *addresses;
} address_rows[] = {
	{"a pool per VLAN without a range",
	 HEAD "vlans: [one, two]\nhosts: {a: [one], b: [one, two]}", "b",
	 "10.101.1.2/24 | 10.101.2.1/24"},
	{"the VLAN's own range", HEAD "vlans: {one: 10.1.0.0/16}\nhosts: {a: [one], b: [one]}", "b",
	 "10.1.0.2/16"},
	{"stated addresses are passed over",
	 HEAD "vlans: {one: 10.1.0.0/16}\nhosts: {a: [one], b: {vlans: {one: 10.1.0.1}}}", "a",
	 "10.1.0.2/16"},
	{"a stated address outside of every range stands alone",
	 HEAD "vlans: [one]\nhosts: {a: [one], b: {vlans: {one: 192.0.2.7}}}", "b", "192.0.2.7/32"},
	{"a pool that the file uses is passed over",
	 HEAD "vlans: {one: , two: 10.101.0.0/16}\nhosts: {a: [one, two]}", "a",
	 "10.102.0.1/24 | 10.101.0.1/16"},
	{"a pool in which an address is stated is passed over",
	 HEAD "vlans: [one, two]\nhosts: {a: [one], b: {vlans: {two: 10.101.1.9}}}", "a",
	 "10.101.2.1/24"},
	{"IPv6 where the VLAN has only that",
	 HEAD "vlans: {one: \"fd01::/64\"}\nhosts: {a: [one], b: [one]}", "b", "fd01::2/64"},
	{"both where it has both",
	 HEAD "vlans: {one: [10.1.0.0/24, \"fd01::/64\"]}\nhosts: {a: [one]}", "a",
	 "10.1.0.1/24 fd01::1/64"},
	{"the family of the neighbours",
	 HEAD "vlans: [one]\nhosts: {a: [one], b: {vlans: {one: \"fd09::9\"}}}", "a",
	 "fd00:101:0:1::1/64"},
	{"a name gets an address, too",
	 HEAD "vlans: [one]\nhosts: {a: {vlans: {one: a.example.org}}}", "a", "10.101.1.1/24"},
	{"the router counts from the end",
	 HEAD "vlans: {one: 10.1.0.0/16, two: 10.2.0.0/28}\nhosts: {a: [one], b: [two]}\n"
	      "reachability: [allow: one -> two 22]",
	 "router", "10.1.0.254/16 | 10.2.0.14/28"},
	{"a link that is full gets a router all the same",
	 HEAD "vlans: {one: 10.1.0.0/30}\nhosts: {a: [one], b: [one]}\n"
	      "reachability: [allow: one -> one 22]",
	 "router", "10.101.1.254/24"},
	{"no rules, no router: its number is free",
	 HEAD "vlans: {one: 10.1.0.0/31}\nhosts: {a: [one], b: [one]}", "b", "10.1.0.1/31"},
};

Test(lab_network, addresses)
{
	for (size_t i = 0; i < sizeof(address_rows) / sizeof(address_rows[0]); i++) {
		struct made made;

		make(&made, address_rows[i].yaml);
		cr_assert(made.network != NULL, "%s: %s", address_rows[i].what, made.problem);
		cr_expect(strcmp(addresses(&made, address_rows[i].host),
				 address_rows[i].addresses) == 0,
			  "%s: %s", address_rows[i].what, addresses(&made, address_rows[i].host));
		make_finish(&made);
	}
}

Test(lab_network, a_range_can_be_used_up)
{
	struct made made;

	make(&made, HEAD "vlans: {one: 10.1.0.0/30}\nhosts: {a: [one], b: [one], c: [one]}");
	cr_assert(made.network == NULL);
	expect_text(made.problem, "the range of one has no address left for c; widen it, or state "
				  "addresses");
	make_finish(&made);
}

Test(lab_network, an_address_belongs_to_one_host)
{
	struct made made;

	make(&made, HEAD "vlans: [one]\n"
			 "hosts: {a: {vlans: {one: 10.1.0.1}}, b: {vlans: {one: 10.1.0.1}}}");
	cr_assert(made.network == NULL);
	expect_text(made.problem, "a and b both have the address 10.1.0.1 on one; give one of them "
				  "another, or none");
	make_finish(&made);
}

Test(lab_network, a_port_belongs_to_one_listener)
{
	static const struct {
		const char *host;
		const char *problem; /* NULL: fine */
	} rows[] = {
		{"{vlans: [one], services: {a: 22}}",
		 "on h, ssh and a both listen on port 22; in a lab each needs its own"},
		{"{vlans: [one], ssh: {port: 2222}, services: {a: 22}}", NULL},
		{"{vlans: [one], ssh: none, services: {a: 22, b: 23}}", NULL},
		{"{vlans: [one], services: {a: 80, b: 81, c: 80}}",
		 "on h, a and c both listen on port 80; in a lab each needs its own"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf yaml = {0};
		struct made made;

		strbuf_printf(&yaml, HEAD "vlans: [one]\nhosts: {h: %s}", rows[i].host);
		make(&made, strbuf_text(&yaml));
		cr_expect((made.network == NULL) == (rows[i].problem != NULL), "%s", rows[i].host);
		expect_text(made.problem ? made.problem : "",
			    rows[i].problem ? rows[i].problem : "");
		make_finish(&made);
		strbuf_finish(&yaml);
	}
}

Test(lab_network, devices_have_names_that_linux_takes)
{
	struct made made;

	make(&made, HEAD "vlans: [fifteen-letters, sixteen-letters1, lo]\nhosts: {a: [lo]}");
	expect_text(made.network->devices[0], "fifteen-letters");
	expect_text(made.network->devices[1], "2~sixteen-l");
	expect_text(made.network->devices[2], "3~lo");
	make_finish(&made);
}

Test(lab_network, without_rules_there_is_no_way_out_of_a_vlan)
{
	struct made made;

	make(&made, HEAD "vlans: [one, two]\nhosts: {a: [one], b: [two]}");
	cr_expect(made.network->router == NULL);
	expect_text(routes(&made, "a"), "");
	make_finish(&made);
}

/* a is on two VLANs; only from the second may it reach c, and nothing leads to d. */
#define ROUTED                                                                                    \
	HEAD "vlans: {one: 10.1.0.0/24, two: 10.2.0.0/24, far: 10.9.0.0/24, v6: \"fd06::/64\"}\n" \
	     "hosts: {a: [one, two], b: [one], c: [far], d: [far], e: [v6]}\n"                    \
	     "reachability: [allow: two -> c 22]\n"

Test(lab_network, routes_take_the_vlan_that_a_rule_allows)
{
	struct made made;

	make(&made, ROUTED);
	expect_text(routes(&made, "a"), "default/0 via 10.1.0.254 dev one\n"
					"default/0 via 10.2.0.254 dev two metric 1\n"
					"10.9.0.1/32 via 10.2.0.254 dev two\n");
	expect_text(routes(&made, "b"), "default/0 via 10.1.0.254 dev one\n");
	expect_text(routes(&made, "e"), "default/0 via fd06::fe dev v6\n");
	expect_text(routes(&made, "router"), "");
	make_finish(&made);
}

Test(lab_network, routes_take_another_vlan_for_the_ports_that_it_is_allowed_from)
{
	struct made made;

	make(&made, HEAD "vlans: {one: 10.1.0.0/24, two: 10.2.0.0/24, far: 10.9.0.0/24}\n"
			 "hosts: {a: [one, two], c: [far]}\n"
			 "reachability:\n"
			 "  - {allow: one -> c 22}\n"
			 "  - {deny: any -> c 80}\n"
			 "  - {allow: two -> c 70-90}\n");
	expect_text(routes(&made, "a"), "default/0 via 10.1.0.254 dev one\n"
					"default/0 via 10.2.0.254 dev two metric 1\n"
					"10.9.0.1/32 via 10.2.0.254 dev two ports 70-79\n"
					"10.9.0.1/32 via 10.2.0.254 dev two ports 81-90\n");
	make_finish(&made);
}

/* c is at an address of far; who may get there from where is another matter for c than for b. */
Test(lab_network, what_is_published_is_reached_by_the_vlan_that_it_is_allowed_from)
{
	struct made made;

	make(&made, HEAD "vlans: {one: 10.1.0.0/24, two: 10.2.0.0/24, far: 10.9.0.0/24}\n"
			 "hosts: {a: [one, two], b: [far], c: {at: {far: \"10.9.0.7:2022\"}}}\n"
			 "reachability:\n"
			 "  - {allow: two -> c 2022}\n"
			 "  - {allow: one -> b}\n");
	expect_text(routes(&made, "a"), "default/0 via 10.1.0.254 dev one\n"
					"default/0 via 10.2.0.254 dev two metric 1\n"
					"10.9.0.7/32 via 10.2.0.254 dev two ports 2022-2022\n");
	make_finish(&made);
}

Test(lab_network, neighbours_outside_of_the_range_are_on_the_link)
{
	struct made made;

	make(&made, HEAD "vlans: [one]\nhosts: {a: [one], b: {vlans: {one: 192.0.2.7}}}");
	expect_text(routes(&made, "a"), "192.0.2.7/32 dev one\n");
	expect_text(routes(&made, "b"), "10.101.1.1/32 dev one\n");
	make_finish(&made);
}

/* Returns the VLAN of the leg by which `from` knows `to`. */
static const char *dialled(const struct made *made, const char *from, const char *to)
{
	const struct lab_leg *leg =
		lab_dial_name(made->network, node(made, from), node(made, to)).arriving;

	return leg ? made->loading.topology->vlans[leg->vlan].name : "none";
}

Test(lab_network, a_name_means_an_address_that_can_be_reached)
{
	struct made made;

	make(&made, HEAD "vlans: {one: , two: , far: , v6: \"fd06::/64\"}\n"
			 "hosts: {a: [one], b: [two, one], c: [v6, two, far], d: []}\n"
			 "reachability: [allow: a -> c@v6 22, allow: a -> c@far 22]\n");
	expect_text(dialled(&made, "a", "b"), "one");
	expect_text(dialled(&made, "b", "c"), "two");
	expect_text(dialled(&made, "a", "c"), "far");
	expect_text(dialled(&made, "a", "d"), "none");
	make_finish(&made);
}
