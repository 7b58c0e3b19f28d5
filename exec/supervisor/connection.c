#include "exec/supervisor/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/mux_socket.h"
#include "exec/supervisor/record.h"
#include "exec/supervisor/supervisor.h"
#include "exec/system/clock.h"
#include "exec/system/kernel.h"
#include "exec/system/logfile.h"
#include "exec/system/spawn_self.h"
#include "topology/base/memory.h"

/* A wait that is longer than this the user is told about. */
#define MOMENT_MS 1000
/* A lock, and a socket that is to be made, have no event: how soon to look again. */
#define LOOK_AGAIN_MS 20

/* --- waiting --------------------------------------------------------------------------------- */

/* One thing that is waited for. */
struct wait {
	const struct patience *patience;
	uint64_t since_ms;
	bool told;
};

static struct wait wait_begin(const struct patience *patience)
{
	return (struct wait){.patience = patience, .since_ms = clock_ms()};
}

bool connection_is_stopped(pid_t pid)
{
	struct kernel_process process;

	return kernel_process_read(pid, &process) == 0 && process.state == 'T';
}

/* "the supervisor (process 7, which is stopped: `kill -CONT 7` lets it go on)" */
static char *awaited(const char *who, pid_t pid)
{
	if (pid <= 0)
		return memory_string(who);
	if (!connection_is_stopped(pid))
		return memory_format("%s (process %d)", who, (int)pid);
	return memory_format("%s (process %d, which is stopped: `kill -CONT %d` lets it go on)",
			     who, (int)pid, (int)pid);
}

/* Tells the user about a wait that takes long; once. */
static void tell(struct wait *wait, const char *who, pid_t pid)
{
	char *what;

	if (wait->told || clock_ms() - wait->since_ms < MOMENT_MS)
		return;
	wait->told = true;
	what = awaited(who, pid);
	wait->patience->tell(what, wait->patience->data);
	free(what);
}

/*
 * Waits for an event of a descriptor (-1: for none) for at_most_ms (-1: for ever) and no longer than
 * patience lasts. Returns 1 for an event, 0 for none yet, -ETIMEDOUT or -EINTR.
 */
static int wait_for(struct wait *wait, int fd, short events, int at_most_ms)
{
	const struct patience *patience = wait->patience;
	struct pollfd on = {.fd = fd, .events = events};
	const int64_t now = (int64_t)clock_ms(), moment = (int64_t)wait->since_ms + MOMENT_MS - now;
	int64_t left = at_most_ms < 0 ? INT64_MAX : at_most_ms;
	struct timespec time;
	int ready;

	if (patience->until_ms >= 0 && patience->until_ms - now < left)
		left = patience->until_ms - now;
	/* To say what is waited for. */
	if (!wait->told && moment < left)
		left = moment;
	if (left < 0)
		left = 0;
	time = (struct timespec){(time_t)(left / 1000), (long)(left % 1000) * 1000000};
	ready = ppoll(&on, 1, left == INT64_MAX ? NULL : &time, patience->mask);
	/* Where no signal is awaited, one that does not end this program changes nothing. */
	if (ready < 0)
		return errno == EINTR && !patience->mask ? 0 : -errno;
	if (ready == 0 && patience->until_ms >= 0 && (int64_t)clock_ms() >= patience->until_ms)
		return -ETIMEDOUT;
	return ready;
}

/* --- finding and starting -------------------------------------------------------------------- */

/* One client's way to the supervisor. */
struct search {
	const struct patience *patience;
	struct connection_news *news;
	struct runtime runtime;
	char *start_lock; /* paths */
	char *lock;
	char *control;
};

/* What the supervisor dies of it writes into its log, whose last line this tells. */
static char *ended(const struct runtime *runtime, int error)
{
	char *path = runtime_state_path(runtime, "supervisor.log"), *sentence;
	struct strbuf log = {0};
	const char *text;
	size_t first, end;

	logfile_read(path, 0, &log);
	text = strbuf_text(&log);
	end = log.length;
	while (end && text[end - 1] == '\n')
		end--;
	first = end;
	while (first && text[first - 1] != '\n')
		first--;
	sentence = memory_format("the supervisor ended before it answered (%s); its log, "
				 "supervisor.log in the state directory, ends with: %.*s",
				 strerror(-error), (int)(end - first), text + first);
	strbuf_finish(&log);
	free(path);
	return sentence;
}

