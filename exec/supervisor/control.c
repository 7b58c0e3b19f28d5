#include "exec/supervisor/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "exec/supervisor/protocol.h"
#include "exec/system/kernel.h"
#include "exec/system/list.h"
#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

#define BACKLOG 64

/* So much of what is held for a client goes out in any case. */
#define HELD_BYTES 16384

struct control {
	uv_loop_t *loop;
	uv_pipe_t *listener; /* or NULL: it listens nowhere */
	char *path;          /* of the listener, or NULL */
	struct stat bound;   /* the file at the path, as it was made */
	const struct control_events *events;
	void *data;
	struct list clients; /* struct client, connected */
	char buffer[65536];  /* what was read last, of any of them */
};

struct client {
	struct control *control;
	uv_pipe_t pipe;
	uv_timer_t patience;   /* runs while much is unsent */
	unsigned open_handles; /* of the two above; freed at 0 */
	uint64_t sent_bytes;   /* all that was ever given to the pipe */
	uint64_t said_bytes;   /* all that ever came */
	uint64_t read_bytes;   /* of that, what the client had taken when the patience began */
	struct strbuf line;    /* what came of the next line */
	struct strbuf held;    /* messages that go out together */
	bool holds;            /* until client_let_go() */
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

	if (--client->open_handles)
		return;
	strbuf_finish(&client->line);
	strbuf_finish(&client->held);
	free(client);
}

static void drop(struct client *client)
{
	if (uv_is_closing((uv_handle_t *)&client->pipe))
		return;
	list_remove(&client->control->clients, client);
	client->control->events->gone(client, client->control->data);
	uv_close((uv_handle_t *)&client->pipe, client_closed);
	uv_close((uv_handle_t *)&client->patience, client_closed);
}

static size_t unsent_bytes(const struct client *client)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&client->pipe);
}

static void begin_patience(struct client *client);

static void out_of_patience(uv_timer_t *timer)
{
	struct client *client = timer->data;

	if (unsent_bytes(client) <= CONTROL_UNSENT_BYTES)
		return;
	if (client->sent_bytes - unsent_bytes(client) == client->read_bytes)
		drop(client);
	else
		begin_patience(client);
}

static void begin_patience(struct client *client)
{
	client->read_bytes = client->sent_bytes - unsent_bytes(client);
	/* What was sent may have taken its time to make. */
	uv_update_time(client->control->loop);
	uv_timer_start(&client->patience, out_of_patience, client->control->events->patience_ms, 0);
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

/* Writes what is held. */
static void write_out(struct client *client)
{
	struct outgoing *outgoing = memory_alloc(sizeof(*outgoing));
	uv_buf_t buffer = uv_buf_init(client->held.text, (unsigned)client->held.length);

	outgoing->text = client->held.text;
	outgoing->request.data = outgoing;
	strbuf_init(&client->held);
	/* To a client that is gone nothing can be written: the end of what it sends says so, too. */
	if (uv_is_closing((uv_handle_t *)&client->pipe) ||
	    uv_write(&outgoing->request, (uv_stream_t *)&client->pipe, &buffer, 1, sent)) {
		free(outgoing->text);
		free(outgoing);
		return;
	}
	client->sent_bytes += buffer.len;
	if (unsent_bytes(client) > CONTROL_UNSENT_BYTES &&
	    !uv_is_active((uv_handle_t *)&client->patience))
		begin_patience(client);
}

static int add_text(const char *text, size_t length, void *data)
{
	strbuf_add(data, text, length);
	return 0;
}

void client_send(struct client *client, json_t *message)
{
	json_dump_callback(message, add_text, &client->held, JSON_COMPACT);
	strbuf_puts(&client->held, "\n");
	json_decref(message);
	if (!client->holds || client->held.length >= HELD_BYTES)
		write_out(client);
}

void client_hold(struct client *client)
{
	client->holds = true;
}

void client_let_go(struct client *client)
{
	client->holds = false;
	if (client->held.length)
		write_out(client);
}

void control_send(struct control *control, json_t *message)
{
	for (size_t i = 0; i < control->clients.count; i++)
		client_send(control->clients.items[i], json_incref(message));
	json_decref(message);
}

uint64_t client_bytes(const struct client *client)
{
	return client->sent_bytes + client->said_bytes;
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
	struct control *control = client->control;

	(void)suggested;
	/* What is read is taken at once. */
	*buffer = uv_buf_init(control->buffer, sizeof(control->buffer));
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
	client->said_bytes += count;
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
	uv_pipe_init(control->loop, &client->pipe, 0);
	uv_timer_init(control->loop, &client->patience);
	client->open_handles = 2;
	client->pipe.data = client->patience.data = client;
	list_add(&control->clients, client);
	if (uv_accept(listener, (uv_stream_t *)&client->pipe) || !is_our_user(&client->pipe) ||
	    uv_read_start((uv_stream_t *)&client->pipe, provide, came))
		drop(client);
}

struct control *control_create(uv_loop_t *loop, const struct control_events *events, void *data)
{
	struct control *control = memory_alloc(sizeof(*control));

	control->loop = loop;
	control->events = events;
	control->data = data;
	return control;
}

static void listener_closed(uv_handle_t *handle)
{
	free(handle);
}

/* Libuv removes the path that the listener was bound to. */
static void stop_listening(struct control *control)
{
	if (control->listener)
		uv_close((uv_handle_t *)control->listener, listener_closed);
	control->listener = NULL;
	memory_replace(&control->path, NULL);
}

int control_listen(struct control *control, const char *path)
{
	int error;

	stop_listening(control);
	control->listener = memory_alloc(sizeof(*control->listener));
	uv_pipe_init(control->loop, control->listener, 0);
	control->listener->data = control;
	error = uv_pipe_bind(control->listener, path);
	if (!error)
		error = uv_listen((uv_stream_t *)control->listener, BACKLOG, connected);
	if (!error && lstat(path, &control->bound))
		error = -errno;
	memory_replace(&control->path, path);
	if (error)
		stop_listening(control);
	return error;
}

bool control_is_there(const struct control *control)
{
	struct stat now;

	return control->path && lstat(control->path, &now) == 0 &&
	       now.st_dev == control->bound.st_dev && now.st_ino == control->bound.st_ino;
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	while (control->clients.count)
		drop(control->clients.items[0]);
	list_finish(&control->clients);
	stop_listening(control);
	free(control);
}

bool control_is_quiet(const struct control *control)
{
	struct pollfd waiting = {.fd = -1, .events = POLLIN};

	if (!control->listener)
		return true;
	return uv_fileno((const uv_handle_t *)control->listener, &waiting.fd) ||
	       poll(&waiting, 1, 0) == 0;
}

bool control_is_idle(const struct control *control)
{
	return !control->clients.count && control_is_quiet(control);
}
