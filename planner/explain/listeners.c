#include "planner/explain/listeners.h"

#include <string.h>

#include "planner/reach/reach.h"
#include "topology/language/address.h"

static bool has_address(const struct interface *interface, const char *address)
{
	for (size_t i = 0; i < interface->address_count; i++)
		if (strcmp(interface->addresses[i].text, address) == 0)
			return true;
	return false;
}

/* The family whose every address a listener has: ssh listens on `::` for IPv6 alone. */
static enum address_family family_of(const struct plan *plan, const struct plan_end *end)
{
	const struct sshd_settings *sshd = plan->topology->hosts[end->host].sshd;

	if (end->host != plan->me && sshd && sshd->gateway_ports == SSHD_GATEWAY_YES)
		return ADDRESS_NAME;
	return strchr(end->address, ':') ? ADDRESS_IPV6 : ADDRESS_IPV4;
}

/*
 * "dmz, app": the VLANs on which an address of a host is seen, or every one of a family; "" when it is on
 * none.
 */
static const char *vlans_text(const struct plan *plan, size_t host, const char *address,
			      enum address_family family, struct arena *arena)
{
	const struct host *at = &plan->topology->hosts[host];
	const struct interface *interface = NULL;
	const struct address *source;
	const char *text = "";

	while ((interface = reach_next_interface(plan->topology, at, interface)))
		if (address_is_wildcard(address)
			    ? match_source(plan->topology, interface, family, &source)
			    : has_address(interface, address))
			text = arena_format(arena, "%s%s%s", text, *text ? ", " : "",
					    plan->topology->vlans[interface->vlan].name);
	return text;
}

static const char *open_to(const struct plan *plan, const struct plan_end *end, struct arena *arena)
{
	static const char *const every[] = {
		[ADDRESS_NAME] = "any address of",
		[ADDRESS_IPV4] = "any IPv4 address of",
		[ADDRESS_IPV6] = "any IPv6 address of",
	};
	const char *name = plan->topology->hosts[end->host].name, *what = end->address;
	enum address_family family;
	const char *vlans;

	if (end->joint)
		return arena_format(arena, "nobody but you, on %s", name);
	if (end->socket)
		return arena_format(arena, "programs on %s that may open the file", name);
	if (address_is_loopback(end->address))
		return arena_format(arena, "every program on %s", name);
	family = family_of(plan, end);
	vlans = vlans_text(plan, end->host, end->address, family, arena);
	if (address_is_wildcard(end->address))
		what = arena_format(arena, "%s %s", every[family], name);
	return arena_format(arena, "anyone who can reach %s%s%s, unless a rule denies it", what,
			    *vlans ? " over " : "", vlans);
}

void listeners_add(struct plan *plan, struct arena *arena)
{
	plan->listener_count = plan->forward_count;
	plan->listeners = arena_array(arena, plan->listener_count, sizeof(*plan->listeners));
	for (size_t i = 0; i < plan->forward_count; i++) {
		const struct plan_end *end = &plan->forwards[i].ingress;

		plan->listeners[i] = (struct plan_listener){
			.forward = i,
			.open_to = open_to(plan, end, arena),
			.loopback = end->joint || end->socket || address_is_loopback(end->address),
		};
	}
}
