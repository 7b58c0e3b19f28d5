/*
 * L005: hosts that no other host can reach, neither their sshd nor a service.
 *
 * The same model as reach.h of the planner: a connection to a VLAN that the source is on uses that
 * VLAN, any other is routed; the first matching rule decides; without one, connections inside a
 * VLAN are allowed. A range that a rule allows may include a machine outside the file, so a host
 * that the range may reach counts as reachable.
 */
#include "topology/lint/lint_parts.h"

/* A port of a host, at one of its addresses. */
struct target {
	struct linter *linter;
	size_t host;
	struct match_point point;
	uint16_t port;
	struct rule_list rules;      /* those that end at the point */
	struct rule_list denies;     /* of these, what comes before the rule that is looked at */
	const struct rule *obstacle; /* a rule that keeps somebody off, or NULL */
};

/* --- who may come */

/* Whether no rule so far keeps a source off. */
static bool passes(struct target *target, const struct match_point *from)
{
	const struct topology *topology = target->linter->topology;

	for (size_t i = 0; i < target->denies.count; i++) {
		const struct rule *rule = &topology->rules[target->denies.items[i]];

		if (!budget_spend(&target->linter->budget, match_cost(topology, &rule->from, from)))
			return false;
		if (!match_end(topology, &rule->from, from))
			continue;
		target->obstacle = rule;
		return false;
	}
	return true;
}

/* Whether a source is on the target's VLAN, too: then it does not come by way of another. */
static bool has_shorter_way(const struct target *target, const struct member *source)
{
	struct vlan_members_walk walk = {.vlan_members = &target->linter->vlan_members,
					 .host = source->host,
					 .certain = true};
	struct member member;

	if (source->interface->vlan == target->point.vlan || source->host == TOPOLOGY_NONE)
		return false;
	while (vlan_members_next(&walk, &member) && budget_spend(&target->linter->budget, 1)) {
		if (member.interface->vlan == target->point.vlan &&
		    vlan_members_together(source, &member))
			return true;
	}
	return false;
}

/* Whether a source can come from one of its interfaces. */
static bool comes_from(struct target *target, const struct member *source)
{
	const struct address *address = target->point.address;
	struct match_point from = {source->host, source->interface->vlan, NULL};

	return source->host != target->host &&
	       match_source(target->linter->topology, source->interface,
			    address ? address->family : ADDRESS_NAME, &from.address) &&
	       !has_shorter_way(target, source) && passes(target, &from);
}

static bool comes_from_vlan(struct target *target, size_t vlan)
{
	size_t count;
	const struct member *members =
		vlan_members_on(&target->linter->vlan_members.all, vlan, &count);

	for (size_t i = 0; i < count; i++) {
		if (!budget_spend(&target->linter->budget, 1))
			return false;
		if (comes_from(target, &members[i]))
			return true;
	}
	return false;
}

/* vlan: the one on which the host is meant, or TOPOLOGY_NONE. */
static bool comes_from_host(struct target *target, size_t host, size_t vlan)
{
	struct vlan_members_walk walk = {.vlan_members = &target->linter->vlan_members,
					 .host = host};
	struct member source;

	while (vlan_members_next(&walk, &source)) {
		if (!budget_spend(&target->linter->budget, 1))
			return false;
		if ((vlan == TOPOLOGY_NONE || vlan == source.interface->vlan) &&
		    comes_from(target, &source))
			return true;
	}
	return false;
}

/* Whether one rule so far keeps off all whom an end means. */
static bool is_kept_off(struct target *target, const struct rule_end *end)
{
	for (size_t i = 0; i < target->denies.count; i++) {
		const struct rule *rule = &target->linter->topology->rules[target->denies.items[i]];

		if (!subsume_end(&target->linter->subsume, &rule->from, end))
			continue;
		target->obstacle = rule;
		return true;
	}
	return false;
}

/* Whether somebody whom an end means gets past the rules so far. The end is no set. */
static bool comes_from_one(struct target *target, const struct rule_end *end)
{
	switch (end->kind) {
	case RULE_ANY:
	case RULE_CIDR:
		return !is_kept_off(target, end);
	case RULE_VLAN:
		return !is_kept_off(target, end) && comes_from_vlan(target, end->vlan);
	case RULE_HOST:
		return comes_from_host(target, end->host, TOPOLOGY_NONE);
	case RULE_HOST_AT_VLAN:
		return comes_from_host(target, end->host, end->vlan);
	case RULE_SET:
		break;
	}
	return false;
}

static bool comes_from_end(struct target *target, const struct rule_end *end)
{
	size_t count;
	const struct rule_end *ends = topology_ends(target->linter->topology, end, &count);

	for (size_t i = 0; i < count && budget_spend(&target->linter->budget, 1); i++) {
		if (comes_from_one(target, &ends[i]))
			return true;
	}
	return false;
}

/* --- where they may come to */

