#include "tests/unit/planning.h"

/* Plans tunnel t of a text and compares its chain and what decided. */
static void expect_plan(const char *yaml, const char *chain, const char *decided_by)
{
	struct planning_case test;

	planning_init(&test, yaml);
	expect_text(planning_chain(&test, 0), chain);
	expect_text(test.plan ? test.plan->decided_by : "", decided_by);
	planning_finish(&test);
}

Test(search, the_guides_double_tunnel)
{
	expect_plan(PLANNING_GUIDE "tunnels: {t: 7999 -> git-server/git}\n",
		    "bastion-host test-server", "only path");
}

Test(search, rule_9_there_is_always_a_hop)
{
	expect_plan("tunplan: 1\nme: you\nvlans: [v]\nhosts: {you: [v], gate: [v], web: [v]}\n"
		    "tunnels: {t: 8080 -> web:80}\n",
		    "gate", "only path");
}

Test(search, rule_9_me_and_hosts_without_ssh_are_no_hops)
{
	expect_plan("tunplan: 1\nme: you\nvlans: [a, b, c]\n"
		    "hosts:\n"
		    "  you: [a]\n"
		    "  dead: {vlans: [a, b, c], ssh: none}\n"
		    "  way1: [a, b]\n"
		    "  way2: [b, c]\n"
		    "  web: {vlans: [c], ssh: none}\n"
		    "tunnels: {t: 8080 -> web:80}\n",
		    "way1 way2", "only path");
}

#define TWO_WAYS                                  \
	"tunplan: 1\nme: you\nvlans: [a, b, c]\n" \
	"hosts:\n"                                \
	"  you: [a]\n"                            \
	"  x1: [a, b]\n"                          \
	"  x2: [a, b]\n"                          \
	"  m: [b, c]\n"                           \
	"  z: [b, c]\n"                           \
	"  web: {vlans: [c], ssh: none}\n"

Test(search, rule_18_waypoints_in_order_with_gaps_filled)
{
	expect_plan(TWO_WAYS "tunnels: {t: 80 -> web:80 via z}\n", "x1 z", "names");
	expect_plan(TWO_WAYS "tunnels: {t: 80 -> web:80 via x2 z}\n", "x2 z", "only path");
	expect_plan(TWO_WAYS "tunnels: {t: 80 -> web:80 via z m}\n", "x1 z m", "names");
	/* A way back to a host is a way, if the waypoints ask for it. */
	expect_plan(TWO_WAYS "tunnels: {t: 80 -> web:80 via z x2}\n", "x1 z x2 m", "only path");
}

/* The exact search tells paths apart by their hosts, and the file's first host is one of them. */
Test(search, rule_31_the_first_host_counts_as_well)
{
#define HA "  ha: {vlans: [b], ssh: {}}\n"
#define EXACT(first, last)                                                            \
	"tunplan: 1\nme: you\nvlans: [a, b]\nhosts:\n" first                          \
	"  hb: {vlans: [a, b], relay: nc, sshd: {PermitOpen: ['ha:*']}}\n  hf: [b]\n" \
	"  you: [a]\n" last "tunnels: {t: 80 -> ha:9000 via hf}\n"
	expect_plan(EXACT("", HA), "hb hf ha", "exposure");
	expect_plan(EXACT(HA, ""), "hb hf ha", "exposure");
}

#define SETS "sets: {xs: [x2, x1, x2], zs: [z, m], far: [z], odd: [web, z, you]}\n"

/* Of a set the best host, and another one for each entry. */
Test(search, rule_18_a_set_stands_for_any_of_its_hosts)
{
	expect_plan(TWO_WAYS SETS "tunnels: {t: 80 -> web:80 via xs}\n", "x1 m", "names");
	expect_plan(TWO_WAYS SETS "tunnels: {t: 80 -> web:80 via far}\n", "x1 z", "names");
	expect_plan(TWO_WAYS SETS "tunnels: {t: 80 -> web:80 via odd}\n", "x1 z", "names");
	expect_plan(TWO_WAYS SETS "tunnels: {t: 80 -> web:80 via x2 zs}\n", "x2 m", "names");
	expect_plan(TWO_WAYS SETS "tunnels: {t: 80 -> web:80 via z zs}\n", "x1 z m", "names");
	expect_plan(TWO_WAYS SETS "tunnels: {t: 80 -> web:80 via far zs}\n", "x1 z m", "names");
	expect_plan(TWO_WAYS SETS "tunnels: {t: 80 -> web:80 via zs xs}\n", "x1 m x2 z",
		    "only path");
	expect_plan(TWO_WAYS SETS "tunnels: {t: 80 -> web:80 via xs xs xs}\n", "no_path", "");
	expect_plan(TWO_WAYS SETS
		    "tunnels: {t: {ingress: 80, egress: web:80, via: xs, avoid: x1}}\n",
		    "x2 m", "names");
}

