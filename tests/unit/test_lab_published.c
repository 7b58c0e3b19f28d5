/* Publications in the lab: where they listen, where they lead, and who may use them. */
#include "exec/lab/network/filter.h"
#include "exec/lab/network/published.h"
#include "tests/unit/lab_making.h"

/* Returns where something listens and leads, "router 198.51.100.7:2022 -> pi 0.0.0.0:22". */
static const char *published(struct made *made, size_t index)
{
	const struct lab_published *published = &made->network->published[index];
	const struct lab_node *nodes = made->network->nodes;
	const struct lab_node *owner = &nodes[published->owner];
	struct arena *arena = &made->loading.arena;
	const char *text = owner == made->network->router ? "router" : owner->name;

	for (size_t a = 0; published->listen.addresses[a]; a++)
		text = arena_format(arena, "%s %s:%u", text, published->listen.addresses[a],
				    published->listen.port);
	text = arena_format(arena, "%s -> %s", text, nodes[published->host].name);
	for (size_t a = 0; published->target.addresses[a]; a++)
		text = arena_format(arena, "%s %s:%u", text, published->target.addresses[a],
				    published->target.port);
	return text;
}

static const struct {
	const char *what;
	const char *yaml;
	const char *published;
} rows[] = {
	{"an address of a VLAN is the router's",
	 "vlans: [out, in]\nhosts: {a: [out], b: {vlans: [in], at: {out: \"198.51.100.7:2022\"}}}",
	 "router 198.51.100.7:2022 -> b 0.0.0.0:22 :::22"},
	{"unless somebody has it there",
	 "vlans: {out: 10.1.0.0/24}\nhosts: {a: {vlans: {out: 10.1.0.8}}, "
	 "b: {ssh: {port: 222}, at: {out: \"10.1.0.8:2022\"}}}",
	 "a 10.1.0.8:2022 -> b 0.0.0.0:222 :::222"},
	{"a name is the router's own addresses",
	 "vlans: {out: [10.1.0.0/24, \"fd01::/64\"]}\n"
	 "hosts: {a: [out], b: {at: {out: \"b.example.org:2022\"}}}",
	 "router 10.1.0.254:2022 fd01::fe:2022 -> b 0.0.0.0:22 :::22"},
	{"on a host it is the loopback",
	 "vlans: [out]\nhosts: {a: [out], b: {at: {a: \"localhost:2201\"}}}",
	 "a 127.0.0.1:2201 ::1:2201 -> b 0.0.0.0:22 :::22"},
	{"a service is reached where it listens",
	 "vlans: {out: 10.1.0.0/24}\nhosts: {a: [out], b: {vlans: [out], ssh: none, "
	 "services: {s: {port: 80, listen: out, at: {a: \"127.0.0.9:8080\"}}}}}",
	 "a 127.0.0.9:8080 -> b 10.1.0.2:80"},
};

Test(lab_published, where)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf yaml = {0};
		struct made made;

		strbuf_printf(&yaml, "tunplan: 1\n%s\n", rows[i].yaml);
		make(&made, strbuf_text(&yaml));
		cr_assert(made.network != NULL, "%s: %s", rows[i].what, made.problem);
		cr_assert(made.network->published_count == 1, "%s", rows[i].what);
		cr_expect(strcmp(published(&made, 0), rows[i].published) == 0, "%s: %s",
			  rows[i].what, published(&made, 0));
		make_finish(&made);
		strbuf_finish(&yaml);
	}
}

Test(lab_published, its_address_is_given_to_nobody_else)
{
	struct made made;

	make(&made, "tunplan: 1\nvlans: {out: 10.1.0.0/24}\n"
		    "hosts: {a: [out], b: {at: {out: \"10.1.0.1:2022\"}}}");
	expect_text(node(&made, "a")->legs[0].addresses[0].address.text, "10.1.0.2");
	expect_text(published(&made, 0), "router 10.1.0.1:2022 -> b 0.0.0.0:22 :::22");
	expect_text(node(&made, "router")->legs[0].addresses[0].address.text, "10.1.0.254");
	make_finish(&made);
}

