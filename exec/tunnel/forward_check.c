#include "exec/tunnel/forward_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/tunnel/claims.h"
#include "exec/tunnel/forward_place.h"
#include "exec/tunnel/held.h"
#include "exec/tunnel/owner.h"
#include "exec/tunnel/reason.h"
#include "topology/base/memory.h"

/* For the answer of a listener that should not be there. */
#define LOOK_MS 3000

void forward_check_leave(struct live_forward *forward, const char *why)
{
	struct strbuf text = {0};

	forward_ingress_text(forward, &text);
	/* That of a session that goes on is not lost. */
	if (!forward->kept)
		held_note(forward);
	free(forward->left);
	forward->left = memory_format("%s: %s", strbuf_text(&text), why);
	strbuf_finish(&text);
}

/* ssh leaves the file of its socket: we remove what it made for us, unless somebody else has made one there since. */
static void remove_path(struct live_forward *forward)
{
	if (!claims_find(forward) && forward_file_is_ours(forward) &&
	    unlink(forward->mux.bind_path) && errno != ENOENT)
		forward_check_leave(forward, "the socket cannot be removed");
}

static void looked(void *data, int status)
{
	struct live_forward *forward = data;

	forward->look = NULL;
	if (status == 0 && !claims_find(forward))
		forward_check_leave(forward, "something still listens there");
	forward->checked(forward);
}

/*
 * The ssh that had the listener is gone. A connection that the far end closed, or we in order, took its listeners
 * along; one that died in silence, or by whatever else, did not, until its sshd finds out.
 */
static void judge_lost(struct live_forward *forward)
{
	const char *const codes[] = {forward->lost, hop_why_lost(forward->hop)};
	/* We ended one that did not hear, if it did not only wait for that end. */
	bool in_silence = held_has(forward) || (forward->on && forward->on->told && !forward->kept);

	for (size_t i = 0; i < 2; i++)
		in_silence |= codes[i] && strcmp(codes[i], "closed") != 0;
	if (in_silence)
		forward_check_leave(
			forward, "the link was lost, so whether it still listens cannot be seen");
}

bool forward_is_certainly_gone(const struct live_forward *forward)
{
	const bool sshd_leaves_it = forward->mux.type == PLAN_REMOTE && forward->mux.bind_path;

	return forward->on && forward->on->heard_end && !sshd_leaves_it && !held_has(forward);
}

/* Where the kernel does not tell whose a listener here is, it is dialled. */
static void check_here(struct live_forward *forward)
{
	const struct incarnation *on = forward->on;
	const pid_t ssh = on && on->master && !on->ended ? master_pid(on->master) : 0;
	const enum owner owner = owner_find(forward->engine, ssh, forward->mux.bind,
					    forward->mux.bind_port, NULL, NULL);

	if (owner == OWNER_UNKNOWN) {
		forward->look = dial_tcp(forward->engine->loop, probe_dialled(forward->mux.bind),
					 forward->mux.bind_port, LOOK_MS, looked, forward);
		return;
	}
	if (owner == OWNER_SSH)
		forward_check_leave(forward, "it still listens");
	forward->checked(forward);
}

/* Whether an older session has it than that of the ssh by which it was dialled. */
static bool is_of_the_dead(const struct live_forward *forward)
{
	return held_has(forward) && forward->listened != forward->on->generation;
}

/* Where it listens, or did: one that its server has narrowed, on loopback. */
static const char *place_of(const struct live_forward *forward)
{
	const char *bind = forward->mux.bind;

	if (!failure_is_set(&forward->failure) || strcmp(forward->failure.code, "narrowed") != 0)
		return probe_dialled(bind);
	return strchr(bind, ':') ? "::1" : "127.0.0.1";
}

/*
 * Whether a refused dial says that nothing listens any more: not where its server does not dial for us. OpenSSH's has closed the
 * listener before it says anything to what it was asked later.
 */
static bool refusal_is_proof(const struct live_forward *forward)
{
	const struct master *master = forward->on->master;
	struct strbuf words = {0};
	bool forbidden =
		failure_is_set(&forward->doubt) && strcmp(forward->doubt.code, "may_not_dial") == 0;

	if (master && ssh_log_dial_failure(master_log(master), place_of(forward),
					   forward->mux.bind_port, &words))
		forbidden |= reason_is(strbuf_text(&words), REASON_PROHIBITED) ||
			     reason_is(strbuf_text(&words), REASON_UNKNOWN_TYPE);
	strbuf_finish(&words);
	return !forbidden || incarnation_server(forward->on) == FAULT_OPENSSH;
}

