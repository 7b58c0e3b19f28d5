#include "topology/validate.h"

#include <string.h>

#include "topology/codes.h"

/* Errors behind which no more suggestions are looked for. */
#define SUGGESTED_MAX 100

bool validate_may_suggest(const struct validator *validator)
{
	return validator->diags->errors <= SUGGESTED_MAX;
}

void validate_suggest(struct validator *validator, struct diag *diag, const char *best,
		      struct span at)
{
	diag_help(validator->diags, diag, "did you mean '%s'?", best);
	diag->related = at;
}

static struct diag *report_unknown(struct validator *validator, const char *code, const char *what,
				   struct word word, struct referrer referrer)
{
	return diag_error(validator->diags, code, word.at, "%s '%s' %s unknown %s '%s'",
			  referrer.what, referrer.name, referrer.verb, what, word.text);
}

static void suggest_host(struct validator *validator, struct diag *diag, const char *name)
{
	const struct topology *topology = validator->topology;
	struct suggest suggest;

	suggest_init(&suggest, name);
	if (validate_may_suggest(validator))
		index_offer_hosts(topology, &suggest);
	if (suggest.best)
		validate_suggest(validator, diag, suggest.best, topology->hosts[suggest.index].at);
	else if (topology_vlan(topology, name) != TOPOLOGY_NONE)
		diag_help(validator->diags, diag, "'%s' is a VLAN; name a host", name);
	else
		diag->help = "name it under 'hosts:', or use the name of a host that is there";
}

size_t validate_host(struct validator *validator, struct word host, struct referrer referrer)
{
	const size_t index = topology_host(validator->topology, host.text);

	if (index == TOPOLOGY_NONE && !validator->document->hosts_broken)
		suggest_host(validator,
			     report_unknown(validator, CODE_UNKNOWN_HOST, "host", host, referrer),
			     host.text);
	return index;
}

static void suggest_vlan(struct validator *validator, struct diag *diag, const char *name)
{
	const struct topology *topology = validator->topology;
	struct suggest suggest;

	suggest_init(&suggest, name);
	if (validate_may_suggest(validator))
		index_offer_vlans(topology, &suggest);
	if (suggest.best)
		validate_suggest(validator, diag, suggest.best, topology->vlans[suggest.index].at);
	else
		diag->help = "name it under 'vlans:', or use the name of a VLAN that is there";
}

size_t validate_vlan(struct validator *validator, struct word vlan, struct referrer referrer)
{
	const size_t index = topology_vlan(validator->topology, vlan.text);

	if (index == TOPOLOGY_NONE && !validator->document->vlans_broken)
		suggest_vlan(validator,
			     report_unknown(validator, CODE_UNKNOWN_VLAN, "VLAN", vlan, referrer),
			     vlan.text);
	return index;
}

bool validate_presence(struct validator *validator, size_t host, size_t vlan, struct span at)
{
	const struct topology *topology = validator->topology;
	const struct host *there = &topology->hosts[host];
	struct diag *diag;

	if (host_interface(there, vlan))
		return true;
	if (validator->document->hosts[host].broken)
		return false;
	diag = diag_error(validator->diags, CODE_NOT_ON_VLAN, at, "'%s' is not on VLAN '%s'",
			  there->name, topology->vlans[vlan].name);
	diag->help = "name one of the VLANs of the host, or add this one to it";
	diag->related = there->at;
	return false;
}

/* Copies the names: from here on everything can be looked up. */
static void declare(struct validator *validator)
{
	const struct document *document = validator->document;
	struct topology *topology = validator->topology;
	struct arena *arena = validator->arena;

	topology->vlan_count = document->vlan_count;
	topology->vlans = arena_array(arena, document->vlan_count, sizeof(struct vlan));
	for (size_t i = 0; i < document->vlan_count; i++) {
		topology->vlans[i].name = document->vlans[i].name.text;
		topology->vlans[i].at = document->vlans[i].name.at;
	}
	topology->host_count = document->host_count;
	topology->hosts = arena_array(arena, document->host_count, sizeof(struct host));
	for (size_t i = 0; i < document->host_count; i++) {
		topology->hosts[i].name = document->hosts[i].name.text;
		topology->hosts[i].at = document->hosts[i].name.at;
	}
	topology->tunnel_count = document->tunnel_count;
	topology->tunnels = arena_array(arena, document->tunnel_count, sizeof(struct tunnel));
	for (size_t i = 0; i < document->tunnel_count; i++) {
		topology->tunnels[i].name = document->tunnels[i].name.text;
		topology->tunnels[i].at = document->tunnels[i].name.at;
	}
	topology->group_count = document->group_count;
	topology->groups = arena_array(arena, document->group_count, sizeof(struct group));
	for (size_t i = 0; i < document->group_count; i++) {
		topology->groups[i].name = document->groups[i].name.text;
		topology->groups[i].at = document->groups[i].name.at;
	}
	topology->index = index_create(topology, arena);
}

