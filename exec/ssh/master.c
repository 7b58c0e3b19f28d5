#include "exec/ssh/master.h"

#include <assert.h>
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/link.h"
#include "exec/ssh/mux_socket.h"
#include "exec/ssh/ssh_log.h"
#include "exec/system/kernel.h"
#include "exec/system/logfile.h"
#include "topology/base/memory.h"

/* After it was asked to end, before KILL. */
#define STOP_MS 2000
/* After its link ended, for the process that we started. */
#define REAP_MS 1000

struct master {
	uv_loop_t *loop;
	uv_process_t process;    /* what was started */
	uv_pipe_t out;           /* its stdout: EOF = ready or gone, unless others hold it, too */
	uv_fs_event_t log_watch; /* its stderr, until the sshd's banner was read */
	uv_fs_event_t socket_watch; /* the directory of its socket, until that is there */
	uv_timer_t timer;           /* to the next KILL */
	uv_poll_t end_watch;        /* the end of an ssh that we cannot wait for, while it drains */
	unsigned open_handles;      /* of the six above; freed at 0 */
	char *socket;
	char *log;
	int log_fd;        /* its stderr, kept to cap the file */
	struct link *link; /* from the first sight of its socket on */
	const struct master_events *events;
	void *data;
	pid_t group;      /* what was started leads it */
	pid_t pid;        /* who answers on the socket; before that, what was started */
	int ssh;          /* a descriptor of that process, taken while it answered; or -1 */
	struct stat made; /* the socket that it made; st_ino 0: not seen */
	bool watching;    /* the log, for the banner */
	bool ready;
	bool told;   /* it was asked to end, or to drain */
	bool reaped; /* what was started has ended */
	bool lost;   /* its link has ended */
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
	if (!master->told)
		master->events->authenticating(master->data);
}

/* --- its end --------------------------------------------------------------------------------- */

/* What was started, and what that has started and left: a wrapper's ssh, a holder that was stopped. */
static void kill_group(const struct master *master, int signal)
{
	kill(-master->group, signal);
	if (master->ssh >= 0)
		kernel_process_signal(master->ssh, signal);
}

static void end(struct master *master)
{
	if (master->ended)
		return;
	master->ended = true;
	kill_group(master, SIGKILL);
	stop_watching(master);
	uv_fs_event_stop(&master->socket_watch);
	uv_timer_stop(&master->timer);
	link_destroy(master->link);
	master->link = NULL;
	master->events->ended(master->data);
}

/* The process that was started, and the ssh that counts, are the same as a rule. */
static bool is_ours(const struct master *master)
{
	return master->pid == master->group;
}

static void exited(uv_process_t *process, int64_t exit_status, int signal)
{
	struct master *master = process->data;

	master->reaped = true;
	master->exit_status = exit_status;
	master->signal = signal;
	/* As long as the link is there, somebody answers; its end comes first, also if that is us. */
	if (!master->ready || !master->link)
		end(master);
}

static void too_late(uv_timer_t *timer)
{
	master_kill(timer->data);
}

/* The link has ended, so the ssh has: what was started follows, and then all is known. */
static void lost(void *data, enum link_answer why)
{
	struct master *master = data;

	link_destroy(master->link);
	master->link = NULL;
	/* One that died before it answered tells by its exit. */
	if (!master->ready)
		return;
	master->lost = true;
	if (master->reaped)
		end(master);
	else if (why == LINK_PROTOCOL)
		master_kill(master);
	else
		uv_timer_start(&master->timer, too_late, REAP_MS, 0);
}

/* --- its beginning --------------------------------------------------------------------------- */

static void opened(void *data, pid_t pid)
{
	struct master *master = data;

	master->ready = true;
	master->pid = pid;
	master->ssh = kernel_process_open(pid);
	if (lstat(master->socket, &master->made))
		master->made.st_ino = 0;
	stop_watching(master);
	uv_fs_event_stop(&master->socket_watch);
	/* It was asked to end before anybody could be asked. */
	if (master->told)
		link_terminate(master->link);
	else
		master->events->ready(master->data);
}

static const struct link_events link_events = {opened, lost};

/* Looks whether the socket is there: ssh makes it under another name, and listens before it gets its own. */
static void look_for_socket(struct master *master)
{
	if (!master->link && !master->ready && !master->ended && !master->reaped &&
	    access(master->socket, F_OK) == 0)
		master->link = link_create(master->loop, master->socket, &link_events, master);
}

