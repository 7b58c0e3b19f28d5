#include "exec/tunnel/hop_idle.h"

#include <stdlib.h>
#include <string.h>

#include "exec/tunnel/faults.h"
#include "exec/tunnel/hop_blame.h"
#include "exec/tunnel/hop_look.h"
#include "topology/base/memory.h"

/* What ends less than this before an ssh ends with it. */
#define WITH_SSH_MS 1000
/* Classes of classify.h. */
#define UNUSED_CODE  "unused_timeout"
#define CHANNEL_CODE "channel_timeout"
#define EITHER_CODE  "idle_timeout"

/* One session may have been ended by somebody, not by a rule. */
#define REFUSALS 3

/* Of so many hops at most, the last ones. */
#define REMEMBERED_MAX 64

/* What is known of a hop that is not there. */
struct remembered {
	char *identity;
	struct hop_idle idle;
};

/* How many have come to listeners of an ssh so far. */
static unsigned users_of(struct incarnation *incarnation)
{
	const struct ssh_log *log = incarnation->master ? master_log(incarnation->master) : NULL;

	return log ? ssh_log_opened(log) + ssh_log_refused(log) : 0;
}

static bool is_holding(const struct incarnation *incarnation)
{
	return incarnation->held &&
	       (!incarnation->unheld_ms || clock_ms() - incarnation->unheld_ms < WITH_SSH_MS);
}

void hop_idle_counted(struct incarnation *incarnation)
{
	incarnation->users = users_of(incarnation);
}

void hop_idle_moved(struct incarnation *incarnation)
{
	for (; incarnation; incarnation = incarnation->through) {
		incarnation->moved_ms = clock_ms();
		incarnation->users = users_of(incarnation);
	}
}

void hop_idle_carried(struct incarnation *incarnation)
{
	if (incarnation)
		incarnation->carried_ms = clock_ms();
}

/* Whether an ssh of another hop runs through it, or a session is held there. */
static bool carries(const struct incarnation *incarnation)
{
	const struct list *hops = &incarnation->hop->engine->hops;

	if (is_holding(incarnation))
		return true;
	for (size_t i = 0; i < hops->count; i++) {
		const struct live_hop *hop = hops->items[i];

		for (size_t j = 0; j < hop->incarnations.count; j++) {
			const struct incarnation *other = hop->incarnations.items[j];

			if (other->through == incarnation && !other->ended)
				return true;
		}
	}
	return false;
}

void hop_idle_ended(struct live_hop *hop)
{
	struct incarnation *ended = hop->present;
	const uint64_t now = clock_ms();

	if (is_holding(ended)) {
		hop->idle.refused = NULL;
		hop->idle.refusals = 0;
	}
	hop->idle.server = hop_server(hop);
	hop->idle.pending = !hop_is_stitched(hop) && strcmp(hop->failure.code, "closed") == 0;
	hop->idle.last = (struct idle_end){
		.carried = hop->parent != NULL,
		.carries = carries(ended),
		.used = users_of(ended) != ended->users,
		.moved_ms = now - ended->moved_ms,
		.carried_ms = now - ended->carried_ms,
		.took_ms = hop->took_ms,
		.alive_s = hop_alive_s(hop),
	};
}

/* By another hop that ends at the same sshd. */
static void learn_of_sshd(struct live_hop *hop)
{
	const struct list *hops = &hop->engine->hops;

	for (size_t i = 0; i < hops->count && !hop->idle.holds; i++) {
		const struct live_hop *other = hops->items[i];

		if (other == hop || !other->idle.holds || strcmp(other->key, hop->key) != 0)
			continue;
		hop->idle.holds = true;
		hop->idle.refused = other->idle.refused;
		hop->idle.refusals = other->idle.refusals;
		if (other->idle.named != IDLE_UNUSED)
			continue;
		failure_copy(&hop->idle.rule, &other->idle.rule);
		hop->idle.named = other->idle.named;
		hop->idle.named_ms = other->idle.named_ms;
	}
}

/* Takes what is remembered out of the list. Returns whether there was anything. */
static bool recall(struct live_hop *hop, const char *identity)
{
	struct list *all = &hop->engine->idles;

	for (size_t i = 0; i < all->count; i++) {
		struct remembered *remembered = all->items[i];

		if (strcmp(remembered->identity, identity) != 0)
			continue;
		hop->idle = remembered->idle;
		list_remove(all, remembered);
		free(remembered->identity);
		free(remembered);
		return true;
	}
	return false;
}

void hop_idle_learn(struct live_hop *hop, const char *identity)
{
	if (!recall(hop, identity))
		learn_of_sshd(hop);
}

static void drop(struct list *all, struct remembered *remembered)
{
	list_remove(all, remembered);
	failure_finish(&remembered->idle.rule);
	free(remembered->identity);
	free(remembered);
}

