#include "tests/sim/ssh.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/disk.h"
#include "tests/sim/errand.h"
#include "tests/sim/loop.h"
#include "tests/sim/own_network.h"
#include "tests/sim/queue.h"
#include "tests/sim/sockets.h"
#include "tests/sim/ssh_parts.h"
#include "tests/sim/trace.h"
#include "topology/base/memory.h"

/* What stands still for less than this when an ssh is told to end can be known to nobody. */
#define UNAWARES_MS 100
/* A session whose link leads to an address that this machine has no more is there for so long, if nothing is sent through it. */
#define UNNOTICED_MS 400000

/* Higher than any real one: what the product signals by its number must not meet a real process. */
#define FIRST_PID 5000000

/* Returns the ssh's next number below sides. */
unsigned ssh_draw(struct ssh *ssh, unsigned sides)
{
	return fate(sides, 'p', (uint64_t)ssh->pid, ssh->drawn++);
}

static struct list all; /* struct ssh, ever started */

void ssh_reset(void)
{
	while (all.count) {
		struct ssh *ssh = all.items[0];

		list_remove(&all, ssh);
		free(ssh->carrier_path);
		free(ssh->socket);
		free(ssh->log);
		free(ssh->program);
		free(ssh);
	}
	list_finish(&all);
	ssh_trouble(0);
	ssh_forbid(false);
}

void ssh_add(struct ssh *ssh)
{
	ssh->pid = (pid_t)(FIRST_PID + all.count);
	list_add(&all, ssh);
}

struct ssh *ssh_at(unsigned index)
{
	return index < all.count ? all.items[index] : NULL;
}

struct ssh *ssh_of_pid(pid_t pid)
{
	for (unsigned i = 0; i < all.count; i++) {
		struct ssh *ssh = all.items[i];

		if (ssh->pid == pid)
			return ssh->state == SSH_ENDED ? NULL : ssh;
	}
	return NULL;
}

struct ssh *ssh_ever(pid_t pid)
{
	for (unsigned i = 0; i < all.count; i++) {
		struct ssh *ssh = all.items[i];

		if (ssh->pid == pid)
			return ssh;
	}
	return NULL;
}

struct ssh *ssh_of_socket(const char *socket)
{
	for (unsigned i = 0; i < all.count; i++) {
		struct ssh *ssh = all.items[i];

		if (ssh->state != SSH_ENDED && strcmp(ssh->socket, socket) == 0)
			return ssh;
	}
	return NULL;
}

void ssh_says(const struct ssh *ssh, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	disk_append(ssh->log, line);
}

unsigned ssh_opens_channel(struct ssh *ssh, const char *kind)
{
	unsigned channel = 0;

	ssh->channels |= 3; /* its control socket's */
	while (channel < 63 && ssh->channels & (UINT64_C(1) << channel))
		channel++;
	ssh->channels |= UINT64_C(1) << channel;
	ssh_says(ssh, "debug1: channels.c:channel_new():503 (pid=%d): channel %u: new %s [%s]\r\n",
		 (int)ssh->pid, channel, kind, kind);
	return channel;
}

void ssh_closes_channel(struct ssh *ssh, unsigned channel)
{
	ssh->channels &= ~(UINT64_C(1) << channel);
}

/* --- what its starter is told ---------------------------------------------------------------- */

static void tell(void *data)
{
	struct ssh *ssh = data;
	const struct ssh_watch *watch = ssh->watch;
	void *whom = ssh->data;

	ssh->telling = NULL;
	world_change();
	if (ssh->quiet_untold) {
		ssh->quiet_untold = false;
		ssh_tell_soon(ssh);
		watch->quiet(whom);
	} else if (ssh->state == SSH_ENDED && !ssh->end_told) {
		ssh->end_told = true;
		watch->ended(whom);
	}
}

void ssh_tell_soon(struct ssh *ssh)
{
	const bool news = ssh->quiet_untold || (ssh->state == SSH_ENDED && !ssh->end_told);

	if (news && ssh->watch && !ssh->telling)
		ssh->telling = queue_add(QUEUE_SUPERVISOR, ssh_draw(ssh, 3), tell, ssh);
}

