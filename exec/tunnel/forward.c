#include "exec/tunnel/forward.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_log.h"
#include "exec/tunnel/claims.h"
#include "exec/tunnel/classify.h"
#include "exec/tunnel/forward_check.h"
#include "exec/tunnel/forward_place.h"
#include "exec/tunnel/hop_life.h"
#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/owner.h"
#include "planner/model/auto_port.h"
#include "topology/base/memory.h"

/* How many ports an `auto` ingress tries. */
#define AUTO_ATTEMPTS 32
/* For an answer of the sshd. */
#define REQUEST_MS 15000
/* For ssh's own: it sends the request to close, and waits for no answer. */
#define CLOSE_MS 3000

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
	if (forward->state == FORWARD_CLOSED)
		claims_remove(forward);
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

static void cancel_probe(struct live_forward *forward)
{
	probe_cancel(forward->probe);
	forward->probe = NULL;
	forward->is_probed = false;
}

/* Whether the kernel here can tell whose its listener is. */
static bool listens_here(const struct live_forward *forward)
{
	return forward->mux.type != PLAN_REMOTE && !forward->mux.bind_path;
}

/* Nobody waits any more for what the ssh says to the request. */
static void forget_request(struct live_forward *forward)
{
	if (forward->awaits)
		forward->on->unanswered--;
	forward->awaits = false;
	forward->request = NULL;
}

static void drop_request(struct live_forward *forward)
{
	link_drop(forward->request);
	forget_request(forward);
}

/* The ssh that it dealt with is none of its business any more. */
static void let_go(struct live_forward *forward)
{
	cancel_probe(forward);
	lookup_cancel(forward->lookup);
	forward->lookup = NULL;
	if (forward->target)
		forward->mux.target = forward->plan->egress.address;
	memory_replace(&forward->target, NULL);
	drop_request(forward);
	if (forward->on)
		incarnation_forget(forward->on);
	forward->on = NULL;
	forward->listens = forward->confirmed = false;
}

void forward_finish(struct live_forward *forward)
{
	let_go(forward);
	link_drop(forward->check);
	dial_cancel(forward->look);
	claims_remove(forward);
	failure_finish(&forward->outcome_failure);
	failure_finish(&forward->failure);
	free(forward->left);
	*forward = (struct live_forward){0};
}

/* --- probing --------------------------------------------------------------------------------- */

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
	cancel_probe(forward);
	apply(forward, FORWARD_REFUSED);
}

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
	apply(forward, verdicts[forward->outcome]);
}

static void probed(void *data, enum probe_outcome outcome, const struct failure *failure)
{
	struct live_forward *forward = data;

	forward->probe = NULL;
	forward->is_probed = true;
	forward->outcome = outcome;
	failure_copy(&forward->outcome_failure, failure);
	if (forward->state == FORWARD_PROBING)
		judge(forward);
}

static void probe(struct live_forward *forward)
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

static void step_probing(struct live_forward *forward)
{
	if (forward->is_probed)
		judge(forward);
	else if (!forward->probe)
		probe(forward);
}

/* What could not be learned is asked for when its hop is up again: once, where that is only slow. */
static void step_unproven(struct live_forward *forward)
{
	const struct live_hop *hop = forward->hop;

	if (forward->reprobed || hop->state != HOP_UP || hop->since_ms <= forward->probe_started_ms)
		return;
	forward->reprobed = true;
	apply(forward, FORWARD_REPROBE);
}

/* --- opening --------------------------------------------------------------------------------- */

/* The sshd said yes, but to more than was asked for? Only its debug line tells. */
static bool was_widened(struct live_forward *forward, const char *log)
{
	if (forward->mux.type != PLAN_REMOTE || forward->mux.bind_path ||
	    !ssh_log_widened(log, forward->mux.bind))
		return false;
	refuse(forward, classify_code("widened"), "it would listen on every address");
	return true;
}

/* What the ssh said to the last request, in its log and in its answer. */
static void words_of(const struct live_forward *forward, const struct link_result *result,
		     struct strbuf *words)
{
	if (forward->on->master)
		master_log(forward->on->master, forward->log_from, words);
	strbuf_puts(words, result->words);
}

static bool is_path_here(const struct live_forward *forward)
{
	return forward->mux.bind_path && forward->mux.type != PLAN_REMOTE;
}

static void open_listener(struct live_forward *forward);