static void asked(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	forward->check = NULL;
	engine_schedule(forward->engine);
	/* Its end, and why it ended, are told later; if it goes on, nothing new can be asked of it. */
	if (result->answer == LINK_GONE && !forward->on->ended) {
		forward->stuck = true;
		return;
	}
	/* Some servers keep it until the connection ends; of others an answer proves nothing. */
	if (result->answer == LINK_OK && !claims_find(forward)) {
		if (!is_of_the_dead(forward)) {
			forward->stuck = forward->kept = true;
			return;
		}
		forward_check_leave(forward, "a session of ours that died in silence has it, until "
					     "its server notices");
	}
	if (result->answer == LINK_REFUSED && !refusal_is_proof(forward)) {
		forward->stuck = forward->kept = true;
		return;
	}
	if (result->answer == LINK_REFUSED)
		held_forget(forward);
	else if (result->answer == LINK_GONE)
		judge_lost(forward);
	else if (result->answer != LINK_OK)
		forward_check_leave(forward, "its ssh does not say whether it still listens");
	forward->checked(forward);
}

/* Without the ssh that had the listener, another one to that host can look, too. */
static struct link *find_link(struct live_forward *forward)
{
	const struct live_hop *hop = forward->hop;

	if (hop->state == HOP_UP && (!forward->on || !incarnation_link(forward->on) ||
				     incarnation_is_cut_off(forward->on))) {
		if (forward->on) {
			/* What the other one sees there may be the listener of a session that is lost. */
			if (forward->on->ended)
				held_note(forward);
			incarnation_forget(forward->on);
		}
		forward->on = incarnation_hold(hop->present);
	}
	return forward->on ? incarnation_link(forward->on) : NULL;
}

static void check_remote(struct live_forward *forward)
{
	struct link *link = find_link(forward);

	if (forward->mux.bind_path) {
		forward_check_leave(
			forward,
			"sshd leaves the file of its socket: remove it there, unless it is gone");
		forward->checked(forward);
	} else if (!link) {
		judge_lost(forward);
		forward->checked(forward);
	} else {
		forward->check = link_dial(link, place_of(forward), forward->mux.bind_port, LOOK_MS,
					   asked, forward);
	}
}

static void asked_elsewhere(void *data, const struct link_result *result)
{
	struct live_forward *forward = data;

	forward->check = NULL;
	engine_schedule(forward->engine);
	if (result->answer == LINK_OK)
		forward_check_leave(forward, "it still listens");
	else if (result->answer == LINK_GONE && forward->on->ended)
		judge_lost(forward);
	else if (result->answer == LINK_GONE)
		forward_check_leave(forward, "its host cannot be asked whether it still listens");
	else if (result->answer != LINK_REFUSED)
		forward_check_leave(forward, "its host does not say whether it still listens");
	forward->checked(forward);
}

/* Nothing was heard of the end of the ssh that had it. The host where that ran is asked, if an ssh leads there. */
static void check_elsewhere(struct live_forward *forward)
{
	const struct live_hop *hop = forward->hop;
	struct incarnation *parent = hop->parent->state == HOP_UP ? hop->parent->present : NULL;
	struct link *link = parent ? incarnation_link(parent) : NULL;

	if (forward->mux.type == PLAN_REMOTE && forward->mux.bind_path) {
		check_remote(forward);
		return;
	}
	if (!link || forward->mux.type == PLAN_REMOTE || forward->mux.bind_path ||
	    strcmp(forward->names.ingress, hop->parent->host) != 0) {
		judge_lost(forward);
		forward->checked(forward);
		return;
	}
	if (forward->on)
		incarnation_forget(forward->on);
	forward->on = incarnation_hold(parent);
	forward->check = link_dial(link, probe_dialled(forward->mux.bind), forward->mux.bind_port,
				   LOOK_MS, asked_elsewhere, forward);
}

void forward_check(struct live_forward *forward, void (*done)(struct live_forward *forward))
{
	if (forward->check || forward->look)
		return;
	forward->checked = done;
	if (!forward->bound || forward_is_certainly_gone(forward)) {
		done(forward);
	} else if (forward_is_stitched(forward)) {
		check_elsewhere(forward);
	} else if (forward->mux.type == PLAN_REMOTE) {
		check_remote(forward);
	} else if (forward->mux.bind_path) {
		remove_path(forward);
		done(forward);
	} else {
		check_here(forward);
	}
}
