#include "tests/unit/planning.h"

/* A network in which each host has another reason not to serve. */
#define NETWORK                                   \
	"tunplan: 1\nme: you\nvlans: [a, b, c]\n" \
	"hosts:\n"                                \
	"  you: {vlans: {a: 10.0.0.1}}\n"         \
	"  denied: [a]\n"                         \
	"  nologin:\n"                            \
	"    vlans: [a]\n"                        \
	"    ssh: none\n"                         \
	"  six: {vlans: {a: \"fd00::6\"}}\n"      \
	"  far: [b]\n"                            \
	"  near: [a]\n"                           \
	"  cut: [a, c]\n"                         \
	"  web: [c]\n"                            \
	"reachability:\n"                         \
	"  - deny: you -> denied\n"               \
	"  - deny: near -> denied\n"              \
	"  - deny: cut -> denied 22\n"            \
	"  - deny: near -> six\n"                 \
	"  - deny: cut -> six\n"                  \
	"  - deny: cut -> web 80\n"

Test(why, each_host_has_its_reason)
{
	static const char *const expected[][2] = {
		{"denied", "RULE_DENY 16:11"},
		{"nologin", "NO_SSH 9:5"},
		{"six", "FAMILY"},
		{"far", "NOT_HERE"},
		{"near", "DEFAULT_DENY"},
		{"cut", "RULE_DENY 21:11"},
		{"web", "NO_SSH"},
		{"you", ""},
	};
	struct planning_case test;
	const char *order = "";

	planning_init(&test, NETWORK "tunnels: {t: 80 -> web:80}\n");
	cr_assert(test.plan == NULL);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		cr_log_info("host %s", expected[i][0]);
		expect_text(planning_rejection(&test, expected[i][0]), expected[i][1]);
	}
	/* What is forbidden comes first, what cannot be helped last; then by name. */
	for (size_t i = 0; i < test.failure.rejected_count; i++)
		order = arena_format(&test.arena, "%s%s ", order,
				     test.topology->hosts[test.failure.rejected[i].host].name);
	expect_text(order, "cut denied six web far near nologin ");
	planning_finish(&test);
}

Test(why, constraints_are_named)
{
	struct planning_case test;

	planning_init(&test, NETWORK "tunnels: {t: {ingress: 80, egress: web:443, exit: near}}\n");
	cr_assert(test.plan == NULL);
	expect_text(planning_rejection(&test, "cut"), "CONSTRAINT");
	expect_text(planning_rejection(&test, "near"), "DEFAULT_DENY");
	planning_finish(&test);

	planning_init(&test, NETWORK "tunnels: {t: 80 -> web:443 via far}\n");
	cr_assert(test.plan == NULL);
	expect_text(planning_rejection(&test, "cut"), "CONSTRAINT");
	expect_text(planning_rejection(&test, "far"), "NOT_HERE");
	planning_finish(&test);
}

Test(why, a_chain_that_cannot_go_on_to_its_last_host)
{
	struct planning_case test;

	planning_init(&test, NETWORK "tunnels: {t: \"denied:80 -> me:80\"}\n");
	cr_assert(test.plan == NULL);
	expect_text(test.failure.text, "no path from denied to you:80");
	expect_text(planning_rejection(&test, "denied"), "RULE_DENY 16:11");
	expect_text(planning_rejection(&test, "near"), "RULE_DENY 17:11");
	expect_text(planning_rejection(&test, "cut"), "RULE_DENY 18:11");
	planning_finish(&test);
}

Test(why, a_plan_lists_those_that_are_no_exit)
{
	struct planning_case test;

	planning_init(&test, NETWORK "tunnels: {t: 80 -> web:443}\n");
	cr_assert(test.plan != NULL);
	expect_text(planning_chain(&test, 0), "cut");
	expect_text(planning_rejection(&test, "cut"), "");
	expect_text(planning_rejection(&test, "near"), "DEFAULT_DENY");
	expect_text(planning_rejection(&test, "far"), "NOT_HERE");
	planning_finish(&test);
}

/* Whatever the order in the file, and although all of them are stopped. */
Test(why, the_obstacle_is_that_of_the_first_host_by_name)
{
	struct planning_case test;

	planning_init(&test, "tunplan: 1\nme: you\nvlans: [a, b]\nhosts:\n"
			     "  you: [a]\n"
			     "  m2: [a, b]\n"
			     "  m1: [a, b]\n"
			     "  m3: [a, b]\n"
			     "  far: [b]\n"
			     "  web: {vlans: [b], ssh: none}\n"
			     "reachability:\n"
			     "  - deny: m2 -> far 22\n"
			     "  - deny: m1 -> far 22\n"
			     "  - deny: m3 -> far 22\n"
			     "tunnels: {t: 80 -> web:80}\n");
	cr_assert(test.plan != NULL);
	expect_text(planning_rejection(&test, "far"), "RULE_DENY 13:11");
	planning_finish(&test);
}
