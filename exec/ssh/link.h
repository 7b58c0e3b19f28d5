/*
 * Link: the one connection to a master's control socket that is held as long as the master lives, and
 * every request to that master.
 *
 * The end of the held connection is the death of the master, whoever started its process. What ssh
 * answers at once (alive, local and dynamic listeners, stop, terminate) is asked on the held
 * connection. A dial and a remote listener get a connection of their own, because ssh reads nothing
 * more from a connection whose answer waits for the sshd. Requests are answered in any order, each
 * exactly once, or not at all after link_drop() or link_destroy(). Everything is told from the loop, never
 * from inside a call; any of it may destroy the link.
 *
 *     link_create -> opened -> closed        (each at most once)
 *
 * At its end a link first tells all requests that it is over, and then its owner. What is asked of it later is
 * told the same.
 */
#ifndef TUNPLAN_EXEC_SSH_LINK_H
#define TUNPLAN_EXEC_SSH_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec/ssh/ssh_argv.h"

struct link;
struct link_request;
struct uv_loop_s;

/* What became of a request. Only LINK_REFUSED says something about the far host. */
enum link_answer {
	LINK_OK,
	LINK_REFUSED,  /* the master said no: it, or the tunnel host, could not listen or connect */
	LINK_GONE,     /* there is no master, or it ended before it answered */
	LINK_LATE,     /* no answer within the deadline: nothing is known */
	LINK_NO_ROOM,  /* this machine had no descriptor or memory to ask with: nothing is known */
	LINK_PROTOCOL, /* what came is not the protocol, or another version of it */
};

struct link_result {
	enum link_answer answer;
	const char *
		words; /* the master's own, or the system's on a connection, or ""; until link_done returns */
	uint16_t port; /* of a remote listener that asked for port 0: the one that the sshd chose */
	bool heard;    /* of link_dial_and_hear(): something came over the connection */
};

/* The request is freed after this. */
typedef void (*link_done)(void *data, const struct link_result *result);

struct link_events {
	void (*opened)(void *data, pid_t master);
	/* LINK_GONE, or LINK_PROTOCOL and what is wrong with the protocol, in words that live until this returns. */
	void (*closed)(void *data, enum link_answer why, const char *words);
};

/*
 * Connects to a control socket. A master that is too busy to accept is tried again until
 * link_destroy(). pid: who is at the other end, by the kernel where it tells, else as the master says.
 */
struct link *link_create(struct uv_loop_s *loop, const char *path, const struct link_events *events,
			 void *data);

/*
 * Closes the held connection; outstanding requests end without their link_done, as if they were dropped: the
 * connection stays, unseen, until the master has said that they are taken back, or has ended. It does not
 * keep the loop running. Accepts NULL.
 */
void link_destroy(struct link *link);

/* Asks whether the master answers: not whether its far end does. */
struct link_request *link_ask(struct link *link, uint64_t deadline_ms, link_done done, void *data);

/*
 * Lets the tunnel host connect to host:port and closes that connection at once when it stands. Nothing is
 * sent through it but the end of its input.
 */
struct link_request *link_dial(struct link *link, const char *host, uint16_t port,
			       uint64_t deadline_ms, link_done done, void *data);

/*
 * The same, but the connection is held until something comes over it, it ends, or hear_ms have passed; nothing at
 * all is sent. Then it is closed, and LINK_OK told. link_stands(): whether it is held already; link_heard_enough():
 * it need not be held any longer.
 */
struct link_request *link_dial_and_hear(struct link *link, const char *host, uint16_t port,
					uint64_t deadline_ms, uint64_t hear_ms, link_done done,
					void *data);
bool link_stands(const struct link_request *request);
void link_heard_enough(struct link_request *request);

/*
 * Opens a listener, or closes one; connections through it stay. The forward's texts are copied. Of one
 * place (a remote address and port, or path) only one request is under way at a time, others wait.
 *
 * A listener that is opened after its deadline, or after link_drop(), is taken back by the link itself: for a
 * fixed port a request to close goes out at once, for port 0 when the answer comes. A listener of port 0 is
 * closed by the forward with which it was opened. LINK_OK of a remote one that is closed only means that the
 * request was sent: something that crosses the link afterwards proves it.
 */
struct link_request *link_listen(struct link *link, const struct mux_forward *forward,
				 uint64_t deadline_ms, link_done done, void *data);
struct link_request *link_unlisten(struct link *link, const struct mux_forward *forward,
				   uint64_t deadline_ms, link_done done, void *data);

/* Nobody waits for the answer any more; link_done is not called. Accepts NULL. */
void link_drop(struct link_request *request);

/* Whether the held connection has ended, which `closed` tells last of all. */
bool link_is_lost(const struct link *link);

/* Whether somebody waits for an answer. */
bool link_is_busy(const struct link *link);

/*
 * The deadlines of its requests are that much later: bytes that moved in this time stood before them. A
 * request for which at least `limit` bytes have moved since it was made is late all the same.
 */
void link_extend(struct link *link, uint64_t ms, uint64_t bytes, uint64_t limit);

/* The master listens no longer on its control socket; it ends after its last connection and this link. */
void link_stop_listening(struct link *link);

/* The master ends now. `closed` follows. */
void link_terminate(struct link *link);

#endif
