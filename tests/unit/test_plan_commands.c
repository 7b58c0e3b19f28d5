#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planner/views/shell.h"
#include "tests/unit/planning.h"

/* Plans tunnel t of a text and compares its only command. */
static void expect_command(const char *yaml, const char *expected)
{
	struct planning_case test;

	planning_init(&test, yaml);
	expect_text(planning_command(&test, 0), expected);
	planning_finish(&test);
}

#define SSH "ssh -N -o ExitOnForwardFailure=yes "

Test(plan_commands, one_hop)
{
	expect_command(PLANNING_GUIDE "tunnels: {t: 8080 -> test-server:80}\n",
		       SSH "-L 127.0.0.1:8080:test-server:80 bastion-host");
	expect_command(PLANNING_GUIDE "tunnels: {t: 1080 -> socks@bastion-host}\n",
		       SSH "-D 127.0.0.1:1080 bastion-host");
	expect_command(PLANNING_GUIDE "tunnels: {t: \"bastion-host:9000 -> me:80\"}\n",
		       SSH "-R 127.0.0.1:9000:127.0.0.1:80 bastion-host");
}

Test(plan_commands, several_forwards_share_a_command)
{
	expect_command(PLANNING_GUIDE
		       "tunnels: {t: [80 -> test-server:80, 81 -> test-server:81]}\n",
		       SSH "-L 127.0.0.1:80:test-server:80 -L 127.0.0.1:81:test-server:81 "
			   "bastion-host");
}

Test(plan_commands, another_last_hop_is_another_command)
{
	struct planning_case test;

	planning_init(&test, PLANNING_GUIDE
		      "tunnels: {t: [80 -> test-server:80, 81 -> git-server/git]}\n");
	expect_text(planning_command(&test, 0), SSH "-L 127.0.0.1:80:test-server:80 bastion-host");
	expect_text(planning_command(&test, 1),
		    SSH "-L 127.0.0.1:81:git-server:7999 -J bastion-host test-server");
	planning_finish(&test);
}

Test(plan_commands, an_auto_port_is_the_names)
{
	struct planning_case test;
	int port = 0;

	planning_init(&test, PLANNING_GUIDE "tunnels: {t: auto -> test-server:80}\n");
	sscanf(planning_command(&test, 0), SSH "-L 127.0.0.1:%d:test-server:80", &port);
	cr_expect(port >= 20000 && port < 30000);
	planning_finish(&test);
}

Test(plan_commands, unix_sockets)
{
	expect_command(PLANNING_GUIDE "tunnels: {t: /run/x.sock -> test-server:80}\n",
		       SSH "-L /run/x.sock:test-server:80 bastion-host");
	expect_command(PLANNING_GUIDE "  db: {vlans: [vlan2], ssh: {}}\n"
				      "tunnels: {t: 5432 -> db:/run/pg}\n",
		       SSH "-L 127.0.0.1:5432:/run/pg -J bastion-host db");
}

/* Two hops to web on port 80; the logins come from each test. */
#define CHAIN(first, second)                            \
	"tunplan: 1\nme: you\nvlans: [a, b, c]\n"       \
	"hosts:\n"                                      \
	"  you: [a]\n"                                  \
	"  g1: {vlans: [a, b], ssh: {" first "}}\n"     \
	"  g2: {vlans: [b, c], ssh: {" second "}}\n"    \
	"  web: {vlans: {c: \"fd02::3\"}, ssh: none}\n" \
	"tunnels: {t: 80 -> web:80}\n"

#define FORWARD "-L '127.0.0.1:80:[fd02::3]:80' "

Test(plan_commands, user_and_port_fit_into_a_jump)
{
	expect_command(CHAIN("user: ops, port: 2222", "user: dev, port: 23"),
		       SSH FORWARD "-J ops@g1:2222 -p 23 dev@g2");
	/* The last hop is ssh's own: what it needs is no matter to -J. */
	expect_command(CHAIN("", "identity: ~/.ssh/id_b"),
		       SSH FORWARD "-J g1 -o IdentitiesOnly=yes -i '~/.ssh/id_b' g2");
	expect_command(CHAIN("config: plant", ""), SSH FORWARD "-J plant g2");
}

Test(plan_commands, ipv6_stands_in_brackets)
{
	expect_command(
		"tunplan: 1\nme: you\nvlans: [a, b]\n"
		"hosts:\n"
		"  you: [a]\n"
		"  g1: {vlans: {a: \"fd00::1\", b: \"fd01::1\"}, ssh: {user: ops, port: 2222}}\n"
		"  g2: {vlans: {b: \"fd01::2\"}, ssh: {}}\n"
		"tunnels: {t: \"[::1]:80 -> g2:80\"}\n",
		SSH "-L '[::1]:80:127.0.0.1:80' -J 'ops@[fd00::1]:2222' fd01::2");
}

