/*
 * What is dialled is what is printed: for many ssh_configs, ssh itself is asked (-G) what it makes of each
 * master's command line, and of each ssh that the printed command starts. Both must dial the same places,
 * with the same options, whatever the user's file says. Nothing connects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/ssh/ssh_argv.h"
#include "exec/ssh/ssh_config.h"
#include "exec/ssh/ssh_facts.h"
#include "planner/views/shell.h"
#include "tests/unit/planning.h"
#include "topology/base/memory.h"

/*
 * Stands before ssh in PATH. It notes what each ssh is called with and what ssh makes of that, and lets go
 * on only who dials by another ssh: so it sees all of them, and none gets anywhere.
 */
static const char wrapper[] =
	"#!/bin/bash\n"
	"real() { exec -a ssh \"$DIALLED_SSH\" -F \"$DIALLED/config\" \"$@\"; }\n"
	"[ \"$1\" = -G ] && real \"$@\"\n"
	"calls=(\"$DIALLED\"/call-*)\n"
	"[ -e \"${calls[0]}\" ] || calls=()\n"
	"printf '%s\\n' \"$@\" >\"$DIALLED/call-${#calls[@]}\"\n"
	"(real -G \"$@\") >\"$DIALLED/said-${#calls[@]}\"\n"
	"grep -q '^proxy[cj]' \"$DIALLED/said-${#calls[@]}\" || exit 255\n"
	"real \"$@\"\n";

/* What tunplan sets itself (ssh_argv.c), and what is compared by where it leads. */
static const char *const ours[] = {
	"controlmaster",
	"controlpersist",
	"controlpath",
	"remotecommand",
	"requesttty",
	"forkafterauthentication",
	"sessiontype",
	"stdinnull",
	"permitlocalcommand",
	"clearallforwardings",
	"gatewayports",
	"exitonforwardfailure",
	"tunnel",
	"forwardx11",
	"forwardagent",
	"streamlocalbindunlink",
	"channeltimeout",
	"permitremoteopen",
	"loglevel",
	"logverbose",
	"visualhostkey",
	"escapechar",
	"batchmode",
	"updatehostkeys",
	"addkeystoagent",
	"connecttimeout",
	"connectionattempts",
	"serveraliveinterval",
	"ignoreunknown",
	"serveralivecountmax",
	"localforward",
	"proxyusefdpass",
	"proxycommand",
	"proxyjump",
	"localcommand",
};

/* One network under one ssh_config. */
struct dialled {
	struct planning_case test;
	struct ssh_config config;
	struct strbuf facts;
	char directory[32];
};

static void write_file(const struct dialled *dialled, const char *name, const char *text,
		       mode_t mode)
{
	char path[64];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", dialled->directory, name);
	stream = fopen(path, "w");
	cr_assert(stream != NULL);
	fputs(text, stream);
	fchmod(fileno(stream), mode);
	fclose(stream);
}

/* Returns what a line of the shell prints, in arena. */
static const char *run(struct dialled *dialled, const char *line)
{
	FILE *stream = popen(line, "r");
	struct strbuf text = {0};
	char part[4096];
	const char *said;
	size_t size;

	cr_assert(stream != NULL);
	while ((size = fread(part, 1, sizeof(part), stream)) > 0)
		strbuf_add(&text, part, size);
	pclose(stream);
	said = arena_string(&dialled->test.arena, strbuf_text(&text));
	strbuf_finish(&text);
	return said;
}

/* Returns what the wrapper noted of call number `call`, "call" or "said", in arena; or "". */
static const char *noted(struct dialled *dialled, const char *what, size_t call)
{
	char path[64], text[16384];
	FILE *stream;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s-%zu", dialled->directory, what, call);
	stream = fopen(path, "r");
	if (!stream)
		return "";
	size = fread(text, 1, sizeof(text), stream);
	fclose(stream);
	return arena_copy(&dialled->test.arena, text, size);
}

/* Plans tunnel t as `plan` does. */
static void make_plan(struct dialled *dialled)
{
	struct planning_case *test = &dialled->test;
	const struct topology *topology = test->topology;
	struct network_index network_index;
	struct plan_request request = {
		.network_index = &network_index,
		.tunnel = &topology->tunnels[topology_tunnel(topology, "t")],
		.me = topology->me,
	};

	network_index_init(&network_index, topology, &test->arena);
	for (int i = 0; i < 2; i++) {
		test->plan = NULL;
		planner_plan(&request, &test->arena, &test->plan, &test->failure);
		cr_assert(test->plan != NULL, "%s", test->failure.text);
		if (i == 0)
			ssh_config_facts(&dialled->config, test->plan, &request);
	}
	cr_assert(eq(sz, request.fact_count, test->plan->hop_count), "ssh did not answer");
	ssh_config_lines(&dialled->config, test->plan, NULL, &dialled->facts);
}

