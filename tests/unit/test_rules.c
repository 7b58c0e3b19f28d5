/*
 * The rules of tunplan(7) from 6 on, each by its number: small networks in which the rule decides.
 */
#include "planner/model/endpoint.h"
#include "planner/whatif.h"
#include "tests/unit/planning.h"

/* How a hop hangs together with the one before it. */
static const char *mark(enum plan_method method)
{
	static const char *const marks[] = {
		[PLAN_NESTED] = "", [PLAN_RELAYED] = "relayed:", [PLAN_STITCHED] = "stitched:"};

	return marks[method];
}

/* Returns all hops, "gate 10.0.0.1:22, stitched:inner inner:22", and what is opened at the end. */
static const char *plan_line(struct planning_case *test)
{
	const struct plan *plan = test->plan;
	const char *text = "";

	if (!plan)
		return test->failure.code;
	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];

		text = arena_format(&test->arena, "%s%s%s%s %s", text, i ? ", " : "",
				    mark(hop->method), test->topology->hosts[hop->host].name,
				    endpoint_text(hop->address, hop->port, &test->arena));
	}
	if (plan->forward_count)
		text = arena_format(
			&test->arena, "%s > %s", text,
			endpoint_dialled(&plan_last_piece(plan, 0)->egress, &test->arena));
	return text;
}

static void expect_line(const char *hosts, const char *rules, const char *tunnel,
			const char *expected)
{
	struct planning_case test;
	char yaml[2048];

	snprintf(yaml, sizeof(yaml),
		 "tunplan: 1\nme: you\nvlans: {a: {}, b: {}, c: {}}\nhosts:\n  you: [a]\n%s%s%s"
		 "tunnels: {t: %s}\n",
		 hosts, *rules ? "reachability:\n" : "", rules, tunnel);
	planning_init(&test, yaml);
	expect_text(plan_line(&test), expected);
	planning_finish(&test);
}

/* Also what decided between the best way and the next. */
static void expect_decision(const char *hosts, const char *tunnel, const char *expected,
			    const char *decided_by)
{
	struct planning_case test;
	char yaml[2048];

	snprintf(yaml, sizeof(yaml),
		 "tunplan: 1\nme: you\nvlans: {a: {}, b: {trust: low}, c: {}}\nhosts:\n"
		 "  you: [a]\n%stunnels: {t: %s}\n",
		 hosts, tunnel);
	planning_init(&test, yaml);
	expect_text(planning_chain(&test, 0), expected);
	expect_text(test.plan ? test.plan->decided_by : "", decided_by);
	planning_finish(&test);
}

#define GATE "  gate: [a, b]\n"
#define WEB  "  web: {vlans: {b: 10.2.0.9}, ssh: none, services: {http: 80}}\n"

Test(rules, rule_6_what_is_published_is_dialled_there)
{
	const char *nas = "  nas: {vlans: [b], at: {a: \"198.51.100.7:2022\"}}\n" WEB;

	expect_line(nas, "", "1 -> web/http", "nas 198.51.100.7:2022 > 10.2.0.9:80");
	/* nothing else of the host is there */
	expect_line(nas, "  - deny: any -> any 2022\n", "1 -> web/http", "no_path");
	expect_line("  nas: {vlans: [b], at: {a: \"198.51.100.7:2022\"}}\n", "",
		    "{ingress: 1, egress: nas:80, via: nas}", "no_path");
	/* what a host holds open on another one is dialled by that one only */
	expect_line(GATE "  pi: {vlans: [c], ssh: {}, at: {gate: \"localhost:2201\"}}\n", "",
		    "1 -> pi:80", "gate gate:22, pi localhost:2201 > 127.0.0.1:80");
	expect_line(GATE "  box: {vlans: [c], ssh: none, services: {web: {port: 80, at: {b: "
			 "\"10.2.0.1:8080\"}}}}\n",
		    "", "1 -> box/web", "gate gate:22 > 10.2.0.1:8080");
}

