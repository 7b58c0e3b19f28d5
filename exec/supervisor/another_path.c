#include "exec/supervisor/another_path.h"

#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/replan.h"
#include "exec/supervisor/trial.h"
#include "exec/tunnel/claims.h"
#include "exec/tunnel/succession.h"
#include "exec/tunnel/tunnel_trouble.h"
#include "planner/explain/worse.h"
#include "topology/base/memory.h"

/* So many paths are tried at most, one after the other: the first choice, and two more. */
#define PATHS_MAX 3
/* After these another round begins: somebody else may be back by now. */
#define ROUND_MS 60000
/* So long is the first choice up beside it before a tunnel goes back to that, and so seldom. */
#define HEALTH_MS 60000
#define RETURN_MS 600000

/* --- the choice ------------------------------------------------------------------------------ */

/* Another path for a tunnel. */
struct choice {
	const char *left_out[PATHS_MAX + 1]; /* without whom; NULL-terminated */
	struct arena arena;                  /* the plan's */
	const struct plan *plan;             /* NULL: there is none */
	enum plan_worse worse;
	uint8_t least_trust; /* of the hosts that it may pass */
	bool is_first;       /* it is the first choice itself */
};

static void choice_finish(struct choice *choice)
{
	arena_finish(&choice->arena);
}

static bool may_fail_over(const struct live_tunnel *tunnel)
{
	const struct replan wanted = {.snapshot = tunnel->latest, .name = tunnel->name};
	const struct tunnel *planned = replan_tunnel(&wanted);

	return planned && !planned->options.no_failover;
}

/* Whether two plans pass the same hosts. */
static bool same_hosts(const struct plan *a, const struct plan *b)
{
	if (a->hop_count != b->hop_count)
		return false;
	for (size_t i = 0; i < a->hop_count; i++)
		if (a->hops[i].host != b->hops[i].host || a->hops[i].through != b->hops[i].through)
			return false;
	return true;
}

/* Plans without those who are left out, and compares that with the first choice. */
static void choose(const struct live_tunnel *tunnel, struct choice *choice)
{
	struct replan wanted = {
		.snapshot = tunnel->latest,
		.name = tunnel->name,
		.without = tunnel_without(tunnel),
		.whole = true,
	};
	struct plan_failure failure;
	struct arena scratch = {0};
	const struct plan *first = replan(&wanted, &scratch, &failure);

	if (first) {
		wanted.left_out = choice->left_out;
		wanted.unattended = true;
		wanted.min_trust = choice->least_trust = worse_trust(first);
		choice->plan = replan(&wanted, &choice->arena, &failure);
		wanted.min_trust = TRUST_NONE;
		if (!choice->plan)
			choice->plan = replan(&wanted, &choice->arena, &failure);
	}
	if (choice->plan) {
		choice->worse = worse_than(choice->plan, first);
		choice->is_first = same_hosts(choice->plan, first);
	}
	arena_finish(&scratch);
}

/* Whether a plan dials what a hop was dialled in vain, so that it is of no use. */
static bool dials_in_vain(const struct plan *plan, const struct live_hop *hop)
{
	const char *code = hop->failure.code;
	const bool is_lost =
		code && (strcmp(code, "unreachable") == 0 || strcmp(code, "timeout") == 0);

	for (size_t i = 0; is_lost && i < plan->forward_count; i++) {
		const struct plan_end *egress = &plan->forwards[i].egress;

		if (egress->address && egress->host != TOPOLOGY_NONE &&
		    strcmp(egress->address, hop->plan.address) == 0 &&
		    strcmp(plan->topology->hosts[egress->host].name, hop->host) == 0)
			return true;
	}
	return false;
}

/* Whether there is a path to be chosen without a hop's host, and without those who are left out already. */
static bool look_without(const struct live_tunnel *tunnel, size_t hop, bool further,
			 struct choice *ret_choice)
{
	const struct plan *plan = tunnel->plan;
	const char *const *left_out = tunnel_left_out(tunnel);
	size_t count = 0;

