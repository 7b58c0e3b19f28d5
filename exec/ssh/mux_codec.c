#include "exec/ssh/mux_codec.h"

#include <errno.h>
#include <string.h>

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

void mux_put_hello(struct strbuf *bytes)
{
	put_u32(bytes, 8);
	put_u32(bytes, MUX_HELLO);
	put_u32(bytes, MUX_VERSION);
}

void mux_put_alive_check(struct strbuf *bytes, uint32_t request)
{
	put_u32(bytes, 8);
	put_u32(bytes, MUX_ALIVE_CHECK);
	put_u32(bytes, request);
}

void mux_put_stdio_forward(struct strbuf *bytes, uint32_t request, const char *host, uint16_t port)
{
	/* type, request, an empty reserved string, the host, the port */
	put_u32(bytes, (uint32_t)(4 + 4 + 4 + 4 + strlen(host) + 4));
	put_u32(bytes, MUX_NEW_STDIO_FWD);
	put_u32(bytes, request);
	put_string(bytes, "");
	put_string(bytes, host);
	put_u32(bytes, port);
}

int mux_take(const void *bytes, size_t size, struct mux_message *ret_message, size_t *ret_used)
{
	const unsigned char *at = bytes;
	uint32_t length;

	if (size < 4)
		return -EAGAIN;
	length = get_u32(at);
	if (length < 8 || length > MUX_MESSAGE_MAX)
		return -EPROTO;
	if (size - 4 < length)
		return -EAGAIN;
	ret_message->type = get_u32(at + 4);
	ret_message->request = get_u32(at + 8);
	ret_message->value = 0;
	if (ret_message->type == MUX_ALIVE || ret_message->type == MUX_SESSION_OPENED) {
		if (length < 12)
			return -EPROTO;
		ret_message->value = get_u32(at + 12);
	}
	*ret_used = 4 + (size_t)length;
	return 0;
}
