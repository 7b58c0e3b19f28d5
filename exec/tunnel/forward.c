#include "exec/tunnel/forward.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_log.h"
#include "exec/tunnel/classify.h"
#include "exec/tunnel/forward_check.h"
#include "exec/tunnel/forward_place.h"
#include "exec/tunnel/tunnel.h"
#include "planner/model/auto_port.h"

/* How many ports an `auto` ingress tries. */
#define AUTO_ATTEMPTS 32
/* How many forwards of a hop are probed at once: its ssh does more than to answer us. */
#define PROBES_AT_ONCE 16

/* The one place where a forward changes its state. */
static void apply(struct live_forward *forward, enum forward_event event)
{
	enum forward_state before = forward->state;

	if (!forward_state_next(before, event, &forward->state))
		return;
	history_add(&forward->history, forward_state_name(forward->state), clock_ms());
	engine_log(forward->engine, "tunnel %s, forward %zu: %s -> %s", forward->names.tunnel,
		   forward->index + 1, forward_state_name(before),
		   forward_state_name(forward->state));
	engine_schedule(forward->engine);
}

static uint16_t preferred_port(const struct live_forward *forward)
{
	uint16_t remembered = port_memory_get(&forward->engine->ports, forward->names.key);

	return remembered ? remembered : auto_port(forward->names.tunnel, forward->index);
}

static uint16_t port_to_try(const struct live_forward *forward)
{
	unsigned offset;

	if (!forward->plan->ingress.any_port)
		return forward->plan->ingress.port;
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
	forward->mux.bind_port = port_to_try(forward);
}

static void forget_probe(struct live_forward *forward)
{
	if (forward->probe)
		forward->hop->probes--;
	forward->probe = NULL;
}

static void cancel_probe(struct live_forward *forward)
{
	probe_cancel(forward->probe);
	forget_probe(forward);
}

void forward_finish(struct live_forward *forward)
{
	assert(!forward_is_busy(forward));
	cancel_probe(forward);
	mux_cancel(forward->check);
	dial_cancel(forward->look);
	failure_finish(&forward->failure);
	free(forward->left);
	*forward = (struct live_forward){0};
}

bool forward_is_busy(const struct live_forward *forward)
{
	/* Everything else can be cancelled; an ssh that was asked has to answer. */
	return forward->requested;
}

/* --- opening --------------------------------------------------------------------------------- */

static void refuse(struct live_forward *forward, const struct ssh_fault *fault, const char *words)
{
	const struct mux_forward *mux = &forward->mux;
	struct ssh_fault_subject subject = {forward->names.ingress,
					    mux->bind_path ? mux->bind_path : mux->bind,
					    mux->bind_port, forward->hop->host};
	struct strbuf advice = {0};

	classify_advice(fault, &subject, &advice);
	failure_set(&forward->failure, fault->code, forward->names.ingress, words,
		    strbuf_text(&advice));
	strbuf_finish(&advice);
	apply(forward, FORWARD_REFUSED);
}

static void probed(void *data, enum probe_outcome outcome, const struct failure *failure)
{
	struct live_forward *forward = data;

	forget_probe(forward);
	failure_copy(&forward->failure, failure);
	if (outcome == PROBE_REACHED) {
		forward->reached_ms = clock_ms();
		forward->probe_took_ms = forward->reached_ms - forward->probe_started_ms;
		apply(forward, FORWARD_REACHED);
	} else {
		apply(forward, outcome == PROBE_SILENT ? FORWARD_UNREACHED : FORWARD_REFUSED);
	}
	/* What the probe left in the log is no reason for the hop's end, should it come. */
	if (forward->hop->master)
		hop_log_mark(forward->hop);
}

static void probe(struct live_forward *forward)
{
	struct probe_target target = {
		.hop = forward->hop,
		.forward = &forward->mux,
		.ingress_host = forward->names.ingress,
		.ingress_address = forward->names.address,
		.egress_host = forward->names.egress,
		.me = forward->names.me,
	};

	forward->hop->probes++;
	forward->probe_started_ms = clock_ms();
	forward->probe = probe_start(&target, probed, forward);
}

static void step_probing(struct live_forward *forward)
{
	if (!forward->probe && forward->hop->state == HOP_UP &&
	    forward->hop->probes < PROBES_AT_ONCE)
		probe(forward);
}

/* It listens. Not to connect to the egress is not to dial the listener either. */
static void probe_or_trust(struct live_forward *forward)
{
	apply(forward, forward->plan->no_probe ? FORWARD_UNPROBED : FORWARD_LISTENS);
}

/* The sshd said yes, but to more than was asked for? Only its debug line tells. */
static bool was_widened(struct live_forward *forward, const char *log)
{
	if (forward->mux.type != PLAN_REMOTE || forward->mux.bind_path ||
	    !ssh_log_widened(log, forward->mux.bind))
		return false;
	refuse(forward, classify_code("widened"), "it would listen on every address");
	return true;
}

static void open_listener(struct live_forward *forward);

