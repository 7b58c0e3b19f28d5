/*
 * Lints: the edge cases of each. (tests/golden/lints/ has the texts, tests/golden/silent/ files
 * that almost deserve a warning; test_lint_random.c compares lints with their definitions.)
 */
#include "topology/lint/lint.h"

#include "tests/unit/loading.h"

/* Lints a text and compares "4:5 L001 message", a line for each. */
static void expect_lints(const char *text, const char *expected)
{
	struct loading loading;
	struct strbuf lines = {0};

	loading_load_good(&loading, text);
	lint_topology(loading.topology, &loading.diags);
	for (size_t i = 0; i < loading.diags.count; i++) {
		const struct diag *diag = &loading.diags.items[i];
		const struct position at = sources_position(&loading.sources, diag->at);

		cr_expect(diag->level == DIAG_LINT && diag->help && *diag->help);
		cr_expect(!diag->related_text || diag->related.at);
		strbuf_printf(&lines, "%u:%u %s %s\n", at.line, at.column, diag->code,
			      diag->message);
	}
	expect_text(strbuf_text(&lines), expected);
	strbuf_finish(&lines);
	loading_finish(&loading);
}

/* A topology with these lines behind its version, and what is said of it. */
struct row {
	const char *lines;
	const char *expected;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct strbuf text = {0};

