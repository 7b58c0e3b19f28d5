#include "exec/ssh/ssh_argv.h"
#include "exec/tunnel/stitched.h"
#include "tests/unit/planning.h"

/* g1 has keys for g2 and g3, g3 has one for g4; g2 has none for g3. */
#define LINE                                           \
	"tunplan: 1\nme: you\nvlans: [a, b, c, d]\n"   \
	"hosts:\n"                                     \
	"  you: {vlans: [a], keys: [g1]}\n"            \
	"  g1: {vlans: [a, b], keys: [g2, g3]}\n"      \
	"  g2: {vlans: [b, c], keys: [g1]}\n"          \
	"  g3: {vlans: [c, d], ssh: {}, keys: [g4]}\n" \
	"  g4: {vlans: [d], ssh: {}}\n"

/* Appends the key of a hop of the first tunnel of a text. */
static void key_of(const char *yaml, size_t hop, struct strbuf *text)
{
	struct planning_case test;

	planning_init(&test, yaml);
	cr_assert(test.plan != NULL, "%s", test.failure.text);
	stitched_key(test.plan, hop, text);
	planning_finish(&test);
}

static bool same_key(const char *a, const char *b, size_t hop)
{
	struct strbuf key = {0}, other = {0};
	bool same;

	key_of(a, hop, &key);
	key_of(b, hop, &other);
	same = strcmp(strbuf_text(&key), strbuf_text(&other)) == 0;
	strbuf_finish(&key);
	strbuf_finish(&other);
	return same;
}

Test(stitched, a_piece_is_one_hop_that_an_ssh_of_me_carries)
{
	static const size_t wholes[] = {0, 2, 2, 3}, parents[] = {TOPOLOGY_NONE, 0, 0, 0};
	struct planning_case test;

	/* h1 to g1 by me; h2, h3 to g2 and g3 by g1; h4 to g4 by g3. */
	planning_init(&test,
		      LINE "tunnels: {t: {ingress: 80, egress: \"g4:81\", method: stitched}}\n");
	cr_assert(eq(sz, test.plan->hop_count, 4));
	for (size_t i = 0; i < 4; i++) {
		const size_t whole = stitched_whole(test.plan, i);

		cr_expect(eq(sz, whole, wholes[i]));
		cr_expect(eq(sz, stitched_parent(test.plan, whole), parents[i]));
	}
	planning_finish(&test);
}

Test(stitched, of_two_nested_hops_each_is_its_own)
{
	struct strbuf key = {0}, own = {0};
	struct planning_case test;

	planning_init(&test, PLANNING_GUIDE "tunnels: {t: 7999 -> git-server/git}\n");
	for (size_t i = 0; i < 2; i++) {
		cr_expect(eq(sz, stitched_whole(test.plan, i), i));
		cr_expect(eq(sz, stitched_parent(test.plan, i), i ? 0 : TOPOLOGY_NONE));
	}
	stitched_key(test.plan, 1, &key);
	ssh_argv_key(&test.plan->hops[1], &own);
	cr_expect(eq(str, key.text, own.text));
	strbuf_finish(&key);
	strbuf_finish(&own);
	planning_finish(&test);
}

/* The forwards of a piece are part of what it is; what leads to it does not matter. */
Test(stitched, what_leads_elsewhere_is_another_piece)
{
#define PIECE(rest) LINE "tunnels: {t: {method: stitched, ingress: " rest "}}\n"
	static const char piece[] = PIECE("80, egress: \"g3:81\", stitch: 2000");
	static const char *const others[] = {
		PIECE("80, egress: \"g3:82\", stitch: 2000"),
		PIECE("80, egress: \"g3:81\", stitch: 2001"),
		PIECE("80, egress: socks@g3, stitch: 2000"),
		PIECE("80, egress: \"g3:81\", stitch: /run/s"),
		PIECE("\"g3:80\", egress: \"me:81\", stitch: 2000"),
		PIECE("\"g3:auto\", egress: \"me:81\", stitch: 2000"),
	};

	cr_expect(same_key(piece, PIECE("82, egress: \"g3:81\", stitch: 2000"), 2));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		cr_expect(not(same_key(piece, others[i], 2)), "%s", others[i]);
		cr_expect(same_key(others[i], others[i], 2), "%s", others[i]);
	}
}
