#include "tests/oracle/net.h"

#include <string.h>

/* --- rule 2: the rules of reachability */

struct oracle_point {
	size_t host;                   /* TOPOLOGY_NONE: no host of the file */
	size_t vlan;                   /* TOPOLOGY_NONE: none of the file */
	const struct address *address; /* NULL: not given */
};

/* Whether what has so many bits at least of an address is all in a range. */
static bool oracle_in_range(const struct cidr *range, uint8_t family, const uint8_t *bytes,
			    unsigned bits)
{
	for (unsigned i = 0; i < range->prefix; i++)
		if ((range->bytes[i / 8] ^ bytes[i / 8]) & 0x80u >> i % 8)
			return false;
	return range->family == family && range->prefix <= bits;
}

static bool oracle_range(const struct topology *topology, const struct cidr *range,
			 const struct oracle_point *point)
{
	const struct vlan *vlan;

	if (point->address && point->address->family != ADDRESS_NAME)
		return oracle_in_range(range, point->address->family, point->address->bytes, 128);
	if (point->vlan == TOPOLOGY_NONE)
		return false;
	vlan = &topology->vlans[point->vlan];
	for (size_t i = 0; i < vlan->cidr_count; i++)
		if (!oracle_in_range(range, vlan->cidrs[i].family, vlan->cidrs[i].bytes,
				     vlan->cidrs[i].prefix))
			return false;
	return vlan->cidr_count > 0;
}

static bool oracle_end(const struct topology *topology, const struct rule_end *end,
		       const struct oracle_point *point)
{
	bool any = false;

	switch (end->kind) {
	case RULE_ANY:
		return true;
	case RULE_HOST:
		return point->host == end->host;
	case RULE_VLAN:
		return point->vlan == end->vlan;
	case RULE_HOST_AT_VLAN:
		return point->host == end->host && point->vlan == end->vlan;
	case RULE_CIDR:
		return oracle_range(topology, &end->cidr, point);
	case RULE_SET:
		for (size_t i = 0; i < topology->sets[end->set].end_count; i++)
			any |= oracle_end(topology, &topology->sets[end->set].ends[i], point);
	}
	return any;
}

/* Whether the rules leave a connection open; where none decides, `otherwise` holds. */
static bool oracle_rules(const struct topology *topology, const struct oracle_point *from,
			 const struct oracle_point *to, uint16_t port, bool otherwise)
{
	for (size_t r = 0; r < topology->rule_count; r++) {
		const struct rule *rule = &topology->rules[r];
		bool is_port = rule->port_count == 0;

		for (size_t i = 0; i < rule->port_count; i++)
			is_port |= port >= rule->ports[i].first && port <= rule->ports[i].last;
		if (is_port && oracle_end(topology, &rule->from, from) &&
		    oracle_end(topology, &rule->to, to))
			return rule->allow;
	}
	return otherwise;
}

/* --- rules 1 to 6 and 8: connections */

struct oracle_dialling {
	const struct topology *topology;
	size_t from;
	bool sshd; /* it is the sshd that dials; else a process */
	const struct oracle_target *target;
	struct oracle_dial best;
};

const char *oracle_vlan_name(const struct topology *topology, size_t vlan)
{
	return vlan == TOPOLOGY_NONE ? "" : topology->vlans[vlan].name;
}

uint8_t oracle_trust(const struct topology *topology, const struct oracle_dial *dial)
{
	uint8_t trust = TRUST_NONE;

	if (dial->vlan != TOPOLOGY_NONE)
		trust = topology->vlans[dial->vlan].trust;
	if (dial->vlan != TOPOLOGY_NONE && topology->vlans[dial->vlan].encrypted && !dial->routed &&
	    !dial->published)
		return ORACLE_PRIVATE;
	if (dial->from_vlan != TOPOLOGY_NONE && dial->from_trust < trust)
		trust = dial->from_trust;
	return trust;
}

