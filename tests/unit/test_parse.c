#include "topology/language/parse.h"

#include <stdio.h>

#include "tests/unit/loading.h"
#include "topology/yaml/yaml.h"

/* What the parser makes of keys and kinds of values; names need not exist for it. */
struct parsing {
	struct loading loading;
	struct arena scratch;
	struct document document;
	bool good;
};

static void parse(struct parsing *parsing, const char *text)
{
	struct loading *loading = &parsing->loading;
	struct parse_file file = {0};
	const struct source *source;

	*parsing = (struct parsing){0};
	loading_init(loading, text, strlen(text));
	source = loading_source(loading);
	cr_assert(yaml_read(source, &loading->diags, &file.tree), "%s", loading_text(loading));
	file.good = parse_head(&file.tree, source, true, &loading->diags);
	parsing->good = file.good;
	parse_document(&file, 1, false, &loading->arena, &parsing->scratch, &loading->diags,
		       &parsing->document);
	yaml_tree_finish(&file.tree);
}

static void finish(struct parsing *parsing)
{
	arena_finish(&parsing->scratch);
	loading_finish(&parsing->loading);
}

static void parse_good(struct parsing *parsing, const char *text)
{
	parse(parsing, text);
	cr_assert(parsing->good && parsing->loading.diags.errors == 0, "%s",
		  loading_text(&parsing->loading));
}

Test(parse, takes_lists_and_mappings_of_names)
{
	static const char *const texts[] = {
		"tunplan: 1\nvlans: [a, b]\nhosts: [c, d]\n",
		"tunplan: 1\nvlans: {a, b}\nhosts: {c, d: ~}\n",
		"tunplan: 1\nvlans: {a: , b: {}}\nhosts: {c: [], d: {}}\n",
		"tunplan: '1'\nvlans: {a: , b: {cidr: }}\nhosts: {c: {vlans: }, d: {services: }}\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct parsing parsing;

		parse_good(&parsing, texts[i]);
		cr_assert(parsing.document.vlan_count == 2, "%s", texts[i]);
		cr_assert(parsing.document.host_count == 2, "%s", texts[i]);
		expect_text(parsing.document.vlans[1].name, "b");
		expect_text(parsing.document.hosts[1].name.text, "d");
		cr_expect(parsing.document.hosts[0].ssh == NULL);
		cr_expect(!parsing.document.hosts[0].broken);
		finish(&parsing);
	}
}

Test(parse, takes_a_single_value_for_a_list_of_one)
{
	struct parsing parsing;

	parse_good(&parsing, "tunplan: 1\n"
			     "vlans: {a: 10.0.0.0/8, b: {cidr: 11.0.0.0/8}}\n"
			     "hosts: {c: a, d: {vlans: a}, e: {vlans: {a: 10.0.0.1}}}\n"
			     "tunnels: {t: {ingress: 1, egress: c:1, via: d}}\n"
			     "groups: {g: t}\n"
			     "reachability: [{allow: c -> d}]\n");
	cr_expect(parsing.document.vlans[0].cidr_count == 1);
	cr_expect(parsing.document.vlans[1].cidr_count == 1);
	for (size_t i = 0; i < 3; i++)
		cr_expect(parsing.document.hosts[i].interfaces.count == 1, "host %zu", i);
	cr_expect(parsing.document.hosts[2].interfaces.items[0].address_count == 1);
	cr_expect(parsing.document.tunnels[0].via.count == 1);
	cr_expect(parsing.document.groups[0].members.count == 1);
	cr_expect(parsing.document.rule_count == 1);
	finish(&parsing);
}

Test(parse, reads_logins_and_services)
{
	struct parsing parsing;
	const struct doc_host *host;

	parse_good(&parsing,
		   "tunplan: 1\n"
		   "hosts:\n"
		   "  a: {ssh: {user: ops, port: 2222, identity: ~/.ssh/id, config: gw}}\n"
		   "  b: {ssh: {}}\n"
		   "  c: {ssh: none}\n"
		   "  d: {ssh: {user: }}\n"
		   "  e:\n"
		   "    services:\n"
		   "      one: 80\n"
		   "      two: {port: 443, encrypted: tls, lab: https}\n"
		   "      three: {encrypted: ssh, lab: git, port: 22}\n");
	host = parsing.document.hosts;
	expect_text(host[0].ssh->login.user, "ops");
	expect_text(host[0].ssh->login.identity, "~/.ssh/id");
	expect_text(host[0].ssh->login.config, "gw");
	cr_expect(host[0].ssh->login.port == 2222 && host[0].ssh->login.stated &&
		  loading_line(&parsing.loading, host[0].ssh->login.at) == 3);
	cr_expect(host[1].ssh->login.stated && !host[1].ssh->login.none);
	cr_expect(host[1].ssh->login.port == 0);
	cr_expect(host[2].ssh->login.stated && host[2].ssh->login.none);
	cr_expect(host[3].ssh->login.stated && host[3].ssh->login.user == NULL);
	cr_assert(host[4].service_count == 3);
	expect_text(host[4].services[0].name, "one");
	cr_expect(host[4].services[0].port == 80);
	cr_expect(host[4].services[0].encrypted == SERVICE_CLEAR);
	cr_expect(host[4].services[0].lab == LAB_RESPONDER);
	cr_expect(host[4].services[1].encrypted == SERVICE_TLS);
	cr_expect(host[4].services[1].lab == LAB_HTTPS);
	cr_expect(host[4].services[2].port == 22);
	cr_expect(host[4].services[2].encrypted == SERVICE_SSH);
	finish(&parsing);
}

