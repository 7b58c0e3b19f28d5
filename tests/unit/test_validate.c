#include "tests/unit/equal.h"
#include "tests/unit/loading.h"
#include "topology/diag/codes.h"

#define HOSTS                                                       \
	"tunplan: 1\n"                                              \
	"me: you\n"                                                 \
	"vlans: {lan: 10.0.0.0/8, wan: }\n"                         \
	"hosts:\n"                                                  \
	"  you: {vlans: lan, ssh: none, services: {cache: 3142}}\n" \
	"  gw: [lan, wan]\n"                                        \
	"  web: {vlans: {wan: [192.0.2.1, web.example.org]}, ssh: none, services: {http: 80}}\n"

/* Loads HOSTS and one tunnel, "t", and gives its forward. */
static const struct forward *load_tunnel(struct loading *loading, const char *tunnel)
{
	struct strbuf text = {0};

	strbuf_printf(&text, HOSTS "tunnels: {t: %s}\n", tunnel);
	loading_load_good(loading, text.text);
	strbuf_finish(&text);
	return &loading->topology->tunnels[0].forwards[0];
}

Test(validate, resolves_hosts)
{
	struct loading loading;
	const struct topology *topology;
	const struct host *web;

	loading_load_good(&loading, HOSTS);
	topology = loading.topology;
	cr_expect(topology->me == topology_host(topology, "you"));
	cr_expect(topology->sources == &loading.sources && topology->sources->count == 1);
	cr_assert(topology_host(topology, "web") == 2);
	cr_expect(topology_host(topology, "lan") == TOPOLOGY_NONE);
	cr_expect(topology_vlan(topology, "wan") == 1);
	web = &topology->hosts[2];
	expect_place(&loading, web->at, 7, 3);
	cr_expect(web->at.length == 3);
	cr_expect(host_interface(web, 0) == NULL);
	cr_assert(host_interface(web, 1) != NULL);
	cr_assert(host_interface(web, 1)->address_count == 2);
	expect_text(host_interface(web, 1)->addresses[0].text, "192.0.2.1");
	cr_expect(host_interface(web, 1)->addresses[1].family == ADDRESS_NAME);
	cr_expect(host_service(web, "http")->port == 80);
	cr_expect(host_service(web, "https") == NULL);
	loading_finish(&loading);
}

Test(validate, resolves_ingresses)
{
	struct loading loading;
	const struct forward *forward;

	forward = load_tunnel(&loading, "7999 -> web/http");
	cr_expect(forward->ingress.host == TOPOLOGY_ME && forward->ingress.port == 7999);
	cr_expect(forward->ingress.vlan == TOPOLOGY_NONE && forward->ingress.bind.text == NULL);
	expect_place(&loading, forward->ingress.at, 8, 14);
	cr_expect(forward->ingress.at.length == 4);
	loading_finish(&loading);
	forward = load_tunnel(&loading, "me:auto -> web/http");
	cr_expect(forward->ingress.host == TOPOLOGY_ME && forward->ingress.any_port);
	loading_finish(&loading);
	forward = load_tunnel(&loading, "gw@wan:80 -> me/cache");
	cr_expect(forward->ingress.host == 1 && forward->ingress.vlan == 1);
	loading_finish(&loading);
	forward = load_tunnel(&loading, "gw:10.0.0.2:80 -> me/cache");
	cr_expect(forward->ingress.host == 1 && forward->ingress.vlan == TOPOLOGY_NONE);
	expect_text(forward->ingress.bind.text, "10.0.0.2");
	loading_finish(&loading);
	forward = load_tunnel(&loading, "/run/a.sock -> web/http");
	expect_text(forward->ingress.path, "/run/a.sock");
	loading_finish(&loading);
	/* `ssh: none` does not keep me from listening */
	forward = load_tunnel(&loading, "you:80 -> web/http");
	cr_expect(forward->ingress.host == 0);
	loading_finish(&loading);
}

