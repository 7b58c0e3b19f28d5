#include <string.h>

#include "topology/print/print_parts.h"

static const struct span nowhere;

/* --- what several parts need */

void print_words_begin(struct printer *printer, size_t count)
{
	printer->words = arena_array(printer->scratch, count, sizeof(*printer->words));
	printer->word_count = 0;
}

void print_words_add(struct printer *printer, const char *word)
{
	printer->words[printer->word_count++] = word;
}

void print_words_end(struct printer *printer, const char *key)
{
	if (printer->word_count)
		writer_list(&printer->writer, key, printer->words, printer->word_count, nowhere);
}

void print_trust(struct printer *printer, const char *key, uint8_t trust)
{
	if (trust != TRUST_MEDIUM)
		writer_scalar(&printer->writer, key, topology_trust_name(trust), nowhere);
}

void print_interfaces(struct printer *printer, const struct interface *interfaces, size_t count)
{
	writer_open(&printer->writer, "vlans", nowhere);
	for (size_t i = 0; i < count; i++) {
		const char **words =
			arena_array(printer->scratch, interfaces[i].address_count, sizeof(*words));

		for (size_t j = 0; j < interfaces[i].address_count; j++)
			words[j] = interfaces[i].addresses[j].text;
		writer_list(&printer->writer, printer->topology->vlans[interfaces[i].vlan].name,
			    words, interfaces[i].address_count, nowhere);
	}
	writer_close_full(&printer->writer);
}

/* --- logins */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool has_option(const struct ssh_login *login, const struct ssh_option *option)
{
	for (size_t i = 0; i < login->option_count; i++) {
		if (strcmp(login->options[i].keyword, option->keyword) == 0)
			return strcmp(login->options[i].value, option->value) == 0;
	}
	return false;
}

void print_login(struct printer *printer, const struct ssh_login *login,
		 const struct ssh_login *defaults)
{
	struct writer *writer = &printer->writer;

	if (!same_text(login->user, defaults->user))
		writer_scalar(writer, "user", login->user, nowhere);
	if (login->port != defaults->port)
		writer_number(writer, "port", login->port, nowhere);
	if (!same_text(login->identity, defaults->identity))
		writer_scalar(writer, "identity", login->identity, nowhere);
	if (login->config)
		writer_scalar(writer, "config", login->config, nowhere);
	if (login->interactive != defaults->interactive)
		writer_boolean(writer, "interactive", login->interactive, nowhere);
	writer_open(writer, "options", nowhere);
	for (size_t i = 0; i < login->option_count; i++) {
		if (!has_option(defaults, &login->options[i]))
			writer_scalar(writer, login->options[i].keyword, login->options[i].value,
				      login->options[i].at);
	}
	writer_close_full(writer);
}

static void print_ssh(struct printer *printer, const struct ssh_login *login)
{
	if (!login->stated)
		return;
	if (login->none) {
		writer_scalar(&printer->writer, "ssh", "none", login->at);
		return;
	}
	writer_open(&printer->writer, "ssh", login->at);
	print_login(printer, login, &printer->topology->defaults.ssh);
	writer_close(&printer->writer);
}

/* --- sshd */

static void print_permits(struct printer *printer, const char *key,
			  const struct sshd_permits *permits, struct span at)
{
	const char **words;

	if (permits->kind != SSHD_PERMITS_LISTED) {
		writer_scalar(&printer->writer, key,
			      permits->kind == SSHD_PERMITS_ANY ? "any" : "none", at);
		return;
	}
	words = arena_array(printer->scratch, permits->count, sizeof(*words));
	for (size_t i = 0; i < permits->count; i++)
		words[i] = permits->items[i].text;
	writer_list(&printer->writer, key, words, permits->count, at);
}

static void print_sshd(struct printer *printer, const struct sshd_settings *sshd)
{
	struct writer *writer = &printer->writer;

	if (!sshd)
		return;
	writer_open(writer, "sshd", nowhere);
	if (sshd->at[SSHD_ALLOW_TCP_FORWARDING].at)
		writer_scalar(writer, "AllowTcpForwarding", sshd_forwarding_name(sshd->tcp),
			      sshd->at[SSHD_ALLOW_TCP_FORWARDING]);
	if (sshd->at[SSHD_ALLOW_STREAM_LOCAL_FORWARDING].at)
		writer_scalar(writer, "AllowStreamLocalForwarding",
			      sshd_forwarding_name(sshd->stream_local),
			      sshd->at[SSHD_ALLOW_STREAM_LOCAL_FORWARDING]);
	if (sshd->at[SSHD_DISABLE_FORWARDING].at)
		writer_boolean(writer, "DisableForwarding", sshd->disable_forwarding,
			       sshd->at[SSHD_DISABLE_FORWARDING]);
	if (sshd->at[SSHD_GATEWAY_PORTS].at)
		writer_scalar(writer, "GatewayPorts", sshd_gateway_ports_name(sshd->gateway_ports),
			      sshd->at[SSHD_GATEWAY_PORTS]);
	if (sshd->at[SSHD_PERMIT_OPEN].at)
		print_permits(printer, "PermitOpen", &sshd->open, sshd->at[SSHD_PERMIT_OPEN]);
	if (sshd->at[SSHD_PERMIT_LISTEN].at)
		print_permits(printer, "PermitListen", &sshd->listen, sshd->at[SSHD_PERMIT_LISTEN]);
	if (sshd->at[SSHD_MAX_SESSIONS].at)
		writer_number(writer, "MaxSessions", sshd->max_sessions,
			      sshd->at[SSHD_MAX_SESSIONS]);
	writer_close(writer);
}

