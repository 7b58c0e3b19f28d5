#include "tests/oracle/oracle.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"

/* --- a forward's goals */

/* What listens at the egress. */
static const struct service *oracle_service(const struct topology *topology, size_t host,
					    const struct egress *egress)
{
	const struct service *found = NULL;

	for (size_t i = 0; host != TOPOLOGY_NONE && i < topology->hosts[host].service_count; i++) {
		const struct service *service = &topology->hosts[host].services[i];
		const bool is_it = egress->kind == EGRESS_SERVICE
					   ? !strcmp(service->name, egress->service_name)
					   : egress->kind == EGRESS_PORT && !service->socket &&
						     service->port == egress->port;

		if (is_it && (!found || strcmp(service->name, found->name) < 0))
			found = service;
	}
	return found;
}

/* Rule 16: what the ingress binds. Returns false where the file gives it no address. */
static bool oracle_binds(struct oracle_goal *goal, const struct ingress *ingress)
{
	const struct host *host = oracle_host(goal, goal->ingress);

	goal->bind = ingress->bind.text ? ingress->bind.text : "127.0.0.1";
	goal->bind_socket = ingress->path;
	goal->bind_port = ingress->any_port ? 0 : ingress->port;
	if (ingress->vlan == TOPOLOGY_NONE || ingress->path)
		return true;
	for (size_t i = 0; i < host->interface_count; i++)
		for (size_t a = 0; a < host->interfaces[i].address_count; a++)
			if (host->interfaces[i].vlan == ingress->vlan &&
			    host->interfaces[i].addresses[a].family != ADDRESS_NAME) {
				goal->bind = host->interfaces[i].addresses[a].text;
				return true;
			}
	return false;
}

static void oracle_goal_begin(struct oracle_goal *goal, const struct oracle_question *question,
			      size_t number)
{
	memset(goal, 0, sizeof(*goal));
	goal->topology = question->topology;
	goal->tunnel = question->tunnel;
	goal->number = number;
	goal->me = question->topology->me;
	goal->unattended = question->unattended;
	goal->without = question->without;
}

/* Rule 21: whether an egress is the sshd of its host, as the file states it. */
static bool oracle_is_sshd(const struct topology *topology, size_t host,
			   const struct egress *egress)
{
	return egress->kind == EGRESS_PORT && host != TOPOLOGY_NONE &&
	       topology->hosts[host].ssh->stated && !topology->hosts[host].ssh->none &&
	       topology->hosts[host].ssh->port == egress->port;
}

/* Makes the goal of a forward, of the way to its egress. Returns false where it cannot listen. */
static bool oracle_goal_init(struct oracle_goal *goal, const struct oracle_question *question,
			     size_t number)
{
	const struct topology *topology = question->topology;
	const struct tunnel *tunnel = question->tunnel;
	const struct forward *forward = &tunnel->forwards[number];
	const struct egress *egress = &forward->egress;
	const struct service *service;

	oracle_goal_begin(goal, question, number);
	goal->ingress = forward->ingress.host == TOPOLOGY_ME ? goal->me : forward->ingress.host;
	goal->egress = egress->host == TOPOLOGY_ME ? goal->me : egress->host;
	service = oracle_service(topology, goal->egress, egress);
	goal->socks = egress->kind == EGRESS_SOCKS;
	goal->socket = egress->kind == EGRESS_SERVICE ? service->socket : egress->path;
	goal->clear = service ? service->encrypted == SERVICE_CLEAR
			      : !oracle_is_sshd(topology, goal->egress, egress);
	goal->target = (struct oracle_target){
		.host = goal->egress,
		.vlan = egress->vlan,
		.port = egress->kind == EGRESS_SERVICE ? service->port : egress->port,
		.outside = egress->kind == EGRESS_ADDRESS ? &egress->address : NULL,
		.own = egress->kind == EGRESS_ADDRESS &&
		       (strncmp(egress->address.text, "127.", 4) == 0 ||
			strcmp(egress->address.text, "::1") == 0),
		.written = egress->kind == EGRESS_PORT && egress->address.text ? &egress->address
									       : NULL,
		.service = service,
		.published = service ? service->published : NULL,
		.published_count = service && !egress->address.text ? service->published_count : 0,
		.options = &tunnel->options,
	};
	return oracle_binds(goal, &forward->ingress);
}

