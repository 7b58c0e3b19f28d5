#include "tests/unit/planning.h"

static void expect_plan_text(const char *yaml, const char *expected)
{
	struct planning_case test;
	struct strbuf text = {0};

	planning_init(&test, yaml);
	if (test.plan)
		plan_text(test.plan, &text);
	else
		plan_failure_text(test.topology, &test.failure, &text);
	expect_text(strbuf_text(&text), expected);
	strbuf_finish(&text);
	planning_finish(&test);
}

Test(plan_text, a_local_tunnel)
{
	expect_plan_text(
		"tunplan: 1\n"
		"me: you\n"
		"vlans: [vlan1, vlan2, vlan3]\n"
		"hosts:\n"
		"  you: {vlans: {vlan1: 10.0.1.1}}\n"
		"  bastion: {vlans: {vlan1: 10.0.1.2, vlan2: 10.0.2.2}, ssh: {user: ops}}\n"
		"  test-server: {vlans: {vlan2: 10.0.2.3, vlan3: 10.0.3.3}}\n"
		"  git-server:\n"
		"    vlans: {vlan3: 10.0.3.2}\n"
		"    ssh: none\n"
		"    services: {git: {port: 7999, encrypted: ssh}}\n"
		"tunnels: {t: 7999 -> git-server/git}\n",
		"t\n"
		"  local: programs on you open 127.0.0.1:7999 and talk to git-server:7999\n"
		"\n"
		"  you ===vlan1=== bastion ===vlan2=== test-server ---vlan3--- git-server\n"
		"  7999 in         10.0.1.2            10.0.2.3                10.0.3.2:7999 out\n"
		"\n"
		"ssh sessions, in the order in which they are made\n"
		"      to           dialled as       over   by\n"
		"  h1  bastion      ops@10.0.1.2:22  vlan1  you\n"
		"  h2  test-server  10.0.2.3:22      vlan2  bastion, inside h1\n"
		"\n"
		"who can read it on the way\n"
		"                            over   readable by  encrypted by\n"
		"  you - bastion             vlan1  nobody       ssh (test-server)\n"
		"  inside bastion                   nobody       ssh (test-server)\n"
		"  bastion - test-server     vlan2  nobody       ssh (test-server)\n"
		"  inside test-server               nobody       ssh, the service's own\n"
		"  test-server - git-server  vlan3  nobody       ssh, the service's own\n"
		"\n"
		"who can connect to what listens\n"
		"  you  127.0.0.1:7999  every program on you\n"
		"\n"
		"why this path\n"
		"  - there is no other path\n"
		"\n"
		"why no other exit\n"
		"  - git-server: `ssh: none`: no login, so it cannot be a hop [NO_SSH] "
		"(lab.yaml:10:5)\n"
		"\n"
		"assumed\n"
		"  - you can log in to test-server with ssh (port 22): the file does not state its "
		"ssh\n"
		"\n"
		"the same by hand\n"
		"  you: $ ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:7999:10.0.3.2:7999 "
		"-J ops@10.0.1.2 10.0.2.3\n");
}

/* Compares the pictures of a plan. */
static void expect_picture(const char *yaml, const char *expected)
{
	struct planning_case test;
	struct strbuf text = {0};
	const char *picture, *end;

	planning_init(&test, yaml);
	cr_assert(test.plan != NULL, "%s", test.failure.text);
	plan_text(test.plan, &text);
	picture = strstr(strbuf_text(&text), "\n\n") + 2;
	end = strstr(picture, "\n\n") + 1;
	expect_text(arena_copy(&test.arena, picture, (size_t)(end - picture)), expected);
	strbuf_finish(&text);
	planning_finish(&test);
}

Test(plan_text, a_picture_is_read_from_ingress_to_egress)
{
	expect_picture(PLANNING_GUIDE "tunnels: {t: \"test-server:9999 -> me:8888\"}\n",
		       "  test-server ===vlan2=== bastion-host ===vlan1=== you\n"
		       "  9999 in                                          8888 out\n");
	expect_picture(PLANNING_GUIDE "tunnels: {t: auto -> socks@bastion-host}\n",
		       "  you ===vlan1=== bastion-host ------ anywhere\n"
		       "  auto in\n");
	expect_picture(
		PLANNING_GUIDE "  db: {vlans: {vlan2: 10.0.2.9}, ssh: {}}\n"
			       "tunnels: {t: /run/a/rather/long/path -> db:5432}\n",
		"  you ===============vlan1=== bastion-host ===vlan2=== db\n"
		"  /run/a/rather/long/path in                           10.0.2.9, 5432 out\n");
}

