/*
 * Lower bounds (lower_bound.h) make the search faster and change nothing else: in random networks, the
 * best path and the nearest near miss cost the same with and without them.
 */
#include "planner/search/lower_bound.h"
#include "planner/search/path_search.h"
#include "planner/search/task.h"
#include "tests/random/shrink.h"
#include "tests/random/tunnel_maker.h"

#include <criterion/criterion.h>

#include "topology/load.h"

/* LOWER_BOUND_COUNT=N looks at so many networks in each test. */
#define NETWORKS 2000

/* More hosts than any of these networks has. */
#define MOST 64

/* What was found in all networks; and the first difference, to be said. */
struct looking {
	bool mending;
	size_t found, none;
	struct strbuf said;
};

/* Finds the cheapest way; changes count as costs where the search needed. */
static bool cheapest(const struct looking *looking, const struct goal *goal, bool led,
		     struct cost *ret_cost)
{
	bool known[MOST] = {false};
	uint32_t targets[MOST];
	const struct label *label = NULL;
	const struct policy *policy = looking->mending ? &policy_near_miss : &policy_best;
	struct path_search search;

	path_search_init(&search, goal, policy);
	for (uint32_t h = 0; h < goal->network_index->topology->host_count && h < MOST; h++) {
		known[h] = true;
		targets[search.target_count++] = h;
	}
	search.targets = targets;
	if (led)
		lower_bound_find(&search.bound, goal, policy, known, &search.scratch);
	if (!search.bound.none) {
		path_search_start(&search);
		label = path_search_on(&search);
	}
	if (label)
		*ret_cost = label->cost;
	path_search_finish(&search);
	return label != NULL;
}

static bool is_same(struct looking *looking, const struct goal *goal, const char *what)
{
	struct cost led, unled;
	const bool found = cheapest(looking, goal, true, &led);
	const bool there = cheapest(looking, goal, false, &unled);

	looking->found += there;
	looking->none += !there;
	if (found == there && (!there || cost_compare(&led, &unled) == 0))
		return true;
	strbuf_printf(&looking->said, "%s: led %s, unled %s\n", what, found ? "found" : "none",
		      there ? "found" : "none");
	for (size_t part = 0; found && there && part < COST_PARTS; part++)
		strbuf_printf(&looking->said, " %d/%d", led.parts[part], unled.parts[part]);
	return false;
}

/* Looks for the ways of all tunnels of a network, with what leads the search and without. */
static bool look_at(struct looking *looking, const char *text)
{
	const struct load_file file = {
		.name = "net.yaml", .identity = "net.yaml", .text = text, .size = strlen(text)};
	struct arena arena = {0};
	struct sources sources = {0};
	const struct topology *topology;
	struct diag_list diags;
	struct network_index network_index;
	bool same = true;

	diag_list_init(&diags, &arena);
	if (topology_load(&file, NULL, &sources, &arena, &diags, &topology) &&
	    topology->me != TOPOLOGY_NONE) {
		network_index_init(&network_index, topology, &arena);
		for (size_t i = 0; i < topology->tunnel_count && same; i++) {
			const struct plan_request request = {.network_index = &network_index,
							     .tunnel = &topology->tunnels[i],
							     .me = topology->me};
			struct plan_failure failure;
			struct task task;

			if (!task_resolve(&request, 0, &arena, &task, &failure))
				continue;
			same = is_same(looking, &task.to_egress, "to the egress");
			if (same && task_is_remote(&task))
				same = is_same(looking, &task.to_ingress, "to the ingress");
		}
	}
	arena_finish(&arena);
	return same;
}

static bool differs(void *context, const char *text)
{
	return !look_at(context, text);
}

static void look_at_all(struct looking *looking, uint64_t first)
{
	const char *wanted = getenv("LOWER_BOUND_COUNT");
	const uint64_t count = wanted ? strtoull(wanted, NULL, 10) : NETWORKS;
	bool same = true;

	for (uint64_t seed = first; seed < first + count && same; seed++) {
		struct strbuf text = {0};
		struct shrink shrink = {differs, looking, NULL};

		maker_make(seed, 1, &text);
		same = look_at(looking, text.text);
		if (!same) {
			shrink.text = text.text;
			shrink_text(&shrink);
			strbuf_clear(&looking->said);
			look_at(looking, text.text);
			cr_expect(false, "seed %llu\n%s\n%s", (unsigned long long)seed, text.text,
				  strbuf_text(&looking->said));
		}
		strbuf_finish(&text);
	}
	cr_expect(looking->found > count / 2 && looking->none > count / 20, "%zu found, %zu not",
		  looking->found, looking->none);
	strbuf_finish(&looking->said);
}

Test(lower_bound, changes_no_best_way)
{
	struct looking looking = {.mending = false};

	look_at_all(&looking, 810000000);
}

Test(lower_bound, changes_no_nearest_miss)
{
	struct looking looking = {.mending = true};

	look_at_all(&looking, 820000000);
}

/* The first host that a rule about all leads to is not the cheapest one to get to. */
Test(lower_bound, knows_what_a_rule_to_any_leads_to)
{
	static const char text[] = "tunplan: 1\n"
				   "me: you\n"
				   "vlans: {vd: , vc: }\n"
				   "hosts:\n"
				   "  you: {vlans: {vd: []}}\n"
				   "  hf: {vlans: {vc: [10.3.0.2]}}\n"
				   "  hb: {vlans: {vd: [10.2.0.3]}}\n"
				   "  ha: {vlans: {vc: []}}\n"
				   "  he: {vlans: {vd: [10.2.0.8], vc: [10.3.0.8]}, jump: avoid}\n"
				   "reachability:\n"
				   "  - allow: 10.2.0.0/29 -> any\n"
				   "tunnels:\n"
				   "  t: {ingress: 7000, egress: 'ha:9000'}\n";
	struct looking looking = {.mending = true};

	cr_expect(look_at(&looking, text), "%s", strbuf_text(&looking.said));
	cr_expect(looking.found == 1);
	strbuf_finish(&looking.said);
}
