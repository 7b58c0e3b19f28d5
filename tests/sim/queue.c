#include "tests/sim/queue.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/trace.h"
#include "topology/base/memory.h"

/* As often does nothing follow from itself without time passing. */
#define SPIN 5000

struct due {
	struct due *next;
	uint64_t at_ms;
	uint64_t order; /* among those of the same time */
	enum queue_side side;
	void (*happen)(void *data);
	void *data;
};

static struct {
	struct due *first; /* in the order in which they happen */
	uint64_t now_ms;
	uint64_t seed;
	uint64_t added[QUEUE_SCHEDULE + 1]; /* by side */
	uint64_t serial;
	uint64_t steps;      /* that the supervisor took */
	unsigned in_this_ms; /* what happened at the present time */
} queue;

static uint64_t mix(uint64_t number)
{
	number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
	number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
	return number ^ (number >> 31);
}

unsigned fate(unsigned sides, uint64_t what, uint64_t who, uint64_t nth)
{
	uint64_t number = mix(queue.seed + 0x9e3779b97f4a7c15u);

	number = mix(number ^ what);
	number = mix(number ^ (who + 0x632be59bd9b4e019u));
	return (unsigned)(mix(number ^ (nth + 0x85157af5u)) >> 33) % sides;
}

void queue_init(uint64_t seed)
{
	while (queue.first)
		queue_drop(queue.first);
	queue.now_ms = queue.serial = queue.steps = queue.in_this_ms = 0;
	memset(queue.added, 0, sizeof(queue.added));
	queue.seed = seed;
}

uint64_t queue_now(void)
{
	return queue.now_ms;
}

uint64_t queue_supervisor_steps(void)
{
	return queue.steps;
}

uint64_t queue_serial(void)
{
	return ++queue.serial;
}

static bool is_before(const struct due *a, const struct due *b)
{
	return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->order < b->order);
}

struct due *queue_add(enum queue_side side, uint64_t after_ms, void (*happen)(void *data),
		      void *data)
{
	struct due *due = memory_alloc(sizeof(*due)), **at = &queue.first;

	due->at_ms = queue.now_ms + after_ms;
	due->order = mix(queue.seed ^ mix(queue.added[side]++ * (QUEUE_SCHEDULE + 1) + side));
	due->side = side;
	due->happen = happen;
	due->data = data;
	while (*at && !is_before(due, *at))
		at = &(*at)->next;
	due->next = *at;
	*at = due;
	return due;
}

static void unlink_due(const struct due *due)
{
	struct due **at = &queue.first;

	while (*at != due)
		at = &(*at)->next;
	*at = due->next;
}

void queue_drop(struct due *due)
{
	if (!due)
		return;
	unlink_due(due);
	free(due);
}

unsigned queue_drop_supervisor(void)
{
	unsigned dropped = 0;

	for (struct due **at = &queue.first; *at;) {
		struct due *due = *at;

		if (due->side != QUEUE_SUPERVISOR) {
			at = &due->next;
			continue;
		}
		*at = due->next;
		free(due);
		dropped++;
	}
	return dropped;
}

bool queue_step(uint64_t until_ms)
{
	struct due *due = queue.first, copy;

	if (!due || due->at_ms > until_ms)
		return false;
	queue.first = due->next;
	copy = *due;
	free(due);
	queue.steps += copy.side == QUEUE_SUPERVISOR;
	queue.in_this_ms = copy.at_ms == queue.now_ms ? queue.in_this_ms + 1 : 0;
	if (queue.in_this_ms > SPIN)
		rules_break("spin", "more than %d things happen in one millisecond", SPIN);
	queue.now_ms = copy.at_ms;
	copy.happen(copy.data);
	return true;
}
