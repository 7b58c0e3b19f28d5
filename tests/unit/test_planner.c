#include "planner/model/auto_port.h"
#include "planner/model/endpoint.h"
#include "tests/unit/planning.h"

static const struct host *host_of(const struct planning_case *test, size_t host)
{
	return &test->topology->hosts[host];
}

/* Says what a forward's end is: "you 127.0.0.1:7999". */
static const char *end(struct planning_case *test, const struct plan_end *end)
{
	const char *host = end->host == TOPOLOGY_NONE ? "-" : host_of(test, end->host)->name;

	if (end->socks)
		return arena_format(&test->arena, "%s socks", host);
	if (end->socket)
		return arena_format(&test->arena, "%s %s", host, end->socket);
	return arena_format(&test->arena, "%s %s:%u%s", host, end->address, end->port,
			    end->any_port ? " auto" : "");
}

struct row {
	const char *tunnel;
	const char *type;
	const char *chain;
	const char *ingress;
	const char *egress;
};

/* Plans each row's tunnel in a network and compares its first forward. */
static void check(const char *network, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char yaml[4096];
		struct planning_case test;
		const struct plan_forward *forward;

		snprintf(yaml, sizeof(yaml), "%stunnels: {t: %s}\n", network, rows[i].tunnel);
		cr_log_info("tunnel %s", rows[i].tunnel);
		planning_init(&test, yaml);
		cr_assert(test.plan != NULL, "%s: %s", rows[i].tunnel, test.failure.text);
		forward = &test.plan->forwards[0];
		expect_text(plan_type_name(forward->type), rows[i].type);
		expect_text(planning_chain(&test, 0), rows[i].chain);
		expect_text(end(&test, &forward->ingress), rows[i].ingress);
		expect_text(end(&test, &forward->egress), rows[i].egress);
		planning_finish(&test);
	}
}

#define CHECK(network, rows) check(network, rows, sizeof(rows) / sizeof(rows[0]))

/* The hops and forwards of a plan are the same, whether words about them are wanted or not; and only these are there. */
Test(planner, a_bare_plan_has_the_same_hops_and_forwards)
{
	static const char yaml[] =
		"tunplan: 1\nme: you\nvlans: [a, b]\nhosts:\n  you: [a]\n"
		"  gate: [a, b]\n  far: {vlans: [b], ssh: {}, services: {web: 80}}\n"
		"tunnels: {t: [8080 -> far/web, gate:9000 -> me:80]}\n";
	struct planning_case test;
	const struct plan *whole;
	json_t *a, *b;

	planning_init(&test, yaml);
	whole = test.plan;
	planning_plan_as(&test, "t", (struct plan_request){.bare = true});
	cr_assert(test.plan != NULL);
	a = plan_json(whole);
	b = plan_json(test.plan);
	cr_expect(json_equal(json_object_get(a, "hops"), json_object_get(b, "hops")));
	cr_expect(json_equal(json_object_get(a, "forwards"), json_object_get(b, "forwards")));
	cr_expect(eq(sz, whole->route_count, 2));
	cr_expect(eq(sz, test.plan->route_count, 0));
	json_decref(a);
	json_decref(b);
	planning_finish(&test);
}