static void dialled_init(struct dialled *dialled, const char *yaml, const char *config)
{
	static char path[4096], real[256];
	FILE *stream;

	*dialled = (struct dialled){.directory = "/tmp/dialled.XXXXXX"};
	if (!*path) {
		snprintf(path, sizeof(path), "%s", getenv("PATH"));
		stream = popen("command -v ssh", "r");
		cr_assert(fgets(real, sizeof(real), stream) != NULL);
		real[strcspn(real, "\n")] = '\0';
		pclose(stream);
	}
	cr_assert(mkdtemp(dialled->directory) != NULL);
	setenv("DIALLED", dialled->directory, 1);
	setenv("DIALLED_SSH", real, 1);
	planning_load(&dialled->test, yaml);
	setenv("PATH", arena_format(&dialled->test.arena, "%s:%s", dialled->directory, path), 1);
	write_file(dialled, "ssh", wrapper, 0700);
	write_file(dialled, "config", config, 0600);
	make_plan(dialled);
}

static void dialled_finish(struct dialled *dialled)
{
	run(dialled, "rm -r \"$DIALLED\"");
	strbuf_finish(&dialled->facts);
	ssh_config_finish(&dialled->config);
	planning_finish(&dialled->test);
}

/* Returns what ssh makes of a hop's master. */
static const char *of_master(struct dialled *dialled, const struct plan_hop *hop)
{
	const struct ssh_incarnation incarnation = {
		.control_path = "/run/m-2",
		.parent_path = plan_is_carried(hop) ? "/run/m-1" : NULL,
		.program = "tunplan",
		.facts = strbuf_text(&dialled->facts),
	};
	char **argv = ssh_argv_master(hop, &incarnation);
	struct strbuf line = {0};
	const char *said;

	strbuf_puts(&line, "ssh -G ");
	shell_join(&line, (const char *const *)argv + 1);
	said = run(dialled, strbuf_text(&line));
	strbuf_finish(&line);
	memory_free_strings(argv);
	return said;
}

static bool is_ours(const char *line)
{
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		const size_t length = strlen(ours[i]);

		if (strncmp(line, ours[i], length) == 0 && line[length] == ' ')
			return true;
	}
	return false;
}

/* Returns an answer without what is ours. */
static const char *theirs(struct dialled *dialled, const char *answer)
{
	const char *text = "";

	while (*answer) {
		const size_t line = strcspn(answer, "\n") + 1;

		if (!is_ours(answer))
			text = arena_format(&dialled->test.arena, "%s%.*s", text, (int)line,
					    answer);
		answer += line;
	}
	return text;
}

/* Returns the word behind another in a call, one a line; or "". */
static const char *behind(struct dialled *dialled, const char *call, const char *word)
{
	const char *text = arena_format(&dialled->test.arena, "\n%s\n", word);
	const char *found = strstr(arena_format(&dialled->test.arena, "\n%s", call), text);

	return found ? arena_copy(&dialled->test.arena, found + strlen(text),
				  strcspn(found + strlen(text), "\n"))
		     : "";
}

/* Whether "[fd00::1]:22", "[10.1.0.2]:22" or "10.1.0.2:22" is a hop's place. Names are read by ssh. */
static bool is_place(struct dialled *dialled, const char *text, const struct plan_hop *hop)
{
	struct arena *arena = &dialled->test.arena;

	return strcasecmp(text, arena_format(arena, "[%s]:%u", hop->address, hop->port)) == 0 ||
	       strcasecmp(text, arena_format(arena, "%s:%u", hop->address, hop->port)) == 0;
}

/* A first hop goes the same way by both, any other from the one before it to the plan's place. */
static void expect_way(struct dialled *dialled, const struct plan_hop *hop, const char *master,
		       size_t call)
{
	static const char *const keywords[] = {"proxycommand", "proxyjump"};
	struct arena *arena = &dialled->test.arena;
	const char *printed = noted(dialled, "said", call);
	const char *before;

	if (plan_is_carried(hop)) {
		before = noted(dialled, "call", call + 1);
		cr_expect(is_place(dialled, behind(dialled, before, "-W"), hop), "%s", before);
		cr_expect(eq(str, ssh_facts_value(printed, "proxyusefdpass", arena), "no"));
		cr_expect(strstr(master, arena_format(arena, " '%s' '%u'\n", hop->address,
						      hop->port)) != NULL);
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		const char *up = ssh_facts_value(master, keywords[i], arena);
		const char *hand = ssh_facts_value(printed, keywords[i], arena);

		cr_expect(eq(str, up ? up : "none", hand ? hand : "none"));
	}
}

