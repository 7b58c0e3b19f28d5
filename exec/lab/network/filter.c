#include "exec/lab/network/filter.h"

#include "exec/lab/network/filter_published.h"
#include "exec/lab/network/filter_rule.h"

/* Refuses what comes to a VLAN by way of another from those who are on it. */
static void detours_refuse(const struct lab_network *network, struct strbuf *text)
{
	struct strbuf words;

	strbuf_init(&words);
	for (size_t v = 0; v < network->topology->vlan_count; v++) {
		strbuf_clear(&words);
		strbuf_printf(&words, "oifname \"%s\" ct state new meta l4proto tcp",
			      network->devices[v]);
		for (size_t f = 0; f < LAB_FILTER_FAMILIES; f++)
			lab_filter_add_detours(network, v, &lab_filter_families[f],
					       strbuf_text(&words), text);
	}
	strbuf_finish(&words);
}

/* The router has addresses of its own only where something is published. */
static void router_input(const struct lab_network *network, struct strbuf *text)
{
	struct strbuf lines;

	strbuf_init(&lines);
	if (lab_filter_published_here(network, &lines))
		strbuf_printf(text,
			      "\tchain input {\n"
			      "\t\ttype filter hook input priority 0; policy accept;\n"
			      "\t\tct state established,related accept\n"
			      "%s\t}\n",
			      strbuf_text(&lines));
	strbuf_finish(&lines);
}

void lab_filter_router(const struct lab_network *network, struct strbuf *text)
{
	strbuf_puts(text, "table inet tunplan {\n");
	router_input(network, text);
	strbuf_puts(text, "\tchain forward {\n"
			  "\t\ttype filter hook forward priority 0; policy drop;\n"
			  "\t\tct state established,related accept\n");
	lab_filter_published_beyond(network, text);
	detours_refuse(network, text);
	for (size_t r = 0; r < network->rule_count; r++) {
		const struct rule *rule = &network->rules[r];
		struct lab_filter_side from = {&rule->from, "saddr", "iifname", TOPOLOGY_NONE};
		struct lab_filter_side to = {&rule->to, "daddr", "oifname", TOPOLOGY_NONE};

		lab_filter_add_rule(network,
				    &(const struct lab_filter_rule){.rule = rule,
								    .from = &from,
								    .to = &to,
								    .before = "",
								    .ports = true},
				    text);
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

/* Appends a rule as it is for what neighbours on one of a host's VLANs send to it. */
static void host_rule(const struct lab_network *network, const struct rule *rule,
		      const struct lab_node *node, const struct lab_leg *leg, struct strbuf *text)
{
	const struct lab_filter_side from = {&rule->from, "saddr", NULL, leg->vlan};
	const struct lab_filter_side to = {&rule->to, "daddr", NULL, leg->vlan};
	struct lab_filter_rule line = {.rule = rule, .from = &from, .to = &to, .ports = true};
	struct strbuf before;

	if (!rule_applies(network, rule, node, leg))
		return;
	strbuf_init(&before);
	strbuf_printf(&before, "iifname \"%s\" ", network->devices[leg->vlan]);
	line.before = strbuf_text(&before);
	lab_filter_add_rule(network, &line, text);
	strbuf_finish(&before);
}

/*
 * Appends the chain of a host. What is published there is not the host's own: the lines about it hold for the
 * host itself, too.
 */
static void host_input(const struct lab_network *network, const struct lab_node *node,
		       const char *published, struct strbuf *text)
{
	strbuf_puts(text, "table inet tunplan {\n"
			  "\tchain input {\n"
			  "\t\ttype filter hook input priority 0; policy accept;\n"
			  "\t\tct state established,related accept\n");
	if (*published) {
		routed_accept_add(network, node, text);
		strbuf_puts(text, published);
	}
	strbuf_puts(text, "\t\tiifname \"lo\" accept\n"
			  "\t\ticmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n");
	if (!*published)
		routed_accept_add(network, node, text);
	for (size_t r = 0; r < network->rule_count; r++)
		for (size_t l = 0; l < node->leg_count; l++)
			host_rule(network, &network->rules[r], node, &node->legs[l], text);
	strbuf_puts(text, "\t}\n}\n");
}

bool lab_filter_host(const struct lab_network *network, const struct lab_node *node,
		     struct strbuf *text)
{
	struct strbuf published;
	bool any;

	strbuf_init(&published);
	any = lab_filter_published_host(network, node, &published) || denies_within(network, node);
	if (any)
		host_input(network, node, strbuf_text(&published), text);
	strbuf_finish(&published);
	return any;
}