Test(planner, the_target_is_what_the_exit_sees)
{
	static const struct row rows[] = {
		{"7999 -> git-server/git", "local", "bastion-host test-server",
		 "you 127.0.0.1:7999", "git-server git-server:7999"},
		{"\"[::1]:80 -> git-server:443\"", "local", "bastion-host test-server",
		 "you ::1:80", "git-server git-server:443"},
		{"auto -> git-server/git", "local", "bastion-host test-server",
		 "you 127.0.0.1:0 auto", "git-server git-server:7999"},
		{"/run/git.sock -> git-server/git", "local", "bastion-host test-server",
		 "you /run/git.sock", "git-server git-server:7999"},
		{"1080 -> socks@test-server", "dynamic", "bastion-host test-server",
		 "you 127.0.0.1:1080", "test-server socks"},
		{"test-server:9000 -> me:80", "remote", "bastion-host test-server",
		 "test-server 127.0.0.1:9000", "you 127.0.0.1:80"},
		{"test-server:auto -> me:80", "remote", "bastion-host test-server",
		 "test-server 127.0.0.1:0 auto", "you 127.0.0.1:80"},
		{"test-server:9000 -> bastion-host:80", "remote", "bastion-host test-server",
		 "test-server 127.0.0.1:9000", "bastion-host bastion-host:80"},
		{"80 -> example.org:80 via test-server", "local", "bastion-host test-server",
		 "you 127.0.0.1:80", "- example.org:80"},
	};

	CHECK(PLANNING_GUIDE, rows);
}

#define ADDRESSES                                                                                \
	"tunplan: 1\nme: you\nvlans: [a, b, c]\n"                                                \
	"hosts:\n"                                                                               \
	"  you: {vlans: {a: 10.1.0.1}, services: {proxy: 8888}}\n"                               \
	"  gate: {vlans: {a: [\"fd01::2\", 10.1.0.2], b: [10.2.0.2, \"fd02::2\"]}, ssh: {port: " \
	"2222}}\n"                                                                               \
	"  web: {vlans: {b: [\"fd02::3\", 10.2.0.3], c: 10.3.0.3}, ssh: none, services: {w: "    \
	"80}}\n"                                                                                 \
	"  db: {vlans: {b: 10.2.0.4}, ssh: {user: dba}}\n"

Test(planner, addresses_are_those_of_the_vlan)
{
	static const struct row rows[] = {
		{"80 -> web/w", "local", "gate", "you 127.0.0.1:80", "web fd02::3:80"},
		{"you@a:80 -> web@b/w", "local", "gate", "you 10.1.0.1:80", "web fd02::3:80"},
		{"80 -> db:5432", "local", "gate db", "you 127.0.0.1:80", "db 127.0.0.1:5432"},
		{"80 -> db@b:5432", "local", "gate db", "you 127.0.0.1:80", "db 10.2.0.4:5432"},
		{"80 -> db:/run/pg", "local", "gate db", "you 127.0.0.1:80", "db /run/pg"},
		{"gate@b:80 -> me/proxy", "remote", "gate", "gate 10.2.0.2:80",
		 "you 127.0.0.1:8888"},
		{"gate:80 -> you@a/proxy", "remote", "gate", "gate 127.0.0.1:80",
		 "you 10.1.0.1:8888"},
		{"gate:/run/x -> me:/run/y", "remote", "gate", "gate /run/x", "you /run/y"},
	};

	CHECK(ADDRESSES, rows);
}

Test(planner, a_hop_says_how_it_is_dialled)
{
	struct planning_case test;
	const struct plan_hop *hop;

	planning_init(&test, ADDRESSES "tunnels: {t: 80 -> db:5432}\n");
	hop = &test.plan->hops[0];
	expect_text(hop->address, "10.1.0.2"); /* you have no IPv6 */
	cr_expect(eq(u16, hop->port, 2222));
	cr_expect(eq(sz, hop->through, TOPOLOGY_NONE));
	cr_expect(eq(sz, hop->from, test.topology->me));
	cr_expect(hop->assumed == false);
	hop = &test.plan->hops[1];
	expect_text(hop->address, "10.2.0.4");
	expect_text(hop->user, "dba");
	cr_expect(eq(sz, hop->through, 0));
	expect_text(host_of(&test, hop->from)->name, "gate");
	expect_text(test.topology->vlans[hop->vlan].name, "b");
	planning_finish(&test);
}

