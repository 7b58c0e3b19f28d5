#include "exec/tunnel/forward_opening.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "exec/tunnel/claims.h"
#include "exec/tunnel/classify.h"
#include "exec/tunnel/forward_place.h"
#include "exec/tunnel/forward_probing.h"
#include "exec/tunnel/held.h"
#include "exec/tunnel/hop_life.h"
#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/owner.h"
#include "exec/tunnel/stray.h"
#include "planner/views/shell.h"
#include "topology/base/memory.h"

/* How many ports an `auto` ingress tries. */
#define AUTO_ATTEMPTS 32
/* The same on another host. */
#define AUTO_ATTEMPTS_THERE HOP_PORTS
/* For an answer of the sshd; and for what is dialled only to free it. */
#define REQUEST_MS 15000
#define KNOCK_MS   1000

/* The sshd said yes, but to more than was asked for? Only its debug line tells. */
static bool was_widened(struct live_forward *forward)
{
	if (forward->mux.type != PLAN_REMOTE || forward->mux.bind_path || !forward->on->master ||
	    !ssh_log_widened(master_log(forward->on->master), forward->mux.bind))
		return false;
	forward_refuse(forward, classify_code("widened"), "it would listen on every address");
	return true;
}

/* What the ssh said of this listener, in its log and in its answer. */
static void words_of(const struct live_forward *forward, const struct link_result *result,
		     struct strbuf *words)
{
	if (forward->on->master)
		ssh_log_listener_failure(master_log(forward->on->master), &forward->mux, words);
	strbuf_puts(words, result->words);
}

static void open_listener(struct live_forward *forward);

static void knocked(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	(void)result;
	forward->check = NULL;
	engine_schedule(forward->engine);
}

/*
 * Whether the port may be held by a session of ours whose link is dead. One dial makes its sshd send, and so learn that
 * nobody is there; more would be counted against us.
 */
static bool is_held(struct live_forward *forward)
{
	struct live_hop *hop = forward->hop;

	if (!held_has(forward) || forward->listened == forward->asked ||
	    forward->on != hop->present)
		return false;
	if (forward->knocked != forward->asked && !forward->check && hop_can_ask(hop))
		forward->check =
			link_dial(incarnation_link(forward->on), probe_dialled(forward->mux.bind),
				  forward->mux.bind_port, KNOCK_MS, knocked, forward);
	forward->knocked = forward->asked;
	return true;
}

/* Says who has the port, if that is why, and the kernel tells. */
static const struct strbuf *name_owner(const struct live_forward *forward,
				       const struct ssh_fault *fault, struct strbuf *words)
{
	struct strbuf owner = {0};

	if (strcmp(fault->code, "port_taken") == 0 && forward_listens_here(forward) &&
	    owner_is_foreign(forward->engine, forward->mux.bind, forward->mux.bind_port, &owner))
		strbuf_printf(words, ": %s", strbuf_text(&owner));
	strbuf_finish(&owner);
	return words;
}

/* Whether another ssh of ours has it, which could not be asked to close it; appends a sentence about that. */
static bool is_left(const struct live_forward *forward, struct strbuf *words)
{
	return forward_listens_here(forward) &&
	       owner_is_ours(forward->engine, forward->mux.bind, forward->mux.bind_port, words);
}

/* The ssh said no: with another port, if that helps. */
static void open_failed(struct live_forward *forward, const struct link_result *result)
{
	const unsigned most =
		forward->mux.type == PLAN_REMOTE ? AUTO_ATTEMPTS_THERE : AUTO_ATTEMPTS;
	const bool automatic = forward->plan->ingress.any_port && !forward->chosen;
	struct strbuf log = {0}, words = {0}, owner = {0};
	const struct ssh_fault_subject subject = forward_subject(forward);
	const struct ssh_fault *fault;
	bool taken, refused;

	words_of(forward, result, &log);
	fault = classify(&subject, strbuf_text(&log), &words);
	taken = strcmp(fault->code, "port_taken") == 0;
	refused = strcmp(fault->code, "listen") == 0;
	if (automatic && (taken || refused) && ++forward->attempt < most)
		open_listener(forward);
	else if (refused && incarnation_keeps(forward->on, &forward->mux))
		forward_refuse(forward, classify_code("kept"), strbuf_text(&words));
	else if (refused && is_held(forward))
		forward_hold(forward, "port_held",
			     "the port there is not to be had: a session of ours that was lost may "
			     "still hold it");
	else if (taken && is_left(forward, &owner))
		forward_hold(forward, "port_left", strbuf_text(&owner));
	else
		forward_refuse(forward, fault, strbuf_text(name_owner(forward, fault, &words)));
	strbuf_finish(&owner);
	strbuf_finish(&words);
	strbuf_finish(&log);
}

static void refuse_cut_off(struct live_forward *forward)
{
	forward_refuse(forward, classify_code("cut_off"),
		       "nothing new can be asked of the ssh of its hop");
}