/* Whether the target is on its VLAN with somebody else. */
static bool has_neighbours(const struct target *target)
{
	size_t count;
	const struct member *members =
		vlan_members_on(&target->linter->vlan_members.all, target->point.vlan, &count);

	for (size_t i = 0; i < count && budget_spend(&target->linter->budget, 1); i++) {
		if (members[i].host != target->host)
			return true;
	}
	return false;
}

/* Whether somebody reaches the port. */
static bool is_open(struct target *target)
{
	const struct topology *topology = target->linter->topology;
	const struct rule_end neighbours = {.kind = RULE_VLAN, .vlan = target->point.vlan};

	target->denies.count = 0;
	for (size_t i = 0; i < target->rules.count; i++) {
		const struct rule *rule = &topology->rules[target->rules.items[i]];

		budget_spend(&target->linter->budget, rule->port_count + 1);
		if (!match_port(rule, target->port))
			continue;
		if (!rule->allow)
			rule_list_add(&target->denies, target->rules.items[i],
				      target->linter->scratch);
		else if (comes_from_end(target, &rule->from))
			return true;
	}
	return has_neighbours(target) && comes_from_one(target, &neighbours);
}

static bool listens_on(const struct service *service, size_t vlan)
{
	for (size_t i = 0; i < service->listen_count; i++) {
		if (service->listen_vlans[i] == vlan)
			return true;
	}
	return service->listen == LISTEN_ANY;
}

/* Whether the service is one that others can connect to, wherever it listens. */
static bool is_offered(const struct service *service)
{
	return service->port && service->listen != LISTEN_LOOPBACK;
}

/* Whether somebody reaches any port at the point. */
static bool is_any_open(struct target *target)
{
	const struct host *host = &target->linter->topology->hosts[target->host];

	rule_query_match(&target->linter->to, &target->point, &target->rules);
	target->port = host->ssh->port;
	if (!host->ssh->none && is_open(target))
		return true;
	for (size_t i = 0; i < host->service_count; i++) {
		const struct service *service = &host->services[i];

		if (!budget_spend(&target->linter->budget, 1 + service->listen_count))
			return true;
		target->port = service->port;
		if (is_offered(service) && listens_on(service, target->point.vlan) &&
		    is_open(target))
			return true;
	}
	return false;
}

/* Whether somebody reaches the host at an interface. */
static bool is_open_at(struct target *target, const struct interface *interface)
{
	const size_t count = interface->address_count;

	for (size_t i = 0; i < (count ? count : 1); i++) {
		target->point = (struct match_point){target->host, interface->vlan,
						     count ? &interface->addresses[i] : NULL};
		if (is_any_open(target))
			return true;
	}
	return false;
}

/* --- which hosts */

/* Whether a host says that it is published somewhere, at all or by one of its services. */
static bool is_published(const struct host *host)
{
	for (size_t i = 0; i < host->service_count; i++) {
		if (host->services[i].published_count)
			return true;
	}
	return host->published_count > 0;
}

/* Whether a host has anything for others. */
static bool offers(const struct host *host)
{
	for (size_t i = 0; i < host->service_count; i++) {
		if (is_offered(&host->services[i]))
			return true;
	}
	return !host->ssh->none;
}

/* Whether nobody has to reach a host: it is me, or may be for all that the file says. */
static bool may_be_me(const struct topology *topology, size_t host)
{
	if (topology->me != TOPOLOGY_NONE)
		return topology->me == host;
	return !topology->hosts[host].ssh->stated && !topology->hosts[host].service_count;
}

static void report(const struct target *target)
{
	const struct topology *topology = target->linter->topology;
	const struct host *host = &topology->hosts[target->host];
	const char *why = "nobody else is on its VLANs, and no rule allows it from elsewhere";
	struct diag *diag;

	if (host->interface_count == 0)
		why = "it is on no VLAN";
	else if (target->obstacle)
		why = "rules deny it";
	diag = diag_lint(target->linter->diags, LINT_UNREACHABLE, host->at,
			 "nobody reaches host '%s': %s", host->name, why);
	if (target->obstacle) {
		diag->related = target->obstacle->at;
		diag->related_text = "this rule denies it";
	}
	if (host->interface_count == 0)
		diag->help = "name its VLANs, or say by 'at' where it is published";
	else if (host->service_count == 0)
		diag->help = "allow it from somewhere, or say ssh: none if nobody is to log in";
	else
		diag->help = "allow it from somewhere, or say by 'at' where it is published";
}

void lint_unreachable(struct linter *linter)
{
	const struct topology *topology = linter->topology;
	struct target target = {.linter = linter};

	for (size_t h = 0; h < topology->host_count && !budget_is_spent(&linter->budget); h++) {
		const struct host *host = &topology->hosts[h];
		bool reached = false;

		if (may_be_me(topology, h) || is_published(host) || !offers(host))
			continue;
		target.host = h;
		target.obstacle = NULL;
		for (size_t i = 0; i < host->interface_count && !reached; i++)
			reached = is_open_at(&target, &host->interfaces[i]);
		/* Another lint may be about the rule already. */
		if (!reached && !budget_is_spent(&linter->budget) &&
		    !(target.obstacle && linter->reported[target.obstacle - topology->rules]))
			report(&target);
	}
}