Test(validate, resolves_egresses)
{
	struct loading loading;
	const struct egress *egress;

	egress = &load_tunnel(&loading, "1 -> web/http")->egress;
	cr_expect(egress->kind == EGRESS_SERVICE && egress->host == 2 && egress->service == 0);
	cr_expect(egress->port == 80 && egress->vlan == TOPOLOGY_NONE);
	expect_text(egress->service_name, "http");
	loading_finish(&loading);
	egress = &load_tunnel(&loading, "gw:1 -> me/cache")->egress;
	cr_expect(egress->kind == EGRESS_SERVICE && egress->host == TOPOLOGY_ME);
	cr_expect(egress->service == TOPOLOGY_NONE && egress->port == 3142);
	loading_finish(&loading);
	egress = &load_tunnel(&loading, "1 -> gw@wan:443")->egress;
	cr_expect(egress->kind == EGRESS_PORT && egress->host == 1 && egress->vlan == 1);
	cr_expect(egress->port == 443);
	loading_finish(&loading);
	egress = &load_tunnel(&loading, "1 -> gw:/run/x.sock")->egress;
	cr_expect(egress->kind == EGRESS_PATH && egress->host == 1);
	expect_text(egress->path, "/run/x.sock");
	loading_finish(&loading);
	egress = &load_tunnel(&loading, "1 -> socks@gw")->egress;
	cr_expect(egress->kind == EGRESS_SOCKS && egress->host == 1);
	loading_finish(&loading);
	egress = &load_tunnel(&loading, "1 -> www.example.org:443 via gw")->egress;
	cr_expect(egress->kind == EGRESS_ADDRESS && egress->host == TOPOLOGY_NONE);
	cr_expect(egress->address.family == ADDRESS_NAME && egress->port == 443);
	expect_text(egress->address.text, "www.example.org");
	loading_finish(&loading);
	egress = &load_tunnel(&loading, "{ingress: 1, egress: '[2001:db8::1]:443', exit: gw}")
			  ->egress;
	cr_expect(egress->kind == EGRESS_ADDRESS && egress->address.family == ADDRESS_IPV6);
	cr_expect(loading.topology->tunnels[0].exit.hosts[0] == 1);
	loading_finish(&loading);
}

Test(validate, knows_whose_address_an_egress_is)
{
	static const struct {
		const char *egress;
		size_t host; /* TOPOLOGY_NONE: nobody's */
	} rows[] = {
		{"10.1.0.9:80", 1},
		{"'[fd00::9]:80'", 1},
		{"db.example:80", 1},
		{"10.1.0.8:80", TOPOLOGY_NONE},
		{"10.1.0.7:80", TOPOLOGY_NONE}, /* of two hosts */
	};
	struct loading loading;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf text = {0};
		const struct egress *egress;

		strbuf_printf(&text,
			      "tunplan: 1\nvlans: [net, lan]\nhosts:\n"
			      "  gw: {vlans: {net: ~, lan: 10.1.0.7}}\n"
			      "  db: {vlans: {lan: [10.1.0.9, 'fd00::9', db.example]}}\n"
			      "  dc: {vlans: {lan: 10.1.0.7}}\n"
			      "tunnels: {t: {ingress: 1, egress: %s, via: gw}}\n",
			      rows[i].egress);
		loading_load_good(&loading, text.text);
		strbuf_finish(&text);
		egress = &loading.topology->tunnels[0].forwards[0].egress;
		cr_expect(egress->host == rows[i].host, "%s", rows[i].egress);
		cr_expect(egress->kind ==
			  (rows[i].host == TOPOLOGY_NONE ? EGRESS_ADDRESS : EGRESS_PORT));
		if (rows[i].host != TOPOLOGY_NONE)
			cr_expect(egress->vlan == 1 && egress->address.text);
		loading_finish(&loading);
	}
}

