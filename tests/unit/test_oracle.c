/*
 * The planner against the oracle: over small random networks, the plan of each tunnel is what the
 * rules of tunplan(7) say, in all its parts.
 *
 * ORACLE_SEED=N looks only at the network of that seed, ORACLE_COUNT=N at N networks in each test.
 */
#include "tests/oracle/oracle.h"
#include "tests/random/shrink.h"
#include "tests/random/tunnel_maker.h"
#include "tests/unit/planning.h"

/* In each of the tests below, which Criterion runs side by side. */
#define NETWORKS 1500

/* --- the words for a plan, which are the oracle's for what it is to be */

static void tell_path(const struct plan *plan, const struct plan_path *path, struct strbuf *text)
{
	for (size_t i = 0; i < path->count; i++)
		strbuf_printf(text, " %s %s,", plan->topology->hosts[path->hosts[i]].name,
			      plan_method_name(path->methods[i]));
	oracle_tell_cost(&path->cost, text);
	strbuf_puts(text, "\n");
}

static void tell_hops(const struct plan *plan, const struct plan_path *path, struct strbuf *text)
{
	size_t through = TOPOLOGY_NONE;

	for (size_t i = 0; i < path->count; i++) {
		const struct plan_hop *hop = NULL;

		for (size_t h = 0; h < plan->hop_count && !hop; h++)
			if (plan->hops[h].through == through &&
			    plan->hops[h].host == path->hosts[i] &&
			    plan->hops[h].method == path->methods[i])
				hop = &plan->hops[h];
		if (!hop)
			return;
		oracle_tell_dial(plan->topology, hop->address, hop->port, hop->from_vlan, hop->vlan,
				 text);
		through = (size_t)(hop - plan->hops);
	}
}

static void tell_route(const struct plan *plan, const struct plan_route *route, struct strbuf *text)
{
	strbuf_printf(text, "%zu to %s:", route->forward == TOPOLOGY_NONE ? 0 : route->forward,
		      route->to_ingress ? "ingress" : "egress");
	tell_path(plan, &route->path, text);
	tell_hops(plan, &route->path, text);
	strbuf_printf(text, "    decided by %s\n", plan_decided_by(route));
	for (size_t i = 0; i < route->alternative_count; i++) {
		strbuf_puts(text, "    or");
		tell_path(plan, &route->alternatives[i], text);
	}
	for (size_t i = 0; i < route->depends_count; i++)
		strbuf_printf(text, "    depends on %s\n",
			      plan->topology->hosts[route->depends[i]].name);
}

static void tell_egress(const struct plan *plan, size_t of, struct strbuf *text)
{
	const struct plan_end *egress = &plan_last_piece(plan, of)->egress;
	int clear[TRUST_HIGH + 1] = {0};

	for (size_t i = 0; i < plan->exposure_count; i++) {
		const struct plan_segment *segment = &plan->exposure[i];

		if (segment->forward == of && segment->counts && !segment->encrypted_by)
			clear[segment->trust]++;
	}
	strbuf_printf(text, "  opens %s %u, in the clear %d %d %d %d\n",
		      egress->socket    ? egress->socket
		      : egress->socks   ? "socks"
		      : egress->address ? egress->address
					: "-",
		      egress->port, clear[0], clear[1], clear[2], clear[3]);
}

static void tell_plan(const struct plan *plan, struct strbuf *text)
{
	if (!plan) {
		strbuf_puts(text, "no path\n");
		return;
	}
	for (size_t of = 0; of < plan_tunnel_forwards(plan); of++) {
		for (size_t i = 0; i < plan->route_count; i++)
			if (plan->routes[i].forward == of)
				tell_route(plan, &plan->routes[i], text);
		tell_egress(plan, of, text);
	}
	if (plan_tunnel_forwards(plan) == 0)
		tell_route(plan, &plan->routes[0], text);
	strbuf_printf(text, "decided by %s\n", plan->decided_by);
}

/* --- one network */

/* A network, and what is said of its tunnels. */
struct looked_at {
	struct strbuf planned, told;
	size_t tunnels, paths;
};

/* Who wants no alternatives gets the same plan, from a search that looks at less. */
static void ask_briefly(struct plan_request request, const struct plan *plan, struct arena *arena,
			struct strbuf *text)
{
	struct plan_failure failure;
	const struct plan *brief = NULL;

	request.alternatives = 0;
	planner_plan(&request, arena, &brief, &failure);
	for (size_t i = 0; plan && i < plan->route_count; i++)
		if (!brief || strcmp(plan_decided_by(&plan->routes[i]),
				     plan_decided_by(&brief->routes[i])) != 0)
			strbuf_puts(text, "another runner-up without alternatives\n");
}

