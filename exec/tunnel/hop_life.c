#include "exec/tunnel/hop_life.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "exec/tunnel/hop_adopt.h"
#include "exec/tunnel/hop_alone.h"
#include "exec/tunnel/hop_blame.h"
#include "exec/tunnel/hop_idle.h"
#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/hop_retry.h"
#include "exec/tunnel/notice.h"
#include "exec/tunnel/survivor.h"
#include "topology/base/memory.h"

/* What did not get up beside an older ssh that works is tried again so much later. */
#define FOLLOW_MS 600000
/* For one that another supervisor has started to get up. */
#define ADOPTED_MS 30000

/* --- incarnations ---------------------------------------------------------------------------- */

/* Whether an ssh and those that carry it were up when others were begun beside them, as far as there are others. */
static bool was_well(const struct live_hop *hop, const struct incarnation *old)
{
	if (!hop->fallback_ms || failure_is_set(&hop->stall))
		return false;
	for (; hop->parent; hop = hop->parent, old = old->through)
		if (old->through == hop->parent->present ? hop->parent->state != HOP_UP
							 : !hop->parent->fallback_ms)
			return false;
	return true;
}

/* A new one did not get up, or is not wanted, or (tried: false) not now: what there was before it counts again. */
static bool fall_back(struct live_hop *hop, bool tried)
{
	struct incarnation *old = hop->fallback;

	hop->fallback = NULL;
	if (!old || old->ended)
		return false;
	hop->present = old;
	failure_copy(&hop->tried, &hop->failure);
	failure_copy(&hop->refused, &hop->failure);
	if (tried)
		hop_retry_failed(hop, &hop->tried);
	hop_retry_start(hop);
	if (was_well(hop, old)) {
		failure_finish(&hop->failure);
		/* That is no try to get up again what was lost. */
		hop->retry = (struct retry){0};
		hop_apply(hop, HOP_GO_BACK);
		hop->since_ms = hop->fallback_ms;
		/* It has not been asked since. */
		hop_suspect(hop);
		return true;
	}
	failure_copy(&hop->failure, &hop->stall);
	hop_apply(hop, HOP_FALL_BACK);
	if (failure_is_set(&hop->stall))
		hop_quiet(hop, hop->stall.code, hop->stall.text);
	else
		hop_quiet(hop, "stalled", "it has not been asked since");
	/* It may move by now. */
	hop_feel(hop);
	if (!failure_is_set(&hop->stall))
		hop_suspect(hop);
	return true;
}

/* The present one is no more: for a reason that is in `failure` already. */
static void lose(struct live_hop *hop, enum hop_event event)
{
	delay_stop(hop->deadline);
	hop->present = NULL;
	if (fall_back(hop, true))
		return;
	hop_stop_looking(hop);
	notice_failure(hop);
	if (hop_carries(hop)) {
		hop_alone_lost(hop);
		hop_retry_lost(hop);
	} else {
		hop_retry_failed(hop, &hop->failure);
	}
	hop_apply(hop, event);
	hop_doubt_parent(hop);
}

/* Whether it was stalled, and another ssh of it did not get up through what carries it now. */
static bool has_trouble_of_its_own(const struct live_hop *hop)
{
	return failure_is_set(&hop->tried) && hop->present && hop_carries(hop->parent) &&
	       hop->parent->present != hop->present->through;
}

/*
 * What carried it is no more: it goes on when that is up again, if its login asks nobody, and was no trouble itself; else its
 * trouble is the same as before, and is no reason to try more often.
 */
static void be_bereft(struct live_hop *hop)
{
	const bool same_trouble = has_trouble_of_its_own(hop);

	hop_idle_forget(hop);
	delay_stop(hop->deadline);
	hop->present = NULL;
	if (fall_back(hop, true))
		return;
	hop_stop_looking(hop);
	if (hop_carries(hop))
		hop_alone_lost(hop);
	if (same_trouble) {
		failure_copy(&hop->failure, &hop->tried);
	} else {
		failure_finish(&hop->failure);
		hop->retry = (struct retry){0};
	}
	if (hop->asks)
		hop_blame(hop, "parent", "the hop before it is gone");
	hop_apply(hop, hop->asks ? HOP_DIED : HOP_PARENT_DIED);
}

