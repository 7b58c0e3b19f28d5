#include "exec/tunnel/forward.h"

#include <stdlib.h>
#include <string.h>

#include "exec/tunnel/claims.h"
#include "exec/tunnel/stray.h"
#include "planner/model/auto_port.h"
#include "topology/base/memory.h"

void forward_apply(struct live_forward *forward, enum forward_event event)
{
	enum forward_state before = forward->state;

	if (!forward_state_next(before, event, &forward->state))
		return;
	engine_log(forward->engine, "tunnel %s, forward %zu: %s -> %s", forward->names.tunnel,
		   forward->index + 1, forward_state_name(before),
		   forward_state_name(forward->state));
	if (forward->state == FORWARD_CLOSED)
		claims_remove(forward);
	if (forward_state_is_judged(forward->state))
		forward->retry = (struct retry){0};
	engine_schedule(forward->engine);
}

static uint16_t preferred_port(const struct live_forward *forward)
{
	uint16_t remembered = port_memory_get(&forward->engine->ports, forward->names.key);

	return remembered ? remembered : auto_port(forward->names.tunnel, forward->index);
}

uint16_t forward_port_to_try(const struct live_forward *forward)
{
	unsigned offset;

	if (!forward->plan->ingress.any_port)
		return forward->plan->ingress.port;
	if (forward_is_stitched(forward))
		return auto_port(forward->names.tunnel,
				 forward->plan->of + hop_ports_after(forward->hop));
	if (forward->chosen)
		return forward->mux.bind_port;
	offset = (unsigned)(preferred_port(forward) - AUTO_PORT_FIRST) + forward->attempt;
	return (uint16_t)(AUTO_PORT_FIRST + offset % AUTO_PORT_COUNT);
}

void forward_init(struct live_forward *forward, struct engine *engine, struct live_hop *hop,
		  const struct plan_forward *plan, const struct forward_names *names, size_t index)
{
	*forward = (struct live_forward){
		.engine = engine,
		.hop = hop,
		.plan = plan,
		.index = index,
		.names = *names,
		/* -R without a target offers SOCKS. */
		.mux = {.type = plan->type == PLAN_REMOTE_DYNAMIC ? PLAN_REMOTE : plan->type,
			.bind = plan->ingress.address,
			.bind_path = plan->ingress.joint ? names->joint : plan->ingress.socket,
			.target = plan->egress.address,
			.target_port = plan->egress.port,
			.target_path = plan->egress.joint ? names->joint : plan->egress.socket},
	};
	forward->mux.bind_port = stray_port(forward);
	/* An ssh has it still. */
	forward->chosen = forward->mux.bind_port && plan->ingress.any_port;
	if (forward->chosen)
		port_memory_set(&engine->ports, names->key, forward->mux.bind_port);
	forward->mux.bind_port = forward_port_to_try(forward);
}

void forward_cancel_probe(struct live_forward *forward)
{
	probe_cancel(forward->probe);
	forward->probe = NULL;
	forward->is_probed = false;
}

bool forward_is_stitched(const struct live_forward *forward)
{
	return hop_is_stitched(forward->hop);
}

bool forward_listens_here(const struct live_forward *forward)
{
	return !forward_is_stitched(forward) && forward->mux.type != PLAN_REMOTE &&
	       !forward->mux.bind_path;
}

bool forward_has_path_here(const struct live_forward *forward)
{
	return !forward_is_stitched(forward) && forward->mux.bind_path &&
	       forward->mux.type != PLAN_REMOTE;
}

bool forward_is_probed(const struct live_forward *forward)
{
	return !forward->plan->no_probe || forward->mux.type == PLAN_REMOTE;
}

void forward_forget_request(struct live_forward *forward)
{
	if (forward->awaits)
		forward->on->unanswered--;
	forward->awaits = false;
	forward->request = NULL;
}

void forward_drop_request(struct live_forward *forward)
{
	link_drop(forward->request);
	forward_forget_request(forward);
}

void forward_let_go(struct live_forward *forward)
{
	forward_cancel_probe(forward);
	lookup_cancel(forward->lookup);
	forward->lookup = NULL;
	if (forward->target)
		forward->mux.target = forward->plan->egress.address;
	memory_replace(&forward->target, NULL);
	forward_drop_request(forward);
	if (forward->on)
		incarnation_forget(forward->on);
	forward->on = NULL;
	forward->socket_inode = 0;
	forward->announced = 0;
	forward->announces = forward->inherited = false;
	forward->listens = forward->confirmed = forward->proved = forward->leaving = false;
	failure_finish(&forward->doubt);
	/* Of the next ssh nothing is known yet. */
	forward->opened = forward->opened_all = forward->refused = forward->refused_all = 0;
	if (forward->plan->no_probe)
		forward->reached_ms = 0;
}

