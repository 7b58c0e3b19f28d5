#include "planner/model/endpoint.h"

#include <string.h>

const char *endpoint_host(const char *address, struct arena *arena)
{
	return strchr(address, ':') ? arena_format(arena, "[%s]", address) : address;
}

const char *endpoint_text(const char *address, uint16_t port, struct arena *arena)
{
	return arena_format(arena, "%s:%u", endpoint_host(address, arena), port);
}

void endpoint_add(const char *address, uint16_t port, struct strbuf *text)
{
	strbuf_printf(text, strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, port);
}

const char *endpoint_name(const struct plan *plan, const struct plan_end *end, struct arena *arena)
{
	const char *host = end->host == TOPOLOGY_NONE ? endpoint_host(end->address, arena)
						      : plan->topology->hosts[end->host].name;

	if (end->joint)
		return arena_format(arena, "a socket on %s", host);
	if (end->socks)
		return arena_format(arena, "socks@%s", host);
	if (end->socket)
		return arena_format(arena, "%s:%s", host, end->socket);
	if (end->any_port)
		return arena_format(arena, "%s:auto", host);
	return arena_format(arena, "%s:%u", host, end->port);
}

const char *endpoint_dialled(const struct plan_end *end, struct arena *arena)
{
	if (end->joint)
		return "a socket of your own";
	if (end->socks)
		return "socks";
	if (end->socket)
		return end->socket;
	if (end->any_port)
		return arena_format(arena, "%s:auto", endpoint_host(end->address, arena));
	return endpoint_text(end->address, end->port, arena);
}
