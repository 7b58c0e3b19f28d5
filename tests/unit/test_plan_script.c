#include <stdio.h>
#include <unistd.h>

#include "planner/model/auto_port.h"
#include "planner/views/plan_script.h"
#include "tests/unit/planning.h"

/* Returns the script of the test's plan. */
static const char *script_of(struct planning_case *test)
{
	struct strbuf text = {0};
	const char *script;

	cr_assert(test->plan != NULL, "%s", test->failure.text);
	plan_script(test->plan, &text);
	script = arena_string(&test->arena, strbuf_text(&text));
	strbuf_finish(&text);
	return script;
}

/* Whether a shell can read it. */
static void expect_syntax(const char *script)
{
	FILE *shell = popen("sh -n", "w");

	cr_assert(shell != NULL);
	fputs(script, shell);
	cr_expect(pclose(shell) == 0, "%s", script);
}

/* Returns what a script brings up: the lines of the function of its own, as if they stood alone. */
static const char *steps_of(struct planning_case *test)
{
	static const char before[] = "\nbring_up() {\n";
	const char *script = script_of(test);
	const char *steps = strstr(script, before);
	const char *end;

	expect_syntax(script);
	cr_assert(steps != NULL, "%s", script);
	steps += strlen(before);
	end = strstr(steps, "}\n\nentrances() {\n");
	cr_assert(end != NULL, "%s", steps);
	return arena_copy(&test->arena, steps, (size_t)(end - steps));
}

/* Plans tunnel t of a text and compares the steps of its script. */
static void expect_steps(const char *yaml, const char *expected)
{
	struct planning_case test;

	planning_init(&test, yaml);
	expect_text(steps_of(&test), expected);
	planning_finish(&test);
}

/* The same, for some lines that are among them. */
static void expect_among(struct planning_case *test, const char *lines)
{
	const char *steps = steps_of(test);

	cr_expect(strstr(steps, lines) != NULL, "not there:\n%s\nbut:\n%s", lines, steps);
}

/* Of a hop whose keepalives wait behind those of the hop that carries it. */
#define DEEP " -o ServerAliveCountMax=7"

#define JUMP(hop, name) "-o 'ProxyCommand=ssh -F none -S " hop " -o ProxyCommand=false " name

Test(plan_script, is_the_tunnel_from_head_to_foot)
{
	struct planning_case test;
	struct strbuf expected = {0};

	planning_init(&test, PLANNING_GUIDE "tunnels: {t: 7999 -> git-server/git}\n");
	strbuf_puts(
		&expected,
		"#!/bin/sh\n"
		"# t: brings this tunnel up with ssh alone, and keeps it up until Ctrl-C, TERM or "
		"HUP.\n"
		"# When one of its ssh processes ends, so does all of it. Nothing is left.\n"
		"#\n"
		"#     you ===vlan1=== bastion-host ===vlan2=== test-server ---vlan3--- "
		"git-server\n"
		"#     7999 in                                                          7999 out\n"
		"#\n"
		"# Made for you by `tunplan export script`.\n"
		"#\n"
		"# What is quoted twice, and a ~, is for ssh to read.\n"
		"# shellcheck disable=SC1003,SC2088\n"
		"\n"
		"tunnel=t\n"
		"\n"
		"bring_up() {\n"
		"\tmaster hop1 bastion-host -o ProxyCommand=none bastion-host\n"
		"\tmaster hop2 test-server " JUMP(
			"hop1", "-W test-server:22 bastion-host") "' test-server" DEEP "\n"
								  "\tforward hop2 -L "
								  "127.0.0.1:7999:git-server:7999\n"
								  "}\n"
								  "\n"
								  "entrances() {\n"
								  "\techo '  127.0.0.1:7999 on you "
								  "leads to git-server:7999'\n"
								  "}\n"
								  "\n");
	strbuf_puts(&expected, tunnel_sh);
	expect_text(script_of(&test), strbuf_text(&expected));
	strbuf_finish(&expected);
	planning_finish(&test);
}