Test(planner, an_alias_is_dialled_by_me_alone)
{
	struct planning_case test;

	planning_init(&test, "tunplan: 1\nme: you\nvlans: [a, b, c]\n"
			     "hosts:\n"
			     "  you: [a]\n"
			     "  g1: {vlans: [a, b], ssh: {config: plant-1}}\n"
			     "  g2: {vlans: {b: 10.0.0.2, c: 10.1.0.2}, ssh: {config: plant-2}}\n"
			     "  web: {vlans: [c], ssh: none}\n"
			     "tunnels: {t: 80 -> web:80}\n");
	expect_text(test.plan->hops[0].address, "plant-1");
	expect_text(test.plan->hops[0].config, "plant-1");
	expect_text(test.plan->hops[1].address, "10.0.0.2");
	expect_text(test.plan->hops[1].config, "plant-2");
	planning_finish(&test);
}

Test(planner, forwards_share_the_hops_they_have_in_common)
{
	struct planning_case test;

	planning_init(&test, PLANNING_GUIDE "  other: [vlan2]\n"
					    "tunnels:\n"
					    "  t:\n"
					    "    - 7999 -> git-server/git\n"
					    "    - 8080 -> other:80\n"
					    "    - other:9000 -> me:80\n");
	expect_text(planning_chain(&test, 0), "bastion-host test-server");
	expect_text(planning_chain(&test, 1), "bastion-host");
	expect_text(planning_chain(&test, 2), "bastion-host other");
	cr_expect(eq(sz, test.plan->hop_count, 3));
	planning_finish(&test);
}

/* Says all segments of a forward, one a line. */
static const char *exposure(struct planning_case *test, size_t forward)
{
	const char *text = "";

	for (size_t i = 0; i < test->plan->exposure_count; i++) {
		const struct plan_segment *segment = &test->plan->exposure[i];

		if (segment->forward == forward)
			text = arena_format(&test->arena, "%s%s | %s | %s\n", text, segment->where,
					    segment->encrypted_by ? segment->encrypted_by : "-",
					    segment->readable_by);
	}
	return text;
}

static void expect_exposure(const char *yaml, const char *expected)
{
	struct planning_case test;

	planning_init(&test, yaml);
	cr_assert(test.plan != NULL, "%s", test.failure.text);
	expect_text(exposure(&test, 0), expected);
	planning_finish(&test);
}

Test(planner, exposure_of_a_local_tunnel)
{
	expect_exposure(PLANNING_GUIDE "tunnels: {t: 7999 -> git-server/git}\n",
			"vlan1 | ssh (test-server) | nobody\n"
			"inside bastion-host | ssh (test-server) | nobody\n"
			"vlan2 | ssh (test-server) | nobody\n"
			"inside test-server | - | root on test-server\n"
			"vlan3 | - | anyone on vlan3\n");
}

Test(planner, exposure_of_a_service_that_encrypts_itself)
{
	/* Named by its port it is the same service. */
	expect_exposure(
		"tunplan: 1\nme: you\nvlans: [a, b]\n"
		"hosts:\n"
		"  you: [a]\n"
		"  gate: [a, b]\n"
		"  web: {vlans: [b], ssh: none, services: {s: {port: 443, encrypted: tls}}}\n"
		"tunnels: {t: 8443 -> web:443}\n",
		"a | ssh (gate) | nobody\n"
		"inside gate | tls | nobody\n"
		"b | tls | nobody\n");
}

Test(planner, exposure_on_the_egress_host_itself)
{
	expect_exposure(ADDRESSES "tunnels: {t: 80 -> db:5432}\n",
			"a | ssh (db) | nobody\n"
			"inside gate | ssh (db) | nobody\n"
			"b | ssh (db) | nobody\n"
			"inside db | - | root on db\n");
}

Test(planner, a_service_reads_what_it_serves)
{
	expect_exposure("tunplan: 1\nme: you\nvlans: [a]\n"
			"hosts:\n"
			"  you: [a]\n"
			"  web: {vlans: [a], ssh: {}, services: {s: {port: 443, encrypted: tls}}}\n"
			"tunnels: {t: 8443 -> web/s}\n",
			"a | ssh (web) | nobody\n"
			"inside web | tls | root on web\n");
}

