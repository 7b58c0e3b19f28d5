#include "exec/supervisor/post.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/ssh/mux_socket.h"
#include "exec/supervisor/record.h"
#include "exec/system/lock.h"
#include "topology/base/memory.h"

int post_take(struct post *post, const struct runtime *runtime, char **ret_why)
{
	char *path = runtime_state_path(runtime, "supervisor.lock");
	pid_t holder;

	post->lock = lock_take(path, &holder);
	if (post->lock == -EWOULDBLOCK)
		*ret_why = memory_format("another supervisor runs (pid %d)", (int)holder);
	else if (post->lock < 0)
		*ret_why = memory_format("cannot lock %s: %s", path, strerror(-post->lock));
	free(path);
	return post->lock < 0 ? post->lock : 0;
}

/* Nobody is behind it any more. */
static void clear(const struct runtime *runtime)
{
	char *path = runtime_path(runtime, "control");

	if (unix_listens(path) == -ECONNREFUSED)
		unlink(path);
	free(path);
}

int post_clear(const struct post *post, const struct runtime *runtime, struct runtime *ret_former,
	       char **ret_why)
{
	struct runtime former = {.dir = lock_noted_dir(post->lock)};

	if (former.dir && strcmp(former.dir, runtime->dir) == 0)
		runtime_finish(&former);
	*ret_why = record_refused(runtime);
	if (!*ret_why && former.dir)
		*ret_why = record_refused(&former);
	if (*ret_why) {
		runtime_finish(&former);
		return -EPROTONOSUPPORT;
	}
	clear(runtime);
	if (former.dir)
		clear(&former);
	*ret_former = former;
	return 0;
}

int post_listen(struct post *post, const struct runtime *runtime, char **ret_why)
{
	char *path = runtime_path(runtime, "control");
	int error;

	/* One with another state directory: it has a lock of its own. */
	if (unix_listens(path) == 0) {
		error = -EADDRINUSE;
		*ret_why = memory_format("another supervisor listens on %s", path);
	} else {
		/* Whatever it is, nobody is behind it. */
		unlink(path);
		error = control_listen(post->control, path);
		if (error)
			*ret_why = memory_format("cannot listen on %s: %s", path, strerror(-error));
	}
	free(path);
	/* Without the note, only clients with our environment find us: the disk may be full. */
	if (!error)
		lock_note(post->lock, runtime->dir);
	return error;
}

bool post_find_again(struct post *post, struct runtime *runtime, char **ret_why)
{
	struct runtime now = {0};

	*ret_why = NULL;
	if (!post->control || control_is_there(post->control))
		return false;
	if (runtime_open(RUNTIME_MAKE, &now, ret_why))
		return false;
	/* Nobody looks there any more. */
	if (strcmp(now.dir, runtime->dir) != 0)
		record_remove(runtime);
	runtime_finish(runtime);
	*runtime = now;
	return !post_listen(post, runtime, ret_why);
}

bool post_can_leave(struct post *post, const struct runtime *runtime, bool idle_only)
{
	char *path = runtime_state_path(runtime, "start.lock");
	pid_t holder;

	post->start_lock = lock_take(path, &holder);
	free(path);
	/* Where it cannot be made, no client has it either; without a descriptor that is not known. */
	if (post->start_lock == -EWOULDBLOCK || post->start_lock == -EMFILE ||
	    post->start_lock == -ENFILE)
		return false;
	return idle_only ? control_is_idle(post->control) : control_is_quiet(post->control);
}

void post_stay(struct post *post)
{
	if (post->start_lock >= 0)
		close(post->start_lock);
	post->start_lock = -1;
}

void post_close(struct post *post)
{
	if (post->control)
		control_send(post->control, json_pack("{s:s, s:s, s:s}", "event", "refused", "code",
						      "leaving", "text", "the supervisor leaves"));
	control_destroy(post->control);
	post->control = NULL;
}

void post_leave(struct post *post)
{
	/* In this order: whoever gets start.lock must be able to get the other one. */
	if (post->lock >= 0)
		close(post->lock);
	post->lock = -1;
	post_stay(post);
}