Test(search, rule_18_the_exit_is_a_host_of_a_set)
{
	expect_plan(TWO_WAYS SETS "tunnels: {t: {ingress: 80, egress: web:80, exit: zs}}\n", "x1 m",
		    "names");
	expect_plan(TWO_WAYS SETS "tunnels: {t: {ingress: 80, egress: web:80, exit: odd}}\n",
		    "x1 z", "names");
	expect_plan(TWO_WAYS SETS "tunnels: {t: {ingress: 80, egress: web:80, exit: xs}}\n",
		    "no_path", "");
	/* A set with the ingress's host is about the path to it. */
	expect_plan(TWO_WAYS SETS
		    "tunnels: {t: {ingress: 'z:80', egress: me:80, exit: zs, via: x2}}\n",
		    "x2 z", "only path");
	expect_plan(TWO_WAYS SETS
		    "tunnels: {t: {ingress: 'z:80', egress: me:80, exit: xs, via: x2}}\n",
		    "x1 z", "names");
}

Test(search, rule_18_the_exit_is_the_last_hop)
{
	expect_plan(TWO_WAYS "tunnels: {t: {ingress: 80, egress: web:80, exit: z}}\n", "x1 z",
		    "names");
	expect_plan(TWO_WAYS "tunnels: {t: {ingress: 80, egress: web:80, exit: m, via: z}}\n",
		    "x1 z m", "names");
	expect_plan(TWO_WAYS "tunnels: {t: {ingress: 80, egress: web:80, exit: x1}}\n", "no_path",
		    "");
}

#define ENDS_ON(ssh, encrypted)                                                  \
	"tunplan: 1\nme: you\nvlans: [a, b]\n"                                   \
	"hosts:\n"                                                               \
	"  you: [a]\n"                                                           \
	"  gate: [a, b]\n"                                                       \
	"  web: {vlans: [b]" ssh ", services: {www: {port: 80" encrypted "}}}\n" \
	"tunnels: {t: 8080 -> web/www}\n"

#define VPN(key, from, more)                                                     \
	"tunplan: 1\nme: you\nvlans: {a: , data: , tail: {trust: low" key "}}\n" \
	"hosts:\n"                                                               \
	"  you: [a]\n"                                                           \
	"  x1: [a, data]\n"                                                      \
	"  x2: [a, " from "]\n"                                                  \
	"  web: {vlans: [data, tail], ssh: none" more "}\n"                      \
	"reachability: [allow: data -> web@tail 80]\n"                           \
	"tunnels: {t: 80 -> web:80}\n"

/* Inside a VLAN that encrypts nothing is in the clear; routed, it is. */
Test(search, rule_21_a_vlan_that_encrypts_by_itself)
{
	expect_plan(VPN("", "tail", ""), "x1", "exposure");
	expect_plan(VPN(", encrypted: wireguard", "tail", ""), "x2", "exposure");
	expect_plan(VPN(", encrypted: ipsec", "tail", ""), "x2", "exposure");
	expect_plan(VPN(", encrypted: wireguard", "data, tail", ""), "x2", "exposure");
	expect_plan(VPN(", encrypted: wireguard", "data", ""), "x1", "names");
	/* Who holds the place of a publication sees the bytes. */
	expect_plan("tunplan: 1\nme: you\nvlans: {a: , b: , tail: {encrypted: wireguard}}\n"
		    "hosts:\n  you: [a]\n  x1: [a, tail]\n  x2: [a, b]\n"
		    "  web: {vlans: [b], ssh: none, services: {s: {port: 80, at: {tail: "
		    "\"10.0.0.1:80\"}}}}\n"
		    "tunnels: {t: 80 -> web/s}\n",
		    "x1", "names");
}

