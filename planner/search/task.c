#include "planner/search/task.h"

#include <string.h>

#include "planner/model/auto_port.h"
#include "planner/model/endpoint.h"
#include "topology/language/address.h"

static size_t host_of(size_t index, size_t me)
{
	return index == TOPOLOGY_ME ? me : index;
}

static bool fail(struct plan_failure *ret_failure, struct span at, const char *text,
		 const char *help)
{
	*ret_failure =
		(struct plan_failure){.code = "no_path", .text = text, .help = help, .at = at};
	return false;
}

/* --- the egress */

static const char *egress_text(const struct task *task, struct arena *arena)
{
	const struct egress *egress = &task->forward->egress;
	const struct goal *goal = &task->to_egress;
	const char *host = task->egress == TOPOLOGY_NONE ? egress->address.text
							 : task->topology->hosts[task->egress].name;

	if (goal->socks)
		return arena_format(arena, "socks@%s", host);
	if (goal->socket)
		return arena_format(arena, "%s:%s", host, goal->socket);
	return endpoint_text(host, goal->egress.port, arena);
}

/* Returns the service that a port belongs to, of several the first by its name (rule 8); or NULL. */
static const struct service *service_on(const struct host *host, uint16_t port)
{
	const struct service *found = NULL;

	for (size_t i = 0; i < host->service_count; i++) {
		const struct service *service = &host->services[i];

		if (!service->socket && service->port == port &&
		    (!found || strcmp(service->name, found->name) < 0))
			found = service;
	}
	return found;
}

/* Finds what answers at the egress. Fails when me has no such service: the file cannot tell whose. */
static bool resolve_service(struct task *task, struct arena *arena,
			    struct plan_failure *ret_failure)
{
	const struct egress *egress = &task->forward->egress;
	const struct host *host;

	if (task->egress == TOPOLOGY_NONE)
		return true;
	host = &task->topology->hosts[task->egress];
	if (egress->kind == EGRESS_PORT)
		task->service = service_on(host, egress->port);
	if (egress->kind != EGRESS_SERVICE)
		return true;
	task->service = host_service(host, egress->service_name);
	if (task->service)
		return true;
	return fail(ret_failure, egress->at,
		    arena_format(arena, "%s has no service '%s'", host->name, egress->service_name),
		    "add it to its services, or name the port");
}

/* What the egress encrypts by itself: a service as the file says; the sshd that it states, by nature (rule 21). */
static enum service_encryption encryption_of(const struct task *task)
{
	const struct egress *egress = &task->forward->egress;
	const struct ssh_login *ssh;

	if (task->service)
		return (enum service_encryption)task->service->encrypted;
	if (task->egress == TOPOLOGY_NONE || egress->kind != EGRESS_PORT)
		return SERVICE_CLEAR;
	ssh = task->topology->hosts[task->egress].ssh;
	return ssh->stated && !ssh->none && ssh->port == egress->port ? SERVICE_SSH : SERVICE_CLEAR;
}

/* Fills what is opened at the egress into the goal of the path there. */
static void resolve_target(struct task *task)
{
	const struct egress *egress = &task->forward->egress;
	const struct service *service = task->service;
	struct goal *goal = &task->to_egress;

	goal->kind = GOAL_EGRESS;
	goal->at = egress->at;
	goal->socks = egress->kind == EGRESS_SOCKS;
	goal->socket = egress->kind == EGRESS_SERVICE && service ? service->socket : egress->path;
	goal->encrypted = encryption_of(task);
	goal->egress = (struct reach_to){
		.host = task->egress,
		.vlan = egress->vlan,
		.only = egress->address.text ? &egress->address : NULL,
		.port = egress->kind == EGRESS_SERVICE && service ? service->port : egress->port,
		.service = service,
		.outside_vlan = TOPOLOGY_NONE,
		.published = service ? service->published : NULL,
		.published_count = service && !egress->address.text ? service->published_count : 0,
		.avoid_vlans = goal->options->avoid_vlans,
		.avoid_vlan_count = goal->options->avoid_vlan_count,
	};
	if (task->egress == TOPOLOGY_NONE) {
		goal->egress.outside = &egress->address;
		goal->egress.own = address_is_localhost(egress->address.text);
		goal->egress.outside_vlan = reach_locate(task->topology, &egress->address);
	}
	goal->end = goal->socks || goal->socket ? task->egress : TOPOLOGY_NONE;
}

/* --- the ingress */

/* Returns the interface's first numeric address, or NULL. */
static const struct address *numeric_address(const struct interface *interface)
{
	for (size_t i = 0; interface && i < interface->address_count; i++)
		if (interface->addresses[i].family != ADDRESS_NAME)
			return &interface->addresses[i];
	return NULL;
}

/* Finds what the ingress binds. Binds are numeric: ssh may bind half of a name and say nothing. */
static bool resolve_entrance(struct task *task, struct arena *arena,
			     struct plan_failure *ret_failure)
{
	const struct ingress *ingress = &task->forward->ingress;
	const struct host *host = &task->topology->hosts[task->ingress];
	struct plan_end *end = &task->entrance;
	const struct address *address;

