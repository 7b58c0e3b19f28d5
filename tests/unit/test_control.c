#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/mux_socket.h"
#include "exec/supervisor/control.h"
#include "topology/base/memory.h"

/* The supervisor's side, and one client that is connected to it. */
struct desk {
	uv_loop_t loop;
	struct control *control;
	char path[64];
	int fd;                /* the client's side */
	struct client *client; /* its like here, once it has said something */
	int messages;
	int gone;
};

static void message(struct client *client, const json_t *said, void *data)
{
	struct desk *desk = data;

	(void)said;
	desk->client = client;
	desk->messages++;
}

static void gone(struct client *client, void *data)
{
	struct desk *desk = data;

	(void)client;
	desk->gone++;
}

static const struct control_events events = {message, gone, 50};

static void say(struct desk *desk)
{
	const int before = desk->messages;

	cr_assert(eq(int, mux_send(desk->fd, "{}\n", 3), 0));
	while (desk->messages == before)
		uv_run(&desk->loop, UV_RUN_ONCE);
}

static void desk_init(struct desk *desk)
{
	*desk = (struct desk){0};
	signal(SIGPIPE, SIG_IGN);
	snprintf(desk->path, sizeof(desk->path), "/tmp/tunplan-control-%d", (int)getpid());
	uv_loop_init(&desk->loop);
	desk->control = control_create(&desk->loop, &events, desk);
	cr_assert(eq(int, control_listen(desk->control, desk->path), 0));
	desk->fd = unix_connect(desk->path, SOCK_NONBLOCK);
	cr_assert(ge(int, desk->fd, 0));
	say(desk);
}

static void desk_finish(struct desk *desk)
{
	control_destroy(desk->control);
	uv_run(&desk->loop, UV_RUN_DEFAULT);
	cr_expect(eq(int, uv_loop_close(&desk->loop), 0));
	cr_expect(eq(int, access(desk->path, F_OK), -1));
	close(desk->fd);
}

/* A message of that many bytes and some more. */
static json_t *large(size_t size)
{
	char *text = memory_alloc(size + 1);
	json_t *json;

	memset(text, 'x', size);
	json = json_pack("{s:s}", "large", text);
	free(text);
	return json;
}

/* Reads what there is; returns how much. */
static size_t read_some(int fd)
{
	static char buffer[256 * 1024];
	ssize_t got = read(fd, buffer, sizeof(buffer));

	return got > 0 ? (size_t)got : 0;
}

Test(control, an_answer_of_any_size_reaches_a_client_that_reads)
{
	struct desk desk;
	const size_t size = 2 * CONTROL_UNSENT_BYTES;
	const size_t all = size + 10 + 2 * strlen("{\"large\":\"\"}\n");
	size_t got = 0;

	desk_init(&desk);
	client_send(desk.client, large(size));
	client_send(desk.client, large(10));
	while (got < all && !desk.gone) {
		got += read_some(desk.fd);
		uv_run(&desk.loop, UV_RUN_NOWAIT);
	}
	cr_expect(eq(int, desk.gone, 0));
	cr_expect(eq(sz, got, all));
	desk_finish(&desk);
}

Test(control,
     a_client_that_does_not_read_is_dropped_from_the_loop_and_never_while_something_is_sent)
{
	struct desk desk;

	desk_init(&desk);
	for (int i = 0; i < 10; i++)
		client_send(desk.client, large(CONTROL_UNSENT_BYTES / 4));
	cr_expect(eq(int, desk.gone, 0));
	while (!desk.gone)
		uv_run(&desk.loop, UV_RUN_ONCE);
	cr_expect(eq(int, desk.gone, 1));
	desk_finish(&desk);
}

Test(control, what_is_sent_to_a_client_that_has_gone_is_lost_and_it_is_told_from_the_loop)
{
	struct desk desk;

	desk_init(&desk);
	close(desk.fd);
	for (int i = 0; i < 3; i++)
		client_send(desk.client, large(1000000));
	cr_expect(eq(int, desk.gone, 0));
	while (!desk.gone)
		uv_run(&desk.loop, UV_RUN_ONCE);
	cr_expect(eq(int, desk.gone, 1));
	desk.fd = -1;
	desk_finish(&desk);
}

Test(control, listens_again_where_its_socket_is_gone_and_keeps_its_clients)
{
	struct desk desk;
	int other;

	desk_init(&desk);
	cr_expect(control_is_there(desk.control));
	unlink(desk.path);
	cr_expect(not(control_is_there(desk.control)));
	/* Nor is another file of that name the socket. */
	close(open(desk.path, O_CREAT | O_WRONLY, 0600));
	cr_expect(not(control_is_there(desk.control)));
	unlink(desk.path);
	cr_assert(eq(int, control_listen(desk.control, desk.path), 0));
	cr_expect(control_is_there(desk.control));
	say(&desk);
	other = unix_connect(desk.path, 0);
	cr_expect(ge(int, other, 0));
	cr_expect(not(control_is_quiet(desk.control)));
	close(other);
	while (!control_is_quiet(desk.control))
		uv_run(&desk.loop, UV_RUN_ONCE);
	desk_finish(&desk);
}
