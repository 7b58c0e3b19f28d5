#include "tests/sim/uv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/system/list.h"
#include "tests/sim/disk.h"
#include "tests/sim/loop.h"
#include "tests/sim/queue.h"
#include "tests/sim/ssh.h"
#include "tests/sim/trace.h"
#include "tests/sim/wire.h"
#include "topology/base/memory.h"

/* In handle->flags. */
enum { CLOSING = 1, ACTIVE = 2 };

static struct {
	struct list handles; /* uv_handle_t, made and not yet closed */
	unsigned alive;      /* what keeps the loop running */
	bool stopped;
} uv;

void uv_forget(void)
{
	list_finish(&uv.handles);
	uv.alive = 0;
	uv.stopped = false;
}

void uv_hold(void)
{
	uv.alive++;
}

void uv_release(void)
{
	uv.alive--;
}

void uv_made(uv_handle_t *handle, uv_handle_type type)
{
	handle->type = type;
	handle->flags = 0;
	memset(&handle->u, 0, sizeof(handle->u));
	list_add(&uv.handles, handle);
}

void uv_activate(uv_handle_t *handle)
{
	if (!(handle->flags & ACTIVE))
		uv_hold();
	handle->flags |= ACTIVE;
}

void uv_deactivate(uv_handle_t *handle)
{
	if (handle->flags & ACTIVE)
		uv_release();
	handle->flags &= ~(unsigned)ACTIVE;
}

static void closed(void *data);

void uv_live(uint64_t until_ms)
{
	while (uv.alive && !uv.stopped)
		if (!queue_step(until_ms))
			rules_break("stays", "the supervisor never leaves");
	/* What is closed by then, is told so. */
	for (size_t i = 0; i < uv.handles.count;) {
		uv_handle_t *handle = uv.handles.items[i];

		if (!uv_is_closing(handle)) {
			i++;
			continue;
		}
		queue_drop(handle->u.reserved[3]);
		closed(handle);
		i = 0;
	}
}

void uv_stop(uv_loop_t *loop)
{
	(void)loop;
	uv.stopped = true;
}

void uv_update_time(uv_loop_t *loop)
{
	(void)loop;
}

int uv_is_active(const uv_handle_t *handle)
{
	return (handle->flags & ACTIVE) != 0;
}

int uv_loop_init(uv_loop_t *loop)
{
	(void)loop;
	seam();
	return 0;
}

int uv_loop_close(uv_loop_t *loop)
{
	(void)loop;
	return 0;
}

uint64_t uv_now(const uv_loop_t *loop)
{
	(void)loop;
	return queue_now();
}

void uv_walk(uv_loop_t *loop, uv_walk_cb walk, void *data)
{
	(void)loop;
	for (size_t i = 0; i < uv.handles.count; i++)
		walk(uv.handles.items[i], data);
}

int uv_exepath(char *buffer, size_t *size)
{
	*size = (size_t)snprintf(buffer, *size, "/usr/bin/tunplan");
	return 0;
}

const char *uv_strerror(int error)
{
	return strerror(-error);
}

/* --- closing --------------------------------------------------------------------------------- */

static void closed(void *data)
{
	uv_handle_t *handle = data;

	uv_release();
	list_remove(&uv.handles, handle);
	if (handle->type == UV_NAMED_PIPE)
		wire_pipe_closed((uv_pipe_t *)handle);
	if (handle->close_cb)
		handle->close_cb(handle);
}

static void stop_any(uv_handle_t *handle)
{
	switch (handle->type) {
	case UV_TIMER:
		uv_timer_stop((uv_timer_t *)handle);
		break;
	case UV_FS_EVENT:
		uv_fs_event_stop((uv_fs_event_t *)handle);
		break;
	case UV_SIGNAL:
		queue_drop(handle->u.reserved[0]);
		handle->u.reserved[0] = NULL;
		break;
	case UV_NAMED_PIPE:
		wire_pipe_closes((uv_pipe_t *)handle);
		break;
	case UV_PROCESS:
		if (handle->u.reserved[0])
			ssh_unwatch(handle->u.reserved[0]);
		break;
	case UV_POLL:
		if (handle->flags & ACTIVE)
			uv_poll_stop((uv_poll_t *)handle);
		break;
	default:
		break;
	}
	uv_deactivate(handle);
}

void uv_close(uv_handle_t *handle, uv_close_cb done)
{
	stop_any(handle);
	handle->flags |= CLOSING;
	handle->close_cb = done;
	uv_hold();
	handle->u.reserved[3] = queue_add(QUEUE_SUPERVISOR, 0, closed, handle);
}

