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

#include "exec/ssh/feed.h"
#include "exec/ssh/mux_codec.h"
#include "exec/ssh/mux_socket.h"

/* What ssh takes for "could not connect". */
#define FAILED 255

#define REQUEST 1

/* A master has room for 64 that wait until it accepts them: how soon to knock again. */
#define BUSY_MS 20

/* What the master is asked for. */
struct errand {
	const char *socket;
	const char *host; /* what is dialled */
	uint16_t port;
	struct strbuf command; /* what is run instead, or empty */
	bool runs;
	const char *own; /* where we listen as long as the program is fed; NULL: it is not */
	int in;          /* what is its stdin */
};

/* The answers that were read. */
struct inbox {
	char bytes[4096];
	size_t size;
	size_t used; /* by the latest, whose words stand there */
};

/*
 * Waits until the master said something, or the time is up (-1: never). -EPIPE: our ssh is gone, which shows
 * as a hang-up of stdout as long as we have it. (That of stdin may be the end of what a program is to read.)
 */
static int wait_for_master(int socket, bool watch_ssh, int timeout_ms)
{
	struct pollfd fds[2] = {
		{.fd = socket, .events = POLLIN},
		{.fd = watch_ssh ? STDOUT_FILENO : -1},
	};

	while (poll(fds, 2, timeout_ms) < 0)
		if (errno != EINTR)
			return -errno;
	return fds[1].revents ? -EPIPE : 0;
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

static int request(int socket, const struct errand *errand)
{
	struct strbuf bytes = {0};
	int error;

	mux_put_hello(&bytes);
	if (errand->runs)
		mux_put_session(&bytes, REQUEST, strbuf_text(&errand->command));
	else
		mux_put_stdio_forward(&bytes, REQUEST, errand->host, errand->port);
	error = mux_send(socket, bytes.text, bytes.length);
	strbuf_finish(&bytes);
	if (!error)
		error = mux_send_fd(socket, errand->in);
	if (!error)
		error = mux_send_fd(socket, STDOUT_FILENO);
	if (!error && errand->runs)
		error = mux_send_fd(socket, STDERR_FILENO);
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

/* Takes the next message of what was read; its words live until the one after it. -EAGAIN: there is none. */
static int take(struct inbox *inbox, struct mux_message *ret_message)
{
	int error;

	inbox->size -= inbox->used;
	memmove(inbox->bytes, inbox->bytes + inbox->used, inbox->size);
	inbox->used = 0;
	error = mux_take(inbox->bytes, inbox->size, ret_message, &inbox->used);
	return error == -EAGAIN && inbox->size == sizeof(inbox->bytes) ? -EPROTO : error;
}

/* Waits for the next message. */
static int receive(int socket, struct inbox *inbox, bool watch_ssh, struct mux_message *ret_message)
{
	int error;

	while ((error = take(inbox, ret_message)) == -EAGAIN) {
		error = wait_for_master(socket, watch_ssh, -1);
		if (!error)
			error = fill(socket, inbox);
		if (error)
			return error;
	}
	return error;
}

/* Waits for the answer; 0 when the connection or the program stands, as *ret_session. */
static int wait_for_answer(int socket, struct inbox *inbox, uint32_t *ret_session)
{
	struct mux_message message;
	int error;

	while (!(error = receive(socket, inbox, true, &message))) {
		if (message.type == MUX_HELLO || message.request != REQUEST)
			continue;
		*ret_session = message.value;
		if (message.type == MUX_SESSION_OPENED)
			return 0;
		if (message.type == MUX_FAILURE || message.type == MUX_PERMISSION_DENIED)
			return -ECONNREFUSED;
	}
	return error;
}

/* Waits for the end. Returns the exit status of a program, if the master knows. */
static int wait_for_end(int socket, struct inbox *inbox, uint32_t session)
{
	struct mux_message message;
	int status = FAILED;

	while (!receive(socket, inbox, false, &message))
		if (message.type == MUX_EXIT_MESSAGE && message.request == session)
			status = (int)message.value;
	return status;
}

/* The same of a program that is fed. */
static int feed(int socket, struct inbox *inbox, uint32_t session, struct feed *program)
{
	struct mux_message message;
	int status = FAILED, error = 0, ready;

	feed_begin(program);
	while (!error && (ready = feed_turn(program, socket)) >= 0) {
		if (ready)
			error = fill(socket, inbox);
		while (!take(inbox, &message))
			if (message.type == MUX_EXIT_MESSAGE && message.request == session)
				status = (int)message.value;
	}
	return status;
}

/* Some only look who we are. */
#define BACKLOG 8

/*
 * Listens where who looks for us finds us: the kernel tells our number to whoever connects. Returns the descriptor or -errno.
 */
static int be_found(const char *path)
{
	struct sockaddr_un address;
	int error = unix_address(path, &address);
	int fd;

	if (error)
		return error;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, BACKLOG))
		return -errno;
	return fd;
}

