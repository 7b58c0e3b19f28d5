#include "exec/ssh/master.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/hold.h"
#include "exec/ssh/log_reader.h"
#include "exec/ssh/mux_socket.h"
#include "exec/ssh/prime.h"
#include "exec/system/kernel.h"
#include "exec/system/logfile.h"
#include "topology/base/memory.h"

/* After the request to end, before KILL. */
#define STOP_MS 2000
/* After its stdout's end, for the control socket, which ssh makes before that. */
#define SOCKET_MS 1000
/* After the link's end, for our child to say how it ended. */
#define REAP_MS 1000
/* Of one that is no child of ours. */
#define UNTOLD_STATUS 255

struct master {
	uv_loop_t *loop;
	uv_process_t process;
	uv_pipe_t out;              /* its stdout: EOF is a hint that it is ready, or gone */
	uv_pipe_t in;               /* its stdin, if it is the holder of a session */
	uv_fs_event_t socket_watch; /* the directory of its socket, until that appears */
	uv_timer_t kill_timer;
	uv_poll_t gone;   /* of the ssh, where our child is not there to tell */
	bool watches_end; /* that runs */
	bool adopted;     /* another supervisor has started it: it is no child of ours */
	bool in_open;     /* adopted: its holder may still tell how the session ended */
	unsigned handles; /* of these, open; freed at 0 */
	char *socket;
	char *log;
	int log_fd; /* its stderr, kept to cap the file */
	struct log_reader *reader;
	struct log_wait *banner; /* until the sshd's banner was read; or NULL */
	struct link *link;       /* from the socket's appearance to its end */
	struct prime *prime;     /* until that is over; or NULL */
	struct hold *hold;       /* the same */
	char *fault;             /* master_fault() */
	const struct master_events *events;
	void *data;
	pid_t child;  /* our child, or who was another's, and its process group */
	pid_t pid;    /* who answers */
	int handle;   /* a pidfd of that, opened while the link lived, or -1 */
	dev_t device; /* of the socket that our ssh made */
	ino_t inode;
	bool watches_socket; /* the directory */
	bool ready;
	bool stopping;       /* it was told to end */
	bool reaped;         /* our child ended, or it is none of ours */
	bool ended;          /* and everything else with it */
	int signal;          /* that killed our child, or 0 */
	int64_t exit_status; /* 255 for nearly everything: its stderr tells more */
	bool session;        /* it is the holder of one */
	struct strbuf said;  /* and its stdout until the session is up */
	char read[64];       /* what came last on stdout */
};

/* The number of a process is given to somebody else some time after its end; our child's only when it is reaped. */
static void signal_all(const struct master *master, int signal)
{
	if (!master->reaped)
		kill(-master->child, signal);
	if (master->handle >= 0)
		kernel_process_signal(master->handle, signal);
	else if (master->ready && master->link)
		kill(master->pid, signal);
}

/* Whether the process that was seen at the control socket has ended, told or not. */
static bool is_over(const struct master *master)
{
	struct pollfd end = {.fd = master->handle, .events = POLLIN};

	return master->handle >= 0 && poll(&end, 1, 0) != 0;
}

/* Whether the ssh runs on though our child, a script around it, is gone, or was never ours. */
static bool outlives_child(const struct master *master)
{
	return (master->pid != master->child || master->adopted) && master->handle >= 0 &&
	       !is_over(master);
}

/*
 * Ends what is left in the group of our child, which may have ended long before. As long as anybody is in the
 * group, nobody else is given its number: a process that has the number leads another group.
 */
static void end_group(const struct master *master)
{
	if (!master->reaped || (kill(master->child, 0) && errno == ESRCH))
		kill(-master->child, SIGKILL);
}

static void finish(struct master *master)
{
	uv_timer_stop(&master->kill_timer);
	if (master->watches_end)
		uv_poll_stop(&master->gone);
	master->watches_end = false;
	master->ended = true;
	master->events->ended(master->data);
}

static void stop_watching(struct master *master);

/* Of one that was taken over, what it said last is heard before. */
static bool says_more(const struct master *master)
{
	return (master->ready && master->link) || master->in_open;
}

