#include "exec/tunnel/probe.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "exec/system/delay.h"
#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/probe_steps.h"
#include "topology/base/memory.h"

static void finish(struct probe *probe)
{
	exit_dial_cancel(probe->exit_wait);
	exit_dial_cancel(probe->sign);
	link_drop(probe->question);
	dial_cancel(probe->dial);
	log_wait_cancel(probe->wait);
	delay_destroy(probe->patience);
	delay_destroy(probe->soon);
	delay_destroy(probe->halfway);
	listener_proof_cancel(probe->proof);
	path_proof_cancel(probe->path_proof);
	failure_finish(&probe->result.failure);
	failure_finish(&probe->result.doubt);
	free(probe->said);
	free(probe);
}

void probe_cancel(struct probe *probe)
{
	if (probe)
		finish(probe);
}

static void end(struct probe *probe, enum probe_outcome outcome)
{
	probe->result.outcome = outcome;
	probe->done(probe->data, &probe->result);
	finish(probe);
}

void probe_go_on(struct probe *probe)
{
	probe_step step = *probe->next;

	if (!step ||
	    (probe->target.no_egress && step != probe_listener && step != probe_cannot_ask)) {
		end(probe, probe->target.no_egress ? PROBE_UNASKED : PROBE_REACHED);
		return;
	}
	probe->next++;
	step(probe);
}

void probe_fail(struct probe *probe, enum probe_outcome outcome, const struct ssh_fault *fault,
		const struct ssh_fault_subject *subject, const char *words)
{
	failure_blame(&probe->result.failure, fault, subject, words);
	end(probe, outcome);
}

const char *probe_dialled(const char *bind)
{
	if (strcmp(bind, "0.0.0.0") == 0 || strcmp(bind, "*") == 0)
		return "127.0.0.1";
	return strcmp(bind, "::") == 0 ? "::1" : bind;
}

const char *probe_egress_name(const struct probe *probe)
{
	const struct mux_forward *forward = probe->target.forward;

	if (probe->target.egress_host)
		return probe->target.egress_host;
	return forward->target ? forward->target : forward->target_path;
}

struct ssh_fault_subject probe_egress(const struct probe *probe, bool by_me)
{
	const struct probe_target *target = &probe->target;
	const char *path = target->forward->target_path;

	return (struct ssh_fault_subject){
		.host = probe_egress_name(probe),
		.address = path ? path : target->forward->target,
		.port = path ? 0 : target->forward->target_port,
		.from = by_me ? target->me : target->on->hop->host,
		.about = FAULT_EGRESS,
		.known = (path ? FAULT_PATH : 0) |
			 (by_me ? FAULT_FROM_HERE : incarnation_server(target->on)),
		.me = target->me,
	};
}

static const probe_step local_steps[] = {probe_exit_dials_egress, NULL};
static const probe_step local_to_path_steps[] = {probe_dial_through, NULL};
static const probe_step dynamic_steps[] = {probe_exit_dials_closed_port, NULL};
static const probe_step remote_steps[] = {probe_listener, probe_egress_behind, NULL};
/* Where SOCKS users go is theirs to say: that it listens is all there is to ask. */
static const probe_step remote_socks_steps[] = {probe_listener, NULL};

static const probe_step unasked_steps[] = {probe_cannot_ask, NULL};

/* Whether the ssh of a stitched hop can be asked, and tells. It dials no socket, and none is made for it to be seen. */
static bool is_askable(const struct probe_target *target)
{
	const struct mux_forward *forward = target->forward;
	const bool remote = forward->type == PLAN_REMOTE;

	return !(remote ? forward->bind_path : forward->target_path) &&
	       ssh_log_tells(master_log(target->on->master));
}

static const probe_step *steps_for(const struct mux_forward *forward)
{
	switch (forward->type) {
	case PLAN_LOCAL:
		return forward->target_path ? local_to_path_steps : local_steps;
	case PLAN_REMOTE:
	case PLAN_REMOTE_DYNAMIC:
		if (!forward->target && !forward->target_path)
			return remote_socks_steps;
		return remote_steps;
	case PLAN_DYNAMIC:
		break;
	}
	return dynamic_steps;
}

bool probe_needs_listener(const struct mux_forward *forward)
{
	const probe_step first = steps_for(forward)[0];

	return first != probe_exit_dials_egress && first != probe_exit_dials_closed_port;
}

/* The deadlines of dials stand still while the link moves; a person's patience does not. */
static void impatient(void *data)
{
	struct probe *probe = data;
	struct strbuf words = {0};
	uint32_t queued;

	if (!(probe->exit_wait || probe->proof) ||
	    !hop_link_moves(probe->target.on->hop, &queued)) {
		delay_start(probe->patience, PROBE_BUSY_MS);
		return;
	}
	strbuf_puts(&words, "the link is busy");
	if (queued >= 50000)
		strbuf_printf(&words, " (%u.%u MB wait on it)", queued / 1000000,
			      queued / 100000 % 10);
	probe_unlearned(probe, "busy", strbuf_text(&words));
	strbuf_finish(&words);
}

struct probe *probe_start(const struct probe_target *target, probe_done done, void *data)
{
	struct probe *probe = memory_alloc(sizeof(*probe));

	probe->target = *target;
	probe->next = steps_for(target->forward);
	if (hop_is_stitched(target->on->hop) && !is_askable(target))
		probe->next = unasked_steps;
	probe->started_ms = clock_ms();
	probe->done = done;
	probe->data = data;
	probe->patience = delay_create(target->on->hop->engine->loop, impatient, probe);
	delay_start(probe->patience, PROBE_DIAL_MS + PROBE_BUSY_MS);
	assert(*probe->next);
	/* Each first step only starts something. */
	(*probe->next++)(probe);
	return probe;
}