Test(validate, resolves_rules)
{
	struct loading loading;
	const struct rule *rule;

	loading_load_good(&loading, HOSTS "reachability:\n"
					  "  - allow: any -> gw 22 80-90\n"
					  "  - deny: lan -> gw@wan\n"
					  "  - deny: 10.1.0.0/16 -> wan\n");
	rule = loading.topology->rules;
	cr_assert(loading.topology->rule_count == 3);
	cr_expect(rule[0].allow && rule[0].from.kind == RULE_ANY);
	cr_expect(rule[0].to.kind == RULE_HOST && rule[0].to.host == 1 && rule[0].port_count == 2);
	cr_expect(rule[0].ports[1].first == 80 && rule[0].ports[1].last == 90);
	cr_expect(!rule[1].allow && rule[1].from.kind == RULE_VLAN && rule[1].from.vlan == 0);
	cr_expect(rule[1].to.kind == RULE_HOST_AT_VLAN && rule[1].to.host == 1);
	cr_expect(rule[1].to.vlan == 1 && rule[1].port_count == 0);
	cr_expect(rule[2].from.kind == RULE_CIDR && rule[2].from.cidr.prefix == 16);
	expect_place(&loading, rule[2].at, 11, 11);
	loading_finish(&loading);
}

static void show_group(const struct topology *topology, const char *name, struct strbuf *text)
{
	const struct group *group = topology_group(topology, name);

	cr_assert(group != NULL, "%s", name);
	strbuf_printf(text, "%s:", name);
	for (size_t i = 0; i < group->tunnel_count; i++)
		strbuf_printf(text, " %s", topology->tunnels[group->tunnels[i]].name);
	strbuf_puts(text, "\n");
}

Test(validate, expands_groups)
{
	struct strbuf text = {0};
	struct loading loading;

	loading_load_good(&loading,
			  HOSTS "tunnels: {w1: 1 -> web:1, w2: 2 -> web:2, db: 3 -> web:3}\n"
				"groups:\n"
				"  outer: [inner, w2, inner]\n" /* before what it contains */
				"  inner: [db, w1]\n"
				"  pattern: ['w?', '*b']\n"
				"  star: ['*']\n"
				"  stars: ['**1*']\n");
	show_group(loading.topology, "outer", &text);
	show_group(loading.topology, "inner", &text);
	show_group(loading.topology, "pattern", &text);
	show_group(loading.topology, "star", &text);
	show_group(loading.topology, "stars", &text);
	expect_text(strbuf_text(&text), "outer: db w1 w2\n"
					"inner: db w1\n"
					"pattern: w1 w2 db\n"
					"star: w1 w2 db\n"
					"stars: w1\n");
	cr_expect(topology_group(loading.topology, "w1") == NULL);
	cr_expect(topology_tunnel(loading.topology, "outer") == TOPOLOGY_NONE);
	strbuf_finish(&text);
	loading_finish(&loading);
}

Test(validate, suggests_for_the_command_line)
{
	struct loading loading;

	loading_load_good(&loading, HOSTS "tunnels: {website: 1 -> web:1}\ngroups: {every: '*'}\n");
	expect_text(topology_suggest_tunnel(loading.topology, "webiste"), "website");
	expect_text(topology_suggest_tunnel(loading.topology, "evry"), "every");
	cr_expect(topology_suggest_tunnel(loading.topology, "unlike") == NULL);
	expect_text(topology_suggest_host(loading.topology, "wbe"), "web");
	cr_expect(topology_suggest_host(loading.topology, "lan1") == NULL);
	loading_finish(&loading);
}