	*end = (struct plan_end){
		.host = task->ingress,
		.address = "127.0.0.1",
		.port = ingress->any_port ? 0 : ingress->port,
		.socket = ingress->path,
		.any_port = ingress->any_port,
	};
	if (ingress->path) {
		end->address = NULL;
	} else if (ingress->bind.text) {
		end->address = ingress->bind.text;
	} else if (ingress->vlan != TOPOLOGY_NONE) {
		address = numeric_address(host_interface(host, ingress->vlan));
		if (!address)
			return fail(
				ret_failure, ingress->at,
				arena_format(arena,
					     "the file gives %s no numeric address on %s to "
					     "listen on",
					     host->name, task->topology->vlans[ingress->vlan].name),
				"give it one, or write the address to listen on before the port");
		end->address = address->text;
	}
	return true;
}

/* The path to an ingress that is elsewhere. */
static void resolve_ingress_goal(struct task *task)
{
	const struct plan_end *end = &task->entrance;
	struct goal *goal = &task->to_ingress;

	*goal = task->to_egress;
	goal->kind = GOAL_INGRESS;
	goal->text = task->topology->hosts[task->ingress].name;
	goal->at = task->forward->ingress.at;
	goal->end = task->ingress;
	goal->bind = end->address;
	goal->bind_port = end->port;
	goal->bind_socket = end->socket;
}

/* --- all of it */

/* What all paths of a tunnel are held to. */
static struct goal held_goal(const struct plan_request *request, size_t index)
{
	const struct tunnel *tunnel = request->tunnel;

	return (struct goal){
		.network_index = request->network_index,
		.me = request->me,
		.tunnel = tunnel->name,
		.forward = index,
		.options = &tunnel->options,
		.end = TOPOLOGY_NONE,
		.joints = tunnel->stitch,
		.joint_count = tunnel->stitch_count,
		.without = request->without,
		.without_count = request->without_count,
		.stated_only = request->stated_only,
		.unattended = request->unattended,
	};
}

/* Holds the path that is meant to what the tunnel asks for. */
static void hold(struct task *task)
{
	const struct tunnel *tunnel = task->request->tunnel;
	struct goal *goal = task_leads_on(task) ? &task->to_egress : &task->to_ingress;

	goal->via = tunnel->via;
	goal->via_count = tunnel->via_count;
	goal->exit = tunnel->exit;
}

static void resolve_login(const struct plan_request *request, struct arena *arena,
			  struct task *task)
{
	const struct tunnel *tunnel = request->tunnel;
	struct goal *goal = &task->to_egress;

	task->ingress = request->me;
	task->egress = tunnel->exit.hosts[0];
	goal->kind = GOAL_LOGIN;
	goal->ingress_host = request->me;
	goal->egress.host = task->egress;
	goal->end = task->egress;
	goal->at = tunnel->at;
	goal->text = arena_format(arena, "a login on %s", task->topology->hosts[task->egress].name);
	goal->via = tunnel->via;
	goal->via_count = tunnel->via_count;
}

static bool check_ends(const struct task *task, struct arena *arena,
		       struct plan_failure *ret_failure)
{
	const struct host *hosts = task->topology->hosts;

	if (task->ingress != task->egress || task->to_egress.end == TOPOLOGY_NONE ||
	    task->ingress != task->request->me)
		return true;
	return fail(
		ret_failure, task->to_egress.at,
		arena_format(arena, "both ends of the tunnel are on %s", hosts[task->ingress].name),
		"name a host where it is to come out");
}

bool task_resolve(const struct plan_request *request, size_t index, struct arena *arena,
		  struct task *ret_task, struct plan_failure *ret_failure)
{
	const struct tunnel *tunnel = request->tunnel;
	struct task task = {
		.topology = request->network_index->topology,
		.request = request,
		.index = index,
		.to_egress = held_goal(request, index),
	};

	if (tunnel->forward_count == 0) {
		resolve_login(request, arena, &task);
		*ret_task = task;
		return true;
	}
	task.forward = &tunnel->forwards[index];
	task.ingress = host_of(task.forward->ingress.host, request->me);
	task.egress = host_of(task.forward->egress.host, request->me);
	task.to_egress.ingress_host = task.ingress;
	if (!resolve_service(&task, arena, ret_failure) ||
	    !resolve_entrance(&task, arena, ret_failure))
		return false;
	resolve_target(&task);
	task.to_egress.text = egress_text(&task, arena);
	resolve_ingress_goal(&task);
	/* Both may be stitched on one host. */
	task.to_egress.joints_before = task_is_remote(&task) ? AUTO_PORT_PIECES / 2 : 0;
	hold(&task);
	*ret_task = task;
	return check_ends(&task, arena, ret_failure);
}

bool task_is_remote(const struct task *task)
{
	return task->forward && task->ingress != task->request->me;
}

bool task_leads_on(const struct task *task)
{
	const struct stop *exit = &task->request->tunnel->exit;

	return !task_is_remote(task) || (exit->count && !stop_has(exit, task->ingress));
}

const char *task_text(const struct task *task, struct arena *arena)
{
	const char *from = task->topology->hosts[task->ingress].name;

	return arena_format(arena, "from %s to %s", from, task->to_egress.text);
}
