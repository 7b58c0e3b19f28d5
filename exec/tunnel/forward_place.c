#include "exec/tunnel/forward_place.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/ssh/mux_socket.h"
#include "exec/tunnel/tunnel.h"

bool forward_same_place(const struct live_forward *a, const struct live_forward *b)
{
	/* Remote listeners are on the host where the ssh session ends. */
	if ((a->mux.type == PLAN_REMOTE) != (b->mux.type == PLAN_REMOTE))
		return false;
	if (a->mux.type == PLAN_REMOTE && a->hop != b->hop)
		return false;
	if (a->mux.bind_path || b->mux.bind_path)
		return a->mux.bind_path && b->mux.bind_path &&
		       strcmp(a->mux.bind_path, b->mux.bind_path) == 0;
	return a->mux.bind_port == b->mux.bind_port && strcmp(a->mux.bind, b->mux.bind) == 0;
}

void forward_ingress_text(const struct live_forward *forward, struct strbuf *text)
{
	const struct mux_forward *mux = &forward->mux;

	if (mux->type == PLAN_REMOTE)
		strbuf_printf(text, "%s:", forward->names.ingress);
	if (mux->bind_path)
		strbuf_puts(text, mux->bind_path);
	else
		strbuf_printf(text, strchr(mux->bind, ':') ? "[%s]:%u" : "%s:%u", mux->bind,
			      mux->bind_port);
}

/* Only a socket on which nobody listens any more may be bound again. */
static const char *path_taken(const char *path, struct strbuf *words)
{
	struct stat info;

	if (lstat(path, &info))
		return NULL;
	if (!S_ISSOCK(info.st_mode)) {
		strbuf_puts(words, "there is a file of that name");
		return "not_a_socket";
	}
	if (unix_listens(path))
		return NULL;
	strbuf_puts(words, "something listens there");
	return "port_taken";
}

const char *forward_place_taken(const struct live_forward *forward, struct strbuf *words)
{
	const struct live_tunnel *holder = tunnel_that_listens(forward);

	if (holder) {
		strbuf_printf(words, "tunnel '%s' of %s listens there", holder->name, holder->file);
		return "port_taken";
	}
	if (forward->mux.bind_path && forward->mux.type != PLAN_REMOTE)
		return path_taken(forward->mux.bind_path, words);
	return NULL;
}
