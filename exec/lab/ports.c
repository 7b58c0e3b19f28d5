#include "exec/lab/ports.h"

/* Returns what listens on a port before the service of that index does, or NULL. */
static const char *earlier_listener(const struct host *host, size_t service)
{
	uint16_t port = host->services[service].port;

	if (!host->ssh->none && host->ssh->port == port)
		return "ssh";
	for (size_t s = 0; s < service; s++)
		if (host->services[s].port == port)
			return host->services[s].name;
	return NULL;
}

bool lab_ports_check(const struct topology *topology, struct arena *arena, const char **ret_problem)
{
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		for (size_t s = 0; s < host->service_count; s++) {
			const char *earlier = earlier_listener(host, s);

			if (!earlier)
				continue;
			*ret_problem = arena_format(
				arena,
				"on %s, %s and %s both listen on port %u; in a lab each needs its "
				"own",
				host->name, earlier, host->services[s].name,
				(unsigned)host->services[s].port);
			return false;
		}
	}
	return true;
}
