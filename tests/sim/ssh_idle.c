/* The rules by which sshds end what is idle: UnusedConnectionTimeout of their own connections, ChannelTimeout of what these carry. */
#include <stddef.h>

#include "tests/sim/errand.h"
#include "tests/sim/queue.h"
#include "tests/sim/sockets.h"
#include "tests/sim/ssh_parts.h"
#include "tests/sim/trace.h"

/* How often an sshd looks. */
#define LOOK_MS 1000
/*
 * How often each ssh of a host may end so in succession. It takes four ends of a deep hop to know the rule; but users who come and
 * go in between make that harder.
 */
#define MANY 15

/* Each rule, for how long something may be idle. */
static const struct {
	unsigned unused_ms;
	unsigned channel_ms;
} settings[SSH_IDLE_COUNT] = {{0, 0}, {8000, 0}, {0, 6000}, {40000, 0}, {20000, 12000}};

static bool has_channels(const struct ssh *ssh)
{
	const struct ssh *other;

	for (unsigned i = 0; (other = ssh_at(i)); i++)
		if (other->carrier == ssh && other->state != SSH_ENDED)
			return true;
	return errand_runs_through(ssh) || sockets_has_session(ssh);
}

static void end_idle(struct ssh *ssh, struct machine *by)
{
	/*
	 * Where there was no session to be had once, none is asked for again. Behind a slow link the time of an answer is of the
	 * size of the shortest rule: nobody can tell that a keepalive came too late from that it was not enough.
	 */
	if (++by->idle_ends > MANY && !by->denied && !ssh_is_slow(ssh))
		rules_break("idle", "%s has ended %u ssh for being idle, and is not kept from it",
			    by->name, by->idle_ends);
	ssh_lose(ssh, "closed", "Connection to h closed by remote host.");
}

static void look_at(struct ssh *ssh)
{
	const uint64_t now = queue_now();
	struct machine *host = ssh->host, *before = ssh->carrier ? ssh->carrier->host : NULL;

	if (ssh->state != SSH_UP || ssh->session || ssh->stopped || !ssh_link_moves(ssh))
		return;
	if (has_channels(ssh))
		ssh->used_ms = now;
	if (host->unused_ms && now - ssh->used_ms >= host->unused_ms)
		end_idle(ssh, host);
	else if (before && before->channel_ms && now - ssh->moved_ms >= before->channel_ms &&
		 ssh->alive_s * UINT64_C(1000) >= before->channel_ms)
		end_idle(ssh, before);
}

static void look(void *data)
{
	struct machine *host = data;
	struct ssh *ssh;

	host->idling = NULL;
	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (ssh->host == host || (ssh->carrier && ssh->carrier->host == host))
			look_at(ssh);
	if (host->unused_ms || host->channel_ms)
		host->idling = queue_add(QUEUE_WORLD, LOOK_MS, look, host);
}

void ssh_idle(struct machine *host, unsigned how)
{
	struct ssh *ssh;

	host->unused_ms = settings[how].unused_ms;
	host->channel_ms = settings[how].channel_ms;
	host->idle_ends = 0;
	host->denied = host->denies;
	/* It is what its sshd does from now on. */
	for (unsigned i = 0; (ssh = ssh_at(i)); i++) {
		if (ssh->host == host)
			ssh->used_ms = queue_now();
		if (ssh->carrier && ssh->carrier->host == host)
			ssh->moved_ms = queue_now();
	}
	if (!host->idling)
		look(host);
}

void ssh_moves(struct ssh *ssh)
{
	for (; ssh; ssh = ssh->carrier)
		ssh->moved_ms = queue_now();
}