/* Rule 4: whether one open way goes before another. */
static bool oracle_before(const struct topology *topology, const struct oracle_dial *a,
			  const struct oracle_dial *b)
{
	int order;

	if (!b->open)
		return true;
	if (a->published != b->published)
		return b->published;
	if (a->routed != b->routed)
		return b->routed;
	if (a->by_name != b->by_name)
		return b->by_name;
	order = oracle_trust(topology, b) - oracle_trust(topology, a);
	if (order == 0)
		order = strcmp(oracle_vlan_name(topology, a->vlan),
			       oracle_vlan_name(topology, b->vlan));
	if (order == 0)
		order = strcmp(oracle_vlan_name(topology, a->from_vlan),
			       oracle_vlan_name(topology, b->from_vlan));
	return order < 0;
}

/* Takes a way that the rules leave open, if whoever dials may dial it. Returns whether he may. */
static bool oracle_offer(struct oracle_dialling *dialling, struct oracle_dial dial)
{
	const struct host *source = &dialling->topology->hosts[dialling->from];

	if (dialling->sshd && !oracle_may_open(source, dial.address, dial.port))
		return false;
	dial.open = true;
	dial.routed = dial.from_vlan != dial.vlan ||
		      (dialling->target->outside && dial.vlan == TOPOLOGY_NONE);
	if (oracle_before(dialling->topology, &dial, &dialling->best))
		dialling->best = dial;
	return true;
}

/* Rule 3: the address of an interface from which a family is dialled. */
static bool oracle_source(const struct topology *topology, const struct interface *leaving,
			  uint8_t family, const struct address **ret_source)
{
	const struct vlan *vlan = &topology->vlans[leaving->vlan];
	bool there = vlan->cidr_count == 0 || family == ADDRESS_NAME,
	     any = leaving->address_count == 0 || family == ADDRESS_NAME;

	*ret_source = NULL;
	for (size_t i = leaving->address_count; i-- > 0;) {
		if (leaving->addresses[i].family == ADDRESS_NAME)
			any = true;
		else if (leaving->addresses[i].family == family)
			*ret_source = &leaving->addresses[i];
	}
	for (size_t i = 0; i < vlan->cidr_count; i++)
		there |= vlan->cidrs[i].family == family;
	return (any && there) || *ret_source;
}

static bool oracle_avoids(const struct oracle_target *target, size_t vlan)
{
	for (size_t i = 0; target->options && i < target->options->avoid_vlan_count; i++)
		if (target->options->avoid_vlans[i] == vlan)
			return true;
	return false;
}

/* Whether a connection from an interface to an address (NULL: not given) on a VLAN is let through. */
static bool oracle_let_through(const struct oracle_dialling *dialling,
			       const struct interface *leaving, size_t vlan,
			       const struct address *address, uint16_t port)
{
	const struct oracle_target *target = dialling->target;
	const struct address *source;
	struct oracle_point from = {dialling->from, leaving->vlan, NULL};
	const struct oracle_point to = {target->host, vlan, address};

	if (!oracle_source(dialling->topology, leaving, address ? address->family : ADDRESS_NAME,
			   &source))
		return false;
	if (target->family && address &&
	    ((address->family == ADDRESS_IPV4 && !strcmp(target->family, "inet6")) ||
	     (address->family == ADDRESS_IPV6 && !strcmp(target->family, "inet"))))
		return false;
	if (oracle_avoids(target, leaving->vlan) || oracle_avoids(target, vlan))
		return false;
	from.address = source;
	return oracle_rules(dialling->topology, &from, &to, port,
			    vlan == leaving->vlan || (target->outside && vlan == TOPOLOGY_NONE));
}

