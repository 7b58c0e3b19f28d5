#include "tests/sim/errand.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/disk.h"
#include "tests/sim/queue.h"
#include "tests/sim/sockets.h"
#include "topology/base/memory.h"

/* The kernel of the tunnel host gives up. */
#define TCP_GIVES_UP_MS 127000
/* A host that sends to who is not there any more learns so. */
#define NOTICED_MS 60000

struct errand {
	uint64_t number;
	enum errand_kind kind;
	struct ssh *ssh;
	struct mux_forward forward; /* texts are copies */
	char *address;
	uint16_t port;
	struct due *due;
	void (*stage)(struct errand *errand); /* what comes next */
	bool waiting;                         /* for a link or a process */
	bool moves_on;                        /* it has waited, and is about to arrive */
	unsigned stays_ms;                    /* of a visit: before it goes */
	bool cancelled;                       /* a remote listener is closed before it is there */
	bool had;     /* a remote listener was there when it was asked for */
	bool arrived; /* it has crossed the link, and ends on this side */
	unsigned channel;
	struct tried *tried; /* of a dial, under way */
	errand_done done;    /* NULL: nobody waits */
	void *data;
};

static struct list errands; /* struct errand, under way */

static void finish(struct errand *errand)
{
	struct ssh *ssh = errand->ssh;

	list_remove(&errands, errand);
	queue_drop(errand->due);
	free((char *)(uintptr_t)errand->forward.bind);
	free((char *)(uintptr_t)errand->forward.bind_path);
	free((char *)(uintptr_t)errand->forward.target);
	free((char *)(uintptr_t)errand->forward.target_path);
	free(errand->address);
	free(errand);
	ssh_drains(ssh);
}

bool errand_runs_through(const struct ssh *ssh)
{
	for (size_t i = 0; i < errands.count; i++)
		if (((const struct errand *)errands.items[i])->ssh == ssh)
			return true;
	return false;
}

bool errand_has_visitors(const struct ssh *ssh)
{
	for (size_t i = 0; i < errands.count; i++) {
		const struct errand *errand = errands.items[i];

		if (errand->ssh == ssh && errand->stays_ms)
			return true;
	}
	return false;
}

void errand_reset(void)
{
	/* The few that are left belong to an ssh that is no more. */
	list_finish(&errands);
}

/* Whether an answer has crossed the link. That it has no such remote listener, or has it already, an ssh says by itself. */
static bool crosses(const struct errand *errand, enum errand_answer answer)
{
	const bool by_itself =
		errand->had || (errand->kind == ERRAND_UNLISTEN && answer == ERRAND_REFUSED);

	return answer != ERRAND_GONE && !errand->arrived &&
	       (errand->kind >= ERRAND_DIAL || (errand->forward.type == PLAN_REMOTE && !by_itself));
}

static void answer(struct errand *errand, enum errand_answer answer, const char *words)
{
	const errand_done done = errand->done;
	void *data = errand->data;

	if (errand->channel)
		ssh_closes_channel(errand->ssh, errand->channel);
	if (errand->tried)
		world_tried(errand->tried, answer == ERRAND_OK);
	ssh_moves(errand->ssh);
	if (errand->kind >= ERRAND_DIAL)
		errand->ssh->used_ms = queue_now();
	/* What crossed the link is a sign of life for each hop of it; that a user goes, crosses a dead one not. */
	for (struct ssh *ssh = errand->ssh; crosses(errand, answer) && ssh; ssh = ssh->carrier)
		if (!(errand->stays_ms && !ssh_link_moves(ssh)))
			ssh_hears(ssh);
	finish(errand);
	if (done)
		done(data, answer, words);
}

static void go(void *data);

static void then(struct errand *errand, unsigned after_ms, void (*stage)(struct errand *errand))
{
	errand->stage = stage;
	errand->due = queue_add(QUEUE_WORLD, after_ms, go, errand);
}

/* Whether one of its ssh that was sent sooner has waited, and has yet to arrive. */
static bool is_behind(const struct errand *errand)
{
	for (size_t i = 0; errands.items[i] != errand; i++) {
		const struct errand *other = errands.items[i];

		if (other->ssh == errand->ssh && other->moves_on)
			return true;
	}
	return false;
}

/* Takes the next stage; an ssh that ended takes none. */
static void go(void *data)
{
	struct errand *errand = data;

	errand->due = NULL;
	if (errand->ssh->state == SSH_ENDED) {
		answer(errand, ERRAND_GONE, "");
	} else if (is_behind(errand)) {
		then(errand, 1, errand->stage);
	} else {
		errand->moves_on = false;
		errand->stage(errand);
	}
}

