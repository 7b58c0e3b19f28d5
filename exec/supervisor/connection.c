#include "exec/supervisor/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/mux_socket.h"
#include "exec/supervisor/record.h"
#include "exec/supervisor/supervisor.h"
#include "exec/system/logfile.h"
#include "exec/system/runtime.h"
#include "exec/system/spawn_self.h"
#include "topology/base/memory.h"

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

	if (!runtime_open(&runtime, &sentence))
		sentence = ended(&runtime, error);
	runtime_finish(&runtime);
	return sentence;
}

/* Reads what the new supervisor says about its start, to the end; once it has a log it dies there. */
static int hear_start(const struct runtime *runtime, int fd, char **ret_why)
{
	struct strbuf text = {0};
	char buffer[512];
	ssize_t got;
	bool ok;

	while ((got = read(fd, buffer, sizeof(buffer))) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			strbuf_add(&text, buffer, (size_t)got);
	ok = strcmp(strbuf_text(&text), "ok") == 0;
	if (!text.length)
		*ret_why = ended(runtime, -EPIPE);
	else if (!ok)
		*ret_why = memory_format("the supervisor did not start: %.*s",
					 (int)strcspn(text.text, "\n"), text.text);
	strbuf_finish(&text);
	return ok ? 0 : -ECHILD;
}

static int start_supervisor(const struct runtime *runtime, char **ret_why)
{
	uv_file ends[2];
	int error = uv_pipe(ends, 0, 0);

	if (error)
		return error;
	error = spawn_self("--supervisor", ends[1], SUPERVISOR_READY_FD);
	close(ends[1]);
	if (error)
		*ret_why = memory_format("cannot start the supervisor: %s", strerror(-error));
	else
		error = hear_start(runtime, ends[0], ret_why);
	close(ends[0]);
	return error;
}

static bool is_nobody(int fd)
{
	return fd == -ENOENT || fd == -ECONNREFUSED;
}

/* Under start.lock. Returns the descriptor or -errno. */
static int find(const struct runtime *runtime, const char *path, bool start, char **ret_why)
{
	int fd = unix_connect(path, 0), error;

	if (!is_nobody(fd))
		return fd;
	if (!start)
		return -ESRCH;
	error = start_supervisor(runtime, ret_why);
	fd = error ? error : unix_connect(path, 0);
	if (!error && !is_nobody(fd))
		return fd;
	if (!error)
		*ret_why = ended(runtime, fd);
	/* It died between two steps of its start, and under this lock nobody else starts another. */
	unlink(path);
	return fd;
}

int connection_open(bool start, struct connection *ret_connection, char **ret_why)
{
	struct runtime runtime;
	int error = runtime_open(&runtime, ret_why);
	char *lock_path, *path;
	int lock, fd;

	if (error)
		return error;
	lock_path = runtime_path(&runtime, "start.lock");
	path = runtime_path(&runtime, "control");
	lock = runtime_lock(lock_path, 1);
	fd = lock < 0 ? lock : find(&runtime, path, start, ret_why);
	if (fd >= 0)
		*ret_connection = (struct connection){.fd = fd};
	else if (!*ret_why && fd != -ESRCH)
		*ret_why =
			memory_format("cannot reach the supervisor on %s: %s", path, strerror(-fd));
	if (lock >= 0)
		close(lock);
	free(path);
	free(lock_path);
	runtime_finish(&runtime);
	return fd < 0 ? fd : 0;
}

void connection_close(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	strbuf_finish(&connection->input);
	connection->fd = -1;
}

int connection_send(struct connection *connection, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	int error = mux_send(connection->fd, text, strlen(text));

	if (!error)
		error = mux_send(connection->fd, "\n", 1);
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

static int fill(struct connection *connection)
{
	char buffer[65536];
	ssize_t got = recv(connection->fd, buffer, sizeof(buffer), 0);

	if (got < 0)
		return -errno;
	if (got == 0)
		return -EPIPE;
	strbuf_add(&connection->input, buffer, (size_t)got);
	return 0;
}

int connection_next(struct connection *connection, int timeout_ms, const sigset_t *mask,
		    json_t **ret_message)
{
	uint64_t until = uv_hrtime() / 1000000 + (uint64_t)(timeout_ms < 0 ? 0 : timeout_ms);
	int error;

	while ((error = take_line(connection, ret_message)) == -EAGAIN) {
		uint64_t now = uv_hrtime() / 1000000;
		uint64_t left = until > now ? until - now : 0;
		struct timespec wait = {(time_t)(left / 1000), (long)(left % 1000) * 1000000};
		fd_set readable;
		int ready;

		FD_ZERO(&readable);
		FD_SET(connection->fd, &readable);
		ready = pselect(connection->fd + 1, &readable, NULL, NULL,
				timeout_ms < 0 ? NULL : &wait, mask);
		if (ready < 0)
			return -errno;
		if (ready == 0)
			return -ETIMEDOUT;
		error = fill(connection);
		if (error)
			return error;
	}
	return error;
}

bool connection_was_killed(size_t *ret_running)
{
	struct runtime runtime;
	char *why = NULL, *path;
	bool killed = false;
	int lock;

	*ret_running = 0;
	if (runtime_open(&runtime, &why)) {
		free(why);
		return false;
	}
	path = runtime_state_path(&runtime, "supervisor.lock");
	lock = runtime_lock(path, 0);
	/* Who cannot have the lock knows that the processes have their supervisor. */
	if (lock >= 0) {
		killed = record_exists(&runtime, ret_running);
		close(lock);
	}
	free(path);
	runtime_finish(&runtime);
	return killed;
}