/* ssh said no: with another port, if that helps. */
static void open_failed(struct live_forward *forward, int status, const char *log)
{
	struct strbuf words = {0};
	const struct ssh_fault *fault = classify(log, &words);

	if (status == -ETIMEDOUT) {
		fault = classify_code("silent");
		strbuf_clear(&words);
		strbuf_puts(&words, "its ssh did not answer the request to listen");
	}
	if (forward->plan->ingress.any_port && ++forward->attempt < AUTO_ATTEMPTS &&
	    (strcmp(fault->code, "port_taken") == 0 || strcmp(fault->code, "listen") == 0))
		open_listener(forward);
	else
		refuse(forward, fault, strbuf_text(&words));
	strbuf_finish(&words);
}

static void opened(void *data, int status, const char *words)
{
	struct live_forward *forward = data;
	struct strbuf log = {0};

	engine_schedule(forward->engine);
	forward->requested = false;
	forward->listens = status == 0;
	forward->bound |= forward->listens;
	/* Taken down, or its hop died, meanwhile: the next step cancels it. */
	if (forward->state != FORWARD_OPENING)
		return;
	if (forward->hop->master) {
		master_log(forward->hop->master, forward->log_from, &log);
		hop_log_mark(forward->hop);
	}
	if (status) {
		strbuf_puts(&log, words);
		open_failed(forward, status, strbuf_text(&log));
	} else if (!was_widened(forward, strbuf_text(&log))) {
		if (forward->plan->ingress.any_port)
			port_memory_set(&forward->engine->ports, forward->names.key,
					forward->mux.bind_port);
		probe_or_trust(forward);
	}
	strbuf_finish(&log);
}

/* Whether nobody is in the way; refuses otherwise. */
static bool place_is_free(struct live_forward *forward)
{
	struct strbuf words = {0};
	const char *code = forward_place_taken(forward, &words);

	if (code)
		refuse(forward, classify_code(code), strbuf_text(&words));
	strbuf_finish(&words);
	return !code;
}

static void open_listener(struct live_forward *forward)
{
	forward->mux.bind_port = port_to_try(forward);
	while (forward->plan->ingress.any_port && tunnel_that_listens(forward) &&
	       forward->attempt < AUTO_ATTEMPTS) {
		forward->attempt++;
		forward->mux.bind_port = port_to_try(forward);
	}
	if (!place_is_free(forward))
		return;
	forward->log_from = master_log_size(forward->hop->master);
	forward->requested = true;
	forward->engine->mux->forward(forward->engine->loop, master_socket(forward->hop->master),
				      &forward->mux, opened, forward);
	apply(forward, FORWARD_REQUEST);
}

/* --- closing --------------------------------------------------------------------------------- */

static void cancelled(void *data, int status, const char *words)
{
	struct live_forward *forward = data;

	forward->requested = false;
	forward->listens = false;
	if (status)
		engine_log(forward->engine, "tunnel %s, forward %zu: cancelling: %s",
			   forward->names.tunnel, forward->index + 1,
			   *words ? words : strerror(-status));
	apply(forward, FORWARD_CANCELLED);
}

static void step_closing(struct live_forward *forward)
{
	if (forward->requested)
		return;
	if (!forward->listens || forward->hop->state != HOP_UP) {
		apply(forward, FORWARD_CANCELLED);
		return;
	}
	forward->requested = true;
	forward->engine->mux->cancel(forward->engine->loop, master_socket(forward->hop->master),
				     &forward->mux, cancelled, forward);
}

void forward_close(struct live_forward *forward)
{
	cancel_probe(forward);
	apply(forward, forward->requested || forward->bound ? FORWARD_CANCEL : FORWARD_DROP);
}

static void checked(struct live_forward *forward)
{
	apply(forward, FORWARD_CHECKED);
}

static void hop_died(struct live_forward *forward)
{
	cancel_probe(forward);
	forward->listens = false;
	if (forward->state < FORWARD_FAILED)
		failure_set(&forward->failure, "parent", forward->hop->host, "its hop is gone",
			    NULL);
	apply(forward, FORWARD_HOP_DIED);
}

void forward_step(struct live_forward *forward, bool may_open)
{
	/* An ssh that was asked still answers: the forward is closed after that, not before. */
	if (hop_state_is_dead(forward->hop->state) &&
	    !(forward->state == FORWARD_CLOSING && forward_is_busy(forward)))
		hop_died(forward);
	if (forward->state == FORWARD_WAITING && may_open && forward->hop->state == HOP_UP)
		open_listener(forward);
	if (forward->state == FORWARD_PROBING)
		step_probing(forward);
	if (forward->state == FORWARD_CLOSING)
		step_closing(forward);
	/* A dead hop's listeners are there until its process is gone. */
	if (forward->state == FORWARD_CHECKING &&
	    (forward->hop->state == HOP_UP || hop_is_gone(forward->hop)))
		forward_check(forward, checked);
}

void forward_reprobe(struct live_forward *forward)
{
	if (forward->plan->no_probe ||
	    (forward->state != FORWARD_UP && forward->state != FORWARD_SILENT))
		return;
	apply(forward, FORWARD_REPROBE);
}