Test(plan_script, one_hop_of_each_type)
{
	expect_steps(PLANNING_GUIDE "tunnels: {t: \"bastion-host:9000 -> me:80\"}\n",
		     "\tmaster hop1 bastion-host -o ProxyCommand=none bastion-host\n"
		     "\tforward hop1 -R 127.0.0.1:9000:127.0.0.1:80\n");
	expect_steps(PLANNING_GUIDE "tunnels: {t: 1080 -> socks@bastion-host}\n",
		     "\tmaster hop1 bastion-host -o ProxyCommand=none bastion-host\n"
		     "\tforward hop1 -D 127.0.0.1:1080\n");
	expect_steps(PLANNING_GUIDE "tunnels: {t: \"bastion-host:1080 -> socks@me\"}\n",
		     "\tmaster hop1 bastion-host -o ProxyCommand=none bastion-host\n"
		     "\tforward hop1 -R 127.0.0.1:1080\n");
}

Test(plan_script, chains_share_the_hops_with_which_they_begin)
{
	expect_steps(
		PLANNING_GUIDE "tunnels: {t: [80 -> test-server:80, 81 -> git-server/git]}\n",
		"\tmaster hop1 bastion-host -o ProxyCommand=none bastion-host\n"
		"\tmaster hop2 test-server " JUMP(
			"hop1", "-W test-server:22 bastion-host") "' test-server" DEEP "\n"
								  "\tforward hop1 -L "
								  "127.0.0.1:80:test-server:80\n"
								  "\tforward hop2 -L "
								  "127.0.0.1:81:git-server:7999\n");
}

Test(plan_script, a_socket_on_me_is_removed_at_the_end)
{
	expect_steps(PLANNING_GUIDE "tunnels: {t: /run/x.sock -> test-server:80}\n",
		     "\tmaster hop1 bastion-host -o ProxyCommand=none bastion-host\n"
		     "\tforward hop1 -L /run/x.sock:test-server:80\n"
		     "\tsockets=\"$sockets /run/x.sock\"\n");
}

Test(plan_script, an_auto_port_is_the_same_where_it_is_said)
{
	struct planning_case test;
	int port = 0;

	planning_init(&test, PLANNING_GUIDE "tunnels: {t: auto -> test-server:80}\n");
	sscanf(strstr(steps_of(&test), "\n\tforward"), "\n\tforward hop1 -L 127.0.0.1:%d:", &port);
	cr_expect(port >= 20000 && port < 30000);
	cr_expect(strstr(script_of(&test),
			 arena_format(&test.arena, "  127.0.0.1:%d on you", port)) != NULL);
	planning_finish(&test);
}

/* A chain through two hosts to a service of a third; the logins come from each test. */
#define CHAIN(first, second, tunnel)                                    \
	"tunplan: 1\nme: you\nvlans: [a, b, c]\n"                       \
	"hosts:\n"                                                      \
	"  you: [a]\n"                                                  \
	"  g1: {vlans: [a, b], " first "}\n"                            \
	"  g2: {vlans: {b: \"fd01::2\", c: \"fd02::2\"}, " second "}\n" \
	"  web: {vlans: {c: \"fd02::3\"}, ssh: none}\n"                 \
	"tunnels: {t: " tunnel "}\n"

Test(plan_script, each_hop_has_its_own_login)
{
	expect_steps(CHAIN("ssh: {user: ops, port: 2222, identity: ~/.ssh/id_a}",
			   "ssh: {options: {ServerAliveInterval: 7}}", "80 -> web:80"),
		     "\tmaster hop1 g1 -o ProxyCommand=none -p 2222 -o IdentitiesOnly=yes -i "
		     "'~/.ssh/id_a' ops@g1\n"
		     "\tmaster hop2 g2 " JUMP(
			     "hop1",
			     "-W '\\''[fd01::2]:22'\\'' g1") "' "
							     "-o ServerAliveInterval=7 fd01::2" DEEP
							     "\n"
							     "\tforward hop2 -L "
							     "'127.0.0.1:80:[fd02::3]:80'\n");
}

