/* Dials: the connections that the product makes from this machine, and names that it looks up: dial.h, lookup.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/dial.h"
#include "exec/ssh/lookup.h"
#include "tests/sim/errand.h"
#include "tests/sim/loop.h"
#include "tests/sim/queue.h"
#include "tests/sim/uv.h"
#include "topology/base/memory.h"

struct dial {
	char *place;
	char *target; /* of a service on this machine, or NULL */
	struct tried *tried;
	struct due *due;
	struct due *deadline;
	dial_done done;
	void *data;
};

void dial_cancel(struct dial *dial)
{
	if (!dial)
		return;
	queue_drop(dial->due);
	queue_drop(dial->deadline);
	free(dial->place);
	free(dial->target);
	free(dial);
	uv_release();
}

static void end(struct dial *dial, int status)
{
	const dial_done done = dial->done;
	void *data = dial->data;

	world_tried(dial->tried, status == 0);
	dial_cancel(dial);
	done(data, status);
}

static void late(void *data)
{
	struct dial *dial = data;

	dial->deadline = NULL;
	end(dial, -ETIMEDOUT);
}

static void connect_now(void *data)
{
	struct dial *dial = data;
	const struct listener *listener = world_listener(dial->place);
	const enum serving service = world_service(dial->target);

	dial->due = NULL;
	if (listener)
		errand_visit(listener, 0);
	if (listener || service == SERVICE_ANSWERS)
		end(dial, 0);
	else if (service != SERVICE_MUTE)
		end(dial, -ECONNREFUSED);
}

/* Takes both texts. */
static struct dial *start(char *place, char *target, uint64_t deadline_ms, dial_done done,
			  void *data)
{
	struct dial *dial = memory_alloc(sizeof(*dial));

	seam();
	uv_hold();
	dial->place = place;
	dial->target = target;
	dial->done = done;
	dial->data = data;
	dial->tried = world_try(0, target);
	dial->due = queue_add(QUEUE_SUPERVISOR, fate(2, 'd', 1, queue_serial()), connect_now, dial);
	dial->deadline = queue_add(QUEUE_SUPERVISOR, deadline_ms, late, dial);
	return dial;
}

struct dial *dial_tcp(struct uv_loop_s *loop, const char *host, uint16_t port, uint64_t deadline_ms,
		      dial_done done, void *data)
{
	(void)loop;
	return start(memory_format("%s:%u", host, port), world_target(NULL, host, port, NULL),
		     deadline_ms, done, data);
}

struct dial *dial_unix(struct uv_loop_s *loop, const char *path, dial_done done, void *data)
{
	(void)loop;
	return start(memory_string(path), world_target(NULL, NULL, 0, path), 60000, done, data);
}

/* --- lookup.h -------------------------------------------------------------------------------- */

struct lookup {
	struct due *due;
	lookup_done done;
	void *data;
};

void lookup_cancel(struct lookup *lookup)
{
	if (!lookup)
		return;
	queue_drop(lookup->due);
	uv_release();
	free(lookup);
}

static void found(void *data)
{
	struct lookup *lookup = data;
	const lookup_done done = lookup->done;
	void *whose = lookup->data;

	lookup->due = NULL;
	lookup_cancel(lookup);
	done(whose, "127.0.0.1");
}

struct lookup *lookup_start(struct uv_loop_s *loop, const char *name, lookup_done done, void *data)
{
	struct lookup *lookup = memory_alloc(sizeof(*lookup));

	(void)loop;
	(void)name;
	seam();
	uv_hold();
	*lookup = (struct lookup){queue_add(QUEUE_SUPERVISOR, 1, found, lookup), done, data};
	return lookup;
}
