#include "planner/permit.h"

#include <string.h>

static struct permit refuse(const struct sshd_settings *sshd, enum sshd_keyword keyword,
			    enum plan_reason reason)
{
	return (struct permit){.reason = reason, .at = sshd->at[keyword]};
}

static bool opens(enum sshd_forwarding forwarding)
{
	return forwarding == SSHD_FORWARD_ALL || forwarding == SSHD_FORWARD_LOCAL;
}

static bool listed(const struct sshd_permits *permits, const char *address, uint16_t port)
{
	for (size_t i = 0; i < permits->count; i++) {
		const struct sshd_permit *item = &permits->items[i];

		if ((item->port == 0 || item->port == port) &&
		    (strcmp(item->host, "*") == 0 || strcmp(item->host, address) == 0))
			return true;
	}
	return false;
}

struct permit permit_open_some(const struct host *host)
{
	const struct sshd_settings *sshd = host->sshd;

	if (!sshd)
		return (struct permit){.granted = true};
	if (sshd->disable_forwarding)
		return refuse(sshd, SSHD_DISABLE_FORWARDING, REASON_FWD_OFF);
	if (!opens(sshd->tcp))
		return refuse(sshd, SSHD_ALLOW_TCP_FORWARDING, REASON_FWD_OFF);
	if (sshd->open.kind == SSHD_PERMITS_NONE)
		return refuse(sshd, SSHD_PERMIT_OPEN, REASON_PERMIT_OPEN);
	return (struct permit){.granted = true};
}

struct permit permit_open(const struct host *host, const char *address, uint16_t port)
{
	const struct permit some = permit_open_some(host);

	if (some.granted && host->sshd && host->sshd->open.kind == SSHD_PERMITS_LISTED &&
	    !listed(&host->sshd->open, address, port))
		return refuse(host->sshd, SSHD_PERMIT_OPEN, REASON_PERMIT_OPEN);
	return some;
}

/* sshd compares a path with PermitOpen, too, and gives it a port that only `*` matches. */
#define SOCKET_PORT 0

struct permit permit_open_socket(const struct host *host, const char *path)
{
	const struct sshd_settings *sshd = host->sshd;

	if (!sshd)
		return (struct permit){.granted = true};
	if (sshd->disable_forwarding)
		return refuse(sshd, SSHD_DISABLE_FORWARDING, REASON_FWD_OFF);
	if (!opens(sshd->stream_local))
		return refuse(sshd, SSHD_ALLOW_STREAM_LOCAL_FORWARDING, REASON_FWD_OFF);
	if (sshd->open.kind != SSHD_PERMITS_ANY && !listed(&sshd->open, path, SOCKET_PORT))
		return refuse(sshd, SSHD_PERMIT_OPEN, REASON_PERMIT_OPEN);
	return (struct permit){.granted = true};
}
