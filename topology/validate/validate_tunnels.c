#include "topology/validate/validate_parts.h"

#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"

/* The host that an index means, `me:` of the file included; TOPOLOGY_NONE when nobody can tell. */
static size_t known_host(const struct validator *validator, size_t host)
{
	return host == TOPOLOGY_ME ? validator->topology->me : host;
}

/* Whether a host lacks an sshd and is not the machine where the tunnel is brought up. */
static bool cannot_log_in(const struct validator *validator, size_t host)
{
	if (host >= validator->topology->host_count || host == validator->topology->me)
		return false;
	return validator->topology->hosts[host].ssh->none;
}

/* HOST["@"VLAN] of an ingress or egress; the VLAN must be one of the host's. */
static size_t resolve_vlan(struct validator *validator, struct word vlan, size_t host,
			   struct referrer referrer)
{
	const size_t known = known_host(validator, host);
	size_t index;

	if (!vlan.text)
		return TOPOLOGY_NONE;
	index = validate_vlan(validator, vlan, referrer);
	if (index != TOPOLOGY_NONE && known < validator->topology->host_count)
		validate_on_vlan(validator, known, index, NULL, vlan.at);
	return index;
}

/*
 * USER@HOST, as ssh has it, or HOST@ADDRESS, where HOST@VLAN belongs; says so. behind: what stands between
 * the host and the address where an address is meant; NULL: nothing, and not the host either.
 */
static bool is_login(struct validator *validator, struct word user, struct word host,
		     const char *behind)
{
	const struct topology *topology = validator->topology;
	struct address address;
	struct diag *diag;

	if (host.text &&
	    address_numeric(host.text, strlen(host.text), validator->scratch, &address)) {
		diag = diag_error(validator->diags, CODE_UNKNOWN_VLAN, host.at,
				  "behind '@' stands a VLAN, and '%s' is an address", host.text);
		diag_help(validator->diags, diag, "write %s%s%s, with the port",
			  behind ? user.text : "", behind ? behind : "", host.text);
		return true;
	}
	if (!host.text || topology_host(topology, host.text) == TOPOLOGY_NONE ||
	    topology_host(topology, user.text) != TOPOLOGY_NONE || validate_is_me(&user))
		return false;
	diag = diag_error(validator->diags, CODE_UNKNOWN_VLAN, host.at,
			  "behind '@' stands a VLAN, and '%s' is a host", host.text);
	diag_help(validator->diags, diag,
		  "write %s alone; who logs in there stands at the host: ssh: {user: %s}",
		  host.text, user.text);
	return true;
}

static void resolve_ingress(struct validator *validator, const struct doc_ingress *from,
			    const char *tunnel, struct ingress *ingress)
{
	const struct referrer referrer = {"tunnel", tunnel, "is entered at"};

	*ingress = from->values;
	ingress->host = TOPOLOGY_ME;
	ingress->vlan = TOPOLOGY_NONE;
	if (is_login(validator, from->host, from->vlan, ":"))
		return;
	if (from->host.text && !validate_is_me(&from->host))
		ingress->host = validate_host(validator, from->host, referrer);
	ingress->vlan = resolve_vlan(validator, from->vlan, ingress->host, referrer);
	if (cannot_log_in(validator, ingress->host))
		validate_no_ssh(validator, from->host.at, ingress->host,
				"it cannot listen for a tunnel");
}

static void report_unknown_service(struct validator *validator, struct word service,
				   const struct host *host)
{
	struct suggest suggest;
	struct diag *diag = diag_error(validator->diags, CODE_UNKNOWN_SERVICE, service.at,
				       "host '%s' has no service '%s'", host->name, service.text);

	suggest_init(&suggest, service.text);
	for (size_t i = 0; i < host->service_count; i++)
		suggest_offer(&suggest, host->services[i].name, i);
	if (suggest.best) {
		validate_suggest(validator, diag, suggest.best, host->services[suggest.index].at);
		return;
	}
	diag->related = host->at;
	if (address_port(service.text, strlen(service.text), &(uint16_t){0})) {
		diag_help(validator->diags, diag, "a port stands behind ':': %s:%s", host->name,
			  service.text);
		return;
	}
	diag_help(validator->diags, diag,
		  "add it to the host, services: {%s: PORT}, or write %s:PORT", service.text,
		  host->name);
}

