#include "exec/lab/network/filter_rule.h"

#include <string.h>

/* Longest comment that nft takes is 128 bytes; the file's name must leave room for the line. */
#define COMMENT_NAME_MAX 100

const struct lab_filter_family lab_filter_families[LAB_FILTER_FAMILIES] = {{ADDRESS_IPV4, "ip"},
									   {ADDRESS_IPV6, "ip6"}};

static bool side_has_addresses(const struct lab_filter_side *side)
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
static void side_addresses(const struct lab_network *network, const struct lab_filter_side *side,
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
static bool side_add(const struct lab_network *network, const struct lab_filter_side *side,
		     const struct lab_filter_family *words, struct strbuf *text)
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

void lab_filter_add_rule(const struct lab_network *network, const struct lab_filter_rule *line,
			 struct strbuf *text)
{
	const bool addressed = side_has_addresses(line->from) || side_has_addresses(line->to);
	const char *const *verdicts = verdicts_of(line->rule);
	struct strbuf words;

	strbuf_init(&words);
	for (size_t f = 0; f < (addressed ? LAB_FILTER_FAMILIES : 1); f++) {
		if (line->family && addressed && line->family != &lab_filter_families[f])
			continue;
		strbuf_clear(&words);
		strbuf_puts(&words, line->before);
		if (!side_add(network, line->from, &lab_filter_families[f], &words) ||
		    !side_add(network, line->to, &lab_filter_families[f], &words))
			continue;
		if (line->ports)
			ports_add(line->rule, &words);
		for (size_t v = 0; verdicts[v]; v++) {
			strbuf_printf(text, "\t\t%s%s ", strbuf_text(&words), verdicts[v]);
			comment_add(network->topology, line->rule, text);
		}
	}
	strbuf_finish(&words);
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

void lab_filter_add_detours(const struct lab_network *network, size_t vlan,
			    const struct lab_filter_family *family, const char *words,
			    struct strbuf *text)
{
	const struct lab_leg *gate = lab_node_leg(network->router, vlan);
	struct strbuf list;

	strbuf_init(&list);
	for (size_t h = 0; h < network->topology->host_count; h++) {
		const struct lab_leg *leg = lab_node_leg(&network->nodes[h], vlan);

		if (!leg || lab_leg_address(leg, family->family) ||
		    !lab_leg_address(gate, family->family))
			continue;
		addresses_elsewhere(&network->nodes[h], vlan, family->family, &list);
	}
	if (list.length > 0)
		strbuf_printf(text, "\t\t%s saddr { %s } %s reject with tcp reset\n", family->match,
			      strbuf_text(&list), words);
	strbuf_finish(&list);
}