/* One mistake, one error: nothing is reported that only follows from another one. */
Test(validate, reports_no_cascades)
{
	/* a host whose name is refused is still known */
	expect_errors("tunplan: 1\nhosts: {no: }\ntunnels: {t: 1 -> no:1}\n",
		      "2:9 T023 'no' cannot be a name: YAML readers take it for a boolean\n");
	/* a service with a bad port is still a service */
	expect_errors("tunplan: 1\nhosts: {a: {services: {s: x}}}\ntunnels: {t: 1 -> a/s}\n",
		      "2:27 T028 'x' is not a port\n");
	/* who mistypes `services` has services all the same */
	expect_errors("tunplan: 1\nhosts: {a: {servces: {s: 1}}}\ntunnels: {t: 1 -> a/s}\n",
		      "2:13 T015 a host has no key 'servces'\n");
	/* likewise for whole parts of the file */
	expect_errors("tunplan: 1\nhost: {a: {services: {s: 1}}}\ntunnels: {t: 1 -> a/s}\n",
		      "2:1 T015 a topology has no key 'host'\n");
	expect_errors("tunplan: 1\nvlan: [v]\nhosts: {a: v}\n",
		      "2:1 T015 a topology has no key 'vlan'\n");
	expect_errors("tunplan: 1\ntunnel: {t: 1 -> a:1}\nhosts: {a: }\ngroups: {g: [t]}\n",
		      "2:1 T015 a topology has no key 'tunnel'\n");
	expect_errors("tunplan: 1\nhosts: [a: {}]\ntunnels: {t: 1 -> a:1}\n",
		      "2:9 T017 an entry of a list is the name of a host, and nothing more\n");
	expect_errors("tunplan: 1\ninclude: more.yaml\nhosts: {a: v}\ntunnels: {t: 1 -> b:1}\n",
		      "2:10 T068 'more.yaml' cannot be included: nothing can be included here\n");
	/* a VLAN that the host names badly may be the one that is meant */
	expect_errors("tunplan: 1\nvlans: [v]\nhosts: {a: [v v]}\ntunnels: {t: 1 -> a@v:1}\n",
		      "3:14 T020 a name cannot hold a space\n");
	/* a tunnel that could not be read is known to groups, and its bad via is not missing */
	expect_errors("tunplan: 1\nhosts: [a]\ntunnels: {t: 1 - a}\ngroups: {g: [t, 't*']}\n",
		      "3:14 T032 '->' is missing\n");
	expect_errors("tunplan: 1\ntunnels: {t: {ingress: 1, egress: w.org:1, via: [a b]}}\n",
		      "2:51 T020 a name cannot hold a space\n");
	/* a key twice: the first one counts */
	expect_errors("tunplan: 1\nhosts: {a: , a: {ssh: none}}\ntunnels: {t: 1 -> socks@a}\n",
		      "2:14 T009 'a' is here for the second time\n");
}

/* Errors of all stages come together, in the order of the file. */
Test(validate, reports_all_errors_at_once)
{
	expect_errors("tunplan: 1\n"
		      "me: yuo\n"
		      "hosts: {you: [lam], you: , web: {ssh: some}}\n"
		      "vlans: {lan: 10.0.0.1}\n"
		      "tunnels: {t: 1 -> wbe/s via gw, u: x}\n",
		      "2:5 T021 'me' names unknown host 'yuo'\n"
		      "3:15 T024 host 'you' is on unknown VLAN 'lam'\n"
		      "3:21 T009 'you' is here for the second time\n"
		      "3:39 T031 'ssh' takes none or a mapping, not 'some'\n"
		      "4:14 T030 '10.0.0.1' is an address, and a range is wanted\n"
		      "5:19 T021 tunnel 't' leads to unknown host 'wbe'\n"
		      "5:29 T021 tunnel 't' goes through unknown host or set 'gw'\n"
		      "5:36 T032 '->' is missing\n");
}

Test(validate, compares_ingresses)
{
	/* what listens elsewhere does not collide */
	expect_errors(HOSTS
		      "tunnels:\n"
		      "  a: [80 -> web:1, 81 -> web:1, gw:80 -> me:1, gw@lan:80 -> me:1,\n"
		      "    127.0.0.1:80 -> web:1, auto -> web:1, auto -> web:1, /a -> web:1]\n",
		      "");
	expect_errors(HOSTS "tunnels:\n  a: [80 -> web:1, me:80 -> web:1]\n",
		      "9:20 T043 tunnel 'a' listens here twice\n");
	expect_errors(HOSTS "tunnels:\n  a: [80 -> web:1, you:80 -> web:1]\n",
		      "9:20 T043 tunnel 'a' listens here twice\n");
	expect_errors(HOSTS "tunnels:\n  a: [/a -> web:1, /a -> web:1]\n",
		      "9:20 T043 tunnel 'a' listens here twice\n");
}

