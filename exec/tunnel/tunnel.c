#include "exec/tunnel/tunnel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/tunnel/forward_life.h"
#include "exec/tunnel/forward_opening.h"
#include "exec/tunnel/forward_probing.h"
#include "exec/tunnel/hop_life.h"
#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/hop_pool.h"
#include "exec/tunnel/hop_retry.h"
#include "exec/tunnel/stitched.h"
#include "exec/tunnel/stray.h"
#include "exec/tunnel/succession.h"
#include "exec/tunnel/tunnel_trouble.h"
#include "planner/reach/reach.h"
#include "topology/base/hash.h"
#include "topology/base/memory.h"

/* How long others who need the same ssh may take to let go of it, too. */
#define STUCK_MS 5000

/* Since when one is up that gets up now: if it is taken over with hops that were up all the time, since it was. */
static uint64_t up_since_ms(const struct live_tunnel *tunnel, uint64_t before_ms)
{
	if (!before_ms || before_ms > clock_ms())
		return clock_ms();
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (tunnel->hops[i]->since_ms > before_ms)
			before_ms = tunnel->hops[i]->since_ms;
	return before_ms;
}

/* The one place where a tunnel changes its state. */
static void apply(struct live_tunnel *tunnel, enum tunnel_event event)
{
	enum tunnel_state before = tunnel->state;
	const bool was_up =
		before == TUNNEL_UP || before == TUNNEL_SILENT || before == TUNNEL_STALLED;

	if (!tunnel_state_next(before, event, &tunnel->state))
		return;
	history_add(&tunnel->history, tunnel_state_name(tunnel->state), clock_ms());
	tunnel->since_ms =
		tunnel->state == TUNNEL_UP ? up_since_ms(tunnel, tunnel->before_ms) : clock_ms();
	tunnel->before_ms = 0;
	tunnel->restarts += tunnel->state == TUNNEL_RECONNECTING && was_up;
	engine_log(tunnel->engine, "tunnel %s: %s -> %s%s%s", tunnel->name,
		   tunnel_state_name(before), tunnel_state_name(tunnel->state),
		   tunnel->failure.text ? ": " : "",
		   tunnel->failure.text ? tunnel->failure.text : "");
	history_note_tunnel(tunnel, tunnel_state_name(before));
	engine_schedule(tunnel->engine);
}

/* --- what it is ------------------------------------------------------------------------------ */

static const char *host_name(const struct plan *plan, size_t host)
{
	return host == TOPOLOGY_NONE ? NULL : plan->topology->hosts[host].name;
}

/* Finds the first numeric address of a family by which others know the host, or NULL when the file has none. */
static const char *numeric_address(const struct host *host, enum address_family family)
{
	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *interface = &host->interfaces[i];

		for (size_t j = 0; j < interface->address_count; j++)
			if (interface->addresses[j].family == family)
				return interface->addresses[j].text;
	}
	return NULL;
}

/* Whether this machine reaches a remote listener, if that is on all addresses of its host. */
static bool reaches_listener(const struct live_tunnel *tunnel, const struct plan_forward *forward)
{
	const struct reach_to to = {
		.host = forward->ingress.host,
		.vlan = TOPOLOGY_NONE,
		.port = forward->ingress.port,
		.outside_vlan = TOPOLOGY_NONE,
	};

	if (forward->type == PLAN_LOCAL || forward->type == PLAN_DYNAMIC || !to.port)
		return false;
	return reach_try(&tunnel->snapshot->network_index, tunnel->plan->me, REACH_PROCESS, &to)
		.open;
}

/*
 * A socket of ours for a forward, in the runtime directory, which nobody else may enter: where its two ways meet (j), or
 * through which a path on its exit is looked at (q). Its name is that of the tunnel and the forward, by their hash: a
 * path has little room.
 */
static const char *own_path(struct live_tunnel *tunnel, char letter, size_t of)
{
	const char *identity = arena_format(&tunnel->arena, "%s\n%s\n%s\n%zu", tunnel->file,
					    tunnel->me, tunnel->name, of);

	return arena_format(&tunnel->arena, "%s/%c-%08x", tunnel->engine->runtime.dir, letter,
			    text_hash(identity, strlen(identity)));
}

