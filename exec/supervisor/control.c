#include "exec/supervisor/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "exec/supervisor/protocol.h"
#include "exec/system/kernel.h"
#include "exec/system/list.h"
#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

#define BACKLOG 64
/* A client that lets this much pile up does not read any more. */
#define UNSENT_MAX ((size_t)16 * 1024 * 1024)

struct control {
	uv_pipe_t listener;
	const struct control_events *events;
	void *data;
	struct list clients; /* struct client, connected */
};

struct client {
	struct control *control;
	uv_pipe_t pipe;
	struct strbuf line; /* what came of the next line */
	char buffer[65536];
	void *hung;
};

/* A line on its way out. */
struct outgoing {
	uv_write_t request;
	char *text;
};

static void client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;

	strbuf_finish(&client->line);
	free(client);
}

static void drop(struct client *client)
{
	if (uv_is_closing((uv_handle_t *)&client->pipe))
		return;
	list_remove(&client->control->clients, client);
	client->control->events->gone(client, client->control->data);
	uv_close((uv_handle_t *)&client->pipe, client_closed);
}

static void sent(uv_write_t *request, int status)
{
	struct outgoing *outgoing = request->data;
	struct client *client = request->handle->data;

	free(outgoing->text);
	free(outgoing);
	if (status)
		drop(client);
}

void client_send(struct client *client, json_t *message)
{
	struct outgoing *outgoing = memory_alloc(sizeof(*outgoing));
	char *text = json_dumps(message, JSON_COMPACT);
	uv_buf_t buffer;

	outgoing->text = memory_format("%s\n", text);
	outgoing->request.data = outgoing;
	free(text);
	json_decref(message);
	buffer = uv_buf_init(outgoing->text, (unsigned)strlen(outgoing->text));
	if (uv_is_closing((uv_handle_t *)&client->pipe) ||
	    uv_write(&outgoing->request, (uv_stream_t *)&client->pipe, &buffer, 1, sent)) {
		free(outgoing->text);
		free(outgoing);
		return;
	}
	if (uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe) > UNSENT_MAX)
		drop(client);
}

void *client_get(const struct client *client)
{
	return client->hung;
}

void client_set(struct client *client, void *hung)
{
	client->hung = hung;
}

static void provide(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct client *client = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(client->buffer, sizeof(client->buffer));
}

static void take_line(struct client *client)
{
	const struct control *control = client->control;
	json_t *message = json_loadb(strbuf_text(&client->line), client->line.length,
				     JSON_REJECT_DUPLICATES, NULL);

	strbuf_clear(&client->line);
	control->events->message(client, message, control->data);
	json_decref(message);
}

static void take_bytes(struct client *client, const char *bytes, size_t count)
{
	while (count && !uv_is_closing((uv_handle_t *)&client->pipe)) {
		const char *end = memchr(bytes, '\n', count);
		size_t part = end ? (size_t)(end - bytes) : count;

		strbuf_add(&client->line, bytes, part);
		if (end)
			take_line(client);
		bytes += part + (end != NULL);
		count -= part + (end != NULL);
	}
	if (client->line.length > PROTOCOL_LINE_MAX)
		drop(client);
}

static void came(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct client *client = stream->data;

	if (got > 0)
		take_bytes(client, buffer->base, (size_t)got);
	else if (got < 0)
		drop(client);
}

/* The directory is ours alone already; this is the second lock on the same door. */
static bool is_our_user(uv_pipe_t *pipe)
{
	uv_os_fd_t fd;
	uid_t uid = (uid_t)-1;

	return uv_fileno((uv_handle_t *)pipe, &fd) == 0 && kernel_peer_user(fd, &uid) == 0 &&
	       uid == getuid();
}

static void connected(uv_stream_t *listener, int status)
{
	struct control *control = listener->data;
	struct client *client;

	if (status)
		return;
	client = memory_alloc(sizeof(*client));
	client->control = control;
	uv_pipe_init(listener->loop, &client->pipe, 0);
	client->pipe.data = client;
	list_add(&control->clients, client);
	if (uv_accept(listener, (uv_stream_t *)&client->pipe) || !is_our_user(&client->pipe) ||
	    uv_read_start((uv_stream_t *)&client->pipe, provide, came))
		drop(client);
}

static void listener_closed(uv_handle_t *handle)
{
	free(handle->data);
}

int control_create(uv_loop_t *loop, const char *path, const struct control_events *events,
		   void *data, struct control **ret_control)
{
	struct control *control = memory_alloc(sizeof(*control));
	int error;

	control->events = events;
	control->data = data;
	uv_pipe_init(loop, &control->listener, 0);
	control->listener.data = control;
	error = uv_pipe_bind(&control->listener, path);
	if (!error)
		error = uv_listen((uv_stream_t *)&control->listener, BACKLOG, connected);
	if (error)
		uv_close((uv_handle_t *)&control->listener, listener_closed);
	else
		*ret_control = control;
	return error;
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	while (control->clients.count)
		drop(control->clients.items[0]);
	list_finish(&control->clients);
	uv_close((uv_handle_t *)&control->listener, listener_closed);
}

bool control_is_idle(const struct control *control)
{
	struct pollfd waiting = {.fd = -1, .events = POLLIN};

	if (control->clients.count ||
	    uv_fileno((const uv_handle_t *)&control->listener, &waiting.fd))
		return false;
	return poll(&waiting, 1, 0) == 0;
}
