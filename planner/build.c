#include "planner/build.h"

#include <string.h>

#include "planner/model/auto_port.h"
#include "planner/reach/permit.h"
#include "planner/search/link.h"
#include "topology/language/address.h"

/* A path whose hops are in the plan. */
struct built {
	const struct goal *goal;
	size_t *last; /* by piece: its last hop */
	size_t *clients; /* by piece: where its ssh client runs, and where it is joined to the one before */
	size_t count; /* of pieces */
};

/* --- hops */

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

static bool has_address(const struct host *host, const char *address)
{
	for (size_t i = 0; i < host->interface_count; i++)
		for (size_t a = 0; a < host->interfaces[i].address_count; a++)
			if (strcmp(host->interfaces[i].addresses[a].text, address) == 0)
				return true;
	return false;
}

/* Whether another VLAN has a range of this one: an address means two things then. */
static bool is_range_used_twice(const struct topology *topology, size_t vlan)
{
	const struct vlan *vlans = topology->vlans;

	for (size_t i = 0; i < vlans[vlan].cidr_count; i++)
		for (size_t v = 0; v < topology->vlan_count; v++)
			for (size_t j = 0; v != vlan && j < vlans[v].cidr_count; j++)
				if (strcmp(vlans[v].cidrs[j].text, vlans[vlan].cidrs[i].text) == 0)
					return true;
	return false;
}

/* Whether an interface of another host has an address. */
static bool is_of_another(const struct network_index *network_index, size_t host,
			  const struct address *address)
{
	const struct topology *topology = network_index->topology;
	struct cidr range = {.family = address->family, .prefix = 128};
	const struct ranges_entry *entries;
	size_t count;

	memcpy(range.bytes, address->bytes, sizeof(range.bytes));
	entries = ranges_in(&network_index->ranges, &range, &count);
	for (size_t i = 0; i < count; i++)
		if (entries[i].number < topology->host_count && entries[i].number != host &&
		    has_address(&topology->hosts[entries[i].number], address->text))
			return true;
	return false;
}

/* Whether another host may answer at what is dialled: known_hosts could not tell the two apart. */
static bool is_shared_address(const struct network_index *network_index, size_t host,
			      const struct reach *reach)
{
	if (reach->published || address_is_localhost(reach->address))
		return true;
	if (reach->by_name)
		return false;
	if (is_of_another(network_index, host, reach->target))
		return true;
	return reach->vlan != TOPOLOGY_NONE &&
	       is_range_used_twice(network_index->topology, reach->vlan);
}

/* What only the machine on which the tunnel is brought up knows. */
static void fill_login_of_me(struct plan_hop *hop, const struct ssh_login *ssh, struct arena *arena)
{
	hop->identity = ssh->identity;
	hop->config = ssh->config;
	hop->options = option_words(ssh, arena);
	/* Only me can resolve the alias of me's ssh_config. */
	if (hop->from == hop->client && ssh->config)
		hop->address = ssh->config;
}

static size_t add_hop(struct builder *builder, size_t through, size_t host, enum plan_method method,
		      const struct link *link)
{
	struct plan *plan = builder->plan;
	const struct ssh_login *ssh = plan->topology->hosts[host].ssh;
	const size_t from = through == TOPOLOGY_NONE ? plan->me : plan->hops[through].host;
	struct plan_hop *hop =
		arena_push(builder->arena, &plan->hops, &plan->hop_count, sizeof(*hop));

	*hop = (struct plan_hop){
		.host = host,
		.from = from,
		.client = link->client,
		.through = through,
		/* A stitched hop is the first one of the ssh client that dials it. */
		.depth = through == TOPOLOGY_NONE || method == PLAN_STITCHED
				 ? 1
				 : plan->hops[through].depth + 1,
		.method = method,
		.relay = link->relay,
		.from_vlan = link->reach.from_vlan,
		.vlan = link->reach.vlan,
		.address = link->reach.address,
		.port = link->reach.port,
		.user = link->key && link->key->user ? link->key->user : ssh->user,
		.published = link->reach.published != NULL,
		.assumed = !ssh->stated,
		.key_assumed = link->client != plan->me && !link->key,
		.no_prime = plan->topology->hosts[host].no_prime,
	};
	if (is_shared_address(builder->network_index, host, &link->reach))
		hop->key_alias = plan->topology->hosts[host].name;
	if (hop->client == plan->me)
		fill_login_of_me(hop, ssh, builder->arena);
	hop->guard.key_alias = plan_key_name(hop, NULL, NULL, builder->arena);
	return plan->hop_count - 1;
}

/* Returns the plan's hop to a host inside another hop, or TOPOLOGY_NONE. */
static size_t find_hop(const struct plan *plan, size_t through, size_t host,
		       enum plan_method method)
{
	for (size_t i = 0; i < plan->hop_count; i++)
		if (plan->hops[i].through == through && plan->hops[i].host == host &&
		    plan->hops[i].method == method)
			return i;
	return TOPOLOGY_NONE;
}

