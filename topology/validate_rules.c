#include "topology/validate.h"

#include "topology/codes.h"

static void report_unknown_end(struct validator *validator, struct word name)
{
	const struct topology *topology = validator->topology;
	struct suggest hosts, vlans;
	struct diag *diag;

	if (validator->document->hosts_broken || validator->document->vlans_broken)
		return;
	diag = diag_error(validator->diags, CODE_UNKNOWN_END, name.at,
			  "no host and no VLAN is named '%s'", name.text);
	suggest_init(&hosts, name.text);
	suggest_init(&vlans, name.text);
	if (validate_may_suggest(validator)) {
		index_offer_hosts(topology, &hosts);
		index_offer_vlans(topology, &vlans);
	}
	if (hosts.best && (!vlans.best || hosts.distance <= vlans.distance))
		validate_suggest(validator, diag, hosts.best, topology->hosts[hosts.index].at);
	else if (vlans.best)
		validate_suggest(validator, diag, vlans.best, topology->vlans[vlans.index].at);
	else
		diag->help = "an end of a rule is any, a host, a VLAN, HOST@VLAN or a range such "
			     "as 10.0.0.0/8";
}

/* A name alone: a host, or a VLAN. */
static void resolve_name(struct validator *validator, struct word name, struct rule_end *end)
{
	end->host = topology_host(validator->topology, name.text);
	end->vlan = topology_vlan(validator->topology, name.text);
	end->kind = end->host == TOPOLOGY_NONE ? RULE_VLAN : RULE_HOST;
	if (end->host == TOPOLOGY_NONE && end->vlan == TOPOLOGY_NONE)
		report_unknown_end(validator, name);
}

static void resolve_pair(struct validator *validator, struct word host, struct word vlan,
			 struct rule_end *end)
{
	const char *text = arena_format(validator->arena, "%s@%s", host.text, vlan.text);
	const struct referrer referrer = {"the end", text, "names"};

	end->host = validate_host(validator, host, referrer);
	end->vlan = validate_vlan(validator, vlan, referrer);
	if (end->host != TOPOLOGY_NONE && end->vlan != TOPOLOGY_NONE)
		validate_presence(validator, end->host, end->vlan, vlan.at);
}

static void resolve_end(struct validator *validator, const struct yaml_node *string,
			const struct notation_end *from, struct rule_end *end)
{
	*end = (struct rule_end){from->kind, TOPOLOGY_NONE, TOPOLOGY_NONE, from->cidr};
	if (from->kind == RULE_HOST)
		resolve_name(validator, document_word(string, &from->name), end);
	else if (from->kind == RULE_HOST_AT_VLAN)
		resolve_pair(validator, document_word(string, &from->name),
			     document_word(string, &from->vlan), end);
}

void validate_rules(struct validator *validator)
{
	const struct document *document = validator->document;
	struct topology *topology = validator->topology;

	topology->rules = arena_array(validator->arena, document->rule_count, sizeof(struct rule));
	for (size_t i = 0; i < document->rule_count; i++) {
		const struct doc_rule *from = &document->rules[i];
		struct rule *rule = &topology->rules[topology->rule_count++];

		rule->allow = from->allow;
		rule->ports = from->rule.ports;
		rule->port_count = from->rule.port_count;
		rule->at = from->string->at;
		resolve_end(validator, from->string, &from->rule.from, &rule->from);
		resolve_end(validator, from->string, &from->rule.to, &rule->to);
	}
}
