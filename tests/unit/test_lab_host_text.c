/*
 * What stands in a lab host's /etc and ~/.ssh.
 */
#include "exec/lab/host/host_text.h"
#include "tests/unit/lab_making.h"

#define NETWORK                                                                             \
	"tunplan: 1\n"                                                                      \
	"vlans: {one: 10.1.0.0/24, two: 10.2.0.0/24}\n"                                     \
	"hosts:\n"                                                                          \
	"  you: [one]\n"                                                                    \
	"  gw: {vlans: {two: 10.2.0.9, one: gw.example.org}, ssh: {user: ops, port: 2222, " \
	"config: alias}}\n"                                                                 \
	"  git: {vlans: [two], ssh: none, services: {git: {port: 7999, lab: git}, web: 80}}\n"

static const struct lab_user user = {1000, 1000, "ann", "/bin/bash"};

Test(lab_host_text, hosts)
{
	struct strbuf text = {0};
	struct made made;

	make(&made, NETWORK);
	lab_text_hosts(made.network, node(&made, "you"), &text);
	expect_text(strbuf_text(&text), "127.0.0.1\tlocalhost\n"
					"::1\tlocalhost ip6-localhost\n"
					"10.1.0.1\tyou\n"
					"10.1.0.2\tgw\n"
					"10.1.0.2\tgw.example.org\n"
					"10.2.0.1\tgit\n");
	strbuf_finish(&text);
	make_finish(&made);
}

Test(lab_host_text, passwd_gives_everyone_the_home_of_the_lab)
{
	struct strbuf text = {0};
	struct made made;

	make(&made, NETWORK);
	lab_text_passwd(made.loading.topology,
			"root:x:0:0:root:/root:/bin/sh\n"
			"ann:x:1000:1000:Ann:/home/ann:/bin/zsh\n"
			"ops:x:1001:1001::/home/ops:/bin/sh\n"
			"sshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n",
			&user, &text);
	expect_text(strbuf_text(&text), "ann:x:1000:1000:ann:/run/home:/bin/bash\n"
					"git:x:1000:1000:git:/run/home:/bin/bash\n"
					"ops:x:1000:1000:ops:/run/home:/bin/bash\n"
					"root:x:0:0:root:/root:/bin/sh\n"
					"sshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n");
	strbuf_finish(&text);
	make_finish(&made);
}

Test(lab_host_text, group_has_no_tty)
{
	struct strbuf text = {0};

	lab_text_group("root:x:0:\ntty:x:5:\nttyish:x:6:", &text);
	expect_text(strbuf_text(&text), "root:x:0:\nttyish:x:6:\n");
	strbuf_finish(&text);
}

Test(lab_host_text, ssh_config_knows_ports_users_and_aliases)
{
	struct strbuf text = {0};
	struct made made;

	make(&made, NETWORK);
	lab_text_ssh_config(made.loading.topology, &text);
	expect_text(strbuf_text(&text),
		    "# Written by the lab: the hosts as the topology describes them.\n"
		    "Host gw\n\tPort 2222\n\tUser ops\n"
		    "Host alias\n\tHostName gw\n\tPort 2222\n\tUser ops\n"
		    "Host *\n\tStrictHostKeyChecking accept-new\n");
	strbuf_finish(&text);
	make_finish(&made);
}

Test(lab_host_text, known_hosts_has_every_name_address_and_port)
{
	const char *const keys[] = {"KEY-YOU", "KEY-GW", "KEY-GIT"};
	struct strbuf text = {0};
	struct made made;

	make(&made, NETWORK);
	lab_text_known_hosts(made.network, keys, &text);
	expect_text(strbuf_text(&text),
		    "you,10.1.0.1 KEY-YOU\n"
		    "[gw]:2222,[10.2.0.9]:2222,[10.1.0.2]:2222,[gw.example.org]:2222 KEY-GW\n"
		    "[git]:7999,[10.2.0.1]:7999 KEY-GIT\n");
	strbuf_finish(&text);
	make_finish(&made);
}

Test(lab_host_text, sshd_config_quotes_what_the_environment_holds)
{
	const struct lab_variable environment[] = {
		{"HOME", "/run/home"}, {"TUNPLAN_FILE", "/a \"b\" \\c"}, {NULL, NULL}};
	struct strbuf text = {0};

	lab_text_sshd_config(NULL, environment, "'/opt/tunplan' --lab-git", &text);
	cr_expect(strstr(strbuf_text(&text), "\nSetEnv \"HOME=/run/home\" "
					     "\"TUNPLAN_FILE=/a \\\"b\\\" \\\\c\"\n"
					     "ForceCommand '/opt/tunplan' --lab-git\n") != NULL,
		  "%s", strbuf_text(&text));
	strbuf_finish(&text);
}

Test(lab_host_text, who_needs_a_key)
{
	struct made made;

	make(&made, "tunplan: 1\nvlans: [one]\nhosts:\n  a: [one]\n  b: {vlans: [one], ssh: none}\n"
		    "  c: {vlans: [one], ssh: none, services: {g: {port: 1, lab: git}}}\n");
	cr_expect(lab_host_has_key(&made.loading.topology->hosts[0]));
	cr_expect(!lab_host_has_key(&made.loading.topology->hosts[1]));
	cr_expect(lab_host_has_key(&made.loading.topology->hosts[2]));
	make_finish(&made);
}
