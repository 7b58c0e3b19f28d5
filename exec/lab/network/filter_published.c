#include "exec/lab/network/filter_published.h"

#include <string.h>

#include "exec/lab/network/filter_rule.h"
#include "topology/model/match.h"

/* One address of something published, and the chain that it is for. */
struct entrance {
	const struct lab_network *network;
	const struct lab_published *published;
	const struct lab_filter_family *family;
	const char *address;
	bool from_neighbours; /* the chain is a host's: only its neighbours on the VLAN are meant */
};

static bool has_port(const struct rule *rule, uint16_t port)
{
	for (size_t p = 0; p < rule->port_count; p++)
		if (rule->ports[p].first <= port && port <= rule->ports[p].last)
			return true;
	return rule->port_count == 0;
}

static bool is_about(const struct entrance *entrance, const struct rule *rule)
{
	const struct publication *at = entrance->published->at;
	const struct match_point to = {entrance->published->host, at->vlan, &at->address};

	return has_port(rule, at->port) && match_end(entrance->network->topology, &rule->to, &to) &&
	       (!entrance->from_neighbours || rule->from.kind != RULE_VLAN ||
		rule->from.vlan == at->vlan);
}

static void entrance_add(const struct entrance *entrance, struct strbuf *text)
{
	const struct lab_network *network = entrance->network;
	const struct publication *at = entrance->published->at;
	const struct rule_end anywhere = {.kind = RULE_ANY};
	const struct lab_filter_side to = {&anywhere, "daddr", NULL, TOPOLOGY_NONE};
	struct strbuf before;

	strbuf_init(&before);
	strbuf_printf(&before, "%s daddr %s tcp dport %u ", entrance->family->match,
		      entrance->address, (unsigned)at->port);
	if (!entrance->from_neighbours)
		lab_filter_add_detours(network, at->vlan, entrance->family, strbuf_text(&before),
				       text);
	for (size_t r = 0; r < network->rule_count; r++) {
		const struct rule *rule = &network->rules[r];
		const struct lab_filter_side from = {
			&rule->from, "saddr", entrance->from_neighbours ? NULL : "iifname",
			entrance->from_neighbours ? at->vlan : TOPOLOGY_NONE};
		const struct lab_filter_rule line = {
			rule, &from, &to, strbuf_text(&before), false, entrance->family};

		if (is_about(entrance, rule))
			lab_filter_add_rule(network, &line, text);
	}
	strbuf_printf(text, "\t\t%siifname \"%s\" accept\n", strbuf_text(&before),
		      network->devices[at->vlan]);
	if (!entrance->from_neighbours)
		strbuf_printf(text, "\t\t%sdrop\n", strbuf_text(&before));
	strbuf_finish(&before);
}

static void published_add(const struct lab_network *network, const struct lab_published *published,
			  bool from_neighbours, struct strbuf *text)
{
	struct entrance entrance = {
		.network = network, .published = published, .from_neighbours = from_neighbours};

	for (size_t a = 0; published->listen.addresses[a]; a++) {
		entrance.address = published->listen.addresses[a];
		entrance.family = &lab_filter_families[strchr(entrance.address, ':') != NULL];
		entrance_add(&entrance, text);
	}
}

bool lab_filter_published_here(const struct lab_network *network, struct strbuf *text)
{
	return lab_filter_published_host(network, network->router, text);
}

bool lab_filter_published_beyond(const struct lab_network *network, struct strbuf *text)
{
	bool any = false;

	for (size_t p = 0; p < network->published_count; p++) {
		const struct lab_published *published = &network->published[p];

		if (published->at->vlan == TOPOLOGY_NONE ||
		    &network->nodes[published->owner] == network->router)
			continue;
		published_add(network, published, false, text);
		any = true;
	}
	return any;
}

bool lab_filter_published_host(const struct lab_network *network, const struct lab_node *node,
			       struct strbuf *text)
{
	bool any = false;

	for (size_t p = 0; p < network->published_count; p++) {
		const struct lab_published *published = &network->published[p];

		if (published->at->vlan == TOPOLOGY_NONE ||
		    &network->nodes[published->owner] != node)
			continue;
		published_add(network, published, node != network->router, text);
		any = true;
	}
	return any;
}