static void init_forward(struct live_tunnel *tunnel, size_t index)
{
	const struct plan *plan = tunnel->plan;
	const struct plan_forward *forward = &plan->forwards[index];
	const struct host *host = &plan->topology->hosts[forward->ingress.host];
	struct forward_names names = {
		.key = arena_format(&tunnel->arena, "%s\n%s\n%s\n%zu", tunnel->file, tunnel->me,
				    tunnel->name, index),
		.file = tunnel->file,
		.tunnel = tunnel->name,
		.ingress = host_name(plan, forward->ingress.host),
		.addresses = {numeric_address(host, ADDRESS_IPV4),
			      numeric_address(host, ADDRESS_IPV6)},
		.from_me = reaches_listener(tunnel, forward),
		.egress = host_name(plan, forward->egress.host),
		.me = tunnel->me,
		.joint = own_path(tunnel, 'j', forward->of),
		.private = own_path(tunnel, 'q', index),
	};

	if (forward->ingress.any_port)
		hop_recall_port(tunnel->hops[forward->hop], tunnel->name, forward->of,
				port_memory_get(&tunnel->engine->ports, names.key));
	forward_init(&tunnel->forwards[index], tunnel->engine, tunnel->hops[forward->hop], forward,
		     &names, index);
}

struct live_tunnel *tunnel_create(struct engine *engine, struct snapshot *snapshot,
				  const struct plan *plan, struct arena *arena,
				  const char *const *env, enum hop_asked asked)
{
	struct live_tunnel *tunnel = memory_alloc(sizeof(*tunnel));

	tunnel->arena = *arena;
	arena_init(arena);
	tunnel->engine = engine;
	tunnel->snapshot = snapshot_hold(snapshot);
	tunnel->latest = snapshot_hold(snapshot);
	tunnel->plan = plan;
	tunnel->file = arena_string(&tunnel->arena, snapshot->path);
	tunnel->me = host_name(plan, plan->me);
	tunnel->name = plan->name;
	tunnel->since_ms = clock_ms();
	history_add(&tunnel->history, tunnel_state_name(tunnel->state), clock_ms());
	tunnel->hops = memory_array(plan->hop_count, sizeof(struct live_hop *));
	tunnel->needs_hops = true;
	for (size_t i = 0; i < plan->hop_count; i++) {
		const size_t whole = stitched_whole(plan, i);
		const size_t parent = stitched_parent(plan, whole);

		tunnel->hops[i] = hop_acquire(engine, plan, whole,
					      parent == TOPOLOGY_NONE ? NULL : tunnel->hops[parent],
					      env, asked);
	}
	tunnel->forwards = memory_array(plan->forward_count, sizeof(*tunnel->forwards));
	for (size_t i = 0; i < plan->forward_count; i++)
		init_forward(tunnel, i);
	list_add(&engine->tunnels, tunnel);
	engine_log(engine, "tunnel %s of %s: starting", tunnel->name, tunnel->file);
	return tunnel;
}

static void destroy(struct live_tunnel *tunnel)
{
	succession_end(tunnel);
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		forward_finish(&tunnel->forwards[i]);
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		hop_forget(tunnel->hops[i]);
	free(tunnel->forwards);
	free(tunnel->hops);
	memory_free_strings(tunnel->without);
	memory_free_strings(tunnel->left_out);
	free(tunnel->elsewhere);
	failure_finish(&tunnel->failure);
	snapshot_forget(tunnel->here);
	snapshot_forget(tunnel->latest);
	snapshot_forget(tunnel->snapshot);
	arena_finish(&tunnel->arena);
	free(tunnel);
}

void tunnel_confirm(struct live_tunnel *tunnel, struct snapshot *latest)
{
	snapshot_hold(latest);
	snapshot_forget(tunnel->latest);
	tunnel->latest = latest;
}

void tunnel_set_without(struct live_tunnel *tunnel, const char *const *without)
{
	char **copy = without ? memory_copy_strings(without) : NULL;

	memory_free_strings(tunnel->without);
	tunnel->without = copy;
}

const char *const *tunnel_without(const struct live_tunnel *tunnel)
{
	return (const char *const *)tunnel->without;
}

