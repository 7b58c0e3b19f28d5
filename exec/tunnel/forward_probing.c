#include "exec/tunnel/forward_probing.h"

static const enum forward_event verdicts[] = {
	[PROBE_REACHED] = FORWARD_REACHED,
	[PROBE_SILENT] = FORWARD_UNREACHED,
	[PROBE_UNLEARNED] = FORWARD_UNLEARNED,
	[PROBE_NOT_LISTENING] = FORWARD_REFUSED,
};

/* The listener is there, and the probe has ended. */
static void judge(struct live_forward *forward)
{
	forward->is_probed = false;
	failure_copy(&forward->failure, &forward->outcome_failure);
	if (forward->outcome == PROBE_REACHED) {
		forward->reached_ms = clock_ms();
		forward->probe_took_ms = forward->reached_ms - forward->probe_started_ms;
	}
	if (forward->outcome != PROBE_UNLEARNED)
		forward->reprobed = false;
	forward_apply(forward, verdicts[forward->outcome]);
}

static void probed(void *data, enum probe_outcome outcome, const struct failure *failure)
{
	struct live_forward *forward = data;

	forward->probe = NULL;
	/* The end of its ssh, and why it ended, are about to be told. */
	if (outcome == PROBE_UNLEARNED && !incarnation_link(forward->on))
		return;
	forward->is_probed = true;
	forward->outcome = outcome;
	failure_copy(&forward->outcome_failure, failure);
	if (forward->state == FORWARD_PROBING)
		judge(forward);
}

void forward_probe(struct live_forward *forward)
{
	struct probe_target target = {
		.on = forward->on,
		.forward = &forward->mux,
		.ingress_host = forward->names.ingress,
		.ingress_address = forward->names.address,
		.egress_host = forward->names.egress,
		.me = forward->names.me,
	};

	forward->is_probed = false;
	forward->probe_started_ms = clock_ms();
	forward->probe = probe_start(&target, probed, forward);
}

void forward_step_probing(struct live_forward *forward)
{
	if (forward->is_probed)
		judge(forward);
	else if (!forward->probe && incarnation_link(forward->on))
		forward_probe(forward);
}

void forward_step_unproven(struct live_forward *forward)
{
	const struct live_hop *hop = forward->hop;

	if (forward->reprobed || hop->state != HOP_UP || hop->since_ms <= forward->probe_started_ms)
		return;
	forward->reprobed = true;
	forward_apply(forward, FORWARD_REPROBE);
}
