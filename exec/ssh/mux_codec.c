#include "exec/ssh/mux_codec.h"

#include <errno.h>
#include <string.h>

/* The port of what is no port but the path of a unix socket. */
#define PATH_PORT 0xfffffffe

#define NO_ESCAPE 0xffffffff

static void put_u32(struct strbuf *bytes, uint32_t value)
{
	const unsigned char wire[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
				       (unsigned char)(value >> 8), (unsigned char)value};

	strbuf_add(bytes, (const char *)wire, sizeof(wire));
}

static void put_string(struct strbuf *bytes, const char *text)
{
	put_u32(bytes, (uint32_t)strlen(text));
	strbuf_puts(bytes, text);
}

static uint32_t get_u32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Begins a message whose body is that long. */
static void put_head(struct strbuf *bytes, enum mux_type type, uint32_t request, size_t body)
{
	put_u32(bytes, (uint32_t)(4 + 4 + body));
	put_u32(bytes, type);
	put_u32(bytes, request);
}

void mux_put_hello(struct strbuf *bytes)
{
	put_head(bytes, MUX_HELLO, MUX_VERSION, 0);
}

void mux_put_plain(struct strbuf *bytes, enum mux_type type, uint32_t request)
{
	put_head(bytes, type, request, 0);
}

static uint32_t forward_type(enum plan_type type)
{
	static const uint32_t types[] = {
		[PLAN_LOCAL] = 1,
		[PLAN_REMOTE] = 2,
		[PLAN_REMOTE_DYNAMIC] = 2,
		[PLAN_DYNAMIC] = 3,
	};

	return types[type];
}

void mux_put_forward(struct strbuf *bytes, enum mux_type type, uint32_t request,
		     const struct mux_forward *forward)
{
	const char *bind = forward->bind_path ? forward->bind_path : forward->bind;
	const char *target = forward->target_path ? forward->target_path : forward->target;
	const uint32_t target_port = target ? forward->target_port : 0;

	/* The name under which ssh keeps its own dynamic listeners. */
	if (!target)
		target = "socks";
	put_head(bytes, type, request, 4 + 4 + strlen(bind) + 4 + 4 + strlen(target) + 4);
	put_u32(bytes, forward_type(forward->type));
	put_string(bytes, bind);
	put_u32(bytes, forward->bind_path ? PATH_PORT : forward->bind_port);
	put_string(bytes, target);
	put_u32(bytes, forward->target_path ? PATH_PORT : target_port);
}

void mux_put_stdio_forward(struct strbuf *bytes, uint32_t request, const char *host, uint16_t port)
{
	put_head(bytes, MUX_NEW_STDIO_FORWARD, request, 4 + 4 + strlen(host) + 4);
	put_string(bytes, ""); /* reserved */
	put_string(bytes, host);
	put_u32(bytes, port);
}

void mux_put_session(struct strbuf *bytes, uint32_t request, const char *command)
{
	put_head(bytes, MUX_NEW_SESSION, request, 4 + 4 * 4 + 4 + 4 + 4 + strlen(command));
	put_string(bytes, ""); /* reserved */
	put_u32(bytes, 0);     /* tty */
	put_u32(bytes, 0);     /* X11 */
	put_u32(bytes, 0);     /* agent */
	put_u32(bytes, 0);     /* subsystem */
	put_u32(bytes, NO_ESCAPE);
	put_string(bytes, ""); /* terminal */
	put_string(bytes, command);
}

/* What stands behind the head of a message. */
enum body { BODY_NONE, BODY_VALUE, BODY_WORDS };

static enum body body_of(uint32_t type)
{
	switch (type) {
	case MUX_EXIT_MESSAGE:
	case MUX_ALIVE:
	case MUX_SESSION_OPENED:
	case MUX_REMOTE_PORT:
		return BODY_VALUE;
	case MUX_PERMISSION_DENIED:
	case MUX_FAILURE:
		return BODY_WORDS;
	default:
		return BODY_NONE;
	}
}

int mux_take(const void *bytes, size_t size, struct mux_message *ret_message, size_t *ret_used)
{
	const unsigned char *at = bytes;
	struct mux_message message = {.words = ""};
	enum body body;
	uint32_t length;

	if (size < 4)
		return -EAGAIN;
	length = get_u32(at);
	if (length < 8 || length > MUX_MESSAGE_MAX)
		return -EPROTO;
	if (size - 4 < length)
		return -EAGAIN;
	message.type = get_u32(at + 4);
	message.request = get_u32(at + 8);
	if (message.type == MUX_HELLO && message.request != MUX_VERSION) {
		*ret_message = message;
		return -EPROTONOSUPPORT;
	}
	body = body_of(message.type);
	if (body != BODY_NONE && length < 12)
		return -EPROTO;
	if (body == BODY_VALUE)
		message.value = get_u32(at + 12);
	if (body == BODY_WORDS) {
		message.words_length = get_u32(at + 12);
		message.words = (const char *)at + 16;
		if (message.words_length > length - 12)
			return -EPROTO;
	}
	*ret_message = message;
	*ret_used = 4 + (size_t)length;
	return 0;
}