static void ask(const struct oracle_question *question, struct looked_at *looked)
{
	struct arena arena = {0};
	struct network_index network_index;
	struct plan_request request = {
		.network_index = &network_index,
		.tunnel = question->tunnel,
		.me = question->topology->me,
		.without = &question->without,
		.without_count = question->without != TOPOLOGY_NONE,
		.alternatives = ORACLE_ALTERNATIVES,
		.unattended = question->unattended,
	};
	struct plan_failure failure;
	const struct plan *plan = NULL;

	network_index_init(&network_index, question->topology, &arena);
	planner_plan(&request, &arena, &plan, &failure);
	strbuf_printf(&looked->planned, "%s:\n", question->tunnel->name);
	strbuf_printf(&looked->told, "%s:\n", question->tunnel->name);
	tell_plan(plan, &looked->planned);
	ask_briefly(request, plan, &arena, &looked->planned);
	oracle_tell(question, &looked->told);
	looked->tunnels++;
	looked->paths += plan != NULL;
	arena_finish(&arena);
}

/* Asks for each tunnel, the second one where nobody is there and the third one without a host. */
static void look_at_topology(const struct topology *topology, struct looked_at *looked)
{
	size_t last = topology->host_count - 1;
	const struct tunnel login = {.name = "login", .exit = {TOPOLOGY_NONE, &last, 1}};
	struct oracle_question question = {.topology = topology};
	const char *name;

	for (size_t i = 0; i < topology->tunnel_count; i++) {
		question.tunnel = &topology->tunnels[i];
		name = question.tunnel->name;
		question.unattended = strcmp(name, "t1") == 0;
		question.without =
			strcmp(name, "t2") == 0 ? topology_host(topology, "hb") : TOPOLOGY_NONE;
		ask(&question, looked);
	}
	question.without = TOPOLOGY_NONE;
	question.tunnel = &login;
	if (last != topology->me)
		ask(&question, looked);
}

/* Returns whether the text is a topology. */
static bool look_at(const char *text, struct looked_at *looked)
{
	const struct load_file file = {
		.name = "net.yaml", .identity = "net.yaml", .text = text, .size = strlen(text)};
	struct planning_case test = {0};
	struct diag_list diags;
	bool loads;

	strbuf_clear(&looked->planned);
	strbuf_clear(&looked->told);
	diag_list_init(&diags, &test.arena);
	loads = topology_load(&file, NULL, &test.sources, &test.arena, &diags, &test.topology);
	loads = loads && test.topology->me != TOPOLOGY_NONE;
	if (!loads)
		diag_render(&diags, &test.sources, false, &looked->told);
	if (loads)
		look_at_topology(test.topology, looked);
	arena_finish(&test.arena);
	return loads;
}

static bool differs(const struct looked_at *looked)
{
	return strcmp(strbuf_text(&looked->planned), strbuf_text(&looked->told)) != 0;
}

static bool still_differs(void *context, const char *text)
{
	struct looked_at *looked = context;

	return look_at(text, looked) && differs(looked);
}

static void report(uint64_t seed, struct strbuf *text, struct looked_at *looked)
{
	struct shrink shrink = {still_differs, looked, text->text};

	shrink_text(&shrink);
	look_at(text->text, looked);
	cr_expect(false, "ORACLE_SEED=%llu\n%s\nThe planner:\n%s\nThe oracle:\n%s",
		  (unsigned long long)seed, text->text, strbuf_text(&looked->planned),
		  strbuf_text(&looked->told));
}

/* --- many of them */

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
	const char *value = getenv(variable);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

/* Looks at a stretch of all networks, and stops at the first few that are planned otherwise. */
static void look_at_all(uint64_t part)
{
	const uint64_t count = number_of("ORACLE_COUNT", NETWORKS);
	const uint64_t alone = number_of("ORACLE_SEED", UINT64_MAX);
	struct looked_at looked = {0};
	uint64_t refused = 0;
	unsigned found = 0;

	for (uint64_t i = 0; i < count && found < 3; i++) {
		const uint64_t seed = alone != UINT64_MAX ? alone : part * 100000000 + i;
		struct strbuf text = {0};

		maker_make(seed, 2, &text);
		/* A few tunnels contradict themselves: they avoid what they pass. */
		if (!look_at(text.text, &looked)) {
			cr_assert(lt(u64, ++refused, 2 + count / 16), "%s",
				  strbuf_text(&looked.told));
		} else if (differs(&looked)) {
			report(seed, &text, &looked);
			found++;
		}
		strbuf_finish(&text);
		if (alone != UINT64_MAX)
			break;
	}
	/* What is never found, or always, says little. */
	if (alone == UINT64_MAX && found == 0 && count >= NETWORKS) {
		cr_expect(looked.paths > looked.tunnels * 2 / 5, "only %zu paths of %zu tunnels",
			  looked.paths, looked.tunnels);
		cr_expect(looked.paths < looked.tunnels * 4 / 5, "%zu paths of %zu tunnels",
			  looked.paths, looked.tunnels);
	}
	strbuf_finish(&looked.planned);
	strbuf_finish(&looked.told);
}

#define LOOK_AT_PART(part)                                  \
	Test(oracle, the_plan_is_what_the_rules_say_##part) \
	{                                                   \
		look_at_all(part);                          \
	}

LOOK_AT_PART(0)
LOOK_AT_PART(1)
LOOK_AT_PART(2)
LOOK_AT_PART(3)
LOOK_AT_PART(4)
LOOK_AT_PART(5)
LOOK_AT_PART(6)
LOOK_AT_PART(7)
