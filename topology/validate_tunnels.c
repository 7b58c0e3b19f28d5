#include "topology/validate.h"

#include <string.h>

#include "topology/codes.h"

static bool is_me(const struct word *word)
{
	return word->text && strcmp(word->text, "me") == 0;
}

/* The host that an index means, `me:` of the file included; TOPOLOGY_NONE when nobody can tell. */
static size_t known_host(const struct validator *validator, size_t host)
{
	return host == TOPOLOGY_ME ? validator->topology->me : host;
}

static void report_no_ssh(struct validator *validator, struct span at, size_t host, const char *why)
{
	const struct host *there = &validator->topology->hosts[host];
	struct diag *diag = diag_error(validator->diags, CODE_NO_SSH, at, "'%s' has no sshd, so %s",
				       there->name, why);

	diag->related = there->ssh.at;
	diag->related_text = "it says 'ssh: none' here";
	diag->help = "choose another host, or say ssh: {} if it has an sshd";
}

/* Whether a host lacks an sshd and is not the machine where the tunnel is brought up. */
static bool cannot_log_in(const struct validator *validator, size_t host)
{
	if (host >= validator->topology->host_count || host == validator->topology->me)
		return false;
	return validator->topology->hosts[host].ssh.none;
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
		validate_presence(validator, known, index, vlan.at);
	return index;
}

static void resolve_ingress(struct validator *validator, const struct doc_forward *from,
			    const char *tunnel, struct ingress *ingress)
{
	const struct notation_ingress *notation = &from->ingress;
	const struct word host = document_word(from->ingress_string, &notation->host);
	const struct word vlan = document_word(from->ingress_string, &notation->vlan);
	const struct referrer referrer = {"tunnel", tunnel, "is entered at"};

	ingress->at = document_word(from->ingress_string, &notation->whole).at;
	ingress->host = TOPOLOGY_ME;
	if (host.text && !is_me(&host))
		ingress->host = validate_host(validator, host, referrer);
	ingress->vlan = resolve_vlan(validator, vlan, ingress->host, referrer);
	ingress->bind = notation->address;
	ingress->any_port = notation->any_port;
	ingress->port = notation->port;
	ingress->path = notation->path;
	if (cannot_log_in(validator, ingress->host))
		report_no_ssh(validator, host.at, ingress->host, "it cannot listen for a tunnel");
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
		if (!validator->document->hosts[host].broken)
			report_unknown_service(validator, name, &validator->topology->hosts[host]);
		return;
	}
	egress->port = service->port;
	if (egress->host != TOPOLOGY_ME)
		egress->service = (size_t)(service - validator->topology->hosts[host].services);
}

/* An unknown host with a dot in its name is a place outside of the file, as an address is. */
static bool is_outside(const struct validator *validator, const struct notation_egress *notation)
{
	return notation->kind == EGRESS_PORT && !notation->vlan.text &&
	       strchr(notation->host.text, '.') &&
	       topology_host(validator->topology, notation->host.text) == TOPOLOGY_NONE;
}

static void check_login(struct validator *validator, const struct egress *egress, struct span at)
{
	if (!cannot_log_in(validator, egress->host))
		return;
	if (egress->kind == EGRESS_SOCKS)
		report_no_ssh(validator, at, egress->host, "traffic cannot leave there");
	else if (egress->kind == EGRESS_PATH)
		report_no_ssh(validator, at, egress->host, "its sockets cannot be reached");
}