/* The ssh said no: with another port, if that helps. */
static void open_failed(struct live_forward *forward, const char *log)
{
	struct strbuf words = {0};
	const struct ssh_fault *fault = classify(log, &words);

	if (forward->plan->ingress.any_port && ++forward->attempt < AUTO_ATTEMPTS &&
	    (strcmp(fault->code, "port_taken") == 0 || strcmp(fault->code, "listen") == 0))
		open_listener(forward);
	else
		refuse(forward, fault, strbuf_text(&words));
	strbuf_finish(&words);
}

static void refuse_cut_off(struct live_forward *forward)
{
	refuse(forward, classify_code("cut_off"), "nothing new can be asked of the ssh of its hop");
}

static void open_ended(struct live_forward *forward, const struct link_result *result)
{
	struct strbuf log = {0};

	words_of(forward, result, &log);
	switch (result->answer) {
	case LINK_OK:
		if (was_widened(forward, strbuf_text(&log)))
			break;
		if (forward->plan->ingress.any_port)
			port_memory_set(&forward->engine->ports, forward->names.key,
					forward->mux.bind_port);
		forward->confirmed = true;
		break;
	case LINK_REFUSED:
		open_failed(forward, strbuf_text(&log));
		break;
	case LINK_LATE:
		refuse(forward, classify_code("late"),
		       "the request to listen was not answered in time");
		hop_suspect(forward->hop);
		break;
	case LINK_PROTOCOL:
		refuse(forward, classify_code("protocol"), result->words);
		break;
	case LINK_GONE:
		/* The end of the ssh is told by itself. */
		if (incarnation_is_cut_off(forward->on))
			refuse_cut_off(forward);
		break;
	}
	strbuf_finish(&log);
}

static void opened(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	engine_schedule(forward->engine);
	forget_request(forward);
	owner_forget(forward->engine);
	forward->listens = result->answer == LINK_OK;
	/* One that is late may have got there, before it was taken back. */
	if (forward->listens)
		forward->lost = NULL;
	forward->bound |= forward->listens || result->answer == LINK_LATE;
	if (result->answer == LINK_OK && forward->mux.type == PLAN_REMOTE &&
	    forward->on == forward->hop->present)
		hop_heard(forward->hop);
	if (forward->state == FORWARD_OPENING)
		open_ended(forward, result);
}

/* Returns whether the listener may be there, as its ssh says; refuses otherwise. */
static bool is_there(struct live_forward *forward)
{
	static const char *const codes[] = {
		[OWNER_NOBODY] = "not_accepting", [OWNER_OTHER] = "port_taken"};
	struct strbuf words = {0};
	enum owner owner = OWNER_UNKNOWN;

	if (listens_here(forward) && forward->on->master)
		owner = owner_find(forward->engine, master_pid(forward->on->master),
				   forward->mux.bind, forward->mux.bind_port, &words);
	if (owner == OWNER_NOBODY || owner == OWNER_OTHER)
		refuse(forward, classify_code(codes[owner]), strbuf_text(&words));
	strbuf_finish(&words);
	return forward->state != FORWARD_FAILED;
}

/* The ssh said that it listens. The kernel is asked when the ssh has answered all: once, and not for each. */
static void step_confirmed(struct live_forward *forward)
{
	if (listens_here(forward) && forward->on->unanswered)
		return;
	forward->confirmed = false;
	if (!is_there(forward))
		return;
	/* Not to connect to the egress is not to dial the listener either. */
	apply(forward, forward->plan->no_probe ? FORWARD_UNPROBED : FORWARD_LISTENS);
}

void forward_look(struct live_forward *forward)
{
	if (forward_state_listens(forward->state) && !forward->request)
		is_there(forward);
}

/* Whether nobody is in the way; refuses otherwise, or waits for who is leaving. */
static bool place_is_free(struct live_forward *forward)
{
	const struct live_forward *other = claims_find(forward);
	struct strbuf words = {0};
	const char *code = NULL;

	if (other && claims_is_leaving(other))
		return false;
	code = forward_place_taken(forward, other, &words);
	if (code)
		refuse(forward, classify_code(code), strbuf_text(&words));
	strbuf_finish(&words);
	return !code;
}

