#include "exec/lab/host/host_text.h"

#include <string.h>

#include "exec/lab/host/layout.h"
#include "exec/lab/network/published.h"

#define SSH_PORT 22

/* The login of `git clone ssh://git@…`. */
static const char git_user[] = "git";

bool lab_host_has_key(const struct host *host)
{
	for (size_t s = 0; s < host->service_count; s++)
		if (host->services[s].lab == LAB_GIT)
			return true;
	return !host->ssh->none;
}

/* The names that the file gives as addresses belong to the leg they stand for. */
static void named_addresses(const struct lab_network *network, const struct lab_node *node,
			    struct strbuf *text)
{
	const struct host *host = &network->topology->hosts[node->host];

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *interface = &host->interfaces[i];
		const struct lab_leg *leg = &node->legs[i];

		for (size_t a = 0; a < interface->address_count; a++)
			for (size_t l = 0; l < leg->address_count; l++)
				if (interface->addresses[a].family == ADDRESS_NAME)
					strbuf_printf(text, "%s\t%s\n",
						      leg->addresses[l].address.text,
						      interface->addresses[a].text);
	}
}

/* The addresses that a name stands for: those of a family in which the way there leaves. */
static void dial_names(const struct lab_dial *dial, const char *name, struct strbuf *text)
{
	for (size_t a = 0; dial->arriving && a < dial->arriving->address_count; a++) {
		const struct address *address = &dial->arriving->addresses[a].address;

		if (!dial->leaving || lab_leg_address(dial->leaving, address->family))
			strbuf_printf(text, "%s\t%s\n", address->text, name);
	}
}

/* The names at which things are published: on a VLAN for all, on a host for itself. */
static void published_names(const struct lab_network *network, const struct lab_node *node,
			    struct strbuf *text)
{
	for (size_t p = 0; p < network->published_count; p++) {
		const struct lab_published *published = &network->published[p];
		const struct publication *at = published->at;

		if (at->address.family != ADDRESS_NAME ||
		    strcmp(at->address.text, "localhost") == 0 ||
		    (at->vlan == TOPOLOGY_NONE && at->host != node->host))
			continue;
		for (size_t a = 0; published->listen.addresses[a]; a++)
			strbuf_printf(text, "%s\t%s\n", published->listen.addresses[a],
				      at->address.text);
	}
}

/* Its own name is all of its addresses: what listens on one of them only is found by it, too. */
static void own_names(const struct lab_node *node, struct strbuf *text)
{
	if (node->leg_count == 0)
		strbuf_printf(text, "127.0.1.1\t%s\n", node->name);
	for (size_t l = 0; l < node->leg_count; l++)
		dial_names(&(const struct lab_dial){.arriving = &node->legs[l]}, node->name, text);
}

void lab_text_hosts(const struct lab_network *network, const struct lab_node *node,
		    struct strbuf *text)
{
	strbuf_puts(text, "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n");
	for (size_t h = 0; h < network->topology->host_count; h++) {
		const struct lab_node *other = &network->nodes[h];

		if (other == node) {
			own_names(node, text);
		} else {
			const struct lab_dial dial = lab_dial_name(network, node, other);

			dial_names(&dial, other->name, text);
		}
		named_addresses(network, other, text);
	}
	published_names(network, node, text);
}

/* Whether one of the first lines of passwd that we wrote has that name already. */
static bool passwd_has(const struct strbuf *text, size_t start, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = strbuf_text(text) + start; *line; line = strchr(line, '\n') + 1)
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			return true;
	return false;
}

static void passwd_add(const struct lab_user *user, const char *name, size_t start,
		       struct strbuf *text)
{
	if (!passwd_has(text, start, name))
		strbuf_printf(text, "%s:x:%u:%u:%s:" LAB_HOME ":%s\n", name, (unsigned)user->uid,
			      (unsigned)user->gid, name, user->shell);
}

/* Returns the start of the next line, or NULL after the last. */
static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}

void lab_text_passwd(const struct topology *topology, const char *machine,
		     const struct lab_user *user, struct strbuf *text)
{
	size_t start = text->length;

	/* The user comes first: looked up by number, that is the name that is found. */
	passwd_add(user, user->name, start, text);
	passwd_add(user, git_user, start, text);
	for (size_t h = 0; h < topology->host_count; h++)
		if (topology->hosts[h].ssh->user)
			passwd_add(user, topology->hosts[h].ssh->user, start, text);
	for (const char *line = machine; line && *line; line = next_line(line)) {
		char name[256];
		size_t length = strcspn(line, ":\n");
		size_t whole = strcspn(line, "\n");

		if (length >= sizeof(name))
			continue;
		memcpy(name, line, length);
		name[length] = '\0';
		if (!passwd_has(text, start, name)) {
			strbuf_add(text, line, whole);
			strbuf_puts(text, "\n");
		}
	}
}

void lab_text_group(const char *machine, struct strbuf *text)
{
	for (const char *line = machine; line && *line; line = next_line(line)) {
		if (strncmp(line, "tty:", 4) == 0)
			continue;
		strbuf_add(text, line, strcspn(line, "\n"));
		strbuf_puts(text, "\n");
	}
}

static void ssh_block(const struct host *host, struct strbuf *text)
{
	if (host->ssh->port != SSH_PORT)
		strbuf_printf(text, "\tPort %u\n", (unsigned)host->ssh->port);
	if (host->ssh->user)
		strbuf_printf(text, "\tUser %s\n", host->ssh->user);
}

