#include "tests/sim/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/system/list.h"
#include "tests/sim/disk.h"
#include "tests/sim/loop.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/session.h"
#include "tests/sim/uv.h"
#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

/* What the kernel holds for a client that does not read. */
#define KERNEL_BYTES 2048
/* As many bytes stands each byte for that does not fit there: runs are short, and the product is patient. */
#define SWELL 8192

struct wire {
	unsigned number; /* the client's */
	unsigned drawn;  /* how often it was asked how long something takes */
	const struct wire_events *events;
	void *data;
	uv_pipe_t *pipe;  /* the supervisor's end, from when it is accepted until it is closed */
	bool closed;      /* the supervisor reads and writes no more */
	bool client_gone; /* nor does the client */
	bool client_reads;
	uv_alloc_cb provide;
	uv_read_cb came; /* NULL: the supervisor does not read yet */
	struct strbuf to_supervisor;
	struct strbuf to_client;
	struct list writes;     /* struct outgoing: libuv's, not yet confirmed */
	struct due *delivery;   /* to the supervisor */
	struct due *hearing;    /* to the client */
	struct due *confirming; /* of the first of writes */
};

struct outgoing {
	uv_write_t *request;
	uv_write_cb sent;
};

static struct {
	struct list wires;   /* all of them, in the order in which they were connected */
	uv_pipe_t *listener; /* NULL: nobody listens */
	uv_connection_cb connected;
} control;

void wire_reset(void)
{
	list_finish(&control.wires);
	control.listener = NULL;
}

static void free_when_over(struct wire *wire)
{
	if (!wire->client_gone || !wire->closed || wire->pipe)
		return;
	list_remove(&control.wires, wire);
	queue_drop(wire->hearing);
	strbuf_finish(&wire->to_supervisor);
	strbuf_finish(&wire->to_client);
	free(wire);
}

/* Returns the first that was not accepted yet, or NULL. */
static struct wire *find_waiting(void)
{
	for (size_t i = 0; i < control.wires.count; i++) {
		struct wire *wire = control.wires.items[i];

		if (!wire->pipe && !wire->closed)
			return wire;
	}
	return NULL;
}

/* Returns the wire's next number below sides. */
static unsigned draw(struct wire *wire, unsigned sides)
{
	return fate(sides, 'w', wire->number, wire->drawn++);
}

/* --- to the supervisor ----------------------------------------------------------------------- */

static void deliver(void *data);

static void deliver_soon(struct wire *wire)
{
	if (!wire->delivery && wire->came && !wire->closed &&
	    (wire->to_supervisor.length || wire->client_gone))
		wire->delivery = queue_add(QUEUE_SUPERVISOR, draw(wire, 3), deliver, wire);
}

static void deliver(void *data)
{
	struct wire *wire = data;
	struct strbuf *text = &wire->to_supervisor;
	uv_stream_t *stream = (uv_stream_t *)wire->pipe;
	uv_buf_t buffer = {0};
	size_t size;

	wire->delivery = NULL;
	if (!text->length) {
		wire->came(stream, UV_EOF, &buffer);
		return;
	}
	wire->provide((uv_handle_t *)stream, 65536, &buffer);
	size = text->length < buffer.len ? text->length : buffer.len;
	memcpy(buffer.base, text->text, size);
	memmove(text->text, text->text + size, text->length - size);
	text->length -= size;
	deliver_soon(wire);
	wire->came(stream, (ssize_t)size, &buffer);
}

void wire_send(struct wire *wire, const char *line)
{
	strbuf_puts(&wire->to_supervisor, line);
	strbuf_puts(&wire->to_supervisor, "\n");
	deliver_soon(wire);
}

/* --- to the client --------------------------------------------------------------------------- */

static void hear(void *data)
{
	struct wire *wire = data;
	struct strbuf text = wire->to_client;
	char *line = text.text, *end;

	wire->hearing = NULL;
	wire->to_client = (struct strbuf){0};
	while (text.length && !wire->client_gone && (end = strchr(line, '\n'))) {
		*end = '\0';
		wire->events->heard(wire->data, line);
		line = end + 1;
	}
	strbuf_finish(&text);
	if (!wire->client_gone && wire->closed) {
		wire->client_gone = true;
		wire->events->ended(wire->data);
	}
	free_when_over(wire);
}