/* --- services and publications */

static const char *where_text(const struct printer *printer, const struct publication *publication)
{
	return publication->vlan == TOPOLOGY_NONE
		       ? printer->topology->hosts[publication->host].name
		       : printer->topology->vlans[publication->vlan].name;
}

static const char *publication_text(const struct printer *printer,
				    const struct publication *publication)
{
	return arena_format(printer->scratch,
			    publication->address.family == ADDRESS_IPV6 ? "[%s]:%u" : "%s:%u",
			    publication->address.text, publication->port);
}

/* Those at one place follow each other: they stand under one key. */
static void print_publications(struct printer *printer, const struct publication *items,
			       size_t count)
{
	writer_open(&printer->writer, "at", nowhere);
	for (size_t i = 0, end; i < count; i = end) {
		print_words_begin(printer, count - i);
		for (end = i; end < count && items[end].vlan == items[i].vlan &&
			      items[end].host == items[i].host;
		     end++)
			print_words_add(printer, publication_text(printer, &items[end]));
		writer_list(&printer->writer, where_text(printer, &items[i]), printer->words,
			    printer->word_count, items[i].at);
	}
	writer_close_full(&printer->writer);
}

static void print_listen(struct printer *printer, const struct service *service)
{
	if (service->listen == LISTEN_LOOPBACK)
		writer_scalar(&printer->writer, "listen", "loopback", nowhere);
	print_words_begin(printer, service->listen_count);
	for (size_t i = 0; i < service->listen_count; i++)
		print_words_add(printer, printer->topology->vlans[service->listen_vlans[i]].name);
	print_words_end(printer, "listen");
}

static void print_service(struct printer *printer, const struct service *service)
{
	static const char *const encryptions[] = {
		[SERVICE_TLS] = "tls",
		[SERVICE_SSH] = "ssh",
	};
	static const char *const labs[] = {
		[LAB_GIT] = "git",     [LAB_HTTP] = "http", [LAB_HTTPS] = "https",
		[LAB_PROXY] = "proxy", [LAB_IMAP] = "imap",
	};
	struct writer *writer = &printer->writer;

	writer_open(writer, service->name, service->at);
	if (service->socket)
		writer_scalar(writer, "socket", service->socket, nowhere);
	else
		writer_number(writer, "port", service->port, nowhere);
	if (service->encrypted != SERVICE_CLEAR)
		writer_scalar(writer, "encrypted", encryptions[service->encrypted], nowhere);
	print_listen(printer, service);
	print_publications(printer, service->published, service->published_count);
	if (service->lab != LAB_RESPONDER)
		writer_scalar(writer, "lab", labs[service->lab], nowhere);
	writer_close(writer);
}

/* --- hosts */

static void print_relay(struct printer *printer, const struct host *host)
{
	print_words_begin(printer, 2);
	if (host->relay & RELAY_SOCAT)
		print_words_add(printer, "socat");
	if (host->relay & RELAY_NC)
		print_words_add(printer, "nc");
	print_words_end(printer, "relay");
}

/* A key without a user is written as null. */
static void print_keys(struct printer *printer, const struct host *host)
{
	writer_open(&printer->writer, "keys", nowhere);
	for (size_t i = 0; i < host->key_count; i++) {
		const struct host_key *key = &host->keys[i];
		const char *name = printer->topology->hosts[key->host].name;

		if (key->user)
			writer_scalar(&printer->writer, name, key->user, key->at);
		else
			writer_null(&printer->writer, name, key->at);
	}
	writer_close_full(&printer->writer);
}

static void print_host(struct printer *printer, const struct host *host)
{
	struct writer *writer = &printer->writer;

	writer_open(writer, host->name, host->at);
	print_interfaces(printer, host->interfaces, host->interface_count);
	print_ssh(printer, host->ssh);
	writer_open(writer, "services", nowhere);
	for (size_t i = 0; i < host->service_count; i++)
		print_service(printer, &host->services[i]);
	writer_close_full(writer);
	print_publications(printer, host->published, host->published_count);
	print_sshd(printer, host->sshd);
	print_relay(printer, host);
	print_keys(printer, host);
	if (host->jump != JUMP_YES)
		writer_scalar(writer, "jump", host->jump == JUMP_NO ? "no" : "avoid", nowhere);
	print_trust(printer, "trust", host->trust);
	if (host->cost)
		writer_number(writer, "cost", host->cost, nowhere);
	if (host->no_prime)
		writer_boolean(writer, "prime", false, nowhere);
	writer_close(writer);
}

void print_hosts(struct printer *printer)
{
	const struct topology *topology = printer->topology;

	writer_open(&printer->writer, "hosts", nowhere);
	for (size_t i = 0; i < topology->host_count; i++)
		print_host(printer, &topology->hosts[i]);
	writer_close_full(&printer->writer);
}