void tunnel_leave_out(struct live_tunnel *tunnel, const char *const *left_out)
{
	char **copy = left_out && left_out[0] ? memory_copy_strings(left_out) : NULL;

	memory_free_strings(tunnel->left_out);
	tunnel->left_out = copy;
}

const char *const *tunnel_left_out(const struct live_tunnel *tunnel)
{
	return (const char *const *)tunnel->left_out;
}

void tunnel_refer(struct live_tunnel *tunnel)
{
	tunnel->refs++;
}

void tunnel_forget(struct live_tunnel *tunnel)
{
	assert(tunnel->refs);
	tunnel->refs--;
	engine_schedule_look(tunnel->engine);
}

void tunnel_wait(struct live_tunnel *tunnel)
{
	tunnel->waiters++;
}

void tunnel_unwait(struct live_tunnel *tunnel)
{
	assert(tunnel->waiters);
	tunnel->waiters--;
	engine_schedule(tunnel->engine);
}

void tunnel_reap(struct engine *engine)
{
	for (size_t i = engine->tunnels.count; i-- > 0;) {
		struct live_tunnel *tunnel = engine->tunnels.items[i];

		if (tunnel->state != TUNNEL_DOWN || tunnel->refs)
			continue;
		list_remove(&engine->tunnels, tunnel);
		destroy(tunnel);
	}
}

/* --- steps ----------------------------------------------------------------------------------- */

static size_t count_forwards(const struct live_tunnel *tunnel, enum forward_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		count += tunnel->forwards[i].state == state;
	return count;
}

/* Whether what is behind a forward of ours is there: nobody is let in before, who was not under another supervisor. */
static bool is_joined(const struct live_tunnel *tunnel, size_t index)
{
	const size_t join = tunnel->plan->forwards[index].join;

	return join == TOPOLOGY_NONE || forward_state_listens(tunnel->forwards[join].state) ||
	       stray_is_left(&tunnel->forwards[index]);
}

/* What a forward leads to has come after it was probed: then it was not that, of which the probe told. */
static bool is_joined_anew(const struct live_tunnel *tunnel, size_t index)
{
	const struct live_forward *forward = &tunnel->forwards[index];
	const size_t join = forward->plan->join;

	return join != TOPOLOGY_NONE && forward_state_is_judged(forward->state) &&
	       forward_state_listens(tunnel->forwards[join].state) &&
	       tunnel->forwards[join].listened_ms > forward->probe_started_ms;
}

/* Backwards: a forward stands before what it leads to. */
static void step_forwards(struct live_tunnel *tunnel, bool open)
{
	for (size_t i = tunnel->plan->forward_count; i-- > 0;) {
		forward_step(&tunnel->forwards[i], open && is_joined(tunnel, i));
		if (open && is_joined_anew(tunnel, i))
			forward_reprobe(&tunnel->forwards[i]);
	}
}

/* Returns the shallowest stalled hop, or NULL. */
static const struct live_hop *find_stalled(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (tunnel->hops[i]->state == HOP_STALLED)
			return tunnel->hops[i];
	return NULL;
}

/* Returns a forward that cannot move to its hop's new ssh, because the old one was stopped and has the listener; or NULL. */
static const struct live_forward *find_left_behind(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];

		if (forward->on && forward->on != forward->hop->present && forward->on->stopped_ms)
			return forward;
	}
	return NULL;
}

/* Whether the sshd of a hop that has a forward may still be slow. The others have had the time. */
static bool is_fresh(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		if (hop_is_fresh(tunnel->forwards[i].hop))
			return true;
	return false;
}

/* Whether every hop and forward is up, with or without an answer of the egress; stalled: that need not be known anew. */
static bool is_whole(const struct live_tunnel *tunnel, bool stalled)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (!hop_carries(tunnel->hops[i]))
			return false;
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		if (!forward_state_is_judged(tunnel->forwards[i].state) &&
		    !(stalled && forward_state_listens(tunnel->forwards[i].state)))
			return false;
	return !is_fresh(tunnel);
}