	*ret_choice = (struct choice){0};
	while (further && left_out && left_out[count]) {
		ret_choice->left_out[count] = left_out[count];
		if (++count == PATHS_MAX - 1)
			return false;
	}
	ret_choice->left_out[count] = plan->topology->hosts[plan->hops[hop].host].name;
	choose(tunnel, ret_choice);
	return ret_choice->plan && !dials_in_vain(ret_choice->plan, tunnel->hops[hop]);
}

/* --- what follows from it -------------------------------------------------------------------- */

/* "by bastion-b there is a path, but it is more exposed: `tunplan up --without bastion-a web` takes it" */
static void advise(struct live_tunnel *tunnel, const struct choice *choice)
{
	static const char *const reasons[] = {
		[PLAN_NOT_WORSE] = "asks a person",
		[PLAN_WORSE_EXPOSURE] = "exposes more",
		[PLAN_WORSE_TRUST] = "passes a host that is trusted less",
	};
	const struct plan *plan = choice->plan;
	const char *const *without = tunnel_without(tunnel);
	struct strbuf text = {0};

	strbuf_puts(&text, "by");
	for (size_t i = 0; i < plan->hop_count; i++)
		strbuf_printf(&text, "%s %s", i ? "," : "",
			      plan->topology->hosts[plan->hops[i].host].name);
	strbuf_printf(&text,
		      " there is a path that is not taken by itself, because it %s: `tunplan up",
		      reasons[choice->worse]);
	for (size_t i = 0; without && without[i]; i++)
		strbuf_printf(&text, " --without %s", without[i]);
	for (size_t i = 0; choice->left_out[i]; i++)
		strbuf_printf(&text, " --without %s", choice->left_out[i]);
	strbuf_printf(&text, " %s` takes it", tunnel->name);
	memory_replace(&tunnel->elsewhere, strbuf_text(&text));
	strbuf_finish(&text);
}

/* Makes a tunnel by the chosen path. */
static struct live_tunnel *begin(struct live_tunnel *tunnel, struct choice *choice,
				 enum hop_asked asked)
{
	struct live_tunnel *other =
		trial_begin(tunnel, tunnel->latest, choice->plan, &choice->arena, asked);

	if (!choice->is_first) {
		tunnel_leave_out(other, choice->left_out);
		other->least_trust = choice->least_trust;
	}
	return other;
}

/* Whether it is the first choice, on trial beside another path that works. */
static bool is_returning(const struct live_tunnel *tunnel)
{
	return tunnel->on_trial && tunnel->replaces;
}

bool another_path_first(struct engine *engine, struct live_tunnel *tunnel)
{
	const size_t hop = tunnel_unreached(tunnel);
	struct choice choice;
	struct live_tunnel *other = NULL;

	(void)engine;
	if (hop == TOPOLOGY_NONE || (is_returning(tunnel) && !tunnel->moves) ||
	    !(tunnel->waiters || tunnel->unattended) || !may_fail_over(tunnel))
		return false;
	if (look_without(tunnel, hop, true, &choice)) {
		if (choice.worse == PLAN_NOT_WORSE)
			other = begin(tunnel, &choice,
				      tunnel->on_trial ? HOP_UNASKED : HOP_ASKED_STILL);
		else
			advise(tunnel->moves ? tunnel : trial_seen(tunnel), &choice);
	}
	choice_finish(&choice);
	if (!other)
		return false;
	other->unattended = tunnel->unattended;
	if (tunnel->on_trial)
		trial_go_on(tunnel, other);
	else
		trial_take_place(tunnel, other);
	return true;
}

/* --- later ----------------------------------------------------------------------------------- */

/* Whether nothing of it carries on: what does is not moved. */
static bool is_all_down(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const enum forward_state state = tunnel->forwards[i].state;

		if (state != FORWARD_WAITING && state != FORWARD_FAILED)
			return false;
	}
	return true;
}