static void is_gone(uv_poll_t *poll, int status, int events)
{
	struct master *master = poll->data;

	(void)status;
	(void)events;
	uv_poll_stop(poll);
	master->watches_end = false;
	if (says_more(master))
		return;
	stop_watching(master);
	link_destroy(master->link);
	master->link = NULL;
	end_group(master);
	finish(master);
}

/* Returns whether the end of its process is told by is_gone(). */
static bool watch_end(struct master *master)
{
	if (master->watches_end)
		return true;
	if (!master->gone.data) {
		if (uv_poll_init(master->loop, &master->gone, master->handle))
			return false;
		master->gone.data = master;
		master->handles++;
	}
	master->watches_end = uv_poll_start(&master->gone, UV_READABLE, is_gone) == 0;
	return master->watches_end;
}

/* Our child is gone, and the link: the ssh may need some time yet. */
static void wait_for_end(struct master *master)
{
	const bool outlives = outlives_child(master);

	if (outlives && watch_end(master))
		return;
	if (!outlives && master->handle >= 0)
		end_group(master);
	finish(master);
}

/* --- being primed */

void master_let_go(struct master *master)
{
	hold_destroy(master->hold);
	master->hold = NULL;
}

static void end_prime(struct master *master)
{
	prime_destroy(master->prime);
	master->prime = NULL;
}

/* Nothing of its own runs there any more. */
static void end_sessions(struct master *master)
{
	end_prime(master);
	master_let_go(master);
}

static void primed(void *data)
{
	struct master *master = data;

	if (prime_is_over(master->prime))
		end_prime(master);
	master->events->primed(master->data);
}

void master_prime(struct master *master)
{
	if (master->ready && master->link && !master->stopping && !master->prime)
		master->prime =
			prime_create(master->loop, master->socket, master->reader, primed, master);
}

static void unheld(void *data)
{
	struct master *master = data;

	master_let_go(master);
	master->events->primed(master->data);
}

void master_hold(struct master *master)
{
	if (master->ready && master->link && !master->stopping && !master->hold)
		master->hold = hold_create(master->loop, master->socket, unheld, master);
}

bool master_is_holding(const struct master *master)
{
	return master->hold != NULL;
}

bool master_is_fresh(const struct master *master)
{
	return master->prime && prime_is_awaited(master->prime);
}

bool master_is_priming(const struct master *master)
{
	return master->prime != NULL;
}

/* --- getting ready */

void stop_watching(struct master *master)
{
	log_wait_cancel(master->banner);
	master->banner = NULL;
	if (master->watches_socket)
		uv_fs_event_stop(&master->socket_watch);
	master->watches_socket = false;
}

static bool has_banner(void *data, const struct ssh_log *log)
{
	(void)data;
	return ssh_log_has_banner(log);
}

static void banner_read(void *data, int status)
{
	struct master *master = data;

	(void)status;
	master->banner = NULL;
	if (!master->stopping)
		master->events->authenticating(master->data);
}

static void opened(void *data, pid_t pid)
{
	struct master *master = data;

	/* It was taken over: who listens there is known. */
	if (master->ready)
		return;
	master->pid = pid;
	if (master->handle < 0)
		master->handle = kernel_process_open(pid);
	master->ready = true;
	stop_watching(master);
	if (master->stopping)
		link_terminate(master->link);
	else
		master->events->ready(master->data);
}

static void kill_now(uv_timer_t *timer)
{
	signal_all(timer->data, SIGKILL);
}

static void closed(void *data, enum link_answer why, const char *words)
{
	struct master *master = data;

	if (why == LINK_PROTOCOL) {
		/* Whatever it is, nobody can talk to it. */
		memory_replace(&master->fault, words);
		master_kill(master);
	}
	end_sessions(master);
	link_destroy(master->link);
	master->link = NULL;
	if (!master->ready)
		return;
	if (!master->stopping)
		uv_timer_start(&master->kill_timer, kill_now, REAP_MS, 0);
	if (master->reaped)
		wait_for_end(master);
}

static const struct link_events link_events = {opened, closed};

static void note_socket(struct master *master, const struct stat *info)
{
	master->device = info->st_dev;
	master->inode = info->st_ino;
}

/*
 * Whether the socket is there. ssh binds another name, listens, and then links this one, which nobody else knows: so what
 * stands here first answers, and was made by our ssh.
 */