Test(search, rule_21_fewest_segments_in_the_clear)
{
	/* One hop more, and nothing in the clear. */
	expect_plan(ENDS_ON(", ssh: {}", ""), "gate web", "exposure");
	expect_plan(ENDS_ON("", ""), "gate", "only path");
	expect_plan(ENDS_ON(", ssh: none", ""), "gate", "only path");
	/* What encrypts itself needs no hop for it. */
	expect_plan(ENDS_ON(", ssh: {}", ", encrypted: tls"), "gate", "only path");
}

Test(search, rule_24_fewest_hops)
{
	expect_plan("tunplan: 1\nme: you\nvlans: [a, b, c, d]\n"
		    "hosts:\n"
		    "  you: [a]\n"
		    "  a1: [a, b]\n"
		    "  a2: [b, d]\n"
		    "  z: [a, d]\n"
		    "  web: {vlans: [d], ssh: none}\n"
		    "tunnels: {t: 80 -> web:80}\n",
		    "z", "hops");
}

Test(search, rule_26_names_decide_whatever_the_order_of_the_file)
{
	static const char *const hosts[] = {
		"  you: [a]\n",
		"  x1: [a, b]\n",
		"  x2: [a, b]\n",
		"  m: [b, c]\n",
		"  web: {vlans: [c], ssh: none}\n",
	};
	const size_t count = sizeof(hosts) / sizeof(hosts[0]);

	/* Every order that the Fisher-Yates steps of all numbers below 5! give: all of them. */
	for (unsigned order = 0; order < 120; order++) {
		char yaml[1024] = "tunplan: 1\nme: you\nvlans: [c, b, a]\nhosts:\n";
		size_t place[5] = {0, 1, 2, 3, 4};
		unsigned rest = order;

		for (size_t i = count; i-- > 1; rest /= (unsigned)i + 1) {
			const size_t j = rest % (i + 1);
			const size_t kept = place[i];

			place[i] = place[j];
			place[j] = kept;
		}
		for (size_t i = 0; i < count; i++)
			strcat(yaml, hosts[place[i]]);
		strcat(yaml, "tunnels: {t: 80 -> web:80}\n");
		expect_plan(yaml, "x1 m", "names");
	}
}

Test(search, rule_26_names_are_compared_from_the_first_hop_on)
{
	/* b comes before c, though its second hop is the last of all. */
	expect_plan("tunplan: 1\nme: you\nvlans: [v, w1, w2, x]\n"
		    "hosts:\n"
		    "  you: [v]\n"
		    "  c: [v, w1]\n"
		    "  a: [w1, x]\n"
		    "  b: [v, w2]\n"
		    "  z: [w2, x]\n"
		    "  web: {vlans: [x], ssh: none}\n"
		    "tunnels: {t: 80 -> web:80}\n",
		    "b z", "names");
}

Test(search, rule_10_a_hop_needs_the_sshd_port_to_be_open)
{
	expect_plan(TWO_WAYS "reachability:\n  - deny: you -> x1 22\n"
			     "tunnels: {t: 80 -> web:80}\n",
		    "x2 m", "names");
	expect_plan(TWO_WAYS "reachability:\n  - deny: you -> x1 80\n"
			     "tunnels: {t: 80 -> web:80}\n",
		    "x1 m", "names");
	/* A rule opens what no VLAN does. */
	expect_plan(TWO_WAYS "reachability:\n  - allow: you -> m 22\n"
			     "tunnels: {t: 80 -> web:80}\n",
		    "m", "hops");
}

/* --- what the oracle found (test_oracle.c) */

Test(search, rule_19_a_host_to_be_avoided_takes_nobody_from_the_others)
{
	expect_plan("tunplan: 1\nme: you\nvlans: [a, b]\n"
		    "hosts:\n"
		    "  you: [a]\n"
		    "  x1: {vlans: [a, b], jump: avoid}\n"
		    "  x2: [a, b]\n"
		    "  web: {vlans: [b], ssh: {}}\n"
		    "tunnels: {t: 80 -> socks@web}\n",
		    "x2 web", "avoid");
}