/* Returns when it is to be tried whether the first choice is well again. */
static uint64_t return_due_ms(const struct live_tunnel *tunnel)
{
	uint64_t due = tunnel->since_ms + ROUND_MS;

	if (tunnel->returned_ms && due < tunnel->returned_ms + RETURN_MS - HEALTH_MS)
		due = tunnel->returned_ms + RETURN_MS - HEALTH_MS;
	return due > tunnel->next_path_ms ? due : tunnel->next_path_ms;
}

/* Returns the hop without which another path may be looked for now, as far as the tunnel goes; or TOPOLOGY_NONE. */
static size_t missing_hop(const struct live_tunnel *tunnel)
{
	/* What it waits for is not where this machine is; what it is to replace works. */
	if (tunnel->state != TUNNEL_RECONNECTING || tunnel->here || tunnel->on_trial ||
	    tunnel->replaces || !is_all_down(tunnel) || !may_fail_over(tunnel) ||
	    trial_find(tunnel))
		return TOPOLOGY_NONE;
	return tunnel_unreached(tunnel);
}

/* Returns when another path is to be looked for (monotonic), or UINT64_MAX: not as things are. */
static uint64_t due_ms(const struct live_tunnel *tunnel)
{
	const size_t hop = missing_hop(tunnel);
	uint64_t lasts_ms;

	if (!tunnel->on_trial && !tunnel->replaces && !tunnel->here && tunnel->left_out &&
	    tunnel_works(tunnel) && !trial_find(tunnel))
		return return_due_ms(tunnel);
	if (hop == TOPOLOGY_NONE)
		return UINT64_MAX;
	/* One that never was up is to be up as soon as it can. */
	lasts_ms = tunnel->was_up ? retry_lasts_ms(&tunnel->hops[hop]->retry) : 0;
	return lasts_ms > tunnel->next_path_ms ? lasts_ms : tunnel->next_path_ms;
}

/* Makes another path beside it. */
static void try_another(struct live_tunnel *tunnel)
{
	struct choice choice;
	struct live_tunnel *other;

	tunnel->next_path_ms = clock_ms() + ROUND_MS;
	memory_replace(&tunnel->elsewhere, NULL);
	if (!look_without(tunnel, tunnel_unreached(tunnel), false, &choice)) {
		choice_finish(&choice);
		return;
	}
	if (choice.worse == PLAN_NOT_WORSE && !replan_asks(choice.plan)) {
		/* It has none of its listeners, so another one may. */
		for (size_t i = 0; i < tunnel->plan->forward_count; i++)
			claims_remove(&tunnel->forwards[i]);
		other = begin(tunnel, &choice, HOP_UNASKED);
		other->on_trial = other->unattended = true;
	} else {
		advise(tunnel, &choice);
	}
	choice_finish(&choice);
	engine_schedule(tunnel->engine);
}

void another_path_hasten(struct live_tunnel *tunnel)
{
	const size_t hop = missing_hop(tunnel);

	if (hop != TOPOLOGY_NONE && retry_lasts_ms(&tunnel->hops[hop]->retry) != UINT64_MAX)
		try_another(tunnel);
}

/* Makes the first choice beside the path that works, to go back to it if it stays well. */
static void try_first(struct live_tunnel *tunnel)
{
	const struct replan wanted = {
		.snapshot = tunnel->latest,
		.name = tunnel->name,
		.without = tunnel_without(tunnel),
		.unattended = true,
	};
	struct choice choice = {.is_first = true};
	struct plan_failure failure;
	struct live_tunnel *other;

	tunnel->next_path_ms = clock_ms() + ROUND_MS;
	choice.plan = replan(&wanted, &choice.arena, &failure);
	if (choice.plan && choice.plan->method != PLAN_STITCHED && !replan_asks(choice.plan) &&
	    tunnel->plan->method != PLAN_STITCHED) {
		other = begin(tunnel, &choice, HOP_UNASKED);
		other->on_trial = other->unattended = true;
		succession_begin(other, tunnel);
	}
	choice_finish(&choice);
	engine_schedule(tunnel->engine);
}