/* What its parts make of it. Returns whether they made anything. */
static bool judge(struct live_tunnel *tunnel)
{
	const struct live_hop *stalled = find_stalled(tunnel);
	const struct live_forward *left_behind = find_left_behind(tunnel);

	/* A probe of what was up, which ends with the stall. */
	if (!is_whole(tunnel, stalled && tunnel->was_up))
		return false;
	failure_finish(&tunnel->failure);
	if (!tunnel->here)
		memory_replace(&tunnel->elsewhere, NULL);
	tunnel->kept = tunnel->was_up = true;
	if (stalled) {
		failure_copy(&tunnel->failure, &stalled->failure);
		tunnel_add_elsewhere(tunnel);
		apply(tunnel, TUNNEL_QUIET);
	} else if (left_behind) {
		failure_set(&tunnel->failure, HOP_STOPPED_CODE, left_behind->hop->host,
			    HOP_STOPPED_WORDS ", and has its listener until that ssh ends",
			    "nothing: another ssh takes over when it is killed, or goes on");
		apply(tunnel, TUNNEL_QUIET);
	} else {
		apply(tunnel, count_forwards(tunnel, FORWARD_SILENT) ? TUNNEL_SOME_SILENT
								     : TUNNEL_ALL_REACHED);
	}
	return true;
}

static void release_hops(struct live_tunnel *tunnel)
{
	tunnel->needs_hops = false;
	for (size_t i = tunnel->plan->hop_count; i-- > 0;)
		hop_unneed(tunnel->hops[i]);
	tunnel->released_ms = clock_ms();
}

void tunnel_foresee(struct live_tunnel *tunnel)
{
	bool taken = false;

	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		forward_foresee(&tunnel->forwards[i]);
		taken |= tunnel->forwards[i].state == FORWARD_FAILED;
	}
	if (taken)
		release_hops(tunnel);
}

void tunnel_take_over(struct live_tunnel *tunnel, bool was_up)
{
	tunnel->kept = tunnel->was_up = was_up;
	tunnel->unattended = !was_up;
	if (!was_up)
		return;
	failure_set(&tunnel->failure, "unwatched", NULL,
		    "its supervisor was gone, and another one takes it over", "wait a moment");
	apply(tunnel, TUNNEL_LOST);
}

void tunnel_lose(struct live_tunnel *tunnel)
{
	tunnel->unattended = true;
	release_hops(tunnel);
	failure_set(&tunnel->failure, "unwatched", NULL,
		    "its supervisor was gone, and nothing that could be taken over was left of it",
		    "run `tunplan up` again");
	apply(tunnel, TUNNEL_BROKE);
	tunnel_tell_failed(tunnel);
	tunnel_stop(tunnel, NULL, NULL);
}

/* What was lost, or refused, is tried again when that is due. */
static void come_back(struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (tunnel_tries_again(tunnel, tunnel->hops[i]))
			hop_come_back(tunnel->hops[i]);
	for (size_t i = 0; tunnel->kept && i < tunnel->plan->forward_count; i++)
		if (tunnel->forwards[i].state == FORWARD_FAILED)
			forward_come_back(&tunnel->forwards[i]);
}

static void close_forwards(struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		forward_close(&tunnel->forwards[i]);
		forward_step(&tunnel->forwards[i], false);
	}
}

/* While it is starting, or was up, whatever became of it. */
static void step_living(struct live_tunnel *tunnel)
{
	enum tunnel_event event;

	if (tunnel->yields) {
		failure_set(&tunnel->failure, "stopped", NULL,
			    "its listeners move to the path of a newer plan", "wait a moment");
		apply(tunnel, TUNNEL_LOST);
		close_forwards(tunnel);
		return;
	}
	step_forwards(tunnel, !succession_step(tunnel));
	if (tunnel->state == TUNNEL_STOPPING || judge(tunnel))
		return;
	if (tunnel_take_blame(tunnel, &event))
		apply(tunnel, event);
	else if (!tunnel->kept && !tunnel->unattended && !tunnel->waiters)
		tunnel_stop(tunnel, "stopped", "nobody waits for it any more");
	if (tunnel->state != TUNNEL_FAILED || tunnel->kept)
		come_back(tunnel);
}

void tunnel_tell_failed(struct live_tunnel *tunnel)
{
	/* A first attempt that the last one who waited has interrupted, has not failed. */
	if (tunnel->state == TUNNEL_FAILED && !tunnel->replaces && !tunnel->on_trial &&
	    (tunnel->kept || tunnel->unattended || tunnel->waiters))
		tunnel->engine->failed(tunnel->engine, tunnel);
}

