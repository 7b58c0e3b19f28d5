#include "exec/tunnel/forward_check.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec/tunnel/forward_place.h"
#include "topology/base/memory.h"

/* For the answer of a listener that should not be there. */
#define LOOK_MS 3000

/* Names the listener among what is left. */
static void leave(struct live_forward *forward, const char *why)
{
	struct strbuf text = {0};

	forward_ingress_text(forward, &text);
	free(forward->left);
	forward->left = memory_format("%s: %s", strbuf_text(&text), why);
	strbuf_finish(&text);
}

/* ssh leaves the file of its socket: we remove what it made for us. */
static void remove_path(struct live_forward *forward)
{
	if (unlink(forward->mux.bind_path) && errno != ENOENT)
		leave(forward, "the socket cannot be removed");
}

static void looked(void *data, int status)
{
	struct live_forward *forward = data;

	forward->look = NULL;
	if (status == 0)
		leave(forward, "something still listens there");
	forward->checked(forward);
}

static void asked(void *data, int status, uint32_t value)
{
	struct live_forward *forward = data;

	(void)value;
	forward->check = NULL;
	if (status == 0)
		leave(forward, "it still listens");
	else if (status == -EAGAIN || status == -ETIMEDOUT)
		leave(forward, "its ssh does not say whether it still listens");
	else if (status != -ECONNREFUSED)
		leave(forward, "the link is gone, so whether it still listens cannot be seen");
	forward->checked(forward);
}

static void check_remote(struct live_forward *forward)
{
	struct live_hop *hop = forward->hop;

	if (hop->state != HOP_UP) {
		leave(forward, "the link is gone, so whether it still listens cannot be seen");
		forward->checked(forward);
	} else if (forward->mux.bind_path) {
		leave(forward, "sshd leaves the socket's file: remove it there");
		forward->checked(forward);
	} else {
		forward->check = mux_dial(hop->engine->loop, master_socket(hop->master),
					  probe_dialled(forward->mux.bind), forward->mux.bind_port,
					  LOOK_MS, asked, forward);
	}
}

void forward_check(struct live_forward *forward, void (*done)(struct live_forward *forward))
{
	if (forward->check || forward->look)
		return;
	forward->checked = done;
	if (!forward->bound) {
		done(forward);
	} else if (forward->mux.type == PLAN_REMOTE) {
		check_remote(forward);
	} else if (forward->mux.bind_path) {
		remove_path(forward);
		done(forward);
	} else {
		forward->look = dial_tcp(forward->engine->loop, probe_dialled(forward->mux.bind),
					 forward->mux.bind_port, LOOK_MS, looked, forward);
	}
}