Test(rules, rule_7_an_sshd_dials_what_it_permits)
{
	expect_line("  gate: {vlans: [a, b], sshd: {AllowTcpForwarding: no}}\n" WEB, "",
		    "1 -> web/http", "no_path");
	expect_line("  gate: {vlans: [a, b], sshd: {AllowTcpForwarding: remote}}\n" WEB, "",
		    "1 -> web/http", "no_path");
	expect_line("  gate: {vlans: [a, b], sshd: {DisableForwarding: yes}}\n" WEB, "",
		    "1 -> web/http", "no_path");
	/* as text */
	expect_line("  gate: {vlans: [a, b], sshd: {PermitOpen: \"10.2.0.9:80\"}}\n" WEB, "",
		    "1 -> web/http", "gate gate:22 > 10.2.0.9:80");
	expect_line("  gate: {vlans: [a, b], sshd: {PermitOpen: \"web:80\"}}\n" WEB, "",
		    "1 -> web/http", "gate gate:22 > web:80");
	expect_line("  gate: {vlans: [a, b], sshd: {PermitOpen: \"10.2.0.9:81\"}}\n" WEB, "",
		    "1 -> web/http", "no_path");
	expect_line("  gate: {vlans: [a, b], ssh: {}, sshd: {AllowStreamLocalForwarding: no}}\n",
		    "", "\"1 -> gate:/run/x\"", "no_path");
	expect_line("  gate: {vlans: [a, b], ssh: {}, sshd: {AllowTcpForwarding: remote}}\n", "",
		    "\"1 -> gate:/run/x\"", "no_path");
}

Test(rules, rule_8_a_service_is_dialled_where_it_listens)
{
	const char *inner = "  db: {vlans: {b: 10.2.0.8, c: 10.3.0.8}, ssh: {}, services: {pg: "
			    "{port: 5432, listen: loopback}, web: {port: 80, listen: [c]}}}\n";
	char hosts[512];

	snprintf(hosts, sizeof(hosts), GATE "%s", inner);
	expect_line(hosts, "", "1 -> db/pg", "gate gate:22, db 10.2.0.8:22 > 127.0.0.1:5432");
	expect_line(hosts, "", "1 -> db/web", "gate gate:22, db 10.2.0.8:22 > 10.3.0.8:80");
	/* on its own host: 127.0.0.1 before localhost, whichever is permitted */
	expect_line("  db: {vlans: [a], ssh: {}, sshd: {PermitOpen: \"localhost:80\"}}\n", "",
		    "1 -> db:80", "db db:22 > localhost:80");
}

Test(rules, rule_10_another_host_logs_in_as_its_keys_say)
{
	expect_line("  gate: {vlans: [a, b], keys: {inner: ops}}\n  inner: [b, c]\n"
		    "  web: {vlans: [c], ssh: none}\n",
		    "", "{ingress: 1, egress: web:80, method: stitched}",
		    "gate gate:22, stitched:inner inner:22 > web:80");
	/* me can log in where its keys say, if it has any */
	expect_line("  gate: [a, b]\n" WEB, "", "1 -> web/http", "gate gate:22 > 10.2.0.9:80");
}

#define MUTE(more)                                                          \
	"  mute: {vlans: [a, b], sshd: {AllowTcpForwarding: no}" more "}\n" \
	"  web: {vlans: [b], ssh: {}}\n"

Test(rules, rule_11_nested_or_relayed)
{
	expect_line(MUTE(", relay: [nc, socat]"), "", "1 -> web:80",
		    "mute mute:22, relayed:web web:22 > 127.0.0.1:80");
	expect_line(MUTE(""), "", "1 -> web:80", "no_path");
}

#define TWO(more)                           \
	"  gate: {vlans: [a, b]" more "}\n" \
	"  inner: [b, c]\n"                 \
	"  web: {vlans: [c], ssh: none}\n"

Test(rules, rule_12_pieces_are_joined_on_loopback)
{
	const char *stitched = "{ingress: 1, egress: web:80, method: stitched}";

	expect_line(TWO(", sshd: {MaxSessions: 0}"), "", stitched, "no_path");
	expect_line(TWO(", sshd: {PermitOpen: \"web:80\"}"), "", stitched, "no_path");
	expect_line(TWO(", sshd: {PermitOpen: \"localhost:2999\"}"), "", stitched,
		    "gate gate:22, stitched:inner inner:22 > web:80");
}