/* Chooses the next port that no listener of ours has. */
static void choose_port(struct live_forward *forward)
{
	forward->mux.bind_port = port_to_try(forward);
	while (forward->plan->ingress.any_port && forward->attempt < AUTO_ATTEMPTS &&
	       claims_find(forward)) {
		forward->attempt++;
		forward->mux.bind_port = port_to_try(forward);
	}
}

static void looked_up(void *data, const char *address)
{
	struct live_forward *forward = data;
	char *words;

	forward->lookup = NULL;
	engine_schedule(forward->engine);
	memory_replace(&forward->target, address);
	if (address) {
		forward->mux.target = forward->target;
		return;
	}
	words = memory_format("Could not resolve hostname %s", forward->plan->egress.address);
	refuse(forward, classify_code("own_name"), words);
	free(words);
}

/* Whether to find the address of a text may take long: it is no address, and not this machine itself. */
static bool needs_lookup(const char *text)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, address) != 1 && inet_pton(AF_INET6, text, address) != 1 &&
	       strcmp(text, "localhost") != 0;
}

/*
 * What a remote listener leads to is dialled here. Returns whether its address is known; a name is looked
 * up anew each time that a listener is asked for.
 */
static bool knows_target(struct live_forward *forward)
{
	if (forward->mux.type != PLAN_REMOTE || !forward->plan->egress.address)
		return true;
	if (forward->target || !needs_lookup(forward->plan->egress.address))
		return true;
	if (!forward->lookup)
		forward->lookup = lookup_start(forward->engine->loop, forward->plan->egress.address,
					       looked_up, forward);
	return false;
}

static void open_listener(struct live_forward *forward)
{
	struct incarnation *on = forward->on ? forward->on : forward->hop->present;

	/* Its end is about to be told. */
	if (!incarnation_link(on))
		return;
	forward->asked = on->generation;
	/* Only a remote listener is asked for on a connection of its own. */
	if (forward->mux.type == PLAN_REMOTE && on == forward->hop->present &&
	    !hop_can_ask(forward->hop)) {
		/* Else it waits for the next one, unless this one was asked for another port before. */
		if (forward->hop->present == on || forward->state == FORWARD_OPENING)
			refuse_cut_off(forward);
		return;
	}
	if (!knows_target(forward))
		return;
	choose_port(forward);
	if (!place_is_free(forward))
		return;
	if (!forward->on)
		forward->on = incarnation_hold(on);
	forward->log_from = master_log_size(forward->on->master);
	claims_add(forward);
	/* Before ssh makes a file: whatever becomes of us then, the next supervisor knows what to look for. */
	if (is_path_here(forward))
		forward->engine->record(forward->engine);
	forward->request = link_listen(incarnation_link(forward->on), &forward->mux, REQUEST_MS,
				       opened, forward);
	forward->awaits = listens_here(forward);
	forward->on->unanswered += forward->awaits;
	apply(forward, FORWARD_REQUEST);
	/* Whether the egress answers can be asked meanwhile, unless only the listener can tell. */
	if (!forward->plan->no_probe && !forward->probe && !forward->is_probed &&
	    !probe_needs_listener(&forward->mux))
		probe(forward);
}

static void step_waiting(struct live_forward *forward)
{
	struct live_hop *hop = forward->hop;

	/* A stopped ssh does what it was asked when it goes on, whoever has the place by then. */
	if (hop->state == HOP_UP)
		hop_feel_once(hop);
	if (hop->state == HOP_UP)
		open_listener(forward);
	else
		hop_try_another(hop);
}

/* --- another ssh ----------------------------------------------------------------------------- */

static void moved(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	engine_schedule(forward->engine);
	forward->request = NULL;
	/* A late one is asked once more, until its ssh is gone. */
	if (result->answer == LINK_LATE)
		return;
	/* Of a remote one it is not known yet whether its sshd was told. */
	forward->bound = result->answer == LINK_GONE || forward->mux.type == PLAN_REMOTE;
	let_go(forward);
	apply(forward, FORWARD_AGAIN);
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
		let_go(forward);
		apply(forward, FORWARD_AGAIN);
		return;
	}
	cancel_probe(forward);
	forward->request = link_unlisten(old, &forward->mux, CLOSE_MS, moved, forward);
}

/* --- closing --------------------------------------------------------------------------------- */

