/*
 * planning: what planning costs in a topology of tests/bench/internet.awk.
 *
 *     planning time FILE HOPS ROUNDS   prints a line "NAME MS" for each subject (subjects[]), the
 *                                      medians
 *     planning graph FILE HOPS         writes the graph that a search would need if it had to be
 *                                      given one: see write_graph()
 *
 * HOPS is the length of the path: of the tunnels that end behind a line of LANs, the first one
 * whose best path has that length is taken.
 *
 * Time is what a user meets: each measurement runs in a process of its own, with the topology
 * loaded and nothing derived from it. So each includes making the network index, which all plans
 * share.
 */
#include <inttypes.h>
#include <malloc.h>

#include "planner/planner.h"
#include "planner/search/label.h"
#include "planner/search/task.h"
#include "planner/whatif.h"
#include "tests/bench/measuring.h"

#define ALTERNATIVES 3

/* What is planned in one process. */
struct planning_case {
	const struct text *text;
	const struct topology *topology;
	const struct tunnel *tunnel; /* of HOPS hops */
	size_t hops;
	size_t waypoint; /* a host that it can be made to pass */
};

/* A plan, or why there is none. */
struct outcome {
	struct network_index network_index;
	struct plan_request request;
	const struct plan *plan; /* NULL: failure says why */
	struct plan_failure failure;
};

static void plan(const struct topology *topology, const struct tunnel *tunnel, size_t alternatives,
		 struct arena *arena, struct outcome *outcome)
{
	*outcome = (struct outcome){0};
	network_index_init(&outcome->network_index, topology, arena);
	outcome->request = (struct plan_request){
		.network_index = &outcome->network_index,
		.tunnel = tunnel,
		.me = topology->me,
		.alternatives = alternatives,
	};
	planner_plan(&outcome->request, arena, &outcome->plan, &outcome->failure);
}

/* --- what is measured; all of it leaves what it makes to the end of the process */

static void load(const void *of)
{
	const struct planning_case *it = of;

	load_topology(it->text);
}

static void index_it(const void *of)
{
	const struct planning_case *it = of;
	struct arena arena = {0};
	struct network_index network_index;

	network_index_init(&network_index, it->topology, &arena);
}

static void plan_it(const void *of)
{
	const struct planning_case *it = of;
	struct arena arena = {0};
	struct outcome outcome;

	plan(it->topology, it->tunnel, 0, &arena, &outcome);
}

static void plan_alternatives(const void *of)
{
	const struct planning_case *it = of;
	struct arena arena = {0};
	struct outcome outcome;

	plan(it->topology, it->tunnel, ALTERNATIVES, &arena, &outcome);
	if (outcome.plan->routes[0].alternative_count != ALTERNATIVES)
		fail(it->tunnel->name, "it lacks alternatives");
}

static void find_spof(const void *of)
{
	const struct planning_case *it = of;
	struct arena arena = {0};
	struct outcome outcome;

	plan(it->topology, it->tunnel, 0, &arena, &outcome);
	whatif_spof(&outcome.request, outcome.plan, &arena);
}

static const struct tunnel *tunnel_of(const struct planning_case *it, const char *name)
{
	const size_t index = topology_tunnel(it->topology, name);

	if (index == TOPOLOGY_NONE)
		fail(name, "there is no such tunnel");
	return &it->topology->tunnels[index];
}

static void plan_tunnel(const struct planning_case *it, const struct tunnel *tunnel)
{
	struct arena arena = {0};
	struct outcome outcome;

	plan(it->topology, tunnel, 0, &arena, &outcome);
	if (!outcome.plan)
		fail(tunnel->name, outcome.failure.text);
}

static void explain_tunnel(const struct planning_case *it, const struct tunnel *tunnel)
{
	struct arena arena = {0};
	struct outcome outcome;

	plan(it->topology, tunnel, 0, &arena, &outcome);
	if (outcome.plan || outcome.failure.near_miss_count == 0)
		fail(tunnel->name, "it should have no path, and a near miss");
}

/* Holds a tunnel to one thing more. */