Test(plan_commands, an_option_on_the_way_needs_a_proxy_command)
{
	expect_command(CHAIN("identity: ~/.ssh/id_a, user: ops", ""),
		       SSH FORWARD "-o 'ProxyCommand=ssh -o IdentitiesOnly=yes -i "
				   "'\\''~/.ssh/id_a'\\'' -W g2:22 ops@g1' g2");
	/* An alias past the first hop: its name is ssh's, its address the plan's. */
	expect_command(CHAIN("", "config: plant, port: 2222"),
		       SSH FORWARD "-o 'ProxyCommand=ssh -W g2:2222 g1' -p 2222 plant");
}

Test(plan_commands, an_alias_in_the_middle_is_no_jump)
{
	expect_command("tunplan: 1\nme: you\nvlans: [a, b, c, d]\n"
		       "hosts:\n"
		       "  you: [a]\n"
		       "  g1: [a, b]\n"
		       "  g2: {vlans: {b: 10.0.0.2, c: null}, ssh: {config: plant}}\n"
		       "  g3: [c, d]\n"
		       "  web: {vlans: [d], ssh: none}\n"
		       "tunnels: {t: 80 -> web:80}\n",
		       SSH "-L 127.0.0.1:80:web:80 -o 'ProxyCommand=ssh -o "
			   "'\\''ProxyCommand=ssh -W 10.0.0.2:22 g1'\\'' -W g3:22 plant' g3");
}

/* A stand-in for ssh: says its arguments, one a line, and runs a ProxyCommand as ssh would. */
static const char stand_in[] = "#!/bin/sh\n"
			       "for word; do printf '[%s]\\n' \"$word\"; done\n"
			       "for word; do case $word in\n"
			       "ProxyCommand=*)\n"
			       "	/bin/sh -c \"exec ${word#*=}\" ;;\n"
			       "esac; done\n";

/* Runs a line in a shell whose ssh is the stand-in, and returns what that says. */
static void run_line(const char *line, char *ret_output, size_t size)
{
	char directory[] = "/tmp/plan_commands.XXXXXX";
	char path[64], command[4096];
	FILE *stream;
	size_t length;

	cr_assert(mkdtemp(directory) != NULL);
	snprintf(path, sizeof(path), "%s/ssh", directory);
	stream = fopen(path, "w");
	cr_assert(stream != NULL);
	fputs(stand_in, stream);
	fchmod(fileno(stream), 0700);
	fclose(stream);
	snprintf(command, sizeof(command), "PATH=%s:$PATH; %s", directory, line);
	stream = popen(command, "r");
	cr_assert(stream != NULL);
	length = fread(ret_output, 1, size - 1, stream);
	ret_output[length] = '\0';
	pclose(stream);
	unlink(path);
	rmdir(directory);
}

Test(plan_commands, every_level_reads_back_what_was_meant)
{
	/* Each level is quoted inside the one before, and a shell takes off one level at a time. */
	static const char yaml[] = "tunplan: 1\nme: you\nvlans: [a, b, c, d]\n"
				   "hosts:\n"
				   "  you: [a]\n"
				   "  g1: {vlans: [a, b], ssh: {identity: \"~/one\"}}\n"
				   "  g2: {vlans: [b, c], ssh: {identity: \"~/two\"}}\n"
				   "  g3: {vlans: [c, d], ssh: {identity: \"~/three\"}}\n"
				   "  web: {vlans: [d], ssh: none}\n"
				   "tunnels: {t: 80 -> web:80}\n";
	struct planning_case test;
	char output[4096];

	planning_init(&test, yaml);
	run_line(planning_command(&test, 0), output, sizeof(output));
	cr_expect(strstr(output, "[-i]\n[~/three]\n[g3]\n") != NULL, "%s", output);
	cr_expect(strstr(output, "[-i]\n[~/two]\n[-W]\n[g3:22]\n[g2]\n") != NULL, "%s", output);
	cr_expect(strstr(output, "[-i]\n[~/one]\n[-W]\n[g2:22]\n[g1]\n") != NULL, "%s", output);
	planning_finish(&test);
}

Test(plan_commands, words_are_quoted_where_they_have_to_be)
{
	static const char *const rows[][2] = {
		{"plain-1.2_3/a:b,c@d%e+f=g", "plain-1.2_3/a:b,c@d%e+f=g"},
		{"", "''"},
		{"two words", "'two words'"},
		{"~/key", "'~/key'"},
		{"it's", "'it'\\''s'"},
		{"'", "''\\'''"},
		{"[::1]:80", "'[::1]:80'"},
		{"$(x)", "'$(x)'"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf text = {0};

		shell_quote(&text, rows[i][0]);
		expect_text(strbuf_text(&text), rows[i][1]);
		strbuf_finish(&text);
	}
}