Test(planner, exposure_of_a_routed_egress)
{
	expect_exposure("tunplan: 1\nme: you\nvlans: [a, b, c]\n"
			"hosts:\n"
			"  you: [a]\n"
			"  gate: [a, b]\n"
			"  web: {vlans: [c], ssh: none}\n"
			"reachability:\n  - allow: b -> c 80\n"
			"tunnels: {t: 80 -> web:80}\n",
			"a | ssh (gate) | nobody\n"
			"inside gate | - | root on gate\n"
			"b to c | - | anyone on b or c, or the router between\n");
}

Test(planner, exposure_of_a_remote_tunnel)
{
	expect_exposure(PLANNING_GUIDE "tunnels: {t: \"test-server:9000 -> me:80\"}\n",
			"inside test-server | - | root on test-server\n"
			"vlan2 | ssh (test-server) | nobody\n"
			"inside bastion-host | ssh (test-server) | nobody\n"
			"vlan1 | ssh (test-server) | nobody\n"
			"inside you | - | root on you\n");
}

Test(planner, exposure_of_a_dynamic_tunnel)
{
	expect_exposure(PLANNING_GUIDE "tunnels: {t: 1080 -> socks@bastion-host}\n",
			"vlan1 | ssh (bastion-host) | nobody\n"
			"inside bastion-host | - | root on bastion-host\n"
			"beyond bastion-host | - | anyone on the way\n");
}

/* Returns the changes that the nearest path needs, "1: …; …", or "-". */
static const char *nearest_text(struct planning_case *test)
{
	const struct plan_near_miss *near_miss = test->failure.near_misses;
	const char *text = "";

	if (test->failure.near_miss_count == 0)
		return "-";
	for (size_t i = 0; i < near_miss->change_count; i++)
		text = arena_format(&test->arena, "%s%s%s [%s]", text, i ? "; " : "",
				    near_miss->changes[i].what,
				    plan_reason_code(near_miss->changes[i].reason));
	return text;
}

/* Plans a tunnel that cannot be planned and compares what is said about it. */
static void expect_failure(const char *yaml, const char *text, const char *help,
			   const char *nearest)
{
	struct planning_case test;

	planning_init(&test, yaml);
	cr_assert(test.plan == NULL);
	expect_text(test.failure.code, "no_path");
	expect_text(test.failure.text, text);
	expect_text(test.failure.help ? test.failure.help : "-", help);
	expect_text(nearest_text(&test), nearest);
	cr_expect(ge(u32, sources_position(&test.sources, test.failure.at).line, 1));
	planning_finish(&test);
}

Test(planner, no_path_names_what_was_asked)
{
	expect_failure(PLANNING_GUIDE "  island: {vlans: [], ssh: none}\n"
				      "tunnels: {t: 80 -> island:80}\n",
		       "no path from you to island:80", "no reasonable change would create a path",
		       "-");
	expect_failure(PLANNING_GUIDE "  other: [vlan3]\n"
				      "reachability:\n  - deny: any -> other 22\n"
				      "tunnels: {t: 80 -> git-server/git via bastion-host other}\n",
		       "no path from you to git-server:7999 via bastion-host, other", "-",
		       "drop `via`: without it there is a path [CONSTRAINT]");
	expect_failure(PLANNING_GUIDE "tunnels: {t: {ingress: 80, egress: git-server/git, exit: "
				      "bastion-host}}\n",
		       "no path from you to git-server:7999 with exit bastion-host", "-",
		       "drop `exit`: without it there is a path [CONSTRAINT]");
	expect_failure("tunplan: 1\nme: you\nvlans: [v]\nhosts: {you: [v], web: [v]}\n"
		       "tunnels: {t: 80 -> web:80}\n",
		       "no path from you to web:80", "-",
		       "if you can log in to web, state it: `ssh: {}` [NO_SSH]");
}

