#include "exec/ssh/log_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

#include "exec/system/list.h"
#include "exec/system/logfile.h"
#include "topology/base/memory.h"

struct log_reader {
	uv_fs_event_t event; /* of the file, while somebody waits */
	uv_loop_t *loop;
	char *path;
	off_t at; /* how far it was read */
	struct ssh_log *log;
	struct list waits; /* struct log_wait */
	bool watched;
};

struct log_wait {
	struct log_reader *reader;
	uv_timer_t timer; /* at once for the first look, then the deadline */
	uint64_t deadline_ms;
	bool looked;
	log_wait_check check;
	log_wait_done done;
	void *data;
};

/* --- reading --------------------------------------------------------------------------------- */

struct ssh_log *log_reader_read(struct log_reader *reader)
{
	struct strbuf text = {0};

	do {
		strbuf_clear(&text);
		reader->at = logfile_next(reader->path, reader->at, &text);
		ssh_log_add(reader->log, strbuf_text(&text), text.length);
	} while (text.length);
	strbuf_finish(&text);
	return reader->log;
}

const struct ssh_log *log_reader_known(const struct log_reader *reader)
{
	return reader->log;
}

struct log_reader *log_reader_create(uv_loop_t *loop, const char *path)
{
	struct log_reader *reader = memory_alloc(sizeof(*reader));

	reader->loop = loop;
	reader->path = memory_string(path);
	reader->log = ssh_log_create();
	uv_fs_event_init(loop, &reader->event);
	reader->event.data = reader;
	return reader;
}

static void reader_closed(uv_handle_t *handle)
{
	struct log_reader *reader = handle->data;

	ssh_log_destroy(reader->log);
	list_finish(&reader->waits);
	free(reader->path);
	free(reader);
}

/* --- waiting --------------------------------------------------------------------------------- */

static void wait_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void end(struct log_wait *wait, int status)
{
	struct log_reader *reader = wait->reader;
	log_wait_done done = wait->done;
	void *data = wait->data;

	if (reader)
		list_remove(&reader->waits, wait);
	if (reader && !reader->waits.count && reader->watched) {
		uv_fs_event_stop(&reader->event);
		reader->watched = false;
	}
	uv_close((uv_handle_t *)&wait->timer, wait_closed);
	if (done)
		done(data, status);
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
	const bool said = wait->reader && wait->check(wait->data, log_reader_read(wait->reader));

	if (said)
		end(wait, 0);
	return said;
}

static void timer_fired(uv_timer_t *timer)
{
	struct log_wait *wait = timer->data;

	if (look(wait))
		return;
	if (wait->looked || !wait->reader) {
		end(wait, wait->reader ? -ETIMEDOUT : -ENOENT);
		return;
	}
	wait->looked = true;
	if (wait->deadline_ms)
		uv_timer_start(timer, timer_fired, wait->deadline_ms, 0);
}

/* Each looks from a timer of its own: who is told may end others, and the reader. */
static void grown(uv_fs_event_t *event, const char *name, int events, int status)
{
	struct log_reader *reader = event->data;
	const struct ssh_log *log = log_reader_read(reader);

	(void)name;
	(void)events;
	(void)status;
	for (size_t i = 0; i < reader->waits.count; i++) {
		struct log_wait *wait = reader->waits.items[i];

		if (wait->check(wait->data, log))
			uv_timer_start(&wait->timer, timer_fired, 0, 0);
	}
}

struct log_wait *log_wait_start(struct log_reader *reader, log_wait_check check, log_wait_done done,
				void *data, uint64_t deadline_ms)
{
	struct log_wait *wait = memory_alloc(sizeof(*wait));

	wait->reader = reader;
	wait->check = check;
	wait->done = done;
	wait->data = data;
	wait->deadline_ms = deadline_ms;
	uv_timer_init(reader->loop, &wait->timer);
	wait->timer.data = wait;
	list_add(&reader->waits, wait);
	/* Where the file cannot be watched, the look at the deadline is all there is. */
	if (!reader->watched)
		reader->watched = uv_fs_event_start(&reader->event, grown, reader->path, 0) == 0;
	uv_timer_start(&wait->timer, timer_fired, 0, 0);
	return wait;
}

void log_reader_destroy(struct log_reader *reader)
{
	for (size_t i = 0; i < reader->waits.count; i++) {
		struct log_wait *wait = reader->waits.items[i];

		wait->reader = NULL;
		uv_timer_start(&wait->timer, timer_fired, 0, 0);
	}
	uv_close((uv_handle_t *)&reader->event, reader_closed);
}
