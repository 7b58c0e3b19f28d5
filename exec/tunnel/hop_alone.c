#include "exec/tunnel/hop_alone.h"

#include <stdlib.h>
#include <string.h>

#include "exec/ssh/login_files.h"
#include "topology/base/memory.h"

/* Of so many hops at most, the last ones. */
#define REMEMBERED_MAX 64

/* A hop that is not there. */
struct remembered {
	char *identity;
	struct hop_alone alone;
};

/* Whether a host that answers so has said no, and it was not only the way to it. */
static bool is_no(const struct retry *retry)
{
	return retry->class == RETRY_SOMEBODY || retry->class == RETRY_SHUT_OUT ||
	       retry->class == RETRY_CLOSED;
}

static void finish(struct hop_alone *alone)
{
	failure_finish(&alone->why);
	*alone = (struct hop_alone){0};
}

void hop_alone_go_on(struct live_hop *hop, enum retry_class class)
{
	const struct retry *retry = &hop->alone.retry;

	if (retry->attempt && retry->class == class)
		hop->retry = *retry;
}

void hop_alone_begin(struct live_hop *hop, const struct failure *why)
{
	struct hop_alone *alone = &hop->alone;

	/* What it said stands: that its way was lost, or that it did not answer, is no word of it. */
	if (!is_no(&hop->retry)) {
		if (alone->retry.class == RETRY_CLOSED)
			finish(alone);
		return;
	}
	/* Nor is it that a connection was closed for once. */
	if (retry_is_quick(&hop->retry) && alone->retry.attempt &&
	    alone->retry.class != RETRY_CLOSED)
		return;
	failure_copy(&alone->why, why);
	alone->retry = hop->retry;
	alone->until_ms = hop->late_ms;
	alone->said_ms = clock_ms();
	alone->login_files = hop->login_files;
}

bool hop_is_alone(const struct live_hop *hop)
{
	return clock_ms() < hop->alone.until_ms &&
	       (hop_is_stitched(hop) || hop->alone.retry.class != RETRY_SOMEBODY ||
		login_files_signature(&hop->plan, (const char *const *)hop->env, hop_facts(hop)) ==
			hop->alone.login_files);
}

void hop_alone_resume(struct live_hop *hop)
{
	failure_copy(&hop->failure, &hop->alone.why);
	hop->retry = hop->alone.retry;
	hop->late_ms = hop->alone.until_ms;
	hop->login_files = hop->alone.login_files;
}

void hop_alone_end_wait(struct live_hop *hop)
{
	hop->alone.until_ms = 0;
}

void hop_alone_lost(struct live_hop *hop)
{
	if (hop->alone.retry.class != RETRY_SHUT_OUT)
		finish(&hop->alone);
}

void hop_alone_forget(struct live_hop *hop)
{
	finish(&hop->alone);
}

void hop_alone_ask(struct live_hop *hop, enum hop_asked asked)
{
	if (asked == HOP_ASKED_STILL)
		hop_alone_end_wait(hop);
	else if (asked == HOP_ASKED)
		hop_alone_forget(hop);
}

static void drop(struct list *all, struct remembered *remembered)
{
	list_remove(all, remembered);
	finish(&remembered->alone);
	free(remembered->identity);
	free(remembered);
}

void hop_alone_remember(struct live_hop *hop, const char *identity)
{
	struct list *all = &hop->engine->alones;
	struct remembered *remembered;

	if (!failure_is_set(&hop->alone.why))
		return;
	if (all->count >= REMEMBERED_MAX)
		drop(all, all->items[0]);
	remembered = memory_alloc(sizeof(*remembered));
	remembered->identity = memory_string(identity);
	remembered->alone = hop->alone;
	hop->alone = (struct hop_alone){0};
	list_add(all, remembered);
}

void hop_alone_recall(struct live_hop *hop, const char *identity)
{
	struct list *all = &hop->engine->alones;

	for (size_t i = 0; i < all->count; i++) {
		struct remembered *remembered = all->items[i];

		if (strcmp(remembered->identity, identity) != 0)
			continue;
		hop->alone = remembered->alone;
		remembered->alone = (struct hop_alone){0};
		drop(all, remembered);
		return;
	}
}

void hop_alone_end_waits(struct engine *engine)
{
	for (size_t i = 0; i < engine->alones.count; i++) {
		struct remembered *remembered = engine->alones.items[i];

		if (remembered->alone.said_ms <= engine->moved_ms)
			remembered->alone.until_ms = 0;
	}
}

void hop_alone_finish(struct engine *engine)
{
	while (engine->alones.count)
		drop(&engine->alones, engine->alones.items[0]);
	list_finish(&engine->alones);
}
