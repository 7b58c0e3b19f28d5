/*
 * Sockets: the control sockets of ssh, and the connections to them: mux_wire.h of the product at one end, and
 * at the other an ssh that reads one request after the other and answers in the protocol's messages. What the
 * ssh does for a request is in errand.h.
 */
#include "tests/sim/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/link_parts.h"
#include "exec/ssh/mux_socket.h"
#include "exec/ssh/mux_wire.h"
#include "exec/system/kernel.h"
#include "exec/system/list.h"
#include "tests/sim/disk.h"
#include "tests/sim/errand.h"
#include "tests/sim/loop.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/trace.h"
#include "tests/sim/uv.h"
#include "tests/sim/wire.h"
#include "topology/base/memory.h"

/* The port of what is no port but the path of a unix socket. */
#define PATH_PORT 0xfffffffe

/* The ssh's end: it outlives the other, as long as there is something to read or to answer. */
struct connection {
	struct ssh *ssh;
	struct mux_wire *wire; /* NULL: closed at the other end */
	struct strbuf unread;
	struct errand *errand; /* what it is about to answer, or NULL */
	uint32_t request;      /* and its id */
	enum errand_kind kind;
	bool opened;  /* it has a session */
	bool stays;   /* the session that it has does not end by itself */
	bool waiting; /* for the ssh to run again */
	struct due *reading;
	struct due *over; /* of the session that it has */
	unsigned drawn;
};

struct mux_wire {
	struct connection *connection; /* NULL: it did not stand, or ended */
	const struct mux_wire_events *events;
	void *data;
	int error; /* why it ended */
	bool sent;
	bool held; /* it keeps the loop running */
	struct due *ending;
	struct list answers; /* struct answer, on their way */
	struct due *hearing;
	struct ssh *untold; /* whose end is on its way through it, or NULL */
};

/* One message on its way to the product. */
struct answer {
	enum mux_type type;
	uint32_t request;
	uint32_t value;
	char *words;
};

static struct list connections; /* struct connection, in the order in which they were made */

static unsigned draw(struct connection *connection, unsigned sides)
{
	return fate(sides, 'x', (uint64_t)connection->ssh->pid, connection->drawn++);
}

/* --- the product's end ----------------------------------------------------------------------- */

static void free_answer(struct answer *answer)
{
	free(answer->words);
	free(answer);
}

/* The product knows, or does not want to. */
static void know_end(struct mux_wire *wire)
{
	if (wire->untold)
		wire->untold->untold--;
	wire->untold = NULL;
}

static void free_wire(struct mux_wire *wire)
{
	know_end(wire);
	queue_drop(wire->ending);
	queue_drop(wire->hearing);
	for (size_t i = 0; i < wire->answers.count; i++)
		free_answer(wire->answers.items[i]);
	list_finish(&wire->answers);
	mux_wire_unref(wire);
	free(wire);
}

static void tell_end(void *data)
{
	struct mux_wire *wire = data;

	wire->ending = NULL;
	/* What was said before is heard before. */
	if (wire->answers.count) {
		wire->ending = queue_add(QUEUE_SUPERVISOR, 1, tell_end, wire);
		return;
	}
	know_end(wire);
	world_change();
	mux_wire_unref(wire);
	wire->events->ended(wire->data, wire->error);
}

/* Nothing more comes. */
static void end_wire(struct mux_wire *wire, int error, unsigned after_ms)
{
	if (wire->connection) {
		wire->untold = wire->connection->ssh;
		wire->untold->untold++;
		wire->connection->wire = NULL;
	}
	wire->connection = NULL;
	wire->error = error;
	if (!wire->ending)
		wire->ending = queue_add(QUEUE_SUPERVISOR, after_ms, tell_end, wire);
}

static void hear(void *data)
{
	struct mux_wire *wire = data;
	struct answer *answer = wire->answers.items[0];
	const struct mux_message message = {
		.type = answer->type,
		.request = answer->request,
		.value = answer->value,
		.words = answer->words,
		.words_length = answer->words ? strlen(answer->words) : 0,
	};

	list_remove(&wire->answers, answer);
	wire->hearing = wire->answers.count ? queue_add(QUEUE_SUPERVISOR, 0, hear, wire) : NULL;
	wire->events->message(wire->data, &message);
	free_answer(answer);
}

