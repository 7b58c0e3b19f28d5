#include "planner/views/plan_script.h"
#include "tests/unit/planning.h"

/* Three hops, of which ssh is told what each test says. */
#define CHAIN(first, second)                                             \
	"tunplan: 1\nme: you\n"                                          \
	"vlans: {a: 10.1.0.0/24, b: 10.2.0.0/24, c: 10.3.0.0/24}\n"      \
	"hosts:\n"                                                       \
	"  you: {vlans: {a: 10.1.0.1}}\n"                                \
	"  g1: {vlans: {a: 10.1.0.2, b: 10.2.0.2}, ssh: {" first "}}\n"  \
	"  g2: {vlans: {b: 10.2.0.3, c: 10.3.0.3}, ssh: {" second "}}\n" \
	"  g3: {vlans: {c: 10.3.0.4}, ssh: {}, services: {web: 80}}\n"   \
	"tunnels: {t: 8080 -> g3:80}\n"

#define PLAIN CHAIN("", "")

/* The first of them may not forward, so a program of its own dials the second. */
#define RELAYED                                                        \
	"tunplan: 1\nme: you\n"                                        \
	"vlans: {a: 10.1.0.0/24, b: 10.2.0.0/24, c: 10.3.0.0/24}\n"    \
	"hosts:\n"                                                     \
	"  you: {vlans: {a: 10.1.0.1}}\n"                              \
	"  g1:\n"                                                      \
	"    vlans: {a: 10.1.0.2, b: 10.2.0.2}\n"                      \
	"    ssh: {}\n"                                                \
	"    sshd: {AllowTcpForwarding: no}\n"                         \
	"    relay: nc\n"                                              \
	"  g2: {vlans: {b: 10.2.0.3, c: 10.3.0.3}, ssh: {}}\n"         \
	"  g3: {vlans: {c: 10.3.0.4}, ssh: {}, services: {web: 80}}\n" \
	"tunnels: {t: 8080 -> g3:80}\n"

/* What ssh says of the three where the user's ssh_config says nothing. */
static const struct plan_said plain[] = {
	{.hostname = "10.1.0.2", .port = 22, .alive_count_max = 3},
	{.hostname = "10.2.0.3", .port = 22, .alive_count_max = 3},
	{.hostname = "10.3.0.4", .port = 22, .alive_count_max = 3},
};

/* Plans t where ssh says of one hop what is said, by hand and in `up`. */
static void plan_with(struct planning_case *test, const char *yaml, size_t hop,
		      const struct plan_said *by_hand, const struct plan_said *up)
{
	struct plan_fact facts[3];

	for (size_t i = 0; i < 3; i++)
		facts[i] = (struct plan_fact){i, plain[i], plain[i]};
	facts[hop] = (struct plan_fact){hop, *up, *by_hand};
	planning_load(test, yaml);
	planning_plan_as(test, "t", (struct plan_request){.facts = facts, .fact_count = 3});
	cr_assert(test->plan != NULL, "%s", test->failure.text);
}

/* Returns what the plan assumes, a line each. */
static const char *assumed(struct planning_case *test)
{
	const char *text = "";

	for (size_t i = 0; i < test->plan->assumed_count; i++)
		text = arena_format(&test->arena, "%s%s\n", text, test->plan->assumed[i]);
	return text;
}

/* All that an ssh_config can lay. */
#define TRAPS                                                                       \
	(PLAN_TRAP_CONTROL | PLAN_TRAP_FORK | PLAN_TRAP_CLEAR | PLAN_TRAP_PASSING | \
	 PLAN_TRAP_COMMAND | PLAN_TRAP_STDIN)

#define SSH "ssh -N -o ExitOnForwardFailure=yes -L 127.0.0.1:8080:127.0.0.1:80 "

/* What ssh says of a hop, and what that changes. */
#define AT(name, number) .hostname = (name), .port = (number)