Test(parse, reads_tunnels_in_every_form)
{
	struct parsing parsing;
	const struct doc_tunnel *tunnel;

	parse_good(&parsing, "tunplan: 1\n"
			     "tunnels:\n"
			     "  short: 80 -> a:1 via b c\n"
			     "  list: [80 -> a:1, 81 -> a:2]\n"
			     "  one: [80 -> a:1 via b]\n"
			     "  long: {ingress: 80, egress: a:1, via: [b, c], exit: d}\n"
			     "  several: {forwards: [80 -> a:1, {ingress: 81, egress: a:2}]}\n");
	tunnel = parsing.document.tunnels;
	cr_assert(parsing.document.tunnel_count == 5);
	cr_expect(tunnel[0].forward_count == 1 && tunnel[0].via.count == 2);
	cr_expect(tunnel[1].forward_count == 2 && tunnel[1].via.count == 0);
	cr_expect(tunnel[2].forward_count == 1 && tunnel[2].via.count == 1);
	cr_expect(tunnel[3].forward_count == 1 && tunnel[3].via.count == 2);
	expect_text(tunnel[3].exit.text, "d");
	cr_expect(tunnel[4].forward_count == 2 && tunnel[4].exit.text == NULL);
	expect_place(&parsing.loading, tunnel[4].forwards[1].egress.values.at, 7, 57);
	finish(&parsing);
}

Test(parse, reads_rules_in_their_order)
{
	struct parsing parsing;
	const struct doc_rule *rule;

	parse_good(&parsing, "tunplan: 1\n"
			     "reachability:\n"
			     "  - allow: a -> b 22\n"
			     "  - {deny: c -> d}\n"
			     "  - {allow: [e -> f, g -> h 1-2]}\n"
			     "  - allow:\n"
			     "    - i -> any\n");
	rule = parsing.document.rules;
	cr_assert(parsing.document.rule_count == 5);
	cr_expect(rule[0].values.allow && !rule[1].values.allow && rule[2].values.allow &&
		  rule[3].values.allow);
	expect_text(rule[3].from.name.text, "g");
	expect_text(rule[4].from.name.text, "i");
	expect_place(&parsing.loading, rule[4].values.at, 7, 7);
	finish(&parsing);
}

Test(parse, leaves_keys_for_other_programs_alone)
{
	struct parsing parsing;

	parse_good(&parsing,
		   "tunplan: 1\n"
		   "x-any: [thing, {goes: here}]\n"
		   "hosts: {a: {x-rack: 7, ssh: {x-y: z}, services: {s: {port: 1, x-: 2}}}}\n"
		   "tunnels: {t: {ingress: 1, egress: a:1, x-note: n}}\n"
		   "reachability: [{allow: a -> a, x-id: 3}]\n");
	finish(&parsing);
}

Test(parse, stops_at_another_version)
{
	struct parsing parsing;

	parse(&parsing, "tunplan: 2\nsomething: new\n");
	cr_expect(!parsing.good && parsing.loading.diags.errors == 1);
	expect_text(parsing.loading.diags.items[0].code, "T019");
	finish(&parsing);
	parse(&parsing, "[tunplan, 1]\n");
	cr_expect(!parsing.good && parsing.loading.diags.errors == 1);
	finish(&parsing);
}

/* Lists that are searched from end to end have an end. */
static void expect_list_limit(const char *start, const char *part, const char *end)
{
	for (size_t count = 1000; count <= 1001; count++) {
		struct strbuf text = {0};
		struct parsing parsing;

		strbuf_puts(&text, start);
		for (size_t i = 0; i < count; i++)
			strbuf_printf(&text, "%s%zu, ", part, i + 1);
		strbuf_puts(&text, end);
		parse(&parsing, text.text);
		cr_expect(parsing.loading.diags.errors == count - 1000, "%s: %s", start,
			  loading_text(&parsing.loading));
		if (parsing.loading.diags.errors)
			expect_text(parsing.loading.diags.items[0].code, "T054");
		strbuf_finish(&text);
		finish(&parsing);
	}
}

Test(parse, limits_lists)
{
	expect_list_limit("tunplan: 1\nhosts: {a: [", "v", "]}\n");
	expect_list_limit("tunplan: 1\nhosts: {a: {vlans: {", "v", "}}}\n");
	expect_list_limit("tunplan: 1\ntunnels: {t: [", "80 -> a:", "]}\n");
}
