#include "planner/reach/reach.h"
#include "tests/unit/planning.h"

/* Three VLANs with addresses of both families; the rules come from each test. */
#define NETWORK                                                                                \
	"tunplan: 1\n"                                                                         \
	"me: a\n"                                                                              \
	"vlans: {one: 10.1.0.0/16, two: [10.2.0.0/16, \"fd02::/16\"], three: [\"fd03::/16\", " \
	"10.3.0.0/16], wide: 10.0.0.0/8, six: \"fd06::/16\"}\n"                                \
	"hosts:\n"                                                                             \
	"  a: {vlans: {one: 10.1.0.1, two: 10.2.0.1}}\n"                                       \
	"  b: {vlans: {two: [\"fd02::2\", 10.2.0.2]}}\n"                                       \
	"  c: {vlans: {one: 10.1.0.3, three: \"fd03::3\"}}\n"                                  \
	"  d: {vlans: {three: \"fd03::4\"}}\n"                                                 \
	"  e: [one, two, wide]\n"                                                              \
	"  f: {vlans: {two: f.example.org}}\n"                                                 \
	"  g: [six]\n"

/* Says how a host reaches another, "10.2.0.2 two", or why not, "RULE_DENY". */
static const char *answer(struct planning_case *test, const char *from, const char *to,
			  uint16_t port)
{
	const struct topology *topology = test->topology;
	const struct reach_to question = {
		.host = topology_host(topology, to),
		.vlan = TOPOLOGY_NONE,
		.port = port,
	};
	struct reach reach;
	struct network_index network_index;

	network_index_init(&network_index, topology, &test->arena);
	reach = reach_try(&network_index, topology_host(topology, from), REACH_PROCESS, &question);
	if (!reach.open)
		return plan_reason_code(reach.reason);
	if (reach.from_vlan != reach.vlan)
		return arena_format(&test->arena, "%s %s>%s", reach.address,
				    topology->vlans[reach.from_vlan].name,
				    topology->vlans[reach.vlan].name);
	return arena_format(&test->arena, "%s %s", reach.address, topology->vlans[reach.vlan].name);
}

struct row {
	const char *rules; /* lines of `reachability` */
	const char *from;
	const char *to;
	uint16_t port;
	const char *expected;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char yaml[2048];
		struct planning_case test;

		snprintf(yaml, sizeof(yaml), NETWORK "%s%s",
			 *rows[i].rules ? "reachability:\n" : "", rows[i].rules);
		planning_load(&test, yaml);
		cr_log_info("row %zu: %s -> %s %u", i, rows[i].from, rows[i].to, rows[i].port);
		expect_text(answer(&test, rows[i].from, rows[i].to, rows[i].port),
			    rows[i].expected);
		planning_finish(&test);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(rows[0]))

Test(reach, rule_1_a_shared_vlan_is_both_interfaces)
{
	static const struct row rows[] = {
		{"", "a", "c", 22, "10.1.0.3 one"},
		{"", "c", "d", 22, "fd03::4 three"},
		{"", "a", "d", 22, "DEFAULT_DENY"},
		/* Routed from any interface, once a rule allows it. */
		{"  - allow: c -> b 22\n", "c", "b", 22, "10.2.0.2 one>two"},
		{"  - allow: one -> b 22\n", "c", "b", 22, "10.2.0.2 one>two"},
		{"  - allow: three -> b 22\n", "c", "b", 22, "fd02::2 three>two"},
		/* To a VLAN on which the source is itself it does not leave by another one. */
		{"  - deny: two -> two\n  - allow: one -> two\n", "a", "b", 22, "RULE_DENY"},
	};

	CHECK(rows);
}