Test(rules, rule_13_the_method)
{
	const char *two = "  gate: {vlans: [a, b], sshd: {PermitOpen: \"localhost:*\"}, keys: "
			  "inner}\n  inner: [b, c]\n  web: {vlans: [c], ssh: none}\n";

	/* nobody asks: only what `keys` states is stitched */
	expect_line(two, "", "1 -> web:80", "gate gate:22, stitched:inner inner:22 > web:80");
	expect_line(two, "", "{ingress: 1, egress: web:80, method: nested}", "no_path");
	/* keys that do not name it leave the hop nested */
	expect_line("  gate: {vlans: [a, b], keys: other}\n  inner: [b, c]\n  other: [b]\n"
		    "  web: {vlans: [c], ssh: none}\n",
		    "", "{ingress: 1, egress: web:80, method: stitched}",
		    "gate gate:22, inner inner:22 > web:80");
}

Test(rules, rule_14_nothing_goes_on_from_jump_no)
{
	expect_line("  gate: {vlans: [a, b], jump: no}\n" WEB, "", "1 -> web/http", "no_path");
	expect_line("  gate: {vlans: [a, b], ssh: {}, jump: no}\n", "", "1 -> gate:80",
		    "gate gate:22 > 127.0.0.1:80");
	expect_line("  gate: {vlans: [a, b], jump: no}\n", "", "\"gate:80 -> me:81\"",
		    "gate gate:22 > 127.0.0.1:81");
}

Test(rules, rule_15_an_egress_needs_a_stated_login_on_its_own_host)
{
	expect_line("  db: [a]\n", "", "1 -> db:80", "no_path");
	expect_line("  db: {vlans: [a], ssh: {}}\n", "", "1 -> db:80", "db db:22 > 127.0.0.1:80");
}

#define LISTENING(settings) "  gate: {vlans: {a: 10.1.0.5}, sshd: {" settings "}}\n"