void ssh_watch(struct ssh *ssh, const struct ssh_watch *watch, void *data)
{
	ssh->watch = watch;
	ssh->data = data;
	ssh->quiet_untold = ssh->end_told = false;
	ssh_tell_soon(ssh);
}

void ssh_unwatch(struct ssh *ssh)
{
	queue_drop(ssh->telling);
	ssh->telling = NULL;
	ssh->watch = NULL;
}

void ssh_supervisor_died(void)
{
	for (unsigned i = 0; i < all.count; i++) {
		struct ssh *ssh = all.items[i];

		ssh->telling = NULL; /* the queue dropped it */
		ssh->watch = NULL;
		ssh->untold = 0;
	}
	sockets_supervisor_died();
}

/* --- its end --------------------------------------------------------------------------------- */

void ssh_lose_carrier(void *data)
{
	struct ssh *ssh = data;

	ssh->next = NULL;
	if (ssh->state == SSH_ENDED)
		return;
	if (ssh->stopped) {
		ssh->blocked = true;
		return;
	}
	world_blame(ssh->host, "closed");
	if (ssh->state == SSH_UP)
		ssh_says(ssh, "client_loop: send disconnect: Broken pipe\r\n");
	else
		ssh_says(ssh, "kex_exchange_identification: Connection closed by remote host\r\n"
			      "Connection closed by UNKNOWN port 65535\r\n");
	ssh_end(ssh, 0, 255);
}

void ssh_then(struct ssh *ssh, unsigned after_ms, void (*next)(void *data))
{
	queue_drop(ssh->next);
	ssh->next = queue_add(QUEUE_WORLD, after_ms, next, ssh);
}

/* The session of a dead ssh is still there on its host, until the host hears of its end. */
static void host_hears(void *data)
{
	struct listener *listener = data;

	if (listener->host->stalled || !own_network_is_up() || world_is_deaf(listener))
		queue_add(QUEUE_WORLD, 1000, host_hears, listener);
	else
		world_unlisten(listener);
}

/* Whether what it says still goes out: all that carry it are there. */
static bool is_carried(const struct ssh *ssh)
{
	const struct ssh *carrier = ssh->carrier;

	while (carrier && carrier->state != SSH_ENDED)
		carrier = carrier->carrier;
	return !carrier;
}

/* Returns which address of this machine its connection has, or that of what carries it; 0: none. */
static unsigned own_address_of(const struct ssh *ssh)
{
	while (ssh->carrier)
		ssh = ssh->carrier;
	return ssh->own_address;
}

static void drop_listeners(struct ssh *ssh)
{
	const struct listener *at;

	for (unsigned i = 0; (at = world_listener_at(i));) {
		struct listener *listener = world_listener(at->place);

		i++;
		if (at->owner != ssh)
			continue;
		listener->owner = NULL;
		listener->own_address = own_address_of(ssh);
		listener->noticed_ms = queue_now() + UNNOTICED_MS;
		listener->unawares =
			ssh->in_order && is_carried(ssh) && ssh_stands_ms(ssh) < UNAWARES_MS;
		if (listener->host && !ssh->far_end_closed) {
			queue_add(QUEUE_WORLD, ssh_rtt(ssh) / 2, host_hears, listener);
		} else {
			world_unlisten(listener);
			i--;
		}
	}
}

void ssh_end(struct ssh *ssh, int signal, int status)
{
	if (signal || !status)
		world_blame(ssh->host, "killed");
	trace("ssh %d of %s ends: signal %d, status %d", (int)ssh->pid, ssh->host->name, signal,
	      status);
	queue_drop(ssh->next);
	ssh->next = NULL;
	ssh->state = SSH_ENDED;
	ssh->listens = false;
	world_change();
	if (ssh->channel)
		ssh_closes_channel(ssh->carrier, ssh->channel);
	if (ssh->carrier)
		ssh->carrier->used_ms = queue_now();
	ssh->signal = signal;
	ssh->status = status;
	ssh->ended_ms = queue_now();
	drop_listeners(ssh);
	if (signal != SIGKILL)
		disk_remove(ssh->socket);
	for (unsigned i = 0; i < all.count; i++) {
		struct ssh *other = all.items[i];

		if (other->carrier == ssh && other->state != SSH_ENDED)
			ssh_then(other, 1 + ssh_draw(other, 4), ssh_lose_carrier);
	}
	errand_move_on();
	ssh_tell_soon(ssh);
	if (ssh->carrier)
		ssh_drains(ssh->carrier);
}

