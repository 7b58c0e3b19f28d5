/*
 * Listen: the addresses of a lab host on which a service listens.
 *
 * Pure: a service's `port`, `socket` and `listen` -> the addresses to bind.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_LISTEN_H
#define TUNPLAN_EXEC_LAB_NETWORK_LISTEN_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "exec/lab/network/node.h"

struct lab_listen {
	const char *const *addresses; /* numeric, NULL-terminated; NULL with socket */
	uint16_t port;                /* 0 with socket */
	const char *socket;           /* a unix path in the host's view, or NULL */
};

/* Returns all addresses of a port, IPv4 and IPv6. */
struct lab_listen lab_listen_any(uint16_t port);

/* Returns where a service of a node listens; the list is arena's. */
struct lab_listen lab_listen_service(const struct lab_node *node, const struct service *service,
				     struct arena *arena);

/* An address as the kernel wants it. */
struct lab_socket_address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un path;
	};
	socklen_t size; /* bytes */
};

/* Makes the address with that index. Returns false behind the last one. */
bool lab_socket_address(const struct lab_listen *listen, size_t index,
			struct lab_socket_address *ret_address);

/* Whether that very address is in the list. */
bool lab_listen_has(const struct lab_listen *listen, const struct address *address);

/* Returns the port or the path, as people read it; in arena. */
const char *lab_listen_text(const struct lab_listen *listen, struct arena *arena);

#endif
