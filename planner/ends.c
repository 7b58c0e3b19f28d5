#include "planner/ends.h"

#include "planner/endpoint.h"

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

	switch (egress->kind) {
	case EGRESS_PATH:
		return arena_format(arena, "%s:%s", host, egress->path);
	case EGRESS_SOCKS:
		return arena_format(arena, "socks@%s", host);
	case EGRESS_ADDRESS:
	case EGRESS_SERVICE:
	case EGRESS_PORT:
		break;
	}
	return endpoint_text(host, ends->port, arena);
}

/* Returns the service that a port belongs to, or NULL. */
static const struct service *service_on(const struct host *host, uint16_t port)
{
	for (size_t i = 0; i < host->service_count; i++)
		if (host->services[i].port == port)
			return &host->services[i];
	return NULL;
}

/* Finds the egress's port and who encrypts its bytes. Fails when me has no such service. */
static bool resolve_service(struct ends *ends, struct arena *arena,
			    struct plan_failure *ret_failure)
{
	const struct egress *egress = &ends->forward->egress;
	const struct host *host;
	const struct service *service = NULL;

	ends->port = egress->port;
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
	} else if (egress->kind == EGRESS_PORT) {
		service = service_on(host, egress->port);
	}
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
	return fail(ret_failure, ends->forward->egress.at,
		    arena_format(arena,
				 "%s cannot reach %s itself (%s), and a tunnel from %s that is "
				 "joined here to another one is not in this version yet",
				 hosts[ends->me].name, ends->egress_text, reach_why(&dial),
				 hosts[ends->ingress].name),
		    arena_format(arena,
				 "bring up a local tunnel to %s, and a remote one from %s to its "
				 "ingress on %s",
				 ends->egress_text, hosts[ends->ingress].name,
				 hosts[ends->me].name));
}

bool ends_resolve(const struct topology *topology, const struct forward *forward, size_t me,
		  struct arena *arena, struct ends *ret_ends, struct plan_failure *ret_failure)
{
	const bool socks = forward->egress.kind == EGRESS_SOCKS;
	struct ends ends = {
		.topology = topology,
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
	} else if (socks || forward->egress.kind == EGRESS_PATH) {
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

/* What a host dials for an egress that is on itself. */
static struct reach dial_inside(const struct ends *ends)
{
	const struct egress *egress = &ends->forward->egress;
	const struct host *host = &ends->topology->hosts[ends->egress];
	struct reach reach = {
		.open = true,
		.from_vlan = TOPOLOGY_NONE,
		.vlan = TOPOLOGY_NONE,
	};
	const struct interface *interface;

	if (egress->kind == EGRESS_PATH || egress->kind == EGRESS_SOCKS)
		return reach;
	reach.address = "127.0.0.1";
	if (egress->vlan == TOPOLOGY_NONE)
		return reach;
	/* Whoever names a VLAN means the address there: the service may listen on no other. */
	interface = host_interface(host, egress->vlan);
	reach.by_name = !interface || interface->address_count == 0 ||
			interface->addresses[0].family == ADDRESS_NAME;
	reach.address =
		interface && interface->address_count ? interface->addresses[0].text : host->name;
	return reach;
}

struct reach ends_dial(const struct ends *ends, size_t from)
{
	const struct egress *egress = &ends->forward->egress;
	const struct reach_to to = {
		.host = ends->egress,
		.vlan = egress->vlan,
		.port = ends->port,
		.outside = ends->egress == TOPOLOGY_NONE ? &egress->address : NULL,
	};

	if (from == ends->egress)
		return dial_inside(ends);
	if (egress->kind == EGRESS_PATH || egress->kind == EGRESS_SOCKS)
		return (struct reach){.reason = REASON_CONSTRAINT};
	return reach_try(ends->topology, from, &to);
}

bool ends_forbids(const struct ends *ends, size_t host)
{
	return ends->type == PLAN_LOCAL && host == ends->egress &&
	       !ends->topology->hosts[host].ssh->stated;
}

bool ends_at(const struct ends *ends, size_t host)
{
	if (ends->exit != TOPOLOGY_NONE)
		return host == ends->exit;
	return ends_dial(ends, host).open;
}

unsigned ends_clear(const struct ends *ends, size_t host)
{
	const size_t dialler = ends->type == PLAN_REMOTE ? ends->me : host;

	return ends->encrypted == SERVICE_CLEAR && dialler != ends->egress;
}
