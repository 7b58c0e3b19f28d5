#include "exec/lab/filter.h"

#include <string.h>

/* Longest comment that nft takes is 128 bytes; the file's name must leave room for the line. */
#define COMMENT_NAME_MAX 100

/* nft's words for a family. */
struct family_words {
	enum address_family family;
	const char *match; /* before saddr and daddr */
};

static const struct family_words family_table[] = {{ADDRESS_IPV4, "ip"}, {ADDRESS_IPV6, "ip6"}};
#define FAMILY_COUNT (sizeof(family_table) / sizeof(family_table[0]))

/* One side of a rule in the making: which of its addresses count, and nft's words for it. */
struct side {
	const struct rule_end *end;
	const char *direction;    /* "saddr", "daddr" */
	const char *device_match; /* "iifname", "oifname"; NULL: the VLAN is known already */
	size_t vlan;              /* only addresses on this VLAN count; TOPOLOGY_NONE: all */
};

static bool side_has_addresses(const struct side *side)
{
	return side->end->kind != RULE_ANY && side->end->kind != RULE_VLAN;
}

static void add_separated(struct strbuf *list, const char *text)
{
	if (list->length > 0)
		strbuf_puts(list, ", ");
	strbuf_puts(list, text);
}

/*
 * Collects the addresses that a side means in one family; leaves the list empty if there are none.
 */
static void side_addresses(const struct lab_network *network, const struct side *side,
			   enum address_family family, struct strbuf *list)
{
	const struct rule_end *end = side->end;
	const struct lab_node *node;

	if (end->kind == RULE_CIDR) {
		if (end->cidr.family == family)
			add_separated(list, end->cidr.text);
		return;
	}
	node = &network->nodes[end->host];
	for (size_t l = 0; l < node->leg_count; l++) {
		const struct lab_leg *leg = &node->legs[l];

		if ((end->kind == RULE_HOST_AT_VLAN && leg->vlan != end->vlan) ||
		    (side->vlan != TOPOLOGY_NONE && leg->vlan != side->vlan))
			continue;
		for (size_t a = 0; a < leg->address_count; a++)
			if (leg->addresses[a].address.family == family)
				add_separated(list, leg->addresses[a].address.text);
	}
}

/* Appends the words that match one side in one family; false when nothing can match it. */
static bool side_add(const struct lab_network *network, const struct side *side,
		     const struct family_words *words, struct strbuf *text)
{
	struct strbuf list;
	bool possible;

	if (side->end->kind == RULE_VLAN && side->device_match)
		strbuf_printf(text, "%s \"%s\" ", side->device_match,
			      network->devices[side->end->vlan]);
	if (!side_has_addresses(side))
		return true;
	strbuf_init(&list);
	side_addresses(network, side, words->family, &list);
	possible = list.length > 0;
	if (possible)
		strbuf_printf(text, "%s %s { %s } ", words->match, side->direction,
			      strbuf_text(&list));
	strbuf_finish(&list);
	return possible;
}

static void ports_add(const struct rule *rule, struct strbuf *text)
{
	if (rule->port_count == 0)
		return;
	strbuf_puts(text, "meta l4proto { tcp, udp } th dport { ");
	for (size_t p = 0; p < rule->port_count; p++) {
		const struct port_range *range = &rule->ports[p];

		strbuf_printf(text, "%s%u", p > 0 ? ", " : "", (unsigned)range->first);
		if (range->last != range->first)
			strbuf_printf(text, "-%u", (unsigned)range->last);
	}
	strbuf_puts(text, " } ");
}

/* Appends `comment "file.yaml:40"`, where the counter's reader finds the rule. */
static void comment_add(const struct topology *topology, const struct rule *rule,
			struct strbuf *text)
{
	const struct position position = sources_position(topology->sources, rule->at);
	const char *name = position.source->name, *slash = strrchr(name, '/');

	name = slash ? slash + 1 : name;
	strbuf_puts(text, "comment \"");
	for (size_t i = 0; i < COMMENT_NAME_MAX && name[i]; i++)
		strbuf_add(text, name[i] == '"' || name[i] == '\\' ? "_" : &name[i], 1);
	strbuf_printf(text, ":%u\"\n", (unsigned)position.line);
}

/* nft's words for what becomes of a packet, in the order in which they are tried. */
static const char *const *verdicts_of(const struct rule *rule)
{
	static const char *const accept[] = {"counter accept", NULL};
	static const char *const drop[] = {"counter drop", NULL};
	/* What a closed port answers, so that a program sees "connection refused". */
	static const char *const reject[] = {"meta l4proto tcp counter reject with tcp reset",
					     "counter reject", NULL};

	if (rule->allow)
		return accept;
	return rule->action == RULE_REJECT ? reject : drop;
}

/*
 * Appends one rule: one line where no address is named, else one per family that both sides have.
 */
static void rule_add(const struct lab_network *network, const struct rule *rule,
		     const struct side *from, const struct side *to, const char *device,
		     struct strbuf *text)
{
	bool addressed = side_has_addresses(from) || side_has_addresses(to);
	const char *const *verdicts = verdicts_of(rule);
	struct strbuf line;

	strbuf_init(&line);
	for (size_t f = 0; f < (addressed ? FAMILY_COUNT : 1); f++) {
		strbuf_clear(&line);
		if (device)
			strbuf_printf(&line, "iifname \"%s\" ", device);
		if (!side_add(network, from, &family_table[f], &line) ||
		    !side_add(network, to, &family_table[f], &line))
			continue;
		ports_add(rule, &line);
		for (size_t v = 0; verdicts[v]; v++) {
			strbuf_printf(text, "\t\t%s%s ", strbuf_text(&line), verdicts[v]);
			comment_add(network->topology, rule, text);
		}
	}
	strbuf_finish(&line);
}

