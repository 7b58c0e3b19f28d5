/*
 * Reachability rules as nftables text.
 */
#include "exec/lab/network/filter.h"
#include "tests/unit/lab_making.h"

/* bridge joins two VLANs; inner is shut in on the second; both families on the third. */
#define HEAD                                                                                \
	"tunplan: 1\n"                                                                      \
	"vlans: {one: 10.1.0.0/24, two: 10.2.0.0/24, dual: [10.3.0.0/24, \"fd03::/64\"]}\n" \
	"hosts:\n"                                                                          \
	"  you: [one]\n"                                                                    \
	"  bridge: [one, two]\n"                                                            \
	"  inner: [two]\n"                                                                  \
	"  docs: [two]\n"                                                                   \
	"  both: [dual]\n"                                                                  \
	"reachability:\n"

/* Lines of a router's and a host's rules that are always there. */
#define ROUTER_HEAD                                               \
	"table inet tunplan {\n"                                  \
	"\tchain forward {\n"                                     \
	"\t\ttype filter hook forward priority 0; policy drop;\n" \
	"\t\tct state established,related accept\n"
#define HOST_HEAD                                                 \
	"table inet tunplan {\n"                                  \
	"\tchain input {\n"                                       \
	"\t\ttype filter hook input priority 0; policy accept;\n" \
	"\t\tct state established,related accept\n"               \
	"\t\tiifname \"lo\" accept\n"                             \
	"\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
#define FROM_ROUTER_TWO "\t\tiifname \"two\" ether saddr 02:7e:00:01:00:05 accept\n"
#define FOOT            "\t}\n}\n"

static void expect_router(const char *rules, const char *lines)
{
	struct strbuf yaml = {0}, text = {0}, expected = {0};
	struct made made;

	strbuf_printf(&yaml, HEAD "%s", rules);
	strbuf_printf(&expected, ROUTER_HEAD "%s" FOOT, lines);
	make(&made, strbuf_text(&yaml));
	lab_filter_router(made.network, &text);
	expect_text(strbuf_text(&text), strbuf_text(&expected));
	make_finish(&made);
	strbuf_finish(&yaml);
	strbuf_finish(&text);
	strbuf_finish(&expected);
}

Test(lab_filter, vlans_are_devices_of_the_router)
{
	expect_router("  - allow: one -> two 22 8000-8010\n",
		      "\t\tiifname \"one\" oifname \"two\" meta l4proto { tcp, udp } th dport "
		      "{ 22, 8000-8010 } counter accept comment \"net.yaml:10\"\n");
}

Test(lab_filter, a_host_is_all_of_its_addresses)
{
	expect_router("  - allow: you -> bridge 22\n",
		      "\t\tip saddr { 10.1.0.1 } ip daddr { 10.1.0.2, 10.2.0.1 } meta l4proto "
		      "{ tcp, udp } th dport { 22 } counter accept comment \"net.yaml:10\"\n");
	expect_router("  - allow: you -> bridge@two\n",
		      "\t\tip saddr { 10.1.0.1 } ip daddr { 10.2.0.1 } counter accept comment "
		      "\"net.yaml:10\"\n");
}

Test(lab_filter, each_family_that_both_ends_have_gets_a_line)
{
	expect_router("  - deny: any -> both\n",
		      "\t\tip daddr { 10.3.0.1 } counter drop comment \"net.yaml:10\"\n"
		      "\t\tip6 daddr { fd03::1 } counter drop comment \"net.yaml:10\"\n");
	expect_router("  - allow: you -> both\n",
		      "\t\tip saddr { 10.1.0.1 } ip daddr { 10.3.0.1 } counter accept comment "
		      "\"net.yaml:10\"\n");
	expect_router("  - allow: \"fd00::/8 -> both\"\n",
		      "\t\tip6 saddr { fd00::/8 } ip6 daddr { fd03::1 } counter accept comment "
		      "\"net.yaml:10\"\n");
}

Test(lab_filter, any_to_any_needs_no_address)
{
	expect_router("  - deny: any -> any\n", "\t\tcounter drop comment \"net.yaml:10\"\n");
}

Test(lab_filter, nobody_gets_to_his_own_vlan_by_way_of_another)
{
	struct strbuf text = {0};
	struct made made;

	make(&made, "tunplan: 1\n"
		    "vlans: {one: 10.1.0.0/24, dual: [10.3.0.0/24, \"fd03::/64\"]}\n"
		    "hosts: {a: {vlans: {one: , dual: \"fd03::a\"}}, b: [one, dual]}\n"
		    "reachability: [allow: any -> any]\n");
	lab_filter_router(made.network, &text);
	expect_text(strbuf_text(&text), ROUTER_HEAD
		    "\t\tip saddr { 10.1.0.1 } oifname \"dual\" ct state new meta l4proto tcp "
		    "reject with tcp reset\n"
		    "\t\tcounter accept comment \"net.yaml:4\"\n" FOOT);
	make_finish(&made);
	strbuf_finish(&text);
}

/* Compares a host's rules; NULL: it has none. */
static void expect_host(const char *rules, const char *host, const char *lines)
{
	struct strbuf yaml = {0}, text = {0}, expected = {0};
	struct made made;
	bool any;

	strbuf_printf(&yaml, HEAD "%s", rules);
	strbuf_printf(&expected, HOST_HEAD "%s" FOOT, lines ? lines : "");
	make(&made, strbuf_text(&yaml));
	any = lab_filter_host(made.network, node(&made, host), &text);
	cr_expect(any == (lines != NULL), "%s: %s", rules, strbuf_text(&text));
	expect_text(strbuf_text(&text), lines ? strbuf_text(&expected) : "");
	make_finish(&made);
	strbuf_finish(&yaml);
	strbuf_finish(&text);
	strbuf_finish(&expected);
}

Test(lab_filter, a_host_filters_its_own_vlan_in_order)
{
	expect_host("  - allow: bridge -> inner 22\n"
		    "  - deny: any -> inner\n",
		    "inner",
		    FROM_ROUTER_TWO
		    "\t\tiifname \"two\" ip saddr { 10.2.0.1 } ip daddr { 10.2.0.2 } meta l4proto "
		    "{ tcp, udp } th dport { 22 } counter accept comment \"net.yaml:10\"\n"
		    "\t\tiifname \"two\" ip daddr { 10.2.0.2 } counter drop comment "
		    "\"net.yaml:11\"\n");
}

Test(lab_filter, who_may_not_speak_is_not_heard_by_the_neighbours)
{
	expect_host("  - deny: inner -> any\n", "docs",
		    FROM_ROUTER_TWO
		    "\t\tiifname \"two\" ip saddr { 10.2.0.2 } counter drop comment "
		    "\"net.yaml:10\"\n");
}

Test(lab_filter, a_host_without_denials_within_its_vlans_has_no_rules)
{
	expect_host("  - allow: one -> two\n", "inner", NULL);
	expect_host("  - deny: you -> inner\n", "inner", NULL);
	expect_host("  - deny: any -> docs\n", "inner", NULL);
	/* Alone on its VLAN, nobody but the router sends to it. */
	expect_host("  - deny: any -> both\n", "both", NULL);
}