static void resolve_service(struct validator *validator, struct word name, struct egress *egress)
{
	const size_t host = known_host(validator, egress->host);
	const struct service *service;

	egress->service_name = name.text;
	if (host >= validator->topology->host_count)
		return;
	service = host_service(&validator->topology->hosts[host], name.text);
	if (!service) {
		if (!validate_is_broken(validator, host))
			report_unknown_service(validator, name, &validator->topology->hosts[host]);
		return;
	}
	egress->port = service->port;
	egress->path = service->socket;
	if (egress->host != TOPOLOGY_ME)
		egress->service = (size_t)(service - validator->topology->hosts[host].services);
}

/* Whether a name is one of a host, VLAN or set of the file. */
static bool is_known(const struct validator *validator, const char *name)
{
	for (enum index_kind kind = 0; kind < INDEX_KINDS; kind++) {
		if (index_namespace(INDEX_HOSTS) & INDEX_BIT(kind) &&
		    index_find(validator->topology, kind, name) != TOPOLOGY_NONE)
			return true;
	}
	return false;
}

/*
 * An unknown host is a place outside of the file, as an address is, if its name has a dot, or if the file
 * says who looks the name up (L017 warns of what may be a mistyped host).
 */
static bool is_outside(const struct validator *validator, const struct doc_egress *from,
		       bool has_exit)
{
	if (from->values.kind != EGRESS_PORT || from->vlan.text || validate_is_me(&from->host))
		return false;
	if (strchr(from->host.text, '.'))
		return topology_host(validator->topology, from->host.text) == TOPOLOGY_NONE;
	return has_exit && !is_known(validator, from->host.text);
}

static void check_login(struct validator *validator, const struct egress *egress, struct span at)
{
	if (!cannot_log_in(validator, egress->host))
		return;
	if (egress->kind == EGRESS_SOCKS)
		validate_no_ssh(validator, at, egress->host, "traffic cannot leave there");
	else if (egress->path)
		validate_no_ssh(validator, at, egress->host, "its sockets cannot be reached");
}

static void resolve_egress(struct validator *validator, const struct doc_egress *from,
			   const struct doc_tunnel *of, struct egress *egress)
{
	const struct referrer referrer = {"tunnel", of->name.text, "leads to"};

	*egress = from->values;
	egress->service = TOPOLOGY_NONE;
	egress->vlan = TOPOLOGY_NONE;
	egress->host = TOPOLOGY_NONE;
	if (is_outside(validator, from, of->via.count || of->exit.text)) {
		egress->kind = EGRESS_ADDRESS;
		egress->address = (struct address){.family = ADDRESS_NAME, .text = from->host.text};
	}
	if (egress->kind == EGRESS_ADDRESS) {
		egress->host = validate_owner(validator, &egress->address, &egress->vlan);
		if (egress->host != TOPOLOGY_NONE)
			egress->kind = EGRESS_PORT;
		return;
	}
	if (is_login(validator, from->host, from->vlan, NULL))
		return;
	egress->host = validate_is_me(&from->host) ? TOPOLOGY_ME
						   : validate_host(validator, from->host, referrer);
	egress->vlan = resolve_vlan(validator, from->vlan, egress->host, referrer);
	if (from->values.kind == EGRESS_SERVICE)
		resolve_service(validator, from->service, egress);
	check_login(validator, egress, from->host.at);
}

/* Whether an address that is no host's lies in the range of a VLAN, so that it is known who is near it (rule 5 of tunplan(7)). */
static bool is_in_range(const struct topology *topology, const struct address *address)
{
	for (size_t v = 0; v < topology->vlan_count; v++)
		for (size_t i = 0; i < topology->vlans[v].cidr_count; i++)
			if (cidr_contains(&topology->vlans[v].cidrs[i], address))
				return true;
	return false;
}