Test(plan_script, an_alias_of_ssh_config_is_dialled_as_that_says)
{
	expect_steps(
		CHAIN("ssh: {config: plant}", "ssh: {config: inner}", "80 -> web:80"),
		"\tmaster hop1 g1 plant\n"
		"\tmaster hop2 g2 " JUMP(
			"hop1", "-W '\\''[fd01::2]:22'\\'' g1") "' inner" DEEP "\n"
								"\tforward hop2 -L "
								"'127.0.0.1:80:[fd02::3]:80'\n");
}

Test(plan_script, a_published_host_keeps_the_name_of_its_key)
{
	struct planning_case test;

	planning_init(&test, "tunplan: 1\nme: you\nvlans: [a]\n"
			     "hosts:\n"
			     "  you: [a]\n"
			     "  g1: [a]\n"
			     "  probe: {ssh: {}, at: {g1: \"localhost:2201\"}}\n"
			     "tunnels: {t: 80 -> probe:80}\n");
	expect_among(&test, JUMP("hop1", "-W localhost:2201 g1") "' -p 2201 -o HostKeyAlias=");
	planning_finish(&test);
}

Test(plan_script, a_relay_is_read_by_two_shells)
{
	expect_steps(CHAIN("sshd: {AllowTcpForwarding: no}, relay: nc", "ssh: {}", "80 -> web:80"),
		     "\tmaster hop1 g1 -o ProxyCommand=none g1\n"
		     "\tmaster hop2 g2 " JUMP(
			     "hop1", "g1 '\\''nc fd01::2 22'\\''") "' fd01::2" DEEP "\n"
								   "\tforward hop2 -L "
								   "'127.0.0.1:80:[fd02::3]:80'\n");
	expect_steps(
		CHAIN("sshd: {AllowTcpForwarding: no}, relay: socat", "ssh: {}", "80 -> web:80"),
		"\tmaster hop1 g1 -o ProxyCommand=none g1\n"
		"\tmaster hop2 g2 " JUMP("hop1",
					 "g1 '\\''socat - '\\''\\'\\'''\\''TCP6:[fd01::2]:22"
					 "'\\''\\'\\'''\\'''\\''") "' fd01::2" DEEP "\n"
								   "\tforward hop2 -L "
								   "'127.0.0.1:80:[fd02::3]:80'\n");
}

Test(plan_script, two_ways_meet_in_the_private_directory_egress_first)
{
	expect_steps(
		"tunplan: 1\nme: you\nvlans: [a, b]\n"
		"hosts: {you: [a, b], left: {vlans: [a], ssh: {}}, right: {vlans: [b], ssh: {}}}\n"
		"tunnels: {t: \"left:80 -> right:81\"}\n",
		"\tmaster hop1 left -o ProxyCommand=none left\n"
		"\tmaster hop2 right -o ProxyCommand=none right\n"
		"\tforward hop2 -L ./joint-1.sock:127.0.0.1:81\n"
		"\tforward hop1 -R 127.0.0.1:80:./joint-1.sock\n");
}

/* --- stitched */

/* What a session is given to do, and for which forward. */
static const char *session_text(struct planning_case *test, const char *login, const char *forwards)
{
	struct strbuf text = {0};
	const char *copy;

	strbuf_printf(&text, "<<'END'\nbring_up() {\n\tmaster %s &&\n\t\tforward %s\n}\n\n%sEND\n",
		      login, forwards, session_sh);
	copy = arena_string(&test->arena, strbuf_text(&text));
	strbuf_finish(&text);
	return copy;
}

