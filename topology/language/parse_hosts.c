#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"
#include "topology/language/host_ranges.h"
#include "topology/language/parse.h"

/* --- where a host is */

/* A zone (fe80::1%eth1) is the name of an interface of whoever dials. */
#define ZONE_HELP                                                                             \
	"an address has no zone here: write it with the zone into your ssh_config, HostName " \
	"fe80::1%%eth1, and name its alias, ssh: {config: ALIAS}"

static void read_address(struct parser *parser, const struct yaml_node *scalar,
			 struct interface *interface)
{
	struct address *address = &interface->addresses[interface->address_count];
	const struct address *first;
	struct text_range range;
	struct fault fault;

	if (!parse_scalar(parser, scalar, "an address"))
		return;
	if (text_range_read(parse_text(parser, scalar), &range)) {
		first = host_range_address(parser, scalar, &range, interface);
		if (!first)
			return;
		*address = *first;
	} else if (!address_read(parse_text(parser, scalar), scalar->count, parser->arena, address,
				 &fault)) {
		if (strchr(parse_text(parser, scalar), '%'))
			fault.help = ZONE_HELP;
		parse_fault(parser, scalar, &fault);
		return;
	}
	address->at = scalar->at;
	interface->address_count++;
}

/* Makes room for an interface of each VLAN that a value names. */
static struct doc_interfaces interfaces_for(struct parser *parser, size_t count)
{
	return (struct doc_interfaces){
		.items = arena_array(parser->arena, count, sizeof(struct interface)),
		.vlans = arena_array(parser->scratch, count, sizeof(char *)),
	};
}

/* Adds an interface. value: its addresses, or NULL. */
static bool read_interface(struct parser *parser, const struct yaml_node *name,
			   const struct yaml_node *value, struct doc_interfaces *interfaces)
{
	struct interface *interface = &interfaces->items[interfaces->count];
	const struct yaml_node *item;
	struct parse_items items;
	struct word vlan;
	size_t count;

	if (!parse_reference(parser, name, "a VLAN", &vlan))
		return false;
	interface->at = vlan.at;
	interfaces->vlans[interfaces->count++] = vlan.text;
	if (!value)
		return true;
	items = parse_items(parser, value, &count);
	interface->addresses = arena_array(parser->arena, count, sizeof(*interface->addresses));
	while ((item = parse_next(&items)))
		read_address(parser, item, interface);
	return true;
}

/* VLANs by name alone. */
static bool read_names(struct parser *parser, const struct yaml_pair *pair,
		       struct doc_interfaces *ret_interfaces)
{
	const struct yaml_node *item;
	struct parse_items items;
	size_t count;
	bool good = true;

	items = parse_items(parser, pair->value, &count);
	*ret_interfaces = interfaces_for(parser, count);
	while ((item = parse_next(&items)) &&
	       parse_room(parser, ret_interfaces->count, pair->key->at))
		good &= read_interface(parser, item, NULL, ret_interfaces);
	return good;
}

bool parse_interfaces(struct parser *parser, const struct yaml_pair *pair,
		      struct doc_interfaces *ret_interfaces)
{
	const struct yaml_node *value = pair->value;
	struct yaml_walk walk;
	struct yaml_pair vlan;
	bool good = true;

	if (value->kind != YAML_MAPPING)
		return read_names(parser, pair, ret_interfaces);
	*ret_interfaces = interfaces_for(parser, value->count);
	walk = yaml_walk(value);
	while (yaml_next_pair(&walk, &vlan) &&
	       parse_room(parser, ret_interfaces->count, pair->key->at)) {
		if (vlan.key->reported)
			continue;
		good &= parse_kind(parser, &vlan, KEY_ONE_OR_MORE, "VLAN: ADDRESS") &&
			read_interface(parser, vlan.key, vlan.value, ret_interfaces);
	}
	return good;
}

static void host_vlans(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_host *host = into;

	host->broken |= !parse_interfaces(parser, pair, &host->interfaces);
}

/* --- where else it can be reached */

static void host_at(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	parse_at(parser, pair, into, TOPOLOGY_NONE);
}

/* --- what it is good for */

static const struct key_choice relay_choices[] = {
	{"socat", RELAY_SOCAT}, {"nc", RELAY_NC}, {NULL, 0}};

static void host_relay(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct parse_items items = parse_items(parser, pair->value, NULL);
	const struct yaml_node *item;
	int value;

	while ((item = parse_next(&items))) {
		if (parse_choice(parser, item, relay_choices, &value))
			parse_more(parser, into)->relay |= (uint8_t)value;
	}
}

/* HOST: USER, or HOST with nothing behind it. */
static void read_key(struct parser *parser, const struct yaml_pair *pair,
		     struct doc_host_more *more)
{
	const char *user = NULL;
	struct fault fault;
	struct word name;