/* An ssh on x1 goes on to x2 and x3: without `method` its sshd would have to, which may not dial x2. */
Test(planner, no_advice_takes_the_way_to_the_other_end_away)
{
	expect_failure("tunplan: 1\nme: you\nvlans: [a, b]\n"
		       "hosts:\n"
		       "  you: [a]\n"
		       "  x1:\n"
		       "    vlans: {a: 'fd00:1::3', b: 10.0.0.3}\n"
		       "    ssh: {}\n"
		       "    sshd: {PermitOpen: ['10.0.0.4:22']}\n"
		       "    services: {api: {port: 80, listen: [b]}}\n"
		       "  x2: {vlans: {b: 10.0.0.2}}\n"
		       "  x3: {vlans: {b: 10.0.0.4}}\n"
		       "tunnels: {t: {ingress: 'x3:7000', egress: 'x1:80', via: [x2], method: "
		       "stitched}}\n",
		       "no path from x3 to x1:80 stitched", "-",
		       "PermitOpen of x1 lacks 10.0.0.3:80 [PERMIT_OPEN]");
}

Test(planner, an_ingress_needs_a_numeric_address)
{
	expect_failure(PLANNING_GUIDE "tunnels: {t: \"you@vlan1:80 -> git-server/git\"}\n",
		       "the file gives you no numeric address on vlan1 to listen on",
		       "give it one, or write the address to listen on before the port", "-");
}

/* Returns the pieces of the plan, "remote h1 bastion-host:80 > joint; local h2 joint > …". */
static const char *pieces_text(struct planning_case *test)
{
	const char *text = "";

	cr_assert(test->plan != NULL, "%s", test->failure.text);
	for (size_t i = 0; i < test->plan->forward_count; i++) {
		const struct plan_forward *forward = &test->plan->forwards[i];

		text = arena_format(&test->arena, "%s%s%s h%zu %s > %s", text, i ? "; " : "",
				    plan_type_name(forward->type), forward->hop + 1,
				    endpoint_name(test->plan, &forward->ingress, &test->arena),
				    endpoint_name(test->plan, &forward->egress, &test->arena));
	}
	return text;
}