int uv_is_closing(const uv_handle_t *handle)
{
	return (handle->flags & CLOSING) != 0;
}

/* --- timers ---------------------------------------------------------------------------------- */

int uv_timer_init(uv_loop_t *loop, uv_timer_t *timer)
{
	(void)loop;
	uv_made((uv_handle_t *)timer, UV_TIMER);
	return 0;
}

static void fired(void *data)
{
	uv_timer_t *timer = data;

	timer->u.reserved[0] = NULL;
	uv_deactivate((uv_handle_t *)timer);
	timer->timer_cb(timer);
}

int uv_timer_start(uv_timer_t *timer, uv_timer_cb due, uint64_t after_ms, uint64_t repeat_ms)
{
	(void)repeat_ms;
	seam();
	uv_timer_stop(timer);
	timer->timer_cb = due;
	timer->u.reserved[0] = queue_add(QUEUE_SUPERVISOR, after_ms, fired, timer);
	uv_activate((uv_handle_t *)timer);
	return 0;
}

int uv_timer_stop(uv_timer_t *timer)
{
	queue_drop(timer->u.reserved[0]);
	timer->u.reserved[0] = NULL;
	uv_deactivate((uv_handle_t *)timer);
	return 0;
}

/* --- watched files --------------------------------------------------------------------------- */

int uv_fs_event_init(uv_loop_t *loop, uv_fs_event_t *event)
{
	(void)loop;
	uv_made((uv_handle_t *)event, UV_FS_EVENT);
	return 0;
}

int uv_fs_event_start(uv_fs_event_t *event, uv_fs_event_cb changed, const char *path,
		      unsigned flags)
{
	(void)flags;
	event->cb = changed;
	event->path = memory_string(path);
	uv_activate((uv_handle_t *)event);
	return 0;
}

int uv_fs_event_stop(uv_fs_event_t *event)
{
	queue_drop(event->u.reserved[0]);
	event->u.reserved[0] = NULL;
	if (event->flags & ACTIVE)
		free(event->path);
	event->path = NULL;
	uv_deactivate((uv_handle_t *)event);
	return 0;
}

static void told(void *data)
{
	uv_fs_event_t *event = data;

	event->u.reserved[0] = NULL;
	event->cb(event, NULL, UV_CHANGE, 0);
}

void uv_file_changed(const char *path)
{
	const char *slash = strrchr(path, '/');
	const size_t directory = slash ? (size_t)(slash - path) : 0;

	for (size_t i = 0; i < uv.handles.count; i++) {
		uv_fs_event_t *event = uv.handles.items[i];

		if (event->type != UV_FS_EVENT || !(event->flags & ACTIVE) || event->u.reserved[0])
			continue;
		if (strcmp(event->path, path) == 0 || (strlen(event->path) == directory &&
						       strncmp(event->path, path, directory) == 0))
			event->u.reserved[0] = queue_add(QUEUE_SUPERVISOR,
							 fate(2, 'f', i, queue_now()), told, event);
	}
}

/* --- signals --------------------------------------------------------------------------------- */

int uv_signal_init(uv_loop_t *loop, uv_signal_t *signal)
{
	(void)loop;
	uv_made((uv_handle_t *)signal, UV_SIGNAL);
	return 0;
}

int uv_signal_start(uv_signal_t *signal, uv_signal_cb caught, int number)
{
	signal->signal_cb = caught;
	signal->signum = number;
	uv_activate((uv_handle_t *)signal);
	return 0;
}

static void raised(void *data)
{
	uv_signal_t *signal = data;

	signal->u.reserved[0] = NULL;
	/* libuv tells of connections first. */
	if (wire_is_waiting())
		signal->u.reserved[0] = queue_add(QUEUE_SUPERVISOR, 1, raised, signal);
	else
		signal->signal_cb(signal, signal->signum);
}

void uv_raise(int number)
{
	for (size_t i = 0; i < uv.handles.count; i++) {
		uv_signal_t *signal = uv.handles.items[i];

		if (signal->type == UV_SIGNAL && signal->signum == number &&
		    signal->flags & ACTIVE && !signal->u.reserved[0])
			signal->u.reserved[0] = queue_add(QUEUE_SUPERVISOR, 0, raised, signal);
	}
}

/* --- children -------------------------------------------------------------------------------- */

/* Its stdout is closed: it is logged in, or gone. */
static void quiet(void *data)
{
	uv_process_t *process = data;
	uv_stream_t *out = process->u.reserved[1];
	uv_buf_t nothing = {0};

	if (!out || !out->read_cb || uv_is_closing((uv_handle_t *)out))
		return;
	out->read_cb(out, UV_EOF, &nothing);
}