static struct tunnel by_waypoint(const struct tunnel *tunnel, struct stop *waypoint)
{
	struct tunnel held = *tunnel;

	held.via = waypoint;
	held.via_count = 1;
	return held;
}

static struct tunnel in_hops(const struct tunnel *tunnel, size_t hops)
{
	struct tunnel held = *tunnel;

	held.options.max_hops = (unsigned)hops;
	return held;
}

static void plan_via(const void *of)
{
	struct planning_case it = *(const struct planning_case *)of;
	struct stop waypoint = {TOPOLOGY_NONE, &it.waypoint, 1};
	const struct tunnel held = by_waypoint(it.tunnel, &waypoint);

	plan_tunnel(&it, &held);
}

static void plan_in_hops(const void *of)
{
	const struct planning_case *it = of;
	const struct tunnel held = in_hops(it->tunnel, it->hops);

	plan_tunnel(it, &held);
}

static void plan_stitched(const void *of)
{
	const struct planning_case *it = of;
	struct tunnel held = *it->tunnel;

	held.options.method = METHOD_STITCHED;
	plan_tunnel(it, &held);
}

static void plan_open(const void *of)
{
	plan_tunnel(of, tunnel_of(of, "open"));
}

static void explain_port(const void *of)
{
	explain_tunnel(of, tunnel_of(of, "vault-port"));
}

static void explain_rule(const void *of)
{
	explain_tunnel(of, tunnel_of(of, "vault-rule"));
}

static void explain_deny(const void *of)
{
	explain_tunnel(of, tunnel_of(of, "vault-deny"));
}

static void explain_via(const void *of)
{
	struct planning_case it = *(const struct planning_case *)of;
	struct stop waypoint = {TOPOLOGY_NONE, &it.waypoint, 1};
	const struct tunnel held = by_waypoint(tunnel_of(&it, "vault-deny"), &waypoint);

	explain_tunnel(&it, &held);
}

static void explain_in_hops(const void *of)
{
	const struct tunnel held = in_hops(tunnel_of(of, "vault-rule"), 2);

	explain_tunnel(of, &held);
}

static void explain_outside(const void *of)
{
	explain_tunnel(of, tunnel_of(of, "outside"));
}

static const struct {
	const char *name;
	void (*run)(const void *of);
} subjects[] = {
	{"load", load},
	{"index", index_it},
	{"plan", plan_it},
	{"alternatives", plan_alternatives},
	{"plan_via", plan_via},
	{"plan_in_hops", plan_in_hops},
	{"plan_stitched", plan_stitched},
	{"plan_open", plan_open},
	{"spof", find_spof},
	{"miss_port", explain_port},
	{"miss_rule", explain_rule},
	{"miss_deny", explain_deny},
	{"miss_via", explain_via},
	{"miss_in_hops", explain_in_hops},
	{"miss_outside", explain_outside},
};

#define SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

/* Rounds take turns, so that what else the machine does hits all. */
static void print_times(const struct planning_case *it, size_t rounds)
{
	static double times[SUBJECTS][ROUNDS_MAX];

	for (size_t round = 0; round < rounds; round++)
		for (size_t i = 0; i < SUBJECTS; i++)
			times[i][round] = time_of(subjects[i].run, it);
	for (size_t i = 0; i < SUBJECTS; i++)
		printf("%s %.3f\n", subjects[i].name, median(times[i], rounds));
}

/* --- the graph */

/* Numbers as they are in memory, each kind after its count. */
struct graph {
	struct goal goal;
	struct label me;
	uint32_t *from;
	uint32_t *to;
	double *weights;
	size_t from_count;
	size_t to_count;
	size_t weight_count;
	struct arena arena;
};

/* A cost as one number, in the order of its parts: exact as long as no part is too large for a way. */
static double weight_of(const struct cost *cost)
{
	static const double most[COST_PARTS] = {
		[COST_AVOIDED] = 16,
		[COST_EXPOSURE + TRUST_NONE] = 4,
		[COST_EXPOSURE + TRUST_LOW] = 4,
		[COST_EXPOSURE + TRUST_MEDIUM] = 4,
		[COST_EXPOSURE + TRUST_HIGH] = 4,
		[COST_RELAYS] = 16,
		[COST_UNTRUSTED] = 32,
		[COST_HOPS] = 32,
		[COST_COST] = 4096,
		[COST_ASSUMED] = 32,
	};
	double weight = 0;

	for (size_t part = 0; part < COST_PARTS; part++)
		if (most[part] > 0)
			weight = weight * most[part] + cost->parts[part];
	return weight;
}