/* Returns since when all hops are up; UINT64_MAX: not all are. */
static uint64_t up_since_ms(const struct live_tunnel *tunnel)
{
	uint64_t since = 0;

	for (size_t i = 0; i < tunnel->plan->hop_count; i++) {
		const struct live_hop *hop = tunnel->hops[i];

		if (hop->state != HOP_UP)
			return UINT64_MAX;
		since = hop->up_ms > since ? hop->up_ms : since;
	}
	return since;
}

/* Returns when it has been well for long enough; at once, where the other path is not up any more, or is another place's. */
static uint64_t well_ms(const struct live_tunnel *trial)
{
	const uint64_t since = up_since_ms(trial);

	if (since == UINT64_MAX || trial->moves || !tunnel_works(trial->replaces))
		return since;
	return since + HEALTH_MS;
}

/* The first choice, or that of another place, goes when what it is to replace is not what is wanted any more. */
static void step_return(struct live_tunnel *trial)
{
	struct live_tunnel *tunnel = trial->replaces;

	if (trial->state != TUNNEL_STARTING)
		return;
	if (tunnel_find(trial->engine, trial->file, trial->me, trial->name) != tunnel) {
		tunnel_stop(trial, "stopped", "what it was to replace is gone");
	} else if (well_ms(trial) <= clock_ms() && succession_is_made(trial)) {
		trial->kept = true;
		if (!trial->moves)
			trial->returned_ms = clock_ms();
		trial_take_place(tunnel, trial);
	}
}

/* Whether an `up` has just asked for what it was on trial for already. */
static bool is_tried_again(const struct live_tunnel *tunnel, const struct live_tunnel *trial)
{
	return tunnel->state == TUNNEL_STARTING && tunnel->kept && !tunnel->replaces &&
	       tunnel->latest == trial->latest;
}

/* It takes the place of the one that is not up, once it is; it goes when that one is back, or is not wanted any more. */
static void step_trial(struct live_tunnel *trial)
{
	struct live_tunnel *tunnel =
		tunnel_find(trial->engine, trial->file, trial->me, trial->name);
	const bool is_missing =
		tunnel && (tunnel->state == TUNNEL_RECONNECTING || tunnel->state == TUNNEL_FAILED ||
			   is_tried_again(tunnel, trial));

	if (trial->replaces) {
		step_return(trial);
		return;
	}
	if (trial->state == TUNNEL_STOPPING || trial->state == TUNNEL_DOWN)
		return;
	if (!is_missing) {
		tunnel_stop(trial, "stopped", "its tunnel is up, or not wanted any more");
		return;
	}
	/* The dead session may be that of the one that is not up: it goes on waiting there by the new path. */
	if (!tunnel_works(trial) && !tunnel_is_held(trial))
		return;
	trial->kept = true;
	trial_take_place(tunnel, trial);
	tunnel_stop(tunnel, "stopped", "another path has taken its place");
}

void another_path_step(struct engine *engine)
{
	const uint64_t now = clock_ms();
	uint64_t next_ms = UINT64_MAX;

	for (size_t i = 0; i < engine->tunnels.count; i++) {
		struct live_tunnel *tunnel = engine->tunnels.items[i];
		uint64_t at_ms;

		if (tunnel->on_trial)
			step_trial(tunnel);
		at_ms = is_returning(tunnel) ? well_ms(tunnel) : due_ms(tunnel);
		if (at_ms > now)
			next_ms = at_ms < next_ms ? at_ms : next_ms;
		else if (tunnel->left_out && tunnel_works(tunnel))
			try_first(tunnel);
		else if (!is_returning(tunnel))
			try_another(tunnel);
	}
	if (next_ms == UINT64_MAX)
		delay_stop(engine->later);
	else
		delay_start(engine->later, next_ms - now);
}
