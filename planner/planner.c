#include "planner/planner.h"

#include "planner/exposure.h"
#include "planner/notes.h"
#include "planner/why.h"

/* A tunnel being planned. */
struct planning {
	const struct topology *topology;
	const struct tunnel *tunnel;
	size_t me;
	struct whereabouts where;
	struct arena *arena;
	struct neighbours neighbours;
};

/* One forward on its way into the plan. */
struct route {
	struct ends ends;
	struct search search;
	struct chain chain;
	struct reach dial;
	bool alone;             /* there is no other chain */
	enum cost_part decider; /* else: what told it from the next best */
};

/* Returns the interface's first numeric address, or NULL. */
static const struct address *numeric_address(const struct interface *interface)
{
	for (size_t i = 0; interface && i < interface->address_count; i++)
		if (interface->addresses[i].family != ADDRESS_NAME)
			return &interface->addresses[i];
	return NULL;
}

static bool fail_listen(const struct planning *planning, const struct ingress *ingress,
			const struct host *host, struct plan_failure *ret_failure)
{
	*ret_failure = (struct plan_failure){
		.code = "no_path",
		.text = arena_format(planning->arena,
				     "the file gives %s no numeric address on %s to listen on",
				     host->name, planning->topology->vlans[ingress->vlan].name),
		.help = "give it one, or write the address to listen on before the port",
		.at = ingress->at,
	};
	return false;
}

/* Finds what the ingress binds. Binds are numeric: ssh may bind half of a name and say nothing. */
static bool resolve_ingress(const struct planning *planning, const struct ends *ends,
			    struct plan_end *ret_end, struct plan_failure *ret_failure)
{
	const struct ingress *ingress = &ends->forward->ingress;
	const struct host *host = &planning->topology->hosts[ends->ingress];
	const struct address *address;

	*ret_end = (struct plan_end){
		.host = ends->ingress,
		.address = "127.0.0.1",
		.port = ingress->any_port ? 0 : ingress->port,
		.socket = ingress->path,
		.any_port = ingress->any_port,
	};
	if (ingress->path) {
		ret_end->address = NULL;
	} else if (ingress->bind.text) {
		ret_end->address = ingress->bind.text;
	} else if (ingress->vlan != TOPOLOGY_NONE) {
		address = numeric_address(host_interface(host, ingress->vlan));
		if (!address)
			return fail_listen(planning, ingress, host, ret_failure);
		ret_end->address = address->text;
	}
	return true;
}

static struct plan_end resolve_egress(const struct route *route)
{
	const struct egress *egress = &route->ends.forward->egress;

	return (struct plan_end){
		.host = route->ends.egress,
		.address = route->dial.address,
		.port = route->ends.port,
		.socket = route->ends.socket,
		.socks = egress->kind == EGRESS_SOCKS,
	};
}

/* Finds the chain of one forward and what told it from the next best. */
static bool find_route(const struct planning *planning, const struct forward *forward,
		       struct route *route, struct plan_failure *ret_failure)
{
	struct chain next;
	size_t dialler;

	if (!ends_resolve(planning->topology, planning->tunnel, forward, planning->me,
			  planning->arena, &route->ends, ret_failure))
		return false;
	route->search = (struct search){
		.neighbours = &planning->neighbours,
		.ends = &route->ends,
		.via = planning->tunnel->via,
		.via_count = planning->tunnel->via_count,
		.exit = planning->tunnel->exit,
	};
	if (!search_best(&route->search, planning->arena, &route->chain)) {
		why_no_path(&route->search, &planning->where, planning->arena, ret_failure);
		return false;
	}
	route->alone = !search_next(&route->search, &route->chain, planning->arena, &next);
	if (!route->alone)
		route->decider = cost_decider(&route->chain.cost, &next.cost);
	dialler = route->ends.type == PLAN_REMOTE ? planning->me
						  : route->chain.hosts[route->chain.count - 1];
	route->dial = ends_dial(&route->ends, dialler);
	return true;
}

/* Returns the plan's hop to a host inside another hop, or TOPOLOGY_NONE. */
static size_t find_hop(const struct plan *plan, size_t through, size_t host)
{
	for (size_t i = 0; i < plan->hop_count; i++)
		if (plan->hops[i].through == through && plan->hops[i].host == host)
			return i;
	return TOPOLOGY_NONE;
}

/* The options of a login as ssh takes them behind `-o`. */
static const char *const *option_words(const struct ssh_login *ssh, struct arena *arena)
{
	const char **words;

	if (ssh->option_count == 0)
		return NULL;
	words = arena_array(arena, ssh->option_count + 1, sizeof(*words));
	for (size_t i = 0; i < ssh->option_count; i++)
		words[i] = arena_format(arena, "%s=%s", ssh->options[i].keyword,
					ssh->options[i].value);
	return words;
}