/* Says by which VLANs a connection may leave, and the trust of what it crosses at worst: "one two: 1". */
static const char *leaves(const char *hosts, const char *rule)
{
	static char said[128];
	struct planning_case test;
	struct network_index network_index;
	struct reach_to to = {.vlan = TOPOLOGY_NONE, .port = 22};
	const char *text = "";
	struct reach_vlans vlans;
	struct reach reach;
	size_t from;
	char yaml[1024];

	snprintf(yaml, sizeof(yaml),
		 "tunplan: 1\nme: a\n"
		 "vlans: {far: {trust: none}, near: {trust: high}, low: {trust: low}, two: }\n"
		 "hosts: {%s}\nreachability: [{allow: \"%s\"}]\n",
		 hosts, rule);
	planning_load(&test, yaml);
	from = topology_host(test.topology, "a");
	to.host = topology_host(test.topology, "b");
	network_index_init(&network_index, test.topology, &test.arena);
	reach = reach_try(&network_index, from, REACH_PROCESS, &to);
	vlans = reach_leaving(&network_index, from, REACH_PROCESS, &to, reach.vlan, reach.address,
			      &test.arena);
	for (size_t i = 0; i < vlans.count; i++)
		text = arena_format(&test.arena, "%s%s ", text,
				    test.topology->vlans[vlans.items[i]].name);
	snprintf(said, sizeof(said), "%sto %s: %d", text,
		 reach.open ? test.topology->vlans[reach.vlan].name : "nowhere",
		 reach_trust(test.topology, &reach));
	planning_finish(&test);
	return said;
}

Test(reach, rule_1_what_is_routed_may_leave_by_all_that_the_rules_let)
{
	expect_text(leaves("a: [far, near], b: [two]", "a -> b 22"), "far near to two: 0");
	expect_text(leaves("a: [far, near], b: [two]", "a@near -> b 22"), "near to two: 2");
	expect_text(leaves("a: [far, near], b: [two]", "near -> b 22"), "near to two: 2");
	expect_text(leaves("a: [far, near], b: [near]", "a -> b 22"), "near to near: 3");
	/* An interface that has no address of the family is none of them. */
	expect_text(leaves("a: {vlans: {far: 10.1.0.1, near: \"fd00::1\"}}, b: {vlans: {two: "
			   "\"fd02::1\"}}",
			   "a -> b 22"),
		    "near to two: 2");
}

Test(reach, rule_4_what_is_trusted_more_goes_before_names)
{
	expect_text(leaves("a: [far, near], b: [far, near]", "a -> b 22"), "near to near: 3");
	expect_text(leaves("a: [near], b: [low, two]", "a -> b 22"), "near to two: 2");
	/* By all that it may leave by. */
	expect_text(leaves("a: [far, low], b: [near, two]", "low -> near 22"), "low to near: 1");
}

Test(reach, rule_2_the_first_matching_rule_decides)
{
	static const struct row rows[] = {
		{"  - deny: a -> c 22\n", "a", "c", 22, "RULE_DENY"},
		{"  - deny: a -> c 22\n", "a", "c", 80, "10.1.0.3 one"},
		{"  - deny: a -> c 20-30 80\n", "a", "c", 30, "RULE_DENY"},
		{"  - deny: a -> c 20-30 80\n", "a", "c", 31, "10.1.0.3 one"},
		{"  - deny: a -> c 20-30 80\n", "a", "c", 80, "RULE_DENY"},
		{"  - allow: a -> c 22\n  - deny: any -> any\n", "a", "c", 22, "10.1.0.3 one"},
		{"  - deny: any -> any\n  - allow: a -> c 22\n", "a", "c", 22, "RULE_DENY"},
		{"  - allow: b -> c\n", "a", "d", 22, "DEFAULT_DENY"},
		{"  - deny: a@two -> b\n", "a", "b", 22, "RULE_DENY"},
		{"  - deny: a@one -> b\n", "a", "b", 22, "10.2.0.2 two"},
	};

	CHECK(rows);
}

Test(reach, rule_2_ranges_match_addresses)
{
	static const struct row rows[] = {
		{"  - deny: 10.1.0.1/32 -> any\n", "a", "c", 22, "RULE_DENY"},
		{"  - deny: 10.1.0.9/32 -> any\n", "a", "c", 22, "10.1.0.3 one"},
		{"  - deny: any -> 10.1.0.3/32\n", "a", "c", 22, "RULE_DENY"},
		{"  - deny: any -> 10.2.0.0/16\n", "a", "b", 22, "FAMILY"},
		/* An unknown address is somewhere in its VLAN's ranges: all of them must match. */
		{"  - deny: any -> 10.0.0.0/8\n", "c", "e", 22, "RULE_DENY"},
		{"  - deny: any -> 10.1.0.0/24\n", "c", "e", 22, "e one"},
		{"  - deny: any -> 10.0.0.0/8\n", "b", "e", 22, "e two"},
	};

	CHECK(rows);
}

