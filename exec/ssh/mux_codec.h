/*
 * Mux codec: encodes and decodes OpenSSH's multiplexing protocol, version 4 (PROTOCOL.mux in its
 * sources), as far as tunplan uses it: hello, "are you alive", and "connect my stdin and stdout to
 * HOST:PORT".
 *
 *     u32 length | u32 type | u32 request id | body          (a hello has no request id)
 *
 * Pure. Integers are big-endian; a u32 length precedes each string.
 */
#ifndef TUNPLAN_EXEC_SSH_MUX_CODEC_H
#define TUNPLAN_EXEC_SSH_MUX_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "topology/base/strbuf.h"

#define MUX_VERSION 4

/* Longest message that we accept; the master's are below 300 bytes. */
#define MUX_MESSAGE_MAX 65536

enum mux_type {
	MUX_HELLO = 0x00000001,
	MUX_ALIVE_CHECK = 0x10000004,
	MUX_NEW_STDIO_FWD = 0x10000008,
	MUX_OK = 0x80000001,
	MUX_PERMISSION_DENIED = 0x80000002,
	MUX_FAILURE = 0x80000003,
	MUX_EXIT_MESSAGE = 0x80000004,
	MUX_ALIVE = 0x80000005,
	MUX_SESSION_OPENED = 0x80000006,
};

/* What the master said. */
struct mux_message {
	uint32_t type;    /* enum mux_type, or one that we do not know */
	uint32_t request; /* id of the request that it answers; of a hello: the version */
	uint32_t value;   /* MUX_ALIVE: its pid; MUX_SESSION_OPENED: the session; else 0 */
};

/* Append one message to bytes. */
void mux_put_hello(struct strbuf *bytes);
void mux_put_alive_check(struct strbuf *bytes, uint32_t request);

/*
 * The host is what the tunnel host shall dial, a name or a numeric address without brackets. Behind
 * this message the two descriptors must follow: without them the whole master stalls.
 */
void mux_put_stdio_forward(struct strbuf *bytes, uint32_t request, const char *host, uint16_t port);

/*
 * Reads the first message in size bytes. Returns 0, fills *ret_message and sets *ret_used to the
 * bytes that it took; -EAGAIN when it is not complete yet; -EPROTO when it is not the protocol.
 */
int mux_take(const void *bytes, size_t size, struct mux_message *ret_message, size_t *ret_used);

#endif
