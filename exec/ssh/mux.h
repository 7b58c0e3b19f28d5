/*
 * Mux: requests to a master on its control socket, from the supervisor's event loop.
 *
 * Each call has a connection and a deadline of its own: a master does not read from a connection
 * that waits for a dial's far end, so two calls must never share one. A call ends with exactly one
 * mux_done, or with mux_cancel().
 */
#ifndef TUNPLAN_EXEC_SSH_MUX_H
#define TUNPLAN_EXEC_SSH_MUX_H

#include <stdint.h>

struct uv_loop_s;
struct mux_call;

/*
 * How a call ended: 0; -ECONNREFUSED: the tunnel host could not connect (its master's stderr says
 * why); -ETIMEDOUT: the deadline passed; -EAGAIN: until then the master was too busy to be asked at
 * all, which says nothing about the far end; -EPIPE: the master closed; -EPROTO: not the protocol;
 * or what connecting to the socket gave. value is the pid of an alive call, else 0. The call is freed
 * after this.
 */
typedef void (*mux_done)(void *data, int status, uint32_t value);

/* Asks whether the master is alive, and for its pid. The caller may keep *ret_call to cancel it. */
struct mux_call *mux_alive(struct uv_loop_s *loop, const char *path, uint64_t deadline_ms,
			   mux_done done, void *data);

/*
 * Lets the tunnel host connect to host:port, and closes that connection at once when it stands: a
 * probe. Nothing is sent through it but the end of its input.
 */
struct mux_call *mux_dial(struct uv_loop_s *loop, const char *path, const char *host, uint16_t port,
			  uint64_t deadline_ms, mux_done done, void *data);

/* Ends a call without its mux_done. Accepts NULL. */
void mux_cancel(struct mux_call *call);

#endif