static void add_edge(struct graph *graph, size_t from, size_t to, const struct cost *cost)
{
	*(uint32_t *)arena_push(&graph->arena, &graph->from, &graph->from_count,
				sizeof(*graph->from)) = (uint32_t)from;
	*(uint32_t *)arena_push(&graph->arena, &graph->to, &graph->to_count, sizeof(*graph->to)) =
		(uint32_t)to;
	*(double *)arena_push(&graph->arena, &graph->weights, &graph->weight_count,
			      sizeof(*graph->weights)) = weight_of(cost);
}

/* Adds the hop from one host to another, if it can be made. */
static void add_hop(struct graph *graph, size_t from, size_t to)
{
	const struct goal *goal = &graph->goal;
	const struct label at = {.parent = from == goal->me ? NULL : &graph->me,
				 .host = (uint32_t)from,
				 .client = (uint32_t)goal->me};
	const struct stand stand = {from, goal->me, 0};

	if (from == to || (from != goal->me && goal_excludes(goal, from, NULL, NULL)) ||
	    goal_excludes(goal, to, NULL, NULL))
		return;
	for (enum plan_method method = PLAN_NESTED; method <= PLAN_RELAYED; method++) {
		const struct link link = link_try(goal, &stand, to, method);

		if (link.open) {
			const struct label next = label_step(goal, &at, to, method, &link);

			add_edge(graph, from, to, &next.cost);
			return;
		}
	}
}

static void add_hops_to(struct graph *graph, size_t from, size_t vlan)
{
	size_t count;
	const uint32_t *members = id_lists_of(&graph->goal.network_index->members, vlan, &count);

	for (size_t i = 0; i < count; i++)
		add_hop(graph, from, members[i]);
}

static void add_hops_in_range(struct graph *graph, size_t from, const struct cidr *range)
{
	const size_t host_count = graph->goal.network_index->topology->host_count;
	size_t count;
	const struct ranges_entry *entries =
		ranges_in(&graph->goal.network_index->ranges, range, &count);

	for (size_t i = 0; i < count; i++)
		if (entries[i].number < host_count)
			add_hop(graph, from, entries[i].number);
		else
			add_hops_to(graph, from, entries[i].number - host_count);
}

static void add_hops_in(struct graph *graph, size_t from, const struct rule_end *end)
{
	const struct topology *topology = graph->goal.network_index->topology;

	if (end->kind == RULE_HOST)
		add_hop(graph, from, end->host);
	else if (end->kind == RULE_VLAN)
		add_hops_to(graph, from, end->vlan);
	else if (end->kind == RULE_CIDR)
		add_hops_in_range(graph, from, &end->cidr);
	else if (end->kind == RULE_SET)
		for (size_t i = 0; i < topology->sets[end->set].end_count; i++)
			add_hops_in(graph, from, &topology->sets[end->set].ends[i]);
	else
		fail("the graph", "a rule allows to any");
}

/* A host that is being left. */
struct leaving {
	struct graph *graph;
	size_t from;
};

static void add_hops_by_rule(void *context, const struct rule *rule)
{
	const struct leaving *leaving = context;

	if (rule->allow)
		add_hops_in(leaving->graph, leaving->from, &rule->to);
}

static void fill_graph(struct graph *graph)
{
	const struct network_index *network_index = graph->goal.network_index;
	const struct topology *topology = network_index->topology;

	for (size_t h = 0; h < topology->host_count; h++) {
		struct leaving leaving = {graph, h};
		size_t count;
		const uint32_t *vlans = id_lists_of(&network_index->vlans_of, h, &count);

		for (size_t i = 0; i < count; i++)
			add_hops_to(graph, h, vlans[i]);
		rule_index_visit(&network_index->rules, RULES_FROM, h, add_hops_by_rule, &leaving);
	}
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct goal_end end = goal_end(&graph->goal, h);

		if (end.open && !goal_excludes(&graph->goal, h, NULL, NULL))
			add_edge(graph, h, topology->host_count, &end.cost);
	}
}