static bool find_socket(struct master *master)
{
	struct stat info;

	if (master->session || lstat(master->socket, &info) || !S_ISSOCK(info.st_mode))
		return false;
	note_socket(master, &info);
	return true;
}

static void look_for_socket(struct master *master)
{
	if (master->ready || master->link || (master->reaped && !master->adopted) ||
	    master->stopping || !find_socket(master))
		return;
	master->link = link_create(master->loop, master->socket, &link_events, master);
}

static void directory_changed(uv_fs_event_t *watch, const char *name, int events, int status)
{
	(void)name;
	(void)events;
	(void)status;
	look_for_socket(watch->data);
}

static void handle_closed(uv_handle_t *handle)
{
	struct master *master = handle->data;

	if (--master->handles)
		return;
	if (master->log_fd >= 0)
		close(master->log_fd);
	if (master->handle >= 0)
		close(master->handle);
	free(master->socket);
	free(master->log);
	free(master->fault);
	strbuf_finish(&master->said);
	free(master);
}

static void provide(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct master *master = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(master->read, sizeof(master->read));
}

static bool has_line(const char *text, const char *line)
{
	const size_t length = strlen(line);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strncmp(text, line, length) == 0 && text[length] == '\n')
			return true;
	return false;
}

bool master_has_begun(const struct master *master)
{
	return !master->session || master->ready || has_line(strbuf_text(&master->said), "begun");
}

const char *master_said(const struct master *master)
{
	return master->ready ? "" : strbuf_text(&master->said);
}

/* Whoever logs in may be greeted there by more than "up". */
static void read_session(struct master *master, const char *bytes, size_t size)
{
	strbuf_add(&master->said, bytes, size);
	if (!has_line(strbuf_text(&master->said), "up"))
		return;
	master->ready = true;
	strbuf_finish(&master->said);
	stop_watching(master);
	if (!master->stopping)
		master->events->ready(master->data);
}

/* Its stdout has ended, it runs on, and nobody can talk to it. */
static void miss_socket(uv_timer_t *timer)
{
	struct master *master = timer->data;

	if (master->link || master->ready || master->reaped || master->stopping)
		return;
	memory_replace(&master->fault, "its ssh logged in and made no control socket");
	master_kill(master);
}

/* ssh replaces its stdout when the login is done and the control socket listens. */
static void out_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct master *master = stream->data;

	if (got > 0 && master->session && !master->ready)
		read_session(master, buffer->base, (size_t)got);
	if (got >= 0)
		return;
	uv_close((uv_handle_t *)stream, handle_closed);
	look_for_socket(master);
	if (!master->session && !master->link && !uv_is_active((uv_handle_t *)&master->kill_timer))
		uv_timer_start(&master->kill_timer, miss_socket, SOCKET_MS, 0);
}

static void exited(uv_process_t *process, int64_t exit_status, int signal)
{
	struct master *master = process->data;
	bool was_all = !outlives_child(master);

	master->exit_status = exit_status;
	master->signal = signal;
	stop_watching(master);
	/* Its number was ours until now. A holder that was stopped outlives its ssh, for example. */
	if (was_all)
		end_group(master);
	master->reaped = true;
	if (!master->ready) {
		link_destroy(master->link);
		master->link = NULL;
	}
	if (!master->link)
		wait_for_end(master);
}

/* --- making and ending */

static int spawn(struct master *master, const struct master_spec *spec)
{
	char **argv = memory_copy_strings(spec->argv);
	char **env = memory_copy_strings(spec->env);
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_IGNORE, .data.stream = (uv_stream_t *)&master->in},
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
	int error;

	if (master->session)
		stdio[0].flags = UV_CREATE_PIPE | UV_READABLE_PIPE;
	error = uv_spawn(master->loop, &master->process, &options);
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
	master->handle = -1;
	master->events = spec->events;
	master->data = spec->data;
	master->session = spec->input != NULL;
	uv_pipe_init(loop, &master->out, 0);
	uv_pipe_init(loop, &master->in, 0);
	uv_fs_event_init(loop, &master->socket_watch);
	uv_timer_init(loop, &master->kill_timer);
	master->out.data = master->in.data = master;
	master->socket_watch.data = master->kill_timer.data = master;
	master->handles = 4;
	master->reader = log_reader_create(loop, spec->log);
	return master;
}

