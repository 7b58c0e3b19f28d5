#include "topology/lint/listener.h"

#include <string.h>

static const uint8_t every_address[16];
static const uint8_t loopback_v4[16] = {127, 0, 0, 1};
static const uint8_t loopback_v6[16] = {[15] = 1};

size_t listener_host(const struct topology *topology, size_t host)
{
	return host == TOPOLOGY_ME && topology->me != TOPOLOGY_NONE ? topology->me : host;
}

static void set_address(struct listener *listener, uint8_t family, const uint8_t *bytes)
{
	listener->family = family;
	memcpy(listener->bytes, bytes, sizeof(listener->bytes));
}

/* An ingress on a VLAN listens on the host's first numeric address there. */
static void set_vlan(struct listener *listener, const struct vlan_members *vlan_members,
		     size_t vlan)
{
	struct vlan_members_walk walk = {.vlan_members = vlan_members, .host = listener->host};
	struct member member;

	listener->vlan = vlan;
	if (listener->host >= vlan_members->topology->host_count)
		return;
	while (vlan_members_next(&walk, &member)) {
		const struct interface *interface = member.interface;

		for (size_t i = 0; interface->vlan == vlan && i < interface->address_count; i++) {
			if (interface->addresses[i].family == ADDRESS_NAME)
				continue;
			set_address(listener, interface->addresses[i].family,
				    interface->addresses[i].bytes);
			listener->vlan = TOPOLOGY_NONE;
			return;
		}
	}
}

struct listener listener_of_ingress(const struct vlan_members *vlan_members,
				    const struct ingress *ingress)
{
	struct listener listener = {
		.host = listener_host(vlan_members->topology, ingress->host),
		.path = ingress->path,
		.port = ingress->port,
		.vlan = TOPOLOGY_NONE,
		.at = ingress->at,
	};

	if (ingress->path)
		return listener;
	if (ingress->bind.text)
		set_address(&listener, ingress->bind.family, ingress->bind.bytes);
	else if (ingress->vlan != TOPOLOGY_NONE)
		set_vlan(&listener, vlan_members, ingress->vlan);
	else
		set_address(&listener, ADDRESS_IPV4, loopback_v4);
	return listener;
}

struct listener listener_of_publication(const struct publication *publication)
{
	struct listener listener = {
		.host = publication->host,
		.port = publication->port,
		.vlan = TOPOLOGY_NONE,
		.at = publication->at,
	};

	if (strcmp(publication->address.text, "localhost") == 0)
		set_address(&listener, ADDRESS_IPV4, loopback_v4);
	else
		set_address(&listener, publication->address.family, publication->address.bytes);
	return listener;
}

int listener_compare(const struct listener *a, const struct listener *b)
{
	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	if (!a->path || !b->path)
		return (a->path != NULL) - (b->path != NULL);
	return strcmp(a->path, b->path);
}

int listener_order(const void *left, const void *right)
{
	const struct listener *a = left, *b = right;
	const int listeners = listener_compare(a, b);

	return listeners ? listeners : (a->at.at > b->at.at) - (a->at.at < b->at.at);
}

bool listener_is_wildcard(const struct listener *listener)
{
	return listener->family != ADDRESS_NAME &&
	       memcmp(listener->bytes, every_address, sizeof(every_address)) == 0;
}

bool listener_is_local(const struct listener *listener)
{
	if (listener->path)
		return true;
	if (listener->family == ADDRESS_IPV4)
		return listener->bytes[0] == loopback_v4[0];
	return listener->family == ADDRESS_IPV6 &&
	       memcmp(listener->bytes, loopback_v6, sizeof(loopback_v6)) == 0;
}

bool listener_meets(const struct listener *a, const struct listener *b)
{
	if (a->path)
		return true;
	if (a->family != b->family)
		return (a->family == ADDRESS_NAME && listener_is_wildcard(b)) ||
		       (b->family == ADDRESS_NAME && listener_is_wildcard(a));
	if (a->family == ADDRESS_NAME)
		return a->vlan == b->vlan;
	return listener_is_wildcard(a) || listener_is_wildcard(b) ||
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
