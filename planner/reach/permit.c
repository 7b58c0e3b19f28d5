#include "planner/reach/permit.h"

#include <string.h>

#include "topology/base/glob.h"
#include "topology/language/address.h"

/* sshd compares a path with PermitOpen, too, and gives it a port that only `*` matches. */
#define SOCKET_PORT 0

/* Notes a setting that refuses; the first one is the reason. */
static void refuse(struct permit *permit, const struct sshd_settings *sshd,
		   enum sshd_keyword keyword, enum plan_reason reason)
{
	permit->refusing |= KEYWORD_BIT(keyword);
	if (permit->granted) {
		permit->reason = reason;
		permit->at = sshd->at[keyword];
	}
	permit->granted = false;
}

/* Whether forwarding in one direction is on. */
static bool forwards(enum sshd_forwarding setting, enum sshd_forwarding direction)
{
	return setting == SSHD_FORWARD_ALL || setting == direction;
}

/* What all forwarding in a direction takes. */
static struct permit permit_forwarding(const struct host *host, enum sshd_forwarding direction,
				       enum plan_reason reason)
{
	const struct sshd_settings *sshd = host->sshd;
	struct permit permit = {.granted = true};

	if (sshd && sshd->disable_forwarding)
		refuse(&permit, sshd, SSHD_DISABLE_FORWARDING, reason);
	if (sshd && !forwards(sshd->tcp, direction))
		refuse(&permit, sshd, SSHD_ALLOW_TCP_FORWARDING, reason);
	return permit;
}

/* --- dialling */

/* Whether an entry of PermitOpen has a host, as text. */
static bool opens_host(const struct sshd_permit *item, const char *address)
{
	return strcmp(item->host, "*") == 0 || strcmp(item->host, address) == 0;
}

/* Whether an entry of a list has an address, as the list's keyword compares it, and a port. */
static bool is_listed(const struct sshd_permits *permits,
		      bool (*has)(const struct sshd_permit *item, const char *address),
		      const char *address, uint16_t port)
{
	for (size_t i = 0; i < permits->count; i++) {
		const struct sshd_permit *item = &permits->items[i];

		if ((item->port == 0 || item->port == port) && has(item, address))
			return true;
	}
	return permits->kind == SSHD_PERMITS_ANY;
}

struct permit permit_open_some(const struct host *host)
{
	struct permit permit = permit_forwarding(host, SSHD_FORWARD_LOCAL, REASON_FWD_OFF);

	if (host->sshd && host->sshd->open.kind == SSHD_PERMITS_NONE)
		refuse(&permit, host->sshd, SSHD_PERMIT_OPEN, REASON_PERMIT_OPEN);
	return permit;
}

struct permit permit_open(const struct host *host, const char *address, uint16_t port)
{
	struct permit permit = permit_open_some(host);

	if (host->sshd && !is_listed(&host->sshd->open, opens_host, address, port))
		refuse(&permit, host->sshd, SSHD_PERMIT_OPEN, REASON_PERMIT_OPEN);
	return permit;
}

/*
 * Whether it forwards unix sockets in a direction. What it forbids for TCP, it forbids for these, too (do_authenticated() of
 * sshd's session.c turns off all of a direction; so do 9.2 and 10.0).
 */
static struct permit permit_sockets(const struct host *host, enum sshd_forwarding direction,
				    enum plan_reason reason)
{
	struct permit permit = permit_forwarding(host, direction, reason);

	if (host->sshd && !forwards(host->sshd->stream_local, direction))
		refuse(&permit, host->sshd, SSHD_ALLOW_STREAM_LOCAL_FORWARDING, reason);
	return permit;
}

struct permit permit_open_socket(const struct host *host, const char *path)
{
	struct permit permit = permit_sockets(host, SSHD_FORWARD_LOCAL, REASON_FWD_OFF);

	if (host->sshd && !is_listed(&host->sshd->open, opens_host, path, SOCKET_PORT))
		refuse(&permit, host->sshd, SSHD_PERMIT_OPEN, REASON_PERMIT_OPEN);
	return permit;
}

/* --- listening */

/* Whether an entry of PermitListen has an address. */
static bool listens_on(const struct sshd_permit *item, const char *address)
{
	return !item->host || glob_matches(item->host, address);
}

bool permit_listens_by_default(const char *address)
{
	return strcmp(address, "127.0.0.1") == 0 || strcmp(address, "::1") == 0;
}

/* Whether GatewayPorts leaves an address as it is asked for; if it is not stated, it is taken to. */
static bool leaves(const struct sshd_settings *sshd, const char *address)
{
	if (!sshd->at[SSHD_GATEWAY_PORTS].at)
		return true;
	switch (sshd->gateway_ports) {
	case SSHD_GATEWAY_NO:
		return permit_listens_by_default(address);
	case SSHD_GATEWAY_YES:
		return address_is_wildcard(address);
	case SSHD_GATEWAY_CLIENT:
		break;
	}
	return true;
}

struct permit permit_listen(const struct host *host, const char *address, uint16_t port)
{
	const struct sshd_settings *sshd = host->sshd;
	struct permit permit = permit_forwarding(host, SSHD_FORWARD_REMOTE, REASON_NO_LISTEN);

	if (!sshd)
		return permit;
	if (!is_listed(&sshd->listen, listens_on, address, port))
		refuse(&permit, sshd, SSHD_PERMIT_LISTEN, REASON_NO_LISTEN);
	if (!leaves(sshd, address))
		refuse(&permit, sshd, SSHD_GATEWAY_PORTS, REASON_NO_LISTEN);
	return permit;
}

struct permit permit_listen_socket(const struct host *host)
{
	return permit_sockets(host, SSHD_FORWARD_REMOTE, REASON_NO_LISTEN);
}

/* --- sessions and joints */

struct permit permit_session(const struct host *host)
{
	const struct sshd_settings *sshd = host->sshd;
	struct permit permit = {.granted = true};

	if (sshd && sshd->at[SSHD_MAX_SESSIONS].at && sshd->max_sessions == 0)
		refuse(&permit, sshd, SSHD_MAX_SESSIONS, REASON_FWD_OFF);
	return permit;
}

/* Whether something that the file knows listens on a port of a host. */
static bool is_taken(const struct host *host, uint16_t port)
{
	bool taken = host->ssh->port == port;

	for (size_t i = 0; i < host->service_count; i++)
		taken |= host->services[i].port == port;
	return taken;
}

uint16_t permit_loopback_port(const struct host *host, bool listen)
{
	const struct sshd_permits *permits;

	if (!host->sshd)
		return 0;
	permits = listen ? &host->sshd->listen : &host->sshd->open;
	for (size_t i = 0; i < permits->count; i++) {
		const struct sshd_permit *item = &permits->items[i];
		const bool here =
			listen ? listens_on(item, "127.0.0.1")
			       : opens_host(item, "127.0.0.1") || opens_host(item, "localhost");

		if (here && item->port && !is_taken(host, item->port))
			return item->port;
	}
	return 0;
}