Test(reach, rule_3_a_family_in_common)
{
	static const struct row rows[] = {
		{"", "a", "b", 22, "10.2.0.2 two"},
		{"", "e", "b", 22, "fd02::2 two"},
		{"", "f", "b", 22, "fd02::2 two"},
		{"", "a", "f", 22, "f.example.org two"},
		{"  - allow: a -> d\n", "a", "d", 22, "FAMILY"},
		{"  - allow: e -> d\n", "e", "d", 22, "fd03::4 two>three"},
		/* What has no address may have one of its VLAN's families. */
		{"  - allow: e@one -> d\n", "e", "d", 22, "FAMILY"},
		{"  - allow: f -> d\n", "f", "d", 22, "fd03::4 two>three"},
		{"  - allow: g -> a@two\n", "g", "a", 22, "FAMILY"},
		{"  - allow: g -> b\n", "g", "b", 22, "fd02::2 six>two"},
	};

	CHECK(rows);
}

/* Interfaces stand in the order that a wrong answer would follow. */
static void expect_way(const char *hosts, const char *rules, const char *expected)
{
	struct planning_case test;
	char yaml[1024];

	snprintf(yaml, sizeof(yaml), "tunplan: 1\nme: src\nvlans: [v4, v3, v2, v1]\nhosts:\n%s%s%s",
		 hosts, *rules ? "reachability:\n" : "", rules);
	planning_load(&test, yaml);
	expect_text(answer(&test, "src", "dst", 22), expected);
	planning_finish(&test);
}

Test(reach, rule_4_the_best_of_several_ways)
{
	/* Shared before routed, even without an address. */
	expect_way("  src: [v3]\n  dst: {vlans: {v1: 10.0.0.1, v3: null}}\n",
		   "  - allow: any -> any\n", "dst v3");
	/* With an address before by name. */
	expect_way("  src: [v1, v3]\n  dst: {vlans: {v1: null, v3: 10.0.0.3}}\n", "",
		   "10.0.0.3 v3");
	/* Then the destination's VLAN, then the source's, by name. */
	expect_way("  src: [v3, v2]\n  dst: [v3, v2]\n", "", "dst v2");
	expect_way("  src: [v3, v2]\n  dst: [v4]\n", "  - allow: any -> any\n", "dst v2>v4");
	expect_way("  src: [v1]\n  dst: [v3, v2]\n", "  - allow: any -> any\n", "dst v1>v2");
	/* The nearest to being open says why there is none: a family, a rule, no rule. */
	expect_way("  src: {vlans: {v1: 10.0.0.1, v2: 10.0.0.2}}\n"
		   "  dst: {vlans: {v2: \"fd00::2\", v1: 10.0.0.3}}\n",
		   "  - deny: v1 -> v1\n", "FAMILY");
	expect_way("  src: [v1]\n  dst: [v2, v1]\n", "  - deny: v1 -> v1\n", "RULE_DENY");
}

static const char *outside(const char *rules, const char *egress)
{
	static char yaml[2048];
	struct planning_case test;
	static char answer_text[128];

	snprintf(yaml, sizeof(yaml),
		 NETWORK "%s%stunnels: {t: {ingress: 1, egress: \"%s\", exit: e}}\n",
		 *rules ? "reachability:\n" : "", rules, egress);
	planning_init(&test, yaml);
	snprintf(answer_text, sizeof(answer_text), "%s %s %zu", planning_chain(&test, 0),
		 planning_rejection(&test, "e"), test.plan ? test.plan->assumed_count : 0);
	planning_finish(&test);
	return answer_text;
}

Test(reach, rule_5_addresses_outside_the_file)
{
	/* e is a hop (one assumption); that it reaches the address may be another. */
	expect_text(outside("", "example.org:80"), "e  2");
	expect_text(outside("", "192.0.2.1:80"), "e  2");
	expect_text(outside("", "10.2.0.77:80"), "e  1");
	/* The narrowest of the ranges that hold it, whichever comes first. */
	expect_text(outside("", "10.3.7.7:80"), "no_path DEFAULT_DENY 0");
	expect_text(outside("", "[fd03::77]:80"), "no_path DEFAULT_DENY 0");
	expect_text(outside("  - allow: e -> fd03::/16\n", "[fd03::77]:80"), "e  1");
	expect_text(outside("  - deny: e -> 192.0.2.0/24\n", "192.0.2.1:80"),
		    "no_path RULE_DENY 13:11 0");
}
