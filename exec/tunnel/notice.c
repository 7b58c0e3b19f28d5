#include "exec/tunnel/notice.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "exec/system/changes.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/hop_alone.h"
#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/hop_retry.h"
#include "exec/tunnel/way.h"
#include "topology/base/memory.h"

/* What was asked for, so that hops with one far end ask once. */
struct answer {
	struct kernel_end there;
	struct kernel_end here; /* family 0: not given */
	uint32_t interface;
	int error;
	struct kernel_route route;
};

/* One look at the network. */
struct look {
	struct kernel_network network;
	bool changed; /* it is another than at the look before, for who cannot tell by a route */
	struct answer *answers;
	size_t count, room;
};

static bool same_end(const struct kernel_end *a, const struct kernel_end *b)
{
	return a->family == b->family && memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

/* Returns the answer to the same question, or NULL. */
static const struct answer *find(const struct look *look, const struct answer *wanted)
{
	for (size_t i = 0; i < look->count; i++) {
		const struct answer *answer = &look->answers[i];

		if (answer->interface == wanted->interface &&
		    same_end(&answer->there, &wanted->there) &&
		    same_end(&answer->here, &wanted->here))
			return answer;
	}
	return NULL;
}

static struct way ask(struct look *look, const struct kernel_tcp_key *key, bool from_here,
		      const struct way *before)
{
	struct answer asked = {.there = key->there, .interface = key->interface};
	const struct answer *known;

	if (from_here)
		asked.here = key->here;
	known = find(look, &asked);
	if (!known) {
		asked.error = kernel_network_route(&look->network, &asked.there,
						   from_here ? &asked.here : NULL, asked.interface,
						   &asked.route);
		look->answers = memory_reserve(look->answers, &look->room, look->count + 1,
					       sizeof(*look->answers));
		look->answers[look->count] = asked;
		known = &look->answers[look->count++];
	}
	return way_of(&look->network, known->error, &known->route, before);
}

/*
 * Returns the way of a connection's packets: that of a new one, if that would have its address; else it is asked for, as
 * rules may lead packets from another address elsewhere.
 */
static struct way way_of_packets(struct look *look, const struct kernel_tcp_key *key,
				 const struct way *new_one, const struct way *before)
{
	if (new_one->exists && same_end(&new_one->route.source, &key->here))
		return *new_one;
	return ask(look, key, true, before);
}

static bool look_begin(struct engine *engine, struct look *look)
{
	uint64_t signature;

	*look = (struct look){.count = 0};
	if (kernel_network_init(&look->network))
		return false;
	signature = way_signature(&look->network);
	look->changed = signature != engine->network;
	engine->network = signature;
	return true;
}

static void look_end(struct look *look)
{
	kernel_network_finish(&look->network);
	free(look->answers);
}

/* --- where hops lead ------------------------------------------------------------------------- */

/* Returns the ssh whose connection counts, or NULL. */
static const struct incarnation *in_use(const struct live_hop *hop)
{
	if (hop->fallback)
		return hop->fallback;
	return hop_carries(hop) ? hop->present : NULL;
}

static bool parse(const char *address, struct kernel_end *ret_end)
{
	struct kernel_end end = {.family = AF_INET};

	if (inet_pton(AF_INET, address, end.address) != 1) {
		end.family = AF_INET6;
		if (inet_pton(AF_INET6, address, end.address) != 1)
			return false;
	}
	*ret_end = end;
	return true;
}

/* Where a hop leads; a name of which nothing is known is taken to be wherever the rest of the world is. */
static struct kernel_tcp_key far_end_of(const struct live_hop *hop)
{
	const struct incarnation *incarnation = in_use(hop);
	struct kernel_tcp_key key = hop->connection;

	if (incarnation && incarnation->pulse.has_key)
		return incarnation->pulse.key;
	if (!key.there.family && !parse(hop->plan.address, &key.there))
		parse("192.0.2.1", &key.there);
	return key;
}

void notice_connection(struct live_hop *hop)
{
	const struct pulse_of *pulse = &hop->present->pulse;
	const struct way none = {.known = false};
	struct look look = {.count = 0};

	hop->no_way = hop->misjudged = hop->may_return = false;
	if (!pulse->has_key || kernel_network_init(&look.network))
		return;
	hop->connection = pulse->key;
	hop->way = ask(&look, &pulse->key, false, &none);
	hop->used = way_of_packets(&look, &pulse->key, &hop->way, &none);
	look_end(&look);
}

void notice_failure(struct live_hop *hop)
{
	const struct kernel_tcp_key far_end = far_end_of(hop);
	struct look look = {.count = 0};

	if (hop->parent || hop->way.known || kernel_network_init(&look.network))
		return;
	hop->way = ask(&look, &far_end, false, &hop->way);
	look_end(&look);
}

/* --- what follows ---------------------------------------------------------------------------- */

static const struct live_hop *root_of(const struct live_hop *hop)
{
	while (hop->parent)
		hop = hop->parent;
	return hop;
}

/* What of its chain waits for the next try is tried now. */
static void end_waits(const struct live_hop *root)
{
	const struct list *hops = &root->engine->hops;

	hop_alone_end_waits(root->engine);

	for (size_t i = 0; i < hops->count; i++)
		if (root_of(hops->items[i]) == root)
			hop_end_wait(hops->items[i]);
}

/* Its connection is good again, or may be, or another way is there: the first that hears is used. */
static void give_chance(struct live_hop *hop)
{
	hop->may_return = true;
	if (hop->state == HOP_STALLED)
		hop_ask_for_sign(hop);
	else
		hop_suspect(hop);
}

static void lose_way(struct live_hop *hop, const char *words)
{
	hop->no_way_ms = clock_ms();
	hop->no_way = true;
	hop->may_return = hop->way.exists;
	hop_quiet(hop, "own_link", words);
}

static void have_way(struct live_hop *hop, enum way_verdict verdict)
{
	const bool was_lost = hop->no_way;

	hop->no_way = false;
	if (was_lost && hop->state == HOP_STALLED)
		hop_quiet(hop, "stalled",
			  "nothing has come from its sshd since the network of this machine "
			  "was interrupted");
	if (was_lost || verdict == WAY_ASK)
		give_chance(hop);
}

/* Compares the connection with the way that its packets take now, which is noted if it is good. */
static enum way_verdict compare(struct look *look, struct live_hop *hop,
				const struct kernel_tcp_key *key, struct strbuf *words)
{
	const struct way now = way_of_packets(look, key, &hop->way, &hop->used);
	const enum way_verdict verdict = way_judge(&look->network, key, &hop->used, &now, words);

	if (verdict == WAY_STANDS)
		hop->used = now;
	return verdict;
}

static void judge(struct look *look, struct live_hop *hop, const struct kernel_tcp_key *key)
{
	struct strbuf words = {0};
	const enum way_verdict verdict = compare(look, hop, key, &words);

	/* The next loss may be a true one. */
	hop->misjudged &= verdict == WAY_LOST;
	if (verdict == WAY_LOST && !hop->misjudged)
		lose_way(hop, strbuf_text(&words));
	else
		have_way(hop, verdict == WAY_STANDS ? WAY_STANDS : WAY_ASK);
	strbuf_finish(&words);
}

void notice_taken_over(struct live_hop *hop)
{
	struct look look = {.count = 0};

	if (!hop->present->pulse.has_key || kernel_network_init(&look.network))
		return;
	judge(&look, hop, &hop->present->pulse.key);
	look_end(&look);
}

static void notice(struct look *look, struct live_hop *hop)
{
	const struct incarnation *incarnation = in_use(hop);
	const struct kernel_tcp_key far_end = far_end_of(hop);
	const struct way before = hop->way;

	hop->way = ask(look, &far_end, false, &before);
	if (incarnation && incarnation->pulse.has_key)
		judge(look, hop, &incarnation->pulse.key);
	else if (incarnation && look->changed)
		give_chance(hop);
	/* That of a new hop is seen for the first time. */
	if ((before.known || look->changed) && way_returned(&before, &hop->way))
		end_waits(hop);
}

void notice_again(struct live_hop *hop)
{
	const struct incarnation *incarnation = in_use(hop);
	struct look look = {.count = 0};

	if (!incarnation || !incarnation->pulse.has_key || kernel_network_init(&look.network))
		return;
	judge(&look, hop, &incarnation->pulse.key);
	look_end(&look);
}

void notice_heard(struct live_hop *hop)
{
	const struct incarnation *incarnation = in_use(hop);
	struct strbuf words = {0};
	struct look look = {.count = 0};

	if (!hop->no_way || !incarnation || !incarnation->pulse.has_key ||
	    kernel_network_init(&look.network))
		return;
	hop->no_way = false;
	hop->way = ask(&look, &incarnation->pulse.key, false, &hop->way);
	/* It came before the network changed once more, of which is yet to be told. */
	hop->misjudged = compare(&look, hop, &incarnation->pulse.key, &words) == WAY_LOST &&
			 !changes_are_due(hop->engine->changes);
	look_end(&look);
	strbuf_finish(&words);
}

void notice_begin(struct engine *engine)
{
	struct look look;

	if (look_begin(engine, &look))
		look_end(&look);
}

void notice_network(void *data)
{
	struct engine *engine = data;
	struct look look;

	engine->moves++;
	engine->moved_ms = clock_ms();
	engine_schedule(engine);
	if (!look_begin(engine, &look))
		return;
	for (size_t i = 0; i < engine->hops.count; i++) {
		struct live_hop *hop = engine->hops.items[i];

		if (!hop->parent && hop->needs)
			notice(&look, hop);
	}
	look_end(&look);
}

void notice_woke(void *data)
{
	struct engine *engine = data;

	engine_log(engine, "this machine, or this process, has slept");
	notice_network(engine);
	hop_alone_end_waits(engine);
	for (size_t i = 0; i < engine->hops.count; i++) {
		struct live_hop *hop = engine->hops.items[i];

		hop_end_wait(hop);
		if (hop_carries(hop))
			give_chance(hop);
	}
	engine_schedule(engine);
}