Test(plan_script, a_stitched_hop_is_a_session_of_the_one_before)
{
	struct planning_case test;

	planning_init(&test, PLANNING_GUIDE "tunnels: {t: {ingress: 7999, egress: git-server/git, "
					    "method: stitched, stitch: [2999]}}\n");
	expect_text(
		steps_of(&test),
		arena_format(
			&test.arena,
			"\tmaster hop1 bastion-host -o ProxyCommand=none bastion-host\n"
			"\t# On bastion-host: an ssh to test-server, until the end of what "
			"is read there.\n"
			"\tsession hop1 bastion-host sh %s"
			"\tforward hop1 -L 127.0.0.1:7999:127.0.0.1:2999\n",
			session_text(&test, "test-server", "-L 127.0.0.1:2999:git-server:7999")));
	planning_finish(&test);
}

/* A line of hosts, each on a VLAN with the next. */
#define LINE                                                  \
	"tunplan: 1\nme: you\nvlans: [a, b, c, d, e]\n"       \
	"hosts:\n"                                            \
	"  you: {vlans: [a], services: {web: 80}}\n"          \
	"  g1: [a, b]\n"                                      \
	"  g2: {vlans: [b, c], ssh: {user: ops, port: 23}}\n" \
	"  g3: {vlans: [c, d], ssh: {user: dba}}\n"           \
	"  g4: {vlans: [d, e], ssh: {}}\n"

#define BARE                                                                            \
	"-T -S none -o ClearAllForwardings=yes -o RemoteCommand=none -o BatchMode=yes " \
	"-o ServerAliveInterval=15 -o ServerAliveCountMax=3"

Test(plan_script, a_session_further_on_logs_in_from_where_the_last_one_is)
{
	struct planning_case test;

	planning_init(&test, LINE "tunnels: {t: {ingress: 80, egress: \"g3:81\", method: stitched, "
				  "stitch: [2001, 2002]}}\n");
	expect_among(&test,
		     arena_format(&test.arena, "session hop1 g1 'ssh " BARE " -p 23 ops@g2 sh' %s",
				  session_text(&test, "dba@g3", "-L 127.0.0.1:2002:127.0.0.1:81")));
	expect_among(&test, arena_format(&test.arena, "session hop1 g1 sh %s",
					 session_text(&test, "-p 23 ops@g2",
						      "-L 127.0.0.1:2001:127.0.0.1:2002")));
	planning_finish(&test);
}

Test(plan_script, a_piece_of_several_hops_is_one_ssh)
{
	struct planning_case test;

	/* g1 has a key for g2 and g3, and g2 has none: what is behind g2 is nested in its piece. */
	planning_init(&test, "tunplan: 1\nme: you\nvlans: [a, b, c, d]\n"
			     "hosts:\n"
			     "  you: {vlans: [a], keys: [g1]}\n"
			     "  g1: {vlans: [a, b], keys: [g2, g3]}\n"
			     "  g2: {vlans: [b, c], keys: [g1]}\n"
			     "  g3: {vlans: [c, d], ssh: {}}\n"
			     "tunnels: {t: {ingress: 80, egress: \"g3:81\", method: stitched, "
			     "stitch: [2001]}}\n");
	expect_among(&test, arena_format(&test.arena, "session hop1 g1 sh %s",
					 session_text(&test, "-J g2 g3",
						      "-L 127.0.0.1:2001:127.0.0.1:81")));
	planning_finish(&test);
}

Test(plan_script, up_gets_the_same_parts_of_a_piece)
{
	struct strbuf command = {0}, program = {0};
	struct planning_case test;

	planning_init(&test, LINE "tunnels: {t: {ingress: 80, egress: \"g3:81\", method: stitched, "
				  "stitch: [2001, 2002]}}\n");
	cr_expect(eq(sz, plan_carrier(test.plan, 2), 1));
	cr_expect(eq(sz, plan_carrier(test.plan, 0), TOPOLOGY_NONE));
	cr_expect(plan_is_stitched(test.plan, 2) && !plan_is_stitched(test.plan, 0));
	plan_session(test.plan, 2, "a b", 0, &command, &program);
	cr_expect(eq(str, (char *)strbuf_text(&command), "ssh " BARE " -p 23 ops@g2 sh"));
	expect_text(strbuf_text(&program),
		    arena_format(&test.arena,
				 "verbose='a b'\nbring_up() {\n\tmaster dba@g3 &&\n"
				 "\t\tforward -L 127.0.0.1:2002:127.0.0.1:81\n}\n\n%s",
				 session_sh));
	strbuf_finish(&command);
	strbuf_finish(&program);
	planning_finish(&test);
}

