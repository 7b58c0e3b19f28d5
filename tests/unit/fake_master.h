/*
 * A fake master: listens on a control socket, and a test says what it answers, to whom and when. All in the
 * test's own loop, which runs while a function here waits for bytes.
 */
#ifndef TUNPLAN_TESTS_UNIT_FAKE_MASTER_H
#define TUNPLAN_TESTS_UNIT_FAKE_MASTER_H

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "exec/ssh/mux_codec.h"
#include "exec/ssh/mux_socket.h"

struct fake_master {
	uv_loop_t loop;
	uv_timer_t tick; /* so that no uv_run() waits for long, or not at all */
	char dir[32];
	char path[64];
	int listener;
};

static inline void fake_master_listen(struct fake_master *fake, int backlog)
{
	struct sockaddr_un address;

	cr_assert(eq(int, unix_address(fake->path, &address), 0));
	fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	cr_assert(bind(fake->listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	cr_assert(listen(fake->listener, backlog) == 0);
}

static inline void fake_tick(uv_timer_t *tick)
{
	(void)tick;
}

static inline void fake_master_init(struct fake_master *fake, int backlog)
{
	*fake = (struct fake_master){.dir = "/tmp/tunplan-link-XXXXXX", .listener = -1};
	cr_assert(mkdtemp(fake->dir) != NULL);
	snprintf(fake->path, sizeof(fake->path), "%s/m", fake->dir);
	cr_assert(eq(int, uv_loop_init(&fake->loop), 0));
	uv_timer_init(&fake->loop, &fake->tick);
	uv_timer_start(&fake->tick, fake_tick, 5, 5);
	if (backlog)
		fake_master_listen(fake, backlog);
}

/* The test must have ended everything in the loop. */
static inline void fake_master_finish(struct fake_master *fake)
{
	for (int i = 0; i < 5; i++)
		uv_run(&fake->loop, UV_RUN_NOWAIT);
	uv_close((uv_handle_t *)&fake->tick, NULL);
	uv_run(&fake->loop, UV_RUN_DEFAULT);
	cr_assert(eq(int, uv_loop_close(&fake->loop), 0));
	if (fake->listener >= 0)
		close(fake->listener);
	unlink(fake->path);
	rmdir(fake->dir);
}

/* Waits for the next connection. */
static inline int fake_accept(struct fake_master *fake)
{
	int fd;

	while ((fd = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) < 0) {
		cr_assert(eq(int, errno, EAGAIN));
		uv_run(&fake->loop, UV_RUN_NOWAIT);
	}
	return fd;
}

/* Waits for bytes; returns false at the end of the connection. */
static inline bool fake_read(struct fake_master *fake, int fd, void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = recv(fd, (char *)bytes + done, size - done, 0);

		if (got == 0 || (got < 0 && errno == ECONNRESET))
			return false;
		cr_assert(got > 0 || errno == EAGAIN);
		done += got > 0 ? (size_t)got : 0;
		if (got < 0)
			uv_run(&fake->loop, UV_RUN_NOWAIT);
	}
	return true;
}

/* Waits for a request; returns its id. What stands behind the id is left in body. */
static inline uint32_t fake_request(struct fake_master *fake, int fd, enum mux_type type,
				    struct strbuf *body)
{
	unsigned char head[12];
	char rest[1024];
	size_t length;

	cr_assert(fake_read(fake, fd, head, sizeof(head)), "no request of type %x", type);
	length = ((size_t)head[2] << 8 | head[3]) - 8;
	cr_assert(eq(u32, (uint32_t)head[4] << 24 | (uint32_t)head[6] << 8 | head[7], type));
	cr_assert(length <= sizeof(rest));
	cr_assert(fake_read(fake, fd, rest, length));
	if (body) {
		strbuf_clear(body);
		strbuf_add(body, rest, length);
	}
	return (uint32_t)head[8] << 24 | (uint32_t)head[9] << 16 | (uint32_t)head[10] << 8 |
	       head[11];
}

/* Receives a descriptor as a master does. */
static inline int fake_take(struct fake_master *fake, int fd)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	int taken;

	while (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) < 0) {
		cr_assert(eq(int, errno, EAGAIN));
		uv_run(&fake->loop, UV_RUN_ONCE);
	}
	cr_assert(message.msg_controllen >= sizeof(control));
	memcpy(&taken, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(taken));
	return taken;
}

/* Whether the connection is over; what was asked on it is read and forgotten. */
static inline void fake_ends(struct fake_master *fake, int fd)
{
	char byte;

	while (fake_read(fake, fd, &byte, 1))
		;
	close(fd);
}

/* Whether nothing more is asked on a connection, once the loop has done what it can do. */
static inline bool fake_is_quiet(struct fake_master *fake, int fd)
{
	char byte;

	for (int i = 0; i < 5; i++)
		uv_run(&fake->loop, UV_RUN_NOWAIT);
	return recv(fd, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

static inline void fake_put(struct strbuf *bytes, uint32_t value)
{
	const char wire[4] = {(char)(value >> 24), (char)(value >> 16), (char)(value >> 8),
			      (char)value};

	strbuf_add(bytes, wire, sizeof(wire));
}

/* Says a message with a body of that many values, or with words. */
static inline void fake_say(int fd, uint32_t type, uint32_t id, const uint32_t *value,
			    const char *words)
{
	struct strbuf bytes = {0};

	fake_put(&bytes, (uint32_t)(8 + (value ? 4 : 0) + (words ? 4 + strlen(words) : 0)));
	fake_put(&bytes, type);
	fake_put(&bytes, id);
	if (value)
		fake_put(&bytes, *value);
	if (words) {
		fake_put(&bytes, (uint32_t)strlen(words));
		strbuf_puts(&bytes, words);
	}
	cr_assert(eq(int, mux_send(fd, bytes.text, bytes.length), 0));
	strbuf_finish(&bytes);
}

static inline void fake_ok(int fd, uint32_t id)
{
	fake_say(fd, MUX_OK, id, NULL, NULL);
}

static inline void fake_fail(int fd, uint32_t id, const char *words)
{
	fake_say(fd, MUX_FAILURE, id, NULL, words);
}

/* Exchanges hellos on a connection. */
static inline int fake_greet(struct fake_master *fake)
{
	int fd = fake_accept(fake);

	cr_assert(eq(u32, fake_request(fake, fd, MUX_HELLO, NULL), MUX_VERSION));
	fake_say(fd, MUX_HELLO, MUX_VERSION, NULL, NULL);
	return fd;
}

/* The held connection of a link: greeted, and told a pid. */
static inline int fake_hold(struct fake_master *fake, uint32_t pid)
{
	int fd = fake_greet(fake);

	fake_say(fd, MUX_ALIVE, fake_request(fake, fd, MUX_ALIVE_CHECK, NULL), &pid, NULL);
	return fd;
}

#endif