Test(rules, rule_16_the_ingress_has_to_listen)
{
	static const char *const rows[][3] = {
		{LISTENING("AllowTcpForwarding: local"), "\"gate:80 -> me:81\"", "no_path"},
		{LISTENING("AllowTcpForwarding: remote"), "\"gate:80 -> me:81\"",
		 "gate 10.1.0.5:22 > 127.0.0.1:81"},
		{LISTENING("PermitListen: 82"), "\"gate:80 -> me:81\"", "no_path"},
		{LISTENING("PermitListen: 80"), "\"gate:80 -> me:81\"",
		 "gate 10.1.0.5:22 > 127.0.0.1:81"},
		{LISTENING("GatewayPorts: no"), "\"gate@a:80 -> me:81\"", "no_path"},
		/* 127.0.0.1 is left as it is, and no other address of loopback */
		{LISTENING("GatewayPorts: no"), "\"gate:80 -> me:81\"",
		 "gate 10.1.0.5:22 > 127.0.0.1:81"},
		{LISTENING("GatewayPorts: no"), "\"gate:127.0.0.9:80 -> me:81\"", "no_path"},
		{LISTENING("GatewayPorts: clientspecified"), "\"gate@a:80 -> me:81\"",
		 "gate 10.1.0.5:22 > 127.0.0.1:81"},
		{LISTENING("GatewayPorts: yes"), "\"gate:80 -> me:81\"", "no_path"},
		{LISTENING("AllowStreamLocalForwarding: no"), "\"gate:/run/x -> me:81\"",
		 "no_path"},
		{LISTENING("AllowTcpForwarding: local"), "\"gate:/run/x -> me:81\"", "no_path"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_log_info("row %zu", i);
		expect_line(rows[i][0], "", rows[i][1], rows[i][2]);
	}
}

#define TWINS(more1, more2)                \
	"  x1: {vlans: [a, b]" more1 "}\n" \
	"  x2: {vlans: [a, b]" more2 "}\n" \
	"  web: {vlans: [b], ssh: none}\n"

Test(rules, rule_19_hosts_to_avoid)
{
	expect_decision(TWINS(", jump: avoid", ""), "1 -> web:80", "x2", "avoid");
}

Test(rules, rule_20_logins_that_ask)
{
	expect_decision(TWINS(", ssh: {interactive: yes}", ""),
			"{ingress: 1, egress: web:80, on_demand: yes}", "x2", "interactive");
	/* who is there can answer */
	expect_decision(TWINS(", ssh: {interactive: yes}", ", ssh: {}"), "1 -> web:80", "x1",
			"names");
}

Test(rules, rule_21_trust_is_counted_from_the_least)
{
	/* by c nothing in the clear crosses b, which is trusted less */
	expect_decision("  x1: [a, b]\n  x2: [a, c]\n  web: {vlans: [b, c], ssh: none}\n",
			"1 -> web:80", "x2", "exposure");
}

Test(rules, rule_21_the_sshd_that_the_file_states_encrypts_by_itself)
{
	/* no login there is needed */
	expect_decision("  x1: {vlans: [a, b], ssh: {}}\n  box: {vlans: [b], ssh: {}}\n",
			"1 -> box:22", "x1", "only path");
	expect_decision("  x1: {vlans: [a, b], ssh: {}}\n  box: {vlans: [b], ssh: {port: 2222}}\n",
			"1 -> box:22", "x1 box", "exposure");
	expect_decision("  x1: {vlans: [a, b], ssh: {}}\n  box: [b]\n", "1 -> box:22", "x1",
			"only path");
}

Test(rules, rule_22_programs_on_the_way)
{
	expect_decision("  x1: {vlans: [a, b], sshd: {AllowTcpForwarding: no}, relay: socat}\n"
			"  x2: [a, b]\n  m: [b, c]\n  web: {vlans: [c], ssh: none}\n",
			"1 -> web:80", "x2 m", "relays");
}

Test(rules, rule_23_hosts_trusted_little)
{
	expect_decision(TWINS(", trust: low", "") "  m: [b, c]\n"
						  "  far: {vlans: [c], ssh: {}}\n",
			"1 -> far:80", "x2 m far", "trust");
}

Test(rules, rule_25_the_cost_of_hosts)
{
	expect_decision(TWINS(", cost: 3", ""), "1 -> web:80", "x2", "cost");
}

Test(rules, rule_27_forwards_share_hops)
{
	struct planning_case test;

	planning_init(&test,
		      PLANNING_GUIDE "tunnels: {t: [1 -> git-server/git, 2 -> git-server:22, 3 -> "
				     "socks@bastion-host]}\n");
	cr_assert(test.plan != NULL);
	cr_expect(eq(sz, test.plan->hop_count, 2));
	expect_text(planning_chain(&test, 0), "bastion-host test-server");
	expect_text(planning_chain(&test, 2), "bastion-host");
	planning_finish(&test);
}

Test(rules, rule_28_no_detour_is_another_way)
{
	/* x1 x2 is a way, too, but x2 alone is one that costs less */
	expect_decision("  x1: [a, c]\n  x2: [a, b, c]\n  web: {vlans: [b], ssh: none}\n",
			"1 -> web:80", "x2", "only path");
}

/* Plans with alternatives; returns "x1 y1; x2 y2 | needs z". */
static const char *ways_line(struct planning_case *test, const char *yaml, size_t wanted)
{
	struct plan_request request = {.alternatives = wanted};
	struct network_index network_index;
	const char *text = "";

	planning_load(test, yaml);
	network_index_init(&network_index, test->topology, &test->arena);
	request.network_index = &network_index;
	request.me = test->topology->me;
	request.tunnel = &test->topology->tunnels[0];
	cr_assert(planner_plan(&request, &test->arena, &test->plan, &test->failure));
	for (size_t i = 0; i < test->plan->routes[0].alternative_count; i++) {
		const struct plan_path *path = &test->plan->routes[0].alternatives[i];

		text = arena_format(&test->arena, "%s%s", text, i ? "; " : "");
		for (size_t h = 0; h < path->count; h++)
			text = arena_format(&test->arena, "%s%s%s", text, h ? " " : "",
					    test->topology->hosts[path->hosts[h]].name);
	}
	for (size_t i = 0; i < test->plan->routes[0].depends_count; i++)
		text = arena_format(&test->arena, "%s | needs %s", text,
				    test->topology->hosts[test->plan->routes[0].depends[i]].name);
	return text;
}

#define MESH                                              \
	"tunplan: 1\nme: you\nvlans: [a, b, c]\nhosts:\n" \
	"  you: [a]\n  x1: [a, b]\n  x2: [a, b]\n%s"      \
	"  web: {vlans: [c], ssh: none}\ntunnels: {t: 1 -> web:80}\n"

Test(rules, rule_29_alternatives_share_the_fewest_hosts)
{
	struct planning_case test;
	char yaml[1024];

	snprintf(yaml, sizeof(yaml), MESH, "  y1: [b, c]\n  y2: [b, c]\n");
	/* the best is x1 y1 */
	expect_text(ways_line(&test, yaml, 3), "x2 y2; x1 y2; x2 y1");
	planning_finish(&test);
}

Test(rules, rule_30_what_every_way_needs)
{
	struct planning_case test;
	char yaml[1024];

	snprintf(yaml, sizeof(yaml), MESH, "  y1: [b, c]\n");
	expect_text(ways_line(&test, yaml, 3), "x2 y1 | needs y1");
	planning_finish(&test);
}

/*
 * Rows of hosts, each on the VLANs before and behind it. A tunnel leads to the end of all rows, and back
 * to the first host of the first row, from which alone the egress is dialled.
 */
static void add_rows(struct strbuf *yaml, unsigned rows, unsigned width)
{
	strbuf_puts(yaml, "tunplan: 1\nme: you\nhosts:\n  you: [v0]\n");
	for (unsigned row = 0; row < rows; row++)
		for (unsigned i = 0; i < width; i++)
			strbuf_printf(yaml, "  h%u-%u: [v%u, v%u%s]\n", row, i, row, row + 1,
				      row + i ? "" : ", end");
	strbuf_printf(yaml, "  last: [v%u]\n  web: {vlans: [end], ssh: none}\n", rows);
	strbuf_puts(yaml, "tunnels: {t: {ingress: 1, egress: 'web:80', via: [last, h0-0]}}\n"
			  "vlans: [end");
	for (unsigned i = 0; i <= rows; i++)
		strbuf_printf(yaml, ", v%u", i);
	strbuf_puts(yaml, "]\n");
}

/* The cheapest path to `last` uses up h0-0, and so do all others that begin with it. */
Test(rules, rule_31_more_paths_back_and_forth_than_can_be_looked_at)
{
	static const struct {
		unsigned width;
		const char *chain;
	} nets[] = {{2, "h0-1 h1-0 h2-0 h3-0 h4-0 h5-0 last h5-1 h4-1 h3-1 h2-1 h1-1 h0-0"},
		    {10, "no_path"}};

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		struct planning_case test;
		struct strbuf yaml = {0};

		add_rows(&yaml, 6, nets[i].width);
		planning_init(&test, yaml.text);
		expect_text(planning_chain(&test, 0), nets[i].chain);
		if (!test.plan)
			cr_expect(strstr(test.failure.text, "the search was given up") != NULL,
				  "%s", test.failure.text);
		planning_finish(&test);
		strbuf_finish(&yaml);
	}
}