/* A first attempt that has failed leaves nothing. */
static void step_failed(struct live_tunnel *tunnel)
{
	enum tunnel_event event;

	step_forwards(tunnel, false);
	tunnel_take_blame(tunnel, &event);
	/* Of what was foreseen nothing is on its way; its hops are those of others. */
	if (tunnel->needs_hops && !tunnel_is_settled(tunnel))
		return;
	if (!tunnel->engine->another(tunnel->engine, tunnel)) {
		tunnel_take_blame(tunnel, &event);
		tunnel_tell_failed(tunnel);
	}
	tunnel_stop(tunnel, NULL, NULL);
}

/* Whether the processes that it alone held are gone. */
static bool hops_are_gone(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++) {
		const struct live_hop *hop = tunnel->hops[i];

		if (!hop->needs && !hop_is_gone(hop))
			return false;
	}
	return true;
}

/*
 * What goes only with an ssh that others need is named, once it is clear that they go on needing it. The forwards of a
 * stitched hop are theirs, too.
 */
static void give_up_stuck(struct live_tunnel *tunnel)
{
	const bool late = clock_ms() - tunnel->released_ms >= STUCK_MS;

	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		struct live_forward *forward = &tunnel->forwards[i];

		if (forward->stuck && forward->hop->needs &&
		    (late || forward->kept || forward_stays(forward)))
			forward_give_up(forward);
	}
}

/* Whether all listeners are closed, also those of another supervisor, but those that go with their ssh. */
static bool may_release_hops(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];

		if (stray_is_leaving(forward) ||
		    (forward->state != FORWARD_CLOSED &&
		     !(forward->state == FORWARD_CHECKING && forward->stuck)))
			return false;
	}
	return true;
}

/*
 * Removes the sockets through which its paths on other hosts were looked at: an ssh may have made one just before it
 * ended, when nobody waited for it any more. A newer tunnel of that identity has the same.
 */
static void remove_private(const struct live_tunnel *tunnel)
{
	if (tunnel_find(tunnel->engine, tunnel->file, tunnel->me, tunnel->name))
		return;
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];

		if (forward->mux.type == PLAN_REMOTE && forward->mux.bind_path)
			unlink(forward->names.private);
	}
}

static void step_stopping(struct live_tunnel *tunnel)
{
	close_forwards(tunnel);
	if (tunnel->needs_hops) {
		if (!may_release_hops(tunnel))
			return;
		succession_give_back(tunnel);
		release_hops(tunnel);
		return;
	}
	give_up_stuck(tunnel);
	if (!hops_are_gone(tunnel) ||
	    count_forwards(tunnel, FORWARD_CLOSED) != tunnel->plan->forward_count)
		return;
	remove_private(tunnel);
	apply(tunnel, TUNNEL_GONE);
}

void tunnel_step(struct live_tunnel *tunnel)
{
	switch (tunnel->state) {
	case TUNNEL_STARTING:
	case TUNNEL_UP:
	case TUNNEL_SILENT:
	case TUNNEL_STALLED:
	case TUNNEL_RECONNECTING:
		step_living(tunnel);
		break;
	case TUNNEL_FAILED:
		if (tunnel->kept)
			step_living(tunnel);
		else
			step_failed(tunnel);
		break;
	case TUNNEL_STOPPING:
		step_stopping(tunnel);
		break;
	case TUNNEL_DOWN:
		break;
	}
}

void tunnel_stop(struct live_tunnel *tunnel, const char *code, const char *words)
{
	/* Why one that is stalled is stalled, is not why it ends. */
	if (code && (tunnel->state != TUNNEL_FAILED || !failure_is_set(&tunnel->failure)))
		failure_set(&tunnel->failure, code, NULL, words, "run `tunplan up` again");
	/* One that was stopped by a signal is not asked for anything. */
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		hop_feel(tunnel->hops[i]);
	apply(tunnel, TUNNEL_STOP);
}

/* What is known of a hop that is not up in time says more than that. */
static void blame_rising(struct live_tunnel *tunnel, const struct live_hop *rising,
			 const char *words)
{
	char *both;

	if (!rising || !failure_is_set(&rising->failure)) {
		failure_set(&tunnel->failure, "timeout", rising ? rising->host : NULL, words, NULL);
		return;
	}
	both = memory_format("%s: %s", words, rising->failure.text);
	failure_copy(&tunnel->failure, &rising->failure);
	memory_replace(&tunnel->failure.text, both);
	free(both);
}

