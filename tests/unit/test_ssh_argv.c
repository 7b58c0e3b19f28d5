#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_argv.h"
#include "exec/ssh/ssh_facts.h"
#include "topology/base/memory.h"

static const struct plan_hop first = {
	.through = TOPOLOGY_NONE, .depth = 1, .address = "10.1.0.2", .port = 22};
static const struct plan_hop second = {
	.through = 0, .depth = 2, .address = "10.2.0.3", .port = 2222};

/* Returns whether the argv has this word. */
static bool has(char **argv, const char *word)
{
	for (size_t i = 0; argv[i]; i++)
		if (strcmp(argv[i], word) == 0)
			return true;
	return false;
}

static bool has_prefix(char **argv, const char *prefix)
{
	for (size_t i = 0; argv[i]; i++)
		if (strncmp(argv[i], prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

Test(ssh_argv, unknown_options_are_allowed_before_any_is_named)
{
	char **argv = ssh_argv_master(
		&first, &(struct ssh_incarnation){.control_path = "/run/m-1", .program = "t"});

	for (size_t i = 0; argv[i]; i++) {
		if (strcmp(argv[i], "-o") != 0)
			continue;
		cr_expect(eq(int, strncmp(argv[i + 1], "IgnoreUnknown=", 14), 0));
		break;
	}
	memory_free_strings(argv);
}

/* Returns the argv of a hop of which `ssh -G` gave an answer. */
static char **argv_after(const struct plan_hop *hop, const char *answer)
{
	const char *parent = plan_is_carried(hop) ? "/run/m-1" : NULL;
	struct ssh_incarnation incarnation = {
		.control_path = "/run/m-2", .parent_path = parent, .program = "t"};
	struct strbuf facts = {0};
	char **argv;

	ssh_facts_add(hop, answer, &facts);
	incarnation.facts = strbuf_text(&facts);
	argv = ssh_argv_master(hop, &incarnation);
	strbuf_finish(&facts);
	return argv;
}

Test(ssh_argv, what_the_user_wants_ignored_is_ignored_too)
{
	char **argv = argv_after(&first, "ignoreunknown UseKeychain,X*\n");

	cr_expect(eq(int, strncmp(argv[4], "IgnoreUnknown=", 14), 0));
	cr_expect(eq(str, strrchr(argv[4], ',') - strlen(",UseKeychain"), ",UseKeychain,X*"));
	memory_free_strings(argv);
}

static const char *const patient[] = {"ConnectTimeout=90", NULL};
static const char *const often[] = {"ConnectionAttempts=5", NULL};
static const char *const likewise[] = {"ConnectTimeouts=90", "Compression=yes", NULL};

/* Of a deadline that the ssh_config states nothing is said here: it counts by itself. */
Test(ssh_argv, deadlines_are_ours_where_nobody_states_them)
{
	static const struct {
		const struct plan_hop *hop;
		const char *answer;
		const char *timeout, *attempts, *interval, *count;
	} rows[] = {
		{&first, "", "10", "1", "15", "3"},
		{&second, "", NULL, NULL, "15", "7"},
		{&first, "connecttimeout none\nconnectionattempts 1\n", "10", "1", "15", "3"},
		{&first, "serveraliveinterval 0\nserveralivecountmax 3\n", "10", "1", "15", "3"},
		{&first, "connecttimeout 60\nserveraliveinterval 60\n", NULL, "1", NULL, "3"},
		{&second, "connecttimeout 60\nserveralivecountmax 9\n", NULL, NULL, "15", NULL},
		/* A master would end when nobody has used it for an interval. */
		{&first, "connectionattempts 2\nserveralivecountmax 0\n", "10", NULL, "15", "3"},
	};
	static const char *const keywords[] = {"ConnectTimeout=", "ConnectionAttempts=",
					       "ServerAliveInterval=", "ServerAliveCountMax="};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const values[] = {rows[i].timeout, rows[i].attempts, rows[i].interval,
					      rows[i].count};
		char **argv = argv_after(rows[i].hop, rows[i].answer);

		for (size_t k = 0; k < 4; k++) {
			char *word = memory_format("%s%s", keywords[k], values[k] ? values[k] : "");

			cr_expect(values[k] ? has(argv, word) : !has_prefix(argv, word),
				  "row %zu: %s", i, word);
			free(word);
		}
		memory_free_strings(argv);
	}
}

Test(ssh_argv, what_keeps_a_hop_alive_stands_before_what_is_stated)
{
	static const char *const stated[] = {"ServerAliveInterval=60", NULL};
	const struct ssh_incarnation incarnation = {
		.control_path = "/run/m", .alive_s = 2, .alive_count = 23};
	struct plan_hop hop = first;
	char **argv;

	hop.options = stated;
	argv = ssh_argv_master(&hop, &incarnation);
	cr_expect(eq(str, argv[6], "ServerAliveInterval=2"));
	cr_expect(eq(str, argv[8], "ServerAliveCountMax=23"));
	cr_expect(eq(str, argv[10], "ServerAliveInterval=60"));
	memory_free_strings(argv);
}

Test(ssh_argv, tells_whether_anybody_states_how_long_to_try)
{
	static const struct {
		const char *const *options;
		const char *answer;
		bool states;
	} rows[] = {
		{NULL, "", false},
		{NULL, "connecttimeout none\nconnectionattempts 1\n", false},
		{NULL, "connecttimeout 60\n", true},
		{NULL, "connectionattempts 3\n", true},
		{patient, "", true},
		{often, "", true},
		{likewise, "", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plan_hop hop = second;
		struct strbuf facts = {0};

		hop.options = rows[i].options;
		/* What is said of another hop does not count. */
		ssh_facts_add(&first, "connecttimeout 60\n", &facts);
		ssh_facts_add(&hop, rows[i].answer, &facts);
		cr_expect(ssh_argv_states_timeout(&hop, strbuf_text(&facts)) == rows[i].states,
			  "row %zu", i);
		strbuf_finish(&facts);
	}
	cr_expect(not(ssh_argv_states_timeout(&second, NULL)));
}

Test(ssh_argv, behind_the_first_hop_a_key_is_looked_up_where_it_was_dialled)
{
	static const struct {
		bool carried;
		uint16_t port;
		const char *config, *key_alias, *answer, *name;
	} rows[] = {
		/* The place is what ssh takes by itself. */
		{true, 22, NULL, NULL, "hostname 10.2.0.3\n", NULL},
		{true, 22, NULL, NULL, "hostkeyalias other\n", "10.2.0.3"},
		{true, 2222, NULL, NULL, "hostkeyalias other\n", "[10.2.0.3]:2222"},
		{true, 22, NULL, NULL, "hostname canonical.example\n", "10.2.0.3"},
		/* Others may have the same place. */
		{true, 22, NULL, "gw", "hostkeyalias other\n", "gw"},
		/* An alias may have a name of its own. */
		{true, 22, "plant", NULL, "hostkeyalias other\n", NULL},
		{true, 22, "plant", "gw", "hostkeyalias other\n", NULL},
		{true, 22, "plant", "gw", "", "gw"},
		/* A first hop is dialled as the user's file says. */
		{false, 22, NULL, NULL, "hostname elsewhere\nhostkeyalias other\n", NULL},
		{false, 22, NULL, "gw", "hostkeyalias other\n", "gw"},
		{false, 22, "plant", "gw", "", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plan_hop hop = second;
		char *word = memory_format("HostKeyAlias=%s", rows[i].name ? rows[i].name : "");
		char **argv;

		hop.through = rows[i].carried ? 0 : TOPOLOGY_NONE;
		hop.port = rows[i].port;
		hop.config = rows[i].config;
		hop.key_alias = rows[i].key_alias;
		argv = argv_after(&hop, rows[i].answer);
		cr_expect(rows[i].name ? has(argv, word) : !has_prefix(argv, word), "row %zu: %s",
			  i, word);
		memory_free_strings(argv);
		free(word);
	}
}

Test(ssh_argv, the_first_hop_goes_directly)
{
	char **argv = ssh_argv_master(
		&first, &(struct ssh_incarnation){.control_path = "/run/m-1", .program = "t"});

	cr_expect(has(argv, "ProxyCommand=none"));
	cr_expect(has(argv, "ControlPath=\"/run/m-1\""));
	/* It would switch CanonicalizeHostname off, and leaves a ProxyCommand in since ssh 10.3. */
	cr_expect(not(has_prefix(argv, "ProxyJump=")));
	/* Both are left to the user's ssh_config. */
	cr_expect(not(has(argv, "-p")));
	cr_expect(not(has_prefix(argv, "HostName=")));
	memory_free_strings(argv);
}

Test(ssh_argv, an_alias_keeps_the_jump_of_the_users_config)
{
	struct plan_hop hop = first;
	char **argv;

	hop.config = "plant-gw";
	argv = ssh_argv_master(
		&hop, &(struct ssh_incarnation){.control_path = "/run/m-1", .program = "t"});
	cr_expect(not(has_prefix(argv, "ProxyCommand=")));
	cr_expect(has(argv, "plant-gw"));
	memory_free_strings(argv);
}

Test(ssh_argv, a_carried_hop_has_no_way_but_the_holder)
{
	struct ssh_incarnation incarnation = {.control_path = "/run/50%/m-2",
					      .parent_path = "/run/50%/m-1",
					      .program = "/opt/it's/tunplan"};
	char **argv = ssh_argv_master(&second, &incarnation);

	cr_expect(has(argv, "ProxyCommand='/opt/it'\\''s/tunplan' '--holder' '/run/50%%/m-1' "
			    "'10.2.0.3' '2222'"));
	cr_expect(has(argv, "ControlPath=\"/run/50%%/m-2\""));
	memory_free_strings(argv);
}

/* Else the user's ssh_config could name a place that nobody dials, and ssh would keep its key there. */
Test(ssh_argv, a_carried_hop_is_at_the_place_that_is_dialled)
{
	static const struct {
		uint16_t port;
		const char *config, *said, *called;
	} rows[] = {
		{22, NULL, "22", "10.2.0.3"},
		{2222, NULL, "2222", "10.2.0.3"},
		{22, "plant", "22", "plant"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ssh_incarnation incarnation = {
			.control_path = "/run/m-2", .parent_path = "/run/m-1", .program = "t"};
		struct plan_hop hop = second;
		char **argv;
		size_t count = 0;

		hop.port = rows[i].port;
		hop.config = rows[i].config;
		argv = ssh_argv_master(&hop, &incarnation);
		while (argv[count])
			count++;
		cr_expect(has(argv, "HostName=10.2.0.3"));
		cr_expect(eq(str, argv[count - 3], "-p"));
		cr_expect(eq(str, argv[count - 2], (char *)rows[i].said));
		cr_expect(eq(str, argv[count - 1], (char *)rows[i].called));
		memory_free_strings(argv);
	}
}

Test(ssh_argv, an_identity_is_the_only_one)
{
	struct plan_hop hop = first;
	char **argv;

	hop.identity = "~/.ssh/id gw";
	hop.user = "ops";
	argv = ssh_argv_master(
		&hop, &(struct ssh_incarnation){.control_path = "/run/m-1", .program = "t"});
	cr_expect(has(argv, "IdentityFile=\"~/.ssh/id gw\""));
	cr_expect(has(argv, "IdentitiesOnly=yes"));
	cr_expect(has(argv, "ops"));
	memory_free_strings(argv);
}

static const char *const cipher[] = {"Ciphers=aes128-ctr", "Compression=yes", NULL};

/* Written down and hashed, it is compared with what other versions wrote: it must stay as it is. */
Test(ssh_argv, the_key_of_a_hop_is_what_the_file_says_of_it)
{
	const struct plan_hop hop = {
		.host = 3,
		.through = 0,
		.from = 2,
		.method = PLAN_RELAYED,
		.relay = RELAY_NC,
		.address = "fd00::3",
		.port = 2222,
		.user = "ops",
		.identity = "~/.ssh/id",
		.config = "plant",
		.key_alias = "gw",
		.options = cipher,
		.assumed = true,
	};
	struct strbuf key = {0};

	ssh_argv_key(&first, &key);
	cr_expect(eq(str, key.text, "tunplan-hop 1\nplace 10.1.0.2 22\nmethod nested\n"));
	strbuf_clear(&key);
	ssh_argv_key(&hop, &key);
	cr_expect(eq(str, key.text,
		     "tunplan-hop 1\nplace fd00::3 2222\nmethod relayed\nrelay nc\nuser ops\n"
		     "identity ~/.ssh/id\nconfig plant\nkey gw\noption Ciphers=aes128-ctr\n"
		     "option Compression=yes\n"));
	strbuf_finish(&key);
}

/* The record finds a master by it, and no other process: neither a holder nor the hop that it carries. */
Test(ssh_argv, the_word_of_the_control_path_is_the_masters_alone)
{
	const struct ssh_incarnation carrier = {.control_path = "/run/50%/m-1", .program = "t"};
	const struct ssh_incarnation carried = {
		.control_path = "/run/50%/m-2", .parent_path = "/run/50%/m-1", .program = "t"};
	struct strbuf word = {0};
	char **argv = ssh_argv_master(&first, &carrier);

	ssh_argv_control("/run/50%/m-1", &word);
	cr_expect(has(argv, strbuf_text(&word)));
	memory_free_strings(argv);
	argv = ssh_argv_master(&second, &carried);
	cr_expect(has_prefix(argv, "ProxyCommand="));
	for (size_t i = 0; argv[i]; i++)
		cr_expect(eq(ptr, strstr(argv[i], strbuf_text(&word)), NULL));
	memory_free_strings(argv);
	strbuf_finish(&word);
}

static const struct {
	struct mux_forward forward;
	const char *option;
	const char *argument;
} forwards[] = {
	{{PLAN_LOCAL, "127.0.0.1", 7999, NULL, "10.3.0.9", 7999, NULL},
	 "-L",
	 "127.0.0.1:7999:10.3.0.9:7999"},
	{{PLAN_LOCAL, "::1", 80, NULL, "2001:db8::5", 443, NULL},
	 "-L",
	 "[::1]:80:[2001:db8::5]:443"},
	{{PLAN_REMOTE, "0.0.0.0", 9999, NULL, "127.0.0.1", 8888, NULL},
	 "-R",
	 "0.0.0.0:9999:127.0.0.1:8888"},
	{{PLAN_DYNAMIC, "127.0.0.1", 1080, NULL, NULL, 0, NULL}, "-D", "127.0.0.1:1080"},
	{{PLAN_LOCAL, NULL, 0, "/tmp/a:b", NULL, 0, "/run/c\\d"}, "-L", "/tmp/a\\:b:/run/c\\\\d"},
};

Test(ssh_argv, says_a_forward_as_ssh_wants_it)
{
	for (size_t i = 0; i < sizeof(forwards) / sizeof(forwards[0]); i++) {
		struct strbuf argument = {0};
		const char *option = ssh_argv_forward(&forwards[i].forward, &argument);

		cr_expect(eq(str, (char *)option, (char *)forwards[i].option));
		cr_expect(eq(str, argument.text, (char *)forwards[i].argument));
		strbuf_finish(&argument);
	}
}
