#include "exec/tunnel/survivor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/ssh/mux_socket.h"
#include "exec/system/clock.h"
#include "topology/base/hash.h"
#include "topology/base/memory.h"

/* How often those that nobody takes over are looked for. */
#define LOOK_MS 5000

static const struct survivor *find(const struct engine *engine, const char *socket)
{
	for (size_t i = 0; i < engine->survivors.count; i++) {
		const struct survivor *survivor = engine->survivors.items[i];

		if (strcmp(survivor->socket, socket) == 0)
			return survivor;
	}
	return NULL;
}

bool survivor_has(const struct engine *engine, const char *socket)
{
	return find(engine, socket) != NULL;
}

void survivor_add(struct engine *engine, const struct survivor *survivor)
{
	struct survivor *copy;

	if (survivor_has(engine, survivor->socket))
		return;
	copy = memory_alloc(sizeof(*copy));
	*copy = *survivor;
	copy->engine = engine;
	copy->identity = memory_string(survivor->identity);
	copy->host = memory_string(survivor->host);
	copy->socket = memory_string(survivor->socket);
	copy->log = memory_string(survivor->log);
	copy->through = memory_string(survivor->through);
	list_add(&engine->survivors, copy);
}

struct master_left survivor_left(const struct survivor *survivor)
{
	const char *name = strrchr(survivor->socket, '/');

	return (struct master_left){
		.socket = survivor->socket,
		.log = survivor->log,
		.session = name && strncmp(name, "/s-", 3) == 0,
		.was_up = survivor->was_up,
		.drains = survivor->drains,
		.pid = survivor->pid,
		.start = survivor->start,
	};
}

bool survivor_lives(const struct survivor *survivor)
{
	const struct master_left left = survivor_left(survivor);
	struct master_found found;

	if (master_left_find(&left, &found))
		return false;
	master_found_release(&found);
	return true;
}

struct survivor *survivor_of(const struct live_hop *hop)
{
	const struct list *all = &hop->engine->survivors;

	for (size_t i = 0; i < all->count; i++) {
		struct survivor *survivor = all->items[i];

		if (!survivor->master && !survivor->ended && !survivor->refused &&
		    strcmp(survivor->identity, hop->identity) == 0)
			return survivor;
	}
	return NULL;
}

bool survivor_lives_of(const struct engine *engine, const char *identity)
{
	for (size_t i = 0; i < engine->survivors.count; i++) {
		const struct survivor *survivor = engine->survivors.items[i];

		if (strcmp(survivor->identity, identity) == 0 && survivor_lives(survivor))
			return true;
	}
	return false;
}

bool survivor_goes_through(const struct engine *engine, const char *socket)
{
	for (size_t i = 0; i < engine->survivors.count; i++) {
		const struct survivor *survivor = engine->survivors.items[i];

		if (strcmp(survivor->through, socket) == 0)
			return true;
	}
	return false;
}

/* The socket goes unless somebody listens there, who is another. */
static void remove_files(const struct survivor *survivor)
{
	if (unix_listens(survivor->socket))
		unlink(survivor->socket);
	unlink(survivor->log);
}

void survivor_remove(struct survivor *survivor, bool remove)
{
	if (remove)
		remove_files(survivor);
	list_remove(&survivor->engine->survivors, survivor);
	engine_schedule(survivor->engine);
	free(survivor->identity);
	free(survivor->host);
	free(survivor->socket);
	free(survivor->log);
	free(survivor->through);
	free(survivor);
}

/* --- ending what nobody wants ---------------------------------------------------------------- */

static void nothing(void *data)
{
	(void)data;
}

static void ended(void *data)
{
	struct survivor *survivor = data;

	survivor->ended = true;
	engine_schedule(survivor->engine);
}

static const struct master_events events = {nothing, nothing, nothing, ended};

static void end(struct survivor *survivor)
{
	const struct master_left left = survivor_left(survivor);
	const struct master_spec spec = {.socket = survivor->socket,
					 .log = survivor->log,
					 .events = &events,
					 .data = survivor};
	enum master_use use;

	if (master_adopt(survivor->engine->loop, &spec, &left, &survivor->master, &use)) {
		survivor_remove(survivor, true);
		return;
	}
	engine_log(survivor->engine, "left by another supervisor: ssh %d of %s: nobody wants it",
		   (int)master_pid(survivor->master), survivor->host);
	if (use == MASTER_IS_DEAF)
		master_end_deaf(survivor->master);
	else
		master_stop(survivor->master);
}

static bool has_hop(const struct survivor *survivor)
{
	const struct list *hops = &survivor->engine->hops;

	for (size_t i = 0; i < hops->count; i++) {
		const struct live_hop *hop = hops->items[i];

		if (hop->needs && strcmp(hop->identity, survivor->identity) == 0)
			return true;
	}
	return false;
}

bool survivor_is_kept(const struct engine *engine, const char *socket)
{
	const struct survivor *survivor = find(engine, socket);

	/* Somebody may have come for it since that was noted. */
	return survivor && survivor->kept && !has_hop(survivor);
}

/* Whether the ssh that carries it is no more, or is to end: then it cannot go on, either. */
static bool has_lost_its_carrier(const struct survivor *survivor)
{
	const struct survivor *carrier = find(survivor->engine, survivor->through);
	const struct list *hops = &survivor->engine->hops;

	if (carrier || !*survivor->through)
		return carrier && carrier->refused;
	for (size_t i = 0; i < hops->count; i++) {
		const struct live_hop *hop = hops->items[i];

		for (size_t j = 0; j < hop->incarnations.count; j++) {
			const struct incarnation *incarnation = hop->incarnations.items[j];

			if (!incarnation->ended &&
			    strcmp(incarnation->socket, survivor->through) == 0)
				return false;
		}
	}
	return true;
}

static uint64_t hash_of(const struct survivor *survivor)
{
	return text_fnv1a(survivor->identity, strlen(survivor->identity));
}

/* Nobody is told when one ends that is only kept, or waits for its hop: those that have are removed. */
static void look(struct engine *engine)
{
	if (clock_ms() - engine->survivors_ms < LOOK_MS)
		return;
	engine->survivors_ms = clock_ms();
	for (size_t i = engine->survivors.count; i-- > 0;) {
		struct survivor *survivor = engine->survivors.items[i];

		if (!survivor->master && !survivor->ended && !survivor_lives(survivor))
			survivor_remove(survivor, true);
	}
}

/* Those that wait for what it listens at go on without that while it is kept. */
static void keep(struct survivor *survivor, bool kept)
{
	kept = kept && !survivor->refused && !has_hop(survivor);
	if (survivor->kept != kept)
		engine_schedule(survivor->engine);
	survivor->kept = kept;
}

void survivor_step(struct engine *engine, bool (*kept)(uint64_t hash, void *data), void *data)
{
	look(engine);
	for (size_t i = engine->survivors.count; i-- > 0;) {
		struct survivor *survivor = engine->survivors.items[i];

		survivor->refused |= has_lost_its_carrier(survivor);
		keep(survivor, kept(hash_of(survivor), data));
		if (survivor->ended) {
			master_destroy(survivor->master);
			survivor_remove(survivor, true);
		} else if (!survivor->master && (survivor->refused || !has_hop(survivor)) &&
			   !survivor_goes_through(engine, survivor->socket) && !survivor->kept) {
			end(survivor);
		}
	}
}