/* Lets go of our descriptors: the master has them now, and alone decides when they end. */
static void give_away(const struct errand *errand)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	if (errand->own)
		close(errand->in);
	else
		dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (errand->runs)
		dup2(null, STDERR_FILENO);
	close(null);
}

/* Of the master: whether it was there, and spoke. That says nothing of what it was to be asked for. */
static int complain_of_master(int error)
{
	fprintf(stderr, "tunplan: " HOLDER_UNHEARD ": %s\n", strerror(-error));
	return FAILED;
}

static int complain(const struct errand *errand)
{
	/* Why a dial was refused is told by the master's own words; of a session nothing more is known. */
	if (errand->runs)
		fprintf(stderr,
			"tunplan: cannot run a program on the hop before: %s: the sshd opens no "
			"session\n",
			strbuf_text(&errand->command));
	else
		fprintf(stderr, "tunplan: " HOLDER_REFUSED ": %s: %s\n", errand->host,
			strerror(ECONNREFUSED));
	return FAILED;
}

static int hold(struct errand *errand)
{
	struct inbox inbox = {.size = 0};
	struct feed program = {.to = -1};
	uint32_t session = 0;
	int listener = errand->own ? be_found(errand->own) : 0;
	int error = listener < 0 ? listener : 0;
	int socket, status;

	if (!error && errand->own)
		error = feed_init(&program, listener, &errand->in);
	if (error) {
		fprintf(stderr, "tunplan: %s: %s\n", errand->own, strerror(-error));
		return FAILED;
	}
	socket = connect_to_master(errand->socket);
	if (socket < 0)
		return complain_of_master(socket);
	error = request(socket, errand);
	if (!error)
		error = wait_for_answer(socket, &inbox, &session);
	if (error) {
		close(socket);
		return error == -ECONNREFUSED ? complain(errand) : complain_of_master(error);
	}
	give_away(errand);
	status = errand->own ? feed(socket, &inbox, session, &program)
			     : wait_for_end(socket, &inbox, session);
	if (errand->own)
		feed_tell(&program, status);
	close(socket);
	return errand->runs ? status : FAILED;
}

/* Reads the words after "--holder". Returns whether that is what we are called with. */
static bool read_words(int argc, char **argv, struct errand *errand)
{
	const bool feeds = argc > 1 && strcmp(argv[1], "--feed") == 0;
	const int first = feeds ? 4 : 3;

	errand->runs = feeds || (argc > 1 && strcmp(argv[1], "--run") == 0);
	if (errand->runs ? argc <= first : argc != 4)
		return false;
	if (!errand->runs) {
		errand->socket = argv[1];
		errand->host = argv[2];
		errand->port = (uint16_t)strtoul(argv[3], NULL, 10);
		return true;
	}
	if (feeds)
		errand->own = argv[2];
	errand->socket = argv[first - 1];
	for (int i = first; i < argc; i++)
		strbuf_printf(&errand->command, "%s%s", i > first ? " " : "", argv[i]);
	return true;
}

int holder_main(int argc, char **argv)
{
	struct errand errand = {.in = STDIN_FILENO};
	int status;

	if (!read_words(argc, argv, &errand)) {
		fputs("usage: tunplan --holder SOCKET ADDRESS PORT\n"
		      "       tunplan --holder --run SOCKET WORD...\n"
		      "       tunplan --holder --feed OWN-SOCKET SOCKET WORD...\n",
		      stderr);
		return FAILED;
	}
	signal(SIGPIPE, SIG_IGN);
	status = hold(&errand);
	if (errand.own)
		unlink(errand.own);
	strbuf_finish(&errand.command);
	return status;
}