Test(search, rule_12_a_stitched_hop_may_win_what_a_nested_one_has_got_to)
{
	expect_plan("tunplan: 1\nme: you\nvlans: [a, b]\n"
		    "hosts:\n"
		    "  you: [a]\n"
		    "  x1: {vlans: [a], keys: [x2]}\n"
		    "  x2: {vlans: [a, b], sshd: {PermitOpen: [\"127.0.0.1:2222\"]}}\n"
		    "  x3: [b]\n"
		    "  web: {vlans: [b], ssh: none}\n"
		    "tunnels: {t: {ingress: 80, egress: web:80, method: stitched, stitch: 9000}}\n",
		    /* Its first piece. */
		    "x1", "only path");
}

Test(search, rule_21_nothing_counts_inside_an_ingress_that_is_elsewhere)
{
	struct planning_case test;

	planning_init(&test, "tunplan: 1\nme: you\nvlans: {a: , b: 10.1.0.0/16}\n"
			     "hosts:\n"
			     "  you: [a]\n"
			     "  x1: [a, b]\n"
			     "  x2: {vlans: [b], ssh: {}}\n"
			     "tunnels: {t: {ingress: x2:80, egress: 10.1.0.9:80, exit: x2}}\n");
	cr_assert(test.plan != NULL);
	cr_assert(eq(sz, test.plan->route_count, 2));
	cr_expect(eq(sz, test.plan->routes[1].path.count, 2));
	planning_finish(&test);
}

Test(search, rule_6_a_rule_may_lead_to_where_a_service_is_published)
{
	expect_plan("tunplan: 1\nme: you\nvlans: [a, b]\n"
		    "hosts:\n"
		    "  you: [a]\n"
		    "  x1: [b]\n"
		    "  web: {services: {www: {port: 80, at: {a: \"10.0.0.9:8080\"}}}}\n"
		    "reachability: [allow: a -> b, allow: any -> a]\n"
		    "tunnels: {t: 80 -> web/www}\n",
		    "x1", "only path");
}

Test(search, rule_18_an_exit_that_is_not_the_ingress_leads_on)
{
	expect_plan("tunplan: 1\nme: you\nvlans: [a]\n"
		    "hosts: {you: [a], x1: [a], x2: [a]}\n"
		    "tunnels: {t: {ingress: x1:80, egress: me:81, exit: x2}}\n",
		    "x1", "only path");
	expect_plan("tunplan: 1\nme: you\nvlans: [a]\n"
		    "hosts: {you: [a], x1: [a], x2: [a]}\n"
		    "tunnels: {t: {ingress: x1:80, egress: me:/run/x, exit: x2}}\n",
		    "no_path", "");
}

Test(search, rule_3_a_name_leads_to_the_address_that_it_stands_for)
{
#define BY_NAME                                                                \
	"tunplan: 1\nme: you\nvlans: [a, b]\n"                                 \
	"hosts:\n"                                                             \
	"  you: [a]\n"                                                         \
	"  x1: {vlans: {a: , b: 10.2.0.1}, sshd: {PermitOpen: [\"x2:22\"]}}\n" \
	"  x2: {vlans: {b: 10.2.0.2}}\n"                                       \
	"  web: {vlans: [b], ssh: none}\n"
	expect_plan(BY_NAME "tunnels: {t: 80 -> web:80}\n", "x1 x2", "only path");
	expect_plan(BY_NAME "reachability: [deny: x1 -> 10.2.0.0/29]\n"
			    "tunnels: {t: 80 -> web:80}\n",
		    "no_path", "");
	/* A rule about a range lets it in by an address that only the name may be dialled for. */
	expect_plan("tunplan: 1\nme: you\nvlans: [a, b]\n"
		    "hosts:\n"
		    "  you: {vlans: {a: 10.3.0.1}}\n"
		    "  x1: {vlans: {a: 10.3.0.3, b: 10.2.0.3}, ssh: {}}\n"
		    "  x2: {vlans: {b: 10.2.0.5}, sshd: {PermitOpen: ['x1:80']}}\n"
		    "reachability: [allow: x2 -> 10.3.0.0/29, deny: x2 -> x1@b]\n"
		    "tunnels: {t: {ingress: 80, egress: 'x1:80', via: [x2]}}\n",
		    "x1 x2", "only path");
}
