#include "exec/tunnel/forward_life.h"

#include <string.h>

#include "exec/tunnel/claims.h"
#include "exec/tunnel/forward_check.h"
#include "exec/tunnel/forward_opening.h"
#include "exec/tunnel/forward_probing.h"
#include "exec/tunnel/held.h"
#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/owner.h"
#include "exec/tunnel/stray.h"
#include "topology/base/memory.h"

/* For ssh's own answer: it sends the request to close, and waits for none. */
#define CLOSE_MS 3000

/* --- another ssh ----------------------------------------------------------------------------- */

static void moved(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	engine_schedule(forward->engine);
	forward->request = NULL;
	/* A late one is asked once more, until its ssh is gone. */
	if (result->answer == LINK_LATE)
		return;
	/* Of a remote one it is not known yet whether its sshd was told; of a socket here, ssh leaves the file. */
	forward->bound = result->answer == LINK_GONE || forward->mux.type == PLAN_REMOTE ||
			 forward_has_path_here(forward);
	held_note(forward);
	forward_let_go(forward);
	forward_apply(forward, FORWARD_AGAIN);
}

/*
 * Another ssh has taken over. The listener is closed on the old one, which keeps the connections through
 * it, and asked for again; where there is none any more, only the latter.
 */
static void step_moving(struct live_forward *forward)
{
	struct link *old = forward->on ? incarnation_link(forward->on) : NULL;

	if (forward->request)
		return;
	if (!forward->listens || !old) {
		forward_let_go(forward);
		forward_apply(forward, FORWARD_AGAIN);
		return;
	}
	forward_cancel_probe(forward);
	forward->leaving = true;
	forward->request = link_unlisten(old, &forward->mux, CLOSE_MS, moved, forward);
}

static void withdrawn(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	engine_schedule(forward->engine);
	forward->request = NULL;
	if (result->answer != LINK_LATE)
		forward->listens = false;
}

/* One that listens otherwise than it was to does not stay until it is asked for again. */
static void step_withdrawing(struct live_forward *forward)
{
	struct link *link = forward->on ? incarnation_link(forward->on) : NULL;

	if (link && forward->listens && !forward->request)
		forward->request = link_unlisten(link, &forward->mux, CLOSE_MS, withdrawn, forward);
}

/* --- closing --------------------------------------------------------------------------------- */

static void cancelled(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	forward->request = NULL;
	owner_forget(forward->engine);
	/* Nobody gets to a socket here once its file is gone. */
	forward->stuck = result->answer == LINK_LATE &&
			 !(forward->listens && forward_has_path_here(forward));
	forward->listens = false;
	if (result->answer != LINK_OK)
		engine_log(forward->engine, "tunnel %s, forward %zu: cancelling: %s",
			   forward->names.tunnel, forward->index + 1,
			   *result->words ? result->words : "no answer");
	forward_apply(forward, FORWARD_CANCELLED);
}

static bool is_stopped(const struct live_hop *hop)
{
	return hop->state == HOP_STALLED && strcmp(hop->failure.code, "ssh_stopped") == 0;
}

static void step_closing(struct live_forward *forward)
{
	struct link *link = forward->on ? incarnation_link(forward->on) : NULL;

	if (forward->request)
		return;
	/* One that was late may still take a path, until it answers what it is asked behind that. */
	if (!link || !(forward->listens || (forward->bound && forward_has_path_here(forward)))) {
		/* One that came with its hop goes with its hop. */
		forward->stuck = forward_is_stitched(forward) && forward->on;
		forward_apply(forward, FORWARD_CANCELLED);
		return;
	}
	forward->request = link_unlisten(link, &forward->mux, CLOSE_MS, cancelled, forward);
	if (!forward->listens || !is_stopped(forward->hop))
		return;
	/* One that was stopped does not hear, but reads it when it goes on. */
	link_drop(forward->request);
	cancelled(forward,
		  &(struct link_result){.answer = LINK_LATE, .words = "its ssh was stopped"});
}

void forward_close(struct live_forward *forward)
{
	forward_stay_away(forward);
	forward_cancel_probe(forward);
	/* What a lost session has left there is told of whoever was to have the place next. */
	forward->bound |= held_has(forward);
	if (forward->state == FORWARD_OPENING && forward->request) {
		/*
		 * The link takes it back; whether it is gone is seen in the check. What may have been there for
		 * longer, because another supervisor had asked for it, is closed, too: ssh answers behind that.
		 */
		forward_drop_request(forward);
		forward->bound = true;
		forward->listens = forward->inherited || forward->mux.type != PLAN_REMOTE;
	}
	forward_apply(forward, forward->bound ? FORWARD_CANCEL : FORWARD_DROP);
}

static void checked(struct live_forward *forward)
{
	forward_let_go(forward);
	forward_apply(forward, FORWARD_CHECKED);
}

/* --- steps ----------------------------------------------------------------------------------- */

static void hop_died(struct live_forward *forward)
{
	/* Why it is asked for again is told of the hop. */
	if (forward->state < FORWARD_FAILED)
		failure_finish(&forward->failure);
	if (forward_is_certainly_gone(forward))
		forward->bound = false;
	if (forward->on && forward->bound) {
		forward->lost = hop_why_lost(forward->hop);
		held_note(forward);
	}
	forward_let_go(forward);
	forward_apply(forward, FORWARD_HOP_DIED);
}