void ssh_lose(struct ssh *ssh, const char *code, const char *words)
{
	if (ssh->state == SSH_ENDED || ssh->stopped)
		return;
	world_blame(ssh->host, code);
	/* What its far end closed is closed there. */
	ssh->far_end_closed = strcmp(code, "closed") == 0;
	ssh_says(ssh, "%s\r\n", words);
	ssh_end(ssh, 0, 255);
}

static void told_to_end(void *data)
{
	struct ssh *ssh = data;

	ssh->next = NULL;
	ssh->in_order = true;
	/* It has no words for that, and who told it may be dead. */
	if (loop_deaths())
		world_blame(ssh->host, "killed");
	ssh_end(ssh, 0, 255);
}

unsigned ssh_in_order(uint64_t *last_ms, unsigned after_ms)
{
	const uint64_t now = queue_now();

	*last_ms = *last_ms < now + after_ms ? now + after_ms : *last_ms + 1;
	return (unsigned)(*last_ms - now);
}

void ssh_terminate(struct ssh *ssh)
{
	ssh_then(ssh, ssh_draw(ssh, 3), told_to_end);
}

void ssh_end_now(struct ssh *ssh)
{
	ssh_end(ssh, ssh->state == SSH_UP ? 0 : SIGTERM, 0);
}

void ssh_stop_listening(struct ssh *ssh)
{
	ssh->listens = false;
	disk_remove(ssh->socket);
}

/* Whether something runs through it. */
static bool carries_something(const struct ssh *ssh)
{
	for (unsigned i = 0; i < all.count; i++) {
		const struct ssh *other = all.items[i];

		if (other->carrier == ssh && other->state != SSH_ENDED)
			return true;
	}
	return errand_runs_through(ssh) || sockets_are_open(ssh);
}

void ssh_drains(struct ssh *ssh)
{
	if (ssh->state == SSH_UP && !ssh->session && !ssh->listens && !ssh->next &&
	    !carries_something(ssh))
		ssh_then(ssh, ssh_draw(ssh, 3), told_to_end);
}

static void terminated(void *data)
{
	struct ssh *ssh = data;
	const bool is_up = ssh->state == SSH_UP;

	ssh->next = NULL;
	if (ssh->stopped)
		return;
	/* A session waits for the end of what it runs: then nothing is left of that. */
	if (ssh->session && is_up && !ssh_link_moves(ssh)) {
		ssh->blocked = true;
		return;
	}
	ssh->far_end_closed |= ssh->session && is_up;
	ssh->in_order = true;
	ssh_end(ssh, is_up ? 0 : SIGTERM, 0);
}

void ssh_hears_term(struct ssh *ssh)
{
	ssh_then(ssh, 0, terminated);
}

static void run_again(struct ssh *ssh)
{
	ssh_trouble(queue_now());
	ssh->stopped = false;
	if (ssh_link_moves(ssh))
		ssh_hears(ssh);
	if (ssh->terminated)
		ssh_then(ssh, 0, terminated);
	else if (ssh->late)
		ssh_then(ssh, 0, ssh_connects_late);
	else if (ssh->carrier && ssh->carrier->state == SSH_ENDED)
		ssh_then(ssh, 1, ssh_lose_carrier);
	errand_move_on();
}

void ssh_signal(struct ssh *ssh, int signal)
{
	if (ssh->state == SSH_ENDED)
		return;
	trace("ssh %d of %s gets signal %d", (int)ssh->pid, ssh->host->name, signal);
	switch (signal) {
	case SIGKILL:
		ssh_end(ssh, SIGKILL, 0);
		break;
	case SIGTERM:
		ssh->terminated = true;
		if (!ssh->stopped)
			ssh_then(ssh, ssh_draw(ssh, 4), terminated);
		break;
	case SIGSTOP:
		if (!ssh->still_ms)
			ssh->still_ms = queue_now();
		ssh->stopped = true;
		ssh_trouble(queue_now());
		break;
	case SIGCONT:
		if (ssh->stopped)
			run_again(ssh);
		break;
	default:
		break;
	}
}
