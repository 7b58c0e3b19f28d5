/*
 * Which ends of rules cover which, and that the index finds them. (test_lint_random.c tries many
 * more.)
 */
#include "topology/lint/subsume.h"

#include "tests/unit/loading.h"
#include "topology/lint/rule_query.h"

#define NETWORK                                                                  \
	"tunplan: 1\n"                                                           \
	"%s"                                                                     \
	"vlans: {lan: 10.1.0.0/16, wan: [10.2.0.0/16, \"fd02::/16\"], bare: }\n" \
	"sets: {pair: [one, two], all: [lan, wan, 10.0.0.0/8, two@wan],"         \
	" one-lan: [one@lan]}\n"                                                 \
	"hosts:\n"                                                               \
	"  one: {vlans: {lan: 10.1.0.1}}\n"                                      \
	"  two: {vlans: {lan: 10.1.0.2, wan: [10.2.0.2, \"fd02::2\"]}}\n"        \
	"  named: {vlans: {lan: named.example.org}}\n"                           \
	"  mixed: {vlans: {lan: [10.1.0.4, mixed.example.org]}}\n"               \
	"  plain: bare\n"                                                        \
	"  nowhere:\n"                                                           \
	"%s"                                                                     \
	"reachability: [allow: \"any -> %s\", allow: \"any -> %s\"]\n"

struct cover_row {
	const char *outer;
	const char *inner;
	bool covers;
};

/* Asks of every pair of ends whether the first covers the second. */
static void check_cover(const struct cover_row *rows, size_t count, const char *me,
			const char *places)
{
	for (size_t i = 0; i < count; i++) {
		const struct cover_row *row = &rows[i];
		struct budget budget = {.max = 1000};
		struct vlan_members vlan_members;
		struct loading loading;
		struct strbuf text = {0};
		struct subsume subsume = {&vlan_members, &budget};

		strbuf_printf(&text, NETWORK, me, places, row->outer, row->inner);
		loading_load_good(&loading, text.text);
		vlan_members_init(&vlan_members, loading.topology, &loading.arena);
		cr_expect(subsume_end(&subsume, &loading.topology->rules[0].to,
				      &loading.topology->rules[1].to) == row->covers,
			  "%s covers %s, with %s", row->outer, row->inner, places);
		loading_finish(&loading);
		strbuf_finish(&text);
	}
}

Test(subsume, of_any_end_and_any_other)
{
	static const struct cover_row rows[] = {
		{"any", "any", true},
		{"any", "lan", true},
		{"any", "10.0.0.0/8", true},
		{"any", "pair", true},
		{"lan", "any", false},
		{"pair", "any", false},
		{"lan", "lan", true},
		{"lan", "wan", false},
		{"lan", "two@lan", true},
		{"lan", "two@wan", false},
		{"lan", "one", true},
		{"lan", "two", false},
		{"lan", "nowhere", false},
		{"bare", "plain", true},
		{"lan", "10.1.0.0/24", false},
		{"one", "one", true},
		{"one", "two", false},
		{"two", "two@wan", true},
		{"one", "lan", false},
		{"nowhere", "nowhere", true},
		{"two@lan", "two@lan", true},
		{"two@lan", "two@wan", false},
		{"two@lan", "one@lan", false},
		{"two@lan", "two", false},
		{"one@lan", "one", true},
		{"one@lan", "lan", false},
		{"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.0.0.0/8", "10.1.0.0/16", true},
		{"10.1.0.0/16", "10.0.0.0/8", false},
		{"10.0.0.0/8", "fd00::/8", false},
		{"10.0.0.0/8", "one", true},
		{"10.1.0.1/32", "one@lan", true},
		{"10.1.0.2/32", "one", false},
		{"10.0.0.0/8", "two", false},
		{"10.0.0.0/8", "two@lan", true},
		{"10.0.0.0/8", "two@wan", false},
		{"10.0.0.0/8", "named", false},
		{"10.0.0.0/8", "mixed", false},
		{"10.0.0.0/8", "nowhere", false},
		{"10.0.0.0/8", "lan", false},
		{"10.0.0.0/8", "any", false},
		{"pair", "pair", true},
		{"pair", "one", true},
		{"pair", "two@lan", true},
		{"pair", "named", false},
		{"pair", "one-lan", true},
		{"one-lan", "pair", false},
		{"all", "pair", false},
		{"all", "one-lan", true},
		{"all", "10.3.0.0/16", true},
		{"lan", "one-lan", true},
		{"lan", "pair", false},
		{"two", "pair", false},
	};

	check_cover(rows, sizeof(rows) / sizeof(rows[0]), "", "");
}

