#include "planner/explain/worse.h"
#include "tests/unit/planning.h"

/* Two paths from you to web, by x1 and by x2. */
#define NETWORK(trust_x, trust_y, v_y, tunnel)                                                  \
	"me: you\n"                                                                             \
	"tunplan: 1\n"                                                                          \
	"vlans: {in: {}, out: {}, low: {trust: low}, wild: {trust: none}}\n"                    \
	"hosts:\n"                                                                              \
	"  you: [in]\n"                                                                         \
	"  x1: {vlans: [in, out]" trust_x "}\n"                                                 \
	"  x2: {vlans: [in, " v_y "]" trust_y "}\n"                                             \
	"  web: {vlans: [out, low, wild], ssh: none, services: {http: {port: 80" tunnel "}}}\n" \
	"tunnels: {t: 8080 -> web/http}\n"

/* The service encrypts by itself. */
#define TLS ", encrypted: tls"

/* What the path without x1 is, compared with the first choice. */
static enum plan_worse without_x(const char *yaml)
{
	struct planning_case test;
	const struct plan *first;
	enum plan_worse worse;
	size_t x;

	planning_load(&test, yaml);
	planning_plan_as(&test, "t", (struct plan_request){0});
	first = test.plan;
	cr_assert(first != NULL);
	x = topology_host(test.topology, "x1");
	cr_assert(eq(sz, first->hops[0].host, x));
	planning_plan_as(&test, "t", (struct plan_request){.without = &x, .without_count = 1});
	cr_assert(test.plan != NULL);
	worse = worse_than(test.plan, first);
	if (worse != PLAN_NOT_WORSE)
		cr_expect(eq(int, (int)worse_than(first, test.plan), PLAN_NOT_WORSE));
	planning_finish(&test);
	return worse;
}

Test(worse, a_path_like_it_is_not_worse)
{
	cr_expect(eq(int, (int)without_x(NETWORK("", "", "out", "")), PLAN_NOT_WORSE));
}

Test(worse, in_the_clear_where_less_is_trusted)
{
	cr_expect(eq(int, (int)without_x(NETWORK("", "", "low", "")), PLAN_WORSE_EXPOSURE));
	cr_expect(eq(int, (int)without_x(NETWORK("", "", "wild", "")), PLAN_WORSE_EXPOSURE));
	cr_expect(eq(int, (int)without_x(NETWORK("", "", "low", TLS)), PLAN_NOT_WORSE));
}

Test(worse, a_host_that_is_trusted_less)
{
	cr_expect(
		eq(int, (int)without_x(NETWORK("", ", trust: low", "out", TLS)), PLAN_WORSE_TRUST));
	/* Also where both are trusted, but not alike. */
	cr_expect(eq(int, (int)without_x(NETWORK(", trust: high", "", "out", TLS)),
		     PLAN_WORSE_TRUST));
	cr_expect(
		eq(int, (int)without_x(NETWORK("", ", trust: high", "out", TLS)), PLAN_NOT_WORSE));
	/* Who ends a clear tunnel reads it: that is exposure. */
	cr_expect(eq(int, (int)without_x(NETWORK("", ", trust: low", "out", "")),
		     PLAN_WORSE_EXPOSURE));
}