/* --- the words */

void oracle_tell_cost(const struct cost *cost, struct strbuf *text)
{
	for (int part = COST_SHARED + 1; part < COST_PARTS; part++)
		strbuf_printf(text, " %d", cost->parts[part]);
}

void oracle_tell_dial(const struct topology *topology, const char *address, uint16_t port,
		      size_t from_vlan, size_t vlan, struct strbuf *text)
{
	strbuf_printf(text, "    dials %s %u, %s > %s\n", address ? address : "-", port,
		      oracle_vlan_name(topology, from_vlan), oracle_vlan_name(topology, vlan));
}

static void oracle_tell_way(const struct oracle_goal *goal, const struct oracle_way *way,
			    struct strbuf *text)
{
	for (size_t i = 0; i < way->count; i++)
		strbuf_printf(text, " %s %s,", oracle_host(goal, way->hosts[i])->name,
			      plan_method_name((enum plan_method)way->methods[i]));
	oracle_tell_cost(&way->cost, text);
	strbuf_puts(text, "\n");
}

static void oracle_tell_hops(const struct oracle_goal *goal, const struct oracle_way *way,
			     struct strbuf *text)
{
	for (size_t i = 0; i < way->count; i++) {
		const size_t from = i ? way->hosts[i - 1] : goal->me;
		const bool sshd = i && way->methods[i] == PLAN_NESTED;
		const struct oracle_dial *dial = sshd ? &goal->by_sshd[from][way->hosts[i]]
						      : &goal->by_process[from][way->hosts[i]];

		oracle_tell_dial(goal->topology, dial->address, dial->port, dial->from_vlan,
				 dial->vlan, text);
	}
}

/* What is said of one route: the way, what it was chosen over, the ways beside it. */
static void oracle_tell_route(const struct oracle_goal *goal, struct strbuf *text, int *ret_decider)
{
	const struct oracle_way *list[ORACLE_ALTERNATIVES + 2] = {oracle_best(goal)}, *next;
	const bool nothing[ORACLE_HOSTS] = {false};
	bool taken[ORACLE_HOSTS] = {false};
	int decider = -1;

	strbuf_printf(text, "%zu to %s:", goal->number,
		      goal->kind == ORACLE_INGRESS ? "ingress" : "egress");
	oracle_tell_way(goal, list[0], text);
	oracle_tell_hops(goal, list[0], text);
	next = oracle_next(goal, list, 1, nothing);
	for (decider = next ? 0 : -1; next && decider < COST_PARTS; decider++)
		if (list[0]->cost.parts[decider] != next->cost.parts[decider])
			break;
	strbuf_printf(text, "    decided by %s\n",
		      next ? cost_part_name((enum cost_part)decider) : "only path");
	for (size_t count = 1; count <= ORACLE_ALTERNATIVES; count++) {
		for (size_t i = 0; i < list[count - 1]->count; i++)
			taken[list[count - 1]->hosts[i]] = true;
		list[count] = oracle_next(goal, list, count, taken);
		if (!list[count])
			break;
		strbuf_puts(text, "    or");
		oracle_tell_way(goal, list[count], text);
	}
	for (size_t i = 0; i < list[0]->count; i++)
		if (oracle_depends(goal, list[0]->hosts[i]))
			strbuf_printf(text, "    depends on %s\n",
				      oracle_host(goal, list[0]->hosts[i])->name);
	*ret_decider = decider > *ret_decider ? decider : *ret_decider;
}

/* How the egress is opened, and what lies in the clear. */
static void oracle_tell_egress(const struct oracle_goal *goal, size_t host,
			       const struct cost *exposure, struct strbuf *text)
{
	const struct oracle_dial *dial = &goal->dials[host];

	strbuf_printf(text, "  opens %s %u, in the clear",
		      goal->socket    ? goal->socket
		      : goal->socks   ? "socks"
		      : dial->address ? dial->address
				      : "-",
		      goal->socket || goal->socks ? 0 : dial->port);
	for (int trust = TRUST_NONE; trust <= TRUST_HIGH; trust++)
		strbuf_printf(text, " %d", exposure->parts[COST_EXPOSURE + trust]);
	strbuf_puts(text, "\n");
}