		strbuf_printf(&text, "tunplan: 1\n%s", rows[i].lines);
		expect_lints(text.text, rows[i].expected);
		strbuf_finish(&text);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

#define TWO_VLANS             \
	"vlans: [lan, wan]\n" \
	"hosts:\n"            \
	"  one: [lan]\n"      \
	"  two: [lan, wan]\n" \
	"  three: [wan]\n"

Test(lint, shadowed_by_ports)
{
	static const struct row rows[] = {
		{TWO_VLANS "reachability:\n"
			   "  - allow: lan -> wan 22-80\n"
			   "  - allow: lan -> wan 22-81\n"
			   "  - allow: lan -> wan 81 30-40 22\n",
		 "10:12 L001 this rule never matches: a rule before it allows all of that\n"},
		/* Two rules make one range; the last that is needed is named, and no later one. */
		{TWO_VLANS "reachability:\n"
			   "  - allow: lan -> wan 1-1000\n"
			   "  - allow: lan -> wan 1001-65535\n"
			   "  - allow: lan -> wan 80\n"
			   "  - deny: lan -> wan\n"
			   "  - deny: lan -> wan 65535\n",
		 "10:12 L001 this rule never matches: a rule before it allows all of that\n"
		 "11:11 L001 this rule never matches: rules before it allow all of that\n"
		 "12:11 L001 this rule never matches: a rule before it allows all of that\n"},
		/* 65535 is left. */
		{TWO_VLANS "reachability:\n"
			   "  - allow: lan -> wan 1-1000\n"
			   "  - allow: lan -> wan 1001-65534\n"
			   "  - allow: lan -> wan\n",
		 ""},
		/* One rule's ranges side by side are one rule. */
		{TWO_VLANS "reachability:\n"
			   "  - allow: lan -> wan 80 81\n"
			   "  - allow: lan -> wan 80-81\n",
		 "9:12 L001 this rule never matches: a rule before it allows all of that\n"},
		/* A rule that covers one end only does not count. */
		{TWO_VLANS "reachability:\n"
			   "  - allow: any -> three\n"
			   "  - allow: one -> any\n"
			   "  - deny: one -> two 25\n",
		 "10:11 L001 this rule never matches: a rule before it allows all of that\n"},
		{TWO_VLANS "reachability:\n"
			   "  - allow: any -> three 80\n"
			   "  - allow: wan -> any 80\n"
			   "  - allow: one -> two 80\n",
		 ""},
	};

	CHECK(rows);
}

Test(lint, ineffective_deny_says_who_over_which_vlan_at_which_port)
{
	static const struct row rows[] = {
		{"vlans: [lan, wan, mgmt]\n"
		 "hosts: {one: [lan, mgmt], two: [wan, mgmt], three: wan, four: lan}\n"
		 "reachability: [deny: lan -> wan]\n",
		 "4:22 L002 'one' still reaches 'two': both are on VLAN 'mgmt', too\n"},
		{"vlans: [lan, wan, mgmt]\n"
		 "hosts: {one: [lan, mgmt], two: [wan, mgmt]}\n"
		 "reachability: [deny: mgmt -> mgmt 1-100, allow: two -> one 90,"
		 " deny: lan -> wan 80-101]\n",
		 "4:70 L002 'one' still reaches port 101 of 'two': both are on VLAN 'mgmt', too\n"},
		/* The lowest port that is open, whatever the order of the rules and ports. */
		{"vlans: [lan, wan, mgmt]\n"
		 "hosts: {one: [lan, mgmt], two: [wan, mgmt]}\n"
		 "reachability: [allow: one -> two 99 82 97-98, deny: mgmt -> mgmt, deny: lan "
		 "-> "
		 "two 100 80-99]\n",
		 "4:73 L002 'one' still reaches port 82 of 'two': both are on VLAN 'mgmt', too\n"},
		{"vlans: [lan, wan, mgmt]\n"
		 "hosts: {one: [lan, mgmt], two: {vlans: {wan: 10.0.0.2, mgmt: }}}\n"
		 "reachability: [deny: one@lan -> 0.0.0.0/0, deny: any -> wan, deny: lan -> "
		 "128.0.0.0/1]\n",
		 ""},
		/* An address of another family does not get there. */
		{"vlans: [lan, wan, mgmt]\n"
		 "hosts: {one: {vlans: {lan: , mgmt: 10.0.0.1}}, two: {vlans: {wan: , mgmt: "
		 "\"fd00::2\"}}}\n"
		 "reachability: [deny: lan -> wan]\n"
		 "allow_lints: L005\n",
		 ""},
		/* A range means who has an address in it. */
		{"vlans: [lan, wan]\n"
		 "hosts: {one: {vlans: {lan: 10.0.0.1, wan: }}, two: {vlans: {wan: 10.2.0.1}}}\n"
		 "reachability: [deny: lan -> 10.2.0.0/16]\n",
		 "4:22 L002 'one' still reaches 'two': both are on VLAN 'wan', too\n"},
	};

	CHECK(rows);
}

Test(lint, ineffective_deny_is_meant_for_an_interface_or_around_a_jump_host)
{
#define REACHES "L002 'one' still reaches 'two': both are on VLAN 'mgmt', too\n"
	static const struct {
		const char *one; /* what `one` is, besides its VLANs */
		const char *rule;
		const char *tunnels;
		const char *expected;
	} rows[] = {
		{"", "lan -> wan", "", "5:22 " REACHES},
		{"", "lan -> two@wan", "", ""},
		{"", "one@lan -> wan", "", ""},
		{"", "lan -> wans", "", "5:22 " REACHES},
		{"", "lan -> interfaces", "", ""},
		{", ssh: {}", "lan -> wan", "", ""},
		{", ssh: none", "lan -> wan", "", "5:22 " REACHES},
		{", ssh: {}, jump: avoid", "lan -> wan", "", ""},
		{", ssh: {}, jump: no", "lan -> wan", "", "5:22 " REACHES},
		{"", "lan -> wan", "tunnels: {t: 8080 -> two:80 via one}\n", ""},
		{"", "lan -> wan", "tunnels: {t: {ingress: 8080, egress: two:80, exit: one}}\n",
		 ""},
		{"", "lan -> wan", "tunnels: {t: 8080 -> two:80 via two}\n", "5:22 " REACHES},
		/* It is who reaches, and not who is reached, that a login passes. */
		{", ssh: {}", "wan -> lan", "",
		 "5:22 L002 'two' still reaches 'one': both are on VLAN 'mgmt', too\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf text = {0};

		strbuf_printf(&text,
			      "tunplan: 1\nvlans: [lan, wan, mgmt]\n"
			      "sets: {wans: wan, interfaces: [two@wan]}\n"
			      "hosts: {one: {vlans: [lan, mgmt]%s}, two: [wan, mgmt]}\n"
			      "reachability: [deny: %s]\n%s",
			      rows[i].one, rows[i].rule, rows[i].tunnels);
		expect_lints(text.text, rows[i].expected);
		strbuf_finish(&text);
	}
}

Test(lint, ineffective_deny_at_places)
{
	static const struct row rows[] = {
		{"me: one\nvlans: [lan, wan, mgmt]\n"
		 "hosts: {one: , two: [wan, mgmt]}\n"
		 "places: {here: {vlans: [lan, mgmt]}, there: {vlans: wan}}\n"
		 "reachability: [deny: lan -> wan]\n",
		 "6:22 L002 'one' still reaches 'two': both are on VLAN 'mgmt', too\n"},
		{"me: one\nvlans: [lan, wan, mgmt]\n"
		 "hosts: {one: , two: [wan, mgmt]}\n"
		 "places: {here: {vlans: lan}, there: {vlans: mgmt}}\n"
		 "reachability: [deny: lan -> wan]\n",
		 ""},
		/* Nobody knows whose the places are. */
		{"vlans: [lan, wan, mgmt]\n"
		 "hosts: {one: lan, two: [wan, mgmt]}\n"
		 "places: {here: {vlans: [lan, mgmt]}}\n"
		 "reachability: [deny: lan -> wan]\n",
		 ""},
	};

	CHECK(rows);
}

Test(lint, cuts_inside_where_two_are)
{
	static const struct row rows[] = {
		{"me: one\nvlans: [lan]\nhosts: {one: lan}\nreachability: [deny: any -> any]\n",
		 ""},
		{"me: one\nvlans: [lan]\nhosts: {one: lan, two: lan}\n"
		 "reachability: [deny: any -> any 1-65535]\nallow_lints: L005\n",
		 "5:22 L003 this rule also denies what stays within VLAN 'lan'\n"},
		{"me: one\nvlans: [lan]\nhosts: {one: , two: lan}\nplaces: {here: {vlans: lan}}\n"
		 "reachability: [deny: any -> any]\n",
		 "6:22 L003 this rule also denies what stays within VLAN 'lan'\n"},
		/* Me alone is there, by itself and at two places. */
		{"me: one\nvlans: [lan]\nhosts: {one: lan}\n"
		 "places: {here: {vlans: lan}, there: {vlans: lan}}\n"
		 "reachability: [deny: any -> any]\n",
		 ""},
		{"me: one\nvlans: [lan]\nhosts: {one: lan, two: lan}\n"
		 "reachability: [deny: any -> any 1-65534]\nallow_lints: L005\n",
		 ""},
		{"me: one\nvlans: [lan]\nhosts: {one: lan, two: lan}\n"
		 "reachability: [allow: any -> lan 1-65535, deny: any -> any]\n",
		 ""},
		{"me: one\nvlans: [lan]\nhosts: {one: lan, two: lan}\n"
		 "reachability: [allow: any -> any 22, deny: any -> any]\nallow_lints: L005\n",
		 "5:44 L003 this rule also denies what stays within VLAN 'lan'\n"},
		/* What is allowed inside says that the rest is not. */
		{"me: one\nvlans: [lan]\nhosts: {one: lan, two: lan}\n"
		 "reachability: [allow: lan -> lan 22, deny: any -> any]\n",
		 ""},
		{"me: one\nvlans: [lan]\nhosts: {one: lan, two: lan}\n"
		 "reachability: [allow: any -> two 22, deny: any -> any]\n",
		 ""},
		/* That is between the host and others, and not inside. */
		{"me: one\nvlans: [lan, wan]\nhosts: {one: lan, two: [lan, wan], three: wan}\n"
		 "reachability: [allow: one -> one 22, allow: one -> three 22, deny: any -> any]\n"
		 "allow_lints: L005\n",
		 "5:68 L003 this rule also denies what stays within VLAN 'lan'\n"},
	};

	CHECK(rows);
}

Test(lint, unreachable_for_others)
{
	static const struct row rows[] = {
		/* A rule that only the host itself could use, and one for me at a place. */
		{"me: one\nvlans: [lan, wan]\nhosts: {one: , two: wan}\n"
		 "places: {here: {vlans: lan}}\nreachability: [allow: wan -> two]\n",
		 "4:16 L005 nobody reaches host 'two': nobody else is on its VLANs, and no rule "
		 "allows "
		 "it from elsewhere\n"},
		{"me: one\nvlans: [lan, wan]\nhosts: {one: , two: wan}\n"
		 "places: {here: {vlans: lan}}\nreachability: [allow: one@lan -> two]\n",
		 ""},
		{"me: one\nvlans: wan\nhosts: {one: , two: wan}\nplaces: {here: {vlans: wan}}\n",
		 ""},
		/* Whoever is on the VLAN does not come from another. */
		{"me: one\nvlans: [lan, wan]\nhosts: {one: [lan, wan], two: wan}\n"
		 "reachability: [allow: lan -> two, deny: wan -> two]\n",
		 "4:26 L005 nobody reaches host 'two': rules deny it\n"},
		/* A port that the rule does not open; a service that is not on that VLAN. */
		{"me: one\nvlans: [lan, wan]\n"
		 "hosts: {one: lan, two: {vlans: wan, ssh: none, services: {web: 80}}}\n"
		 "reachability: [allow: lan -> two 22 81]\n",
		 "4:19 L005 nobody reaches host 'two': nobody else is on its VLANs, and no rule "
		 "allows "
		 "it from elsewhere\n"},
		{"me: one\nvlans: [lan, wan]\n"
		 "hosts: {one: lan, two: {vlans: [lan, wan], ssh: none, services: {web: {port: 80, "
		 "listen: wan}}}}\n",
		 "4:19 L005 nobody reaches host 'two': nobody else is on its VLANs, and no rule "
		 "allows "
		 "it from elsewhere\n"},
		{"me: one\nvlans: [lan]\n"
		 "hosts: {one: {vlans: {lan: 10.0.0.1}}, two: {vlans: {lan: \"fd00::2\"}}}\n",
		 "4:40 L005 nobody reaches host 'two': nobody else is on its VLANs, and no rule "
		 "allows "
		 "it from elsewhere\n"},
		/* Without `me`, only a host that says that it can be reached has to be. */
		{"vlans: [lan, wan]\nhosts: {one: lan, two: {vlans: wan, ssh: {}}}\n",
		 "3:19 L005 nobody reaches host 'two': nobody else is on its VLANs, and no rule "
		 "allows "
		 "it from elsewhere\n"},
	};

	CHECK(rows);
}

Test(lint, unreachable_behind_a_denied_range)
{
	static const struct row rows[] = {
		{"me: one\nvlans: [lan, wan]\nhosts: {one: lan, two: wan}\n"
		 "reachability: [deny: 10.0.0.0/8 -> two, allow: 10.1.0.0/16 -> two]\n",
		 "4:19 L005 nobody reaches host 'two': rules deny it\n"
		 "5:48 L001 this rule never matches: a rule before it denies all of that\n"},
		{"me: one\nvlans: [lan, wan]\nhosts: {one: lan, two: wan}\n"
		 "reachability: [deny: 10.0.0.0/8 -> two 1-100, allow: 10.1.0.0/16 -> two 22-23 "
		 "101]\n",
		 "4:19 L005 nobody reaches host 'two': rules deny it\n"},
		{"me: one\nvlans: [lan, wan]\nhosts: {one: lan, two: wan}\n"
		 "reachability: [deny: 10.0.0.0/8 -> two, allow: 10.0.0.0/7 -> two]\n",
		 ""},
		/* Nobody else is on the VLAN, so it is not the rule. */
		{"me: one\nvlans: [lan, wan]\nhosts: {one: lan, two: wan}\n"
		 "reachability: [deny: any -> two 1-1000]\n",
		 "4:19 L005 nobody reaches host 'two': nobody else is on its VLANs, and no rule "
		 "allows "
		 "it from elsewhere\n"},
	};

	CHECK(rows);
}

Test(lint, same_address_of_one_interface)
{
	static const struct row rows[] = {
		{"me: one\nvlans: [lan]\nhosts: {one: lan, two: lan}\n"
		 "places: {desk: {vlans: {lan: [10.0.0.1, \"fd00::1\", 10.0.0.1]}}}\n",
		 "5:52 L007 '10.0.0.1' stands here twice\n"},
		{"vlans: [lan]\nhosts: {one: {vlans: {lan: [10.0.0.1, 10.0.0.1, 10.0.0.1]}}}\n",
		 "3:39 L007 '10.0.0.1' stands here twice\n"
		 "3:49 L007 '10.0.0.1' stands here twice\n"},
	};

	CHECK(rows);
}

Test(lint, listeners_that_meet)
{
	static const struct row rows[] = {
#define LISTENING                                                                   \
	"me: one\nvlans: {lan: , wan: }\nhosts: {one: {vlans: {lan: [one.example, " \
	"10.0.0.1]}}, two: [lan, wan]}\nallow_lints: [L011, L012]\ntunnels: "
		{LISTENING "{a: 80 -> two:1, b: \"[::]:80 -> two:1\", c: \"[::1]:80 -> two:1\"}\n",
		 "6:54 L009 tunnel 'c' listens where tunnel 'b' does\n"},
		{LISTENING
		 "{a: one@lan:80 -> two:1, b: 10.0.0.1:80 -> two:1, c: 0.0.0.0:80 -> two:1}\n",
		 "6:38 L009 tunnel 'b' listens where tunnel 'a' does\n"
		 "6:63 L009 tunnel 'c' listens where tunnel 'a' does\n"},
		/* An address that is not known is one of all of them, and of its own VLAN. */
		{LISTENING
		 "{a: two@lan:80 -> me:1, b: two@wan:80 -> me:1, c: two@lan:80 -> me:2, d: "
		 "\"two:[::]:80 -> me:3\"}\n",
		 "6:60 L009 tunnel 'c' listens where tunnel 'a' does\n"
		 "6:84 L009 tunnel 'd' listens where tunnel 'a' does\n"},
		/* The order is that of the file, whatever is a wildcard. */
		{LISTENING "{z: 0.0.0.0:80 -> two:1, a: 80 -> two:1, m: 127.0.0.3:80 -> two:1}\n",
		 "6:38 L009 tunnel 'a' listens where tunnel 'z' does\n"
		 "6:54 L009 tunnel 'm' listens where tunnel 'z' does\n"},
		{"vlans: [lan]\nhosts: {one: lan, two: lan}\ntunnels: {a: 8080 -> two:1, b: "
		 "one:8080 -> "
		 "me:1, c: me:8080 -> two:2}\n",
		 "4:53 L009 tunnel 'c' listens where tunnel 'a' does\n"},
		/* A wildcard takes the place, and so does an address that the publication names. */
		{"me: one\nvlans: [lan]\nhosts: {one: lan, two: {at: {one: [\"localhost:8001\", "
		 "\"127.0.0.5:8002\"]}}}\ntunnels: {a: 8001 -> two:22, b: 0.0.0.0:8001 -> one:1, "
		 "c: "
		 "127.0.0.5:8002 -> one:1, d: 8002 -> one:1}\nallow_lints: [L009, L012]\n",
		 "5:33 L010 tunnel 'b' listens where host 'two' is published\n"
		 "5:59 L010 tunnel 'c' listens where host 'two' is published\n"},
	};

	CHECK(rows);
}

Test(lint, allowed_ones_are_not_said)
{
	const char *const lines =
		"tunplan: 1\nme: one\nvlans: [lan, empty]\nhosts: {one: lan, two: lan}\n"
		"tunnels: {a: 0.0.0.0:80 -> two:1}\n";
	static const struct row rows[] = {
		{"", "3:14 L004 nobody is on VLAN 'empty'\n"
		     "5:14 L011 only root may listen on port 80 of 'one'\n"
		     "5:14 L012 others can use this tunnel: it listens on every IPv4 address\n"},
		{"allow_lints: [L012, L004, L012]\n",
		 "5:14 L011 only root may listen on port 80 of 'one'\n"},
		{"allow_lints: [L004, L011, L012]\n", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf file = {0};

		strbuf_printf(&file, "%s%s", lines, rows[i].lines);
		expect_lints(file.text, rows[i].expected);
		strbuf_finish(&file);
	}
}

/* --- too much */

/* Rules each of which is looked at for each: half a square of them. */
static void add_many_rules(struct strbuf *text, unsigned count)
{
	strbuf_puts(text, "tunplan: 1\nme: one\nvlans: [lan]\nhosts: {one: lan, two: lan}\n"
			  "reachability:\n");
	for (unsigned i = 0; i < count; i++)
		strbuf_printf(text, "- allow: any -> any %u\n", 1 + i);
}

Test(lint, gives_up_and_says_so)
{
	struct strbuf text = {0};

	add_many_rules(&text, 2000);
	expect_lints(text.text, "");
	strbuf_clear(&text);
	add_many_rules(&text, 8000);
	expect_lints(text.text, "0:0 L013 there is too much here for L001, which was given up: it "
				"may have missed something\n");
	strbuf_puts(&text, "allow_lints: L013\n");
	expect_lints(text.text, "");
	strbuf_finish(&text);
}