/* Adds the hops of a path as far as the plan does not have them. */
static void build_path(struct builder *builder, const struct goal *goal,
		       const struct plan_path *path, struct built *built)
{
	struct stand stand = {goal->me, goal->me, 0};
	size_t through = TOPOLOGY_NONE;

	*built = (struct built){.goal = goal};
	built->last = arena_array(builder->arena, path->count, sizeof(*built->last));
	built->clients = arena_array(builder->arena, path->count, sizeof(*built->clients));
	built->clients[built->count++] = goal->me;
	for (size_t i = 0; i < path->count; i++) {
		const size_t host = path->hosts[i];
		const enum plan_method method = path->methods[i];
		const struct link link = link_try(goal, &stand, host, method);
		const size_t known = find_hop(builder->plan, through, host, method);

		if (method == PLAN_STITCHED)
			built->clients[built->count++] = stand.host;
		through = known != TOPOLOGY_NONE ? known
						 : add_hop(builder, through, host, method, &link);
		built->last[built->count - 1] = through;
		stand = (struct stand){host, link.client, stand.pieces + (method == PLAN_STITCHED)};
	}
}

/* --- forwards */

static struct plan_forward *add_forward(struct builder *builder, const struct task *task,
					enum plan_type type, size_t hop)
{
	struct plan *plan = builder->plan;
	struct plan_forward *forward =
		arena_push(builder->arena, &plan->forwards, &plan->forward_count, sizeof(*forward));

	forward->type = type;
	forward->hop = hop;
	forward->of = task->index;
	forward->join = TOPOLOGY_NONE;
	forward->no_probe = task->request->tunnel->options.no_probe;
	forward->probe_s = task->request->tunnel->options.probe_s;
	return forward;
}

/* The loopback end at which two pieces meet. */
static struct plan_end joint_end(const struct built *built, size_t piece)
{
	const size_t host = built->clients[piece];
	const struct host *at = &built->goal->network_index->topology->hosts[host];
	const struct joint joint = link_joint(built->goal, host, piece - 1);
	struct plan_end end = {.host = host, .port = joint.port, .socket = joint.path};

	if (joint.path)
		return end;
	end.address = "127.0.0.1";
	/* A PermitOpen may have the name only; what listens is on both. */
	if (built->goal->kind == GOAL_EGRESS && !permit_open(at, end.address, end.port).granted)
		end.address = "localhost";
	return end;
}

/* A listener is bound to an address, whatever name it is dialled by. */
static struct plan_end listening(struct plan_end end)
{
	if (end.address)
		end.address = "127.0.0.1";
	return end;
}

/* What is opened at the egress, by the sshd at the end of the last piece or by me. */
static struct plan_end target_end(const struct task *task, size_t dialling)
{
	const struct goal *goal = &task->to_egress;
	const struct reach dial = goal_dial(goal, dialling);

	return (struct plan_end){
		.host = goal->egress.own ? dialling : task->egress,
		.address = dial.address,
		.port = goal->socket || goal->socks ? 0 : dial.port,
		.socket = goal->socket,
		.socks = goal->socks,
	};
}

/*
 * Where the two paths of a tunnel between others meet on me: at a socket that nobody else may open. ssh
 * offers SOCKS on ports only, so that takes one of loopback.
 */
static struct plan_end joint_on_me(const struct task *task)
{
	struct plan_end end = {.host = task->request->me};

	if (!task->to_egress.socks) {
		end.joint = true;
		return end;
	}
	end.address = "127.0.0.1";
	end.port = auto_port(task->request->tunnel->name,
			     AUTO_PORT_JOINTS + task->index * AUTO_PORT_PIECES);
	return end;
}

/* Outwards: the first piece's listener is the entrance, the last piece's sshd opens the egress. */
static void forward_outwards(struct builder *builder, const struct task *task,
			     const struct built *built, struct plan_end entrance)
{
	const struct plan *plan = builder->plan;

	for (size_t p = 0; p < built->count; p++) {
		const bool last = p + 1 == built->count;
		const enum plan_type type =
			last && task->to_egress.socks ? PLAN_DYNAMIC : PLAN_LOCAL;
		struct plan_forward *forward = add_forward(builder, task, type, built->last[p]);

		forward->ingress = p == 0 ? entrance : listening(joint_end(built, p));
		if (last) {
			forward->egress = target_end(task, plan->hops[built->last[p]].host);
		} else {
			forward->egress = joint_end(built, p + 1);
			forward->join = plan->forward_count;
		}
	}
}

/* Homewards: the last piece's sshd listens at the entrance, and the first piece's client is me. */
static void forward_homewards(struct builder *builder, const struct task *task,
			      const struct built *built, bool goes_on)
{
	struct plan *plan = builder->plan;

	for (size_t p = built->count; p-- > 0;) {
		const bool out_of_me = p == 0 && !goes_on;
		const enum plan_type type =
			out_of_me && task->to_egress.socks ? PLAN_REMOTE_DYNAMIC : PLAN_REMOTE;
		struct plan_forward *forward = add_forward(builder, task, type, built->last[p]);

		forward->ingress =
			p + 1 == built->count ? task->entrance : listening(joint_end(built, p + 1));
		if (out_of_me) {
			forward->egress = target_end(task, plan->me);
		} else {
			forward->egress = p ? joint_end(built, p) : joint_on_me(task);
			forward->join = plan->forward_count;
		}
	}
}

void build_solution(struct builder *builder, const struct solution *solution)
{
	const struct task *task = &solution->task;
	struct built built;

	if (solution->has_to_ingress) {
		build_path(builder, &task->to_ingress, &solution->to_ingress, &built);
		forward_homewards(builder, task, &built, solution->has_to_egress);
	}
	if (!solution->has_to_egress)
		return;
	build_path(builder, &task->to_egress, &solution->to_egress, &built);
	if (task->forward)
		forward_outwards(builder, task, &built,
				 solution->has_to_ingress ? joint_on_me(task) : task->entrance);
}