/* How many of its ssh are under way that began sooner. */
static unsigned place_in_line(size_t index)
{
	const struct errand *errand = errands.items[index];
	unsigned place = 0;

	for (size_t i = 0; i < index; i++)
		place += ((const struct errand *)errands.items[i])->ssh == errand->ssh;
	return place;
}

void errand_move_on(void)
{
	for (size_t i = 0; i < errands.count; i++) {
		struct errand *errand = errands.items[i];

		if (!errand->waiting)
			continue;
		errand->waiting = false;
		errand->moves_on = true;
		/* An sshd obeys one ssh in order. */
		then(errand, fate(3, 'm', (uint64_t)errand->ssh->pid, 0) + place_in_line(i),
		     errand->stage);
	}
	ssh_move_on();
	sockets_move_on();
}

/* --- listeners ------------------------------------------------------------------------------- */

static char *target_of(const struct errand *errand)
{
	const struct mux_forward *forward = &errand->forward;
	const struct machine *from = forward->type == PLAN_REMOTE ? NULL : errand->ssh->host;

	if (!forward->target && !forward->target_path)
		return NULL;
	return world_target(from, forward->target, forward->target_port, forward->target_path);
}

/* What its ssh says when somebody comes to the listener. */
static char *called(const struct mux_forward *forward)
{
	const char *target = forward->target ? forward->target : forward->target_path;

	return memory_format(
		"%d forwarding to %s port %d", forward->bind_path ? -2 : (int)forward->bind_port,
		target ? target : "socks", forward->target_path ? -2 : (int)forward->target_port);
}

static void bind_failed(struct errand *errand)
{
	const struct mux_forward *forward = &errand->forward;

	if (forward->bind_path)
		ssh_says(errand->ssh,
			 "unix_listener: cannot bind to path %s: Address already in "
			 "use\r\n",
			 forward->bind_path);
	else
		ssh_says(errand->ssh,
			 "bind [%s]:%u: Address already in use\r\n"
			 "channel_setup_fwd_listener_tcpip: cannot listen to port: %u\r\n",
			 forward->bind, forward->bind_port, forward->bind_port);
	answer(errand, ERRAND_REFUSED, "Port forwarding failed");
}

static void listen_here(struct errand *errand)
{
	char *place = world_place(&errand->forward, NULL);
	struct listener *listener = world_listener(place);
	const bool own = listener && listener->owner == errand->ssh;
	const bool taken = listener && !own && !errand->forward.bind_path;

	/* StreamLocalBindUnlink removes what stands in the way of a path. */
	if (listener && !own && errand->forward.bind_path)
		world_unlisten(listener);
	if (!taken && !own) {
		listener = world_listen(place, errand->ssh, NULL);
		listener->target = target_of(errand);
		listener->called = called(&errand->forward);
		if (errand->forward.bind_path)
			disk_make(place, DISK_SOCKET);
	}
	free(place);
	if (taken)
		bind_failed(errand);
	else
		answer(errand, ERRAND_OK, "");
}

static void listen_there(struct errand *errand)
{
	const char *path = errand->forward.bind_path;
	const bool everywhere = !path && strcmp(errand->forward.bind, "0.0.0.0") == 0;
	struct machine *host = errand->ssh->host;
	char *place;
	struct listener *listener;

	if (!ssh_link_moves(errand->ssh)) {
		errand->waiting = true;
		return;
	}
	if (errand->cancelled) {
		answer(errand, ERRAND_REFUSED, "unknown forwarding id");
		return;
	}
	place = world_place(&errand->forward, host);
	listener = world_listener(place);
	if (host->denies || (listener && (listener->owner != errand->ssh || listener->kept))) {
		char *words = memory_format("remote port forwarding failed for listen port %u",
					    errand->forward.bind_port);

		ssh_says(errand->ssh,
			 "Warning: remote port forwarding failed for listen port %u\r\n",
			 errand->forward.bind_port);
		answer(errand, ERRAND_REFUSED, words);
		free(words);
		free(place);
		return;
	}
	if (!listener) {
		listener = world_listen(place, errand->ssh, host);
		listener->target = target_of(errand);
		listener->wide = host->gateway == GATEWAY_YES && !everywhere && !path;
		listener->narrow = host->gateway == GATEWAY_NO && everywhere;
	}
	/* Others than OpenSSH's say nothing of that. */
	if (listener->wide && ssh_is_openssh(host))
		ssh_says(errand->ssh,
			 "debug1: packet.c:ssh_packet_read_poll_seqnr():1782 (pid=%d): Remote: "
			 "Forwarding listen address \"%s\" overridden by server GatewayPorts\r\n",
			 (int)errand->ssh->pid, errand->forward.bind);
	free(place);
	answer(errand, ERRAND_OK, "");
}