/* Read or validated: an error within a tunnel is the tunnel's own. */
Test(validate, an_error_within_a_tunnel_spoils_only_this_tunnel)
{
	static const char *const bad[] = {
		"1 - web:1",
		"1 -> wbe:1",
		"1 -> web/nothing",
		"1 -> web:1 via me",
		"[1 -> web:1, 1 -> web:2]",
		"{ingress: 1, egres: web:1}",
		"{ingress: 1, egress: web:1, max_hops: no}",
		"",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct strbuf text = {0};
		struct loading loading;
		const struct topology *topology;

		strbuf_printf(&text,
			      HOSTS "tunnels: {a: 1 -> web:1, b: %s, c: 3 -> web:1}\n"
				    "groups: {all: '*', both: [b, c], one: b}\n",
			      bad[i]);
		loading_load_good(&loading, strbuf_text(&text));
		topology = loading.topology;
		cr_expect(loading.diags.errors > 0 &&
				  loading.diags.spoiling == loading.diags.errors,
			  "%s", bad[i]);
		cr_assert(topology->tunnel_count == 2, "%s", bad[i]);
		cr_assert(topology->spoiled_count == 1, "%s", bad[i]);
		cr_expect(topology_spoils(topology, "b") && !topology_spoils(topology, "c"));
		cr_expect(topology_tunnel(topology, "b") == TOPOLOGY_NONE);
		cr_expect(topology_tunnel(topology, "c") == 1);
		cr_expect(topology->groups[0].tunnel_count == 2);
		cr_expect(topology->groups[1].tunnel_count == 1);
		cr_expect(topology->groups[1].tunnels[0] == 1);
		cr_expect(topology->groups[2].tunnel_count == 0 && topology->groups[2].incomplete);
		strbuf_finish(&text);
		loading_finish(&loading);
	}
	/* What others depend on spoils the file. */
	expect_errors(HOSTS "tunnels: {a: 1 -> wbe:1}\ngroups: {g: b}\n",
		      "8:19 T021 tunnel 'a' leads to unknown host 'wbe'\n"
		      "9:13 T026 group 'g' contains unknown tunnel or group 'b'\n");
}

/* As if each host had been written by itself. */
Test(validate, a_range_of_hosts_is_its_hosts)
{
	struct loading range, each;
	const char *different;

	loading_load_good(&range,
			  "tunplan: 1\nvlans: [lan, six]\nhosts:\n  you: lan\n"
			  "  n[09-11].x: {vlans: {lan: ['10.0.0.[1-3]', 'a[8-10]'], six: b}, "
			  "services: {s: {port: 80, listen: lan}}, keys: you}\n  end: lan\n"
			  "sets: {all: ['n[09-11].x', end]}\n");
	loading_load_good(&each, "tunplan: 1\nvlans: [lan, six]\nhosts:\n  you: lan\n"
				 "  n09.x: {vlans: {lan: [10.0.0.1, a8], six: b}, services: {s: "
				 "{port: 80, listen: lan}}, keys: you}\n"
				 "  n10.x: {vlans: {lan: [10.0.0.2, a9], six: b}, services: {s: "
				 "{port: 80, listen: lan}}, keys: you}\n"
				 "  n11.x: {vlans: {lan: [10.0.0.3, a10], six: b}, services: {s: "
				 "{port: 80, listen: lan}}, keys: you}\n  end: lan\n"
				 "sets: {all: [n09.x, n10.x, n11.x, end]}\n");
	different = equal_topology(range.topology, each.topology);
	cr_expect(different == NULL, "%s", different);
	/* All of them stand where the entry stands. */
	cr_expect(range.topology->hosts[1].at.at == range.topology->hosts[3].at.at);
	loading_finish(&range);
	loading_finish(&each);
	/* The second host has nothing to add. */
	expect_errors("tunplan: 1\nhosts: {'n[1-3]': gone, m: gone}\n",
		      "2:19 T024 host 'n1' is on unknown VLAN 'gone'\n"
		      "2:28 T024 host 'm' is on unknown VLAN 'gone'\n");
}