Test(planner, rule_17_any_to_any)
{
	static const char *const rows[][2] = {
		/* me opens the egress itself */
		{"\"bastion-host:80 -> me:81\"", "remote h1 bastion-host:80 > you:81"},
		/* or a second way leads there, and the two are joined on me */
		{"\"bastion-host:80 -> git-server/git\"",
		 "remote h1 bastion-host:80 > a socket on you; "
		 "local h2 a socket on you > git-server:7999"},
		{"\"test-server:80 -> bastion-host:81 via bastion-host\"",
		 "remote h2 test-server:80 > bastion-host:81"},
		/* SOCKS from me is ssh's own; from another host it takes a port of loopback */
		{"\"bastion-host:80 -> socks@me\"",
		 "remote_dynamic h1 bastion-host:80 > socks@you"},
		{"\"bastion-host:80 -> socks@test-server\"",
		 "remote h1 bastion-host:80 > you:26267; dynamic h2 you:26267 > "
		 "socks@test-server"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char yaml[1024];
		struct planning_case test;

		snprintf(yaml, sizeof(yaml), PLANNING_GUIDE "tunnels: {t: %s}\n", rows[i][0]);
		planning_init(&test, yaml);
		expect_text(pieces_text(&test), rows[i][1]);
		planning_finish(&test);
	}
}

/* As the guide has it: each command on the host where it is typed. */
Test(planner, rule_12_the_guides_stitched_tunnels)
{
	static const char *const rows[][3] = {
		{"{ingress: 7999, egress: git-server/git, method: stitched, stitch: [2999]}",
		 "ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:7999:127.0.0.1:2999 bastion-host",
		 "ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:2999:git-server:7999 "
		 "test-server"},
		{"{ingress: \"test-server:9999\", egress: \"me:8888\", method: stitched, stitch: "
		 "[8080]}",
		 "ssh -N -o ExitOnForwardFailure=yes -R 127.0.0.1:8080:127.0.0.1:8888 bastion-host",
		 "ssh -N -o ExitOnForwardFailure=yes -R 127.0.0.1:9999:127.0.0.1:8080 "
		 "test-server"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char yaml[1024];
		struct planning_case test;
		const struct plan_hop *hops;

		snprintf(yaml, sizeof(yaml), PLANNING_GUIDE "tunnels: {t: %s}\n", rows[i][0]);
		planning_init(&test, yaml);
		expect_text(planning_command(&test, 0), rows[i][1]);
		expect_text(planning_command(&test, 1), rows[i][2]);
		hops = test.plan->hops;
		expect_text(test.topology->hosts[hops[0].client].name, "you");
		expect_text(test.topology->hosts[hops[1].client].name, "bastion-host");
		/* Each is the first of its ssh client. */
		cr_expect(eq(uint, hops[0].depth, 1));
		cr_expect(eq(uint, hops[1].depth, 1));
		planning_finish(&test);
	}
}

/* A network where each host has its say: what its sshd forwards, whether it is passed at all. */
#define SETTINGS                                                                          \
	"tunplan: 1\nme: you\nvlans: [out, in]\n"                                         \
	"hosts:\n"                                                                        \
	"  you: [out]\n"                                                                  \
	"  mute: {vlans: [out, in], sshd: {AllowTcpForwarding: no}}\n"                    \
	"  picky: {vlans: [out, in], sshd: {PermitOpen: [\"10.0.0.9:22\", \"db:22\"]}}\n" \
	"  closed: {vlans: [out, in], jump: no}\n"                                        \
	"  shady: {vlans: [out, in], trust: low}\n"                                       \
	"  db: {vlans: {in: 10.0.0.8}, ssh: {}, services: {pg: {port: 5432, listen: "     \
	"loopback}, sock: {socket: /run/pg}, web: {port: 80, listen: [in]}}}\n"

Test(planner, settings_of_hosts_and_of_the_tunnel_decide)
{
	static const struct {
		const char *tunnel;
		const char *chain; /* or the failure's code */
		const char *host;  /* one that is rejected, */
		const char *why;   /* and why and where */
	} rows[] = {
		{"egress: db/pg, avoid: shady", "picky db", "mute", "LOOPBACK_ONLY 10:51"},
		{"egress: db/pg, avoid: shady", "picky db", "closed", "NOT_JUMP 8:3"},
		{"egress: db/pg, avoid: picky", "shady db", "picky", "CONSTRAINT"},
		{"egress: db/pg, min_trust: medium", "picky db", "shady", "CONSTRAINT"},
		{"egress: db/pg, min_trust: high", "no_path", "picky", "CONSTRAINT"},
		{"egress: db/pg, max_hops: 1", "no_path", "shady", "LOOPBACK_ONLY 10:51"},
		{"egress: db/pg, avoid: in", "no_path", "db", "CONSTRAINT"},
		{"egress: db/sock, via: shady", "shady db", "mute", ""},
		{"egress: db/web, exit: shady", "shady", "picky", "CONSTRAINT"},
		{"egress: socks@mute", "no_path", "mute", "FWD_OFF 6:35"},
		{"egress: socks@closed", "no_path", "closed", "NOT_JUMP 8:3"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char yaml[2048];
		struct planning_case test;

		snprintf(yaml, sizeof(yaml), SETTINGS "tunnels: {t: {ingress: 1, %s}}\n",
			 rows[i].tunnel);
		planning_init(&test, yaml);
		expect_text(planning_chain(&test, 0), rows[i].chain);
		expect_text(planning_rejection(&test, rows[i].host), rows[i].why);
		planning_finish(&test);
	}
}

Test(planner, notes_and_assumptions)
{
	struct planning_case test;

	planning_init(&test, PLANNING_GUIDE
		      "reachability:\n  - allow: you -> git-server 7999\n"
		      "tunnels: {t: \"0.0.0.0:7999 -> git-server/git via test-server\"}\n");
	cr_assert(eq(sz, test.plan->assumed_count, 2));
	expect_text(
		test.plan->assumed[0],
		"you can log in to bastion-host with ssh (port 22): the file does not state its "
		"ssh");
	cr_assert(eq(sz, test.plan->note_count, 4));
	expect_text(
		test.plan->notes[0],
		"root on test-server can read what goes to git-server:7999: ssh ends there, and "
		"the file does not say that the service encrypts");
	expect_text(test.plan->notes[1],
		    "git-server:7999 can also be reached from you without a tunnel; this tunnel "
		    "adds ssh encryption as far as its exit");
	expect_text(test.plan->notes[2], "the name git-server is looked up on test-server");
	expect_text(test.plan->notes[3],
		    "the ingress is on 0.0.0.0, not only on loopback: anyone who can reach that "
		    "address can use the tunnel, and their traffic to it is not inside ssh");
	planning_finish(&test);
}

Test(planner, a_remote_listener_is_assumed_but_on_what_sshd_leaves)
{
	static const struct {
		const char *ingress;
		bool assumed, open;
	} rows[] = {
		{"bastion-host:9090", false, false},
		{"bastion-host:127.0.0.1:9090", false, false},
		{"bastion-host:127.0.0.9:9090", true, false},
		{"bastion-host:0.0.0.0:9090", true, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct planning_case test;
		char yaml[2048];
		bool assumed = false, open = false;

		snprintf(yaml, sizeof(yaml), PLANNING_GUIDE "tunnels: {t: \"%s -> me:9091\"}\n",
			 rows[i].ingress);
		planning_init(&test, yaml);
		for (size_t j = 0; j < test.plan->assumed_count; j++)
			assumed |= strstr(test.plan->assumed[j], "GatewayPorts") != NULL;
		for (size_t j = 0; j < test.plan->note_count; j++)
			open |= strstr(test.plan->notes[j], "not only on loopback") != NULL;
		cr_log_info("%s", rows[i].ingress);
		cr_expect(assumed == rows[i].assumed);
		cr_expect(open == rows[i].open);
		planning_finish(&test);
	}
}

Test(planner, what_is_assumed_of_me_is_no_news)
{
	struct planning_case test;

	planning_init(&test, PLANNING_GUIDE "tunnels: {t: 80 -> 192.0.2.1:80 via bastion-host}\n");
	cr_assert(eq(sz, test.plan->assumed_count, 2));
	expect_text(test.plan->assumed[0],
		    "bastion-host can reach 192.0.2.1:80: that address is not in the file");
	cr_assert(eq(sz, test.plan->note_count, 2));
	expect_text(test.plan->notes[1],
		    "only root may listen on port 80 of you, unless its system is told otherwise");
	planning_finish(&test);
}

#define TWO_DECISIONS                          \
	"tunplan: 1\nme: you\nvlans: [a, b]\n" \
	"hosts:\n"                             \
	"  you: [a]\n"                         \
	"  gate: [a, b]\n"                     \
	"  db: {vlans: [b], ssh: {}}\n"        \
	"  web: {vlans: [b], ssh: none}\n"

Test(planner, the_closest_decision_of_all_forwards_counts)
{
	static const char *const rows[][2] = {
		{"81 -> db:5432", "exposure"},
		/* by db it would be a detour, which is no other path (rule 28) */
		{"82 -> web:80", "only path"},
		{"[81 -> db:5432, 82 -> web:80]", "exposure"},
		{"[82 -> web:80, 81 -> db:5432]", "exposure"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char yaml[1024];
		struct planning_case test;

		snprintf(yaml, sizeof(yaml), TWO_DECISIONS "tunnels: {t: %s}\n", rows[i][0]);
		planning_init(&test, yaml);
		expect_text(test.plan->decided_by, rows[i][1]);
		planning_finish(&test);
	}
}

Test(planner, auto_ports_are_stable_and_in_range)
{
	cr_expect(
		eq(u16, auto_port("git-via-test-server", 0), auto_port("git-via-test-server", 0)));
	cr_expect(ne(u16, auto_port("a", 0), auto_port("b", 0)));
	for (size_t i = 0; i < AUTO_PORT_COUNT * 2; i++) {
		const uint16_t port = auto_port("t", i);

		cr_assert(port >= AUTO_PORT_FIRST && port < AUTO_PORT_FIRST + AUTO_PORT_COUNT);
	}
	/* Part of the interface: it is the same in every version. */
	cr_expect(eq(u16, auto_port("", 0), 20000 + 2166136261u % 10000));
}

/* Returns the near_misses, "2: x0 gate [PERMIT_OPEN]; 4: …": their weights, hosts, and reasons. */
static const char *misses_text(struct planning_case *test)
{
	const char *text = "";

	for (size_t m = 0; m < test->failure.near_miss_count; m++) {
		const struct plan_near_miss *near_miss = &test->failure.near_misses[m];

		text = arena_format(&test->arena, "%s%s%d:", text, m ? "; " : "",
				    near_miss->weight);
		for (size_t i = 0; i < near_miss->count; i++)
			text = arena_format(&test->arena, "%s %s", text,
					    test->topology->hosts[near_miss->hosts[i]].name);
		for (size_t i = 0; i < near_miss->change_count; i++)
			text = arena_format(&test->arena, "%s [%s]", text,
					    plan_reason_code(near_miss->changes[i].reason));
	}
	return text;
}

/*
 * All of the many hosts get to the gate, whose setting is the nearest change. Whoever looks for the next
 * one as if that could still be made looks at all of them, and gives up.
 */
Test(planner, a_further_miss_does_without_the_change_before)
{
	struct planning_case test;
	struct strbuf yaml = {0};

	strbuf_puts(&yaml, "tunplan: 1\nme: you\nvlans: [a, b, c]\nhosts:\n  you: [a]\n"
			   "  gate: {vlans: [b, c], ssh: {}, sshd: {PermitOpen: none}}\n"
			   "  web: {vlans: [c], ssh: none}\n");
	for (size_t i = 0; i < 1100; i++)
		strbuf_printf(&yaml, "  x%zu: [a, b]\n", i);
	strbuf_puts(&yaml, "tunnels: {t: 80 -> web:80}\n");
	planning_init(&test, strbuf_text(&yaml));
	cr_assert(test.plan == NULL);
	expect_text(misses_text(&test), "2: x0 gate [PERMIT_OPEN]; 4: x0 [DEFAULT_DENY]; "
					"4: x1 [DEFAULT_DENY]");
	strbuf_finish(&yaml);
	planning_finish(&test);
}

/* A new rule may lead to any host near the egress, and only the last one can open it. */
Test(planner, a_miss_may_lead_to_many_hosts)
{
	struct planning_case test;
	struct strbuf yaml = {0};

	strbuf_puts(&yaml, "tunplan: 1\nme: you\nvlans: [a, c]\nhosts:\n  you: [a]\n"
			   "  web: {vlans: [c], ssh: none}\n");
	for (size_t i = 0; i < 200; i++)
		strbuf_printf(&yaml, "  x%zu: {vlans: [c], ssh: {}, sshd: {PermitOpen: none}}\n",
			      i);
	strbuf_puts(&yaml, "  last: {vlans: [c], ssh: {}}\ntunnels: {t: 80 -> web:80}\n");
	planning_init(&test, strbuf_text(&yaml));
	cr_assert(test.plan == NULL);
	expect_text(misses_text(&test),
		    "4: last [DEFAULT_DENY]; 6: x0 [DEFAULT_DENY] [PERMIT_OPEN]; "
		    "6: x1 [DEFAULT_DENY] [PERMIT_OPEN]");
	strbuf_finish(&yaml);
	planning_finish(&test);
}