/* Without the first, only the word "authenticating" is missing; without the second, stdout's end must do. */
static void watch(struct master *master)
{
	char *directory = memory_string(master->socket);

	strrchr(directory, '/')[0] = '\0';
	master->banner = log_wait_start(master->reader, has_banner, banner_read, master, 0);
	master->watches_socket =
		!master->session &&
		uv_fs_event_start(&master->socket_watch, directory_changed, directory, 0) == 0;
	free(directory);
}

int master_create(uv_loop_t *loop, const struct master_spec *spec, struct master **ret_master)
{
	int log_fd = logfile_open_any(spec->log);
	struct master *master;
	int error;

	if (log_fd < 0)
		return log_fd;
	master = create(loop, spec, log_fd);
	error = spawn(master, spec);
	master->process.data = master;
	master->handles++;
	if (error) {
		master->ended = true;
		master_destroy(master);
		return error;
	}
	master->child = master->pid = uv_process_get_pid(&master->process);
	uv_read_start((uv_stream_t *)&master->out, provide, out_read);
	watch(master);
	if (spec->input)
		master_say(master, spec->input);
	/* It may have been quicker than the watch. */
	look_for_socket(master);
	*ret_master = master;
	return 0;
}

/* --- taking over */

/* The holder of a session tells its exit status before it ends. */
static void holder_said(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
	struct master *master = stream->data;

	if (got > 0)
		strbuf_add(&master->said, buffer->base, (size_t)got);
	if (got >= 0)
		return;
	uv_read_stop(stream);
	master->in_open = false;
	if (master->said.length)
		master->exit_status = strtol(strbuf_text(&master->said), NULL, 10);
	if (!master->ended && !master->watches_end)
		wait_for_end(master);
}

/* From now on the holder reads what we say, and no longer what the supervisor said that is gone. */
static int take_session(struct master *master)
{
	int fd = unix_connect(master->socket, SOCK_NONBLOCK), error;

	if (fd < 0)
		return fd;
	error = uv_pipe_open(&master->in, fd);
	if (error) {
		close(fd);
		return error;
	}
	master->in_open = true;
	uv_read_start((uv_stream_t *)&master->in, provide, holder_said);
	return 0;
}

static int take_socket(struct master *master)
{
	struct stat info;

	if (lstat(master->socket, &info))
		return -errno;
	note_socket(master, &info);
	master->link = link_create(master->loop, master->socket, &link_events, master);
	return 0;
}

/* Takes it as it is. Of a session that was not up, and of a socket that is gone, nothing can be heard any more. */
static enum master_use take(struct master *master, const struct master_left *left, bool listens)
{
	if (left->drains) {
		master->ready = true;
		if (listens && !master->session)
			take_socket(master);
		return MASTER_DRAINS;
	}
	if (listens && (left->was_up || !master->session) &&
	    !(master->session ? take_session(master) : take_socket(master))) {
		master->ready = true;
		return MASTER_IS_UP;
	}
	if (left->was_up || master->session)
		return MASTER_IS_DEAF;
	watch(master);
	look_for_socket(master);
	return MASTER_RISES;
}

/* Its process group, which is not ours. */
static pid_t group_of(pid_t pid)
{
	const pid_t group = getpgid(pid);

	return group > 1 && group != getpgrp() ? group : pid;
}

static void take_process(struct master *master, const struct master_found *found)
{
	master->adopted = master->reaped = true;
	master->exit_status = UNTOLD_STATUS;
	master->pid = found->pid;
	master->child = group_of(found->pid);
	master->handle = found->handle;
}

int master_adopt(uv_loop_t *loop, const struct master_spec *spec, const struct master_left *left,
		 struct master **ret_master, enum master_use *ret_use)
{
	struct master_found found;
	struct master *master;
	int error = master_left_find(left, &found);

	if (error)
		return error;
	master = create(loop, spec, logfile_open_any(spec->log));
	master->session = left->session;
	take_process(master, &found);
	*ret_use = take(master, left, found.listens);
	/* Where the kernel gives no descriptor of a process, only the end of its link is seen. */
	if (!watch_end(master) && !master->link)
		*ret_use = MASTER_IS_DEAF;
	*ret_master = master;
	return 0;
}

bool master_is_ready(const struct master *master)
{
	return master->ready;
}