void uv_child_is_heard(uv_stream_t *out)
{
	const uv_process_t *process = out->u.reserved[1];
	const struct ssh *ssh = process ? process->u.reserved[0] : NULL;
	char begun[] = "Welcome\nbegun\n";
	const uv_buf_t bytes = {.base = begun, .len = strlen(begun)};

	/* Else it is what is left of one that another supervisor has started. */
	if (ssh && ssh->session)
		out->read_cb(out, (ssize_t)bytes.len, &bytes);
}

/* Of a session it says that it is up, and stays. */
static void says_up(void *data)
{
	uv_process_t *process = data;
	const struct ssh *ssh = process->u.reserved[0];
	uv_stream_t *out = process->u.reserved[1];
	char up[] = "up\n";
	const uv_buf_t bytes = {.base = up, .len = strlen(up)};

	if (!ssh->session)
		quiet(data);
	else if (out->read_cb && !uv_is_closing((uv_handle_t *)out))
		out->read_cb(out, (ssize_t)bytes.len, &bytes);
}

static void ended(void *data)
{
	uv_process_t *process = data;
	const struct ssh *ssh = process->u.reserved[0];

	quiet(data);
	uv_deactivate((uv_handle_t *)process);
	process->exit_cb(process, ssh->status, ssh->signal);
}

int uv_spawn(uv_loop_t *loop, uv_process_t *process, const uv_process_options_t *options)
{
	static const struct ssh_watch watch = {says_up, ended};
	const char *log = disk_path_of(options->stdio[2].data.fd);
	uv_stream_t *out = options->stdio[1].data.stream;
	struct ssh *ssh;

	(void)loop;
	seam();
	uv_made((uv_handle_t *)process, UV_PROCESS);
	ssh = ssh_start((const char *const *)options->args, log, &watch, process);
	if (!ssh)
		return -EAGAIN;
	process->pid = ssh->pid;
	process->exit_cb = options->exit_cb;
	process->u.reserved[0] = ssh;
	process->u.reserved[1] = out;
	out->u.reserved[1] = process;
	if (options->stdio[0].flags & UV_CREATE_PIPE)
		options->stdio[0].data.stream->u.reserved[2] = ssh;
	uv_activate((uv_handle_t *)process);
	seam();
	return 0;
}

uv_pid_t uv_process_get_pid(const uv_process_t *process)
{
	return process->pid;
}

/* --- processes that are no children ------------------------------------------------------------ */

static void nothing(void *data)
{
	(void)data;
}

/* Who was taken over says how it ended to the one who is connected, and then no more. */
static void tell_connected(const struct ssh *ssh)
{
	for (size_t i = 0; i < uv.handles.count; i++) {
		uv_stream_t *stream = uv.handles.items[i];
		char text[16];
		uv_buf_t bytes = {.base = text};

		if (stream->type != UV_NAMED_PIPE || stream->u.reserved[2] != ssh ||
		    !stream->read_cb || uv_is_closing((uv_handle_t *)stream))
			continue;
		bytes.len = (size_t)snprintf(text, sizeof(text), "%d\n", ssh->status);
		if (!ssh->signal)
			stream->read_cb(stream, (ssize_t)bytes.len, &bytes);
		stream->read_cb(stream, UV_EOF, &bytes);
	}
}

static void is_over(void *data)
{
	uv_poll_t *poll = data;

	tell_connected(poll->u.reserved[0]);
	poll->poll_cb(poll, 0, UV_READABLE);
}

int uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
	(void)loop;
	uv_made((uv_handle_t *)poll, UV_POLL);
	poll->u.reserved[0] = ssh_ever(kernel_opened(fd));
	return 0;
}

int uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb ready)
{
	static const struct ssh_watch watch = {nothing, is_over};

	(void)events;
	poll->poll_cb = ready;
	uv_activate((uv_handle_t *)poll);
	ssh_watch(poll->u.reserved[0], &watch, poll);
	return 0;
}

int uv_poll_stop(uv_poll_t *poll)
{
	ssh_unwatch(poll->u.reserved[0]);
	uv_deactivate((uv_handle_t *)poll);
	return 0;
}

/* A connection to a holder. */
int uv_pipe_open(uv_pipe_t *pipe, uv_file fd)
{
	seam();
	pipe->u.reserved[2] = ssh_ever(kernel_opened(fd));
	return 0;
}