Test(validate, keeps_limits_on_groups)
{
	struct strbuf text = {0};
	struct loading loading;

	strbuf_puts(&text, HOSTS "tunnels:\n");
	for (int i = 0; i < 1000; i++)
		strbuf_printf(&text, "  t%d: 1 -> web:1\n", i);
	strbuf_puts(&text, "groups:\n");
	for (int i = 0; i < 3000; i++)
		strbuf_printf(&text, "  g%d: '*'\n", i);
	loading_load(&loading, text.text);
	cr_assert(loading.diags.count == 1);
	expect_text(loading.diags.items[0].code, CODE_LIMIT_GROUPS);
	strbuf_finish(&text);
	loading_finish(&loading);
}

/* What SET@VLAN stands for is made once for each VLAN, and all of it has a limit. */
Test(validate, keeps_limits_on_sets)
{
	struct strbuf text = {0};
	struct loading loading;

	strbuf_puts(&text, "tunplan: 1\nvlans: [v0");
	for (int i = 1; i < 600; i++)
		strbuf_printf(&text, ", v%d", i);
	strbuf_puts(&text, "]\nhosts:\n  h: [v0");
	for (int i = 1; i < 600; i++)
		strbuf_printf(&text, ", v%d", i);
	strbuf_puts(&text, "]\nsets:\n  s: [h");
	for (int i = 1; i < 2000; i++)
		strbuf_puts(&text, ", h");
	strbuf_puts(&text, "]\nreachability:\n");
	for (int i = 0; i < 900; i++)
		strbuf_printf(&text, "  - allow: s@v%d -> s@v%d\n", i % 500, i % 500);
	loading_load_good(&loading, text.text);
	cr_expect(loading.topology->set_count == 1 + 500);
	loading_finish(&loading);
	for (int i = 500; i < 600; i++)
		strbuf_printf(&text, "  - allow: any -> s@v%d\n", i);
	loading_load(&loading, text.text);
	cr_assert(loading.diags.count == 1);
	expect_text(loading.diags.items[0].code, CODE_LIMIT_SETS);
	strbuf_finish(&text);
	loading_finish(&loading);
}

/* Groups in groups in groups: no recursion that a file could drive too deep. */
Test(validate, walks_deep_groups)
{
	struct strbuf text = {0};
	struct loading loading;

	strbuf_puts(&text, HOSTS "tunnels: {t: 1 -> web:1}\ngroups:\n");
	for (int i = 0; i < 50000; i++)
		strbuf_printf(&text, "  g%d: g%d\n", i, i + 1);
	strbuf_puts(&text, "  g50000: t\n");
	loading_load_good(&loading, text.text);
	cr_expect(topology_group(loading.topology, "g0")->tunnel_count == 1);
	strbuf_finish(&text);
	loading_finish(&loading);
}

/* A large file loads in a time that grows with its size, not with its square. */
Test(validate, loads_large_files, .timeout = 60)
{
	struct strbuf text = {0};
	struct loading loading;

	strbuf_puts(&text, "tunplan: 1\nvlans:\n");
	for (int i = 0; i < 2000; i++)
		strbuf_printf(&text, "  v%d:\n", i);
	strbuf_puts(&text, "hosts:\n");
	for (int i = 0; i < 20000; i++)
		strbuf_printf(&text, "  h%d: [v%d, v%d]\n", i, i % 2000, (i + 7) % 2000);
	loading_load_good(&loading, text.text);
	cr_expect(topology_host(loading.topology, "h19999") == 19999);
	strbuf_finish(&text);
	loading_finish(&loading);
}