/* An address outside of the file is on no VLAN: only the user knows from where it is reached. */
static void check_exit(struct validator *validator, const struct doc_tunnel *from,
		       const struct egress *egress)
{
	const char *name = egress->address.text;
	struct suggest suggest;
	struct diag *diag;

	if (egress->kind != EGRESS_ADDRESS || from->via.count || from->exit.text || from->broken ||
	    is_in_range(validator->topology, &egress->address))
		return;
	if (address_is_localhost(name) || address_is_wildcard(name)) {
		diag = diag_error(validator->diags, CODE_NEEDS_EXIT, egress->at,
				  "'%s' is an address of each host, and the tunnel does not say "
				  "of which",
				  name);
		diag_help(validator->diags, diag,
			  "write HOST:%u; me:%u is this machine, at the end of a tunnel from "
			  "elsewhere",
			  egress->port, egress->port);
		return;
	}
	diag = diag_error(validator->diags, CODE_NEEDS_EXIT, egress->at,
			  "'%s' is not a host of this file, so the tunnel needs 'via' or 'exit'",
			  name);
	suggest_init(&suggest, name);
	if (validate_may_suggest(validator) && egress->address.family == ADDRESS_NAME)
		index_offer(validator->topology, INDEX_HOSTS, &suggest);
	if (suggest.best)
		validate_suggest(validator, diag, suggest.best,
				 validator->topology->hosts[suggest.index].at);
	else
		diag->help = "add 'via HOST', or 'exit: HOST' in the long form; or, of an address, "
			     "its range under 'vlans'";
}

static bool same_bind(const struct ingress *a, const struct ingress *b)
{
	if (!a->bind.text || !b->bind.text)
		return a->bind.text == b->bind.text;
	return strcmp(a->bind.text, b->bind.text) == 0;
}

static bool same_ingress(const struct validator *validator, const struct ingress *a,
			 const struct ingress *b)
{
	if (known_host(validator, a->host) != known_host(validator, b->host))
		return false;
	if (a->path || b->path)
		return a->path && b->path && strcmp(a->path, b->path) == 0;
	return !a->any_port && a->port == b->port && a->vlan == b->vlan && same_bind(a, b);
}

static void check_ingress_twice(struct validator *validator, const struct tunnel *tunnel,
				size_t index)
{
	const struct ingress *ingress = &tunnel->forwards[index].ingress;

	for (size_t i = 0; i < index; i++) {
		struct diag *diag;

		if (!same_ingress(validator, &tunnel->forwards[i].ingress, ingress))
			continue;
		diag = diag_error(validator->diags, CODE_INGRESS_TWICE, ingress->at,
				  "tunnel '%s' listens here twice", tunnel->name);
		diag->help = "give each forward an ingress of its own";
		diag->related = tunnel->forwards[i].ingress.at;
		diag->related_text = "first used here";
		return;
	}
}

/* --- what a tunnel is held to */

static void resolve_avoid(struct validator *validator, const struct word_list *avoid,
			  struct referrer referrer, struct tunnel_options *options)
{
	const unsigned kinds = INDEX_BIT(INDEX_HOSTS) | INDEX_BIT(INDEX_VLANS);

	options->avoid_host_count = options->avoid_vlan_count = 0;
	options->avoid_hosts =
		arena_array(validator->arena, avoid->count, sizeof(*options->avoid_hosts));
	options->avoid_vlans =
		arena_array(validator->arena, avoid->count, sizeof(*options->avoid_vlans));
	for (size_t i = 0; i < avoid->count; i++) {
		enum index_kind kind;
		size_t index;

		if (!validate_any(validator, avoid->items[i], kinds, CODE_UNKNOWN_HOST, referrer,
				  &kind, &index))
			continue;
		if (kind == INDEX_HOSTS)
			options->avoid_hosts[options->avoid_host_count++] = index;
		else
			options->avoid_vlans[options->avoid_vlan_count++] = index;
	}
}

/* What the tunnel does not say, the defaults do. */
static void resolve_options(struct validator *validator, const struct doc_tunnel_options *from,
			    struct referrer referrer, const struct tunnel_options *defaults,
			    struct tunnel_options *options)
{
	*options = *defaults;
	if (from->avoid.items)
		resolve_avoid(validator, &from->avoid, referrer, options);
	if (from->values.method)
		options->method = from->values.method;
	if (from->values.max_hops)
		options->max_hops = from->values.max_hops;
	if (from->limits_at.min_trust.at)
		options->min_trust = from->values.min_trust;
	if (from->probe_at.at)
		options->no_probe = from->values.no_probe;
	if (from->probe_at.at)
		options->probe_s = from->values.probe_s;
	if (from->failover_at.at)
		options->no_failover = from->values.no_failover;
	if (from->on_demand_at.at)
		options->on_demand = from->values.on_demand;
	if (from->values.idle_timeout_s)
		options->idle_timeout_s = from->values.idle_timeout_s;
}

static void report_contradiction(struct validator *validator, struct span at, const char *tunnel,
				 const char *host)
{
	diag_error(validator->diags, CODE_CONTRADICTION, at,
		   "tunnel '%s' must both pass and avoid '%s'", tunnel, host)
		->help = "remove it from one of the two";
}

