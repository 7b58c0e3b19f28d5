/*
 * Dial: tests whether something listens at an address, by connecting from this machine and closing
 * at once. A name is resolved, and its addresses are tried in turn, as ssh does.
 */
#ifndef TUNPLAN_EXEC_SSH_DIAL_H
#define TUNPLAN_EXEC_SSH_DIAL_H

#include <stdint.h>

struct uv_loop_s;
struct dial;

/* 0: something accepted; -ETIMEDOUT; or why not (-errno, libuv's codes). The dial is freed then. */
typedef void (*dial_done)(void *data, int status);

/* Dials a TCP port at a name or a numeric address. `done` follows, from the loop. */
struct dial *dial_tcp(struct uv_loop_s *loop, const char *host, uint16_t port, uint64_t deadline_ms,
		      dial_done done, void *data);

/* Dials a unix socket, which answers at once. `done` follows, from the loop. */
struct dial *dial_unix(struct uv_loop_s *loop, const char *path, dial_done done, void *data);

/* Ends a dial without its `done`. Accepts NULL. */
void dial_cancel(struct dial *dial);

#endif