static void unlisten_there(struct errand *errand)
{
	char *place;
	struct listener *listener;

	if (!ssh_link_moves(errand->ssh)) {
		errand->waiting = true;
		return;
	}
	place = world_place(&errand->forward, errand->ssh->host);
	listener = world_listener(place);
	if (listener && listener->owner == errand->ssh) {
		listener->kept = ssh_keeps_listeners(errand->ssh->host);
		if (!listener->kept)
			world_unlisten(listener);
	}
	free(place);
	answer(errand, ERRAND_OK, "");
}

static void unlisten_here(struct errand *errand)
{
	char *place = world_place(&errand->forward, NULL);
	struct listener *listener = world_listener(place);
	const bool own = listener && listener->owner == errand->ssh;

	/* A path's file stays. */
	if (own)
		world_unlisten(listener);
	free(place);
	answer(errand, own ? ERRAND_OK : ERRAND_REFUSED, own ? "" : "port not forwarded");
}

/* Whether both are about one remote listener. */
static bool same_place(const struct errand *a, const struct errand *b)
{
	char *x = world_place(&a->forward, a->ssh->host),
	     *y = world_place(&b->forward, b->ssh->host);
	const bool same = a->ssh == b->ssh && strcmp(x, y) == 0;

	free(x);
	free(y);
	return same;
}

/* Returns a request for the same listener that its ssh has sent and the sshd has not answered, or NULL. */
static struct errand *find_pending(const struct errand *errand)
{
	for (size_t i = 0; i < errands.count; i++) {
		struct errand *other = errands.items[i];

		if (other->kind == ERRAND_LISTEN && other->stage == listen_there &&
		    !other->cancelled && other->forward.type == PLAN_REMOTE &&
		    same_place(other, errand))
			return other;
	}
	return NULL;
}

/*
 * ssh says yes to the end of a remote listener that it has, or has asked for, at once, and tells the sshd, which
 * obeys in order.
 */
static void unlisten_remote(struct errand *errand)
{
	const errand_done done = errand->done;
	struct errand *pending = find_pending(errand);
	char *place = world_place(&errand->forward, errand->ssh->host);
	const struct listener *listener = world_listener(place);
	const bool own = listener && listener->owner == errand->ssh && !listener->kept;

	free(place);
	if (!own && !pending) {
		answer(errand, ERRAND_REFUSED, "port not in permitted opens");
		return;
	}
	if (pending)
		pending->cancelled = true;
	errand->done = NULL;
	then(errand, ssh_rtt(errand->ssh) / 2, unlisten_there);
	if (done)
		done(errand->data, ERRAND_OK, "");
}

/* --- dials ----------------------------------------------------------------------------------- */

static void fail_channel(struct errand *errand, const char *words)
{
	ssh_says(errand->ssh, "channel %u: open failed: %s\r\n", errand->channel, words);
	answer(errand, ERRAND_REFUSED, "Session open refused by peer");
}

/* A dial goes at once. */
static void leave(struct errand *errand)
{
	answer(errand, ERRAND_OK, "");
}

static void give_up(struct errand *errand)
{
	if (ssh_link_moves(errand->ssh))
		fail_channel(errand, "connect failed: Connection timed out");
	else
		errand->waiting = true;
}

/* --- what comes to a remote listener --------------------------------------------------------- */

static void connected(struct errand *errand, bool reached)
{
	ssh_says(errand->ssh,
		 "debug1: channels.c:channel_post_connecting():1994 (pid=%d): channel %u: %s\r\n",
		 (int)errand->ssh->pid, errand->channel,
		 reached ? "connected to h port 1" : "connection failed: Connection refused");
	if (!reached)
		ssh_says(errand->ssh, "connect_to h port 1: failed.\r\n");
	answer(errand, reached ? ERRAND_OK : ERRAND_REFUSED, "");
}

static void hang_up(struct errand *errand)
{
	connected(errand, false);
}

static void say_who_comes(struct errand *errand)
{
	struct ssh *ssh = errand->ssh;

	if (errand->port)
		ssh_says(ssh,
			 "debug1: clientloop.c:client_request_forwarded_tcpip():1555 (pid=%d): "
			 "listen %s port %u, originator h port 1\r\n",
			 (int)ssh->pid, errand->forward.bind, errand->port);
	else
		ssh_says(ssh,
			 "debug1: clientloop.c:client_request_forwarded_streamlocal():1611 "
			 "(pid=%d): "
			 "request: %s\r\n",
			 (int)ssh->pid, errand->forward.bind_path);
	errand->channel = ssh_opens_channel(
		ssh, errand->port ? "forwarded-tcpip" : "forwarded-streamlocal@openssh.com");
}

