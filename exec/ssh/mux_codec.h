/*
 * Mux codec: encodes and decodes OpenSSH's multiplexing protocol, version 4 (PROTOCOL.mux in its
 * sources), as far as tunplan uses it.
 *
 *     u32 length | u32 type | u32 request id | body          (a hello has no request id)
 *
 * Pure. Integers are big-endian; a u32 length precedes each string.
 */
#ifndef TUNPLAN_EXEC_SSH_MUX_CODEC_H
#define TUNPLAN_EXEC_SSH_MUX_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "exec/ssh/ssh_argv.h"
#include "topology/base/strbuf.h"

#define MUX_VERSION 4

/* Longest message that we accept; the master's are below 300 bytes. */
#define MUX_MESSAGE_MAX 65536

enum mux_type {
	MUX_HELLO = 0x00000001,
	MUX_NEW_SESSION = 0x10000002,
	MUX_ALIVE_CHECK = 0x10000004,
	MUX_TERMINATE = 0x10000005,
	MUX_OPEN_FORWARD = 0x10000006,
	MUX_CLOSE_FORWARD = 0x10000007,
	MUX_NEW_STDIO_FORWARD = 0x10000008,
	MUX_STOP_LISTENING = 0x10000009,
	MUX_OK = 0x80000001,
	MUX_PERMISSION_DENIED = 0x80000002,
	MUX_FAILURE = 0x80000003,
	MUX_EXIT_MESSAGE = 0x80000004,
	MUX_ALIVE = 0x80000005,
	MUX_SESSION_OPENED = 0x80000006,
	MUX_REMOTE_PORT = 0x80000007,
	MUX_TTY_ALLOC_FAIL = 0x80000008,
};

/* What the master said. */
struct mux_message {
	uint32_t type; /* enum mux_type, or one that we do not know */
	/*
	 * Id of the request that it answers. Of an exit message and a failed tty, the session that
	 * MUX_SESSION_OPENED named; of a hello, the version.
	 */
	uint32_t request;
	uint32_t value;    /* pid, session, port or exit status; else 0 */
	const char *words; /* why it was refused, in the bytes that were read; without NUL */
	size_t words_length;
};

/* Append one message to bytes. */
void mux_put_hello(struct strbuf *bytes);

/* The same for a request that is nothing but its type: alive check, terminate, stop listening. */
void mux_put_plain(struct strbuf *bytes, enum mux_type type, uint32_t request);

/*
 * MUX_OPEN_FORWARD or MUX_CLOSE_FORWARD of a listener. A master finds the listener that it is to close by
 * all of these bytes, so a port that was asked for as 0 is closed as 0.
 */
void mux_put_forward(struct strbuf *bytes, enum mux_type type, uint32_t request,
		     const struct mux_forward *forward);

/*
 * The host is what the tunnel host shall dial, a name or a numeric address without brackets. Behind
 * this message the two descriptors must follow: without them the whole master stalls.
 */
void mux_put_stdio_forward(struct strbuf *bytes, uint32_t request, const char *host, uint16_t port);

/* Runs a command by the user's shell on the tunnel host, without a tty; three descriptors follow. */
void mux_put_session(struct strbuf *bytes, uint32_t request, const char *command);

/*
 * Reads the first message in size bytes. Returns 0, fills *ret_message and sets *ret_used to the
 * bytes that it took; -EAGAIN when it is not complete yet; -EPROTO when it is not the protocol;
 * -EPROTONOSUPPORT when it is a hello of another version, with *ret_message.
 */
int mux_take(const void *bytes, size_t size, struct mux_message *ret_message, size_t *ret_used);

#endif