struct say {
	uv_write_t write;
	char *text;
};

static void said(uv_write_t *write, int status)
{
	struct say *say = write->data;

	/* One that cannot read it has ended, or is about to. */
	(void)status;
	free(say->text);
	free(say);
}

void master_say(struct master *master, const char *line)
{
	struct say *say;
	uv_buf_t bytes;

	if (!master->session || master->ended)
		return;
	say = memory_alloc(sizeof(*say));
	say->text = memory_string(line);
	say->write.data = say;
	bytes = uv_buf_init(say->text, (unsigned)strlen(say->text));
	if (uv_write(&say->write, (uv_stream_t *)&master->in, &bytes, 1, said))
		said(&say->write, 0);
}

void master_stop(struct master *master)
{
	if (master->ended || master->stopping)
		return;
	master->stopping = true;
	end_sessions(master);
	if (master->ready && master->link)
		link_terminate(master->link);
	else
		signal_all(master, SIGTERM);
	if (!uv_is_active((uv_handle_t *)&master->kill_timer))
		uv_timer_start(&master->kill_timer, kill_now, STOP_MS, 0);
}

void master_kill(struct master *master)
{
	master->stopping = true;
	if (!master->ended)
		signal_all(master, SIGKILL);
}

void master_drain(struct master *master)
{
	if (master->session)
		master_stop(master);
	if (!master->ready || !master->link)
		return;
	end_sessions(master);
	link_stop_listening(master->link);
	link_destroy(master->link);
	master->link = NULL;
	if (master->reaped)
		wait_for_end(master);
}

void master_end_deaf(struct master *master)
{
	if (master->session)
		master_stop(master);
	else
		master_kill(master);
}

/* Another's socket may stand at that path now, or nothing. */
bool master_is_reachable(const struct master *master)
{
	struct stat info;

	return master->inode && lstat(master->socket, &info) == 0 &&
	       info.st_dev == master->device && info.st_ino == master->inode;
}

static void remove_socket(struct master *master)
{
	/* It may have been made in its last moment; at that of one that was taken over somebody else may listen. */
	if (!master->inode && !master->adopted)
		find_socket(master);
	if (master->session || master_is_reachable(master))
		unlink(master->socket);
}

static void close_handles(struct master *master)
{
	uv_handle_t *handles[] = {
		(uv_handle_t *)&master->process,      (uv_handle_t *)&master->out,
		(uv_handle_t *)&master->socket_watch, (uv_handle_t *)&master->kill_timer,
		(uv_handle_t *)&master->gone,         (uv_handle_t *)&master->in,
	};

	/* Some were not needed, or not for so long. */
	for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++)
		if (handles[i]->data && !uv_is_closing(handles[i]))
			uv_close(handles[i], handle_closed);
}

void master_destroy(struct master *master)
{
	if (!master)
		return;
	assert(master->ended);
	end_sessions(master);
	stop_watching(master);
	log_reader_destroy(master->reader);
	remove_socket(master);
	unlink(master->log);
	close_handles(master);
}

struct link *master_link(const struct master *master)
{
	return master->ready ? master->link : NULL;
}

pid_t master_pid(const struct master *master)
{
	return master->pid;
}

const char *master_socket(const struct master *master)
{
	return master->socket;
}

bool master_is_gone(const struct master *master)
{
	return master->ended || is_over(master);
}

struct log_reader *master_reader(const struct master *master)
{
	return master->reader;
}

struct ssh_log *master_log(const struct master *master)
{
	struct ssh_log *log = log_reader_read(master->reader);

	if (master->ended)
		ssh_log_end(log);
	return log;
}

void master_cap_log(const struct master *master)
{
	log_reader_read(master->reader);
	logfile_cap(master->log_fd);
}

int master_signal(const struct master *master)
{
	return master->signal;
}

const char *master_fault(const struct master *master)
{
	return master->fault;
}

bool master_was_ended(const struct master *master)
{
	return master->ended && !master->signal && master->exit_status == 0;
}

bool master_end_is_unknown(const struct master *master)
{
	return master->ended && master->adopted && !(master->session && master->said.length);
}

bool master_heard_end(const struct master *master)
{
	return master->session && master->ended && !master->signal && master->exit_status != 255;
}