/* Whether each host that the tunnel may pass there is one that it must not. */
static bool is_avoided(const struct tunnel_options *options, const struct stop *stop)
{
	size_t avoided = 0;

	for (size_t i = 0; i < stop->count; i++) {
		size_t at = 0;

		while (at < options->avoid_host_count && options->avoid_hosts[at] != stop->hosts[i])
			at++;
		avoided += at < options->avoid_host_count;
	}
	return stop->count && avoided == stop->count;
}

static void check_options(struct validator *validator, const struct doc_tunnel *from,
			  const struct tunnel *tunnel)
{
	const struct tunnel_options *options = &tunnel->options;
	const size_t hops = tunnel->via_count;

	for (size_t i = 0; i < tunnel->via_count; i++) {
		if (is_avoided(options, &tunnel->via[i]))
			report_contradiction(validator, from->via.items[i].at, tunnel->name,
					     from->via.items[i].text);
	}
	if (is_avoided(options, &tunnel->exit))
		report_contradiction(validator, from->exit.at, tunnel->name, from->exit.text);
	if (options->max_hops && hops > options->max_hops && from->options.values.max_hops)
		diag_error(validator->diags, CODE_CONTRADICTION, from->options.hops_at,
			   "tunnel '%s' must pass %zu hosts, but may have only %u hop%s",
			   tunnel->name, hops, options->max_hops, options->max_hops == 1 ? "" : "s")
			->help = "allow more hops, or shorten 'via'";
	if (tunnel->stitch_count && options->method != METHOD_STITCHED)
		diag_error(validator->diags, CODE_STITCH, from->stitch_at,
			   "'stitch' says where pieces are joined, and tunnel '%s' has none",
			   tunnel->name)
			->help = "add method: stitched, or drop it";
}

/* --- all of a tunnel */

static void resolve_forwards(struct validator *validator, const struct doc_tunnel *from,
			     struct tunnel *tunnel)
{
	tunnel->forward_count = from->forward_count;
	tunnel->forwards =
		arena_array(validator->arena, from->forward_count, sizeof(struct forward));
	for (size_t i = 0; i < from->forward_count; i++) {
		struct forward *forward = &tunnel->forwards[i];

		resolve_ingress(validator, &from->forwards[i].ingress, tunnel->name,
				&forward->ingress);
		resolve_egress(validator, &from->forwards[i].egress, from, &forward->egress);
		check_exit(validator, from, &forward->egress);
		check_ingress_twice(validator, tunnel, i);
	}
}

void validate_tunnel(struct validator *validator, const struct doc_tunnel *from,
		     struct tunnel *tunnel)
{
	const struct referrer referrer = {"tunnel", tunnel->name, "avoids"};

	resolve_forwards(validator, from, tunnel);
	tunnel->via_count = from->via.count;
	tunnel->via = arena_array(validator->arena, from->via.count, sizeof(*tunnel->via));
	for (size_t i = 0; i < from->via.count; i++)
		tunnel->via[i] =
			validate_stop(validator, from->via.items[i], tunnel->name, "goes through");
	if (from->exit.text)
		tunnel->exit = validate_stop(validator, from->exit, tunnel->name, "leaves at");
	tunnel->stitch = from->stitch;
	tunnel->stitch_count = from->stitch_count;
	resolve_options(validator, &from->options, referrer, &validator->topology->defaults.tunnel,
			&tunnel->options);
	check_options(validator, from, tunnel);
}

void validate_tunnels(struct validator *validator)
{
	const struct referrer referrer = {"'tunnel' of 'defaults'", NULL, "avoids"};
	const struct tunnel_options none = {0};

	resolve_options(validator, &validator->document->defaults.tunnel, referrer, &none,
			&validator->topology->defaults.tunnel);
	validator->topology->defaults.limits_at = validator->document->defaults.tunnel.limits_at;
	validator->spoiled = arena_array(validator->scratch, validator->document->tunnel_count,
					 sizeof(*validator->spoiled));
	for (size_t i = 0; i < validator->document->tunnel_count; i++) {
		const struct doc_tunnel *from = &validator->document->tunnels[i];
		const size_t errors = validator->diags->errors;

		validator->diags->tunnel = from->name.text;
		validate_tunnel(validator, from, &validator->topology->tunnels[i]);
		validator->spoiled[i] = from->broken || validator->diags->errors > errors;
	}
	validator->diags->tunnel = NULL;
}