/* More paths than anybody can list are no reason to give up, if none of them leads back. */
Test(rules, rule_28_the_runner_up_among_many_paths)
{
	struct planning_case test;
	struct strbuf yaml = {0};

	strbuf_puts(&yaml, "tunplan: 1\nme: you\nvlans: [v0, v1, v2, v3, v4, v5, v6, v7, v8]\n"
			   "hosts:\n  you: [v0]\n");
	for (unsigned row = 0; row < 8; row++)
		for (unsigned i = 0; i < 10; i++)
			strbuf_printf(&yaml, "  h%u-%u: {vlans: [v%u, v%u], cost: %u}\n", row, i,
				      row, row + 1, i);
	strbuf_puts(&yaml, "  web: {vlans: [v8], ssh: none}\ntunnels: {t: 1 -> web:80}\n");
	planning_init(&test, yaml.text);
	expect_text(planning_chain(&test, 0), "h0-0 h1-0 h2-0 h3-0 h4-0 h5-0 h6-0 h7-0");
	cr_assert(test.plan != NULL);
	expect_text(test.plan->decided_by, "cost");
	planning_finish(&test);
	strbuf_finish(&yaml);
}

/* Returns the hosts whose loss breaks a tunnel, "jump, app", and "(app)": or leaves but assumed logins. */
static const char *spof_line(struct planning_case *test, const char *tunnel)
{
	const size_t index = topology_tunnel(test->topology, tunnel);
	struct network_index network_index;
	struct plan_request request = {
		.network_index = &network_index,
		.tunnel = &test->topology->tunnels[index],
		.me = test->topology->me,
	};
	const char *text = "";
	struct whatif_points points;

	network_index_init(&network_index, test->topology, &test->arena);
	cr_assert(planner_plan(&request, &test->arena, &test->plan, &test->failure));
	points = whatif_spof(&request, test->plan, &test->arena);
	for (size_t i = 0; i < points.count; i++)
		text = arena_format(&test->arena, "%s%s%s", text, i ? ", " : "",
				    test->topology->hosts[points.hosts[i]].name);
	for (size_t i = 0; i < points.assumed_count; i++)
		text = arena_format(&test->arena, "%s(%s)", text,
				    test->topology->hosts[points.assumed[i]].name);
	return text;
}

