#include "exec/tunnel/vigil.h"

#include "exec/system/slept.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/hop_life.h"
#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/hop_retry.h"
#include "exec/tunnel/notice.h"
#include "exec/tunnel/pulse.h"
#include "exec/tunnel/tunnel.h"

/* Between two looks, while somebody waits for an answer, and else. */
#define SOON_MS  1000
#define LATER_MS 20000
/* Less than this in a second are keepalives and keystrokes. */
#define MOVES_BYTES 1024
/* What may stand before a request in the queues of a chain, for each hop of it. */
#define QUEUE_BYTES (UINT64_C(4) << 20)
/*
 * An ssh that heard nothing for so long, while another has taken over, is not waited for: if nothing runs through it, and
 * anyway.
 */
#define DEAF_MS      3000
#define DEAF_TOP_MS  600000
#define DEAF_LOOK_MS 1000

/* Returns the first hop of the chain that a hop ends. */
static struct live_hop *root_of(struct live_hop *hop)
{
	while (hop->parent)
		hop = hop->parent;
	return hop;
}

static unsigned depth_of(const struct live_hop *hop)
{
	unsigned depth = 1;

	while ((hop = hop->parent))
		depth++;
	return depth;
}

/* Whether anything of the hop has a deadline. */
static bool is_waiting(const struct live_hop *hop)
{
	const struct link *link = hop->present ? incarnation_link(hop->present) : NULL;

	return (hop->present && hop_state_is_rising(hop->state)) || (link && link_is_busy(link));
}

/* The second that passed does not count for what waits behind the bytes that moved in it. */
static void stand_still(struct live_hop *hop, uint64_t ms)
{
	const struct live_hop *root = root_of(hop);
	struct link *link = hop->present ? incarnation_link(hop->present) : NULL;

	if (!root->moves)
		return;
	if (link)
		link_extend(link, ms, root->moved, QUEUE_BYTES * depth_of(hop));
	if (hop->state == HOP_CONNECTING && hop->parent &&
	    (hop->passed += root->moved) < QUEUE_BYTES * depth_of(hop))
		hop_postpone(hop, ms);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Returns for how long one, or what carries it, was stopped, or nothing has come over its connection though it should. */
static uint64_t deaf_for_ms(struct incarnation *incarnation)
{
	const uint64_t silence_ms = hop_silence_ms(incarnation->hop), now = clock_ms();
	uint64_t deaf_ms = incarnation->through ? deaf_for_ms(incarnation->through) : 0;
	struct pulse pulse;

	pulse_take(&incarnation->pulse, &pulse);
	if (!pulse.stopped)
		incarnation->stopped_ms = 0;
	else if (!incarnation->stopped_ms)
		incarnation->stopped_ms = now;
	if (pulse.stopped)
		deaf_ms = most(deaf_ms, now - incarnation->stopped_ms);
	if (pulse.has_tcp && silence_ms && pulse.silent_ms > silence_ms)
		deaf_ms = most(deaf_ms, pulse.silent_ms);
	return deaf_ms;
}

/* Whether anybody is connected through it, or through what it carries. */
static bool has_users(const struct incarnation *incarnation)
{
	const struct list *hops = &incarnation->hop->engine->hops;

	if (pulse_has_users(&incarnation->pulse))
		return true;
	for (size_t i = 0; i < hops->count; i++) {
		const struct live_hop *hop = hops->items[i];

		for (size_t j = 0; j < hop->incarnations.count; j++) {
			const struct incarnation *other = hop->incarnations.items[j];

			if (other->through == incarnation && !other->ended && has_users(other))
				return true;
		}
	}
	return false;
}

/* One that another has replaced, and that does not hear: it is not waited for any longer. */
static uint64_t look_at_old(struct live_hop *hop)
{
	uint64_t next_ms = LATER_MS, deaf_ms;

	for (size_t i = 0; i < hop->incarnations.count; i++) {
		struct incarnation *old = hop->incarnations.items[i];

		if (old == hop->present || old == hop->fallback || old->ended || !old->master)
			continue;
		deaf_ms = deaf_for_ms(old);
		if (deaf_ms > DEAF_TOP_MS || (deaf_ms > DEAF_MS && !has_users(old)))
			master_kill(old->master);
		if (deaf_ms)
			next_ms = DEAF_LOOK_MS;
	}
	return next_ms;
}

/* The next look is in so many ms at most. */
static void look_within(struct engine *engine, uint64_t ms)
{
	const uint64_t next_ms = clock_ms() + ms;

	if (delay_runs(engine->vigil) && engine->next_look_ms <= next_ms)
		return;
	engine->next_look_ms = next_ms;
	delay_start(engine->vigil, ms);
}

void vigil_step(struct engine *engine)
{
	uint64_t within_ms = LATER_MS;

	if (!engine->hops.count) {
		delay_stop(engine->vigil);
		return;
	}
	for (size_t i = 0; i < engine->hops.count; i++) {
		const struct live_hop *hop = engine->hops.items[i];

		if (is_waiting(hop))
			within_ms = least(within_ms, SOON_MS);
		if (hop_retry_watches(hop))
			within_ms = least(within_ms, HOP_FILES_MS);
		/* The history waits for that. */
		if (hop->untold)
			within_ms = least(within_ms, HOP_DOUBT_MS);
	}
	look_within(engine, within_ms);
}

void vigil_look(void *data)
{
	struct engine *engine = data;
	const uint64_t now = clock_ms();
	const uint64_t passed_ms = now - engine->looked_ms;
	const struct slept_moment due = {engine->next_look_ms, 0}, seen = {now, 0};
	uint64_t within_ms = LATER_MS;

	if (slept_between(&due, &seen, 0))
		notice_woke(engine);
	/* Parents stand before the hops that they carry. */
	for (size_t i = 0; i < engine->hops.count; i++) {
		struct live_hop *hop = engine->hops.items[i];

		hop_retry_look(hop);
		within_ms = least(within_ms, least(hop_feel(hop), look_at_old(hop)));
		hop->moves = engine->looked_ms &&
			     hop->moved * SOON_MS >= MOVES_BYTES * (passed_ms ? passed_ms : 1);
		/* After a longer time it is not known when the bytes moved. */
		if (engine->looked_ms && passed_ms <= 2 * SOON_MS)
			stand_still(hop, passed_ms);
	}
	for (size_t i = 0; i < engine->tunnels.count; i++) {
		tunnel_learn(engine->tunnels.items[i]);
		within_ms = least(within_ms, tunnel_reprobe_due(engine->tunnels.items[i]));
	}
	engine->looked_ms = now;
	/* Some who wait have a time of their own. */
	engine_schedule(engine);
	look_within(engine, within_ms);
	vigil_step(engine);
}
