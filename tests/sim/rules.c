#include "tests/sim/rules.h"

#include <stdlib.h>
#include <string.h>

#include "exec/tunnel/tunnel.h"
#include "tests/sim/disk.h"
#include "tests/sim/own_network.h"
#include "tests/sim/queue.h"
#include "tests/sim/said.h"
#include "tests/sim/sockets.h"
#include "tests/sim/ssh.h"
#include "tests/sim/trace.h"

/* How long a hop that seemed to be stalled may be asked whether it is. */
#define ASKED_MS 3000
/* How long what an ssh says of a connection is on its way through its control socket. */
#define ANSWER_MS 10

static const struct engine *engine_now; /* of the supervisor that runs, or NULL */

void rules_reset(void)
{
	engine_now = NULL;
	rules_retry_reset();
}

const struct engine *rules_engine(void)
{
	return engine_now;
}

/* --- what is said of one tunnel -------------------------------------------------------------- */

/* Whether its end is still a secret to the supervisor. */
static bool ended_untold(const struct ssh *ssh)
{
	return ssh->state == SSH_ENDED && (!ssh->end_told || ssh->untold);
}

/* Whether the reason for a hop's end is one that an ssh to its host had. */
static void check_blame(const char *name, const json_t *hop)
{
	/* Those that come from the words of an ssh, or from the way in which it ended. */
	static const char *const codes[] = {"refused", "auth",    "host_key",    "closed",
					    "killed",  "unknown", "not_allowed", NULL};
	const char *code = said_text(json_object_get(hop, "error"), "code");

	if (said_is_one_of(code, codes) && !disk_ever_failed() &&
	    !world_is_to_blame(world_host(said_text(hop, "host")), code))
		rules_break("blame", "%s: hop %s is '%s' for '%s', which it never was", name,
			    said_text(hop, "host"), said_text(hop, "state"), code);
}

/* remembered: it is of a tunnel that has failed, as it was then. */
static void check_hop(const char *name, const json_t *hop, bool remembered)
{
	const char *state = said_text(hop, "state"), *host = said_text(hop, "host");
	const json_t *pid = json_object_get(hop, "pid");
	const struct ssh *ssh =
		json_is_integer(pid) ? ssh_ever((pid_t)json_integer_value(pid)) : NULL;

	check_blame(name, hop);
	if (remembered && !json_is_null(pid))
		rules_break("hop", "%s: hop %s of what is over has an ssh", name, host);
	if (remembered || !said_hop_lives(hop))
		return;
	if (!ssh)
		rules_break("hop", "%s: hop %s is '%s' without an ssh", name, host, state);
	if (strcmp(ssh->host->name, host) != 0)
		rules_break("hop", "%s: hop %s has the ssh of %s", name, host, ssh->host->name);
	if (ended_untold(ssh))
		return;
	if (ssh->state == SSH_ENDED || (said_hop_is_up(hop) && ssh->state != SSH_UP))
		rules_break("hop", "%s: hop %s is '%s', but its ssh is not", name, host, state);
}

/* Returns the forward that is meant, or NULL. */
static const struct live_forward *find_forward(const json_t *tunnel, size_t index)
{
	for (size_t i = 0; engine_now && i < engine_now->tunnels.count; i++) {
		const struct live_tunnel *live = engine_now->tunnels.items[i];

		if (strcmp(live->name, said_text(tunnel, "name")) == 0 &&
		    strcmp(live->file, said_text(tunnel, "file")) == 0 &&
		    strcmp(tunnel_state_name(live->state), said_text(tunnel, "state")) == 0)
			return &live->forwards[index];
	}
	return NULL;
}

/* Whether it is just now taken from one ssh to the next. */
static bool is_moving(const struct live_forward *forward)
{
	return forward && forward->request;
}

/* Whether an ssh of a host listens at a place, or did until an end that is not known yet. */
static bool may_listen(const struct machine *host, const char *place)
{
	const struct listener *listener = world_listener(place);
	const struct ssh *ssh;

	if (listener && listener->owner)
		return listener->owner->host == host;
	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (ssh->host == host && ended_untold(ssh))
			return true;
	return false;
}

static void check_forward(const json_t *tunnel, size_t index)
{
	const json_t *forward = json_array_get(json_object_get(tunnel, "forwards"), index);
	const char *name = said_text(tunnel, "name"), *state = said_text(forward, "state");
	const char *place = said_text(forward, "listen"), *id = said_text(forward, "hop");
	const json_t *hops = json_object_get(tunnel, "hops");
	const json_t *hop = json_array_get(hops, strtoul(id + 1, NULL, 10) - 1);
	const struct listener *listener = world_listener(place);

	if (!said_forward_listens(forward))
		return;
	if (!may_listen(world_host(said_text(hop, "host")), place) &&
	    !is_moving(find_forward(tunnel, index)))
		rules_break("listener", "%s: the forward at %s is '%s', but no ssh listens", name,
			    place, state);
	if (listener && listener->wide && !disk_ever_failed() && ssh_is_openssh(listener->host))
		rules_break("wide", "%s: %s is '%s', and open to all", name, place, state);
	if (listener && (listener->wide || listener->narrow) &&
	    strcmp(said_text(forward, "listener_state"), "proved") == 0)
		rules_break("wide", "%s: %s is 'proved', and elsewhere", name, place);
}