/* --- rules 17 and 18 */

static void oracle_add_cost(struct cost *cost, const struct cost *more)
{
	for (int part = 0; part < COST_PARTS; part++)
		cost->parts[part] += more->parts[part];
}

/*
 * Says all of a forward. goals are those of its ways to the ingress and to the egress. Returns false
 * where there is no path.
 */
static bool oracle_tell_forward(struct oracle_goal goals[2], bool remote, struct strbuf *text,
				int *ret_decider)
{
	struct oracle_goal *to_ingress = &goals[0], *to_egress = &goals[1];
	const struct oracle_way *home = NULL, *out;
	struct cost through = {{0}}, direct, exposure = {{0}};
	bool itself = remote && to_egress->dials[to_egress->me].open && !to_egress->held;

	if (remote)
		home = oracle_best(to_ingress);
	if (remote && !home)
		return false;
	out = oracle_best(to_egress);
	if (!itself && !out)
		return false;
	if (remote)
		oracle_open_inside(to_egress, to_egress->me, &through);
	if (out)
		oracle_add_cost(&through, &out->cost);
	direct = oracle_opening(to_egress, to_egress->me);
	if (itself && out && oracle_compare_costs(&direct, &through) > 0)
		itself = false;
	exposure = itself ? direct : through;
	if (home) {
		oracle_add_cost(&exposure, &home->cost);
		oracle_tell_route(to_ingress, text, ret_decider);
	}
	if (!itself)
		oracle_tell_route(to_egress, text, ret_decider);
	oracle_tell_egress(to_egress, itself ? to_egress->me : out->hosts[out->count - 1],
			   &exposure, text);
	return true;
}

/* A login ends on its host, and nothing leaves from there. */
static bool oracle_solve_login(const struct oracle_question *question, struct oracle_goal goals[2],
			       struct strbuf *text, int *ret_decider)
{
	struct oracle_goal *goal = &goals[1];

	oracle_goal_begin(goal, question, 0);
	goals[0] = *goal;
	goal->kind = ORACLE_LOGIN;
	goal->ingress = goal->me;
	goal->egress = question->tunnel->exit.hosts[0];
	goal->clear = goal->held = true;
	oracle_ways(goal);
	if (goal->count)
		oracle_tell_route(goal, text, ret_decider);
	return goal->count > 0;
}

static bool oracle_solve(const struct oracle_question *question, size_t number,
			 struct oracle_goal goals[2], struct strbuf *text, int *ret_decider)
{
	const struct stop *exit = &question->tunnel->exit;
	bool remote, can;

	if (question->tunnel->forward_count == 0)
		return oracle_solve_login(question, goals, text, ret_decider);
	can = oracle_goal_init(&goals[1], question, number);
	goals[0] = goals[1];
	remote = goals[1].ingress != goals[1].me;
	goals[0].kind = ORACLE_INGRESS;
	goals[1].held = !remote || (exit->count && !oracle_asks_for(exit, goals[1].ingress));
	goals[0].held = !goals[1].held;
	if (!can)
		return false;
	if (remote)
		oracle_ways(&goals[0]);
	oracle_ways(&goals[1]);
	return oracle_tell_forward(goals, remote, text, ret_decider);
}

void oracle_tell(const struct oracle_question *question, struct strbuf *text)
{
	const size_t begin = text->length, forwards = question->tunnel->forward_count;
	struct oracle_goal *goals = memory_array(2, sizeof(*goals));
	int decider = -1;

	for (size_t i = 0; i < (forwards ? forwards : 1); i++) {
		const bool can = oracle_solve(question, i, goals, text, &decider);

		free(goals[0].ways);
		free(goals[1].ways);
		if (can)
			continue;
		strbuf_cut(text, begin);
		strbuf_puts(text, "no path\n");
		free(goals);
		return;
	}
	strbuf_printf(text, "decided by %s\n",
		      decider < 0 ? "only path" : cost_part_name((enum cost_part)decider));
	free(goals);
}