/* Rule 1: it may leave by any interface by which the same address may be dialled. */
static uint8_t oracle_from_trust(const struct oracle_dialling *dialling,
				 const struct interface *leaving, size_t vlan,
				 const struct address *address, uint16_t port)
{
	const struct host *source = &dialling->topology->hosts[dialling->from];
	uint8_t trust = dialling->topology->vlans[leaving->vlan].trust;

	for (size_t i = 0; leaving->vlan != vlan && i < source->interface_count; i++) {
		const struct interface *one = &source->interfaces[i];

		if (oracle_let_through(dialling, one, vlan, address, port) &&
		    dialling->topology->vlans[one->vlan].trust < trust)
			trust = dialling->topology->vlans[one->vlan].trust;
	}
	return trust;
}

/* One interface to one presence on a VLAN; published: at one address and port. */
static void oracle_over(struct oracle_dialling *dialling, const struct interface *leaving,
			size_t vlan, const struct address *addresses, size_t count,
			const struct publication *published)
{
	const uint16_t port = published ? published->port : dialling->target->port;
	struct oracle_dial dial = {.published = published != NULL,
				   .port = port,
				   .from_vlan = leaving->vlan,
				   .vlan = vlan};
	const struct address *named = NULL;
	bool refused = count == 0 && oracle_let_through(dialling, leaving, vlan, NULL, port);

	for (size_t i = 0; i < count; i++) {
		if (!oracle_let_through(dialling, leaving, vlan, &addresses[i], port))
			continue;
		dial.address = addresses[i].text;
		dial.by_name = addresses[i].family == ADDRESS_NAME;
		dial.from_trust = oracle_from_trust(dialling, leaving, vlan, &addresses[i], port);
		if (oracle_offer(dialling, dial))
			return;
		named = refused ? named : &addresses[i];
		refused = true;
	}
	if (!refused || published || dialling->target->outside)
		return;
	dial.address = dialling->topology->hosts[dialling->target->host].name;
	dial.by_name = true;
	dial.from_trust = oracle_from_trust(dialling, leaving, vlan, named, port);
	oracle_offer(dialling, dial);
}

/* Rule 1: by the source's interface on that VLAN, or by each. */
static void oracle_to_vlan(struct oracle_dialling *dialling, size_t vlan,
			   const struct address *addresses, size_t count,
			   const struct publication *published)
{
	const struct host *source = &dialling->topology->hosts[dialling->from];
	bool shared = false;

	for (size_t i = 0; i < source->interface_count; i++)
		shared |= source->interfaces[i].vlan == vlan;
	for (size_t i = 0; i < source->interface_count; i++)
		if (!shared || source->interfaces[i].vlan == vlan)
			oracle_over(dialling, &source->interfaces[i], vlan, addresses, count,
				    published);
}

static bool oracle_listens_on(const struct service *service, size_t vlan)
{
	bool listens = !service || service->listen == LISTEN_ANY;

	for (size_t i = 0; service && i < service->listen_count; i++)
		listens |= service->listen_vlans[i] == vlan;
	return listens;
}

/* Rule 6. */
static void oracle_to_published(struct oracle_dialling *dialling)
{
	const struct oracle_target *target = dialling->target;

	for (size_t i = 0; i < target->published_count; i++) {
		const struct publication *at = &target->published[i];
		const bool wanted = target->vlan == TOPOLOGY_NONE || target->vlan == at->vlan;

		if (at->vlan != TOPOLOGY_NONE && wanted)
			oracle_to_vlan(dialling, at->vlan, &at->address, 1, at);
		if (at->host == dialling->from && wanted)
			oracle_offer(dialling, (struct oracle_dial){.published = true,
								    .address = at->address.text,
								    .by_name = at->address.family ==
									       ADDRESS_NAME,
								    .port = at->port,
								    .from_vlan = TOPOLOGY_NONE,
								    .vlan = TOPOLOGY_NONE});
	}
}