/* Its ssh hears of it, and connects to what is behind the listener. */
static void arrive_here(struct errand *errand)
{
	struct ssh *ssh = errand->ssh;

	if (!ssh_link_moves(ssh)) {
		errand->waiting = true;
		return;
	}
	ssh_hears(ssh);
	errand->arrived = true;
	say_who_comes(errand);
	if (!errand->address) {
		answer(errand, ERRAND_OK, "");
		return;
	}
	errand->tried = world_try(0, errand->address);
	switch (world_service(errand->address)) {
	case SERVICE_ANSWERS:
		connected(errand, true);
		break;
	case SERVICE_MUTE:
		then(errand, TCP_GIVES_UP_MS, hang_up);
		break;
	default:
		connected(errand, false);
		break;
	}
}

/* Returns a copy of the address in the place of a listener on another host, "HOST:ADDRESS:PORT", as it was asked for. */
static char *address_of(const struct listener *listener)
{
	const char *address = strchr(listener->place, ':') + 1, *port = strrchr(address, ':');

	return memory_format("%.*s", (int)(port - address), address);
}

/* Somebody on its host connects to a listener there: if it is an ssh's, that one is told. path: of a socket. */
static void come_to(struct listener *listener, unsigned port, const char *path)
{
	struct errand *errand;

	/* What it sends then is not acknowledged: so it notices soon. */
	if (!listener->owner && listener->noticed_ms > queue_now() + NOTICED_MS)
		listener->noticed_ms = queue_now() + NOTICED_MS;
	if (!listener->owner || listener->owner->state != SSH_UP)
		return;
	errand = memory_alloc(sizeof(*errand));
	list_add(&errands, errand);
	errand->number = queue_serial();
	errand->kind = ERRAND_DIAL;
	errand->ssh = listener->owner;
	errand->address = memory_string(listener->target);
	errand->port = (uint16_t)port;
	errand->forward.bind_path = memory_string(path);
	if (!path)
		errand->forward.bind = address_of(listener);
	/* With the answer to whoever dialled, which has crossed the link by now. */
	then(errand, fate(4, 'c', errand->number, 0), arrive_here);
}

/* Returns who listens where an errand leads, or NULL; *ret_path: at this path of the host. */
static struct listener *find_there(const struct errand *errand, const char *target,
				   const char **ret_path)
{
	struct listener *listener;

	*ret_path = NULL;
	if (errand->address)
		return world_accepting(errand->ssh->host, errand->address, errand->port);
	listener = world_listener(target);
	*ret_path = strchr(target, '/');
	return *ret_path && listener && listener->host ? listener : NULL;
}

static void connect_there(struct errand *errand)
{
	const char *target = errand->tried ? errand->tried->target : "";
	struct listener *there;
	const char *path;
	enum serving service;

	if (!ssh_link_moves(errand->ssh)) {
		errand->waiting = true;
		return;
	}
	service = world_service(target);
	there = find_there(errand, target, &path);
	if (there) {
		service = SERVICE_ANSWERS;
		come_to(there, errand->port, path);
	}
	switch (ssh_opens_all(errand->ssh->host) ? SERVICE_ANSWERS : service) {
	case SERVICE_ANSWERS:
		ssh_says(errand->ssh,
			 "debug2: channels.c:channel_input_open_confirmation():3402 (pid=%d): "
			 "channel %u: open confirm rwindow 2097152 rmax 32768\r\n",
			 (int)errand->ssh->pid, errand->channel);
		world_tried(errand->tried, service == SERVICE_ANSWERS);
		errand->tried = NULL;
		then(errand, errand->stays_ms, leave);
		break;
	case SERVICE_FORBIDDEN:
		fail_channel(errand, "administratively prohibited: open failed");
		break;
	case SERVICE_MUTE:
		then(errand, TCP_GIVES_UP_MS, give_up);
		break;
	default:
		fail_channel(errand, "connect failed: Connection refused");
		break;
	}
}

static void dial(struct errand *errand)
{
	ssh_says(errand->ssh,
		 "debug1: channels.c:channel_connect_stdio_fwd():1642 (pid=%d): %s:%u\r\n",
		 (int)errand->ssh->pid, errand->address, errand->port);
	errand->channel = ssh_opens_channel(errand->ssh, "stdio-forward");
	then(errand, ssh_rtt(errand->ssh), connect_there);
}