Test(plan_script, a_piece_may_have_a_later_port_than_the_one_by_its_name)
{
	struct strbuf command = {0}, program = {0};
	struct planning_case test;

	planning_init(&test, LINE "tunnels: {t: {ingress: \"g3:auto\", egress: \"me:81\", method: "
				  "stitched, stitch: [2001, 2002]}}\n");
	plan_session(test.plan, 2, "", 5, &command, &program);
	cr_expect(strstr(strbuf_text(&program),
			 arena_format(&test.arena, "\tforward -R 127.0.0.1:%u:127.0.0.1:2002\n",
				      auto_port("t", 5))) != NULL,
		  "%s", strbuf_text(&program));
	strbuf_finish(&command);
	strbuf_finish(&program);
	planning_finish(&test);
}

/* --- logins */

Test(plan_script, a_login_by_hand_is_that_of_the_hop_and_ends_at_once)
{
	static const char *const logins[] = {"ssh g1 true", "ssh -J g1 -p 23 ops@g2 true",
					     "ssh -J g1,ops@g2:23 dba@g3 true"};
	struct planning_case test;

	planning_init(&test,
		      LINE "tunnels: {t: {ingress: 80, egress: \"g3:81\", method: nested}}\n");
	for (size_t i = 0; i < 3; i++) {
		struct strbuf text = {0};

		plan_login(test.plan, i, &text);
		expect_text(strbuf_text(&text), logins[i]);
		strbuf_finish(&text);
	}
	planning_finish(&test);
}

/* Makes a login of the test's plan: what `plan HOST` would be. */
static const char *login_of(struct planning_case *test)
{
	struct plan login = *test->plan;
	struct strbuf text = {0};
	const char *line;

	login.forward_count = 0;
	plan_script(&login, &text);
	expect_syntax(strbuf_text(&text));
	line = strstr(strbuf_text(&text), "\nexec ");
	cr_assert(line != NULL, "%s", strbuf_text(&text));
	line = arena_string(&test->arena, line + 1);
	strbuf_finish(&text);
	return line;
}

Test(plan_script, a_login_is_an_ssh)
{
	struct planning_case test;

	planning_init(&test, PLANNING_GUIDE "tunnels: {t: 7999 -> git-server/git}\n");
	expect_text(login_of(&test), "exec ssh -J bastion-host test-server\n");
	planning_finish(&test);
}

Test(plan_script, a_stitched_login_is_one_ssh_on_each_host)
{
	struct planning_case test;

	planning_init(&test,
		      LINE "tunnels: {t: {ingress: 80, egress: \"g3:81\", method: stitched}}\n");
	expect_text(login_of(&test), "exec ssh -t g1 'ssh -t -p 23 ops@g2 '\\''ssh dba@g3'\\'''\n");
	planning_finish(&test);
}

Test(plan_script, by_hand_a_stitched_login_is_typed_on_each_host)
{
	static const char *const lines[] = {"ssh g1", "ssh -p 23 ops@g2", "ssh dba@g3"};
	struct planning_case test;
	struct plan login;

	planning_init(&test,
		      LINE "tunnels: {t: {ingress: 80, egress: \"g3:81\", method: stitched}}\n");
	login = *test.plan;
	login.forward_count = 0;
	test.plan = &login;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_text(planning_command(&test, i), lines[i]);
	planning_finish(&test);
}
