#include "topology/validate/validate_parts.h"

#include <stdlib.h>
#include <string.h>

#include "topology/diag/codes.h"

/* The port of an sshd where nothing says otherwise. */
#define SSH_PORT 22

void validate_vlans(struct validator *validator)
{
	for (size_t i = 0; i < validator->document->vlan_count; i++)
		validator->topology->vlans[i] = validator->document->vlans[i];
}

/* --- logins */

static int compare_options(const void *left, const void *right)
{
	const struct ssh_option *a = left, *b = right;

	return strcmp(a->keyword, b->keyword);
}

static void sort_options(struct ssh_login *login)
{
	if (login->option_count)
		qsort(login->options, login->option_count, sizeof(*login->options),
		      compare_options);
}

void validate_defaults(struct validator *validator)
{
	struct ssh_login *ssh = &validator->topology->defaults.ssh;

	validator->topology->defaults.at = validator->document->defaults.at;
	*ssh = validator->document->defaults.ssh.login;
	if (ssh->port == 0)
		ssh->port = SSH_PORT;
	sort_options(ssh);
}

static const struct ssh_option *find_option(const struct ssh_login *login, const char *keyword)
{
	for (size_t i = 0; i < login->option_count; i++) {
		if (strcmp(login->options[i].keyword, keyword) == 0)
			return &login->options[i];
	}
	return NULL;
}

/* Adds the options of the defaults that the login does not have. */
static void add_options(struct validator *validator, struct ssh_login *login,
			const struct ssh_login *defaults)
{
	struct ssh_option *options;
	size_t count = login->option_count;

	if (defaults->option_count == 0)
		return;
	options = arena_array(validator->arena, count + defaults->option_count, sizeof(*options));
	if (count)
		memcpy(options, login->options, count * sizeof(*options));
	for (size_t i = 0; i < defaults->option_count; i++) {
		if (!find_option(login, defaults->options[i].keyword))
			options[count++] = defaults->options[i];
	}
	login->options = options;
	login->option_count = count;
}

/* What a host does not say of its login, the defaults do. */
static const struct ssh_login *resolve_login(struct validator *validator, struct doc_login *from)
{
	const struct ssh_login *defaults = &validator->topology->defaults.ssh;
	struct ssh_login *login;

	if (!from)
		return defaults;
	login = &from->login;
	if (login->port == 0)
		login->port = defaults->port;
	if (login->none)
		return login;
	if (!login->user)
		login->user = defaults->user;
	if (!login->identity)
		login->identity = defaults->identity;
	if (!from->interactive_at.at)
		login->interactive = defaults->interactive;
	add_options(validator, login, defaults);
	sort_options(login);
	return login;
}

/* --- what few hosts have */

static bool is_own(const struct host *host, const struct validator *validator, size_t index)
{
	return index == (size_t)(host - validator->topology->hosts);
}

static void report_itself(struct validator *validator, struct word word, const char *why)
{
	diag_error(validator->diags, CODE_ITSELF, word.at, "'%s' stands for itself here: %s",
		   word.text, why)
		->help = "name another host";
}

/* Makes what `at` says of a host's sshd, or of one of its services. */
static struct publication *resolve_publications(struct validator *validator,
						const struct doc_host_more *more, size_t service,
						struct host *host, size_t *ret_count)
{
	const struct referrer referrer = {"host", host->name, "is published at"};
	const unsigned kinds = INDEX_BIT(INDEX_HOSTS) | INDEX_BIT(INDEX_VLANS);
	struct publication *items =
		arena_array(validator->arena, more->publication_count, sizeof(*items));
	size_t count = 0;

	for (size_t i = 0; i < more->publication_count; i++) {
		const struct doc_publication *from = &more->publications[i];
		enum index_kind kind;
		size_t index;

		if (from->service != service ||
		    !validate_any(validator, from->where, kinds, CODE_UNKNOWN_VLAN, referrer, &kind,
				  &index))
			continue;
		if (kind == INDEX_HOSTS && is_own(host, validator, index)) {
			report_itself(validator, from->where, "it cannot be its own rendezvous");
			continue;
		}
		items[count] = from->values;
		items[count].vlan = kind == INDEX_VLANS ? index : TOPOLOGY_NONE;
		items[count].host = kind == INDEX_HOSTS ? index : TOPOLOGY_NONE;
		count++;
	}
	*ret_count = count;
	return items;
}