char *connection_ended(int error)
{
	struct runtime runtime = {0};
	char *sentence = NULL;

	if (!runtime_open(RUNTIME_LOOK, &runtime, &sentence))
		sentence = ended(&runtime, error);
	runtime_finish(&runtime);
	return sentence;
}

/* Ends a wait that patience ends: says for what it was. */
static int give_up(struct search *search, int error, const char *who, pid_t pid)
{
	if (!search->news->why)
		search->news->why = awaited(who, pid);
	return error;
}

/* Reads what the new supervisor says about its start, to the end; once it has a log it dies there. */
static int hear_start(struct search *search, int fd)
{
	static const char who[] = "the supervisor, which is starting";
	struct wait wait = wait_begin(search->patience);
	struct strbuf text = {0};
	char buffer[512];
	ssize_t got = 1;
	int ready = 0;
	bool ok;

	while (got > 0 && ready >= 0) {
		ready = wait_for(&wait, fd, POLLIN, -1);
		tell(&wait, who, 0);
		if (ready <= 0)
			continue;
		got = read(fd, buffer, sizeof(buffer));
		if (got > 0)
			strbuf_add(&text, buffer, (size_t)got);
	}
	ok = strcmp(strbuf_text(&text), "ok") == 0;
	if (ready < 0)
		give_up(search, ready, who, 0);
	else if (!text.length)
		search->news->why = ended(&search->runtime, -EPIPE);
	else if (!ok)
		search->news->why = memory_format("the supervisor did not start: %.*s",
						  (int)strcspn(text.text, "\n"), text.text);
	strbuf_finish(&text);
	if (ready < 0)
		return ready;
	return ok ? 0 : -ECHILD;
}

static int start_supervisor(struct search *search)
{
	uv_file ends[2];
	int error = uv_pipe(ends, 0, 0);

	if (error)
		return error;
	error = spawn_self("--supervisor", ends[1], SUPERVISOR_READY_FD);
	close(ends[1]);
	if (error)
		search->news->why =
			memory_format("cannot start the supervisor: %s", strerror(-error));
	else
		error = hear_start(search, ends[0]);
	close(ends[0]);
	search->news->started = !error;
	return error;
}

static bool is_nobody(int fd)
{
	return fd == -ENOENT || fd == -ECONNREFUSED;
}

