#include "exec/system/changes.h"

#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "exec/system/clock.h"
#include "exec/system/delay.h"
#include "exec/system/kernel.h"
#include "exec/system/slept.h"
#include "topology/base/memory.h"

/* For what changes together, and between two times that it is told. */
#define TOGETHER_MS 100
#define APART_MS    500
/* How soon after waking that is noticed, at most; nobody is woken by it while the machine sleeps. */
#define WAKE_MS 30000

/* A descriptor of the kernel's that the loop watches; -1: there is none. */
struct watched {
	int fd;
	uv_poll_t handle;
	struct changes *changes;
};

struct changes {
	const struct changes_events *events;
	void *data;
	struct watched network;
	struct watched timer;
	struct delay *telling;
	uint64_t told_ms; /* monotonic: of the network, last */
	struct slept_moment seen;
	unsigned closing; /* handles that are not closed yet */
};

static struct slept_moment look_at_clocks(void)
{
	struct slept_moment now = {.awake_ms = clock_ms()};

	kernel_slept_ms(&now.slept_ms);
	return now;
}

static void tell(void *data)
{
	struct changes *changes = data;

	changes->told_ms = clock_ms();
	changes->events->network(changes->data);
}

static void network_changed(uv_poll_t *handle, int status, int events)
{
	const struct watched *watched = handle->data;
	struct changes *changes = watched->changes;
	const uint64_t next_ms = changes->told_ms + APART_MS, soon_ms = clock_ms() + TOGETHER_MS;

	(void)events;
	if (!kernel_network_heard(watched->fd))
		return;
	/* libuv takes more news than the kernel could hold for the end of all. */
	if (status < 0)
		uv_poll_start(handle, UV_READABLE, network_changed);
	if (!delay_runs(changes->telling))
		delay_start(changes->telling, (next_ms > soon_ms ? next_ms : soon_ms) - clock_ms());
}

static void time_passed(uv_poll_t *handle, int status, int events)
{
	const struct watched *watched = handle->data;
	struct changes *changes = watched->changes;
	const struct slept_moment before = changes->seen;

	(void)status;
	(void)events;
	kernel_timer_read(watched->fd);
	changes->seen = look_at_clocks();
	if (slept_between(&before, &changes->seen, WAKE_MS))
		changes->events->woke(changes->data);
}

static void watch(struct changes *changes, struct uv_loop_s *loop, int fd, uv_poll_cb happened,
		  struct watched *watched)
{
	*watched = (struct watched){.fd = fd, .changes = changes};
	watched->handle.data = watched;
	if (fd < 0)
		return;
	if (uv_poll_init(loop, &watched->handle, fd)) {
		close(fd);
		watched->fd = -1;
		return;
	}
	uv_poll_start(&watched->handle, UV_READABLE, happened);
}

struct changes *changes_create(struct uv_loop_s *loop, const struct changes_events *events,
			       void *data)
{
	struct changes *changes = memory_alloc(sizeof(*changes));

	changes->events = events;
	changes->data = data;
	changes->seen = look_at_clocks();
	changes->telling = delay_create(loop, tell, changes);
	watch(changes, loop, kernel_network_watch(), network_changed, &changes->network);
	watch(changes, loop, kernel_timer_open(WAKE_MS), time_passed, &changes->timer);
	return changes;
}

bool changes_are_due(const struct changes *changes)
{
	return changes && delay_runs(changes->telling);
}

static void free_if_closed(struct changes *changes)
{
	if (!changes->closing)
		free(changes);
}

static void closed(uv_handle_t *handle)
{
	const struct watched *watched = handle->data;

	close(watched->fd);
	watched->changes->closing--;
	free_if_closed(watched->changes);
}

static void unwatch(struct watched *watched)
{
	if (watched->fd < 0)
		return;
	watched->changes->closing++;
	uv_close((uv_handle_t *)&watched->handle, closed);
}

void changes_destroy(struct changes *changes)
{
	if (!changes)
		return;
	delay_destroy(changes->telling);
	unwatch(&changes->network);
	unwatch(&changes->timer);
	free_if_closed(changes);
}