/* Under this name ssh must look for a key behind the first hop. */
static void expect_key(struct dialled *dialled, const struct plan_hop *hop, const char *master)
{
	struct arena *arena = &dialled->test.arena;
	const char *alias = ssh_facts_value(master, "hostkeyalias", arena);

	if (!plan_is_carried(hop) || hop->config)
		return;
	if (alias && hop->key_alias)
		cr_expect(eq(str, alias, hop->key_alias));
	else if (alias && hop->port != 22)
		cr_expect(is_place(dialled, alias, hop), "%s", alias);
	else
		cr_expect(strcasecmp(alias ? alias : ssh_facts_value(master, "hostname", arena),
				     hop->address) == 0);
	if (!alias)
		cr_expect(eq(int, atoi(ssh_facts_value(master, "port", arena)), hop->port));
}

/* No other ssh is used, or stays, and the last hop's forwards and stays itself. */
static void expect_no_trap(struct dialled *dialled, const char *said, size_t call)
{
	struct arena *arena = &dialled->test.arena;
	const char *forks = ssh_facts_value(said, "forkafterauthentication", arena);

	cr_expect(ssh_facts_value(said, "controlpath", arena) == NULL, "%s", said);
	if (call > 0)
		return;
	cr_expect(eq(str, forks ? forks : "no", "no"));
	cr_expect(eq(str, ssh_facts_value(said, "clearallforwardings", arena), "no"));
}

/* Compares all masters of a plan with all that its only command starts. */
static void expect_same(struct dialled *dialled)
{
	const struct plan *plan = dialled->test.plan;
	const char *line = planning_command(&dialled->test, 0);

	run(dialled, arena_format(&dialled->test.arena, "exec 2>&1; %s", line));
	for (size_t i = 0; i < plan->hop_count; i++) {
		const size_t call = plan->hop_count - 1 - i;
		const char *master = of_master(dialled, &plan->hops[i]);
		const char *up = theirs(dialled, master);
		const char *said = noted(dialled, "said", call);
		const char *printed = theirs(dialled, said);

		expect_no_trap(dialled, said, call);
		cr_expect(strstr(up, "hostname ") != NULL, "%s", up);
		while (*up && *up == *printed)
			up++, printed++;
		cr_expect(strcmp(up, printed) == 0, "hop %zu of %s\nup: %.100s\nprinted: %.100s",
			  i + 1, line, up, printed);
		expect_way(dialled, &plan->hops[i], master, call);
		expect_key(dialled, &plan->hops[i], master);
	}
}

/* Three hops: what is said of each login comes from the tests. */
#define CHAIN(first, second, third)                                                  \
	"tunplan: 1\nme: laptop\n"                                                   \
	"vlans: {out: 10.91.0.0/24, in: 10.92.0.0/24, deep: \"fd93::/64\"}\n"        \
	"hosts:\n"                                                                   \
	"  laptop: {vlans: {out: 10.91.0.1}, ssh: none}\n"                           \
	"  bastion: {vlans: {out: 10.91.0.2, in: 10.92.0.2}, ssh: {" first "}}\n"    \
	"  middle: {vlans: {in: 10.92.0.3, deep: \"fd93::3\"}, ssh: {" second "}}\n" \
	"  target: {vlans: {deep: \"fd93::4\"}, ssh: {" third "}}\n"                 \
	"tunnels: {t: 8080 -> target:80}\n"

/* Hosts that have names only. */
#define NAMED                                              \
	"tunplan: 1\nme: laptop\nvlans: [out, in, deep]\n" \
	"hosts:\n"                                         \
	"  laptop: {vlans: [out], ssh: none}\n"            \
	"  bastion: [out, in]\n"                           \
	"  Middle: [in, deep]\n"                           \
	"  target: {vlans: [deep], ssh: {}}\n"             \
	"tunnels: {t: 8080 -> target:80}\n"