/* An `auto` ingress gets the same port the next time. */
static void note_port(const struct live_forward *forward)
{
	if (forward->plan->ingress.any_port)
		port_memory_set(&forward->engine->ports, forward->names.key,
				forward->mux.bind_port);
}

static void open_ended(struct live_forward *forward, const struct link_result *result)
{
	switch (result->answer) {
	case LINK_OK:
		if (was_widened(forward))
			break;
		note_port(forward);
		forward->confirmed = forward->chosen = true;
		break;
	case LINK_REFUSED:
		open_failed(forward, result);
		break;
	case LINK_LATE:
		forward_refuse(forward, classify_code("late"),
			       "the request to listen was not answered in time");
		hop_suspect(forward->hop);
		break;
	case LINK_NO_ROOM:
		forward_refuse(forward, classify_code("files"), result->words);
		break;
	case LINK_PROTOCOL:
		forward_refuse(forward, classify_code("protocol"), result->words);
		break;
	case LINK_GONE:
		/* The end of the ssh is told by itself. */
		if (incarnation_is_cut_off(forward->on))
			refuse_cut_off(forward);
		break;
	}
}

static void opened(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	engine_schedule(forward->engine);
	forward_forget_request(forward);
	owner_forget(forward->engine);
	forward->listens = result->answer == LINK_OK;
	/* One that is late may have got there, before it was taken back. */
	if (forward->listens) {
		forward->lost = NULL;
		forward->listened = forward->on->generation;
	}
	forward->bound |= forward->listens || result->answer == LINK_LATE;
	if (forward->listens)
		held_forget(forward);
	else if (result->answer == LINK_LATE)
		held_note(forward);
	/* Its sshd was asked, unless ssh had it already: of one that was taken over that is not always written down. */
	if (result->answer == LINK_OK && forward->mux.type == PLAN_REMOTE &&
	    !forward->on->adopted && forward->on == forward->hop->present)
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

	if (forward_listens_here(forward) && forward->on->master)
		owner = owner_find(forward->engine, master_pid(forward->on->master),
				   forward->mux.bind, forward->mux.bind_port,
				   &forward->socket_inode, &words);
	/* Where the kernel does not tell, ssh is believed. */
	if (forward->mux.type != PLAN_REMOTE)
		forward->proved = true;
	if (owner == OWNER_NOBODY || owner == OWNER_OTHER)
		forward_refuse(forward, classify_code(codes[owner]), strbuf_text(&words));
	strbuf_finish(&words);
	return forward->state != FORWARD_FAILED;
}

/* The same of one whose socket has a path here: nobody gets to it once its file is gone. */
static bool is_at_path(struct live_forward *forward)
{
	struct strbuf words = {0};
	const char *code;

	if (!forward_has_path_here(forward) || forward_file_is_ours(forward))
		return true;
	code = forward_place_taken(forward, NULL, &words);
	forward_refuse(forward, classify_code(code ? code : "not_accepting"),
		       code ? strbuf_text(&words) : "the file of its socket is gone");
	strbuf_finish(&words);
	return false;
}

void forward_step_confirmed(struct live_forward *forward)
{
	if (forward_listens_here(forward) && forward->on->unanswered)
		return;
	forward->confirmed = false;
	if (forward_has_path_here(forward))
		forward_note_file(forward);
	if (!is_there(forward))
		return;
	/* Nobody came before. */
	forward->learned_ms = forward->listened_ms = clock_ms();
	/* Where a listener elsewhere is has to be seen, whatever is to be asked of the egress. */
	forward_apply(forward, forward_is_probed(forward) ? FORWARD_LISTENS : FORWARD_UNPROBED);
}

void forward_look(struct live_forward *forward)
{
	if (forward_state_listens(forward->state) && !forward->request && is_at_path(forward))
		is_there(forward);
}

/* Another tunnel of ours has the place, perhaps by an older name of this one. */
static void advise_down(struct live_forward *forward, const struct live_forward *other)
{
	const bool same = strcmp(forward->names.file, other->names.file) == 0;
	const char *const argv[] = {"tunplan",           "-f", other->names.file, "down",
				    other->names.tunnel, NULL};
	const char *const here[] = {"tunplan", "down", other->names.tunnel, NULL};
	struct strbuf text = {0};

	strbuf_puts(&text, "take that tunnel down (`");
	shell_join(&text, same ? here : argv);
	strbuf_puts(&text, "`), or choose another ingress, `auto` for a port");
	memory_replace(&forward->failure.advice, strbuf_text(&text));
	strbuf_finish(&text);
}

/* Whether nobody is in the way; refuses otherwise, or waits for who is leaving. */
static bool place_is_free(struct live_forward *forward, const struct incarnation *on)
{
	const struct live_forward *other = claims_find(forward);
	struct strbuf words = {0};
	const char *code = NULL;

	if ((other && claims_is_leaving(other)) || stray_is_in_the_way(forward, on))
		return false;
	/* Who had it under another supervisor has it still, though that is asked later. */
	if (!other && !stray_was_its(forward, on))
		other = stray_heir(forward);
	/* It has the place itself. */
	if (!other && stray_is_its_own(forward, on))
		return true;
	code = forward_place_taken(forward, other, &words);
	if (code)
		forward_refuse(forward, classify_code(code), strbuf_text(&words));
	if (other)
		advise_down(forward, other);
	strbuf_finish(&words);
	return !code;
}