static void cancelled(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	forward->request = NULL;
	owner_forget(forward->engine);
	/* Nobody gets to a socket here once its file is gone. */
	forward->stuck =
		result->answer == LINK_LATE && !(forward->listens && is_path_here(forward));
	forward->listens = false;
	if (result->answer != LINK_OK)
		engine_log(forward->engine, "tunnel %s, forward %zu: cancelling: %s",
			   forward->names.tunnel, forward->index + 1,
			   *result->words ? result->words : "no answer");
	apply(forward, FORWARD_CANCELLED);
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
	if (!link || !(forward->listens || (forward->bound && is_path_here(forward)))) {
		apply(forward, FORWARD_CANCELLED);
		return;
	}
	forward->request = link_unlisten(link, &forward->mux, CLOSE_MS, cancelled, forward);
	if (!forward->listens || !is_stopped(forward->hop))
		return;
	/* One that was stopped does not hear, but reads it when it goes on. */
	link_drop(forward->request);
	cancelled(forward, &(struct link_result){LINK_LATE, "its ssh was stopped", 0});
}

void forward_close(struct live_forward *forward)
{
	cancel_probe(forward);
	if (forward->state == FORWARD_OPENING && forward->request) {
		/* The link takes it back; whether it is gone is seen in the check. */
		drop_request(forward);
		forward->bound = true;
	}
	apply(forward, forward->bound ? FORWARD_CANCEL : FORWARD_DROP);
}

static void checked(struct live_forward *forward)
{
	let_go(forward);
	apply(forward, FORWARD_CHECKED);
}

/* --- steps ----------------------------------------------------------------------------------- */

static void hop_died(struct live_forward *forward)
{
	if (forward->state < FORWARD_FAILED)
		failure_set(&forward->failure, "parent", forward->hop->host, "its hop is gone",
			    NULL);
	if (forward->on && forward->bound)
		forward->lost = hop_why_lost(forward->hop);
	let_go(forward);
	if (forward->state < FORWARD_CLOSING)
		claims_remove(forward);
	apply(forward, FORWARD_HOP_DIED);
}

/* Whether the ssh that it deals with, or waits for, is gone. */
static bool is_orphan(const struct live_forward *forward)
{
	if (forward->on)
		return forward->on->ended && forward->state != FORWARD_CHECKING;
	return forward->state == FORWARD_WAITING && hop_state_is_dead(forward->hop->state);
}

/* Whether it has to do with an older ssh of its hop, or was refused by one, and there is another. */
static bool is_outdated(const struct live_forward *forward)
{
	const struct live_hop *hop = forward->hop;

	return hop->state == HOP_UP && forward->asked != hop->present->generation &&
	       (forward_state_listens(forward->state) || forward->state == FORWARD_FAILED);
}

bool forward_waits_in_vain(const struct live_forward *forward)
{
	const struct live_hop *hop = forward->hop;

	return forward->state == FORWARD_WAITING && hop->state == HOP_STALLED &&
	       failure_is_set(&hop->tried);
}

void forward_step(struct live_forward *forward, bool may_open)
{
	if (is_orphan(forward))
		hop_died(forward);
	if (may_open && is_outdated(forward))
		step_moving(forward);
	if (forward->state == FORWARD_WAITING && may_open)
		step_waiting(forward);
	if (forward->state == FORWARD_OPENING && forward->confirmed)
		step_confirmed(forward);
	if (forward->state == FORWARD_UNPROVEN)
		step_unproven(forward);
	if (forward->state == FORWARD_PROBING && !forward->request)
		step_probing(forward);
	if (forward->state == FORWARD_CLOSING)
		step_closing(forward);
	/* The listeners of an ssh that ends, or does not hear, are there until its process is gone. */
	if (forward->state == FORWARD_CHECKING && forward->on && forward->on->ended)
		forward->stuck = false;
	if (forward->state == FORWARD_CHECKING &&
	    (!forward->on || forward->on->ended ||
	     (incarnation_link(forward->on) && !forward->stuck)))
		forward_check(forward, checked);
}

void forward_give_up(struct live_forward *forward)
{
	forward_check_leave(forward, "its ssh does not answer, and other tunnels need it");
	checked(forward);
}

void forward_reprobe(struct live_forward *forward)
{
	if (forward->plan->no_probe || forward->request || !forward_state_is_judged(forward->state))
		return;
	apply(forward, FORWARD_REPROBE);
}

void forward_again(struct live_forward *forward)
{
	if (forward->state != FORWARD_FAILED)
		return;
	forward->attempt = 0;
	step_moving(forward);
}