void lab_text_ssh_config(const struct topology *topology, struct strbuf *text)
{
	strbuf_puts(text, "# Written by the lab: the hosts as the topology describes them.\n");
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		if (host->ssh->none)
			continue;
		if (host->ssh->port != SSH_PORT || host->ssh->user) {
			strbuf_printf(text, "Host %s\n", host->name);
			ssh_block(host, text);
		}
		if (host->ssh->config && strcmp(host->ssh->config, host->name) != 0) {
			strbuf_printf(text, "Host %s\n\tHostName %s\n", host->ssh->config,
				      host->name);
			ssh_block(host, text);
		}
	}
	strbuf_puts(text, "Host *\n\tStrictHostKeyChecking accept-new\n");
}

static void known_name(const char *name, uint16_t port, size_t start, struct strbuf *text)
{
	if (text->length > start)
		strbuf_puts(text, ",");
	if (port == SSH_PORT)
		strbuf_puts(text, name);
	else
		strbuf_printf(text, "[%s]:%u", name, (unsigned)port);
}

/* All names and addresses of a host with one port. */
static void known_port(const struct topology *topology, const struct lab_node *node, uint16_t port,
		       size_t start, struct strbuf *text)
{
	const struct host *host = &topology->hosts[node->host];

	known_name(host->name, port, start, text);
	for (size_t l = 0; l < node->leg_count; l++)
		for (size_t a = 0; a < node->legs[l].address_count; a++)
			known_name(node->legs[l].addresses[a].address.text, port, start, text);
	for (size_t i = 0; i < host->interface_count; i++)
		for (size_t a = 0; a < host->interfaces[i].address_count; a++)
			if (host->interfaces[i].addresses[a].family == ADDRESS_NAME)
				known_name(host->interfaces[i].addresses[a].text, port, start,
					   text);
}

void lab_text_known_hosts(const struct lab_network *network, const char *const *keys,
			  struct strbuf *text)
{
	const struct topology *topology = network->topology;

	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];
		size_t start = text->length;

		if (!keys[h])
			continue;
		if (!host->ssh->none)
			known_port(topology, &network->nodes[h], host->ssh->port, start, text);
		for (size_t p = 0; !host->ssh->none && p < host->published_count; p++)
			/* That of a loopback is not the same one everywhere. */
			if (host->published[p].vlan != TOPOLOGY_NONE)
				known_name(host->published[p].address.text, host->published[p].port,
					   start, text);
		for (size_t s = 0; s < host->service_count; s++)
			if (host->services[s].lab == LAB_GIT)
				known_port(topology, &network->nodes[h], host->services[s].port,
					   start, text);
		strbuf_printf(text, " %s\n", keys[h]);
	}
}

/* Appends a word in the quotes of sshd_config(5). */
static void quoted(const char *word, struct strbuf *text)
{
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			strbuf_puts(text, "\\");
		strbuf_add(text, word, 1);
	}
}

static void permits(const char *keyword, const struct sshd_permits *permitted, struct strbuf *text)
{
	strbuf_puts(text, keyword);
	if (permitted->kind != SSHD_PERMITS_LISTED)
		strbuf_puts(text, permitted->kind == SSHD_PERMITS_ANY ? " any" : " none");
	for (size_t i = 0; i < permitted->count; i++)
		strbuf_printf(text, " %s", permitted->items[i].text);
	strbuf_puts(text, "\n");
}

/* What the file states, in the order of enum sshd_keyword. */
static void sshd_settings(const struct sshd_settings *settings, struct strbuf *text)
{
	if (settings->at[SSHD_ALLOW_TCP_FORWARDING].at)
		strbuf_printf(text, "AllowTcpForwarding %s\n", sshd_forwarding_name(settings->tcp));
	if (settings->at[SSHD_ALLOW_STREAM_LOCAL_FORWARDING].at)
		strbuf_printf(text, "AllowStreamLocalForwarding %s\n",
			      sshd_forwarding_name(settings->stream_local));
	if (settings->at[SSHD_DISABLE_FORWARDING].at)
		strbuf_printf(text, "DisableForwarding %s\n",
			      settings->disable_forwarding ? "yes" : "no");
	if (settings->at[SSHD_GATEWAY_PORTS].at)
		strbuf_printf(text, "GatewayPorts %s\n",
			      sshd_gateway_ports_name(settings->gateway_ports));
	if (settings->at[SSHD_PERMIT_OPEN].at)
		permits("PermitOpen", &settings->open, text);
	if (settings->at[SSHD_PERMIT_LISTEN].at)
		permits("PermitListen", &settings->listen, text);
	if (settings->at[SSHD_MAX_SESSIONS].at)
		strbuf_printf(text, "MaxSessions %u\n", settings->max_sessions);
}

void lab_text_sshd_config(const struct sshd_settings *settings,
			  const struct lab_variable *environment, const char *command,
			  struct strbuf *text)
{
	/* Of a keyword that is there twice, sshd takes the first. */
	if (settings)
		sshd_settings(settings, text);
	strbuf_puts(text, "HostKey " LAB_HOST_KEY "\n"
			  "AuthorizedKeysFile .ssh/authorized_keys\n"
			  "StrictModes no\n"
			  "PermitRootLogin yes\n"
			  "PasswordAuthentication no\n"
			  "KbdInteractiveAuthentication no\n"
			  "UsePAM no\n"
			  "UseDNS no\n"
			  "AllowTcpForwarding yes\n"
			  "PidFile none\n"
			  "PrintMotd no\n"
			  "PrintLastLog no\n"
			  "LogLevel INFO\n"
			  "AcceptEnv LANG LC_*\n"
			  "Subsystem sftp internal-sftp\n"
			  "SetEnv");
	for (const struct lab_variable *variable = environment; variable->name; variable++) {
		strbuf_printf(text, " \"%s=", variable->name);
		quoted(variable->value, text);
		strbuf_puts(text, "\"");
	}
	strbuf_puts(text, "\n");
	if (command)
		strbuf_printf(text, "ForceCommand %s\n", command);
}