struct mux_wire *mux_wire_open(struct uv_loop_s *loop, const char *path,
			       const struct mux_wire_events *events, void *data)
{
	struct mux_wire *wire = memory_alloc(sizeof(*wire));
	struct ssh *ssh = ssh_of_socket(path);

	(void)loop;
	seam();
	wire->events = events;
	wire->data = data;
	wire->held = true;
	uv_hold();
	if (!disk_has(path)) {
		end_wire(wire, -ENOENT, 0);
	} else if (!ssh || !ssh->listens) {
		end_wire(wire, -ECONNREFUSED, 0);
	} else {
		wire->connection = memory_alloc(sizeof(*wire->connection));
		wire->connection->ssh = ssh;
		wire->connection->wire = wire;
		list_add(&connections, wire->connection);
	}
	return wire;
}

bool mux_wire_has_sent(const struct mux_wire *wire)
{
	return wire->sent;
}

unsigned mux_wire_other_version(const struct mux_wire *wire)
{
	(void)wire;
	return 0;
}

pid_t mux_wire_peer(const struct mux_wire *wire)
{
	return wire->connection ? wire->connection->ssh->pid : 0;
}

void mux_wire_unref(struct mux_wire *wire)
{
	if (wire && wire->held)
		uv_release();
	if (wire)
		wire->held = false;
}

/* --- the ssh's end --------------------------------------------------------------------------- */

static void free_when_over(struct connection *connection)
{
	struct ssh *ssh = connection->ssh;

	if (connection->wire || connection->errand || connection->reading || connection->over ||
	    (connection->unread.length && ssh->state != SSH_ENDED))
		return;
	list_remove(&connections, connection);
	strbuf_finish(&connection->unread);
	free(connection);
	ssh_drains(ssh);
}

static void say(struct connection *connection, enum mux_type type, uint32_t value,
		const char *words)
{
	struct mux_wire *wire = connection->wire;
	struct answer *answer;

	if (!wire)
		return;
	answer = memory_alloc(sizeof(*answer));
	*answer = (struct answer){type, connection->request, value, memory_string(words)};
	list_add(&wire->answers, answer);
	if (!wire->hearing)
		wire->hearing = queue_add(QUEUE_SUPERVISOR, draw(connection, 2), hear, wire);
}

static void read_next(void *data);

static void read_soon(struct connection *connection)
{
	if (!connection->reading && !connection->errand && !connection->waiting &&
	    connection->unread.length)
		connection->reading = queue_add(
			QUEUE_WORLD, ssh_in_order(&connection->ssh->read_ms, draw(connection, 2)),
			read_next, connection);
}

/* The command has ended, and so does the connection that asked for it. */
static void session_ends(void *data)
{
	struct connection *connection = data;

	connection->over = NULL;
	if (connection->wire)
		end_wire(connection->wire, -EPIPE, draw(connection, 3));
	free_when_over(connection);
}

static void answered(void *data, enum errand_answer answer, const char *words)
{
	static const enum mux_type good[] = {
		[ERRAND_LISTEN] = MUX_OK,
		[ERRAND_UNLISTEN] = MUX_OK,
		[ERRAND_DIAL] = MUX_SESSION_OPENED,
		[ERRAND_SESSION] = MUX_SESSION_OPENED,
	};
	struct connection *connection = data;

	connection->errand = NULL;
	if (answer == ERRAND_OK)
		say(connection, good[connection->kind], 0, NULL);
	else if (answer == ERRAND_REFUSED)
		say(connection, MUX_FAILURE, 0, words);
	connection->opened |= answer == ERRAND_OK && connection->kind == ERRAND_SESSION;
	if (connection->opened && !connection->stays)
		connection->over =
			queue_add(QUEUE_WORLD, ssh_rtt(connection->ssh) + draw(connection, 50),
				  session_ends, connection);
	read_soon(connection);
	free_when_over(connection);
}

