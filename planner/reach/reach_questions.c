/*
 * What else is asked of connections: by which VLANs they leave, and why one is impossible.
 */
#include "planner/reach/reach.h"

#include <string.h>

/* --- the interfaces by which a connection may leave */

/* The connection, and whether it may leave by an interface. */
struct leaving {
	size_t vlan;
	const char *address; /* NULL: any */
	size_t from_vlan;
	bool may;
};

static void note_leaving(void *context, const struct reach *reach)
{
	struct leaving *leaving = context;

	leaving->may |= reach->open && reach->from_vlan == leaving->from_vlan &&
			reach->vlan == leaving->vlan &&
			(!leaving->address || strcmp(reach->address, leaving->address) == 0);
}

struct reach_vlans reach_leaving(const struct network_index *network_index, size_t from,
				 enum reach_by by, const struct reach_to *to, size_t vlan,
				 const char *address, struct arena *arena)
{
	const struct topology *topology = network_index->topology;
	const struct host *source = &topology->hosts[from];
	size_t *vlans = arena_array(arena, source->interface_count, sizeof(*vlans)), count = 0;
	const struct interface *by_this = NULL;

	while ((by_this = reach_next_interface(topology, source, by_this))) {
		struct leaving leaving = {
			.vlan = vlan, .address = address, .from_vlan = by_this->vlan};

		reach_each(network_index, from, by, to, note_leaving, &leaving);
		if (leaving.may)
			vlans[count++] = by_this->vlan;
	}
	return (struct reach_vlans){vlans, count};
}

struct reach_to reach_to_sshd(const struct topology *topology, size_t host)
{
	return (struct reach_to){
		.host = host,
		.vlan = TOPOLOGY_NONE,
		.port = topology->hosts[host].ssh->port,
		.published = topology->hosts[host].published,
		.published_count = topology->hosts[host].published_count,
	};
}

/* --- words */

/* "a rule denies it", with what the rule's owner calls it and says of it. */
static const char *rule_why(const struct rule *rule, struct arena *arena)
{
	const char *text = "a rule denies it";

	if (rule->id)
		text = arena_format(arena, "rule %s denies it", rule->id);
	if (rule->reason)
		text = arena_format(arena, "%s: %s", text, rule->reason);
	return text;
}

const char *reach_why(const struct reach *reach, const struct host *from, struct arena *arena)
{
	switch (reach->reason) {
	case REASON_RULE_DENY:
		return rule_why(reach->rule, arena);
	case REASON_FAMILY:
		if (reach->left_out)
			return "`AddressFamily` in its options leaves the address out";
		return "they have no address family in common";
	case REASON_CONSTRAINT:
		return "the tunnel avoids the VLAN";
	case REASON_FWD_OFF:
		return arena_format(arena, "the sshd of %s forwards nothing", from->name);
	case REASON_PERMIT_OPEN:
		return arena_format(arena, "the PermitOpen of %s does not have %s", from->name,
				    reach->address ? reach->address : "it");
	case REASON_LOOPBACK_ONLY:
		return reach->address ? "the service does not listen there"
				      : "a unix socket can be opened on its own host only";
	case REASON_NOT_JUMP:
		return "`jump: no`";
	default:
		return "they share no VLAN and no rule allows it";
	}
}