static void hear_soon(struct wire *wire)
{
	if (!wire->hearing && !wire->client_gone && wire->client_reads &&
	    (wire->to_client.length || wire->closed))
		wire->hearing = queue_add(QUEUE_WORLD, draw(wire, 3), hear, wire);
}

/* Whether the kernel takes what the supervisor writes. */
static bool flows(const struct wire *wire)
{
	return wire->client_gone || wire->client_reads || wire->to_client.length <= KERNEL_BYTES;
}

static void confirm(void *data);

static void confirm_soon(struct wire *wire)
{
	if (!wire->closed && wire->writes.count && !wire->confirming && flows(wire))
		wire->confirming = queue_add(QUEUE_SUPERVISOR, 0, confirm, wire);
}

static void confirm(void *data)
{
	struct wire *wire = data;
	struct outgoing *outgoing = wire->writes.items[0];

	wire->confirming = NULL;
	list_remove(&wire->writes, outgoing);
	confirm_soon(wire);
	outgoing->sent(outgoing->request, wire->client_gone ? UV_EPIPE : 0);
	free(outgoing);
}

void wire_read(struct wire *wire, bool reads)
{
	wire->client_reads = reads;
	hear_soon(wire);
	confirm_soon(wire);
}

/* --- beginning and end ----------------------------------------------------------------------- */

static void connected(void *data)
{
	(void)data;
	if (control.listener && find_waiting())
		control.connected((uv_stream_t *)control.listener, 0);
}

struct wire *wire_connect(unsigned number, const struct wire_events *events, void *data)
{
	struct wire *wire;

	if (!wire_listens("/run/control"))
		return NULL;
	wire = memory_alloc(sizeof(*wire));
	wire->number = number;
	wire->events = events;
	wire->data = data;
	wire->client_reads = true;
	list_add(&control.wires, wire);
	queue_add(QUEUE_WORLD, draw(wire, 2), connected, NULL);
	return wire;
}

void wire_close(struct wire *wire)
{
	wire->client_gone = true;
	deliver_soon(wire);
	confirm_soon(wire);
	free_when_over(wire);
}

/* The supervisor reads and writes no more; what it wrote can still be read. */
static void close_here(struct wire *wire)
{
	queue_drop(wire->delivery);
	queue_drop(wire->confirming);
	wire->delivery = wire->confirming = NULL;
	wire->closed = true;
	hear_soon(wire);
}

void wire_pipe_closes(uv_pipe_t *pipe)
{
	struct wire *wire = pipe->u.reserved[0];

	if (wire) {
		close_here(wire);
	} else if (pipe == control.listener) {
		while ((wire = find_waiting())) {
			close_here(wire);
			free_when_over(wire);
		}
		disk_remove(pipe->u.reserved[1]);
		free(pipe->u.reserved[1]);
		control.listener = NULL;
	}
}

bool wire_listens(const char *path)
{
	return control.listener && disk_has(path) &&
	       strcmp(control.listener->u.reserved[1], path) == 0;
}

void wire_pipe_closed(uv_pipe_t *pipe)
{
	struct wire *wire = pipe->u.reserved[0];

	while (wire && wire->writes.count) {
		struct outgoing *outgoing = wire->writes.items[0];

		list_remove(&wire->writes, outgoing);
		outgoing->sent(outgoing->request, UV_ECANCELED);
		free(outgoing);
	}
	if (!wire)
		return;
	list_finish(&wire->writes);
	wire->pipe = NULL;
	free_when_over(wire);
}

void wire_supervisor_died(void)
{
	control.listener = NULL;
	for (size_t i = control.wires.count; i-- > 0;) {
		struct wire *wire = control.wires.items[i];

		/* The queue has dropped what the supervisor waited for. */
		wire->delivery = wire->confirming = NULL;
		wire->pipe = NULL;
		close_here(wire);
		free_when_over(wire);
	}
}