void hop_idle_remember(struct live_hop *hop, const char *identity)
{
	struct list *all = &hop->engine->idles;
	struct remembered *remembered;

	/* A first attempt that was ended is not tried again, and its end was its own as well. */
	hop_idle_judge(hop);
	if (hop->idle.ends.rule == IDLE_NONE && !failure_is_set(&hop->idle.rule))
		return;
	if (all->count >= REMEMBERED_MAX)
		drop(all, all->items[0]);
	remembered = memory_alloc(sizeof(*remembered));
	remembered->identity = memory_string(identity);
	remembered->idle = hop->idle;
	hop->idle = (struct hop_idle){.pending = false};
	list_add(all, remembered);
}

void hop_idle_finish(struct engine *engine)
{
	while (engine->idles.count)
		drop(&engine->idles, engine->idles.items[0]);
	list_finish(&engine->idles);
}

void hop_idle_forget(struct live_hop *hop)
{
	hop->idle.pending = false;
}

/* Why no session is held there, or NULL. */
static const char *why_not(const struct live_hop *hop)
{
	return hop->plan.no_prime ? "the file says `prime: no`" : hop->idle.refused;
}

/* Of two servers: a flag of enum fault_case, if it is that of both; and of another than OpenSSH's, if it is of either. */
static unsigned servers(unsigned one, unsigned other)
{
	return one == other ? one : (one | other) & FAULT_OTHER;
}

/* Says by which rule it ends (`named`), and what is done about that. */
static void name_rule(struct live_hop *hop)
{
	const struct hop_idle *idle = &hop->idle;
	const char *why = idle->named & IDLE_UNUSED ? why_not(hop) : NULL;
	struct strbuf words = {0};

	strbuf_printf(&words, "it ended twice after %d s ", (int)((idle->named_ms + 500) / 1000));
	if (idle->named == IDLE_CHANNEL)
		strbuf_puts(&words, "without a byte");
	else
		strbuf_puts(&words, "in which nothing ran through it");
	if (idle->named & IDLE_CHANNEL)
		strbuf_printf(&words, ", and %s goes on: a keepalive is sent each %u s now",
			      hop->from, idle->alive_s);
	if (why)
		strbuf_printf(&words, ", and no session is held there: %s", why);
	else if (idle->named == IDLE_UNUSED)
		strbuf_puts(&words, ": a session is held there now");
	else if (idle->named == IDLE_EITHER)
		strbuf_puts(&words, ", and a session is held there");
	if (idle->named == IDLE_CHANNEL)
		hop_blame_rule(hop, CHANNEL_CODE, strbuf_text(&words), hop_server(hop->parent));
	else if (idle->named == IDLE_EITHER)
		hop_blame_rule(hop, EITHER_CODE, strbuf_text(&words),
			       servers(idle->server, hop_server(hop->parent)));
	else
		hop_blame_rule(hop, UNUSED_CODE, strbuf_text(&words), idle->server);
	strbuf_finish(&words);
}

void hop_idle_judge(struct live_hop *hop)
{
	struct hop_idle *idle = &hop->idle;
	enum idle_rule rule;

	if (!idle->pending)
		return;
	idle->pending = false;
	rule = idle_take(&idle->ends, &idle->last);
	if (rule == IDLE_NONE)
		return;
	/* Both may be there, and what is done against one is no harm where it is the other. */
	if (rule & IDLE_CHANNEL)
		idle->alive_s = idle_alive_s(idle->ends.after_ms, idle->alive_s);
	if (rule & IDLE_UNUSED)
		idle->holds = true;
	idle->named = rule;
	idle->named_ms = idle->ends.after_ms;
	name_rule(hop);
	engine_log(hop->engine, "hop %s: %s", hop->host, idle->rule.text);
	/* It is kept from that now. */
	hop->retry = (struct retry){.since_ms = hop->retry.since_ms};
}

/* Whether the session has ended, and not with its ssh. */
static bool was_refused(const struct incarnation *incarnation)
{
	return incarnation->held && !is_holding(incarnation);
}

static void refuse(struct live_hop *hop, const char *why, unsigned refusals)
{
	hop->present->unheld = true;
	hop->idle.refused = why;
	hop->idle.refusals = refusals;
	if (hop->idle.named & IDLE_UNUSED)
		name_rule(hop);
}

void hop_idle_hold(struct live_hop *hop)
{
	struct incarnation *present = hop->present;

	if (!hop->idle.holds || hop->plan.no_prime || hop->idle.refusals >= REFUSALS || !present ||
	    present->unheld || !incarnation_link(present))
		return;
	if (was_refused(present)) {
		refuse(hop, "there was none to be had, or it ended", hop->idle.refusals + 1);
	} else if (!present->held && !master_is_priming(present->master)) {
		if (ssh_log_is_forced(master_log(present->master))) {
			refuse(hop, "the key has a command of its own", REFUSALS);
			return;
		}
		present->held = true;
		master_hold(present->master);
	}
}

void hop_idle_held(struct incarnation *incarnation)
{
	if (incarnation->held && !incarnation->unheld_ms && !master_is_holding(incarnation->master))
		incarnation->unheld_ms = clock_ms();
}

void hop_idle_let_go(struct live_hop *hop)
{
	struct incarnation *present = hop->present;

	if (present->held && present->master)
		master_let_go(present->master);
	present->held = false;
	present->unheld_ms = 0;
}