static size_t add_hop(const struct planning *planning, struct plan *plan, size_t through,
		      size_t host)
{
	const struct ssh_login *ssh = planning->topology->hosts[host].ssh;
	const size_t from = through == TOPOLOGY_NONE ? planning->me : plan->hops[through].host;
	const struct reach reach = reach_sshd(planning->topology, from, host,
					      through != TOPOLOGY_NONE, &planning->tunnel->options);
	struct plan_hop *hop =
		arena_push(planning->arena, &plan->hops, &plan->hop_count, sizeof(*hop));

	*hop = (struct plan_hop){
		.host = host,
		.from = from,
		.through = through,
		.vlan = reach.vlan,
		.address = reach.address,
		.port = ssh->port,
		.user = ssh->user,
		.identity = ssh->identity,
		.config = ssh->config,
		.options = option_words(ssh, planning->arena),
		.assumed = !ssh->stated,
	};
	/* Only me can resolve the alias of me's ssh_config. */
	if (through == TOPOLOGY_NONE && ssh->config)
		hop->address = ssh->config;
	return plan->hop_count - 1;
}

/* Adds a chain's hops as far as the plan does not have them; returns the last one. */
static size_t add_chain(const struct planning *planning, struct plan *plan,
			const struct chain *chain)
{
	size_t through = TOPOLOGY_NONE;

	for (size_t i = 0; i < chain->count; i++) {
		const size_t known = find_hop(plan, through, chain->hosts[i]);

		through = known != TOPOLOGY_NONE
				  ? known
				  : add_hop(planning, plan, through, chain->hosts[i]);
	}
	return through;
}

/*
 * Returns which part of the cost decided for the whole plan. The next best plan changes the one
 * forward where that costs least: where the part that decided comes last in the order.
 */
static const char *decided_by(const struct route *routes, size_t count)
{
	const struct route *closest = NULL;

	for (size_t i = 0; i < count; i++)
		if (!routes[i].alone && (!closest || routes[i].decider > closest->decider))
			closest = &routes[i];
	return closest ? cost_part_name(closest->decider) : "only path";
}

/* Lists the hosts that were considered as an exit and cannot be one. */
static void add_rejections(const struct planning *planning, struct plan *plan,
			   const struct route *routes)
{
	struct why why = {.arena = planning->arena, .where = planning->where};
	bool *used = arena_array(planning->arena, planning->topology->host_count, sizeof(*used));

	for (size_t i = 0; i < plan->hop_count; i++)
		used[plan->hops[i].host] = true;
	for (size_t i = 0; i < plan->forward_count; i++)
		if (routes[i].ends.exit == TOPOLOGY_NONE)
			why_add(&why, &routes[i].search, used);
	why_sort(&why, planning->topology);
	plan->rejected = why.items;
	plan->rejected_count = why.count;
}

static bool add_forward(const struct planning *planning, struct plan *plan, size_t index,
			const struct route *route, struct plan_failure *ret_failure)
{
	struct plan_forward *forward = &plan->forwards[index];

	if (!resolve_ingress(planning, &route->ends, &forward->ingress, ret_failure))
		return false;
	forward->type = route->ends.type;
	forward->egress = resolve_egress(route);
	forward->no_probe = planning->tunnel->options.no_probe;
	forward->hop = add_chain(planning, plan, &route->chain);
	exposure_add(plan, index, &route->ends, &route->dial, planning->arena);
	notes_forward(plan, index, &route->ends, &route->dial, planning->arena);
	return true;
}

static void planning_init(struct planning *planning, const struct topology *topology,
			  const struct plan_request *request, struct arena *arena)
{
	*planning = (struct planning){
		.topology = topology,
		.tunnel = &topology->tunnels[request->tunnel],
		.me = request->me,
		.where = request->where,
		.arena = arena,
	};
	neighbours_init(&planning->neighbours, topology, arena);
}

static bool check_method(const struct planning *planning, struct plan_failure *ret_failure)
{
	if (planning->tunnel->options.method == METHOD_NESTED)
		return true;
	*ret_failure = (struct plan_failure){
		.code = "unsupported",
		.text = "stitched tunnels are not in this version yet",
		.help = "with `method: nested` each hop is inside the one before",
		.at = planning->tunnel->at,
	};
	return false;
}

static bool plan_forwards(const struct planning *planning, struct plan *plan, struct route *routes,
			  struct plan_failure *ret_failure)
{
	for (size_t i = 0; i < plan->forward_count; i++) {
		if (!find_route(planning, &planning->tunnel->forwards[i], &routes[i], ret_failure))
			return false;
		if (!add_forward(planning, plan, i, &routes[i], ret_failure))
			return false;
	}
	return true;
}

bool planner_plan(const struct topology *topology, const struct plan_request *request,
		  struct arena *arena, const struct plan **ret_plan,
		  struct plan_failure *ret_failure)
{
	struct planning planning;
	struct route *routes;
	struct plan *plan = arena_alloc(arena, sizeof(*plan));

	planning_init(&planning, topology, request, arena);
	plan->topology = topology;
	plan->name = planning.tunnel->name;
	plan->me = request->me;
	plan->where = request->where;
	plan->method = PLAN_NESTED;
	plan->forward_count = planning.tunnel->forward_count;
	plan->forwards = arena_array(arena, plan->forward_count, sizeof(*plan->forwards));
	routes = arena_array(arena, plan->forward_count, sizeof(*routes));
	if (!check_method(&planning, ret_failure) ||
	    !plan_forwards(&planning, plan, routes, ret_failure)) {
		ret_failure->me = request->me;
		ret_failure->where = request->where;
		return false;
	}
	notes_hops(plan, arena);
	notes_options(plan, &planning.tunnel->options, arena);
	plan->decided_by = decided_by(routes, plan->forward_count);
	add_rejections(&planning, plan, routes);
	*ret_plan = plan;
	return true;
}