void forward_foresee(struct live_forward *forward)
{
	struct strbuf words = {0};
	const char *code = NULL;

	/* An ssh that is there says it as soon. What another tunnel of ours has there may be about to leave. */
	if (forward->state != FORWARD_WAITING || forward->hop->state == HOP_UP ||
	    claims_find(forward) || stray_is_in_the_way(forward, NULL))
		return;
	if (forward_has_path_here(forward))
		code = forward_place_taken(forward, NULL, &words);
	else if (forward_listens_here(forward) && !forward->plan->ingress.any_port &&
		 owner_is_foreign(forward->engine, forward->mux.bind, forward->mux.bind_port,
				  &words))
		code = "port_taken";
	if (code)
		forward_refuse(forward, classify_code(code), strbuf_text(&words));
	strbuf_finish(&words);
}

/* Whether a listener of ours has the port, and is not about to leave it to this very forward. */
static bool is_ours_already(const struct live_forward *forward)
{
	const struct live_forward *other = claims_find(forward);

	return other &&
	       !(claims_is_leaving(other) && strcmp(other->names.key, forward->names.key) == 0);
}

/* Chooses the next port that no listener of ours has. */
static void choose_port(struct live_forward *forward)
{
	forward->mux.bind_port = forward_port_to_try(forward);
	while (forward->plan->ingress.any_port && !forward->chosen &&
	       forward->attempt < AUTO_ATTEMPTS && is_ours_already(forward)) {
		forward->attempt++;
		forward->mux.bind_port = forward_port_to_try(forward);
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
	forward_refuse(forward, classify_code("own_name"), words);
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

/*
 * Whether it is written down what its ssh is asked for: whatever becomes of us then, the next supervisor knows what to look
 * for.
 */
static bool is_announced(struct live_forward *forward)
{
	const struct engine *engine = forward->engine;

	if (forward->announced != forward->on->generation ||
	    forward->announced_port != forward->mux.bind_port) {
		forward->announced = forward->on->generation;
		forward->announced_port = forward->mux.bind_port;
		forward->announced_after = engine->recorded;
	}
	/* An answer comes between two steps: what follows from it is written down at the end of the next one. */
	forward->announces = engine->recorded == forward->announced_after;
	if (forward->announces)
		engine_schedule(forward->engine);
	return !forward->announces;
}

static void open_listener(struct live_forward *forward)
{
	struct incarnation *on = forward->on ? forward->on : forward->hop->present;

	/* Its end is about to be told. */
	if (!incarnation_link(on))
		return;
	/* With the next port it may have to wait for who is leaving. */
	forward->announces = forward->state == FORWARD_OPENING;
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
	if (!place_is_free(forward, on))
		return;
	if (!forward->on)
		forward->on = incarnation_hold(on);
	claims_add(forward);
	if (!is_announced(forward))
		return;
	forward->inherited = stray_take(forward);
	forward->bound |= forward->inherited;
	forward_forget_use(forward);
	ssh_log_expect_listener(master_log(forward->on->master), &forward->mux);
	forward->file_inode = 0;
	forward->request = link_listen(incarnation_link(forward->on), &forward->mux, REQUEST_MS,
				       opened, forward);
	forward->awaits = forward_listens_here(forward);
	forward->on->unanswered += forward->awaits;
	forward_apply(forward, FORWARD_REQUEST);
	/* Whether the egress answers can be asked meanwhile, unless only the listener can tell. */
	if (forward_is_probed(forward) && !forward->probe && !forward->is_probed &&
	    !probe_needs_listener(&forward->mux))
		forward_probe(forward);
}

/* It came with its hop. Whether it listens wider than it should, the log says. */
static void come_with_hop(struct live_forward *forward)
{
	forward->on = incarnation_hold(forward->hop->present);
	forward->asked = forward->on->generation;
	forward->mux.bind_port = forward_port_to_try(forward);
	note_port(forward);
	forward->listens = forward->bound = true;
	forward->lost = NULL;
	forward_apply(forward, FORWARD_REQUEST);
	forward->confirmed = !was_widened(forward);
}

void forward_step_announced(struct live_forward *forward)
{
	if (forward->announces)
		open_listener(forward);
}

void forward_step_waiting(struct live_forward *forward)
{
	struct live_hop *hop = forward->hop;

	/* It is about to ask the one before. */
	if (forward->announced && forward->on != hop->present)
		forward_let_go(forward);

	/* A stopped ssh does what it was asked when it goes on, whoever has the place by then. */
	if (hop->state == HOP_UP)
		hop_feel_once(hop);
	if (hop->state == HOP_UP && forward_is_stitched(forward))
		come_with_hop(forward);
	else if (hop->state == HOP_UP)
		open_listener(forward);
	else
		hop_try_another(hop);
}