/* What a host has at a place, it may have: whether it is me, or while nobody says who is. */
Test(subsume, of_hosts_that_move)
{
	static const struct cover_row still[] = {
		{"lan", "one", true}, {"10.0.0.0/8", "one", true}, {"one@lan", "one", true}};
	static const struct cover_row moves[] = {{"lan", "one", false},
						 {"10.0.0.0/8", "one", false},
						 {"one@lan", "one", false},
						 {"lan", "one@lan", true},
						 {"10.0.0.0/8", "one@lan", true}};
	static const struct cover_row same[] = {
		{"lan", "one", true}, {"10.1.0.0/16", "one", true}, {"10.1.0.1/32", "one", false}};
	const char *const elsewhere = "places: {away: {vlans: {wan: 192.0.2.1}}}\n";

	check_cover(still, 3, "me: two\n", elsewhere);
	check_cover(moves, 5, "me: one\n", elsewhere);
	check_cover(moves, 5, "", elsewhere);
	check_cover(same, 3, "me: one\n", "places: {desk: {vlans: {lan: 10.1.9.9}}}\n");
}

/* Each range is a bit of what is expected. */
static const char *const ranges[] = {
	"0.0.0.0/0",   "10.0.0.0/8", "10.1.0.0/17", "10.1.128.0/17", "10.1.0.1/32",
	"10.1.0.0/16", "::/0",       "fd02::/15",   "fd02::2/128",
};

#define RANGES (sizeof(ranges) / sizeof(ranges[0]))

/* What asks: an index over rules to all of the ranges, and to one end more. */
struct asking {
	struct loading loading;
	struct budget budget;
	struct vlan_members vlan_members;
	struct rule_end_index index;
	struct rule_list list;
};

static void asking_init(struct asking *asking, const char *end)
{
	struct subsume subsume = {&asking->vlan_members, &asking->budget};
	struct strbuf text = {0};

	*asking = (struct asking){.budget = {.max = 1000}};
	strbuf_puts(&text, "tunplan: 1\nvlans: {lan: 10.1.0.0/16}\nhosts: {one: lan}\n"
			   "sets: {both: [one, lan, one@lan]}\nreachability:\n");
	for (size_t i = 0; i < RANGES; i++)
		strbuf_printf(&text, "- allow: \"any -> %s\"\n", ranges[i]);
	strbuf_printf(&text, "- allow: \"any -> %s\"\n", end);
	loading_load_good(&asking->loading, text.text);
	vlan_members_init(&asking->vlan_members, asking->loading.topology, &asking->loading.arena);
	rule_end_index_init(&asking->index, &subsume, RULES_TO, &asking->loading.arena);
	strbuf_finish(&text);
}

/* Compares what was found with bits, each once and in order, and frees all. */
static void asking_expect(struct asking *asking, size_t expected, const char *end)
{
	size_t found = 0;

	for (size_t i = 0; i < asking->list.count; i++)
		found |= (size_t)1 << asking->list.items[i];
	for (size_t i = 1; i < asking->list.count; i++)
		cr_expect(asking->list.items[i - 1] < asking->list.items[i], "%s", end);
	cr_expect(found == expected, "%s: %zx", end, found);
	loading_finish(&asking->loading);
}

Test(rule_query, finds_the_ranges_that_hold_one)
{
	static const struct {
		const char *end;
		size_t expected;
	} rows[] = {
		{"10.1.0.1/32", 1 | 2 | 4 | 16 | 32},
		{"10.1.129.0/24", 1 | 2 | 8 | 32},
		{"10.1.0.0/16", 1 | 2 | 32},
		{"11.0.0.0/8", 1},
		{"fd03::/16", 64 | 128},
		{"fd02::2/128", 64 | 128 | 256},
		{"::/0", 64},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct asking asking;

		asking_init(&asking, rows[i].end);
		rule_query_cover(&asking.index, &asking.loading.topology->rules[RANGES].to, RANGES,
				 &asking.list);
		asking_expect(&asking, rows[i].expected, rows[i].end);
	}
}

/* An address that is not known is in what holds all of its VLAN. */
Test(rule_query, finds_the_ranges_of_a_point)
{
	const struct match_point unknown = {0, 0, NULL},
				 outside = {TOPOLOGY_NONE, TOPOLOGY_NONE, NULL};
	const struct address address = {.family = ADDRESS_IPV4, .bytes = {10, 1, 0, 1}};
	const struct match_point known = {TOPOLOGY_NONE, TOPOLOGY_NONE, &address};
	struct asking asking;

	asking_init(&asking, "one");
	rule_query_match(&asking.index, &unknown, &asking.list);
	asking_expect(&asking, 1 | 2 | 32 | 512, "one");
	asking_init(&asking, "both");
	rule_query_match(&asking.index, &unknown, &asking.list);
	asking_expect(&asking, 1 | 2 | 32 | 512, "both");
	asking_init(&asking, "any");
	rule_query_match(&asking.index, &known, &asking.list);
	asking_expect(&asking, 1 | 2 | 4 | 16 | 32 | 512, "10.1.0.1");
	asking_init(&asking, "lan");
	rule_query_match(&asking.index, &outside, &asking.list);
	asking_expect(&asking, 0, "nothing");
}
