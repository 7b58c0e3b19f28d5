#include "tests/random/follow.h"

#include "planner/search/change.h"
#include "tests/unit/planning.h"

/* Returns the list with room for one more. */
static void *follow_grow(struct follow *follow, const void *items, size_t count, size_t size)
{
	char *more = arena_array(follow->arena, count + 1, size);

	if (count)
		memcpy(more, items, count * size);
	return more;
}

/* Loads a text, and takes its first rule out of it. */
static struct rule follow_first_rule(struct follow *follow, const char *text)
{
	struct planning_case test;
	struct port_range *ports;
	struct rule rule;

	planning_load(&test, text);
	rule = test.topology->rules[0];
	ports = follow_grow(follow, rule.ports, rule.port_count, sizeof(*ports));
	rule.ports = ports;
	rule.from.cidr.text = rule.to.cidr.text = "";
	planning_finish(&test);
	return rule;
}

/* Returns the rule that a text in backticks is: as if it stood first in the file. */
static struct rule follow_read_rule(struct follow *follow, const char *what)
{
	static const char heading[] = "reachability:\n";
	const char *begin = strchr(what, '`') + 1, *place = strstr(follow->text, heading);
	const int length = (int)strcspn(begin, "`");
	const char *text;

	if (place)
		text = arena_format(follow->arena, "%.*s%s  - %.*s\n%s",
				    (int)(place - follow->text), follow->text, heading, length,
				    begin, place + strlen(heading));
	else
		text = arena_format(follow->arena, "%s  - %.*s\n%s", heading, length, begin,
				    follow->text);
	return follow_first_rule(follow, text);
}

static void follow_allow(struct follow *follow, const struct plan_change *change)
{
	struct topology *topology = follow->topology;
	const size_t count = topology->rule_count;
	const size_t at = change->rule ? (size_t)(change->rule - topology->rules) : count;
	struct rule *rules = follow_grow(follow, topology->rules, count, sizeof(*rules));

	memmove(&rules[at + 1], &rules[at], (count - at) * sizeof(*rules));
	rules[at] = follow_read_rule(follow, change->what);
	topology->rules = rules;
	topology->rule_count++;
}

static void follow_add_port(struct follow *follow, const struct plan_change *change)
{
	struct rule *rule = &follow->topology->rules[change->rule - follow->topology->rules];

	rule->ports = follow_grow(follow, rule->ports, rule->port_count, sizeof(*rule->ports));
	rule->ports[rule->port_count++] = (struct port_range){change->port, change->port};
}

static void follow_permit(struct follow *follow, struct sshd_permits *permits,
			  const struct plan_change *change)
{
	permits->items =
		follow_grow(follow, permits->items, permits->count, sizeof(*permits->items));
	permits->items[permits->count++] = (struct sshd_permit){
		.host = change->address ? change->address : "*",
		.port = change->port,
	};
	permits->kind = SSHD_PERMITS_LISTED;
}

static void follow_setting(struct follow *follow, const struct plan_change *change)
{
	struct sshd_settings *sshd = arena_alloc(follow->arena, sizeof(*sshd));
	struct host *host = &follow->topology->hosts[change->from];

	*sshd = *host->sshd;
	host->sshd = sshd;
	switch (change->keyword) {
	case SSHD_ALLOW_TCP_FORWARDING:
		sshd->tcp = SSHD_FORWARD_ALL;
		break;
	case SSHD_ALLOW_STREAM_LOCAL_FORWARDING:
		sshd->stream_local = SSHD_FORWARD_ALL;
		break;
	case SSHD_DISABLE_FORWARDING:
		sshd->disable_forwarding = false;
		break;
	case SSHD_GATEWAY_PORTS:
		sshd->gateway_ports = SSHD_GATEWAY_CLIENT;
		break;
	case SSHD_PERMIT_OPEN:
		follow_permit(follow, &sshd->open, change);
		break;
	case SSHD_PERMIT_LISTEN:
		follow_permit(follow, &sshd->listen, change);
		break;
	default:
		sshd->max_sessions = 10;
	}
}

static void follow_state_ssh(struct follow *follow, size_t host)
{
	struct ssh_login *ssh = arena_alloc(follow->arena, sizeof(*ssh));

	*ssh = *follow->topology->hosts[host].ssh;
	ssh->stated = true;
	follow->topology->hosts[host].ssh = ssh;
}

static void follow_key(struct follow *follow, const struct plan_change *change)
{
	struct host *host = &follow->topology->hosts[change->from];

	host->keys = follow_grow(follow, host->keys, host->key_count, sizeof(*host->keys));
	host->keys[host->key_count++] = (struct host_key){.host = change->to};
}