static void resolve_listens(struct validator *validator, const struct doc_host_more *more,
			    struct host *host)
{
	const size_t index = (size_t)(host - validator->topology->hosts);

	for (size_t i = 0; i < more->listen_count; i++) {
		const struct doc_listen *from = &more->listens[i];
		struct service *service = &host->services[from->service];
		const struct referrer referrer = {"service", service->name, "listens on"};
		const size_t vlan = validate_vlan(validator, from->vlan, referrer);

		if (vlan == TOPOLOGY_NONE ||
		    !validate_on_vlan(validator, index, vlan, NULL, from->vlan.at))
			continue;
		if (!service->listen_vlans)
			service->listen_vlans = arena_array(validator->arena, more->listen_count,
							    sizeof(*service->listen_vlans));
		service->listen_vlans[service->listen_count++] = vlan;
	}
}

static void resolve_keys(struct validator *validator, const struct doc_host_more *more,
			 struct host *host)
{
	const struct referrer referrer = {"host", host->name, "has a key for"};

	host->keys = arena_array(validator->arena, more->key_count, sizeof(*host->keys));
	for (size_t i = 0; i < more->key_count; i++) {
		const struct doc_key *from = &more->keys[i];
		const size_t index = validate_host(validator, from->host, referrer);

		if (index == TOPOLOGY_NONE)
			continue;
		if (is_own(host, validator, index))
			report_itself(validator, from->host, "it is on itself already");
		else
			host->keys[host->key_count++] =
				(struct host_key){index, from->user, from->host.at};
	}
}

static void resolve_more(struct validator *validator, const struct doc_host *from,
			 struct host *host)
{
	const struct doc_host_more *more = from->more;
	size_t count;

	if (!more)
		return;
	host->sshd = more->sshd;
	host->cost = more->cost;
	host->relay = more->relay;
	resolve_listens(validator, more, host);
	resolve_keys(validator, more, host);
	if (!more->publication_count)
		return;
	host->published = resolve_publications(validator, more, TOPOLOGY_NONE, host, &count);
	host->published_count = (uint32_t)count;
	for (size_t i = 0; i < host->service_count; i++) {
		struct service *service = &host->services[i];

		service->published = resolve_publications(validator, more, i, host, &count);
		service->published_count = (uint16_t)count;
	}
}

static void resolve_host(struct validator *validator, const struct doc_host *from,
			 struct host *host)
{
	const struct referrer referrer = {"host", host->name, "is on"};
	size_t count;

	validate_interfaces(validator, &from->interfaces, referrer, &host->interfaces, &count);
	host->interface_count = (uint32_t)count;
	host->ssh = resolve_login(validator, from->ssh);
	host->services = from->services;
	host->service_count = from->service_count;
	host->jump = from->jump;
	host->trust = from->trust;
	host->no_prime = from->no_prime;
}

/* Calls a reader for each host. What is wrong with one host of a range is said of this one alone. */
static void resolve_each(struct validator *validator,
			 void (*resolve)(struct validator *validator, const struct doc_host *from,
					 struct host *host))
{
	const struct doc_host *hosts = validator->document->hosts;
	struct diag_list *diags = validator->diags, unsaid;
	bool bad = false;

	diag_list_init(&unsaid, validator->scratch);
	for (size_t i = 0; i < validator->document->host_count; i++) {
		const size_t errors = diags->errors;

		bad = bad && hosts[i].name.at.at == hosts[i - 1].name.at.at;
		validator->diags = bad ? &unsaid : diags;
		resolve(validator, &hosts[i], &validator->topology->hosts[i]);
		bad |= diags->errors > errors;
	}
	validator->diags = diags;
}

void validate_hosts(struct validator *validator)
{
	resolve_each(validator, resolve_host);
	/* A rendezvous may stand behind those that connect to it. */
	resolve_each(validator, resolve_more);
}
