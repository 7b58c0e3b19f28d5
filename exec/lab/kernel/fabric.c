#include "exec/lab/kernel/fabric.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "exec/lab/kernel/child.h"
#include "exec/lab/kernel/devices.h"
#include "exec/lab/kernel/namespace.h"
#include "exec/lab/kernel/ready.h"
#include "exec/lab/network/filter.h"

/*
 * Settings of every node. A new namespace takes some of them from the machine, so all are stated.
 */
static const struct {
	const char *name;
	const char *value;
} settings[] = {
	{"net/ipv4/ip_unprivileged_port_start", "0"}, /* hosts without root have ports below 1024 */
	{"net/ipv4/ping_group_range", "0 0"},         /* and ping: the lab has this one group */
	{"net/ipv4/conf/all/rp_filter", "0"},         /* an answer may take another VLAN */
	{"net/ipv6/conf/all/disable_ipv6", "0"},
};

/* The same of every device, before it is up. */
static const struct {
	const char *family;
	const char *name;
	const char *value;
} device_settings[] = {
	{"ipv4", "rp_filter", "0"},
	/* Who is not on a VLAN has to come by the router, where the rules are. */
	{"ipv4", "arp_ignore", "1"},
	/* Looking for duplicates takes a second and more, in which no router finds its neighbours. */
	{"ipv6", "accept_dad", "0"},
};

static int bridges_create(struct netlink *netlink, const struct lab_network *network,
			  struct lab_problem *problem)
{
	for (size_t v = 0; v < network->topology->vlan_count; v++) {
		int error = lab_bridge_add(netlink, network->devices[v]);

		if (error < 0)
			return lab_problem_set(problem, error, "cannot make a bridge for %s: %s",
					       network->topology->vlans[v].name, strerror(-error));
	}
	return 0;
}

static int links_create(struct netlink *netlink, const struct lab_network *network, size_t node,
			pid_t pid, struct lab_problem *problem)
{
	const struct lab_node *owner = &network->nodes[node];

	for (size_t l = 0; l < owner->leg_count; l++) {
		const struct lab_leg *leg = &owner->legs[l];
		const char *device = network->devices[leg->vlan];
		char port[48]; /* one too long for a device is refused by the kernel */
		struct lab_veth veth = {.port = port,
					.bridge = (int)if_nametoindex(device),
					.device = device,
					.mac = leg->mac,
					.owner = pid};
		int error;

		/* '~' cannot be in a VLAN's name, so no bridge has the name of a port. */
		snprintf(port, sizeof(port), "p~%zu.%zu", node, leg->vlan);
		error = lab_veth_add(netlink, &veth);
		if (error < 0)
			return lab_problem_set(
				problem, error, "cannot link %s to %s: %s", owner->name,
				network->topology->vlans[leg->vlan].name, strerror(-error));
	}
	return 0;
}

int lab_fabric_create(const struct lab_network *network, const pid_t *pids,
		      struct lab_problem *problem)
{
	struct netlink netlink;
	int error = netlink_init(&netlink, NETLINK_ROUTE, 0);

	if (error < 0)
		return lab_problem_set(problem, error, "cannot configure networks: %s",
				       strerror(-error));
	error = bridges_create(&netlink, network, problem);
	for (size_t n = 0; n < network->node_count && error == 0; n++)
		error = links_create(&netlink, network, n, pids[n], problem);
	netlink_finish(&netlink);
	return error;
}

static int device_settings_write(const char *device)
{
	int error = 0;

	for (size_t s = 0; s < sizeof(device_settings) / sizeof(device_settings[0]); s++) {
		char name[64];

		snprintf(name, sizeof(name), "net/%s/conf/%s/%s", device_settings[s].family, device,
			 device_settings[s].name);
		if (error == 0)
			error = lab_setting_write(name, device_settings[s].value);
	}
	return error;
}

