#include "exec/ssh/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/ssh/mux_codec.h"
#include "exec/ssh/mux_socket.h"

/* What ssh takes for "could not connect". */
#define FAILED 255

#define REQUEST 1

/* A master has room for 64 that wait until it accepts them: how soon to knock again. */
#define BUSY_MS 20

/* The answers that were read and not yet taken. */
struct inbox {
	char bytes[4096];
	size_t size;
};

/*
 * Waits until the master said something, or the time is up (-1: never). -EPIPE: our ssh is gone, which shows
 * as a hang-up of stdin or stdout as long as we have them.
 */
static int wait_for_master(int socket, bool watch_ssh, int timeout_ms)
{
	struct pollfd fds[3] = {
		{.fd = socket, .events = POLLIN},
		{.fd = watch_ssh ? STDIN_FILENO : -1},
		{.fd = watch_ssh ? STDOUT_FILENO : -1},
	};

	while (poll(fds, 3, timeout_ms) < 0)
		if (errno != EINTR)
			return -errno;
	return fds[1].revents || fds[2].revents ? -EPIPE : 0;
}

/*
 * Connects to the master, however busy, as long as our ssh is there. A connect() that blocks would never
 * return from a master that was stopped, though there is nobody left to connect for.
 */
static int connect_to_master(const char *path)
{
	int socket, error = 0;

	while ((socket = unix_connect(path, SOCK_NONBLOCK)) == -EAGAIN && !error)
		error = wait_for_master(-1, true, BUSY_MS);
	if (socket < 0)
		return error ? error : socket;
	fcntl(socket, F_SETFL, 0);
	return socket;
}

static int request_dial(int socket, const char *host, uint16_t port)
{
	struct strbuf request = {0};
	int error;

	mux_put_hello(&request);
	mux_put_stdio_forward(&request, REQUEST, host, port);
	error = mux_send(socket, request.text, request.length);
	strbuf_finish(&request);
	if (!error)
		error = mux_send_fd(socket, STDIN_FILENO);
	if (!error)
		error = mux_send_fd(socket, STDOUT_FILENO);
	return error;
}

/* Reads what is there. -EPIPE: the master closed. */
static int fill(int socket, struct inbox *inbox)
{
	ssize_t got =
		recv(socket, inbox->bytes + inbox->size, sizeof(inbox->bytes) - inbox->size, 0);

	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	if (got == 0)
		return -EPIPE;
	inbox->size += (size_t)got;
	return 0;
}

/* Waits for the next message. */
static int receive(int socket, struct inbox *inbox, bool watch_ssh, struct mux_message *ret_message)
{
	size_t used = 0;
	int error;

	while ((error = mux_take(inbox->bytes, inbox->size, ret_message, &used)) == -EAGAIN) {
		if (inbox->size == sizeof(inbox->bytes))
			return -EPROTO;
		error = wait_for_master(socket, watch_ssh, -1);
		if (!error)
			error = fill(socket, inbox);
		if (error)
			return error;
	}
	inbox->size -= used;
	memmove(inbox->bytes, inbox->bytes + used, inbox->size);
	return error;
}

/* Waits for the answer to the dial: 0 when the connection stands. */
static int wait_for_answer(int socket, struct inbox *inbox)
{
	struct mux_message message;
	int error;

	while (!(error = receive(socket, inbox, true, &message))) {
		if (message.type == MUX_HELLO) {
			if (message.request != MUX_VERSION)
				return -EPROTO;
			continue;
		}
		if (message.type == MUX_SESSION_OPENED)
			return 0;
		if (message.type == MUX_FAILURE || message.type == MUX_PERMISSION_DENIED)
			return -ECONNREFUSED;
	}
	return error;
}

/* Lets go of stdin and stdout: the master has them now, and alone decides when they end. */
static void give_away(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close(null);
}

static int complain(const char *what, int error)
{
	fprintf(stderr, "tunplan: cannot dial through the hop before: %s: %s\n", what,
		strerror(-error));
	return FAILED;
}

int holder_main(int argc, char **argv)
{
	struct inbox inbox = {.size = 0};
	struct mux_message message;
	int socket, error;

	if (argc != 4) {
		fputs("usage: tunplan --holder SOCKET ADDRESS PORT\n", stderr);
		return FAILED;
	}
	signal(SIGPIPE, SIG_IGN);
	socket = connect_to_master(argv[1]);
	if (socket < 0)
		return complain("its control socket", socket);
	error = request_dial(socket, argv[2], (uint16_t)strtoul(argv[3], NULL, 10));
	if (!error)
		error = wait_for_answer(socket, &inbox);
	if (error) {
		close(socket);
		return complain(argv[2], error);
	}
	give_away();
	while (!receive(socket, &inbox, false, &message) && message.type != MUX_EXIT_MESSAGE)
		;
	close(socket);
	return FAILED;
}