/* in_result: it is the answer to somebody who waited, not only what there is between two steps. */
static void check_tunnel(const json_t *tunnel, bool in_result)
{
	static const char *const broken[] = {"down", "retry", "failed", NULL};
	static const char *const gone[] = {"failed", "closing", "checking", "closed", NULL};
	const char *name = said_text(tunnel, "name"), *state = said_text(tunnel, "state");
	const json_t *hops = json_object_get(tunnel, "hops");
	const json_t *forwards = json_object_get(tunnel, "forwards");
	const bool remembered = json_is_true(json_object_get(tunnel, "remembered"));

	if (remembered && strcmp(state, "failed") != 0)
		rules_break("tunnel", "%s is over, and '%s'", name, state);
	for (size_t i = 0; i < json_array_size(hops); i++) {
		const json_t *hop = json_array_get(hops, i);

		check_hop(name, hop, remembered);
		if (said_tunnel_carries(tunnel) && said_is_one_of(said_text(hop, "state"), broken))
			rules_break("tunnel", "%s is '%s', but hop %s is '%s'", name, state,
				    said_text(hop, "host"), said_text(hop, "state"));
	}
	for (size_t i = 0; !remembered && i < json_array_size(forwards); i++) {
		const json_t *forward = json_array_get(forwards, i);

		check_forward(tunnel, i);
		/* One that moves to another ssh does not listen for a moment. */
		if (said_tunnel_carries(tunnel) &&
		    (said_is_one_of(said_text(forward, "state"), gone) ||
		     (in_result && !said_forward_listens(forward))))
			rules_break("tunnel", "%s is '%s', but the forward at %s is '%s'", name,
				    state, said_text(forward, "listen"),
				    said_text(forward, "state"));
	}
}

/* --- what was proved ------------------------------------------------------------------------- */

/* Returns what a probe of the forward has to reach in the end, and by which ssh (0: from here). */
static char *probed_target(const struct live_forward *forward, int *ret_pid)
{
	const struct mux_forward *mux = &forward->mux;
	const bool remote = mux->type == PLAN_REMOTE;
	const struct machine *from = remote ? NULL : world_host(forward->hop->host);

	*ret_pid = 0;
	/* What that leads to is another forward's. */
	if (remote && forward_is_stitched(forward))
		return NULL;
	if (!remote && forward->on && forward->on->master)
		*ret_pid = (int)master_pid(forward->on->master);
	if (mux->type == PLAN_DYNAMIC)
		return world_target(from, "127.0.0.1", 1, NULL);
	if (!mux->target && !mux->target_path)
		return NULL;
	return world_target(from, mux->target, mux->target_port, mux->target_path);
}

/* Where an opened connection proves nothing, or a refused one, nothing is up by that: nobody here speaks first. */
static void check_candour(const struct live_tunnel *tunnel, const struct live_forward *forward)
{
	const struct machine *exit = world_host(forward->hop->host);
	const bool dynamic = forward->mux.type == PLAN_DYNAMIC;

	if (forward->state != FORWARD_UP || forward->plan->no_probe)
		return;
	if (forward->mux.type != PLAN_REMOTE && ssh_opens_all(exit))
		rules_break("candour", "%s is up by the word of %s, which opens all", tunnel->name,
			    exit->name);
	if (dynamic && !ssh_is_openssh(exit))
		rules_break("candour", "%s is up by the word of %s, which proves nothing",
			    tunnel->name, exit->name);
}

/* What is told of the egress of a forward in several pieces is about the last of them, if it is told as reached. */
static const struct live_forward *piece_told(const struct live_tunnel *tunnel,
					     const struct live_forward *forward, const json_t *said)
{
	const struct plan *plan = tunnel->plan;
	const char *state = json_string_value(json_object_get(said, "egress_state"));

	if (!state || strcmp(state, "reached") != 0 ||
	    plan_first_piece(plan, forward->plan->of) != forward->plan)
		return forward;
	return &tunnel->forwards[plan_last_piece(plan, forward->plan->of) - plan->forwards];
}