static void authenticating(void *data)
{
	struct incarnation *incarnation = data;
	struct live_hop *hop = incarnation->hop;

	if (incarnation != hop->present || !hop_apply(hop, HOP_BANNER))
		return;
	if (!hop->parent)
		pulse_foresee(&incarnation->pulse);
	if (!incarnation->adopted)
		hop_start_deadline(hop, HOP_LOGIN_MS);
}

/*
 * What needs a session may need the only one that the sshd allows, and makes the sshd quick, too. now: it is there, or
 * about to be, and does neither wait for its next try nor run through an older ssh.
 */
static bool is_to_run(const struct live_hop *hop, bool now)
{
	const struct list *hops = &hop->engine->hops;

	for (size_t i = 0; i < hops->count; i++) {
		const struct live_hop *other = hops->items[i];

		if (other->parent != hop || !other->needs || !hop_needs_session(other))
			continue;
		if (!now || (other->state != HOP_RETRY &&
			     !(other->present && other->present->through != hop->present)))
			return true;
	}
	return false;
}

/* The present one is up. */
static void get_up(struct live_hop *hop)
{
	struct incarnation *incarnation = hop->present;

	hop_stop_looking(hop);
	pulse_init(&incarnation->pulse, master_pid(incarnation->master), hop->parent == NULL);
	delay_stop(hop->deadline);
	notice_connection(hop);
	hop->bytes = 0;
	hop->fallback = NULL;
	hop->verified_ms = hop->up_ms = clock_ms();
	hop_idle_moved(incarnation);
	failure_finish(&hop->failure);
	failure_finish(&hop->refused);
	hop_alone_forget(hop);
	hop_apply(hop, HOP_READY);
}

static void ready(void *data)
{
	struct incarnation *incarnation = data;
	struct live_hop *hop = incarnation->hop;

	if (incarnation != hop->present)
		return;
	get_up(hop);
	if (!hop->plan.no_prime && !is_to_run(hop, false))
		master_prime(incarnation->master);
}

/* A session that made it quick is over; or the one that is held there. */
static void primed(void *data)
{
	struct incarnation *incarnation = data;

	hop_idle_held(incarnation);
	engine_schedule(incarnation->hop->engine);
}

/*
 * Whether an ssh on its way to the host of one that has ended was gone before that, whether or not that was told: then this is
 * why, whatever the one that has ended said.
 */
static bool blame_carrier(struct live_hop *hop, const struct incarnation *through)
{
	char *words;

	while (through && !(through->ended || master_is_gone(through->master)))
		through = through->through;
	if (!through)
		return false;
	words = memory_format("the ssh to %s that carried it has ended", through->hop->host);
	hop_blame(hop, "parent", words);
	free(words);
	return true;
}

static void ended(void *data)
{
	struct incarnation *incarnation = data;
	struct live_hop *hop = incarnation->hop;

	incarnation->ended = true;
	hop_idle_carried(incarnation->through);
	incarnation->heard_end = master_heard_end(incarnation->master);
	engine_schedule(hop->engine);
	if (incarnation != hop->present)
		return;
	if (!blame_carrier(hop, incarnation->through))
		hop_blame_end(hop);
	if (hop_carries(hop))
		hop_idle_ended(hop);
	lose(hop, HOP_DIED);
}

static const struct master_events events = {authenticating, ready, primed, ended};

static void blame_time(struct live_hop *hop)
{
	const bool banner = hop->state == HOP_AUTHENTICATING;
	const int most_s = (int)(banner ? HOP_LOGIN_MS : hop_connect_ms(hop)) / 1000;
	char *words;

	if (!master_has_begun(hop->present->master)) {
		words = memory_format("nothing has begun there within %d s", most_s);
		hop_blame(hop, "no_shell", words);
	} else {
		words = memory_format(
			banner ? "the sshd answered, but the login did not end within %d s"
			       : "no answer within %d s",
			most_s);
		hop_blame(hop, banner ? "login_timeout" : "timeout", words);
	}
	free(words);
}

/* Whether it is up, and goes through an older ssh of the hop before it, which it has tried to leave. */
static bool is_behind(const struct live_hop *hop)
{
	return hop->state == HOP_UP && hop->present->through && hop->parent->present &&
	       hop->present->through != hop->parent->present;
}

/*
 * The next try is due; beside a stalled one, if somebody waits for it, and beside one that goes through an older ssh of
 * the hop before it, which is no hurry.
 */
