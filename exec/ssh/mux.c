#include "exec/ssh/mux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/mux_codec.h"
#include "exec/ssh/mux_socket.h"
#include "topology/base/memory.h"

/* The id of the one request that a connection carries. */
#define REQUEST 1

/* A master has room for 64 that wait until it accepts them: how soon to knock again. */
#define BUSY_MS 5

struct mux_call {
	char *path;
	struct strbuf request;
	bool with_fds;    /* of a dial */
	uint64_t ends_ms; /* the deadline, by the loop's clock */
	int fd;           /* the connection, or -1 */
	int error;        /* what went wrong before the loop could wait for an answer */
	uv_poll_t poll;   /* readable: an answer */
	uv_timer_t timer;
	unsigned open_handles; /* of the two above; freed at 0 */
	mux_done done;         /* NULL: ended or cancelled */
	void *data;
	struct strbuf input; /* what came and is not yet a whole message */
};

static void closed(uv_handle_t *handle)
{
	struct mux_call *call = handle->data;

	if (--call->open_handles)
		return;
	if (call->fd >= 0)
		close(call->fd);
	strbuf_finish(&call->request);
	strbuf_finish(&call->input);
	free(call->path);
	free(call);
}

static void end(struct mux_call *call, int status, uint32_t value)
{
	mux_done done = call->done;

	if (!done)
		return;
	call->done = NULL;
	uv_close((uv_handle_t *)&call->timer, closed);
	if (call->fd >= 0)
		uv_close((uv_handle_t *)&call->poll, closed);
	done(call->data, status, value);
}

static void swallow(void *data, int status, uint32_t value)
{
	(void)data;
	(void)status;
	(void)value;
}

void mux_cancel(struct mux_call *call)
{
	if (!call || !call->done)
		return;
	call->done = swallow;
	end(call, -ECANCELED, 0);
}

/* Returns whether the message ends the call, and how. */
static bool ends_call(const struct mux_message *message, int *ret_status)
{
	if (message->type == MUX_HELLO) {
		*ret_status = -EPROTO;
		return message->request != MUX_VERSION;
	}
	if (message->request != REQUEST)
		return false;
	switch (message->type) {
	case MUX_ALIVE:
	case MUX_SESSION_OPENED:
		*ret_status = 0;
		return true;
	case MUX_FAILURE:
		*ret_status = -ECONNREFUSED;
		return true;
	case MUX_PERMISSION_DENIED:
		*ret_status = -EACCES;
		return true;
	default:
		return false;
	}
}

/* Reads what is there. Returns 0, or what ends the connection. */
static int fill(struct mux_call *call)
{
	char buffer[1024];
	ssize_t got = recv(call->fd, buffer, sizeof(buffer), 0);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (got == 0)
		return -EPIPE;
	strbuf_add(&call->input, buffer, (size_t)got);
	return 0;
}

static void readable(uv_poll_t *poll, int status, int events)
{
	struct mux_call *call = poll->data;
	struct mux_message message = {0};
	size_t at = 0, used = 0;
	int error = status < 0 ? status : fill(call);
	int result;

	(void)events;
	while (!error && !(error = mux_take(call->input.text ? call->input.text + at : "",
					    call->input.length - at, &message, &used))) {
		at += used;
		if (ends_call(&message, &result)) {
			end(call, result, message.value);
			return;
		}
	}
	if (error != -EAGAIN) {
		end(call, error, 0);
		return;
	}
	call->input.length -= at;
	if (at && call->input.text)
		memmove(call->input.text, call->input.text + at, call->input.length);
}

/* Hands over both descriptors of a dial: it reads nothing and what it gets is thrown away. */
static int send_null(int socket)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int error;

	if (null < 0)
		return -errno;
	error = mux_send_fd(socket, null);
	if (!error)
		error = mux_send_fd(socket, null);
	close(null);
	return error;
}

/* Waits for answers on the connection, which is closed when that is not possible. */
static int watch(struct mux_call *call)
{
	int error = uv_poll_init(call->timer.loop, &call->poll, call->fd);

	if (error) {
		close(call->fd);
		call->fd = -1;
		return error;
	}
	call->poll.data = call;
	call->open_handles++;
	return uv_poll_start(&call->poll, UV_READABLE | UV_DISCONNECT, readable);
}

static int send_request(const struct mux_call *call)
{
	/* A new connection's buffer takes these few bytes at once. */
	int error = mux_send(call->fd, call->request.text, call->request.length);

	return error || !call->with_fds ? error : send_null(call->fd);
}

static void time_out(uv_timer_t *timer);

/*
 * Connects and sends the request. A failure is told from the loop, as any other end: callers never
 * see their mux_done before they have the call.
 */
static void attempt(struct mux_call *call)
{
	uint64_t wait_ms = call->ends_ms - uv_now(call->timer.loop);

	call->fd = unix_connect(call->path, SOCK_NONBLOCK);
	call->error = call->fd < 0 ? call->fd : watch(call);
	if (!call->error)
		call->error = send_request(call);
	if (call->error)
		wait_ms = call->error == -EAGAIN && wait_ms > BUSY_MS ? BUSY_MS : 0;
	uv_timer_start(&call->timer, time_out, wait_ms, 0);
}

static void time_out(uv_timer_t *timer)
{
	struct mux_call *call = timer->data;

	if (call->fd < 0 && call->error == -EAGAIN && uv_now(timer->loop) + BUSY_MS < call->ends_ms)
		attempt(call);
	else
		end(call, call->error ? call->error : -ETIMEDOUT, 0);
}

/* Takes the request. */
static struct mux_call *start(uv_loop_t *loop, const char *path, struct strbuf *request,
			      bool with_fds, uint64_t deadline_ms)
{
	struct mux_call *call = memory_alloc(sizeof(*call));

	uv_timer_init(loop, &call->timer);
	call->timer.data = call;
	call->open_handles = 1;
	call->path = memory_string(path);
	call->request = *request;
	call->with_fds = with_fds;
	call->ends_ms = uv_now(loop) + deadline_ms;
	attempt(call);
	return call;
}

struct mux_call *mux_alive(uv_loop_t *loop, const char *path, uint64_t deadline_ms, mux_done done,
			   void *data)
{
	struct strbuf request = {0};
	struct mux_call *call;

	mux_put_hello(&request);
	mux_put_plain(&request, MUX_ALIVE_CHECK, REQUEST);
	call = start(loop, path, &request, false, deadline_ms);
	call->done = done;
	call->data = data;
	return call;
}

struct mux_call *mux_dial(uv_loop_t *loop, const char *path, const char *host, uint16_t port,
			  uint64_t deadline_ms, mux_done done, void *data)
{
	struct strbuf request = {0};
	struct mux_call *call;

	mux_put_hello(&request);
	mux_put_stdio_forward(&request, REQUEST, host, port);
	call = start(loop, path, &request, true, deadline_ms);
	call->done = done;
	call->data = data;
	return call;
}
