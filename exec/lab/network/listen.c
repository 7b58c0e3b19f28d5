#include "exec/lab/network/listen.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct lab_listen lab_listen_any(uint16_t port)
{
	static const char *const any[] = {"0.0.0.0", "::", NULL};

	return (struct lab_listen){.addresses = any, .port = port};
}

/* The node's addresses on the VLANs of a service. */
static const char *const *vlan_addresses(const struct lab_node *node, const struct service *service,
					 struct arena *arena)
{
	const char **addresses = NULL, **added;
	size_t count = 0;

	for (size_t v = 0; v < service->listen_count; v++) {
		const struct lab_leg *leg = lab_node_leg(node, service->listen_vlans[v]);

		for (size_t a = 0; leg && a < leg->address_count; a++) {
			added = arena_push(arena, &addresses, &count, sizeof(*addresses));
			*added = leg->addresses[a].address.text;
		}
	}
	added = arena_push(arena, &addresses, &count, sizeof(*addresses));
	*added = NULL;
	return addresses;
}

struct lab_listen lab_listen_service(const struct lab_node *node, const struct service *service,
				     struct arena *arena)
{
	static const char *const loopback[] = {"127.0.0.1", "::1", NULL};
	struct lab_listen listen = lab_listen_any(service->port);

	if (service->socket)
		return (struct lab_listen){.socket = service->socket};
	if (service->listen == LISTEN_LOOPBACK)
		listen.addresses = loopback;
	if (service->listen == LISTEN_VLANS)
		listen.addresses = vlan_addresses(node, service, arena);
	return listen;
}

static void path_address(const char *path, struct lab_socket_address *address)
{
	address->path.sun_family = AF_UNIX;
	snprintf(address->path.sun_path, sizeof(address->path.sun_path), "%s", path);
	address->size = sizeof(address->path);
}

static void port_address(const char *text, uint16_t port, struct lab_socket_address *address)
{
	if (strchr(text, ':')) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(port);
		inet_pton(AF_INET6, text, &address->v6.sin6_addr);
		address->size = sizeof(address->v6);
	} else {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons(port);
		inet_pton(AF_INET, text, &address->v4.sin_addr);
		address->size = sizeof(address->v4);
	}
}

bool lab_socket_address(const struct lab_listen *listen, size_t index,
			struct lab_socket_address *ret_address)
{
	if (listen->socket ? index > 0 : !listen->addresses[index])
		return false;
	memset(ret_address, 0, sizeof(*ret_address));
	if (listen->socket)
		path_address(listen->socket, ret_address);
	else
		port_address(listen->addresses[index], listen->port, ret_address);
	return true;
}

bool lab_listen_has(const struct lab_listen *listen, const struct address *address)
{
	for (size_t a = 0; listen->addresses && listen->addresses[a]; a++)
		if (strcmp(listen->addresses[a], address->text) == 0)
			return true;
	return false;
}

const char *lab_listen_text(const struct lab_listen *listen, struct arena *arena)
{
	return listen->socket ? listen->socket
			      : arena_format(arena, "port %u", (unsigned)listen->port);
}