void forward_finish(struct live_forward *forward)
{
	forward_let_go(forward);
	link_drop(forward->check);
	dial_cancel(forward->look);
	delay_destroy(forward->again);
	claims_remove(forward);
	failure_finish(&forward->result.failure);
	failure_finish(&forward->result.doubt);
	failure_finish(&forward->doubt);
	failure_finish(&forward->failure);
	free(forward->left);
	*forward = (struct live_forward){0};
}

/* --- asking again ---------------------------------------------------------------------------- */

static void due(void *data)
{
	struct live_forward *forward = data;

	forward->is_due = true;
	engine_schedule(forward->engine);
}

void forward_come_back(struct live_forward *forward)
{
	const uint64_t now = clock_ms();

	if (forward->is_due || forward_next_try_ms(forward) >= 0)
		return;
	if (!forward->again)
		forward->again = delay_create(forward->engine->loop, due, forward);
	forward->again_ms = now + retry_wait_ms(&forward->retry, now, clock_random());
	delay_start(forward->again, forward->again_ms - now);
}

void forward_end_wait(struct live_forward *forward)
{
	if (forward->again)
		delay_stop(forward->again);
	due(forward);
}

void forward_stay_away(struct live_forward *forward)
{
	forward->is_due = false;
	if (forward->again)
		delay_stop(forward->again);
}

int64_t forward_next_try_ms(const struct live_forward *forward)
{
	const uint64_t now = clock_ms();

	if (!forward->again || !delay_runs(forward->again))
		return -1;
	return forward->again_ms > now ? (int64_t)(forward->again_ms - now) : 0;
}

/* --- being refused --------------------------------------------------------------------------- */

void forward_note_refused(struct live_forward *forward)
{
	retry_failed(&forward->retry, retry_class_of(forward->failure.code), clock_ms());
	forward_stay_away(forward);
}

struct ssh_fault_subject forward_subject(const struct live_forward *forward)
{
	const struct mux_forward *mux = &forward->mux;
	const bool remote = mux->type == PLAN_REMOTE;

	return (struct ssh_fault_subject){
		.host = forward->names.ingress,
		.address = mux->bind_path ? mux->bind_path : mux->bind,
		.port = mux->bind_path ? 0 : mux->bind_port,
		.from = forward->hop->host,
		.about = remote ? FAULT_REMOTE_INGRESS : FAULT_LOCAL_INGRESS,
		.known = (mux->bind_path ? FAULT_PATH : 0) |
			 (remote ? hop_server(forward->hop) : FAULT_FROM_HERE),
		.me = forward->names.me,
	};
}

/* Why it does not listen: a fault with ssh's words or ours. */
static void set_failure(struct live_forward *forward, const struct ssh_fault *fault,
			const char *words)
{
	const struct ssh_fault_subject subject = forward_subject(forward);

	failure_blame(&forward->failure, fault, &subject, words);
	forward_note_refused(forward);
	forward_cancel_probe(forward);
}

void forward_refuse(struct live_forward *forward, const struct ssh_fault *fault, const char *words)
{
	set_failure(forward, fault, words);
	forward_apply(forward, FORWARD_REFUSED);
}

void forward_hold(struct live_forward *forward, const char *code, const char *words)
{
	set_failure(forward, classify_code(code), words);
	/* Whoever had it: what is left there is told of this one. */
	forward->bound = true;
	forward_let_go(forward);
	forward_come_back(forward);
	forward_apply(forward, FORWARD_HELD);
}

const char *forward_egress_state(const struct live_forward *forward)
{
	switch (forward->state) {
	case FORWARD_UP:
		return forward->reached_ms ? "reached" : "unprobed";
	case FORWARD_SILENT:
		return "silent";
	case FORWARD_UNPROVEN:
		return "unproven";
	default:
		return NULL;
	}
}

const char *forward_listener_state(const struct live_forward *forward)
{
	static const char *const wrong[] = {"narrowed", "widened"};
	const char *code = forward->state == FORWARD_FAILED ? forward->failure.code : NULL;

	if (forward_state_listens(forward->state))
		return forward->proved ? "proved" : "unproven";
	for (size_t i = 0; code && i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (strcmp(code, wrong[i]) == 0)
			return wrong[i];
	return "none";
}