/* The user and the host of the first hop, and the hosts that are no other exit, in the order shown. */
static const char *login_and_rejected(struct planning_case *test)
{
	const struct host *hosts = test->topology->hosts;
	const struct plan_hop *hop = &test->plan->hops[0];
	const char *text = arena_format(&test->arena, "%s@%s:", hop->user ? hop->user : "",
					hosts[hop->host].name);

	for (size_t i = 0; i < test->plan->rejected_count; i++)
		text = arena_format(&test->arena, "%s %s", text,
				    hosts[test->plan->rejected[i].host].name);
	return text;
}

Test(rules, rule_10_the_keys_of_me_say_as_whom_too)
{
	struct planning_case test;

	planning_load(&test, "tunplan: 1\nme: box\nvlans: [net, lan]\nhosts:\n"
			     "  box: {vlans: [net], keys: {hub: tunnel}, ssh: {}}\n"
			     "  hub: {vlans: [net, lan], ssh: {user: ops}}\n"
			     "  a-camera: {vlans: [lan], ssh: none}\n"
			     "  b-switch: {vlans: [lan], jump: no}\n"
			     "  c-jump: {vlans: [net, lan]}\n"
			     "  db: {vlans: [lan], ssh: none, services: {pg: 5432}}\n"
			     "tunnels:\n  pg: 5432 -> db/pg\n");
	planning_plan(&test, "pg");
	/* Those that could be one come first. */
	expect_text(login_and_rejected(&test), "tunnel@hub: c-jump a-camera b-switch db");
	planning_finish(&test);
}

Test(rules, rule_25_a_stated_login_goes_before_an_assumed_one)
{
	struct planning_case test;

	planning_load(&test, "tunplan: 1\nme: you\nvlans: [net, lan]\nhosts:\n"
			     "  you: {vlans: [net], ssh: none}\n"
			     "  alpha: [net, lan]\n"
			     "  jump: {vlans: [net, lan], ssh: {}}\n"
			     "  spare: {vlans: [net, lan], ssh: {}, jump: avoid}\n"
			     "  db: {vlans: [lan], ssh: none, services: {pg: 5432}}\n"
			     "tunnels:\n  pg: 5432 -> db/pg\n"
			     "  lonely: {ingress: 5433, egress: db/pg, avoid: [spare]}\n"
			     "  assumed: {ingress: 5434, egress: db/pg, avoid: [jump, spare]}\n");
	expect_text(spof_line(&test, "pg"), "");
	expect_text(test.topology->hosts[test.plan->hops[0].host].name, "jump");
	expect_text(test.plan->decided_by, "assumed");
	expect_text(spof_line(&test, "lonely"), "(jump)");
	expect_text(spof_line(&test, "assumed"), "alpha");
	planning_finish(&test);
}

#define JUMPS                                                                    \
	"tunplan: 1\nme: you\nvlans: [a, b, c]\nhosts:\n  you: [a]\n"            \
	"  jump: [a, b]\n  inner: [b, c]\n"                                      \
	"  app: {vlans: [c], ssh: {}, services: {web: 80}}\ntunnels:\n"          \
	"  nested: {ingress: 1, egress: app/web, method: nested}\n"              \
	"  stitched: {ingress: 2, egress: app/web, method: stitched}\n"          \
	"  reverse: {ingress: \"app:3\", egress: \"you:3\", method: stitched}\n" \
	"  from-jump: {ingress: \"jump:4\", egress: app/web}\n"

Test(rules, rule_30_breaks_without_the_hosts_where_pieces_are_joined)
{
	struct planning_case test;

	planning_load(&test, JUMPS);
	expect_text(spof_line(&test, "nested"), "jump, inner");
	expect_text(spof_line(&test, "stitched"), "jump, inner");
	expect_text(spof_line(&test, "reverse"), "jump, inner");
	/* jump is an end here, whatever is joined on it. */
	expect_text(spof_line(&test, "from-jump"), "inner");
	planning_finish(&test);
}