static void try_again(struct live_hop *hop)
{
	if (is_behind(hop) && clock_ms() - hop->started_ms < FOLLOW_MS) {
		hop->late_ms = hop->started_ms + FOLLOW_MS;
		hop_retry_start(hop);
		return;
	}
	if (hop->present)
		hop->present->replaced = false;
	hop->followed = 0;
	hop_apply(hop, HOP_NEED);
	engine_schedule(hop->engine);
}

void hop_too_late(void *data)
{
	struct live_hop *hop = data;
	const uint64_t now = clock_ms();

	if (now < hop->late_ms) {
		delay_start(hop->deadline, hop->late_ms - now);
		return;
	}
	if (!hop_state_is_rising(hop->state)) {
		try_again(hop);
		return;
	}
	if (hop_is_told_stopped(hop))
		hop_blame(hop, HOP_STOPPED_CODE, HOP_STOPPED_WORDS " before it was up, and ended");
	else if (!hop_blame_own_side(hop))
		blame_time(hop);
	incarnation_stop(hop->present);
	lose(hop, HOP_LATE);
}

void hop_postpone(struct live_hop *hop, uint64_t ms)
{
	hop->late_ms += ms;
}

/* Nothing is to be started any more. */
static void drop_next(struct live_hop *hop)
{
	if (hop->next)
		hop->next->ended = true;
	hop->next = NULL;
}

/*
 * Whether the one that is to be started is written down: whatever becomes of us then, the next supervisor knows what to look
 * for.
 */
static bool is_announced(struct live_hop *hop)
{
	struct incarnation *through = hop->parent ? hop->parent->present : NULL;

	if (hop->next && hop->next->through == through)
		return true;
	drop_next(hop);
	hop->next = incarnation_create(hop, through);
	list_add(&hop->incarnations, hop->next);
	engine_schedule(hop->engine);
	return false;
}

static void start(struct live_hop *hop)
{
	struct incarnation *incarnation = hop->next;
	int error;

	if (!is_announced(hop))
		return;
	hop->next = NULL;
	hop_idle_judge(hop);
	hop->started_ms = clock_ms();
	hop->passed = 0;
	hop->followed = hop->parent ? hop->parent->present->generation : 0;
	hop_retry_note_files(hop);
	error = incarnation_start(incarnation, &events);
	if (error) {
		hop_blame_start(hop, strerror(-error));
		lose(hop, HOP_DIED);
		return;
	}
	hop->present = incarnation;
	hop_apply(hop, HOP_START);
	hop_start_deadline(hop, hop_connect_ms(hop));
}

/* One that another supervisor has started takes the place of one that would be. */
static bool adopt(struct live_hop *hop)
{
	bool is_up;

	hop->present = hop_adopt(hop, &events, &is_up);
	if (!hop->present)
		return false;
	hop->started_ms = clock_ms();
	hop->passed = 0;
	hop->followed = 0;
	hop_retry_note_files(hop);
	hop_apply(hop, HOP_START);
	if (!is_up) {
		hop_start_deadline(hop, ADOPTED_MS);
		return true;
	}
	get_up(hop);
	if (hop->present->before_ms && hop->present->before_ms < hop->since_ms)
		hop->since_ms = hop->present->before_ms;
	/* Much may have happened while nobody looked. */
	notice_taken_over(hop);
	hop_feel(hop);
	hop_suspect(hop);
	return true;
}

/*
 * Another ssh is to take over from the present one, which stays until that one is up; that of a stitched one ends
 * before it, because two cannot have its listeners.
 */
static void renew(struct live_hop *hop)
{
	struct incarnation *old = hop->present;

	if (hop_is_stitched(hop)) {
		incarnation_stop(old);
		old = NULL;
	}
	hop->races = hop_is_silent(hop);
	if (old && hop_is_told_stopped(hop))
		old->stopped_ms = hop->stalled_ms;
	hop->heard_old = hop->goes_on = false;
	hop->fallback_ms = hop->state == HOP_UP ? hop->since_ms : 0;
	failure_finish(&hop->tried);
	failure_finish(&hop->failure);
	hop_apply(hop, HOP_RENEW);
	hop_stop_asking(hop);
	delay_stop(hop->deadline);
	hop->fallback = old;
	hop->present = NULL;
}

