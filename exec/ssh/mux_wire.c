#include "exec/ssh/mux_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/mux_socket.h"
#include "topology/base/memory.h"

/* A master has room for 64 that wait until it accepts them: how soon to knock again. */
#define BUSY_MS 5

struct mux_wire {
	char *path;
	int fd;            /* the connection; -1 before it stands and after it ended */
	uv_poll_t poll;    /* of the connection, once it stands */
	uv_timer_t timer;  /* knocks again, or tells of an end that came inside a call */
	uv_poll_t hearing; /* of our end of what the master was lent, once that is made */
	unsigned handles;  /* of the three above, open; freed at 0 */
	int error;         /* why it ended, or 0 */
	unsigned version;  /* that the master named, if it is not ours */
	bool closed;       /* nobody wants to hear of it */
	bool sent;         /* something left */
	bool hasty;        /* since the loop looked last, something was sent at once */
	int watched;       /* the events that it looks for */
	unsigned ends;     /* descriptors that are to follow the output */
	int lent;          /* they are this one, or -1: of /dev/null */
	int ear;           /* the other end of that, or -1 */
	struct strbuf out; /* what is still to be sent */
	struct strbuf in;  /* what came and is not yet a whole message */
	const struct mux_wire_events *events;
	void *data;
};

static void handle_closed(uv_handle_t *handle)
{
	struct mux_wire *wire = handle->data;

	if (--wire->handles)
		return;
	strbuf_finish(&wire->out);
	strbuf_finish(&wire->in);
	free(wire->path);
	free(wire);
}

static void close_lent(struct mux_wire *wire)
{
	if (wire->lent >= 0)
		close(wire->lent);
	wire->lent = -1;
}

static void close_ear(struct mux_wire *wire)
{
	if (wire->ear < 0)
		return;
	uv_close((uv_handle_t *)&wire->hearing, handle_closed);
	close(wire->ear);
	wire->ear = -1;
}

/* The master shall see it at once, and the loop must not look any more. */
static void hang_up(struct mux_wire *wire)
{
	close_lent(wire);
	close_ear(wire);
	if (wire->fd < 0)
		return;
	uv_close((uv_handle_t *)&wire->poll, handle_closed);
	close(wire->fd);
	wire->fd = -1;
}

void mux_wire_close(struct mux_wire *wire)
{
	if (!wire || wire->closed)
		return;
	wire->closed = true;
	hang_up(wire);
	uv_close((uv_handle_t *)&wire->timer, handle_closed);
}

static void end(struct mux_wire *wire, int error)
{
	hang_up(wire);
	wire->error = error;
	wire->events->ended(wire->data, error);
}

/* Takes the first bytes out of a buffer. */
static void drop(struct strbuf *buffer, size_t length)
{
	if (!length)
		return;
	memmove(buffer->text, buffer->text + length, buffer->length - length);
	strbuf_cut(buffer, buffer->length - length);
}

/* Reads what is there. -EAGAIN: nothing. */
static int fill(struct mux_wire *wire)
{
	char buffer[4096];
	ssize_t got = recv(wire->fd, buffer, sizeof(buffer), 0);

	if (got < 0)
		return -errno;
	if (got == 0)
		return -EPIPE;
	strbuf_add(&wire->in, buffer, (size_t)got);
	return 0;
}

/* Tells of the messages that are complete. */
static int tell(struct mux_wire *wire)
{
	struct mux_message message = {.type = 0};
	size_t at = 0, used = 0;
	int error = 0;

	while (!wire->closed && !(error = mux_take(strbuf_text(&wire->in) + at,
						   wire->in.length - at, &message, &used))) {
		at += used;
		if (message.type != MUX_HELLO)
			wire->events->message(wire->data, &message);
	}
	drop(&wire->in, at);
	if (error == -EPROTONOSUPPORT)
		wire->version = message.request;
	return error == -EAGAIN ? 0 : error;
}

static int hear(struct mux_wire *wire)
{
	int error = fill(wire);

	return error ? error : tell(wire);
}

/* The master reads nothing from /dev/null, and what it writes there is thrown away. */
static int send_end(const struct mux_wire *wire)
{
	const int socket = wire->fd;
	int null, error;

	if (wire->lent >= 0)
		return mux_send_fd(socket, wire->lent);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	error = null < 0 ? -errno : mux_send_fd(socket, null);
	if (null >= 0)
		close(null);
	return error;
}

/* Sends what the connection takes now. -EAGAIN: it will take more. */
static int flush(struct mux_wire *wire)
{
	int error = 0;

	while (!error && wire->out.length) {
		ssize_t sent = send(wire->fd, wire->out.text, wire->out.length, MSG_NOSIGNAL);

		error = sent < 0 ? -errno : 0;
		wire->sent |= !error;
		drop(&wire->out, error ? 0 : (size_t)sent);
	}
	while (!error && wire->ends && !(error = send_end(wire)))
		wire->ends--;
	if (!error && !wire->ends)
		close_lent(wire);
	return error;
}

