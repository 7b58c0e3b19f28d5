#include "exec/lab/network/ports.h"

#include <string.h>

/* Something that listens. */
struct listener {
	const char *name;
	const char *socket; /* NULL: a port */
	uint16_t port;
	enum service_listen scope;
};

/* Whether one cannot listen where the other does. */
static bool collide(const struct listener *a, const struct listener *b)
{
	if (a->socket || b->socket)
		return a->socket && b->socket && strcmp(a->socket, b->socket) == 0;
	return a->port == b->port &&
	       (a->scope == LISTEN_ANY || b->scope == LISTEN_ANY || a->scope == b->scope);
}

static struct listener listener_of(const struct service *service)
{
	return (struct listener){service->name, service->socket, service->port, service->listen};
}

/* Returns the name of what listens where a service is to, or NULL. */
static const char *earlier_listener(const struct host *host, size_t service)
{
	const struct listener listener = listener_of(&host->services[service]);
	const struct listener sshd = {"ssh", NULL, host->ssh->port, LISTEN_ANY};

	if (!host->ssh->none && collide(&sshd, &listener))
		return sshd.name;
	for (size_t s = 0; s < service; s++) {
		const struct listener earlier = listener_of(&host->services[s]);

		if (collide(&earlier, &listener))
			return earlier.name;
	}
	return NULL;
}

/* A host of the lab has a /run of its own, and all else in common with the machine. */
static bool is_own(const char *path)
{
	return strncmp(path, "/run/", 5) == 0 || strncmp(path, "/var/run/", 9) == 0;
}

static const char *service_problem(const struct host *host, size_t index, struct arena *arena)
{
	const struct service *service = &host->services[index];
	const char *earlier = earlier_listener(host, index);

	if (earlier)
		return arena_format(arena,
				    "on %s, %s and %s both listen on %s; in a lab each needs its "
				    "own",
				    host->name, earlier, service->name,
				    service->socket
					    ? service->socket
					    : arena_format(arena, "port %u", service->port));
	if (service->socket && !is_own(service->socket))
		return arena_format(arena,
				    "on %s, %s listens on %s; in a lab only what is under /run is "
				    "a host's own",
				    host->name, service->name, service->socket);
	if (service->socket && service->lab == LAB_PROXY)
		return arena_format(arena,
				    "on %s, %s listens on a socket; in a lab a proxy needs a port",
				    host->name, service->name);
	return NULL;
}

bool lab_ports_check(const struct topology *topology, struct arena *arena, const char **ret_problem)
{
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		for (size_t s = 0; s < host->service_count; s++) {
			const char *problem = service_problem(host, s, arena);

			if (!problem)
				continue;
			*ret_problem = problem;
			return false;
		}
	}
	return true;
}
