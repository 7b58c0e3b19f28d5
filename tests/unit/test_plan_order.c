/*
 * The order of keys in the file does not matter: over random networks, shuffled files give the same
 * plans, except for the lines that the plans point at.
 */
#include "tests/random/shrink.h"
#include "tests/random/shuffle.h"
#include "tests/random/tunnel_maker.h"
#include "tests/unit/planning.h"

#define NETWORKS 400
#define ORDERS   4

/* Forgets where things stand in the file. */
static void forget_places(json_t *value)
{
	const char *key;
	json_t *item;
	size_t index;

	if (json_is_object(value)) {
		json_object_del(value, "at");
		json_object_foreach(value, key, item) forget_places(item);
	}
	json_array_foreach(value, index, item) forget_places(item);
}

/* Returns what is planned for a tunnel, or why there is no path; the caller frees it. */
static char *plan_of(struct planning_case *test, const char *tunnel)
{
	const struct topology *topology = test->topology;
	struct plan_request request = {.me = topology->me, .alternatives = 2};
	struct network_index network_index;
	json_t *json;
	char *text;

	network_index_init(&network_index, topology, &test->arena);
	request.network_index = &network_index;
	request.tunnel = &topology->tunnels[topology_tunnel(topology, tunnel)];
	if (planner_plan(&request, &test->arena, &test->plan, &test->failure))
		json = plan_json(test->plan);
	else
		json = plan_failure_json(topology, &test->failure);
	forget_places(json);
	text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
	json_decref(json);
	return text;
}

/* Whether a text is a topology; a few tunnels contradict themselves. */
static bool loads(struct planning_case *test, const char *text)
{
	const struct load_file file = {
		.name = "net.yaml", .identity = "net.yaml", .text = text, .size = strlen(text)};
	struct diag_list diags;

	memset(test, 0, sizeof(*test));
	diag_list_init(&diags, &test->arena);
	return topology_load(&file, NULL, &test->sources, &test->arena, &diags, &test->topology);
}

/* Two orders of one network, and the first plan that they do not agree on. */
struct orders {
	struct dice dice;
	struct strbuf shuffled, before, after;
};

/* Whether the plans of two topologies are the same. */
static bool agree(struct planning_case *test, struct planning_case *other, struct orders *orders)
{
	bool same = true;

	for (size_t i = 0; same && i < test->topology->tunnel_count; i++) {
		const char *name = test->topology->tunnels[i].name;
		char *plan = plan_of(test, name), *again = plan_of(other, name);

		same = strcmp(plan, again) == 0;
		strbuf_clear(&orders->before);
		strbuf_clear(&orders->after);
		strbuf_puts(&orders->before, plan);
		strbuf_puts(&orders->after, again);
		free(plan);
		free(again);
	}
	return same;
}

/* Whether some order of a network has a say. */
static bool has_a_say(void *context, const char *text)
{
	struct orders *orders = context;
	struct planning_case test, other;
	bool differs = false;

	if (loads(&test, text) && test.topology->me != TOPOLOGY_NONE) {
		for (unsigned i = 0; i < ORDERS && !differs; i++) {
			strbuf_clear(&orders->shuffled);
			shuffle_blocks(&orders->dice, text, strlen(text), &orders->shuffled);
			cr_assert(loads(&other, orders->shuffled.text), "%s",
				  orders->shuffled.text);
			differs = !agree(&test, &other, orders);
			planning_finish(&other);
		}
	}
	planning_finish(&test);
	return differs;
}

/* Moves both texts on to where they differ. */
static void skip_common(const char **a, const char **b)
{
	const char *line = *a, *other = *b;

	for (size_t i = 0; line[i] && line[i] == other[i]; i++) {
		if (line[i] == '\n') {
			*a = line + i + 1;
			*b = other + i + 1;
		}
	}
}

static void report(uint64_t seed, struct strbuf *text, struct orders *orders)
{
	struct shrink shrink = {has_a_say, orders, text->text};
	const char *before, *after;

	shrink_text(&shrink);
	while (!has_a_say(orders, text->text))
		;
	before = orders->before.text;
	after = orders->after.text;
	skip_common(&before, &after);
	cr_expect(false, "seed %llu\n%s\n%s\nThe one:\n%.500s\nThe other:\n%.500s",
		  (unsigned long long)seed, text->text, orders->shuffled.text, before, after);
}

Test(plan_order, the_order_of_keys_has_no_say)
{
	struct orders orders = {dice_of(0), {0}, {0}, {0}};
	unsigned found = 0;

	for (uint64_t seed = 0; seed < NETWORKS && found < 3; seed++) {
		struct strbuf text = {0};

		maker_make(900000000 + seed, 2, &text);
		if (has_a_say(&orders, text.text)) {
			report(900000000 + seed, &text, &orders);
			found++;
		}
		strbuf_finish(&text);
	}
	strbuf_finish(&orders.shuffled);
	strbuf_finish(&orders.before);
	strbuf_finish(&orders.after);
}