Test(lab_published, a_host_without_sshd_publishes_none)
{
	struct made made;

	make(&made, "tunplan: 1\nvlans: {out: 10.1.0.0/24}\n"
		    "hosts: {a: [out], b: {ssh: none, at: {out: \"10.1.0.7:2022\"}}}");
	cr_expect(made.network->published_count == 0);
	cr_expect(made.network->router == NULL);
	make_finish(&made);
}

/* The rules that are about b and the port count, with b's place on out; and those alone. */
#define NET                                                              \
	"tunplan: 1\n"                                                   \
	"vlans: {out: 10.1.0.0/24, far: 10.2.0.0/24, in: 10.3.0.0/24}\n" \
	"hosts:\n"                                                       \
	"  a: {vlans: {out: 10.1.0.8}}\n"                                \
	"  c: [far]\n"                                                   \
	"  b: {vlans: [in], at: {out: \"%s:2022\"}}\n"                   \
	"reachability:\n"                                                \
	"  - deny: a -> b 2000-3000\n"                                   \
	"  - deny: any -> b 22\n"                                        \
	"  - allow: far -> out 2022\n"                                   \
	"  - allow: a -> c\n"

static void make_net(struct made *made, const char *address)
{
	struct strbuf yaml = {0};

	strbuf_printf(&yaml, NET, address);
	make(made, strbuf_text(&yaml));
	strbuf_finish(&yaml);
}

Test(lab_published, rules_are_about_whose_it_is)
{
	struct strbuf text = {0};
	struct made made;
	const char *chain;

	make_net(&made, "10.1.0.7");
	lab_filter_router(made.network, &text);
	chain = strstr(strbuf_text(&text), "\tchain forward");
	cr_assert(chain != NULL);
	strbuf_cut(&text, (size_t)(chain - strbuf_text(&text)));
	expect_text(strbuf_text(&text),
		    "table inet tunplan {\n"
		    "\tchain input {\n"
		    "\t\ttype filter hook input priority 0; policy accept;\n"
		    "\t\tct state established,related accept\n"
		    "\t\tip daddr 10.1.0.7 tcp dport 2022 ip saddr { 10.1.0.8 } counter drop "
		    "comment \"net.yaml:8\"\n"
		    "\t\tip daddr 10.1.0.7 tcp dport 2022 iifname \"far\" counter accept "
		    "comment \"net.yaml:10\"\n"
		    "\t\tip daddr 10.1.0.7 tcp dport 2022 iifname \"out\" accept\n"
		    "\t\tip daddr 10.1.0.7 tcp dport 2022 drop\n"
		    "\t}\n");
	make_finish(&made);
	strbuf_finish(&text);
}

Test(lab_published, also_where_a_host_has_the_address)
{
	struct strbuf text = {0};
	struct made made;

	make_net(&made, "10.1.0.8");
	cr_expect(lab_filter_host(made.network, node(&made, "a"), &text));
	expect_text(strbuf_text(&text),
		    "table inet tunplan {\n"
		    "\tchain input {\n"
		    "\t\ttype filter hook input priority 0; policy accept;\n"
		    "\t\tct state established,related accept\n"
		    "\t\tiifname \"out\" ether saddr 02:7e:00:00:00:03 accept\n"
		    "\t\tip daddr 10.1.0.8 tcp dport 2022 ip saddr { 10.1.0.8 } counter drop "
		    "comment \"net.yaml:8\"\n"
		    "\t\tip daddr 10.1.0.8 tcp dport 2022 iifname \"out\" accept\n"
		    "\t\tiifname \"lo\" accept\n"
		    "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
		    "\t}\n}\n");
	strbuf_clear(&text);
	lab_filter_router(made.network, &text);
	cr_expect(strstr(strbuf_text(&text), "chain input") == NULL);
	cr_expect(strstr(strbuf_text(&text),
			 "\t\tip daddr 10.1.0.8 tcp dport 2022 iifname \"far\" counter accept "
			 "comment \"net.yaml:10\"\n") != NULL);
	make_finish(&made);
	strbuf_finish(&text);
}