void errand_visit(const struct listener *listener, unsigned stays_ms)
{
	const bool to_path = listener->target && strchr(listener->target, '/');
	struct errand *errand;

	if (!listener->owner || listener->host || !listener->target || listener->owner->stopped)
		return;
	errand = memory_alloc(sizeof(*errand));
	list_add(&errands, errand);
	errand->kind = ERRAND_DIAL;
	errand->ssh = listener->owner;
	errand->stays_ms = stays_ms;
	errand->tried = world_try((int)errand->ssh->pid, listener->target);
	ssh_says(errand->ssh,
		 "debug1: channels.c:channel_post_port_listener():1902 (pid=%d): Connection to "
		 "port %s "
		 "requested.\r\n",
		 (int)errand->ssh->pid, listener->called);
	errand->channel = ssh_opens_channel(errand->ssh, to_path ? "direct-streamlocal@openssh.com"
								 : "direct-tcpip");
	then(errand, ssh_rtt(errand->ssh), connect_there);
}

/* --- sessions -------------------------------------------------------------------------------- */

static void session_opens(struct errand *errand)
{
	if (!ssh_link_moves(errand->ssh))
		errand->waiting = true;
	else if (errand->ssh->host->denies)
		fail_channel(errand, "connect failed: open failed");
	else
		answer(errand, ERRAND_OK, "");
}

/* --- all ------------------------------------------------------------------------------------- */

/* Whether an ssh was told to close what is at a place, and its server does not know yet. */
static bool is_closing(const struct ssh *ssh, const char *place)
{
	bool closing = false;

	for (size_t i = 0; i < errands.count && !closing; i++) {
		const struct errand *other = errands.items[i];
		char *there = other->kind == ERRAND_UNLISTEN && other->ssh == ssh
				      ? world_place(&other->forward, ssh->host)
				      : NULL;

		closing = there && strcmp(there, place) == 0;
		free(there);
	}
	return closing;
}

/* Whether an ssh has the very forward already, by its own list: then its server is not asked (mux.c's process_open_fwd()). */
static bool has_it(const struct errand *errand)
{
	char *place = world_place(&errand->forward, errand->ssh->host);
	char *target = target_of(errand);
	const struct listener *listener = world_listener(place);
	const bool has =
		listener && listener->owner == errand->ssh && !listener->kept &&
		strcmp(listener->target ? listener->target : "", target ? target : "") == 0 &&
		!is_closing(errand->ssh, place);

	free(target);
	free(place);
	return has;
}

/* The ssh reads the request. */
static void arrive(struct errand *errand)
{
	const bool remote = errand->forward.type == PLAN_REMOTE;

	ssh_moves(errand->ssh);
	if (errand->ssh->stopped) {
		errand->waiting = true;
		return;
	}
	switch (errand->kind) {
	case ERRAND_LISTEN:
		errand->had = remote && has_it(errand);
		if (errand->had)
			answer(errand, ERRAND_OK, "");
		else if (remote)
			then(errand, ssh_rtt(errand->ssh), listen_there);
		else
			listen_here(errand);
		break;
	case ERRAND_UNLISTEN:
		if (remote)
			unlisten_remote(errand);
		else
			unlisten_here(errand);
		break;
	case ERRAND_DIAL:
		dial(errand);
		break;
	case ERRAND_SESSION:
		errand->channel = ssh_opens_channel(errand->ssh, "client-session");
		then(errand, ssh_rtt(errand->ssh), session_opens);
		break;
	}
}

bool errand_is_unread(const struct errand *errand)
{
	return errand->stage == arrive;
}

struct errand *errand_send(struct ssh *ssh, enum errand_kind kind,
			   const struct mux_forward *forward, const char *address, uint16_t port,
			   errand_done done, void *data)
{
	struct errand *errand = memory_alloc(sizeof(*errand));

	list_add(&errands, errand);
	errand->number = queue_serial();
	errand->kind = kind;
	errand->ssh = ssh;
	if (forward) {
		errand->forward = *forward;
		errand->forward.bind = memory_string(forward->bind);
		errand->forward.bind_path = memory_string(forward->bind_path);
		errand->forward.target = memory_string(forward->target);
		errand->forward.target_path = memory_string(forward->target_path);
	}
	errand->address = memory_string(address);
	errand->port = port;
	if (address) {
		char *target = world_target(errand->ssh->host, address, port, NULL);

		errand->tried = world_try((int)errand->ssh->pid, target);
		free(target);
	}
	errand->done = done;
	errand->data = data;
	then(errand, ssh_in_order(&ssh->taken_ms, fate(3, 'q', errand->number, 0)), arrive);
	return errand;
}