/* The end of what carried its ssh may be told later than the end of that. */
static void step_lost(struct live_forward *forward)
{
	const char *code = hop_why_lost(forward->hop);

	if (code && strcmp(code, HOP_BEREFT_CODE) == 0 && !forward->on)
		forward->lost = code;
}

/* Whether the ssh that it deals with is gone. */
static bool is_orphan(const struct live_forward *forward)
{
	return forward->on && forward->on->ended && forward->state != FORWARD_CHECKING;
}

/* Whether it has to do with an older ssh of its hop, or was refused by one, and there is another. */
static bool is_outdated(const struct live_forward *forward)
{
	const struct live_hop *hop = forward->hop;

	return (hop->state == HOP_UP || forward->leaving) && hop_carries(hop) &&
	       forward->asked != hop->present->generation &&
	       (forward_state_listens(forward->state) || forward->state == FORWARD_FAILED);
}

bool forward_waits_in_vain(const struct live_forward *forward)
{
	const struct live_hop *hop = forward->hop;

	if (forward->state != FORWARD_WAITING || hop->state != HOP_STALLED)
		return false;
	/* What carries it may be tried first. One that asks a person gets no other ssh. */
	for (; hop; hop = hop->parent)
		if (hop->state == HOP_STALLED && (hop->asks || failure_is_set(&hop->tried)))
			return true;
	return false;
}

/* It is asked for again, by the same ssh if there is no other, once that has answered what it was asked. */
static void step_due(struct live_forward *forward, bool may_open)
{
	if (!may_open || forward->request)
		return;
	forward->is_due = false;
	if (forward->state == FORWARD_FAILED)
		step_moving(forward);
}

/* It had left its place to another one. */
static void open_again(struct live_forward *forward)
{
	if (forward->state == FORWARD_CHECKING && forward->stuck)
		checked(forward);
	if (forward->state != FORWARD_CLOSED)
		return;
	forward->stuck = forward->kept = false;
	memory_replace(&forward->left, NULL);
	forward_apply(forward, FORWARD_AGAIN);
}

void forward_step(struct live_forward *forward, bool may_open)
{
	if (is_orphan(forward))
		hop_died(forward);
	if (forward->lost)
		step_lost(forward);
	if (may_open)
		open_again(forward);
	/* One that comes with its hop is not asked. */
	may_open |= forward_is_stitched(forward);
	if (may_open && is_outdated(forward)) {
		/* What an older one was refused says nothing of this one. */
		forward_stay_away(forward);
		step_moving(forward);
	}
	if (forward->state == FORWARD_FAILED && may_open)
		step_withdrawing(forward);
	if (forward->is_due)
		step_due(forward, may_open);
	if (forward->state == FORWARD_WAITING && may_open && forward_next_try_ms(forward) < 0)
		forward_step_waiting(forward);
	if (forward->state == FORWARD_OPENING)
		forward_step_announced(forward);
	if (forward->state == FORWARD_OPENING && forward->confirmed)
		forward_step_confirmed(forward);
	if (forward->state == FORWARD_UNPROVEN)
		forward_step_unproven(forward);
	if (forward->state == FORWARD_PROBING && !forward->request)
		forward_step_probing(forward);
	if (forward->state == FORWARD_CLOSING)
		step_closing(forward);
	/* The listeners of an ssh that ends, or does not hear, are there until its process is gone. */
	if (forward->state == FORWARD_CHECKING && forward->on && forward->on->ended)
		forward->stuck = false;
	/* What another supervisor had there is closed first, which says by itself whether that worked. */
	if (forward->state == FORWARD_CHECKING && !stray_is_leaving(forward) &&
	    (!forward->on || forward->on->ended ||
	     (incarnation_link(forward->on) && !forward->stuck)))
		forward_check(forward, checked);
}

bool forward_stays(const struct live_forward *forward)
{
	return forward_is_stitched(forward) && !(forward->on && forward->on->told);
}

void forward_give_up(struct live_forward *forward)
{
	if (forward->kept && forward->on)
		incarnation_keep(forward->on, &forward->mux);
	if (!forward_stays(forward))
		forward_check_leave(
			forward, forward->kept
					 ? "it still listens, or that cannot be seen: it goes with "
					   "the connection to its server, which other tunnels need"
					 : "its ssh does not answer, and other tunnels need it");
	checked(forward);
}

void forward_reprobe(struct live_forward *forward)
{
	if (!forward_is_probed(forward) || forward->request ||
	    !forward_state_is_judged(forward->state))
		return;
	forward_apply(forward, FORWARD_REPROBE);
}

uint64_t forward_reprobe_due(struct live_forward *forward)
{
	const uint64_t every_ms = (uint64_t)forward->plan->probe_s * 1000;
	const uint64_t passed_ms = clock_ms() - forward->probe_started_ms;

	if (!every_ms || !forward_state_is_judged(forward->state))
		return UINT64_MAX;
	if (passed_ms < every_ms)
		return every_ms - passed_ms;
	forward_reprobe(forward);
	return every_ms;
}

void forward_again(struct live_forward *forward)
{
	forward->attempt = 0;
	forward->chosen = false;
	forward->retry = (struct retry){0};
	forward_stay_away(forward);
	if (forward->state == FORWARD_FAILED)
		step_moving(forward);
}
