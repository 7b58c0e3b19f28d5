#include "planner/search/change.h"

#include <string.h>

#include "planner/model/endpoint.h"

static const char *name_of(const struct goal *goal, size_t host)
{
	return host == TOPOLOGY_NONE ? goal->text : goal_host(goal, host)->name;
}

/* "app1@app", or the name alone where it is on no VLAN of the file, or is only published there. */
static const char *point_text(const struct goal *goal, size_t host, size_t vlan,
			      struct arena *arena)
{
	if (host == TOPOLOGY_NONE || vlan == TOPOLOGY_NONE ||
	    !host_interface(goal_host(goal, host), vlan))
		return name_of(goal, host);
	return arena_format(arena, "%s@%s", name_of(goal, host),
			    goal->network_index->topology->vlans[vlan].name);
}

/* The end of a rule to which a connection is to be let. */
static const char *rule_end_text(const struct goal *goal, const struct plan_change *change,
				 struct arena *arena)
{
	if (change->to != TOPOLOGY_NONE)
		return point_text(goal, change->to, change->vlan, arena);
	return arena_format(arena, "%s/%d", change->address,
			    strchr(change->address, ':') ? 128 : 32);
}

/* The rule that would let it through. */
static const char *rule_text(const struct goal *goal, const struct plan_change *change,
			     struct arena *arena)
{
	return arena_format(arena, "allow: %s -> %s %u",
			    point_text(goal, change->from, change->from_vlan, arena),
			    rule_end_text(goal, change, arena), change->port);
}

static const char *precede_text(const struct goal *goal, const struct plan_change *change,
				struct arena *arena)
{
	const struct rule *rule = change->rule;

	return arena_format(arena, "a rule denies%s%s%s%s: put `%s` before it",
			    rule->id ? " it (" : " it", rule->id ? rule->id : "",
			    rule->id ? ")" : "",
			    rule->reason ? arena_format(arena, ", because %s", rule->reason) : "",
			    rule_text(goal, change, arena));
}

static const char *setting_text(const struct goal *goal, const struct plan_change *change,
				struct arena *arena)
{
	static const struct {
		const char *keyword;
		const char *value; /* what it would have to be; NULL: a list that lacks an entry */
	} settings[SSHD_KEYWORDS] = {
		[SSHD_ALLOW_TCP_FORWARDING] = {"AllowTcpForwarding", "yes"},
		[SSHD_ALLOW_STREAM_LOCAL_FORWARDING] = {"AllowStreamLocalForwarding", "yes"},
		[SSHD_DISABLE_FORWARDING] = {"DisableForwarding", "no"},
		[SSHD_GATEWAY_PORTS] = {"GatewayPorts", "clientspecified"},
		[SSHD_PERMIT_OPEN] = {"PermitOpen", NULL},
		[SSHD_PERMIT_LISTEN] = {"PermitListen", NULL},
		[SSHD_MAX_SESSIONS] = {"MaxSessions", "more than 0"},
	};
	const char *keyword = settings[change->keyword].keyword,
		   *name = name_of(goal, change->from);
	const char *entry = "what it is to open";

	if (settings[change->keyword].value)
		return arena_format(arena, "%s of %s would have to be %s%s", keyword, name,
				    settings[change->keyword].value,
				    change->reason == REASON_FWD_OFF && !change->of_end
					    ? "; or, if it has socat or nc, say `relay`"
					    : "");
	if (change->address && change->port)
		entry = endpoint_text(change->address, change->port, arena);
	else if (change->address)
		entry = arena_format(arena, "%s:*", endpoint_host(change->address, arena));
	return arena_format(arena, "%s of %s lacks %s", keyword, name, entry);
}

/* Where the VLAN has no range of the family, it needs one first, and what has no address there no more. */
static const char *family_text(const struct goal *goal, const struct plan_change *change,
			       struct arena *arena)
{
	const struct topology *topology = goal->network_index->topology;
	const struct vlan *vlan = &topology->vlans[change->from_vlan];
	const struct interface *leaving =
		host_interface(&topology->hosts[change->from], change->from_vlan);
	const char *needs = arena_format(arena, "%s would need an address",
					 point_text(goal, change->from, change->from_vlan, arena));

	if (!match_family(vlan, strchr(change->address, ':') ? ADDRESS_IPV6 : ADDRESS_IPV4))
		needs = arena_format(arena, "%s would need a range%s%s%s", vlan->name,
				     leaving->address_count ? ", and " : "",
				     leaving->address_count ? name_of(goal, change->from) : "",
				     leaving->address_count ? " an address," : "");
	return arena_format(arena, "%s of the same family as %s on %s", needs, change->address,
			    change->to == TOPOLOGY_NONE ? "its side" : name_of(goal, change->to));
}

const char *change_text(const struct goal *goal, const struct plan_change *change,
			struct arena *arena)
{
	const char *from = name_of(goal, change->from), *to = name_of(goal, change->to);

	switch (change->kind) {
	case CHANGE_ADD_PORT:
		return arena_format(
			arena, "this rule covers the same source and destination, but not port %u",
			change->port);
	case CHANGE_ALLOW:
		return arena_format(arena, "no rule allows it: add `%s`",
				    rule_text(goal, change, arena));
	case CHANGE_PRECEDE:
		return precede_text(goal, change, arena);
	case CHANGE_SETTING:
		return setting_text(goal, change, arena);
	case CHANGE_STATE_SSH:
		return arena_format(arena, "if you can log in to %s, state it: `ssh: {}`", to);
	case CHANGE_KEY:
		return arena_format(arena,
				    "%s cannot log in to %s: its `keys` would have to list it",
				    from, to);
	case CHANGE_JUMP:
		return arena_format(arena, "%s says `jump: no`", to);
	case CHANGE_LISTEN:
		return arena_format(arena, "the service would have to listen on %s, too",
				    goal->network_index->topology->vlans[change->vlan].name);
	case CHANGE_ADDRESS:
		return family_text(goal, change, arena);
	case CHANGE_CONSTRAINT:
		break;
	}
	return NULL;
}
