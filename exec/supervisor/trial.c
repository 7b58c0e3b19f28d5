#include "exec/supervisor/trial.h"

#include <string.h>

#include "exec/supervisor/session.h"
#include "exec/tunnel/succession.h"
#include "topology/base/memory.h"

struct live_tunnel *trial_begin(struct live_tunnel *tunnel, struct snapshot *snapshot,
				const struct plan *plan, struct arena *arena, enum hop_asked asked)
{
	char **env = memory_copy_strings((const char *const *)tunnel->hops[0]->env);
	struct live_tunnel *other = tunnel_create(tunnel->engine, snapshot, plan, arena,
						  (const char *const *)env, asked);

	memory_free_strings(env);
	tunnel->trials++;
	tunnel_set_without(other, tunnel_without(tunnel));
	other->roams = tunnel->roams;
	other->located = tunnel->located;
	other->restarts = tunnel->restarts;
	other->returned_ms = tunnel->returned_ms;
	return other;
}

struct live_tunnel *trial_find(const struct live_tunnel *tunnel)
{
	const struct list *tunnels = &tunnel->engine->tunnels;

	for (size_t i = tunnels->count; i-- > 0;) {
		struct live_tunnel *other = tunnels->items[i];

		if (other->on_trial && other->state != TUNNEL_DOWN &&
		    strcmp(other->name, tunnel->name) == 0 && strcmp(other->me, tunnel->me) == 0 &&
		    strcmp(other->file, tunnel->file) == 0)
			return other;
	}
	return NULL;
}

struct live_tunnel *trial_seen(struct live_tunnel *tunnel)
{
	struct live_tunnel *seen = NULL;

	if (tunnel->on_trial)
		seen = tunnel_find(tunnel->engine, tunnel->file, tunnel->me, tunnel->name);
	return seen ? seen : tunnel;
}

/* What one was to replace, the other one is. */
static void pass_on(struct live_tunnel *tunnel, struct live_tunnel *other)
{
	struct live_tunnel *old = tunnel->replaces;

	if (!old)
		return;
	tunnel_refer(old);
	succession_end(tunnel);
	succession_begin(other, old);
	tunnel_forget(old);
}

void trial_go_on(struct live_tunnel *trial, struct live_tunnel *other)
{
	pass_on(trial, other);
	other->on_trial = true;
	other->moves = trial->moves;
}

void trial_take_place(struct live_tunnel *tunnel, struct live_tunnel *other)
{
	pass_on(tunnel, other);
	other->on_trial = other->moves = false;
	history_note_place(other);
	session_follow(tunnel->engine, tunnel, other);
	engine_log(tunnel->engine, "tunnel %s: another path has taken its place", tunnel->name);
}
