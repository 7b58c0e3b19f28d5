#include "topology/model/topology.h"

#include <string.h>

#include "topology/model/index.h"

const char *topology_vlan_cipher(uint8_t encrypted)
{
	static const char *const words[] = {NULL, "wireguard", "ipsec"};

	return words[encrypted];
}

const char *topology_trust_name(uint8_t trust)
{
	static const char *const names[] = {
		[TRUST_NONE] = "none",
		[TRUST_LOW] = "low",
		[TRUST_MEDIUM] = "medium",
		[TRUST_HIGH] = "high",
	};

	return names[trust];
}

size_t topology_host(const struct topology *topology, const char *name)
{
	return index_find(topology, INDEX_HOSTS, name);
}

size_t topology_vlan(const struct topology *topology, const char *name)
{
	return index_find(topology, INDEX_VLANS, name);
}

size_t topology_tunnel(const struct topology *topology, const char *name)
{
	return index_find(topology, INDEX_TUNNELS, name);
}

size_t topology_place(const struct topology *topology, const char *name)
{
	return index_find(topology, INDEX_PLACES, name);
}

bool topology_spoils(const struct topology *topology, const char *name)
{
	for (size_t i = 0; i < topology->spoiled_count; i++)
		if (strcmp(topology->spoiled[i], name) == 0)
			return true;
	return false;
}

const struct group *topology_group(const struct topology *topology, const char *name)
{
	const size_t index = index_find(topology, INDEX_GROUPS, name);

	return index == TOPOLOGY_NONE ? NULL : &topology->groups[index];
}

const struct interface *host_interface(const struct host *host, size_t vlan)
{
	for (size_t i = 0; i < host->interface_count; i++) {
		if (host->interfaces[i].vlan == vlan)
			return &host->interfaces[i];
	}
	return NULL;
}

const struct service *host_service(const struct host *host, const char *name)
{
	for (size_t i = 0; i < host->service_count; i++) {
		if (strcmp(host->services[i].name, name) == 0)
			return &host->services[i];
	}
	return NULL;
}

bool stop_has(const struct stop *stop, size_t host)
{
	size_t low = 0, high = stop->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (stop->hosts[middle] < host)
			low = middle + 1;
		else
			high = middle;
	}
	return low < stop->count && stop->hosts[low] == host;
}

const char *stop_name(const struct topology *topology, const struct stop *stop)
{
	return stop->set == TOPOLOGY_NONE ? topology->hosts[stop->hosts[0]].name
					  : topology->sets[stop->set].name;
}

const struct rule_end *topology_ends(const struct topology *topology, const struct rule_end *end,
				     size_t *ret_count)
{
	const struct set *set;

	*ret_count = 1;
	if (end->kind != RULE_SET)
		return end;
	set = &topology->sets[end->set];
	*ret_count = set->end_count;
	return set->ends;
}

static const char *suggest(const struct topology *topology, const char *name, unsigned kinds)
{
	struct suggest suggest;

	suggest_init(&suggest, name);
	for (enum index_kind kind = 0; kind < INDEX_KINDS; kind++) {
		if (kinds & INDEX_BIT(kind))
			index_offer(topology, kind, &suggest);
	}
	return suggest.best;
}

const char *topology_suggest_tunnel(const struct topology *topology, const char *name)
{
	return suggest(topology, name, INDEX_BIT(INDEX_TUNNELS) | INDEX_BIT(INDEX_GROUPS));
}

const char *topology_suggest_host(const struct topology *topology, const char *name)
{
	return suggest(topology, name, INDEX_BIT(INDEX_HOSTS));
}

const char *topology_suggest_place(const struct topology *topology, const char *name)
{
	return suggest(topology, name, INDEX_BIT(INDEX_PLACES));
}

const char *sshd_forwarding_name(enum sshd_forwarding forwarding)
{
	static const char *const names[] = {
		[SSHD_FORWARD_ALL] = "yes",
		[SSHD_FORWARD_NONE] = "no",
		[SSHD_FORWARD_LOCAL] = "local",
		[SSHD_FORWARD_REMOTE] = "remote",
	};

	return names[forwarding];
}

const char *sshd_gateway_ports_name(enum sshd_gateway_ports gateway_ports)
{
	static const char *const names[] = {
		[SSHD_GATEWAY_NO] = "no",
		[SSHD_GATEWAY_YES] = "yes",
		[SSHD_GATEWAY_CLIENT] = "clientspecified",
	};

	return names[gateway_ports];
}