static void ready(uv_poll_t *poll, int status, int events);

static void watch(struct mux_wire *wire)
{
	const bool more = wire->out.length || wire->ends;
	const int events = UV_READABLE | (more ? UV_WRITABLE : 0);

	if (events != wire->watched)
		uv_poll_start(&wire->poll, events, ready);
	wire->watched = events;
}

/*
 * What the master said before it closed counts, also when it did not read all of ours: that is a status, or
 * an error of sending, and is the end only when nothing can be read any more.
 */
static void ready(uv_poll_t *poll, int status, int events)
{
	struct mux_wire *wire = poll->data;
	int error = -EAGAIN;

	wire->hasty = false;
	/* The loop looks no more. */
	if (status)
		wire->watched = 0;
	if (!status && events & UV_WRITABLE)
		status = flush(wire);
	if (status == -EAGAIN || status == -EINTR)
		status = 0;
	if (status || events & UV_READABLE)
		while (!(error = hear(wire)) && status && !wire->closed)
			;
	if (wire->closed)
		return;
	if (error && error != -EAGAIN && error != -EINTR)
		end(wire, error);
	else if (status)
		end(wire, status);
	else
		watch(wire);
}

static void timer_fired(uv_timer_t *timer);

/* An end is told from the loop: callers do not have their wire yet. */
static void attempt(struct mux_wire *wire)
{
	int fd = unix_connect(wire->path, SOCK_NONBLOCK);

	if (fd >= 0)
		wire->error = uv_poll_init(wire->timer.loop, &wire->poll, fd);
	else if (fd != -EAGAIN)
		wire->error = fd;
	if (fd >= 0 && wire->error)
		close(fd);
	if (fd < 0 || wire->error) {
		uv_timer_start(&wire->timer, timer_fired, wire->error ? 0 : BUSY_MS, 0);
		return;
	}
	wire->fd = fd;
	wire->poll.data = wire;
	wire->handles++;
	watch(wire);
}

static void timer_fired(uv_timer_t *timer)
{
	struct mux_wire *wire = timer->data;

	if (wire->error)
		end(wire, wire->error);
	else
		attempt(wire);
}

struct mux_wire *mux_wire_open(uv_loop_t *loop, const char *path,
			       const struct mux_wire_events *events, void *data)
{
	struct mux_wire *wire = memory_alloc(sizeof(*wire));

	wire->path = memory_string(path);
	wire->fd = wire->lent = wire->ear = -1;
	wire->events = events;
	wire->data = data;
	wire->handles = 1;
	wire->timer.data = wire;
	uv_timer_init(loop, &wire->timer);
	mux_put_hello(&wire->out);
	attempt(wire);
	return wire;
}

void mux_wire_send(struct mux_wire *wire, const struct strbuf *bytes)
{
	mux_wire_send_nulls(wire, bytes, 0);
}

void mux_wire_send_nulls(struct mux_wire *wire, const struct strbuf *bytes, unsigned nulls)
{
	const bool idle = !wire->out.length && !wire->ends && !wire->hasty;

	strbuf_add(&wire->out, bytes->text, bytes->length);
	wire->ends += nulls;
	if (wire->fd < 0)
		return;
	/* The master works on it while we go on; what follows goes together. Trouble is told from the loop. */
	if (idle) {
		flush(wire);
		wire->hasty = true;
	}
	watch(wire);
}

static void ear_ready(uv_poll_t *poll, int status, int events)
{
	struct mux_wire *wire = poll->data;
	char byte;
	ssize_t got = recv(wire->ear, &byte, 1, 0);

	(void)status;
	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	uv_poll_stop(poll);
	wire->events->heard(wire->data, got > 0);
}

void mux_wire_send_ends(struct mux_wire *wire, const struct strbuf *bytes, unsigned ends)
{
	int pair[2];

	/* Without them nothing is heard, and the rest is as good. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0) {
		wire->lent = pair[0];
		wire->ear = pair[1];
		uv_poll_init(wire->timer.loop, &wire->hearing, wire->ear);
		wire->hearing.data = wire;
		wire->handles++;
		uv_poll_start(&wire->hearing, UV_READABLE, ear_ready);
	}
	mux_wire_send_nulls(wire, bytes, ends);
}

void mux_wire_unref(struct mux_wire *wire)
{
	if (!wire)
		return;
	uv_unref((uv_handle_t *)&wire->timer);
	if (wire->fd >= 0)
		uv_unref((uv_handle_t *)&wire->poll);
	if (wire->ear >= 0)
		uv_unref((uv_handle_t *)&wire->hearing);
}

bool mux_wire_has_sent(const struct mux_wire *wire)
{
	return wire->sent;
}

unsigned mux_wire_other_version(const struct mux_wire *wire)
{
	return wire->version;
}

pid_t mux_wire_peer(const struct mux_wire *wire)
{
#ifdef __linux__
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (wire->fd >= 0 && getsockopt(wire->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
		return peer.pid;
#endif
	return 0;
}