	if (pair->key->reported || !parse_kind(parser, pair, YAML_SCALAR, "HOST: USER") ||
	    !parse_reference(parser, pair->key, "a host", &name))
		return;
	if (!parse_nothing(parser, pair->value)) {
		user = parse_text(parser, pair->value);
		if (!name_user(user, parser->scratch, &fault))
			parse_fault(parser, pair->value, &fault);
	}
	*ARENA_PUSH(parser->scratch, more->keys, more->key_count) = (struct doc_key){name, user};
}

static void host_keys(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_host_more *more = parse_more(parser, into);
	struct word_list words;
	struct yaml_walk walk;
	struct yaml_pair key;
	size_t count = 0;

	if (pair->value->kind == YAML_MAPPING) {
		walk = yaml_walk(pair->value);
		while (yaml_next_pair(&walk, &key) && parse_room(parser, count++, pair->key->at))
			read_key(parser, &key, more);
		return;
	}
	parse_references(parser, pair->value, "a host", &words);
	for (size_t i = 0; i < words.count && parse_room(parser, i, pair->key->at); i++)
		*ARENA_PUSH(parser->scratch, more->keys, more->key_count) =
			(struct doc_key){.host = words.items[i]};
}

static const struct key_choice jump_choices[] = {
	{"yes", JUMP_YES},  {"no", JUMP_NO},       {"true", JUMP_YES},
	{"false", JUMP_NO}, {"avoid", JUMP_AVOID}, {NULL, 0},
};

#define COST_MAX 1000000

static void host_cost(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	uint32_t cost;

	if (parse_number(parser, pair->value, "a cost", 0, COST_MAX, &cost))
		parse_more(parser, into)->cost = cost;
}

static const struct key keys[] = {
	{"vlans", host_vlans, NULL, "The VLANs that the host is on.",
	 .kinds = YAML_SCALAR | YAML_LIST | YAML_MAPPING, .item = "name", .mapping = "addresses"},
	{"ssh", parse_ssh, "ssh: none, or ssh: {user: NAME, port: 22}",
	 "How to log in to the host: a mapping of the keys of ssh, or the word none.",
	 .kinds = YAML_SCALAR | YAML_MAPPING, .item = "none", .mapping = "ssh"},
	{"services", parse_services, "services: {NAME: PORT}",
	 "The services that listen on the host, by name.", .kinds = YAML_MAPPING,
	 .mapping = "services"},
	{"at", host_at, "at: {VLAN: \"198.51.100.7:2022\"}",
	 "Other addresses at which the host's sshd can be reached.", .kinds = YAML_MAPPING,
	 .mapping = "publications"},
	{"sshd", parse_sshd, "sshd: {AllowTcpForwarding: no}",
	 "What the host's sshd allows, in sshd_config keywords.", .kinds = YAML_MAPPING,
	 .mapping = "sshd"},
	{"relay", host_relay, "relay: [socat]",
	 "The programs on the host that can relay connections if its sshd may not forward.",
	 .kinds = KEY_ONE_OR_MORE, .choices = relay_choices},
	{"keys", host_keys, "keys: {HOST: USER}",
	 "The hosts that this host can log in to by itself, and the users it logs in as.",
	 .kinds = YAML_SCALAR | YAML_LIST | YAML_MAPPING, .item = "name", .mapping = "users"},
	{"jump", NULL, "jump: no", "Whether other hosts may be reached through the host.",
	 .kinds = YAML_SCALAR, .choices = jump_choices, .into = offsetof(struct doc_host, jump)},
	{"trust", NULL, "trust: low",
	 "How much the administrators of the host are trusted with traffic that passes through it.",
	 .kinds = YAML_SCALAR, .choices = parse_trusts, .into = offsetof(struct doc_host, trust)},
	{"cost", host_cost, "cost: 5", "The cost of a hop on the host, if all else is equal.",
	 .kinds = YAML_SCALAR, .item = "number"},
	{"prime", NULL, "prime: no",
	 "Whether an empty session is made after a login to an OpenSSH before 10.1.",
	 .kinds = YAML_SCALAR, .choices = parse_refusals,
	 .into = offsetof(struct doc_host, no_prime)},
};

const struct key_table parse_host_table = {
	.name = "host",
	.what = "a host",
	KEY_ROWS(keys),
	.advice = "; VLANs stand under 'vlans'",
};

/* null, one VLAN, a list of VLANs, or a mapping of the keys. */
static void read_host(struct parser *parser, const struct yaml_node *name,
		      const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct doc_host *host = &document->hosts[document->host_count++];

	host->trust = TRUST_MEDIUM;
	host_range_name(parser, name, host);
	parser->range = host->range;
	if (value && value->kind == YAML_MAPPING)
		host->broken |= !keys_read(parser, value, &parse_host_table, host);
	else if (value)
		host_vlans(parser, &(struct yaml_pair){name, value}, host);
	parser->range = NULL;
}

void parse_hosts(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	if (!parse_entries(parser, pair->value, "a host", read_host))
		parser->document->hosts_broken = true;
}
