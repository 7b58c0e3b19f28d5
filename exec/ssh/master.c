#include "exec/ssh/master.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/mux.h"
#include "exec/ssh/ssh_log.h"
#include "exec/system/logfile.h"
#include "topology/base/memory.h"

/* After TERM, before KILL. */
#define STOP_MS 2000
/* For the first answer on a control socket that is known to listen. */
#define CONFIRM_MS 3000

struct master {
	uv_loop_t *loop;
	uv_process_t process;
	uv_pipe_t out;           /* its stdout: EOF = ready or gone */
	uv_fs_event_t log_watch; /* its stderr, until the sshd's banner was read */
	uv_timer_t kill_timer;
	unsigned open_handles; /* of the four above; freed at 0 */
	char *socket;
	char *log;
	int log_fd;               /* its stderr, kept to cap the file */
	struct mux_call *confirm; /* asks the new socket for its pid, or NULL */
	const struct master_events *events;
	void *data;
	pid_t pid;
	bool watching; /* the log, for the banner */
	bool stopping; /* TERM was sent */
	bool ended;
	int signal;          /* that killed it, or 0 */
	int64_t exit_status; /* 255 for nearly everything: its stderr tells more */
	char nothing[64];    /* stdout carries nothing; what comes is thrown away */
};

static void stop_watching(struct master *master)
{
	if (master->watching)
		uv_fs_event_stop(&master->log_watch);
	master->watching = false;
}

static void log_changed(uv_fs_event_t *watch, const char *name, int events, int status)
{
	struct master *master = watch->data;
	struct strbuf text = {0};
	bool banner;

	(void)name;
	(void)events;
	(void)status;
	logfile_read(master->log, 0, &text);
	banner = ssh_log_has_banner(strbuf_text(&text));
	strbuf_finish(&text);
	if (!banner || !master->watching)
		return;
	stop_watching(master);
	if (!master->stopping)
		master->events->authenticating(master->data);
}

static void confirmed(void *data, int status, uint32_t value)
{
	struct master *master = data;

	master->confirm = NULL;
	if (status || (pid_t)value != master->pid) {
		/* Somebody else's socket, or none: this process is not what we wanted. */
		master_kill(master);
		return;
	}
	master->events->ready(master->data);
}

static void provide(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct master *master = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(master->nothing, sizeof(master->nothing));
}

static void out_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct master *master = stream->data;

	(void)buffer;
	if (got >= 0)
		return;
	uv_read_stop(stream);
	stop_watching(master);
	if (master->ended || master->stopping)
		return;
	master->confirm = mux_alive(master->loop, master->socket, CONFIRM_MS, confirmed, master);
}

static void exited(uv_process_t *process, int64_t exit_status, int signal)
{
	struct master *master = process->data;

	master->ended = true;
	master->exit_status = exit_status;
	master->signal = signal;
	stop_watching(master);
	uv_timer_stop(&master->kill_timer);
	mux_cancel(master->confirm);
	master->confirm = NULL;
	master->events->ended(master->data);
}

static void closed(uv_handle_t *handle)
{
	struct master *master = handle->data;

	if (--master->open_handles)
		return;
	if (master->log_fd >= 0)
		close(master->log_fd);
	free(master->socket);
	free(master->log);
	free(master);
}

static void close_handles(struct master *master)
{
	uv_handle_t *handles[] = {
		(uv_handle_t *)&master->process,
		(uv_handle_t *)&master->out,
		(uv_handle_t *)&master->log_watch,
		(uv_handle_t *)&master->kill_timer,
	};

	master->open_handles = sizeof(handles) / sizeof(handles[0]);
	for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		uv_close(handles[i], closed);
}

static int spawn(struct master *master, const struct master_spec *spec)
{
	char **argv = memory_copy_strings(spec->argv);
	char **env = memory_copy_strings(spec->env);
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_IGNORE},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		 .data.stream = (uv_stream_t *)&master->out},
		{.flags = UV_INHERIT_FD, .data.fd = master->log_fd},
	};
	uv_process_options_t options = {
		.file = argv[0],
		.args = argv,
		.env = env,
		.exit_cb = exited,
		.flags = UV_PROCESS_DETACHED,
		.stdio = stdio,
		.stdio_count = 3,
	};
	int error = uv_spawn(master->loop, &master->process, &options);

	memory_free_strings(argv);
	memory_free_strings(env);
	return error;
}

/* Makes the master and its handles; the log's descriptor becomes the master's. */
static struct master *create(uv_loop_t *loop, const struct master_spec *spec, int log_fd)
{
	struct master *master = memory_alloc(sizeof(*master));

	master->loop = loop;
	master->socket = memory_string(spec->socket);
	master->log = memory_string(spec->log);
	master->log_fd = log_fd;
	master->events = spec->events;
	master->data = spec->data;
	uv_pipe_init(loop, &master->out, 0);
	uv_fs_event_init(loop, &master->log_watch);
	uv_timer_init(loop, &master->kill_timer);
	master->out.data = master->log_watch.data = master->kill_timer.data = master;
	return master;
}

int master_create(uv_loop_t *loop, const struct master_spec *spec, struct master **ret_master)
{
	int log_fd = logfile_open(spec->log);
	struct master *master;
	int error;

	if (log_fd < 0)
		return log_fd;
	master = create(loop, spec, log_fd);
	error = spawn(master, spec);
	master->process.data = master;
	if (error) {
		master->ended = true;
		master_destroy(master);
		return error;
	}
	master->pid = uv_process_get_pid(&master->process);
	uv_read_start((uv_stream_t *)&master->out, provide, out_read);
	/* Without the watch, only the word "authenticating" is missing. */
	master->watching = uv_fs_event_start(&master->log_watch, log_changed, master->log, 0) == 0;
	*ret_master = master;
	return 0;
}

static void stop_failed(uv_timer_t *timer)
{
	master_kill(timer->data);
}

void master_stop(struct master *master)
{
	if (master->ended || master->stopping)
		return;
	master->stopping = true;
	uv_process_kill(&master->process, SIGTERM);
	uv_timer_start(&master->kill_timer, stop_failed, STOP_MS, 0);
}

void master_kill(struct master *master)
{
	master->stopping = true;
	if (!master->ended)
		uv_process_kill(&master->process, SIGKILL);
}

void master_destroy(struct master *master)
{
	if (!master)
		return;
	assert(master->ended);
	unlink(master->socket); /* a killed ssh leaves it */
	unlink(master->log);
	close_handles(master);
}

pid_t master_pid(const struct master *master)
{
	return master->pid;
}

const char *master_socket(const struct master *master)
{
	return master->socket;
}

const char *master_log_path(const struct master *master)
{
	return master->log;
}

void master_log(const struct master *master, off_t from, struct strbuf *text)
{
	logfile_read(master->log, from, text);
}

off_t master_log_size(const struct master *master)
{
	return logfile_size(master->log);
}

void master_cap_log(const struct master *master)
{
	logfile_cap(master->log_fd);
}

int master_signal(const struct master *master)
{
	return master->signal;
}

bool master_was_ended(const struct master *master)
{
	return master->ended && !master->signal && master->exit_status == 0;
}