static uint32_t take_u32(const unsigned char **at)
{
	const unsigned char *bytes = *at;

	*at += 4;
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

/* Returns a string; free() it. */
static char *take_string(const unsigned char **at)
{
	const uint32_t length = take_u32(at);
	char *text = memory_format("%.*s", (int)length, (const char *)*at);

	*at += length;
	return text;
}

/* Reads a forward as mux_put_forward() wrote it; its texts are the caller's. */
static void take_forward(const unsigned char *at, struct mux_forward *ret_forward)
{
	static const enum plan_type types[] = {PLAN_LOCAL, PLAN_LOCAL, PLAN_REMOTE, PLAN_DYNAMIC};
	struct mux_forward forward = {.type = types[take_u32(&at)]};
	char *bind = take_string(&at), *target;
	uint32_t port = take_u32(&at);

	if (port == PATH_PORT)
		forward.bind_path = bind;
	else
		forward.bind = bind;
	forward.bind_port = port == PATH_PORT ? 0 : (uint16_t)port;
	target = take_string(&at);
	port = take_u32(&at);
	if (port == PATH_PORT)
		forward.target_path = target;
	else if (strcmp(target, "socks") == 0)
		free(target);
	else
		forward.target = target;
	forward.target_port = port == PATH_PORT ? 0 : (uint16_t)port;
	*ret_forward = forward;
}

static void free_forward(struct mux_forward *forward)
{
	free((char *)(uintptr_t)forward->bind);
	free((char *)(uintptr_t)forward->bind_path);
	free((char *)(uintptr_t)forward->target);
	free((char *)(uintptr_t)forward->target_path);
}

static void do_forward(struct connection *connection, enum errand_kind kind,
		       const unsigned char *body)
{
	struct mux_forward forward;

	take_forward(body, &forward);
	connection->kind = kind;
	connection->errand =
		errand_send(connection->ssh, kind, &forward, NULL, 0, answered, connection);
	free_forward(&forward);
}

static void do_dial(struct connection *connection, const unsigned char *body)
{
	char *reserved = take_string(&body), *host = take_string(&body);

	connection->kind = ERRAND_DIAL;
	connection->errand = errand_send(connection->ssh, ERRAND_DIAL, NULL, host,
					 (uint16_t)take_u32(&body), answered, connection);
	free(reserved);
	free(host);
}

/* The command is the last of its strings. */
static bool is_to_stay(const unsigned char *body)
{
	char *reserved = take_string(&body), *terminal, *command;
	bool stays;

	body += 5 * 4;
	terminal = take_string(&body);
	command = take_string(&body);
	stays = strcmp(command, "cat") == 0;
	free(reserved);
	free(terminal);
	free(command);
	return stays;
}

static void obey(struct connection *connection, uint32_t type, const unsigned char *body)
{
	struct ssh *ssh = connection->ssh;

	switch (type) {
	case MUX_ALIVE_CHECK:
		say(connection, MUX_ALIVE, (uint32_t)ssh->pid, NULL);
		break;
	case MUX_OPEN_FORWARD:
		do_forward(connection, ERRAND_LISTEN, body);
		break;
	case MUX_CLOSE_FORWARD:
		do_forward(connection, ERRAND_UNLISTEN, body);
		break;
	case MUX_NEW_STDIO_FORWARD:
		do_dial(connection, body);
		break;
	case MUX_NEW_SESSION:
		connection->kind = ERRAND_SESSION;
		connection->stays = is_to_stay(body);
		connection->errand =
			errand_send(ssh, ERRAND_SESSION, NULL, NULL, 0, answered, connection);
		break;
	case MUX_STOP_LISTENING:
		say(connection, MUX_OK, 0, NULL);
		rules_ends(ssh->pid);
		ssh_stop_listening(ssh);
		break;
	case MUX_TERMINATE:
		rules_ends(ssh->pid);
		ssh_terminate(ssh);
		break;
	default:
		rules_break("internal", "ssh is asked for %x", type);
	}
}

/*
 * Whether its ssh has yet to read what a supervisor sent that was killed: that is some messages, each of which takes it less
 * than a ms, and the next supervisor needs longer to start.
 */
static bool is_behind_dead(const struct connection *connection)
{
	for (size_t i = 0; connections.items[i] != connection; i++) {
		const struct connection *other = connections.items[i];

		if (other->ssh == connection->ssh && !other->wire &&
		    (other->reading || (other->errand && errand_is_unread(other->errand))))
			return true;
	}
	return false;
}

static void read_next(void *data)
{
	struct connection *connection = data;
	struct strbuf *unread = &connection->unread;
	const unsigned char *at = (const unsigned char *)unread->text;
	struct strbuf message = {0};
	uint32_t length, type;

	connection->reading = NULL;
	if (connection->ssh->state == SSH_ENDED) {
		free_when_over(connection);
		return;
	}
	if (connection->ssh->stopped) {
		connection->waiting = true;
		return;
	}
	if (is_behind_dead(connection)) {
		connection->reading = queue_add(QUEUE_WORLD, 1, read_next, connection);
		return;
	}
	length = take_u32(&at) + 4;
	strbuf_add(&message, unread->text, length);
	memmove(unread->text, unread->text + length, unread->length - length);
	strbuf_cut(unread, unread->length - length);
	at = (const unsigned char *)message.text + 4;
	type = take_u32(&at);
	connection->request = take_u32(&at);
	obey(connection, type, at);
	strbuf_finish(&message);
	read_soon(connection);
	free_when_over(connection);
}

void mux_wire_send(struct mux_wire *wire, const struct strbuf *bytes)
{
	mux_wire_send_nulls(wire, bytes, 0);
}

void mux_wire_send_nulls(struct mux_wire *wire, const struct strbuf *bytes, unsigned nulls)
{
	(void)nulls;
	seam();
	if (!wire->connection)
		return;
	wire->sent = true;
	strbuf_add(&wire->connection->unread, bytes->text, bytes->length);
	read_soon(wire->connection);
}

/* Nobody says anything by himself here. */
void mux_wire_send_ends(struct mux_wire *wire, const struct strbuf *bytes, unsigned ends)
{
	mux_wire_send_nulls(wire, bytes, ends);
}

void mux_wire_close(struct mux_wire *wire)
{
	struct connection *connection;

	if (!wire)
		return;
	connection = wire->connection;
	if (connection) {
		connection->wire = NULL;
		free_when_over(connection);
	}
	free_wire(wire);
}

/* Whether an ssh or a holder listens there. */
static bool answers(const struct ssh *ssh, const char *path)
{
	return ssh && disk_has(path) && (ssh->session || ssh->listens);
}

/* Of others nothing is known here. */
int unix_listener(const char *path, pid_t *ret_pid)
{
	const struct ssh *ssh = ssh_of_socket(path);

	seam();
	if (!disk_has(path))
		return -ENOENT;
	if (world_listener(path))
		return -ENOSYS;
	if (!answers(ssh, path))
		return -ECONNREFUSED;
	*ret_pid = ssh->pid;
	return 0;
}

/* To a holder, which reads what is written there from then on. */
int unix_connect(const char *path, int flags)
{
	const struct ssh *ssh = ssh_of_socket(path);

	(void)flags;
	seam();
	return answers(ssh, path) ? kernel_process_open(ssh->pid) : -ECONNREFUSED;
}

int unix_listens(const char *path)
{
	const struct ssh *ssh = ssh_of_socket(path);

	if (!disk_has(path))
		return -ENOENT;
	return world_listener(path) || (ssh && ssh->listens) || wire_listens(path) ? 0
										   : -ECONNREFUSED;
}

/* `ssh -O` instead of the protocol is not simulated. */
const struct link_way link_ssh = {"ssh", true, NULL};

void link_run_end(struct link_run *run)
{
	(void)run;
}

/* --- what happens to them -------------------------------------------------------------------- */

bool sockets_are_open(const struct ssh *ssh)
{
	for (size_t i = 0; i < connections.count; i++)
		if (((struct connection *)connections.items[i])->ssh == ssh)
			return true;
	return false;
}

bool sockets_are_held(const struct ssh *ssh)
{
	for (size_t i = 0; i < connections.count; i++) {
		const struct connection *connection = connections.items[i];

		if (connection->ssh == ssh && connection->wire)
			return true;
	}
	return false;
}

bool sockets_has_session(const struct ssh *ssh)
{
	for (size_t i = 0; i < connections.count; i++) {
		const struct connection *connection = connections.items[i];

		if (connection->ssh == ssh && connection->opened)
			return true;
	}
	return false;
}

bool sockets_are_busy(const struct ssh *ssh)
{
	for (size_t i = 0; ssh_link_moves(ssh) && i < connections.count; i++) {
		const struct connection *connection = connections.items[i];

		if (connection->ssh == ssh && connection->unread.length)
			return true;
	}
	return ssh_link_moves(ssh) && errand_runs_through(ssh);
}

void sockets_move_on(void)
{
	for (size_t i = 0; i < connections.count; i++) {
		struct connection *connection = connections.items[i];

		if (connection->waiting) {
			connection->waiting = false;
			read_soon(connection);
		}
		if (connection->ssh->state == SSH_ENDED && connection->wire)
			end_wire(connection->wire, -EPIPE, draw(connection, 3));
	}
	for (size_t i = connections.count; i-- > 0;) {
		struct connection *connection = connections.items[i];

		if (connection->ssh->state != SSH_ENDED)
			continue;
		queue_drop(connection->reading);
		queue_drop(connection->over);
		connection->reading = connection->over = NULL;
		free_when_over(connection);
	}
}

void sockets_supervisor_died(void)
{
	for (size_t i = connections.count; i-- > 0;) {
		struct connection *connection = connections.items[i];

		if (!connection->wire)
			continue;
		/* The wire itself is lost with the rest of its process. */
		connection->wire = NULL;
		free_when_over(connection);
	}
}

void sockets_reset(void)
{
	list_finish(&connections);
}
