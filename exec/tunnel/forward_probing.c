#include "exec/tunnel/forward_probing.h"

#include <string.h>

#include "exec/tunnel/hop_idle.h"
#include "exec/tunnel/hop_look.h"

static const enum forward_event verdicts[] = {
	[PROBE_REACHED] = FORWARD_REACHED,       [PROBE_SILENT] = FORWARD_UNREACHED,
	[PROBE_UNLEARNED] = FORWARD_UNLEARNED,   [PROBE_UNASKED] = FORWARD_UNPROBED,
	[PROBE_NOT_LISTENING] = FORWARD_REFUSED,
};

/* Returns whether more of the connections through it have not reached the egress than at the last look. */
static bool was_refused(struct live_forward *forward, const struct ssh_log *log)
{
	const unsigned all = ssh_log_refused(log), before = forward->refused;

	if (all == forward->refused_all)
		return false;
	forward->refused_all = all;
	forward->refused = ssh_log_use(log, &forward->mux, NULL).refused;
	return forward->refused > before;
}

/* The listener is there, and the probe has ended. */
static void judge(struct live_forward *forward)
{
	const struct probe_result *result = &forward->result;

	forward->is_probed = false;
	failure_copy(&forward->failure, &result->failure);
	failure_copy(&forward->doubt, &result->doubt);
	if (forward->mux.type == PLAN_REMOTE)
		forward->proved = result->proved;
	if (result->outcome == PROBE_REACHED) {
		forward->reached_ms = clock_ms();
		forward->probe_took_ms = forward->reached_ms - forward->probe_started_ms;
	}
	if (result->outcome != PROBE_UNLEARNED)
		forward->reprobed = false;
	if (result->outcome == PROBE_NOT_LISTENING)
		forward_note_refused(forward);
	/* Of those that a probe of the listener made, it knows. */
	if (forward->on && forward->on->master) {
		was_refused(forward, master_log(forward->on->master));
		hop_idle_counted(forward->on);
	}
	forward_apply(forward, verdicts[result->outcome]);
}

static void probed(void *data, const struct probe_result *result)
{
	struct live_forward *forward = data;

	forward->probe = NULL;
	/* The end of its ssh, and why it ended, are about to be told. */
	if (result->outcome == PROBE_UNLEARNED && !incarnation_can_dial(forward->on))
		return;
	forward->is_probed = true;
	forward->result.outcome = result->outcome;
	forward->result.proved = result->proved;
	failure_copy(&forward->result.failure, &result->failure);
	failure_copy(&forward->result.doubt, &result->doubt);
	if (forward->state == FORWARD_PROBING)
		judge(forward);
}

/* Returns whether it is known what an opened connection is worth; asks. */
static bool knows_worth(const struct live_forward *forward)
{
	/* Those of a remote forward are opened by our own ssh. */
	if (forward->mux.type == PLAN_REMOTE)
		return true;
	candour_ask(forward->on);
	return forward->on->candour.state == CANDOUR_PROVES;
}

/* Returns whether more of the connections through it have reached the egress than at the last look. */
static bool was_used(struct live_forward *forward, const struct ssh_log *log)
{
	const unsigned all = ssh_log_opened(log), before = forward->opened;

	if (all == forward->opened_all)
		return false;
	forward->opened_all = all;
	forward->opened = ssh_log_use(log, &forward->mux, NULL).opened;
	return forward->opened > before;
}

/* What was known of the egress may not hold any more: it is asked. Where SOCKS users want to go is another matter. */
static void doubt_egress(struct live_forward *forward, const struct ssh_log *log)
{
	const bool fixed = forward->mux.target || forward->mux.target_path;

	if (was_refused(forward, log) && forward->state == FORWARD_UP && fixed &&
	    !forward->plan->no_probe && !forward->request)
		forward_apply(forward, FORWARD_REPROBE);
}

static void learn_use(struct live_forward *forward, const struct ssh_log *log)
{
	const uint64_t since_ms = forward->learned_ms;

	if (ssh_log_opened(log) != forward->opened_all && !knows_worth(forward))
		return;
	forward->learned_ms = clock_ms();
	if (!was_used(forward, log))
		return;
	/* It was after the last look; when, the log does not say. */
	if (since_ms > forward->reached_ms)
		forward->reached_ms = since_ms;
	if (forward->state == FORWARD_UP)
		return;
	failure_finish(&forward->failure);
	forward->reprobed = false;
	forward_apply(forward, FORWARD_REACHED);
}

void forward_learn(struct live_forward *forward)
{
	const struct ssh_log *log = forward->on ? incarnation_log(forward->on) : NULL;

	if (!log || !forward_state_is_judged(forward->state))
		return;
	learn_use(forward, log);
	doubt_egress(forward, log);
}

void forward_forget_use(struct live_forward *forward)
{
	if (forward->on->master) {
		was_used(forward, master_log(forward->on->master));
		was_refused(forward, master_log(forward->on->master));
	}
	forward->learned_ms = clock_ms();
}

void forward_probe(struct live_forward *forward)
{
	struct probe_target target = {
		.on = forward->on,
		.forward = &forward->mux,
		.ingress_host = forward->names.ingress,
		.ingress_addresses = {forward->names.addresses[0], forward->names.addresses[1]},
		.private_path = forward->names.private,
		.from_me = forward->names.from_me,
		.egress_host = forward->names.egress,
		.me = forward->names.me,
		.was_proved = forward->proved,
		.no_egress = forward->plan->no_probe,
	};

	/* What was before the probe is known by it. */
	forward_forget_use(forward);
	hop_idle_moved(forward->on);
	forward->is_probed = false;
	forward->probe_started_ms = clock_ms();
	forward->probe = probe_start(&target, probed, forward);
}

bool forward_prove(struct live_forward *forward)
{
	if (!forward_is_probed(forward) || forward_is_stitched(forward) ||
	    probe_needs_listener(&forward->mux))
		return true;
	if (forward->state != FORWARD_WAITING)
		return false;
	if (forward->on && forward->on != forward->hop->present)
		forward_let_go(forward);
	if (!forward->on)
		forward->on = incarnation_hold(forward->hop->present);
	if (!forward->is_probed && !forward->probe && incarnation_can_dial(forward->on))
		forward_probe(forward);
	if (!forward->is_probed || forward->result.outcome != PROBE_SILENT)
		return forward->is_probed;
	failure_copy(&forward->failure, &forward->result.failure);
	forward_note_refused(forward);
	forward_apply(forward, FORWARD_REFUSED);
	return false;
}

void forward_step_probing(struct live_forward *forward)
{
	if (forward->is_probed)
		judge(forward);
	else if (!forward->probe && incarnation_can_dial(forward->on))
		forward_probe(forward);
}

/* Whether nothing moves any more on the link that was busy when it was probed. */
static bool link_is_free(const struct live_forward *forward)
{
	uint32_t queued;

	return strcmp(forward->failure.code, "busy") == 0 && !hop_link_moves(forward->hop, &queued);
}

/* Whether it may be probed once more: all that its bytes go through is up. */
static bool chain_is_up(const struct live_hop *hop)
{
	while (hop && hop->state == HOP_UP)
		hop = hop->parent;
	return !hop;
}

void forward_step_unproven(struct live_forward *forward)
{
	const struct live_hop *hop = forward->hop;

	if (!chain_is_up(hop))
		return;
	if (!link_is_free(forward)) {
		if (forward->reprobed || hop_chain_since_ms(hop) <= forward->probe_started_ms)
			return;
		forward->reprobed = true;
	}
	forward_apply(forward, FORWARD_REPROBE);
}
