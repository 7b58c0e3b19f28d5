#include "planner/ends.h"

#include "planner/endpoint.h"
#include "planner/permit.h"

static size_t resolve_host(size_t index, size_t me)
{
	return index == TOPOLOGY_ME ? me : index;
}

static bool fail(struct plan_failure *ret_failure, struct span at, const char *text,
		 const char *help)
{
	*ret_failure = (struct plan_failure){
		.code = "unsupported",
		.text = text,
		.help = help,
		.at = at,
	};
	return false;
}

static const char *egress_text(const struct ends *ends, struct arena *arena)
{
	const struct egress *egress = &ends->forward->egress;
	const char *host = ends->egress == TOPOLOGY_NONE ? egress->address.text
							 : ends->topology->hosts[ends->egress].name;

	if (egress->kind == EGRESS_SOCKS)
		return arena_format(arena, "socks@%s", host);
	if (ends->socket)
		return arena_format(arena, "%s:%s", host, ends->socket);
	return endpoint_text(host, ends->port, arena);
}

/* Returns the service that a port belongs to, or NULL. */
static const struct service *service_on(const struct host *host, uint16_t port)
{
	for (size_t i = 0; i < host->service_count; i++)
		if (!host->services[i].socket && host->services[i].port == port)
			return &host->services[i];
	return NULL;
}

/* Finds the egress's port or socket and what answers there. Fails when me has no such service. */
static bool resolve_service(struct ends *ends, struct arena *arena,
			    struct plan_failure *ret_failure)
{
	const struct egress *egress = &ends->forward->egress;
	const struct host *host;
	const struct service *service = NULL;

	ends->port = egress->port;
	ends->socket = egress->path;
	if (ends->egress == TOPOLOGY_NONE)
		return true;
	host = &ends->topology->hosts[ends->egress];
	if (egress->kind == EGRESS_SERVICE) {
		service = host_service(host, egress->service_name);
		if (!service) {
			fail(ret_failure, egress->at,
			     arena_format(arena, "%s has no service '%s'", host->name,
					  egress->service_name),
			     "add it to its services, or name the port");
			ret_failure->code = "no_path";
			return false;
		}
		ends->port = service->port;
		ends->socket = service->socket;
	} else if (egress->kind == EGRESS_PORT) {
		service = service_on(host, egress->port);
	}
	ends->service = service;
	if (service)
		ends->encrypted = service->encrypted;
	return true;
}

/* A remote forward is dialled by me; where me cannot, two tunnels would have to be joined here. */
static bool check_remote(const struct ends *ends, struct arena *arena,
			 struct plan_failure *ret_failure)
{
	const struct host *hosts = ends->topology->hosts;
	struct reach dial;

	if (ends->forward->egress.kind == EGRESS_SOCKS)
		return fail(ret_failure, ends->forward->egress.at,
			    arena_format(arena,
					 "a dynamic tunnel that is entered on %s is not in this "
					 "version yet",
					 hosts[ends->ingress].name),
			    "enter it here (PORT -> socks@HOST), or name one egress");
	dial = ends_dial(ends, ends->me);
	if (dial.open)
		return true;
	return fail(
		ret_failure, ends->forward->egress.at,
		arena_format(arena,
			     "%s cannot reach %s itself (%s), and a tunnel from %s that is "
			     "joined here to another one is not in this version yet",
			     hosts[ends->me].name, ends->egress_text,
			     reach_why(&dial, &hosts[ends->me], arena), hosts[ends->ingress].name),
		arena_format(arena,
			     "bring up a local tunnel to %s, and a remote one from %s to its "
			     "ingress on %s",
			     ends->egress_text, hosts[ends->ingress].name, hosts[ends->me].name));
}

bool ends_resolve(const struct topology *topology, const struct tunnel *tunnel,
		  const struct forward *forward, size_t me, struct arena *arena,
		  struct ends *ret_ends, struct plan_failure *ret_failure)
{
	const bool socks = forward->egress.kind == EGRESS_SOCKS;
	struct ends ends = {
		.topology = topology,
		.options = &tunnel->options,
		.forward = forward,
		.me = me,
		.type = socks ? PLAN_DYNAMIC : PLAN_LOCAL,
		.ingress = resolve_host(forward->ingress.host, me),
		.egress = resolve_host(forward->egress.host, me),
		.exit = TOPOLOGY_NONE,
	};

	if (!resolve_service(&ends, arena, ret_failure))
		return false;
	ends.egress_text = egress_text(&ends, arena);
	if (ends.ingress != me) {
		ends.type = PLAN_REMOTE;
		ends.exit = ends.ingress;
		if (!check_remote(&ends, arena, ret_failure))
			return false;
	} else if (socks || ends.socket) {
		ends.exit = ends.egress;
		if (ends.egress == me)
			return fail(ret_failure, forward->egress.at,
				    arena_format(arena, "both ends of the tunnel are on %s",
						 topology->hosts[me].name),
				    "name a host where it is to come out");
	}
	*ret_ends = ends;
	return true;
}

/* What the file says of the exit's sshd and a unix socket, or a SOCKS server's connections. */
static struct reach dial_nothing(const struct ends *ends, size_t from)
{
	const struct host *host = &ends->topology->hosts[from];
	struct permit permit = {.granted = true};
	struct reach reach = {.from_vlan = TOPOLOGY_NONE, .vlan = TOPOLOGY_NONE};

	if (from != ends->egress) {
		reach.reason = REASON_LOOPBACK_ONLY;
		return reach;
	}
	if (from != ends->me)
		permit = ends->socket ? permit_open_socket(host, ends->socket)
				      : permit_open_some(host);
	reach.open = permit.granted;
	reach.reason = permit.reason;
	reach.at = permit.at;
	return reach;
}

struct reach ends_dial(const struct ends *ends, size_t from)
{
	const struct egress *egress = &ends->forward->egress;
	const struct host *host = &ends->topology->hosts[from];
	const struct reach_to to = {
		.host = ends->egress,
		.vlan = egress->vlan,
		.port = ends->port,
		.outside = ends->egress == TOPOLOGY_NONE ? &egress->address : NULL,
		.service = ends->service,
		.by_sshd = from != ends->me,
		.options = ends->options,
	};
	const bool inside = from == ends->egress && egress->kind != EGRESS_SOCKS;

	if (from != ends->me && !inside && host->jump == JUMP_NO)
		return (struct reach){
			.reason = REASON_NOT_JUMP,
			.at = host->at,
			.from_vlan = TOPOLOGY_NONE,
			.vlan = TOPOLOGY_NONE,
		};
	if (ends->socket || egress->kind == EGRESS_SOCKS)
		return dial_nothing(ends, from);
	return reach_try(ends->topology, from, &to);
}

bool ends_forbids(const struct ends *ends, size_t host)
{
	return ends->type == PLAN_LOCAL && host == ends->egress &&
	       !ends->topology->hosts[host].ssh->stated;
}

bool ends_at(const struct ends *ends, size_t host)
{
	if (ends->exit != TOPOLOGY_NONE && host != ends->exit)
		return false;
	return ends->type == PLAN_REMOTE || ends_dial(ends, host).open;
}

unsigned ends_clear(const struct ends *ends, size_t host)
{
	const size_t dialler = ends->type == PLAN_REMOTE ? ends->me : host;

	return ends->encrypted == SERVICE_CLEAR && dialler != ends->egress;
}