void hop_renew(struct live_hop *hop, const char *const *env)
{
	hop_alone_forget(hop);
	/* What others carry follows when those have another ssh. */
	if (hop->state != HOP_UP || (hop->parent && !hop_is_stitched(hop)))
		return;
	hop_set_env(hop, env);
	failure_finish(&hop->refused);
	renew(hop);
}

void hop_renew_cancel(struct live_hop *hop)
{
	if (hop->parent || !hop->fallback || hop->races)
		return;
	hop->heard_old = true;
	engine_schedule(hop->engine);
}

void hop_again(struct live_hop *hop, const char *const *env, enum hop_asked asked)
{
	hop_alone_ask(hop, asked);
	if (hop->present)
		hop->present->replaced = false;
	if (hop->state == HOP_STALLED) {
		hop_set_env(hop, env);
		hop->retry = (struct retry){0};
		renew(hop);
	} else if (hop_is_missing(hop)) {
		hop_set_env(hop, env);
		hop->retry = (struct retry){0};
		if (!hop_is_told_stopped(hop))
			failure_finish(&hop->failure);
		if (hop_apply(hop, HOP_NEED))
			delay_stop(hop->deadline);
	}
}

bool hop_try_another(struct live_hop *hop)
{
	if (hop->state != HOP_STALLED || delay_runs(hop->deadline) || hop->asks)
		return false;
	/* A new trouble of what was well. */
	if (!failure_is_set(&hop->tried) && hop->stalled_ms - hop->up_ms >= RETRY_STEADY_MS)
		hop->retry = (struct retry){0};
	renew(hop);
	return true;
}

bool hop_can_ask(struct live_hop *hop)
{
	struct incarnation *present = hop->present;

	if (!present || !hop_carries(hop) || !incarnation_is_cut_off(present))
		return true;
	if (!present->replaced && !hop->asks) {
		present->replaced = true;
		hop_quiet(hop, "cut_off",
			  "the file of its control socket is gone, so nothing new can be asked of "
			  "it");
		renew(hop);
	}
	return false;
}

/* --- steps ----------------------------------------------------------------------------------- */

/*
 * Whether what is to carry it can. What needs a session waits until that is free. A stitched one waits for the end of
 * those before it, which have its listeners.
 */
static bool may_start(const struct live_hop *hop)
{
	struct live_hop *parent = hop->parent;

	if (!parent)
		return true;
	if (parent->state == HOP_UP && hop_needs_session(hop))
		hop_idle_let_go(parent);
	return parent->state == HOP_UP && hop_can_ask(parent) &&
	       !(hop_needs_session(hop) && incarnation_is_priming(parent->present)) &&
	       !(hop_is_stitched(hop) && !hop_is_gone(hop));
}

/* There is no ssh through the hop before it to be had for now. */
static void leave_waiting(struct live_hop *hop, const char *words)
{
	hop_blame(hop, "parent", words);
	lose(hop, HOP_DIED);
}

/* Its host has said no, and is not asked again before the time. */
static void leave_alone(struct live_hop *hop)
{
	hop_alone_resume(hop);
	if (!fall_back(hop, false))
		hop_apply(hop, HOP_DIED);
}

static void step_waiting(struct live_hop *hop)
{
	struct live_hop *parent = hop->parent;

	if (may_start(hop)) {
		if (hop_is_alone(hop))
			leave_alone(hop);
		else
			start(hop);
		return;
	}
	drop_next(hop);
	if (parent->state == HOP_UP && !hop_can_ask(parent))
		leave_waiting(hop, "nothing new can be asked of the hop before it");
	else if (hop->fallback && parent->state == HOP_RETRY)
		leave_waiting(hop, "the hop before it is not up");
	else if (parent->state == HOP_STALLED && !hop_try_another(parent))
		leave_waiting(hop, "the hop before it is stalled");
}

/* Whether a stalled one gets another by itself. */
static bool wants_another(const struct live_hop *hop)
{
	if (hop_is_stitched(hop) || !hop_is_silent(hop) ||
	    (hop->way.known && !hop->way.exists && !hop->misjudged) ||
	    (hop->parent && hop->parent->state != HOP_UP))
		return false;
	return hop->may_return || clock_ms() - hop_silent_since_ms(hop) >= HOP_ANOTHER_MS;
}

/*
 * The old one is heard before the new one is up: nobody needs that. If it goes through an older ssh of the hop before it, it
 * follows all the same, and not in a race any more.
 */
