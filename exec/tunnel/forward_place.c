#include "exec/tunnel/forward_place.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/ssh/mux_socket.h"
#include "exec/tunnel/owner.h"

void forward_ingress_text(const struct live_forward *forward, struct strbuf *text)
{
	const struct mux_forward *mux = &forward->mux;

	if (mux->type == PLAN_REMOTE || forward_is_stitched(forward))
		strbuf_printf(text, "%s:", forward->names.ingress);
	if (mux->bind_path)
		strbuf_puts(text, mux->bind_path);
	else
		strbuf_printf(text, strchr(mux->bind, ':') ? "[%s]:%u" : "%s:%u", mux->bind,
			      mux->bind_port);
}

/* Names who listens at a path, as far as the kernel tells. */
static void name_listener(const char *path, struct strbuf *words)
{
	pid_t pid;

	if (unix_listener(path, &pid))
		strbuf_puts(words, "something");
	else
		owner_name_process(pid, words);
	strbuf_puts(words, " listens there");
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
	name_listener(path, words);
	return "port_taken";
}

void forward_note_file(struct live_forward *forward)
{
	struct stat info;

	if (lstat(forward->mux.bind_path, &info))
		return;
	forward->file_device = info.st_dev;
	forward->file_inode = info.st_ino;
}

bool forward_file_is_ours(const struct live_forward *forward)
{
	struct stat info;

	if (!forward->file_inode)
		return true;
	return lstat(forward->mux.bind_path, &info) == 0 && info.st_dev == forward->file_device &&
	       info.st_ino == forward->file_inode;
}

const char *forward_place_taken(const struct live_forward *forward,
				const struct live_forward *other, struct strbuf *words)
{
	if (other) {
		strbuf_printf(words, "tunnel '%s' of %s %s there", other->names.tunnel,
			      other->names.file,
			      forward_state_listens(other->state) ? "listens" : "is to listen");
		return "port_taken";
	}
	if (forward->mux.bind_path && forward->mux.type != PLAN_REMOTE)
		return path_taken(forward->mux.bind_path, words);
	return NULL;
}