/* what and by: "host", "VLAN", "tunnel" or "group". */
static void report_taken(struct validator *validator, struct word name, const char *what,
			 const char *by, struct span first)
{
	struct diag *diag;

	diag = diag_error(validator->diags, CODE_NAME_TAKEN, name.at,
			  "this %s has the name of %s %s: '%s'", what,
			  strcmp(what, by) == 0 ? "another" : "a", by, name.text);
	diag->help = "give one of the two another name";
	diag->related = first;
	diag->related_text = "first defined here";
}

/* Hosts and VLANs share one namespace. */
static void check_network_names(struct validator *validator)
{
	const struct document *document = validator->document;
	const struct topology *topology = validator->topology;

	for (size_t i = 0; i < document->vlan_count; i++) {
		const struct word name = document->vlans[i].name;
		const size_t first = topology_vlan(topology, name.text);

		if (first < i)
			report_taken(validator, name, "VLAN", "VLAN", topology->vlans[first].at);
	}
	for (size_t i = 0; i < document->host_count; i++) {
		const struct word name = document->hosts[i].name;
		const size_t first = topology_host(topology, name.text);
		const size_t vlan = topology_vlan(topology, name.text);

		if (first < i)
			report_taken(validator, name, "host", "host", topology->hosts[first].at);
		else if (vlan != TOPOLOGY_NONE)
			report_taken(validator, name, "host", "VLAN", topology->vlans[vlan].at);
	}
}

/* Tunnels and groups share another one. */
static void check_tunnel_names(struct validator *validator)
{
	const struct document *document = validator->document;
	const struct topology *topology = validator->topology;

	for (size_t i = 0; i < document->tunnel_count; i++) {
		const struct word name = document->tunnels[i].name;
		const size_t first = topology_tunnel(topology, name.text);

		if (first < i)
			report_taken(validator, name, "tunnel", "tunnel",
				     topology->tunnels[first].at);
	}
	for (size_t i = 0; i < document->group_count; i++) {
		const struct word name = document->groups[i].name;
		const struct group *first = topology_group(topology, name.text);
		const size_t tunnel = topology_tunnel(topology, name.text);

		if (first != &topology->groups[i])
			report_taken(validator, name, "group", "group", first->at);
		else if (tunnel != TOPOLOGY_NONE)
			report_taken(validator, name, "group", "tunnel",
				     topology->tunnels[tunnel].at);
	}
}

static void validate_me(struct validator *validator)
{
	const struct word me = validator->document->me;
	struct diag *diag;

	validator->topology->me = TOPOLOGY_NONE;
	if (!me.text)
		return;
	validator->topology->me = topology_host(validator->topology, me.text);
	if (validator->topology->me != TOPOLOGY_NONE || validator->document->hosts_broken)
		return;
	diag = diag_error(validator->diags, CODE_UNKNOWN_HOST, me.at,
			  "'me' names unknown host '%s'", me.text);
	suggest_host(validator, diag, me.text);
}

struct topology *validate_document(const struct document *document, struct arena *arena,
				   struct diag_list *diags)
{
	struct topology *topology = arena_alloc(arena, sizeof(*topology));
	struct validator validator = {document, topology, arena, diags};

	declare(&validator);
	check_network_names(&validator);
	check_tunnel_names(&validator);
	validate_me(&validator);
	validate_vlans(&validator);
	validate_hosts(&validator);
	validate_rules(&validator);
	validate_tunnels(&validator);
	validate_groups(&validator);
	return topology;
}
