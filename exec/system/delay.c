#include "exec/system/delay.h"

#include <stdlib.h>
#include <uv.h>

#include "topology/base/memory.h"

struct delay {
	uv_timer_t handle;
	void (*due)(void *data);
	void *data;
};

struct delay *delay_create(struct uv_loop_s *loop, void (*due)(void *data), void *data)
{
	struct delay *delay = memory_alloc(sizeof(*delay));

	uv_timer_init(loop, &delay->handle);
	delay->handle.data = delay;
	delay->due = due;
	delay->data = data;
	return delay;
}

static void fired(uv_timer_t *handle)
{
	struct delay *delay = handle->data;

	delay->due(delay->data);
}

void delay_start(struct delay *delay, uint64_t after_ms)
{
	/* The loop's idea of now is as old as its last look at the clock. */
	uv_update_time(delay->handle.loop);
	uv_timer_start(&delay->handle, fired, after_ms, 0);
}

void delay_stop(struct delay *delay)
{
	uv_timer_stop(&delay->handle);
}

bool delay_runs(const struct delay *delay)
{
	return uv_is_active((const uv_handle_t *)&delay->handle);
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

void delay_destroy(struct delay *delay)
{
	if (delay)
		uv_close((uv_handle_t *)&delay->handle, closed);
}