/* Looks what a supervisor that was killed left. */
static void look_for_leftovers(struct search *search)
{
	struct connection_news *news = search->news;
	const int lock = open(search->lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct runtime former = {.dir = lock < 0 ? NULL : runtime_noted_dir(lock)};

	news->killed = record_exists(&search->runtime, &news->left);
	if (former.dir && strcmp(former.dir, search->runtime.dir) != 0)
		news->killed |= record_exists(&former, &news->left);
	runtime_finish(&former);
	if (lock >= 0)
		close(lock);
}

/* There is no supervisor: starts one, if that is wanted. */
static int begin(struct search *search, enum connection_start start)
{
	int error, fd;

	look_for_leftovers(search);
	if (start == CONNECTION_LOOK || (start == CONNECTION_CLEAR && !search->news->killed))
		return -ESRCH;
	runtime_finish(&search->runtime);
	error = runtime_open(RUNTIME_MAKE, &search->runtime, &search->news->why);
	if (!error)
		error = start_supervisor(search);
	if (error)
		return error;
	fd = unix_connect(search->control, SOCK_NONBLOCK);
	if (is_nobody(fd))
		search->news->why = ended(&search->runtime, fd);
	return fd;
}

/* Connects where the supervisor noted that it listens. */
static int connect_elsewhere(const struct search *search)
{
	const int lock = open(search->lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct runtime noted = {.dir = lock < 0 ? NULL : runtime_noted_dir(lock)};
	char *path;
	int fd = -ENOENT;

	if (lock >= 0)
		close(lock);
	if (!noted.dir)
		return fd;
	path = runtime_path(&noted, "control");
	fd = unix_connect(path, SOCK_NONBLOCK);
	free(path);
	runtime_finish(&noted);
	return fd;
}

/* Makes a supervisor look whether its socket is still there. */
static void wake(const struct search *search, pid_t pid)
{
	/* Before the lock is asked: what is signalled is the process that has it. */
	const int process = kernel_process_open(pid);
	pid_t holder = 0;
	const bool is_holder = runtime_is_locked(search->lock, &holder) && holder == pid;

	if (is_holder && process >= 0)
		kernel_process_signal(process, SIGUSR1);
	else if (is_holder && process == -ENOSYS)
		kill(pid, SIGUSR1);
	if (process >= 0)
		close(process);
}

static int unseen(struct search *search)
{
	search->news->why = memory_format(
		"a supervisor that has the lock %s cannot be seen from here: it runs in another "
		"container, which needs an XDG_STATE_HOME of its own",
		search->lock);
	return -EBUSY;
}

/* Under start.lock. Returns the descriptor or -errno. */
static int find(struct search *search, enum connection_start start)
{
	struct wait wait = wait_begin(search->patience);
	pid_t pid = 0, woken = 0;

	for (;;) {
		int fd = unix_connect(search->control, SOCK_NONBLOCK), ready;
		bool locked;

		if (fd >= 0 || (!is_nobody(fd) && fd != -EAGAIN))
			return fd;
		/* Where too many wait already, it is there. */
		locked = runtime_is_locked(search->lock, &pid);
		if (is_nobody(fd)) {
			if (!locked)
				return begin(search, start);
			fd = connect_elsewhere(search);
			if (fd >= 0)
				return fd;
			if (!pid)
				return unseen(search);
			if (pid > 0 && pid != woken)
				wake(search, pid);
			woken = pid;
		}
		tell(&wait, "the supervisor", pid);
		ready = wait_for(&wait, -1, 0, LOOK_AGAIN_MS);
		if (ready < 0)
			return give_up(search, ready, "the supervisor", pid);
	}
}

/* Returns the lock's descriptor, -1 when it cannot be made here, or what ended the wait. */
static int take_start_lock(struct search *search)
{
	static const char who[] = "another tunplan, which looks for the supervisor or starts it";
	struct wait wait = wait_begin(search->patience);
	pid_t holder = 0;

	for (;;) {
		int lock = runtime_lock(search->start_lock, &holder), ready;

		if (lock != -EWOULDBLOCK)
			return lock < 0 ? -1 : lock;
		tell(&wait, who, holder);
		ready = wait_for(&wait, -1, 0, LOOK_AGAIN_MS);
		if (ready < 0)
			return give_up(search, ready, who, holder);
	}
}

static int search_and_find(struct search *search, enum connection_start start)
{
	int lock = take_start_lock(search);
	int fd = lock < -1 ? lock : find(search, start);

	if (lock >= 0)
		close(lock);
	if (fd < 0 && fd != -ESRCH && !search->news->why)
		search->news->why = memory_format("cannot reach the supervisor on %s: %s",
						  search->control, strerror(-fd));
	return fd;
}

int connection_open(enum connection_start start, const struct patience *patience,
		    struct connection *ret_connection, struct connection_news *ret_news)
{
	struct search search = {.patience = patience, .news = ret_news};
	int fd;

	*ret_news = (struct connection_news){0};
	fd = runtime_open(start == CONNECTION_START ? RUNTIME_MAKE : RUNTIME_LOOK, &search.runtime,
			  &ret_news->why);
	if (fd)
		return fd;
	ret_news->passed_over = memory_string(search.runtime.passed_over);
	ret_news->ends_at_logout = runtime_ends_at_logout(&search.runtime);
	search.start_lock = runtime_state_path(&search.runtime, "start.lock");
	search.lock = runtime_state_path(&search.runtime, "supervisor.lock");
	search.control = runtime_path(&search.runtime, "control");
	fd = search_and_find(&search, start);
	if (fd >= 0) {
		*ret_connection = (struct connection){.fd = fd};
		kernel_peer_pid(fd, &ret_connection->supervisor);
	}
	free(search.start_lock);
	free(search.lock);
	free(search.control);
	runtime_finish(&search.runtime);
	return fd < 0 ? fd : 0;
}

void connection_news_finish(struct connection_news *news)
{
	free(news->why);
	free(news->passed_over);
	*news = (struct connection_news){0};
}

void connection_close(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	strbuf_finish(&connection->input);
	connection->fd = -1;
}

int connection_wait_gone(const struct connection *connection, const struct patience *patience)
{
	struct wait wait = wait_begin(patience);
	struct runtime runtime = {0};
	char *path, *why = NULL;
	pid_t holder = 0;
	int ready = runtime_open(RUNTIME_LOOK, &runtime, &why);

	free(why);
	if (ready < 0)
		return ready;
	path = runtime_state_path(&runtime, "supervisor.lock");
	while (ready >= 0 && runtime_is_locked(path, &holder) && holder == connection->supervisor) {
		tell(&wait, "the supervisor that was told to go to end", holder);
		ready = wait_for(&wait, -1, 0, LOOK_AGAIN_MS);
	}
	free(path);
	runtime_finish(&runtime);
	return ready < 0 ? ready : 0;
}

/* --- talking --------------------------------------------------------------------------------- */

char *connection_awaited(const struct connection *connection)
{
	return awaited("the supervisor", connection->supervisor);
}

/* Sends all of it. A supervisor that is gone takes nothing, but may have said something before. */
static int send_all(struct connection *connection, const char *text, size_t length,
		    struct wait *wait)
{
	while (length) {
		ssize_t sent = send(connection->fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		int ready;

		if (sent >= 0) {
			text += sent;
			length -= (size_t)sent;
			continue;
		}
		if (errno == EPIPE || errno == ECONNRESET)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		ready = wait_for(wait, connection->fd, POLLOUT, -1);
		tell(wait, "the supervisor", connection->supervisor);
		if (ready < 0)
			return ready;
	}
	return 0;
}

int connection_send(struct connection *connection, json_t *message, const struct patience *patience)
{
	struct wait wait = wait_begin(patience);
	char *text = json_dumps(message, JSON_COMPACT);
	/* There is no message if a text of it is not UTF-8. */
	int error = text ? send_all(connection, text, strlen(text), &wait) : -EILSEQ;

	if (!error)
		error = send_all(connection, "\n", 1, &wait);
	connection->heard = false;
	connection->told = wait.told;
	free(text);
	json_decref(message);
	return error;
}

/* Takes the first whole line, if there is one. */
static int take_line(struct connection *connection, json_t **ret_message)
{
	struct strbuf *input = &connection->input;
	char *end = input->length ? memchr(input->text, '\n', input->length) : NULL;
	size_t used;
	json_t *message;

	if (!end)
		return -EAGAIN;
	used = (size_t)(end - input->text) + 1;
	message = json_loadb(input->text, used - 1, 0, NULL);
	input->length -= used;
	memmove(input->text, input->text + used, input->length);
	if (!message)
		return -EPROTO;
	*ret_message = message;
	return 0;
}

/* Reads what is there. Returns 0, or what ends the connection. */
static int fill(struct connection *connection)
{
	char buffer[65536];
	ssize_t got = recv(connection->fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (got == 0)
		return -EPIPE;
	strbuf_add(&connection->input, buffer, (size_t)got);
	return 0;
}

int connection_next(struct connection *connection, const struct patience *patience,
		    json_t **ret_message)
{
	struct wait wait = wait_begin(patience);
	int error;

	/* Once it has said something, it is at work: what takes its time is what it does. */
	wait.told = connection->heard || connection->told;
	while ((error = take_line(connection, ret_message)) == -EAGAIN) {
		int ready = wait_for(&wait, connection->fd, POLLIN, -1);

		if (ready == 0)
			tell(&wait, "the supervisor", connection->supervisor);
		connection->told |= wait.told;
		if (ready < 0)
			return ready;
		error = ready ? fill(connection) : 0;
		if (error)
			return error;
	}
	connection->heard |= !error;
	return error;
}