static void check_proof(const struct live_tunnel *tunnel, const struct live_forward *entered,
			const json_t *said)
{
	const struct live_forward *forward = piece_told(tunnel, entered, said);
	const size_t of = forward->plan->of;
	/* Of a first piece that does not lead to the egress, nothing is told as reached. */
	const bool only_enters = plan_first_piece(tunnel->plan, of) == forward->plan &&
				 plan_last_piece(tunnel->plan, of) != forward->plan;
	const json_t *verified = json_object_get(said, "verified_s");
	/*
	 * The way to the egress is only one step of a probe, whose answer may have been on its way already. That somebody
	 * came is known, and that it was not before the last look, but not when.
	 */
	const uint64_t ago_ms = clock_ms() - forward->reached_ms + forward->probe_took_ms;
	const uint64_t now = queue_now();
	const uint64_t since_ms = now > ago_ms + ANSWER_MS ? now - ago_ms - ANSWER_MS : 0;
	const uint64_t told_s = (clock_ms() - forward->reached_ms) / 1000;
	int pid;
	char *target = probed_target(forward, &pid);

	if (!only_enters && forward->state == FORWARD_UP && !forward->plan->no_probe &&
	    forward->mux.type != PLAN_DYNAMIC && target &&
	    (json_is_null(verified) || (uint64_t)json_integer_value(verified) != told_s ||
	     !world_was_reached(pid, target, since_ms)))
		rules_break(
			"proof",
			"%s: the forward to %s is 'up', but nobody has reached it since %llu ms",
			tunnel->name, target, (unsigned long long)since_ms);
	if (forward->state == FORWARD_SILENT && target && !disk_ever_failed() &&
	    !world_was_missed(pid, target))
		rules_break("silent", "%s: the forward to %s is 'silent', but nothing failed",
			    tunnel->name, target);
	free(target);
}

/* The very ssh that it deals with is the one that listens. */
static void check_owner(const struct live_tunnel *tunnel, const struct live_forward *forward,
			const json_t *said)
{
	const char *place = said_text(said, "listen");
	const struct listener *listener = world_listener(place);
	const struct ssh *ssh = NULL;

	if (!said_forward_listens(said))
		return;
	if (forward->on && forward->on->master)
		ssh = ssh_ever(master_pid(forward->on->master));
	if (!ssh)
		rules_break("listener", "%s: the forward at %s deals with no ssh", tunnel->name,
			    place);
	if (!ended_untold(ssh) && (!listener || listener->owner != ssh) && !is_moving(forward))
		rules_break("listener", "%s: the forward at %s deals with another ssh",
			    tunnel->name, place);
}

/* Whoever is told that a tunnel is up may use it at once. */
static void check_quick(const struct live_tunnel *tunnel)
{
	const bool is_news = tunnel->since_ms == clock_ms() &&
			     (tunnel->state == TUNNEL_UP || tunnel->state == TUNNEL_SILENT);

	for (size_t i = 0; is_news && i < tunnel->plan->forward_count; i++)
		if (hop_is_fresh(tunnel->forwards[i].hop))
			rules_break("quick", "%s is up, and the sshd of %s may still be slow",
				    tunnel->name, tunnel->forwards[i].hop->host);
}

/*
 * A hop is stalled only as long as something stands still, or nothing can be asked of its ssh: but for the time in
 * which it is asked.
 */
static void check_stall(const struct live_hop *hop)
{
	const struct ssh *ssh = hop->present && hop->present->master
					? ssh_ever(master_pid(hop->present->master))
					: NULL;

	if (hop->state == HOP_STALLED && ssh && ssh_is_well(ssh) && disk_has(ssh->socket) &&
	    clock_ms() - hop->since_ms > ASKED_MS)
		rules_break("stall", "hop %s is stalled, and all moves", hop->host);
}

void rules_stalls(const struct engine *engine)
{
	for (size_t i = 0; i < engine->hops.count; i++)
		check_stall(engine->hops.items[i]);
}

void rules_noticed(uint64_t within_ms)
{
	for (size_t i = 0; engine_now && i < engine_now->hops.count; i++) {
		const struct live_hop *hop = engine_now->hops.items[i];
		const struct ssh *ssh = !hop->parent && hop->state == HOP_UP && hop->present->master
						? ssh_ever(master_pid(hop->present->master))
						: NULL;

		if (ssh && ssh->state == SSH_UP && !ssh_link_moves(ssh) &&
		    ssh_stands_ms(ssh) >= within_ms)
			rules_break("noticed", "hop %s is up, and has stood still for %llu ms",
				    hop->host, (unsigned long long)ssh_stands_ms(ssh));
	}
}