static void resolve_egress(struct validator *validator, const struct doc_forward *from,
			   const char *tunnel, struct egress *egress)
{
	const struct notation_egress *notation = &from->egress;
	const struct word host = document_word(from->egress_string, &notation->host);
	const struct word vlan = document_word(from->egress_string, &notation->vlan);
	const struct referrer referrer = {"tunnel", tunnel, "leads to"};

	egress->at = document_word(from->egress_string, &notation->whole).at;
	egress->kind = notation->kind;
	egress->port = notation->port;
	egress->path = notation->path;
	egress->address = notation->address;
	egress->service = TOPOLOGY_NONE;
	egress->vlan = TOPOLOGY_NONE;
	egress->host = TOPOLOGY_NONE;
	if (is_outside(validator, notation)) {
		egress->kind = EGRESS_ADDRESS;
		egress->address = (struct address){.family = ADDRESS_NAME, .text = host.text};
	}
	if (egress->kind == EGRESS_ADDRESS)
		return;
	egress->host = is_me(&host) ? TOPOLOGY_ME : validate_host(validator, host, referrer);
	egress->vlan = resolve_vlan(validator, vlan, egress->host, referrer);
	if (notation->kind == EGRESS_SERVICE)
		resolve_service(validator, document_word(from->egress_string, &notation->service),
				egress);
	check_login(validator, egress, host.at);
}

/* An address outside of the file is on no VLAN: only the user knows from where it is reached. */
static void check_exit(struct validator *validator, const struct doc_tunnel *from,
		       const struct egress *egress)
{
	const char *name = egress->address.text;
	struct suggest suggest;
	struct diag *diag;

	if (egress->kind != EGRESS_ADDRESS || from->via_count || from->exit.text || from->broken)
		return;
	diag = diag_error(validator->diags, CODE_NEEDS_EXIT, egress->at,
			  "'%s' is no host of this file, so the tunnel must say where it leaves",
			  name);
	suggest_init(&suggest, name);
	if (validate_may_suggest(validator) && egress->address.family == ADDRESS_NAME)
		index_offer_hosts(validator->topology, &suggest);
	if (suggest.best)
		validate_suggest(validator, diag, suggest.best,
				 validator->topology->hosts[suggest.index].at);
	else
		diag->help = "add 'via HOST', or 'exit: HOST' in the long form";
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

/* A host that the tunnel passes or leaves at. */
static size_t resolve_hop(struct validator *validator, struct word host, const char *tunnel,
			  const char *verb)
{
	const struct referrer referrer = {"tunnel", tunnel, verb};
	size_t index;

	if (is_me(&host)) {
		diag_error(validator->diags, CODE_ME, host.at,
			   "'me' cannot be a hop: every tunnel begins there")
			->help = "name the hosts behind it";
		return TOPOLOGY_NONE;
	}
	index = validate_host(validator, host, referrer);
	if (index != TOPOLOGY_NONE && validator->topology->hosts[index].ssh.none)
		report_no_ssh(validator, host.at, index, "it cannot be a hop");
	return index;
}

static void resolve_tunnel(struct validator *validator, const struct doc_tunnel *from,
			   struct tunnel *tunnel)
{
	tunnel->forward_count = from->forward_count;
	tunnel->forwards =
		arena_array(validator->arena, from->forward_count, sizeof(struct forward));
	for (size_t i = 0; i < from->forward_count; i++) {
		struct forward *forward = &tunnel->forwards[i];

		resolve_ingress(validator, &from->forwards[i], tunnel->name, &forward->ingress);
		resolve_egress(validator, &from->forwards[i], tunnel->name, &forward->egress);
		check_exit(validator, from, &forward->egress);
		check_ingress_twice(validator, tunnel, i);
	}
	tunnel->via_count = from->via_count;
	tunnel->via = arena_array(validator->arena, from->via_count, sizeof(size_t));
	for (size_t i = 0; i < from->via_count; i++)
		tunnel->via[i] = resolve_hop(validator, from->via[i], tunnel->name, "goes through");
	tunnel->exit = TOPOLOGY_NONE;
	if (from->exit.text)
		tunnel->exit = resolve_hop(validator, from->exit, tunnel->name, "leaves at");
}

void validate_tunnels(struct validator *validator)
{
	for (size_t i = 0; i < validator->document->tunnel_count; i++)
		resolve_tunnel(validator, &validator->document->tunnels[i],
			       &validator->topology->tunnels[i]);
}
