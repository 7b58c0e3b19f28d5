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

void endpoint_add_name(const struct plan *plan, const struct plan_end *end, struct strbuf *text)
{
	const char *host =
		end->host == TOPOLOGY_NONE ? end->address : plan->topology->hosts[end->host].name;

	if (end->joint)
		strbuf_puts(text, "a socket on ");
	else if (end->socks)
		strbuf_puts(text, "socks@");
	/* The name of a host has no colon. */
	strbuf_printf(text, strchr(host, ':') ? "[%s]" : "%s", host);
	if (end->joint || end->socks)
		return;
	if (end->socket)
		strbuf_printf(text, ":%s", end->socket);
	else if (end->any_port)
		strbuf_puts(text, ":auto");
	else
		strbuf_printf(text, ":%u", end->port);
}

const char *endpoint_name(const struct plan *plan, const struct plan_end *end, struct arena *arena)
{
	struct strbuf text = {0};
	const char *name;

	endpoint_add_name(plan, end, &text);
	name = arena_copy(arena, strbuf_text(&text), text.length);
	strbuf_finish(&text);
	return name;
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
