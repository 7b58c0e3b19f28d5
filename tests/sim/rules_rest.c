/* The rules for when nothing moves any more, and for the end: nothing is left over. */
#include <stdlib.h>
#include <string.h>

#include "exec/tunnel/claims.h"
#include "exec/tunnel/tunnel.h"
#include "tests/sim/disk.h"
#include "tests/sim/loop.h"
#include "tests/sim/own_network.h"
#include "tests/sim/people.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/said.h"
#include "tests/sim/ssh.h"
#include "tests/sim/trace.h"

/* How often the supervisor may wake up while nothing happens, for a look at its logs and the like. */
#define RESTLESS 20
/* So soon after it was told to end an ssh is gone. */
#define ENDS_MS 100

static bool is_of(const struct incarnation *incarnation, pid_t pid)
{
	return incarnation && incarnation->master && master_pid(incarnation->master) == pid;
}

/* Whether it is one of a hop that nobody has needed since just now: it is told to end. */
static bool is_ending(const struct live_hop *hop, pid_t pid)
{
	bool is_its = false;

	for (size_t i = 0; i < hop->incarnations.count; i++)
		is_its |= is_of(hop->incarnations.items[i], pid);
	return is_its && hop->state == HOP_DOWN && clock_ms() - hop->since_ms <= ENDS_MS;
}

/* Whether an ssh is the present one of a hop that somebody needs, or the one before that counts still. */
static bool is_held(const struct engine *engine, pid_t pid)
{
	for (size_t i = 0; i < engine->hops.count; i++) {
		const struct live_hop *hop = engine->hops.items[i];

		if (!hop->needs && is_ending(hop, pid))
			return true;
		if (!hop->needs)
			continue;
		if (is_of(hop->present, pid) || is_of(hop->fallback, pid))
			return true;
		/* An older one, through which another hop goes on; or one that was told to end just now. */
		for (size_t j = 0; j < hop->incarnations.count; j++) {
			const struct incarnation *incarnation = hop->incarnations.items[j];

			if (is_of(incarnation, pid) && (incarnation->holders || incarnation->told))
				return true;
		}
	}
	return false;
}

/*
 * Whether what is said of the n-th tunnel is of one on trial, which is tried again and again while the first choice is away, or
 * of one that is taking another's place.
 */
static bool is_on_trial(size_t index)
{
	const struct engine *engine = rules_engine();
	const struct live_tunnel *tunnel =
		engine && index < engine->tunnels.count ? engine->tunnels.items[index] : NULL;

	return tunnel && (tunnel->on_trial || tunnel->replaces);
}

static void check_rest(const json_t *all)
{
	static const char *const resting[] = {"up",           "silent", "stalled",
					      "reconnecting", "failed", NULL};
	const struct listener *listener;
	const struct ssh *ssh;

	for (size_t i = 0; i < json_array_size(all); i++)
		if (!said_is_one_of(said_text(json_array_get(all, i), "state"), resting) &&
		    !is_on_trial(i))
			rules_break("rest", "at rest, %s is '%s'",
				    said_text(json_array_get(all, i), "name"),
				    said_text(json_array_get(all, i), "state"));
	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (ssh->state != SSH_ENDED && !is_held(rules_engine(), ssh->pid) &&
		    !disk_ever_failed())
			rules_break("orphan", "at rest, nobody uses ssh %d of %s", (int)ssh->pid,
				    ssh->host->name);
	for (unsigned i = 0; (listener = world_listener_at(i)); i++)
		/* What a server keeps is named to those who are still there; of one whose link stands still nothing can be asked. */
		if (listener->owner && !listener->kept &&
		    !said_claims_place(all, listener->place) && !world_was_named(listener->place) &&
		    ssh_link_moves(listener->owner) && !disk_ever_failed())
			rules_break("ownerless", "at rest, the listener at %s is nobody's",
				    listener->place);
}

/*
 * What is stalled is looked at each second, and what is lost is tried again, and awaited; so is who is left out, and what
 * is to move to another place.
 */
static bool something_stands_still(void)
{
	const struct engine *engine = rules_engine();
	const struct ssh *ssh;

	for (size_t i = 0; engine && i < engine->hops.count; i++) {
		const struct live_hop *hop = engine->hops.items[i];

		if (hop->state == HOP_RETRY || (hop_state_is_rising(hop->state) && hop->present))
			return true;
		/* One that goes through an older ssh of its parent gets another again and again. */
		if (hop->present && hop->present->through &&
		    hop->present->through != hop->parent->present)
			return true;
		/* Another beside it did not get up, and is tried again. */
		if (hop->state == HOP_STALLED && failure_is_set(&hop->tried))
			return true;
	}
	for (size_t i = 0; engine && i < engine->tunnels.count; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];

		if (tunnel->state == TUNNEL_RECONNECTING || tunnel->state == TUNNEL_FAILED ||
		    tunnel->left_out || tunnel->here)
			return true;
	}

	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (ssh->state != SSH_ENDED && (ssh->stopped || ssh->host->stalled))
			return true;
	/* Where no session is to be had, or a dial hangs, something ends again; how often is another rule's matter. */
	for (unsigned i = 0; i < world_host_count(); i++)
		if (world_host_at(i)->idle_ends)
			return true;
	return !own_network_is_up();
}