void tunnel_give_up(struct live_tunnel *tunnel, const char *words)
{
	const struct live_hop *rising = NULL;

	if (tunnel->kept || tunnel->waiters ||
	    (tunnel->state != TUNNEL_STARTING && tunnel->state != TUNNEL_FAILED))
		return;
	for (size_t i = 0; i < tunnel->plan->hop_count && !rising; i++)
		if (!hop_carries(tunnel->hops[i]))
			rising = tunnel->hops[i];
	if (tunnel->state == TUNNEL_STARTING)
		blame_rising(tunnel, rising, words);
	apply(tunnel, TUNNEL_BROKE);
	if (!tunnel->replaces)
		tunnel->engine->failed(tunnel->engine, tunnel);
	tunnel_stop(tunnel, NULL, NULL);
}

void tunnel_again(struct live_tunnel *tunnel, const char *const *env)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		hop_again(tunnel->hops[i], env, HOP_ASKED);
	/* Also of one that is not known yet to have failed: the listener was gone when it was looked at. */
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		forward_again(&tunnel->forwards[i]);
	if (tunnel->state == TUNNEL_FAILED || tunnel->state == TUNNEL_RECONNECTING) {
		failure_finish(&tunnel->failure);
		apply(tunnel, TUNNEL_AGAIN);
	}
	tunnel_reprobe(tunnel);
}

void tunnel_renew(struct live_tunnel *tunnel, const char *const *env)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		hop_renew(tunnel->hops[i], env);
}

void tunnel_renew_cancel(struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		hop_renew_cancel(tunnel->hops[i]);
}

bool tunnel_is_renewing(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++) {
		const struct live_hop *hop = tunnel->hops[i];

		if (hop->fallback || hop_is_on_its_way(hop))
			return true;
		/* It follows with the next step. */
		if (hop->parent && hop->present && !hop_is_stitched(hop) && !hop->asks &&
		    hop->present->through != hop->parent->present &&
		    hop->followed != hop->parent->generation)
			return true;
	}
	return false;
}

void tunnel_look(struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		hop_look(tunnel->hops[i]);
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		forward_look(&tunnel->forwards[i]);
	tunnel_learn(tunnel);
}

void tunnel_learn(struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		forward_learn(&tunnel->forwards[i]);
}

uint64_t tunnel_reprobe_due(struct live_tunnel *tunnel)
{
	uint64_t least_ms = UINT64_MAX;

	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const uint64_t ms = forward_reprobe_due(&tunnel->forwards[i]);

		least_ms = ms < least_ms ? ms : least_ms;
	}
	return least_ms;
}

void tunnel_reprobe(struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		forward_reprobe(&tunnel->forwards[i]);
}

bool tunnel_is_looking(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (hop_is_looking(tunnel->hops[i]))
			return true;
	return false;
}

bool tunnel_is_probing(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		if (tunnel->forwards[i].state == FORWARD_PROBING)
			return true;
	return false;
}

/*
 * Whether something of it is on its way: an ssh that is not known to have failed before, what makes its sshd quick, or a
 * listener.
 */
static bool is_moving(const struct live_tunnel *tunnel)
{
	if (is_fresh(tunnel))
		return true;
	if (!tunnel_blame_is_known(tunnel))
		return true;
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (hop_is_on_its_way(tunnel->hops[i]) && !hop_is_missing(tunnel->hops[i]))
			return true;
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];

		/* One whose ssh is gone is still opening until that is told. */
		if (forward->request || forward->state == FORWARD_OPENING)
			return true;
		if (tunnel->state != TUNNEL_FAILED && forward->state == FORWARD_WAITING &&
		    forward->hop->state == HOP_UP && forward_next_try_ms(forward) < 0 &&
		    is_joined(tunnel, i))
			return true;
	}
	return false;
}

bool tunnel_is_settled(const struct live_tunnel *tunnel)
{
	return !tunnel_is_looking(tunnel) && !tunnel_is_probing(tunnel) && !is_moving(tunnel);
}
