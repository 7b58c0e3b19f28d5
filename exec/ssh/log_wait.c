#include "exec/ssh/log_wait.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

#include "exec/system/logfile.h"
#include "topology/base/memory.h"

struct log_wait {
	uv_fs_event_t event;
	uv_timer_t timer; /* at once for the first look, then the deadline */
	unsigned open_handles;
	uint64_t deadline_ms;
	bool looked;
	char *path;
	off_t from;
	log_wait_check check;
	log_wait_done done;
	void *data;
};

static void closed(uv_handle_t *handle)
{
	struct log_wait *wait = handle->data;

	if (--wait->open_handles)
		return;
	free(wait->path);
	free(wait);
}

static void end(struct log_wait *wait, int status)
{
	log_wait_done done = wait->done;

	wait->done = NULL;
	wait->open_handles = 2;
	uv_close((uv_handle_t *)&wait->event, closed);
	uv_close((uv_handle_t *)&wait->timer, closed);
	if (done)
		done(wait->data, status);
}

void log_wait_cancel(struct log_wait *wait)
{
	if (!wait)
		return;
	wait->done = NULL;
	end(wait, -ECANCELED);
}

static bool look(struct log_wait *wait)
{
	struct strbuf text = {0};
	bool said;

	logfile_read(wait->path, wait->from, &text);
	said = wait->check(wait->data, strbuf_text(&text));
	strbuf_finish(&text);
	if (said)
		end(wait, 0);
	return said;
}

static void grown(uv_fs_event_t *event, const char *name, int events, int status)
{
	(void)name;
	(void)events;
	(void)status;
	look(event->data);
}

static void timer_fired(uv_timer_t *timer)
{
	struct log_wait *wait = timer->data;

	if (look(wait))
		return;
	if (wait->looked) {
		end(wait, -ETIMEDOUT);
		return;
	}
	wait->looked = true;
	uv_timer_start(timer, timer_fired, wait->deadline_ms, 0);
}

struct log_wait *log_wait_start(uv_loop_t *loop, const char *path, off_t from, log_wait_check check,
				log_wait_done done, void *data, uint64_t deadline_ms)
{
	struct log_wait *wait = memory_alloc(sizeof(*wait));

	wait->path = memory_string(path);
	wait->from = from;
	wait->check = check;
	wait->done = done;
	wait->data = data;
	wait->deadline_ms = deadline_ms;
	uv_fs_event_init(loop, &wait->event);
	uv_timer_init(loop, &wait->timer);
	wait->event.data = wait->timer.data = wait;
	/* Where the file cannot be watched, the look at the deadline is all there is. */
	uv_fs_event_start(&wait->event, grown, wait->path, 0);
	uv_timer_start(&wait->timer, timer_fired, 0, 0);
	return wait;
}
