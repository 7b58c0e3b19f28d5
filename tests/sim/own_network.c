#include "tests/sim/own_network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/system/changes.h"
#include "exec/system/kernel.h"
#include "exec/system/own_link.h"
#include "tests/sim/errand.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/ssh_parts.h"
#include "topology/base/memory.h"

/* What the kernel's news are gathered for, and how long the kernel sends again what was not acknowledged. */
#define TOGETHER_MS 100
#define AGAIN_MS    4000
/* So soon it is known what has become of it. */
#define NOTICED_MS 1000
/* Its keepalives were not answered for so long. */
#define KEEPALIVE_MS 45000

struct changes {
	const struct changes_events *events;
	void *data;
};

static struct {
	bool down;
	uint64_t down_ms; /* since when it is */
	unsigned address;
	bool other_next; /* it comes up with another address */
	bool returned;   /* it was down, or had another, when it was told last */
	struct due *comes_up;
	struct changes *changes; /* who is told, or NULL */
	struct due *network_told, *wake_told;
} own;

void own_network_reset(void)
{
	/* The queue has dropped what was due. */
	memset(&own, 0, sizeof(own));
	own.address = 1;
}

bool own_network_is_up(void)
{
	return !own.down;
}

unsigned own_network_address(void)
{
	return own.address;
}

/* --- who is told */

static void tell_network(void *data)
{
	(void)data;
	own.network_told = NULL;
	/* What waits for its next try is tried at once. */
	if (own.returned)
		rules_asked(false);
	own.returned = false;
	own.changes->events->network(own.changes->data);
}

static void tell_wake(void *data)
{
	(void)data;
	own.wake_told = NULL;
	/* What waits is tried at once. */
	rules_asked(false);
	own.changes->events->woke(own.changes->data);
}

static void tell_soon(void)
{
	if (own.changes && !own.network_told)
		own.network_told = queue_add(QUEUE_SUPERVISOR, TOGETHER_MS, tell_network, NULL);
}

void own_network_wake(void)
{
	if (own.changes && !own.wake_told)
		own.wake_told = queue_add(QUEUE_SUPERVISOR, 0, tell_wake, NULL);
}

struct changes *changes_create(struct uv_loop_s *loop, const struct changes_events *events,
			       void *data)
{
	(void)loop;
	own.changes = memory_alloc(sizeof(*own.changes));
	*own.changes = (struct changes){events, data};
	return own.changes;
}

bool changes_are_due(const struct changes *changes)
{
	(void)changes;
	return own.network_told != NULL;
}

void changes_destroy(struct changes *changes)
{
	queue_drop(own.network_told);
	queue_drop(own.wake_told);
	own.network_told = own.wake_told = NULL;
	if (changes == own.changes)
		own.changes = NULL;
	free(changes);
}

void own_network_forget(void)
{
	/* The queue has dropped what was due. */
	own.network_told = own.wake_told = NULL;
	own.changes = NULL;
}

/* --- what becomes of connections */

/* Whether it is an ssh that dials by itself. */
static bool is_first(const struct ssh *ssh)
{
	return ssh->state != SSH_ENDED && !ssh->carrier_path;
}

static void keepalive(void *data)
{
	struct ssh *ssh;

	(void)data;
	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (is_first(ssh) && ssh->state == SSH_UP && ssh->still_ms &&
		    queue_now() - ssh->still_ms >= KEEPALIVE_MS && !ssh_link_moves(ssh))
			ssh_lose(ssh, "timeout", "Timeout, server h not responding.");
}

static void stand_still(void)
{
	struct ssh *ssh;

	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (is_first(ssh) && !ssh->still_ms && !ssh_link_moves(ssh))
			ssh->still_ms = queue_now();
	queue_add(QUEUE_WORLD, KEEPALIVE_MS, keepalive, NULL);
}

static void known_by_now(void *data)
{
	(void)data;
	if (own.down && queue_now() - own.down_ms >= NOTICED_MS)
		rules_noticed(NOTICED_MS);
}

/* What was sent and not acknowledged is sent again. */
static void send_again(void *data)
{
	struct ssh *ssh;

	(void)data;
	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (is_first(ssh) && ssh->still_ms && !ssh->stopped && ssh_link_moves(ssh))
			ssh_hears(ssh);
}

static void come_up(void *data)
{
	(void)data;
	own.comes_up = NULL;
	own.returned |= own.down || own.other_next;
	own.down = false;
	own.address += own.other_next;
	own.other_next = false;
	ssh_trouble(queue_now());
	stand_still();
	queue_add(QUEUE_WORLD, fate(AGAIN_MS, 'a', own.address, queue_serial()), send_again, NULL);
	errand_move_on();
	tell_soon();
}

void own_network_change(unsigned down_ms, bool other_address)
{
	queue_drop(own.comes_up);
	own.comes_up = NULL;
	own.other_next |= other_address;
	if (!down_ms) {
		come_up(NULL);
		return;
	}
	if (!own.down)
		own.down_ms = queue_now();
	own.down = true;
	queue_add(QUEUE_WORLD, NOTICED_MS, known_by_now, NULL);
	ssh_trouble(queue_now());
	stand_still();
	own.comes_up = queue_add(QUEUE_WORLD, down_ms, come_up, NULL);
	tell_soon();
}

/* --- what the kernel tells */

static struct kernel_end address_of(unsigned number)
{
	return (struct kernel_end){.family = AF_INET, .address = {10, 0, 0, (uint8_t)number}};
}

int kernel_tcp_find(pid_t pid, struct kernel_tcp_key *ret_key)
{
	const struct ssh *ssh = ssh_of_pid(pid);

	if (!ssh || ssh->carrier_path)
		return ssh ? -ENOENT : -ESRCH;
	*ret_key = (struct kernel_tcp_key){
		.here = address_of(ssh->own_address),
		.there = {.family = AF_INET, .address = {10, 9, (uint8_t)ssh->host->name[1], 1}},
		.cookie = {(uint32_t)pid},
	};
	return 0;
}

int kernel_process_talks(pid_t pid)
{
	return ssh_of_pid(pid) ? 1 : -ESRCH;
}

int kernel_network_init(struct kernel_network *network)
{
	struct kernel_network found = {.interface_count = 1, .address_count = 1};

	found.interfaces = memory_alloc(sizeof(*found.interfaces));
	*found.interfaces = (struct kernel_interface){"eth0", !own.down, !own.down, false};
	found.addresses = memory_alloc(sizeof(*found.addresses));
	*found.addresses = (struct kernel_address){address_of(own.address), "eth0"};
	*network = found;
	return 0;
}

void kernel_network_finish(struct kernel_network *network)
{
	free(network->interfaces);
	free(network->addresses);
}

int kernel_network_route(struct kernel_network *network, const struct kernel_end *there,
			 const struct kernel_end *here, uint32_t interface,
			 struct kernel_route *ret_route)
{
	const struct kernel_end source = address_of(own.address);

	(void)network;
	(void)there;
	(void)interface;
	if (own.down)
		return -ENETUNREACH;
	if (here && memcmp(here->address, source.address, sizeof(source.address)) != 0)
		return -EINVAL;
	*ret_route = (struct kernel_route){"eth0", source};
	return 0;
}

bool own_link_is_down(const char *address, struct strbuf *words)
{
	if (own.down)
		strbuf_printf(words, "this machine has no route to %s", address);
	return own.down;
}
