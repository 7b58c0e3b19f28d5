/*
 * Advice is meant to be followed: if a random network has no path, it has one once all changes of a
 * near miss are made.
 *
 * MISS_COUNT=N looks at N networks in each test.
 */

#include <stdio.h>
#include <stdlib.h>

#include "tests/random/follow.h"
#include "tests/random/shrink.h"
#include "tests/random/tunnel_maker.h"
#include "tests/unit/planning.h"

/* In each of the tests below, which Criterion runs side by side. */
#define NETWORKS 750

/* What was looked at, and what is to be said of the one that does not help. */
struct looking {
	struct strbuf said;
	size_t failed, without, followed;
	size_t kinds[CHANGE_CONSTRAINT + 1];
};

/* A network with the failure of one of its tunnels. */
struct attempt {
	struct planning_case test;
	struct plan_request request;
	struct network_index network_index;
};

/* Loads a text and plans a tunnel. Returns whether it is a topology that has no path there. */
static bool attempt_init(struct attempt *attempt, const char *text, size_t tunnel)
{
	const struct load_file file = {
		.name = "net.yaml", .identity = "net.yaml", .text = text, .size = strlen(text)};
	struct planning_case *test = &attempt->test;
	struct diag_list diags;

	memset(attempt, 0, sizeof(*attempt));
	diag_list_init(&diags, &test->arena);
	if (!topology_load(&file, NULL, &test->sources, &test->arena, &diags, &test->topology) ||
	    test->topology->me == TOPOLOGY_NONE || tunnel >= test->topology->tunnel_count)
		return false;
	network_index_init(&attempt->network_index, test->topology, &test->arena);
	attempt->request = (struct plan_request){
		.network_index = &attempt->network_index,
		.tunnel = &test->topology->tunnels[tunnel],
		.me = test->topology->me,
	};
	return !planner_plan(&attempt->request, &test->arena, &test->plan, &test->failure);
}

static void say(struct looking *looking, const struct attempt *attempt,
		const struct plan_near_miss *near_miss, const struct plan_failure *after)
{
	strbuf_clear(&looking->said);
	strbuf_printf(&looking->said, "Tunnel %s, by", attempt->request.tunnel->name);
	for (size_t i = 0; i < near_miss->count; i++)
		strbuf_printf(&looking->said, " %s",
			      attempt->test.topology->hosts[near_miss->hosts[i]].name);
	strbuf_puts(&looking->said, ", was told:\n");
	for (size_t i = 0; i < near_miss->change_count; i++)
		strbuf_printf(&looking->said, "  %s\n", near_miss->changes[i].what);
	strbuf_printf(&looking->said, "and then: %s\n", after->text);
	for (size_t i = 0; i < after->near_miss_count && i < 1; i++)
		for (size_t j = 0; j < after->near_misses[i].change_count; j++)
			strbuf_printf(&looking->said, "  %s\n",
				      after->near_misses[i].changes[j].what);
}

/* Whether a path is there when all is done that a near miss asks for. */
static bool helps(struct looking *looking, struct attempt *attempt,
		  const struct plan_near_miss *near_miss)
{
	struct planning_case *test = &attempt->test;
	struct follow follow = {
		.topology = (struct topology *)test->topology,
		.tunnel = (struct tunnel *)attempt->request.tunnel,
		.text = test->sources.items[0].text,
		.arena = &test->arena,
	};
	struct plan_failure after;

	for (size_t i = 0; i < near_miss->change_count; i++)
		looking->kinds[near_miss->changes[i].kind]++;
	follow_miss(&follow, near_miss);
	network_index_init(&attempt->network_index, test->topology, &test->arena);
	if (planner_plan(&attempt->request, &test->arena, &test->plan, &after))
		return true;
	say(looking, attempt, near_miss, &after);
	return false;
}

/* Follows each near miss of each tunnel in a network of its own. Returns whether all help. */
static bool look_at(struct looking *looking, const char *text)
{
	bool good = true;

	for (size_t tunnel = 0; tunnel < 3 && good; tunnel++) {
		for (size_t m = 0; m < 3 && good; m++) {
			struct attempt attempt;
			const struct plan_failure *failure = &attempt.test.failure;

			if (attempt_init(&attempt, text, tunnel)) {
				looking->failed += m == 0;
				looking->without += m == 0 && failure->near_miss_count == 0;
				looking->followed += m < failure->near_miss_count;
				good = m >= failure->near_miss_count ||
				       helps(looking, &attempt, &failure->near_misses[m]);
			}
			planning_finish(&attempt.test);
		}
	}
	return good;
}

static bool is_of_no_help(void *context, const char *text)
{
	return !look_at(context, text);
}

static void look_at_all(uint64_t part)
{
	const char *wanted = getenv("MISS_COUNT");
	const uint64_t count = wanted ? strtoull(wanted, NULL, 10) : NETWORKS;
	struct looking looking = {.said = {0}};
	unsigned found = 0;

	for (uint64_t i = 0; i < count && found < 3; i++) {
		const uint64_t seed = 700000000 + part * 10000000 + i;
		struct strbuf text = {0};
		struct shrink shrink = {is_of_no_help, &looking, NULL};

		maker_make(seed, 1, &text);
		if (!look_at(&looking, text.text)) {
			shrink.text = text.text;
			shrink_text(&shrink);
			look_at(&looking, text.text);
			cr_expect(false, "seed %llu\n%s\n%s", (unsigned long long)seed, text.text,
				  strbuf_text(&looking.said));
			found++;
		}
		strbuf_finish(&text);
	}
	if (getenv("MISS_VERBOSE")) {
		fprintf(stderr, "%zu without a path, %zu without advice, %zu followed;",
			looking.failed, looking.without, looking.followed);
		for (size_t i = 0; i <= CHANGE_CONSTRAINT; i++)
			fprintf(stderr, " %zu", looking.kinds[i]);
		fprintf(stderr, "\n");
	}
	if (found == 0 && count >= NETWORKS)
		cr_expect(looking.followed > looking.failed, "%zu of %zu", looking.followed,
			  looking.failed);
	strbuf_finish(&looking.said);
}

Test(near_miss, with_all_changes_made_there_is_a_path_0)
{
	look_at_all(0);
}

Test(near_miss, with_all_changes_made_there_is_a_path_1)
{
	look_at_all(1);
}

Test(near_miss, with_all_changes_made_there_is_a_path_2)
{
	look_at_all(2);
}

Test(near_miss, with_all_changes_made_there_is_a_path_3)
{
	look_at_all(3);
}