static void take_back(struct live_hop *hop)
{
	hop->followed = 0;
	delay_stop(hop->deadline);
	if (hop->present)
		incarnation_stop(hop->present);
	hop->present = hop->fallback;
	hop->fallback = NULL;
	hop->heard_old = false;
	hop_apply(hop, HOP_FALL_BACK);
	if (hop->goes_on)
		hop_goes_on(hop);
	else
		hop_heard(hop);
}

/* What the present one was dialled through may have ended, or been replaced. */
static void step_running(struct live_hop *hop)
{
	const struct incarnation *through = hop->present->through;

	if (!through)
		return;
	assert(hop->parent);
	if (through->ended) {
		hop_blame(hop, "parent", "the hop before it is gone");
		incarnation_stop(hop->present);
		be_bereft(hop);
	} else if (!hop_is_stitched(hop) && !hop->asks && hop_carries(hop) &&
		   hop->parent->state == HOP_UP && hop->parent->present != through &&
		   hop->parent->present->generation != hop->followed) {
		/* Where that ssh does not get up, there is only the old one, until the next try is due. */
		hop->followed = hop->parent->present->generation;
		renew(hop);
	}
}

/* The one before has ended while a new one is on its way up, which is awaited by then. */
static void lose_fallback(struct live_hop *hop)
{
	hop->fallback = NULL;
	hop_retry_lost(hop);
	if (failure_is_set(&hop->stall))
		failure_copy(&hop->failure, &hop->stall);
	else
		hop_blame(hop, "stalled", "its ssh ended while another one was to take over");
}

/* Nobody needs it any more. */
static void step_unneeded(struct live_hop *hop)
{
	hop_stop_looking(hop);
	delay_stop(hop->deadline);
	hop->retry = (struct retry){0};
	hop->present = hop->fallback = NULL;
	drop_next(hop);
	hop_apply(hop, HOP_UNNEEDED);
	for (size_t i = 0; i < hop->incarnations.count; i++)
		incarnation_stop(hop->incarnations.items[i]);
}

/* Older ones drain when no forward and no deeper hop looks at them; what has ended is cleared away. */
static void step_incarnations(struct live_hop *hop)
{
	for (size_t i = hop->incarnations.count; i-- > 0;) {
		struct incarnation *incarnation = hop->incarnations.items[i];
		bool counts;

		assert(incarnation);
		counts = incarnation == hop->present || incarnation == hop->fallback ||
			 incarnation == hop->next;
		if (!counts && !incarnation->ended && !incarnation->holders &&
		    !survivor_goes_through(hop->engine, incarnation->socket))
			incarnation_drain(incarnation);
		if (!incarnation->ended || counts)
			continue;
		if (incarnation->master || incarnation->through)
			incarnation_reap(incarnation);
		if (incarnation->holders)
			continue;
		list_remove(&hop->incarnations, incarnation);
		incarnation_destroy(incarnation);
	}
}

static void step_parent(struct live_hop *hop)
{
	if (!hop->parent)
		return;
	if (hop->needs && !hop->needs_parent) {
		hop->needs_parent = true;
		hop_need(hop->parent);
	}
	/* Only when it is gone, so that hops end from the deepest to the shallowest. */
	if (!hop->needs && hop->needs_parent && hop_is_gone(hop)) {
		hop->needs_parent = false;
		hop_unneed(hop->parent);
	}
}

void hop_step(struct live_hop *hop)
{
	if (hop->fallback && hop->fallback->ended)
		lose_fallback(hop);
	if (!hop->needs && hop->state != HOP_DOWN)
		step_unneeded(hop);
	else if (hop->needs && hop->state == HOP_DOWN)
		hop_apply(hop, HOP_NEED);
	if (hop->fallback && hop->heard_old)
		take_back(hop);
	if (wants_another(hop))
		hop_try_another(hop);
	if (hop->state == HOP_RETRY && hop->parent && !hop_carries(hop->parent) && !hop->asks)
		be_bereft(hop);
	if (hop->state != HOP_WAITING)
		drop_next(hop);
	if (hop->state == HOP_WAITING && !(hop_may_adopt(hop) && adopt(hop)))
		step_waiting(hop);
	else if (hop->present)
		step_running(hop);
	if (hop_carries(hop) && !is_to_run(hop, true))
		hop_idle_hold(hop);
	step_incarnations(hop);
	step_parent(hop);
}
