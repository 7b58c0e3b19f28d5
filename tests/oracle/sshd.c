#include "tests/oracle/sshd.h"

#include <string.h>

static bool oracle_forwards(enum sshd_forwarding setting, enum sshd_forwarding wanted)
{
	return setting == SSHD_FORWARD_ALL || setting == wanted;
}

static bool oracle_permits_open(const struct sshd_settings *sshd, const char *text, uint16_t port)
{
	if (sshd->open.kind == SSHD_PERMITS_ANY)
		return true;
	for (size_t i = 0; i < sshd->open.count; i++) {
		const struct sshd_permit *item = &sshd->open.items[i];
		const bool is_host = !strcmp(item->host, "*") || !strcmp(item->host, text);

		if (is_host && (item->port == 0 || item->port == port))
			return true;
	}
	return false;
}

bool oracle_dials(const struct host *host)
{
	const struct sshd_settings *sshd = host->sshd;

	return !sshd || (!sshd->disable_forwarding && sshd->open.kind != SSHD_PERMITS_NONE &&
			 oracle_forwards(sshd->tcp, SSHD_FORWARD_LOCAL));
}

bool oracle_may_open(const struct host *host, const char *text, uint16_t port)
{
	return oracle_dials(host) && (!host->sshd || oracle_permits_open(host->sshd, text, port));
}

bool oracle_may_open_socket(const struct host *host, const char *path)
{
	const struct sshd_settings *sshd = host->sshd;

	return !sshd ||
	       (!sshd->disable_forwarding && oracle_forwards(sshd->tcp, SSHD_FORWARD_LOCAL) &&
		oracle_forwards(sshd->stream_local, SSHD_FORWARD_LOCAL) &&
		oracle_permits_open(sshd, path, 0));
}

bool oracle_pattern(const char *pattern, const char *text)
{
	if (!*pattern)
		return !*text;
	if (*pattern == '*')
		return oracle_pattern(pattern + 1, text) ||
		       (*text && oracle_pattern(pattern, text + 1));
	return *text && (*pattern == '?' || *pattern == *text) &&
	       oracle_pattern(pattern + 1, text + 1);
}

static bool oracle_gateway(const struct sshd_settings *sshd, const char *address)
{
	if (sshd->at[SSHD_GATEWAY_PORTS].at == 0)
		return true;
	if (sshd->gateway_ports == SSHD_GATEWAY_NO)
		return !strcmp(address, "127.0.0.1") || !strcmp(address, "::1");
	if (sshd->gateway_ports == SSHD_GATEWAY_YES)
		return !strcmp(address, "0.0.0.0") || !strcmp(address, "::");
	return true;
}

bool oracle_may_listen(const struct host *host, const char *address, uint16_t port)
{
	const struct sshd_settings *sshd = host->sshd;
	bool listed;

	if (!sshd)
		return true;
	listed = sshd->listen.kind == SSHD_PERMITS_ANY;
	for (size_t i = 0; i < sshd->listen.count; i++) {
		const struct sshd_permit *item = &sshd->listen.items[i];

		listed |= (item->port == 0 || item->port == port) &&
			  (!item->host || oracle_pattern(item->host, address));
	}
	return listed && !sshd->disable_forwarding &&
	       oracle_forwards(sshd->tcp, SSHD_FORWARD_REMOTE) && oracle_gateway(sshd, address);
}

bool oracle_may_listen_socket(const struct host *host)
{
	const struct sshd_settings *sshd = host->sshd;

	return !sshd ||
	       (!sshd->disable_forwarding && oracle_forwards(sshd->tcp, SSHD_FORWARD_REMOTE) &&
		oracle_forwards(sshd->stream_local, SSHD_FORWARD_REMOTE));
}

bool oracle_runs_programs(const struct host *host)
{
	return !host->sshd || host->sshd->at[SSHD_MAX_SESSIONS].at == 0 ||
	       host->sshd->max_sessions > 0;
}
