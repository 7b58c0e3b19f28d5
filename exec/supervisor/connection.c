#include "exec/supervisor/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/system/kernel.h"
#include "exec/system/runtime.h"
#include "topology/base/memory.h"

int connection_open(enum find_start start, const struct patience *patience,
		    struct connection *ret_connection, struct find_news *ret_news)
{
	struct connection connection = {.fd = find_supervisor(start, patience, ret_news)};

	if (connection.fd < 0)
		return connection.fd;
	kernel_peer_pid(connection.fd, &connection.supervisor);
	*ret_connection = connection;
	return 0;
}

void connection_close(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	strbuf_finish(&connection->input);
	connection->fd = -1;
}

/* For the end of one that has closed the connection because it ends. */
#define END_MS 200

/* Whether a process lives, and does not end just now. */
static bool lives(pid_t pid)
{
	struct pollfd end = {.fd = kernel_process_open(pid), .events = POLLIN};
	const bool lives = end.fd >= 0 && poll(&end, 1, END_MS) == 0;

	if (end.fd >= 0)
		close(end.fd);
	return lives;
}

bool connection_outlived(const struct connection *connection)
{
	return connection->supervisor > 0 && !lives(connection->supervisor);
}

char *connection_ended(const struct connection *connection, int error)
{
	struct runtime runtime = {0};
	char *sentence = NULL;

	if (connection->supervisor > 0 && lives(connection->supervisor))
		sentence = memory_format(
			"the supervisor (process %d) closed the connection (%s) and goes "
			"on: it may have no file descriptors left (ulimit -n)",
			(int)connection->supervisor, strerror(-error));
	else if (!runtime_open(RUNTIME_LOOK, &runtime, &sentence))
		sentence = find_last_words(&runtime, error);
	runtime_finish(&runtime);
	return sentence;
}

char *connection_awaited(const struct connection *connection)
{
	return wait_awaited("the supervisor", connection->supervisor);
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
		wait_tell(wait, "the supervisor", connection->supervisor);
		if (ready < 0)
			return ready;
	}
	return 0;
}

static int add_bytes(const char *bytes, size_t count, void *line)
{
	strbuf_add(line, bytes, count);
	return 0;
}

int connection_send(struct connection *connection, json_t *message, const struct patience *patience)
{
	struct wait wait = wait_begin(patience);
	struct strbuf line = {0};
	/* There is no message if a text of it is not UTF-8. */
	int error = json_dump_callback(message, add_bytes, &line, JSON_COMPACT) ? -EILSEQ : 0;

	strbuf_puts(&line, "\n");
	/* In one piece, for which the supervisor wakes once. */
	if (!error)
		error = send_all(connection, line.text, line.length, &wait);
	connection->told |= wait.told;
	strbuf_finish(&line);
	json_decref(message);
	return error;
}

/* Takes the first whole line, if there is one. */
static int take_line(struct connection *connection, json_t **ret_message)
{
	struct strbuf *input = &connection->input;
	const size_t left = input->length - connection->searched;
	char *end = left ? memchr(input->text + connection->searched, '\n', left) : NULL;
	size_t used;
	json_t *message;

	connection->searched = end ? 0 : input->length;
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
			wait_tell(&wait, "the supervisor", connection->supervisor);
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