static const struct {
	char name;
	const char *yaml;
} networks[] = {
	{'p', CHAIN("", "", "")},
	{'u', CHAIN("user: ops, port: 2201", "user: dev, port: 2202", "user: root, port: 2203")},
	{'a', CHAIN("config: gw", "config: mid", "config: end")},
	{'o', CHAIN("identity: /dev/null", "options: {Compression: yes}", "identity: /dev/null")},
	{'n', NAMED},
	/* Addresses that mean more than one host. */
	{'s', "tunplan: 1\nme: laptop\nvlans: [out]\n"
	      "hosts:\n"
	      "  laptop: {vlans: [out], ssh: none}\n"
	      "  bastion: [out]\n"
	      "  middle: {at: {bastion: \"localhost:2201\"}}\n"
	      "  target: {at: {middle: \"localhost:22\"}, ssh: {config: end}}\n"
	      "tunnels: {t: 8080 -> target:80}\n"},
};

#define CONTROL " ControlMaster auto\n ControlPath /nonexistent/%C\n ControlPersist 60\n"

/* By which networks what is tried. */
static const struct {
	const char *networks;
	const char *config;
} rows[] = {
	{"us", ""},
	/* It leads nowhere, but all of it holds. */
	{"o", "IgnoreUnknown UseKeychain,X-*\nInclude /nonexistent/*\n"
	      "Host *\n UseKeychain yes\n X-Y z\n User somebody\n IdentityFile ~/.ssh/theirs\n"
	      " AddressFamily inet\n BindAddress 10.8.0.6\n RekeyLimit 1G\n Compression yes\n"
	      " GSSAPIAuthentication yes\n GSSAPIDelegateCredentials yes\n"
	      " ConnectTimeout 60\n ConnectionAttempts 3\n ServerAliveInterval 60\n"
	      " ServerAliveCountMax 9\n ForwardAgent yes\n RemoteCommand true\n"
	      " LocalForward 1 a:2\n"},
	{"ps", "Host *\n Port 2222\n"},
	{"p", "Host 10.92.0.*\n Port 2222\n"},
	{"an", "Host bastion gw\n HostName 192.0.2.1\n Port 2022\n User a\n"
	       "Host mid*\n HostName 192.0.2.2\n User b\n"
	       "Host target end\n HostName 192.0.2.3\n Port 2024\n"},
	{"n", "Host *\n HostName %h.corp.example\n"},
	{"pa", "Host *\n ProxyJump nowhere.invalid\n"},
	{"ao", "Host *\n ProxyCommand false\n ProxyUseFdpass yes\n"},
	{"a", "Host *\n" CONTROL},
	{"o", "Host *\n ForkAfterAuthentication yes\n ClearAllForwardings yes\n StdinNull yes\n"},
	{"p", "Host 10.91.0.2\n" CONTROL},
	{"p", "Host 10.92.0.3\n" CONTROL},
	{"p", "Host fd93::4\n" CONTROL},
	{"as", "Host *\n HostKeyAlias one-for-all\n"},
	{"u", "Host 10.92.0.3\n HostKeyAlias its-own\n"},
	{"p", "Host *\n CanonicalizeHostname yes\n CanonicalDomains none\n"
	      "Match canonical host fd93::4\n User c\n"
	      "Match final host 10.9*\n IdentityFile ~/.ssh/f\n"},
	{"a", "Host *\n CanonicalizeHostname always\n CanonicalDomains none\n"
	      "Match canonical host 10.9*\n User c\n" CONTROL},
	{"pa", "Match host 10.91.0.2\n User a\nMatch host 10.92.0.3\n Port 2022\n User b\n" CONTROL
	       "Match originalhost fd93::4,end\n User c\n"
	       "Match host fd93::4 user c\n IdentityFile ~/.ssh/m\n"},
	{"u",
	 "Match exec true\n User e\nMatch exec \"test %h = 10.92.0.3\"\n HostName 192.0.2.9\n"},
	{"a", "Host gw\n HostName 10.91.0.2\n ProxyJump elsewhere\n"
	      "Host mid\n HostName 10.92.0.3\n HostKeyAlias mid\n"
	      "Host end\n HostName fd93::4\n Port 22\n ProxyCommand false\n"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* Returns the topology of a network. */
static const char *yaml_of(char name)
{
	size_t i = 0;

	while (networks[i].name != name)
		i++;
	return networks[i].yaml;
}

/* Tries every second row, or the others: two at once, on machines that have the processors. */
static void try_rows(size_t first)
{
	for (size_t i = first; i < ROWS; i += 2)
		for (const char *name = rows[i].networks; *name; name++) {
			struct dialled dialled;

			dialled_init(&dialled, yaml_of(*name), rows[i].config);
			expect_same(&dialled);
			dialled_finish(&dialled);
		}
}

Test(dialled, what_is_printed_dials_as_up_does)
{
	try_rows(0);
}

Test(dialled, what_is_printed_dials_as_up_does_under_the_other_files)
{
	try_rows(1);
}