/* Collects what a node has in one family on all VLANs but one. */
static void addresses_elsewhere(const struct lab_node *node, size_t vlan,
				enum address_family family, struct strbuf *list)
{
	for (size_t l = 0; l < node->leg_count; l++)
		for (size_t a = 0; node->legs[l].vlan != vlan && a < node->legs[l].address_count;
		     a++)
			if (node->legs[l].addresses[a].address.family == family)
				add_separated(list, node->legs[l].addresses[a].address.text);
}

/*
 * To a VLAN that a host is on, it leaves by its interface there and by no other (rule 1 of tunplan(7)). Where
 * that has not the family, the host's routes lead here, and end.
 */
static void detours_refuse(const struct lab_network *network, const struct lab_node *node,
			   const struct family_words *words, struct strbuf *text)
{
	struct strbuf list;

	strbuf_init(&list);
	for (size_t l = 0; l < node->leg_count; l++) {
		const size_t vlan = node->legs[l].vlan;

		strbuf_clear(&list);
		if (lab_leg_address(&node->legs[l], words->family) ||
		    !lab_leg_address(lab_node_leg(network->router, vlan), words->family))
			continue;
		addresses_elsewhere(node, vlan, words->family, &list);
		if (list.length > 0)
			strbuf_printf(text,
				      "\t\t%s saddr { %s } oifname \"%s\" ct state new meta "
				      "l4proto tcp reject with tcp reset\n",
				      words->match, strbuf_text(&list), network->devices[vlan]);
	}
	strbuf_finish(&list);
}

void lab_filter_router(const struct lab_network *network, struct strbuf *text)
{
	strbuf_puts(text, "table inet tunplan {\n"
			  "\tchain forward {\n"
			  "\t\ttype filter hook forward priority 0; policy drop;\n"
			  "\t\tct state established,related accept\n");
	for (size_t n = 0; n < network->topology->host_count; n++)
		for (size_t f = 0; f < FAMILY_COUNT; f++)
			detours_refuse(network, &network->nodes[n], &family_table[f], text);
	for (size_t r = 0; r < network->rule_count; r++) {
		const struct rule *rule = &network->rules[r];
		struct side from = {&rule->from, "saddr", "iifname", TOPOLOGY_NONE};
		struct side to = {&rule->to, "daddr", "oifname", TOPOLOGY_NONE};

		rule_add(network, rule, &from, &to, NULL, text);
	}
	strbuf_puts(text, "\t}\n}\n");
}

/* Whether any leg on a VLAN other than the node's own is meant by the end. */
static bool covers_neighbour(const struct lab_network *network, const struct rule_end *end,
			     const struct lab_node *node, size_t vlan)
{
	for (size_t n = 0; n < network->node_count; n++) {
		const struct lab_node *other = &network->nodes[n];
		const struct lab_leg *leg = lab_node_leg(other, vlan);

		if (leg && other != node && other != network->router &&
		    lab_rule_end_covers(end, other, leg))
			return true;
	}
	return false;
}

/* Whether a rule can match what a neighbour on the leg's VLAN sends to the node over that leg. */
static bool rule_applies(const struct lab_network *network, const struct rule *rule,
			 const struct lab_node *node, const struct lab_leg *leg)
{
	return lab_rule_end_covers(&rule->to, node, leg) &&
	       covers_neighbour(network, &rule->from, node, leg->vlan);
}

static bool denies_within(const struct lab_network *network, const struct lab_node *node)
{
	for (size_t r = 0; r < network->rule_count; r++)
		for (size_t l = 0; !network->rules[r].allow && l < node->leg_count; l++)
			if (rule_applies(network, &network->rules[r], node, &node->legs[l]))
				return true;
	return false;
}

static void routed_accept_add(const struct lab_network *network, const struct lab_node *node,
			      struct strbuf *text)
{
	for (size_t l = 0; l < node->leg_count; l++) {
		size_t vlan = node->legs[l].vlan;
		const uint8_t *mac = lab_node_leg(network->router, vlan)->mac;

		strbuf_printf(text,
			      "\t\tiifname \"%s\" ether saddr %02x:%02x:%02x:%02x:%02x:%02x "
			      "accept\n",
			      network->devices[vlan], mac[0], mac[1], mac[2], mac[3], mac[4],
			      mac[5]);
	}
}

bool lab_filter_host(const struct lab_network *network, const struct lab_node *node,
		     struct strbuf *text)
{
	if (!denies_within(network, node))
		return false;
	strbuf_puts(text, "table inet tunplan {\n"
			  "\tchain input {\n"
			  "\t\ttype filter hook input priority 0; policy accept;\n"
			  "\t\tct state established,related accept\n"
			  "\t\tiifname \"lo\" accept\n"
			  "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n");
	routed_accept_add(network, node, text);
	for (size_t r = 0; r < network->rule_count; r++) {
		const struct rule *rule = &network->rules[r];

		for (size_t l = 0; l < node->leg_count; l++) {
			size_t vlan = node->legs[l].vlan;
			struct side from = {&rule->from, "saddr", NULL, vlan};
			struct side to = {&rule->to, "daddr", NULL, vlan};

			if (rule_applies(network, rule, node, &node->legs[l]))
				rule_add(network, rule, &from, &to, network->devices[vlan], text);
		}
	}
	strbuf_puts(text, "\t}\n}\n");
	return true;
}