static const struct {
	const char *yaml;
	size_t hop;
	struct plan_said by_hand, up;
	const char *command, *assumed;
} rows[] = {
	{PLAIN,
	 0,
	 {AT("10.1.0.2", 22), .alive_count_max = 3},
	 {AT("10.1.0.2", 22), .alive_count_max = 3},
	 SSH "-J 10.1.0.2,10.2.0.3 10.3.0.4",
	 ""},
	/* The first hop is dialled as the ssh_config says. */
	{PLAIN,
	 0,
	 {AT("gw.example", 2222), .user = "ops"},
	 {AT("gw.example", 2222), .user = "ops", .family = "inet", .bind = "10.8.0.6"},
	 SSH "-J 10.1.0.2,10.2.0.3 10.3.0.4",
	 "your ssh_config dials gw.example:2222 for 10.1.0.2, as ops, by IPv4 only, from "
	 "10.8.0.6\n"},
	{PLAIN,
	 0,
	 {AT("10.1.0.2", 22), .family = "inet6"},
	 {AT("10.1.0.2", 22), .family = "inet6"},
	 SSH "-J 10.1.0.2,10.2.0.3 10.3.0.4",
	 "your ssh_config dials 10.1.0.2:22 for 10.1.0.2, by IPv6 only, which this address is not: "
	 "write AddressFamily into its `options`, and the plan heeds it\n"},
	{CHAIN("user: dev, port: 23, options: {AddressFamily: any}", ""),
	 0,
	 {AT("10.1.0.2", 23), .user = "dev", .family = "inet6", .interface = "eth1"},
	 {AT("10.1.0.2", 23), .user = "dev", .family = "inet6", .interface = "eth1",
	  .key_alias = "gw"},
	 SSH "-o 'ProxyCommand=ssh -o '\\''ProxyCommand=ssh -p 23 -o AddressFamily=any -W "
	     "10.2.0.3:22 dev@10.1.0.2'\\'' -W 10.3.0.4:22 10.2.0.3' 10.3.0.4",
	 "your ssh_config dials 10.1.0.2:23 for 10.1.0.2, from eth1, with the host key of gw\n"},
	/* But by no way of the ssh_config, unless that is asked for by an alias. */
	{PLAIN,
	 0,
	 {AT("10.1.0.2", 22), .jump = "elsewhere"},
	 {AT("10.1.0.2", 22)},
	 SSH "-o 'ProxyCommand=ssh -o '\\''ProxyCommand=ssh -o ProxyCommand=none -W 10.2.0.3:22 "
	     "10.1.0.2'\\'' -W 10.3.0.4:22 10.2.0.3' 10.3.0.4",
	 "you dials 10.1.0.2:22 itself, and not through elsewhere as your ssh_config says: only an "
	 "alias (`config`) takes that way\n"},
	{CHAIN("config: plant", ""),
	 0,
	 {AT("10.1.0.2", 22), .command = "nc %h %p"},
	 {AT("10.1.0.2", 22), .command = "nc %h %p"},
	 SSH "-J plant,10.2.0.3 10.3.0.4",
	 "your ssh_config dials 10.1.0.2:22 for plant, by a ProxyCommand\n"},
	/* Behind it, the place is the plan's. */
	{PLAIN,
	 1,
	 {AT("10.2.0.3", 2222), .user = "ops"},
	 {AT("10.2.0.3", 22), .user = "ops"},
	 SSH "-J 10.1.0.2,10.2.0.3:22 10.3.0.4",
	 "g1 dials 10.2.0.3:22, and not 10.2.0.3:2222 as your ssh_config says: behind the first "
	 "hop "
	 "only the file says what is dialled\n"
	 "your ssh_config logs in to 10.2.0.3 as ops\n"},
	{PLAIN,
	 2,
	 {AT("elsewhere", 2222)},
	 {AT("10.3.0.4", 22)},
	 SSH "-J 10.1.0.2,10.2.0.3 -o HostName=10.3.0.4 -p 22 10.3.0.4",
	 "g2 dials 10.3.0.4:22, and not elsewhere:2222 as your ssh_config says: behind the first "
	 "hop only the file says what is dialled\n"},
	{CHAIN("", "config: inner"),
	 1,
	 {AT("inner", 22), .key_alias = "inner-key"},
	 {AT("10.2.0.3", 22), .key_alias = "inner-key"},
	 SSH "-o 'ProxyCommand=ssh -o '\\''ProxyCommand=ssh -W 10.2.0.3:22 10.1.0.2'\\'' -o "
	     "HostName=10.2.0.3 -p 22 -W 10.3.0.4:22 inner' 10.3.0.4",
	 "your ssh_config knows the host key of inner as inner-key\n"},
	{PLAIN,
	 2,
	 {AT("10.3.0.4", 22), .key_alias = "other"},
	 {AT("10.3.0.4", 22), .key_alias = "other"},
	 SSH "-J 10.1.0.2,10.2.0.3 -o HostKeyAlias=10.3.0.4 10.3.0.4",
	 "the host key of 10.3.0.4 is stored and looked up under that name, and not as other as "
	 "your ssh_config says\n"},
	/* Even a name that is given is changed to another one (CanonicalizeHostname always). */
	{PLAIN,
	 2,
	 {AT("canonical", 22)},
	 {AT("canonical", 22)},
	 SSH "-o 'ProxyCommand=ssh -J 10.1.0.2 -W 10.3.0.4:22 10.2.0.3' -o HostName=10.3.0.4 -p 22 "
	     "-o HostKeyAlias=10.3.0.4 10.3.0.4",
	 "g2 dials 10.3.0.4:22, and not canonical:22 as your ssh_config says: behind the first hop "
	 "only the file says what is dialled\n"},
	/* An ssh of the user's is neither used nor left behind. */
	{PLAIN,
	 2,
	 {AT("10.3.0.4", 22), .traps = PLAN_TRAP_CONTROL},
	 {AT("10.3.0.4", 22)},
	 SSH "-J 10.1.0.2,10.2.0.3 -S none 10.3.0.4",
	 ""},
	{PLAIN,
	 1,
	 {AT("10.2.0.3", 22)},
	 {AT("10.2.0.3", 22), .traps = PLAN_TRAP_CONTROL},
	 SSH "-o 'ProxyCommand=ssh -J 10.1.0.2 -S none -W 10.3.0.4:22 10.2.0.3' 10.3.0.4",
	 ""},
	/* -J passes nothing, a ProxyCommand would have to. */
	{PLAIN,
	 2,
	 {AT("10.3.0.4", 22), .traps = PLAN_TRAP_PASSING},
	 {AT("10.3.0.4", 22)},
	 SSH "-J 10.1.0.2,10.2.0.3 10.3.0.4",
	 ""},
	{CHAIN("", "identity: /k"),
	 2,
	 {AT("10.3.0.4", 22), .traps = PLAN_TRAP_PASSING},
	 {AT("10.3.0.4", 22)},
	 SSH
	 "-o 'ProxyCommand=ssh -J 10.1.0.2 -o IdentitiesOnly=yes -i /k -W 10.3.0.4:22 10.2.0.3' "
	 "-o ProxyUseFdpass=no 10.3.0.4",
	 ""},
	/* Each ssh steps into others: one that forwards, one that is gone through, one that relays. */
	{PLAIN,
	 2,
	 {AT("10.3.0.4", 22), .traps = TRAPS},
	 {AT("10.3.0.4", 22)},
	 SSH "-J 10.1.0.2,10.2.0.3 -S none -o ForkAfterAuthentication=no -o ClearAllForwardings=no "
	     "10.3.0.4",
	 ""},
	{PLAIN,
	 1,
	 {AT("10.2.0.3", 22), .traps = TRAPS & ~(unsigned)PLAN_TRAP_CONTROL},
	 {AT("10.2.0.3", 22)},
	 SSH "-J 10.1.0.2,10.2.0.3 10.3.0.4",
	 ""},
	{RELAYED,
	 0,
	 {AT("10.1.0.2", 22), .traps = TRAPS},
	 {AT("10.1.0.2", 22)},
	 SSH "-o 'ProxyCommand=ssh -o '\\''ProxyCommand=ssh -S none -o RemoteCommand=none -o "
	     "StdinNull=no 10.1.0.2 nc 10.2.0.3 22'\\'' -W 10.3.0.4:22 10.2.0.3' "
	     "10.3.0.4",
	 ""},
};

