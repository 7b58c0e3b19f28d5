/*
 * Mux wire: one connection to a master's control socket, in the event loop: bytes out, messages in.
 *
 * A master that is too busy to accept is tried again until mux_wire_close(). The hello is the wire's own, and
 * so is the check of the master's. Nothing is told from inside a call.
 */
#ifndef TUNPLAN_EXEC_SSH_MUX_WIRE_H
#define TUNPLAN_EXEC_SSH_MUX_WIRE_H

#include <stdbool.h>
#include <sys/types.h>

#include "exec/ssh/mux_codec.h"

struct mux_wire;
struct uv_loop_s;

/* All may close the wire. */
struct mux_wire_events {
	/* The message lives until this returns. */
	void (*message)(void *data, const struct mux_message *message);
	/*
	 * Nothing comes any more: -EPIPE when the master closed, -EPROTO, -EPROTONOSUPPORT (another version of
	 * the protocol), or what connecting gave. The wire is still to be closed.
	 */
	void (*ended)(void *data, int error);
	/* Of mux_wire_send_ends(), once: whether a byte came, or else the end. NULL where none is sent. */
	void (*heard)(void *data, bool something);
};

struct mux_wire *mux_wire_open(struct uv_loop_s *loop, const char *path,
			       const struct mux_wire_events *events, void *data);

/* Sends bytes, as soon as the master accepts and reads. */
void mux_wire_send(struct mux_wire *wire, const struct strbuf *bytes);

/* Sends so many descriptors of /dev/null behind these bytes, which must be the last. */
void mux_wire_send_nulls(struct mux_wire *wire, const struct strbuf *bytes, unsigned nulls);

/*
 * The same with the ends, two or three, of what the master is to make: nothing is sent through it, nor its end, and what
 * comes through it is told. It lives as long as the wire.
 */
void mux_wire_send_ends(struct mux_wire *wire, const struct strbuf *bytes, unsigned ends);

/* Whether the master may have seen something of what was sent. */
bool mux_wire_has_sent(const struct mux_wire *wire);

/* The version of the protocol that the master's hello named, if that is another than ours; else 0. */
unsigned mux_wire_other_version(const struct mux_wire *wire);

/* Who is at the other end, by the kernel; 0 where it does not say. */
pid_t mux_wire_peer(const struct mux_wire *wire);

/* The wire does not keep the loop running any more. Accepts NULL. */
void mux_wire_unref(struct mux_wire *wire);

/* Neither event follows. Accepts NULL. */
void mux_wire_close(struct mux_wire *wire);

#endif
