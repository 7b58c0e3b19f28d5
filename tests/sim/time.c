/* Time: clock.h and delay.h of the product, by the virtual time and the seed's chance. */
#include <assert.h>
#include <stdlib.h>

#include "exec/system/clock.h"
#include "exec/system/delay.h"
#include "exec/tunnel/engine.h"
#include "tests/sim/loop.h"
#include "tests/sim/queue.h"
#include "tests/sim/uv.h"
#include "topology/base/memory.h"

/* Some day in 2026. */
#define EPOCH_S 1790000000

struct delay {
	struct due *pending; /* while it runs */
	void (*due)(void *data);
	void *data;
};

uint64_t clock_ms(void)
{
	/* The product takes 0 for "never". */
	return queue_now() + 1000;
}

time_t clock_wall(void)
{
	return (time_t)(EPOCH_S + queue_now() / 1000);
}

int64_t clock_wall_ms(void)
{
	return (int64_t)EPOCH_S * 1000 + (int64_t)queue_now();
}

uint32_t clock_random(void)
{
	return fate(UINT32_MAX, 'r', 0, queue_serial());
}

struct delay *delay_create(struct uv_loop_s *loop, void (*due)(void *data), void *data)
{
	struct delay *delay = memory_alloc(sizeof(*delay));

	(void)loop;
	delay->due = due;
	delay->data = data;
	return delay;
}

static void fired(void *data)
{
	struct delay *delay = data;
	const bool is_step = delay->due == engine_due;
	void *engine = delay->data;

	delay->pending = NULL;
	uv_release();
	delay->due(delay->data);
	if (is_step)
		loop_stepped(engine);
}

void delay_start(struct delay *delay, uint64_t after_ms)
{
	seam();
	delay_stop(delay);
	uv_hold();
	delay->pending = queue_add(QUEUE_SUPERVISOR, after_ms, fired, delay);
}

void delay_stop(struct delay *delay)
{
	if (delay->pending)
		uv_release();
	queue_drop(delay->pending);
	delay->pending = NULL;
}

bool delay_runs(const struct delay *delay)
{
	return delay->pending != NULL;
}

void delay_destroy(struct delay *delay)
{
	if (!delay)
		return;
	delay_stop(delay);
	free(delay);
}