static void directory_changed(uv_fs_event_t *watch, const char *name, int events, int status)
{
	(void)name;
	(void)events;
	(void)status;
	look_for_socket(watch->data);
}

static void provide(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct master *master = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(master->nothing, sizeof(master->nothing));
}

static void out_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	(void)buffer;
	if (got >= 0)
		return;
	uv_read_stop(stream);
	look_for_socket(stream->data);
}

static void closed(uv_handle_t *handle)
{
	struct master *master = handle->data;

	if (--master->open_handles)
		return;
	if (master->log_fd >= 0)
		close(master->log_fd);
	if (master->ssh >= 0)
		close(master->ssh);
	free(master->socket);
	free(master->log);
	free(master);
}

static void close_handles(struct master *master)
{
	uv_handle_t *handles[] = {
		(uv_handle_t *)&master->process,   (uv_handle_t *)&master->out,
		(uv_handle_t *)&master->log_watch, (uv_handle_t *)&master->socket_watch,
		(uv_handle_t *)&master->timer,     (uv_handle_t *)&master->end_watch,
	};
	const size_t count = sizeof(handles) / sizeof(handles[0]);

	/* The last one is there only while an ssh drains that is no child of ours. */
	master->open_handles = (unsigned)(master->end_watch.data ? count : count - 1);
	for (size_t i = 0; i < master->open_handles; i++)
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
	uv_fs_event_init(loop, &master->socket_watch);
	uv_timer_init(loop, &master->timer);
	master->out.data = master->log_watch.data = master->socket_watch.data = master->timer.data =
		master;
	master->ssh = -1;
	return master;
}

/* Where that cannot be watched, the end of stdout tells of the socket. */
static void watch_directory(struct master *master)
{
	char *path = memory_string(master->socket);

	uv_fs_event_start(&master->socket_watch, directory_changed, dirname(path), 0);
	free(path);
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
	master->pid = master->group = uv_process_get_pid(&master->process);
	uv_read_start((uv_stream_t *)&master->out, provide, out_read);
	watch_directory(master);
	/* Without the watch, only the word "authenticating" is missing. */
	master->watching = uv_fs_event_start(&master->log_watch, log_changed, master->log, 0) == 0;
	*ret_master = master;
	return 0;
}

/* --- telling it to end ------------------------------------------------------------------------ */

struct link *master_link(const struct master *master)
{
	return master->ready && !master->told && !master->ended ? master->link : NULL;
}

void master_stop(struct master *master)
{
	if (master->ended || (master->told && master->link))
		return;
	master->told = true;
	/* ssh 9.2 loses a TERM that comes right after a connection to its socket has closed. */
	if (master->ready && master->link)
		link_terminate(master->link);
	else
		kill_group(master, SIGTERM);
	uv_timer_start(&master->timer, too_late, STOP_MS, 0);
}

void master_kill(struct master *master)
{
	master->told = true;
	if (!master->ended)
		kill_group(master, SIGKILL);
}

/* Drained by its far end, or killed. */
static void other_ended(uv_poll_t *poll, int status, int events)
{
	struct master *master = poll->data;

	(void)status;
	(void)events;
	uv_poll_stop(poll);
	end(master);
}

void master_drain(struct master *master)
{
	if (master->ended || master->told)
		return;
	if (!master->link || !master->ready) {
		master_stop(master);
		return;
	}
	master->told = true;
	link_stop_listening(master->link);
	link_destroy(master->link);
	master->link = NULL;
	/* The end of a child of ours is told anyway. */
	if (is_ours(master) || master->ssh < 0)
		return;
	if (uv_poll_init(master->loop, &master->end_watch, master->ssh) == 0) {
		master->end_watch.data = master;
		uv_poll_start(&master->end_watch, UV_READABLE, other_ended);
	}
}

/* Removes its socket, if what is there is what it made: a killed ssh leaves it. */
static void remove_socket(const struct master *master)
{
	struct stat now;

	if (lstat(master->socket, &now) || !S_ISSOCK(now.st_mode))
		return;
	if (master->made.st_ino
		    ? now.st_ino == master->made.st_ino && now.st_dev == master->made.st_dev
		    : unix_listens(master->socket) == -ECONNREFUSED)
		unlink(master->socket);
}

void master_destroy(struct master *master)
{
	if (!master)
		return;
	assert(master->ended);
	remove_socket(master);
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