static void follow_listen(struct follow *follow, const struct plan_change *change)
{
	struct host *host = &follow->topology->hosts[change->to];

	for (size_t i = 0; i < host->service_count; i++) {
		struct service *service = &host->services[i];

		if (service->at.at != change->at.at)
			continue;
		service->listen = LISTEN_VLANS;
		service->listen_vlans = follow_grow(follow, service->listen_vlans,
						    service->listen_count, sizeof(size_t));
		service->listen_vlans[service->listen_count++] = change->vlan;
	}
}

/* A range for an address, if the VLAN has ranges and none of the family. */
static void follow_range(struct follow *follow, size_t index, const struct address *address)
{
	struct vlan *vlan = &follow->topology->vlans[index];
	struct cidr range = {.text = "", .family = address->family, .prefix = 32};

	if (match_family(vlan, address->family))
		return;
	memcpy(range.bytes, address->bytes, 4);
	vlan->cidrs = follow_grow(follow, vlan->cidrs, vlan->cidr_count, sizeof(range));
	vlan->cidrs[vlan->cidr_count++] = range;
}

static void follow_address(struct follow *follow, const struct plan_change *change)
{
	struct host *host = &follow->topology->hosts[change->from];

	for (size_t i = 0; i < host->interface_count; i++) {
		struct interface *interface = &host->interfaces[i];
		struct address address = {.text = "10.99.99.99", .family = ADDRESS_IPV4};

		if (interface->vlan != change->from_vlan)
			continue;
		memcpy(address.bytes, "\x0a\x63\x63\x63", 4);
		if (strchr(change->address, ':')) {
			address = (struct address){.text = "fd99::99", .family = ADDRESS_IPV6};
			address.bytes[0] = 0xfd;
			address.bytes[1] = address.bytes[15] = 0x99;
		}
		follow_range(follow, change->from_vlan, &address);
		if (interface->address_count == 0)
			continue;
		interface->addresses = follow_grow(follow, interface->addresses,
						   interface->address_count, sizeof(address));
		interface->addresses[interface->address_count++] = address;
	}
}

/* The tunnel asks for less: for what the sentence names. */
static void follow_constraint(struct follow *follow, const char *what)
{
	struct tunnel *tunnel = follow->tunnel;
	struct tunnel_options *options = &tunnel->options;

	if (strstr(what, "`via`"))
		tunnel->via_count = 0;
	if (strstr(what, "`exit`"))
		tunnel->exit.count = 0;
	if (strstr(what, "`avoid`"))
		options->avoid_host_count = options->avoid_vlan_count = 0;
	if (strstr(what, "`max_hops`"))
		options->max_hops = 0;
	if (strstr(what, "`min_trust`"))
		options->min_trust = TRUST_NONE;
	if (strstr(what, "`method`"))
		options->method = METHOD_ANY;
}

static void follow_change(struct follow *follow, const struct plan_change *change)
{
	switch (change->kind) {
	case CHANGE_ADD_PORT:
		follow_add_port(follow, change);
		return;
	case CHANGE_ALLOW:
	case CHANGE_PRECEDE:
		return; /* follow_miss() */
	case CHANGE_SETTING:
		follow_setting(follow, change);
		return;
	case CHANGE_STATE_SSH:
		follow_state_ssh(follow, change->to);
		return;
	case CHANGE_KEY:
		follow_key(follow, change);
		return;
	case CHANGE_JUMP:
		follow->topology->hosts[change->to].jump = JUMP_YES;
		return;
	case CHANGE_LISTEN:
		follow_listen(follow, change);
		return;
	case CHANGE_ADDRESS:
		follow_address(follow, change);
		return;
	case CHANGE_CONSTRAINT:
		follow_constraint(follow, change->what);
		return;
	}
}

void follow_miss(struct follow *follow, const struct plan_near_miss *near_miss)
{
	const struct rule *before = follow->topology->rules;

	for (size_t i = 0; i < near_miss->change_count; i++)
		follow_change(follow, &near_miss->changes[i]);
	for (size_t i = 0; i < near_miss->change_count; i++) {
		struct plan_change change = near_miss->changes[i];

		if (!change_adds_rule(change.kind))
			continue;
		/* Those that are in it already have moved it. */
		if (change.kind == CHANGE_PRECEDE)
			change.rule = follow->topology->rules + (change.rule - before);
		for (size_t j = 0; j < i && change.kind == CHANGE_PRECEDE; j++)
			if (near_miss->changes[j].kind == CHANGE_PRECEDE &&
			    near_miss->changes[j].rule <= near_miss->changes[i].rule)
				change.rule++;
		follow_allow(follow, &change);
	}
}