Test(plan_text, forwards_that_go_the_same_way_share_a_picture)
{
	expect_picture(PLANNING_GUIDE
		       "tunnels: {t: [80 -> test-server:80, 81 -> test-server:443]}\n",
		       "  you ===vlan1=== bastion-host ---vlan2--- test-server\n"
		       "  80, 81 in                                80, 443 out\n");
	expect_picture(
		PLANNING_GUIDE "tunnels: {t: [80 -> test-server:80, 81 -> git-server/git]}\n",
		"  you ===vlan1=== bastion-host ---vlan2--- test-server\n"
		"  80 in                                    80 out\n"
		"  you ===vlan1=== bastion-host ===vlan2=== test-server ---vlan3--- git-server\n"
		"  81 in                                                            7999 out\n");
}

Test(plan_text, no_path)
{
	expect_plan_text(
		PLANNING_GUIDE "reachability:\n"
			       "  - deny: you -> bastion-host 22\n"
			       "tunnels: {t: 7999 -> git-server/git}\n",
		"lab.yaml:11:22: error[no_path]: no path from you to git-server:7999\n"
		"  the nearest complete path, 1 change:\n"
		"    you =X=> test-server ---> git-server:7999\n"
		"    - no rule allows it: add `allow: you@vlan1 -> test-server@vlan2 22` "
		"[DEFAULT_DENY]\n"
		"  or, 1 change:\n"
		"    you =X=> bastion-host ===> test-server ---> git-server:7999\n"
		"    - lab.yaml:10:11: a rule denies it: put `allow: you@vlan1 -> "
		"bastion-host@vlan1 "
		"22` before it\n"
		"      [RULE_DENY]\n"
		"  - bastion-host: you cannot reach bastion-host:22: a rule denies it "
		"[RULE_DENY] (lab.yaml:10:11)\n"
		"  - test-server: it shares no VLAN with you, and no host in between reaches "
		"test-server:22\n"
		"    [NOT_HERE]\n"
		"  - git-server: `ssh: none`: no login, so it cannot be a hop [NO_SSH] "
		"(lab.yaml:8:32)\n");
}

/* Compares the tables of who can read the bytes of a plan. */
static void expect_readers(const char *yaml, const char *expected)
{
	struct planning_case test;
	struct strbuf text = {0};
	const char *table, *end;

	planning_init(&test, yaml);
	cr_assert(test.plan != NULL, "%s", test.failure.text);
	plan_text(test.plan, &text);
	table = strstr(strbuf_text(&text), "who can read it on the way\n");
	table = strchr(table, '\n') + 1;
	end = strstr(table, "\n\n") + 1;
	expect_text(arena_copy(&test.arena, table, (size_t)(end - table)), expected);
	strbuf_finish(&text);
	planning_finish(&test);
}

Test(plan_text, a_row_of_readers_names_every_forward_that_it_holds_for)
{
	const char *const net = "tunplan: 1\n"
				"me: desk\n"
				"vlans: [net, lan]\n"
				"hosts:\n"
				"  desk: {vlans: [net], ssh: none}\n"
				"  jump: [net, lan]\n"
				"  app: {vlans: [lan], ssh: {}, services: {c: {port: 443, "
				"encrypted: tls}}}\n";
	struct arena arena = {0};

	expect_readers(
		arena_format(&arena, "%stunnels: {t: [1 -> app:80, 2 -> app:81, 3 -> app/c]}\n",
			     net),
		"               over  readable by  encrypted by\n"
		"  desk - jump  net   nobody       ssh (app)               to app:80, app:81\n"
		"  inside jump        nobody       ssh (app)               to app:80, app:81\n"
		"  jump - app   lan   nobody       ssh (app)               to app:80, app:81\n"
		"  inside app         root on app  nothing                 to app:80, app:81\n"
		"  desk - jump  net   nobody       ssh (jump)              to app:443\n"
		"  inside jump        nobody       tls, the service's own  to app:443\n"
		"  jump - app   lan   nobody       tls, the service's own  to app:443\n");
	/* What is true of all goes without saying. */
	expect_readers(arena_format(&arena, "%stunnels: {t: [1 -> app:80, 2 -> app:81]}\n", net),
		       "               over  readable by  encrypted by\n"
		       "  desk - jump  net   nobody       ssh (app)\n"
		       "  inside jump        nobody       ssh (app)\n"
		       "  jump - app   lan   nobody       ssh (app)\n"
		       "  inside app         root on app  nothing\n");
	/* Addresses outside the file are different ends. */
	expect_readers(
		arena_format(&arena,
			     "%stunnels: {t: {forwards: [1 -> 192.0.2.1:80, 2 -> 192.0.2.2:80], "
			     "via: jump}}\n",
			     net),
		"                    over  readable by        encrypted by\n"
		"  desk - jump       net   nobody             ssh (jump)\n"
		"  inside jump             root on jump       nothing\n"
		"  jump - 192.0.2.1        anyone on the way  nothing       to 192.0.2.1:80\n"
		"  jump - 192.0.2.2        anyone on the way  nothing       to 192.0.2.2:80\n");
	arena_finish(&arena);
}