/*
 * Writes how many hosts there are, which one is me and how many edges there are, as 32-bit numbers;
 * then the edges: from where, to where (32 bits), and what they cost (doubles). The number behind that of
 * the last host is the egress.
 */
static void write_graph(const struct planning_case *it)
{
	static struct graph graph;
	struct task task;
	struct outcome outcome;
	struct plan_failure failure;
	uint32_t head[3];

	plan(it->topology, it->tunnel, 0, &graph.arena, &outcome);
	if (!task_resolve(&outcome.request, 0, &graph.arena, &task, &failure))
		fail(it->tunnel->name, failure.text);
	graph.goal = task.to_egress;
	graph.me = label_root(&graph.goal);
	fill_graph(&graph);
	head[0] = (uint32_t)it->topology->host_count;
	head[1] = (uint32_t)it->topology->me;
	head[2] = (uint32_t)graph.from_count;
	fwrite(head, sizeof(head), 1, stdout);
	fwrite(graph.from, sizeof(*graph.from), graph.from_count, stdout);
	fwrite(graph.to, sizeof(*graph.to), graph.to_count, stdout);
	fwrite(graph.weights, sizeof(*graph.weights), graph.weight_count, stdout);
	if (fflush(stdout))
		fail("the graph", strerror(errno));
}

/* --- the tunnel */

static const struct tunnel *find_tunnel(const struct topology *topology, size_t hops)
{
	for (size_t i = 0; i < topology->tunnel_count; i++) {
		const struct tunnel *tunnel = &topology->tunnels[i];
		struct arena arena = {0};
		struct outcome outcome;
		size_t count;

		if (strncmp(tunnel->name, "line-", 5) != 0)
			continue;
		plan(topology, tunnel, 0, &arena, &outcome);
		count = outcome.plan ? outcome.plan->hop_count : 0;
		arena_finish(&arena);
		if (count == hops)
			return tunnel;
	}
	fail("topology", "no tunnel is that deep");
	return NULL;
}

/* Returns the first host that a tunnel does not pass, and can be made to. */
static size_t find_waypoint(const struct topology *topology, const struct tunnel *tunnel,
			    size_t hops)
{
	for (size_t host = 0; host < topology->host_count; host++) {
		struct stop waypoint = {TOPOLOGY_NONE, &host, 1};
		struct tunnel held = by_waypoint(tunnel, &waypoint);
		struct arena arena = {0};
		struct outcome outcome;
		size_t count;

		plan(topology, &held, 0, &arena, &outcome);
		count = outcome.plan ? outcome.plan->hop_count : 0;
		arena_finish(&arena);
		if (count > hops)
			return host;
	}
	fail(tunnel->name, "it can be made to pass nobody");
	return TOPOLOGY_NONE;
}

int main(int argc, char **argv)
{
	const bool times = argc == 5 && strcmp(argv[1], "time") == 0;
	const bool graph = argc == 4 && strcmp(argv[1], "graph") == 0;
	const long hops = times || graph ? strtol(argv[3], NULL, 10) : 0;
	const long rounds = times ? strtol(argv[4], NULL, 10) : 1;
	struct planning_case it;
	struct text text;

	if (hops < 1 || rounds < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: planning time FILE HOPS ROUNDS | planning graph FILE HOPS\n", stderr);
		return 2;
	}
	text = read_text(argv[2]);
	it.text = &text;
	it.topology = load_topology(&text);
	it.tunnel = find_tunnel(it.topology, (size_t)hops);
	it.hops = (size_t)hops;
	it.waypoint = find_waypoint(it.topology, it.tunnel, it.hops);
	/* What it freed is no longer this process's: no measurement begins with a copy of it. */
	malloc_trim(0);
	if (times)
		print_times(&it, (size_t)rounds);
	else
		write_graph(&it);
	return 0;
}