/* Whether one is on trial for it, or is to have its listeners. */
static bool is_tried(const struct live_tunnel *tunnel)
{
	const struct list *tunnels = &tunnel->engine->tunnels;

	for (size_t i = 0; i < tunnels->count; i++) {
		const struct live_tunnel *other = tunnels->items[i];

		if (other->replaces == tunnel)
			return true;
	}
	return false;
}

/* What this machine has moved away from is tried from where it is, unless there is no path or a login asks a person. */
static void check_move(const struct live_tunnel *tunnel)
{
	const char *words = tunnel->elsewhere ? tunnel->elsewhere : "";

	if (tunnel->here && tunnel->state != TUNNEL_STOPPING && tunnel->state != TUNNEL_DOWN &&
	    tunnel->move_ms == UINT64_MAX && !is_tried(tunnel) && !strstr(words, "no path") &&
	    !strstr(words, "asks a person"))
		rules_break("move", "%s is as from another place, and is not tried from here: %s",
			    tunnel->name, words);
}

/* Whether nothing was wrong with a host since the last event. */
static bool is_fine(const struct machine *host)
{
	const struct ssh *ssh;

	for (unsigned i = 0; (ssh = ssh_at(i)); i++)
		if (ssh->host == host && ssh->state != SSH_ENDED && ssh->stopped)
			return false;
	return host->login == LOGIN_WORKS && !host->stalled && !host->unused_ms &&
	       !host->channel_ms;
}

/* Whether a host cannot be reached, whoever comes. */
static bool is_away(const struct machine *host)
{
	return host->login == LOGIN_REFUSED || host->login == LOGIN_MUTE ||
	       host->login == LOGIN_CLOSED;
}

/* Whether somebody else has the place, or had it and comes back to it, where it is to listen, by whatever path, and it may not choose another. */
static bool has_no_place(const struct live_tunnel *tunnel)
{
	const struct live_forward *forward = &tunnel->forwards[0];
	char *place = world_place(&forward->mux, NULL);
	const bool taken = !forward->listens && !forward->plan->ingress.any_port &&
			   (world_listener(place) || claims_find(forward));

	free(place);
	return taken;
}

/* Where the first host of a tunnel is away, and the other one that leads there is not, it goes by that. */
static void check_path(const struct live_tunnel *tunnel)
{
	const char *first = tunnel->hops[0]->host;
	const struct machine *other = world_host(strcmp(first, "h1") == 0 ? "r1" : "h1");
	const struct machine *end = world_host("h2");

	if (strcmp(tunnel->file, "/c.yaml") != 0 || tunnel->state != TUNNEL_RECONNECTING ||
	    tunnel->on_trial || tunnel->replaces || is_tried(tunnel) || ssh_is_forbidden() ||
	    disk_ever_failed() || !own_network_is_up())
		return;
	/* The rest of them may not, or cannot without a person, or wait for a listener. */
	if (strcmp(tunnel->name, "one") != 0 && strcmp(tunnel->name, "some") != 0)
		return;
	if (is_away(world_host(first)) && is_fine(other) && is_fine(end) && !has_no_place(tunnel))
		rules_break("path", "%s is '%s': %s is away, and it does not go by %s",
			    tunnel->name, tunnel_state_name(tunnel->state), first, other->name);
}

/* How often the supervisor had woken up when nothing happened any more, and whether it had to. */
static uint64_t steps_when_quiet;
static bool stood_still;

void rules_quiet(void)
{
	steps_when_quiet = queue_supervisor_steps();
	stood_still = something_stands_still();
}

void rules_rest(void)
{
	const uint64_t steps = queue_supervisor_steps() - steps_when_quiet;
	uint64_t told_at_ms;

	trace("rest");
	people_rest(true);
	if (!loop_supervisor_runs())
		return;
	if (steps > RESTLESS && !stood_still && !something_stands_still())
		rules_break("restless", "with nothing to do the supervisor wakes up %llu times",
			    (unsigned long long)steps);
	if (loop_was_told_to_go(&told_at_ms))
		rules_break("stays", "the supervisor was told to go %llu ms ago, and is there",
			    (unsigned long long)(queue_now() - told_at_ms));
	if (rules_engine()) {
		json_t *all = said_all(rules_engine());

		check_rest(all);
		for (size_t i = 0; i < rules_engine()->tunnels.count; i++)
			check_move(rules_engine()->tunnels.items[i]);
		for (size_t i = 0; i < rules_engine()->tunnels.count; i++)
			check_path(rules_engine()->tunnels.items[i]);
		rules_stalls(rules_engine());
		json_decref(all);
	}
}

void rules_end(void)
{
	const struct listener *listener;
	const struct ssh *ssh;
	const char *name;

	trace("end");
	people_rest(false);
	if (loop_supervisor_runs())
		rules_break("stays", "all was taken down, and the supervisor is there");
	for (unsigned i = 0; !disk_ever_failed() && (ssh = ssh_at(i)); i++)
		if (ssh->state != SSH_ENDED)
			rules_break("orphan", "at the end, ssh %d of %s is left", (int)ssh->pid,
				    ssh->host->name);
	for (unsigned i = 0; !disk_ever_failed() && (listener = world_listener_at(i)); i++)
		rules_break("ownerless", "at the end, a listener at %s is left", listener->place);
	for (unsigned i = 0; !disk_ever_failed() && (name = disk_name(i)); i++)
		if (strcmp(name, "/state/ports.json") != 0 &&
		    /* A killed supervisor's, where none started after it. */
		    !(loop_deaths() && strcmp(name, "/run/control") == 0) && !world_was_named(name))
			rules_break("file", "at the end, %s is left", name);
}