static int settings_write(const struct lab_network *network, const struct lab_node *node)
{
	const char *forward = node == network->router ? "1" : "0";
	int error = lab_setting_write("net/ipv4/ip_forward", forward);

	if (error == 0)
		error = lab_setting_write("net/ipv6/conf/all/forwarding", forward);
	for (size_t s = 0; s < sizeof(settings) / sizeof(settings[0]) && error == 0; s++)
		error = lab_setting_write(settings[s].name, settings[s].value);
	for (size_t l = 0; l < node->leg_count && error == 0; l++)
		error = device_settings_write(network->devices[node->legs[l].vlan]);
	return error;
}

/*
 * Of several addresses of a family, the kernel would choose by the network that is dialled. By the file it
 * is the first that is dialled from, whatever network the others are of.
 */
static int further_address_add(struct netlink *netlink, const struct lab_address *address,
			       int index, const struct address *dials)
{
	const struct lab_route route = {.to = address->address, .prefix = address->prefix};
	int error = lab_address_add(netlink, index, address, false);

	if (error == 0)
		error = lab_route_add(netlink, index, &route, dials);
	/* It is of the same network as an earlier one, as a rule. */
	return error == -EEXIST ? 0 : error;
}

static int leg_configure(struct netlink *netlink, const struct lab_leg *leg, int index)
{
	int error = lab_device_up(netlink, index);

	for (size_t a = 0; a < leg->address_count && error == 0; a++) {
		const struct lab_address *address = &leg->addresses[a];
		const struct address *dials = lab_leg_address(leg, address->address.family);

		error = dials == &address->address
				? lab_address_add(netlink, index, address, true)
				: further_address_add(netlink, address, index, dials);
	}
	return error;
}

static int devices_configure(struct netlink *netlink, const struct lab_network *network,
			     const struct lab_node *node)
{
	int error = lab_device_up(netlink, (int)if_nametoindex("lo"));

	for (size_t l = 0; l < node->leg_count && error == 0; l++) {
		const char *device = network->devices[node->legs[l].vlan];

		error = leg_configure(netlink, &node->legs[l], (int)if_nametoindex(device));
	}
	for (size_t r = 0; r < node->route_count && error == 0; r++) {
		const struct lab_route *route = &node->routes[r];
		const struct lab_leg *leg = &node->legs[route->leg];

		error = lab_route_add(netlink, (int)if_nametoindex(network->devices[leg->vlan]),
				      route, lab_leg_address(leg, route->to.family));
	}
	return error;
}

static int filter_load(const struct lab_network *network, const struct lab_node *node,
		       struct lab_problem *problem)
{
	static const char *const argv[] = {"nft", "-f", "-", NULL};
	struct strbuf text;
	bool needed = true;
	int error = 0;

	strbuf_init(&text);
	if (node == network->router)
		lab_filter_router(network, &text);
	else
		needed = network->router && lab_filter_host(network, node, &text);
	if (needed)
		error = lab_child_run(argv, strbuf_text(&text), problem);
	strbuf_finish(&text);
	return error;
}

/* With all of it in use by the kernel. */
static int node_start(const struct lab_network *network, const struct lab_node *node)
{
	struct netlink netlink, watch;
	int error = netlink_init(&netlink, NETLINK_ROUTE, 0);

	if (error < 0)
		return error;
	error = lab_ready_watch(&watch);
	if (error == 0) {
		error = devices_configure(&netlink, network, node);
		if (error == 0)
			error = lab_ready_wait(&watch, node);
		netlink_finish(&watch);
	}
	netlink_finish(&netlink);
	return error;
}

int lab_node_configure(const struct lab_network *network, const struct lab_node *node,
		       struct lab_problem *problem)
{
	int error = settings_write(network, node);

	if (error == 0)
		error = node_start(network, node);
	if (error < 0)
		return lab_problem_set(problem, error, "cannot configure the network of %s: %s",
				       node->name, strerror(-error));
	return filter_load(network, node, problem);
}