/* --- libuv ----------------------------------------------------------------------------------- */

int uv_pipe_init(uv_loop_t *loop, uv_pipe_t *pipe, int ipc)
{
	(void)loop;
	(void)ipc;
	uv_made((uv_handle_t *)pipe, UV_NAMED_PIPE);
	pipe->read_cb = NULL;
	return 0;
}

int uv_pipe_bind(uv_pipe_t *pipe, const char *path)
{
	seam();
	disk_make(path, DISK_SOCKET);
	pipe->u.reserved[1] = memory_string(path);
	return 0;
}

int uv_listen(uv_stream_t *stream, int backlog, uv_connection_cb accept)
{
	(void)backlog;
	control.listener = (uv_pipe_t *)stream;
	control.connected = accept;
	uv_activate((uv_handle_t *)stream);
	return 0;
}

int uv_accept(uv_stream_t *listener, uv_stream_t *stream)
{
	struct wire *wire = find_waiting();

	(void)listener;
	if (!wire)
		return UV_EAGAIN;
	wire->pipe = (uv_pipe_t *)stream;
	stream->u.reserved[0] = wire;
	return 0;
}

int uv_read_start(uv_stream_t *stream, uv_alloc_cb provide, uv_read_cb came)
{
	struct wire *wire = stream->u.reserved[0];

	uv_activate((uv_handle_t *)stream);
	stream->read_cb = came;
	/* Else it is the stdout of a child. */
	if (wire) {
		wire->provide = provide;
		wire->came = came;
		deliver_soon(wire);
	} else {
		uv_child_is_heard(stream);
	}
	return 0;
}

int uv_read_stop(uv_stream_t *stream)
{
	stream->read_cb = NULL;
	uv_deactivate((uv_handle_t *)stream);
	return 0;
}

/* What a holder is given to read. */
struct feeding {
	uv_write_t *request;
	uv_write_cb sent;
};

static void fed(void *data)
{
	struct feeding *feeding = data;

	feeding->sent(feeding->request, 0);
	free(feeding);
}

static int write_to_session(uv_write_t *request, struct ssh *ssh, const uv_buf_t *bytes,
			    uv_write_cb sent)
{
	struct feeding *feeding = memory_alloc(sizeof(*feeding));

	*feeding = (struct feeding){request, sent};
	if (ssh->state != SSH_ENDED)
		session_reads(ssh, bytes->base, bytes->len);
	queue_add(QUEUE_SUPERVISOR, 0, fed, feeding);
	return 0;
}

int uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t buffers[], unsigned count,
	     uv_write_cb sent)
{
	struct wire *wire = stream->u.reserved[0];
	struct outgoing *outgoing;

	seam();
	if (stream->u.reserved[2])
		return write_to_session(request, stream->u.reserved[2], buffers, sent);
	outgoing = memory_alloc(sizeof(*outgoing));
	for (unsigned i = 0; i < count; i++) {
		strbuf_add(&wire->to_client, buffers[i].base, buffers[i].len);
		rules_said(buffers[i].base);
	}
	request->handle = stream;
	outgoing->request = request;
	outgoing->sent = sent;
	list_add(&wire->writes, outgoing);
	hear_soon(wire);
	confirm_soon(wire);
	return 0;
}

size_t uv_stream_get_write_queue_size(const uv_stream_t *stream)
{
	const struct wire *wire = stream->u.reserved[0];

	return flows(wire) ? 0 : (wire->to_client.length - KERNEL_BYTES) * SWELL;
}

/* No descriptors that there are. */
enum { LISTENER_FD = 100000, CLIENT_FD };

int uv_fileno(const uv_handle_t *handle, uv_os_fd_t *ret_fd)
{
	*ret_fd = (const void *)handle == control.listener ? LISTENER_FD : CLIENT_FD;
	return 0;
}

int wire_listener_fd(void)
{
	return LISTENER_FD;
}

bool wire_is_waiting(void)
{
	return find_waiting() != NULL;
}

uv_buf_t uv_buf_init(char *base, unsigned length)
{
	return (uv_buf_t){.base = base, .len = length};
}