Test(facts, the_ssh_config_leads_a_command_nowhere_else)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct planning_case test;

		plan_with(&test, rows[i].yaml, rows[i].hop, &rows[i].by_hand, &rows[i].up);
		expect_text(planning_command(&test, 0), rows[i].command);
		expect_text(assumed(&test), rows[i].assumed);
		planning_finish(&test);
	}
}

/* Returns the line of a script that makes the master of a hop. */
static const char *master_line(struct planning_case *test, const char *hop)
{
	struct strbuf text = {0};
	const char *line;

	plan_script(test->plan, &text);
	line = strstr(strbuf_text(&text), arena_format(&test->arena, "\tmaster %s ", hop));
	cr_assert(line != NULL, "%s", strbuf_text(&text));
	line = arena_copy(&test->arena, line + 1, strcspn(line, "\n") - 1);
	strbuf_finish(&text);
	return line;
}

Test(facts, a_script_is_guarded_as_a_command_is)
{
	const struct plan_said said = {.hostname = "elsewhere",
				       .port = 2222,
				       .traps = TRAPS,
				       .alive_s = 60,
				       .alive_count_max = 9};
	const struct plan_said way = {
		.hostname = "10.1.0.2", .port = 22, .command = "nc", .traps = TRAPS};
	struct planning_case test;

	plan_with(&test, PLAIN, 1, &said, &said);
	expect_text(master_line(&test, "hop1"), "master hop1 g1 -o ProxyCommand=none 10.1.0.2");
	expect_text(master_line(&test, "hop2"),
		    "master hop2 g2 -o 'ProxyCommand=ssh -F none -S hop1 -o ProxyCommand=false -W "
		    "10.2.0.3:22 g1' -o ProxyUseFdpass=no -o ForkAfterAuthentication=no -o "
		    "HostName=10.2.0.3 -p 22 -o "
		    "HostKeyAlias=10.2.0.3 10.2.0.3 -o ServerAliveInterval=60 -o "
		    "ServerAliveCountMax=9");
	expect_text(master_line(&test, "hop3"),
		    "master hop3 g3 -o 'ProxyCommand=ssh -F none -S hop2 -o ProxyCommand=false -W "
		    "10.3.0.4:22 g2' 10.3.0.4 -o ServerAliveCountMax=11");
	planning_finish(&test);
	/* What keeps a script's own ways and sockets is in every script. */
	plan_with(&test, PLAIN, 0, &way, &way);
	expect_text(master_line(&test, "hop1"),
		    "master hop1 g1 -o ProxyCommand=none -o ForkAfterAuthentication=no 10.1.0.2");
	planning_finish(&test);
}