/* Returns the host's interface that comes next by its VLAN's name, or NULL. */
static const struct interface *oracle_next_interface(const struct topology *topology,
						     const struct host *host,
						     const struct interface *before)
{
	const struct interface *next = NULL;

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *one = &host->interfaces[i];
		const char *name = topology->vlans[one->vlan].name;

		if (before && strcmp(name, topology->vlans[before->vlan].name) <= 0)
			continue;
		if (!next || strcmp(name, topology->vlans[next->vlan].name) < 0)
			next = one;
	}
	return next;
}

/* Rule 8: on the host itself the first that may be dialled. */
static void oracle_inside(struct oracle_dialling *dialling)
{
	const struct oracle_target *target = dialling->target;
	const struct host *host = &dialling->topology->hosts[dialling->from];
	const struct service *service = target->service;
	const bool loopback =
		target->vlan == TOPOLOGY_NONE && !(service && service->listen == LISTEN_VLANS);
	struct oracle_dial dial = {
		.port = target->port, .from_vlan = TOPOLOGY_NONE, .vlan = TOPOLOGY_NONE};
	const struct interface *own = NULL;

	dial.address = "127.0.0.1";
	if (loopback && oracle_offer(dialling, dial))
		return;
	dial.address = "localhost";
	dial.by_name = true;
	if (loopback && oracle_offer(dialling, dial))
		return;
	while ((own = oracle_next_interface(dialling->topology, host, own))) {
		if (!oracle_listens_on(service, own->vlan) ||
		    (target->vlan != TOPOLOGY_NONE && target->vlan != own->vlan))
			continue;
		for (size_t i = 0; i < own->address_count; i++) {
			dial.address = own->addresses[i].text;
			dial.by_name = own->addresses[i].family == ADDRESS_NAME;
			if (target->written && strcmp(target->written->text, dial.address) != 0)
				continue;
			if (oracle_offer(dialling, dial))
				return;
		}
		dial.address = host->name;
		dial.by_name = true;
		if (own->address_count == 0 && oracle_offer(dialling, dial))
			return;
	}
}

/* Rule 5: the VLAN whose range holds an address. */
static size_t oracle_locate(const struct topology *topology, const struct address *address)
{
	size_t found = TOPOLOGY_NONE;
	int longest = -1;

	for (size_t v = 0; v < topology->vlan_count; v++)
		for (size_t i = 0; i < topology->vlans[v].cidr_count; i++) {
			const struct cidr *range = &topology->vlans[v].cidrs[i];

			if (!oracle_in_range(range, address->family, address->bytes, 128) ||
			    range->prefix < longest)
				continue;
			if (range->prefix == longest &&
			    strcmp(topology->vlans[v].name, topology->vlans[found].name) > 0)
				continue;
			found = v;
			longest = range->prefix;
		}
	return found;
}

struct oracle_dial oracle_dial(const struct topology *topology, size_t from, bool sshd,
			       const struct oracle_target *target)
{
	struct oracle_dialling dialling = {
		.topology = topology, .from = from, .sshd = sshd, .target = target};
	const struct host *host;

	if (target->own) {
		oracle_offer(&dialling, (struct oracle_dial){.address = target->outside->text,
							     .port = target->port,
							     .from_vlan = TOPOLOGY_NONE,
							     .vlan = TOPOLOGY_NONE});
		return dialling.best;
	}
	if (target->outside) {
		oracle_to_vlan(&dialling, oracle_locate(topology, target->outside), target->outside,
			       1, NULL);
		return dialling.best;
	}
	if (target->host == from) {
		oracle_inside(&dialling);
		return dialling.best;
	}
	host = &topology->hosts[target->host];
	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *arriving = &host->interfaces[i];

		if ((target->vlan == TOPOLOGY_NONE || target->vlan == arriving->vlan) &&
		    oracle_listens_on(target->service, arriving->vlan))
			oracle_to_vlan(&dialling, arriving->vlan,
				       target->written ? target->written : arriving->addresses,
				       target->written ? 1 : arriving->address_count, NULL);
	}
	oracle_to_published(&dialling);
	return dialling.best;
}
