/* The links that ssh processes hold: how long a round trip takes, and whether anything moves. */
#include <stddef.h>

#include "tests/sim/errand.h"
#include "tests/sim/own_network.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/ssh_parts.h"

/* Three keepalives without an answer. */
#define INTERVAL_MS  15000
#define KEEPALIVE_MS (3 * INTERVAL_MS)
/* So long after the last byte of a first hop it is known that its link stands still: 20 s, and a look. */
#define NOTICED_MS 25000
/* What is carried in a ms, and how long the queue is. */
#define LOAD_BYTES 1000
#define QUEUE_MS   2000
/* Behind a link of this round trip nobody can tell slow from silent; nor soon after something stood still. */
#define SLOW_MS 2500
#define CALM_MS 20000

static uint64_t trouble_ms; /* when a link or a process began or ceased to stand still; 0: never */

void ssh_trouble(uint64_t at_ms)
{
	trouble_ms = at_ms;
}

static bool is_loaded(const struct machine *host)
{
	return queue_now() < host->loaded_ms && !host->stalled;
}

static unsigned host_rtt(const struct machine *host)
{
	const uint64_t who = (uint64_t)host->name[0] << 8 | (uint64_t)host->name[1];

	const unsigned waits_ms = is_loaded(host) ? QUEUE_MS : 0;

	if (fate(100, 's', who, 0) < 6)
		return waits_ms + 300 + fate(3000, 't', who, 0);
	return waits_ms + 1 + fate(20, 't', who, 0);
}

unsigned ssh_rtt(const struct ssh *ssh)
{
	unsigned rtt = 0;

	for (; ssh; ssh = ssh->carrier)
		rtt += host_rtt(ssh->host);
	return rtt;
}

/* One that dials by itself has lost this machine's network, or the address that it had there. */
static bool is_unplugged(const struct ssh *ssh)
{
	return ssh->own_address &&
	       (!own_network_is_up() || ssh->own_address != own_network_address());
}

bool ssh_link_moves(const struct ssh *ssh)
{
	for (; ssh; ssh = ssh->carrier)
		if (ssh->host->stalled || ssh->stopped || is_unplugged(ssh))
			return false;
	return true;
}

uint64_t ssh_stands_ms(const struct ssh *ssh)
{
	uint64_t longest_ms = 0;

	for (; ssh; ssh = ssh->carrier)
		if (ssh->still_ms && queue_now() - ssh->still_ms > longest_ms)
			longest_ms = queue_now() - ssh->still_ms;
	return longest_ms;
}

static void keepalive(void *data)
{
	struct machine *host = data;
	struct ssh *ssh;

	for (unsigned i = 0; host->stalled && (ssh = ssh_at(i)); i++) {
		if (ssh->host == host && ssh->state == SSH_UP && ssh->still_ms &&
		    queue_now() - ssh->still_ms >= KEEPALIVE_MS)
			ssh_lose(ssh, "timeout", "Timeout, server h not responding.");
	}
}

static void known_by_now(void *data)
{
	const struct machine *host = data;

	if (host->stalled)
		rules_noticed(NOTICED_MS);
}

static void move(void *data)
{
	struct machine *host = data;

	struct ssh *ssh;

	host->moves = NULL;
	host->stalled = false;
	trouble_ms = queue_now();
	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (ssh->host == host && !ssh->stopped && !is_unplugged(ssh))
			ssh_hears(ssh);
	errand_move_on();
}

void ssh_stall(struct machine *host, unsigned ms)
{
	struct ssh *ssh;

	queue_drop(host->moves);
	host->moves = NULL;
	if (!ms) {
		move(host);
		return;
	}
	if (!host->stalled)
		queue_add(QUEUE_WORLD, KEEPALIVE_MS, keepalive, host);
	queue_add(QUEUE_WORLD, NOTICED_MS, known_by_now, host);
	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (ssh->host == host && !ssh->still_ms)
			ssh->still_ms = queue_now();
	host->stalled = true;
	host->moves = queue_add(QUEUE_WORLD, ms, move, host);
	trouble_ms = queue_now();
}

bool ssh_is_slow(const struct ssh *ssh)
{
	return ssh_rtt(ssh) >= SLOW_MS;
}

bool ssh_is_well(const struct ssh *ssh)
{
	return ssh->state == SSH_UP && ssh_link_moves(ssh) && !ssh_is_slow(ssh) &&
	       (!trouble_ms || queue_now() - trouble_ms > CALM_MS);
}

/* While nothing stands still, its keepalives are answered. */
uint64_t ssh_heard_ms(const struct ssh *ssh)
{
	const uint64_t until = ssh->still_ms ? ssh->still_ms : queue_now();
	const uint64_t since = until > ssh->heard_ms ? until - ssh->heard_ms : 0;

	if (is_loaded(ssh->host) && !ssh->still_ms)
		return queue_now();
	return ssh->heard_ms + since / INTERVAL_MS * INTERVAL_MS;
}

void ssh_hears(struct ssh *ssh)
{
	ssh->heard_ms = queue_now();
	/* What was on its way when the link stopped is the last that comes. */
	if (ssh_link_moves(ssh))
		ssh->still_ms = 0;
}

uint64_t ssh_bytes(const struct ssh *ssh)
{
	const struct machine *host = ssh->host;
	const uint64_t left_ms = is_loaded(host) ? host->loaded_ms - queue_now() : 0;

	return ssh_heard_ms(ssh) / INTERVAL_MS * 100 + host->carried - left_ms * LOAD_BYTES;
}

static void unload(void *data)
{
	struct machine *host = data;
	struct ssh *ssh;

	trouble_ms = queue_now();
	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (ssh->host == host && !ssh->still_ms)
			ssh_hears(ssh);
}

void ssh_load(struct machine *host, unsigned ms)
{
	if (is_loaded(host))
		return;
	host->loaded_ms = queue_now() + ms;
	host->carried += (uint64_t)ms * LOAD_BYTES;
	queue_add(QUEUE_WORLD, ms, unload, host);
}