/* A note says under which name the key of such a host is: the alias's own needs none. */
Test(facts, an_alias_behind_the_first_hop_may_have_a_key_of_its_own)
{
	static const char yaml[] = "tunplan: 1\nme: you\nvlans: [a]\n"
				   "hosts:\n"
				   "  you: [a]\n"
				   "  g1: {vlans: [a], ssh: {}}\n"
				   "  g2: {at: {g1: \"localhost:2201\"}, ssh: {config: inner}}\n"
				   "  g3: {at: {g2: \"localhost:2202\"}, ssh: {}}\n"
				   "tunnels: {t: 8080 -> g3:80}\n";
	struct plan_said said = {.hostname = "localhost", .port = 2201};
	struct planning_case test;

	plan_with(&test, yaml, 1, &said, &said);
	cr_expect(eq(str, test.plan->hops[1].guard.key_alias, "g2"));
	cr_expect(strstr(planning_command(&test, 0), "-o HostKeyAlias=g2 ") != NULL);
	cr_expect(strstr(test.plan->notes[0], "under the name g2") != NULL);
	planning_finish(&test);
	said.key_alias = "its-own";
	plan_with(&test, yaml, 1, &said, &said);
	cr_expect(eq(ptr, (void *)test.plan->hops[1].guard.key_alias, NULL));
	cr_expect(strstr(test.plan->notes[0], "under the name g3") != NULL, "%s",
		  test.plan->notes[0]);
	planning_finish(&test);
}