/* Whether two forwards claim the same place. */
static void check_alone(const json_t *all, const json_t *forward)
{
	unsigned claims = 0;

	for (size_t i = 0; said_forward_listens(forward) && i < json_array_size(all); i++) {
		const json_t *others = json_object_get(json_array_get(all, i), "forwards");

		for (size_t j = 0; j < json_array_size(others); j++) {
			const json_t *other = json_array_get(others, j);

			claims += said_forward_listens(other) &&
				  strcmp(said_text(other, "listen"),
					 said_text(forward, "listen")) == 0;
		}
	}
	if (claims > 1)
		rules_break("alone", "%u forwards listen at %s", claims,
			    said_text(forward, "listen"));
}

/* Why a tunnel was lost is looked into for so long before that is told. */
#define DOUBT_MS 100

/* What is on disk tells of each tunnel what is so, unless it could not be written. */
static void check_history(const struct engine *engine)
{
	for (size_t i = 0; i < engine->tunnels.count && !engine->notes.error; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];
		const char *told = disk_history(tunnel->number);

		if (tunnel->untold && clock_ms() - tunnel->since_ms <= DOUBT_MS)
			continue;
		if (told && strcmp(told, tunnel_state_name(tunnel->state)) != 0)
			rules_break("history", "%s is %s, and by the history it is '%s'",
				    tunnel->name, tunnel_state_name(tunnel->state), told);
	}
}

void rules_stepped(const struct engine *engine)
{
	static unsigned checked;
	const unsigned changes = disk_logged() + world_changes();
	json_t *all;

	rules_retries(engine);
	rules_kept(engine);
	if (engine_now && changes == checked)
		return;
	checked = changes;
	engine_now = engine;
	all = said_all(engine);
	for (size_t i = 0; i < engine->tunnels.count; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];
		const json_t *said = json_array_get(all, i);
		const json_t *forwards = json_object_get(said, "forwards");

		check_tunnel(said, false);
		check_quick(tunnel);
		for (size_t j = 0; j < json_array_size(forwards); j++) {
			check_owner(tunnel, &tunnel->forwards[j], json_array_get(forwards, j));
			check_proof(tunnel, &tunnel->forwards[j], json_array_get(forwards, j));
			check_candour(tunnel, &tunnel->forwards[j]);
			check_alone(all, json_array_get(forwards, j));
		}
	}
	rules_stalls(engine);
	check_history(engine);
	json_decref(all);
}

/* Whether a forward of any tunnel wants to be at a place, or was. */
static bool is_claimed(const char *place)
{
	json_t *all = engine_now ? said_all(engine_now) : NULL;
	const bool claimed = said_claims_place(all, place);

	json_decref(all);
	return claimed;
}

static bool was_up(const json_t *tunnel)
{
	const json_t *history = json_object_get(tunnel, "history");

	for (size_t i = 0; i < json_array_size(history); i++)
		if (said_tunnel_carries(json_array_get(history, i)))
			return true;
	return false;
}

/* What a tunnel that is down left behind is named. */
static void check_left(const json_t *event, const json_t *tunnel)
{
	const json_t *forwards = json_object_get(tunnel, "forwards");
	const json_t *left = json_object_get(event, "left");

	for (size_t i = 0; i < json_array_size(forwards); i++) {
		const char *place = said_text(json_array_get(forwards, i), "listen");
		const struct listener *listener = world_listener(place);
		bool named = false;

		for (size_t j = 0; j < json_array_size(left); j++)
			named |= strncmp(json_string_value(json_array_get(left, j)), place,
					 strlen(place)) == 0;
		if (named)
			world_name_left(place);
		if (listener && listener->owner && sockets_are_busy(listener->owner))
			continue;
		/* Nobody gets there. */
		if (*place == '/' && !disk_has(place))
			continue;
		/*
		 * The session of an ssh that ended takes its listener along, if its host hears of that; or
		 * hears of it later, because the link stands still since the very moment of an end in order.
		 */
		if (listener && listener->host && !listener->owner && !world_is_deaf(listener) &&
		    (listener->unawares || (!listener->host->stalled && own_network_is_up())))
			continue;
		if (listener && !listener->foreign && !named && was_up(tunnel) &&
		    !is_claimed(place))
			rules_break("left", "%s is down, and %s still listens unnamed",
				    said_text(tunnel, "name"), place);
	}
}

void rules_said(const char *line)
{
	json_t *event;
	const json_t *tunnels;

	trace("    said: %s", line);
	if (!strstr(line, "\"status\""))
		return;
	event = json_loads(line, 0, NULL);
	tunnels = json_object_get(event, "tunnels");
	for (size_t i = 0; i < json_array_size(tunnels); i++)
		check_tunnel(json_array_get(tunnels, i), false);
	if (json_object_get(event, "status"))
		check_tunnel(json_object_get(event, "status"), true);
	if (strcmp(said_text(event, "state"), "down") == 0)
		check_left(event, json_object_get(event, "status"));
	json_decref(event);
}
