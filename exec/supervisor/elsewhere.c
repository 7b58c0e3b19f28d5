#include "exec/supervisor/elsewhere.h"

#include <stdlib.h>
#include <string.h>

#include "exec/place/place_look.h"
#include "exec/supervisor/replan.h"
#include "exec/supervisor/session.h"
#include "exec/supervisor/trial.h"
#include "exec/system/kernel.h"
#include "exec/tunnel/hop_alone.h"
#include "exec/tunnel/succession.h"
#include "topology/base/memory.h"

/* What belongs to a change may come later than what is told of it: a route, whom to ask for names. */
#define SETTLED_MS 5000
/* How soon what could not be found out, or cannot move while it works, is looked at again. */
#define ROUND_MS 60000

struct elsewhere {
	struct engine *engine;
	struct place_look *look; /* under way, or NULL */
	struct snapshot *of;     /* whose places it looks for; held, or NULL */
	uint64_t asked;          /* the engine's `moves` when it began */
	uint64_t seen;           /* the last `moves` that a later look was planned for */
	uint64_t settled_ms;     /* monotonic: when that, or another one, is; 0: none is to come */
	bool asks_again;         /* that one is because a look found nothing out */
	bool looks_again;        /* those of now are such ones: nothing has changed */
	struct delay *later;     /* until then, or until something is tried again */
};

/* --- what a tunnel has to do with it --------------------------------------------------------- */

static bool is_here(const struct live_tunnel *tunnel)
{
	return tunnel->state != TUNNEL_STOPPING && tunnel->state != TUNNEL_DOWN &&
	       !tunnel->on_trial && !tunnel->yields;
}

static void set_here(struct live_tunnel *tunnel, struct snapshot *here)
{
	if (here)
		snapshot_hold(here);
	snapshot_forget(tunnel->here);
	tunnel->here = here;
}

/* What was on trial for another place than where this machine is now, goes. */
static void stop_trial(const struct live_tunnel *tunnel)
{
	struct live_tunnel *trial = trial_find(tunnel);

	if (trial && trial->moves && trial->replaces == tunnel)
		tunnel_stop(trial, "stopped", "this machine is not there any more");
}

static void arrive(struct live_tunnel *tunnel)
{
	stop_trial(tunnel);
	if (tunnel->here)
		memory_replace(&tunnel->elsewhere, NULL);
	set_here(tunnel, NULL);
	tunnel->move = (struct retry){0};
}

void elsewhere_settle(struct live_tunnel *tunnel, bool roams)
{
	arrive(tunnel);
	tunnel->roams = roams;
	tunnel->located = tunnel->engine->moves;
}

/* --- looking --------------------------------------------------------------------------------- */

/* It is known where this machine is, for one of the tunnels for which that was asked. */
static void locate(struct live_tunnel *tunnel, struct snapshot *here, bool again)
{
	if (here == tunnel->latest) {
		arrive(tunnel);
	} else if (here != tunnel->here) {
		stop_trial(tunnel);
		set_here(tunnel, here);
		tunnel->move = (struct retry){0};
		tunnel->move_ms = 0;
		/* To who comes from another place, a host may say something else. */
		hop_alone_end_waits(tunnel->engine);
	} else if (!again && tunnel->move.class != RETRY_SOMEBODY && !trial_find(tunnel)) {
		tunnel->move = (struct retry){0};
		tunnel->move_ms = 0;
	}
}

static bool is_asked_for(const struct elsewhere *elsewhere, const struct live_tunnel *tunnel)
{
	const struct snapshot *of = elsewhere->of, *its = tunnel->latest;

	return tunnel->roams && is_here(tunnel) && strcmp(of->path, its->path) == 0 &&
	       strcmp(of->me_name, its->me_name) == 0 && strcmp(of->text, its->text) == 0;
}

static struct snapshot *snapshot_from(const struct elsewhere *elsewhere, const char *const *names)
{
	const struct snapshot *of = elsewhere->of;
	struct snapshot_of wanted = {of->path, of->text, of->me_name, names, 0};
	struct strbuf why = {0};
	const char *code;
	struct snapshot *here;

	while (names[wanted.place_count])
		wanted.place_count++;
	here = snapshot_get(&elsewhere->engine->snapshots, &wanted, &code, &why);
	strbuf_finish(&why);
	return here;
}

/* It could not be found out. */
static void ask_later(struct elsewhere *elsewhere)
{
	elsewhere->settled_ms = clock_ms() + ROUND_MS;
	elsewhere->asks_again = true;
}

static void log_place(struct engine *engine, const struct snapshot *here)
{
	struct arena arena = {0};
	const char *places =
		here ? whereabouts_names(here->topology, &here->where, ", ", &arena) : "";

	if (here)
		engine_log(engine, "this machine is at %s",
			   *places ? places : "no place of the file");
	else
		engine_log(engine, "at which place this machine is cannot be found out");
	arena_finish(&arena);
}

static void looked(void *data, const char *const *names)
{
	struct elsewhere *elsewhere = data;
	const struct list *tunnels = &elsewhere->engine->tunnels;
	struct snapshot *here = names ? snapshot_from(elsewhere, names) : NULL;

	elsewhere->look = NULL;
	log_place(elsewhere->engine, here);
	if (!here)
		ask_later(elsewhere);
	for (size_t i = 0; i < tunnels->count; i++) {
		struct live_tunnel *tunnel = tunnels->items[i];

		/* What an `up` has said meanwhile is newer. */
		if (!is_asked_for(elsewhere, tunnel) || tunnel->located >= elsewhere->asked)
			continue;
		tunnel->located = elsewhere->asked;
		if (here)
			locate(tunnel, here, elsewhere->looks_again);
	}
	snapshot_forget(here);
	snapshot_forget(elsewhere->of);
	elsewhere->of = NULL;
	engine_schedule(elsewhere->engine);
}

static bool is_offline(void)
{
	struct kernel_network network;
	bool offline = true;

	if (kernel_network_init(&network))
		return false;
	for (size_t i = 0; i < network.interface_count; i++)
		offline &= !network.interfaces[i].up || network.interfaces[i].indirect;
	kernel_network_finish(&network);
	return offline;
}

/* Begins a look for the next tunnel of which it is not known where it is to be, if there is one. */
static void look_next(struct elsewhere *elsewhere)
{
	struct engine *engine = elsewhere->engine;
	struct live_tunnel *tunnel = NULL;

	for (size_t i = 0; i < engine->tunnels.count && !elsewhere->look; i++) {
		tunnel = engine->tunnels.items[i];
		if (!tunnel->roams || !is_here(tunnel) || tunnel->located == engine->moves)
			continue;
		if (is_offline())
			return;
		elsewhere->asked = engine->moves;
		elsewhere->look = place_look_start(engine->loop, engine->program,
						   tunnel->latest->text, looked, elsewhere);
		if (elsewhere->look) {
			elsewhere->of = snapshot_hold(tunnel->latest);
		} else {
			tunnel->located = engine->moves;
			ask_later(elsewhere);
		}
	}
}

/* --- moving ---------------------------------------------------------------------------------- */

/* Says in the advice of the failure what else there is. */
static void say(struct live_tunnel *tunnel, const struct plan *plan, const char *words)
{
	const struct snapshot *here = tunnel->here;
	struct arena arena = {0};
	struct strbuf text = {0};
	const char *places = whereabouts_names(here->topology, &here->where, ", ", &arena);

	strbuf_printf(&text, "this machine is at %s now, from where ",
		      *places ? places : "no place of the file");
	if (plan)
		strbuf_puts(&text, "it goes by");
	for (size_t i = 0; plan && i < plan->hop_count; i++)
		strbuf_printf(&text, "%s %s", i ? "," : "",
			      plan->topology->hosts[plan->hops[i].host].name);
	strbuf_puts(&text, words);
	memory_replace(&tunnel->elsewhere, strbuf_text(&text));
	engine_log(tunnel->engine, "tunnel %s: %s", tunnel->name, strbuf_text(&text));
	strbuf_finish(&text);
	arena_finish(&arena);
}

/* Makes it by the plan of here: beside what there is, if that was up; else in its place. */
static void begin(struct live_tunnel *tunnel, const struct plan *plan, struct arena *arena)
{
	const bool beside = tunnel->was_up && tunnel->plan->method != PLAN_STITCHED &&
			    plan->method != PLAN_STITCHED;
	struct live_tunnel *other = trial_begin(tunnel, tunnel->here, plan, arena, HOP_UNASKED);

	other->unattended = beside || tunnel->unattended;
	other->kept = !beside && tunnel->kept;
	other->on_trial = other->moves = beside;
	succession_begin(other, tunnel);
	if (!beside) {
		session_follow(tunnel->engine, tunnel, other);
		set_here(tunnel, NULL);
	}
	tunnel->move_ms = UINT64_MAX;
}

static void move(struct live_tunnel *tunnel)
{
	const char *const *without = tunnel_without(tunnel);
	const struct replan wanted = {.snapshot = tunnel->here,
				      .name = tunnel->name,
				      .without = without,
				      .unattended = true};
	struct plan_failure failure;
	struct arena arena = {0};
	const struct plan *plan = replan(&wanted, &arena, &failure);

	tunnel->move_ms = UINT64_MAX;
	if (!plan) {
		say(tunnel, NULL, "there is no path");
	} else if (replan_is_met(tunnel->here, without, plan, tunnel)) {
		tunnel_confirm(tunnel, tunnel->here);
		arrive(tunnel);
	} else if (replan_asks(plan)) {
		say(tunnel, plan, ", where a login asks a person: run `tunplan up`");
	} else if (tunnel_works(tunnel) &&
		   (tunnel->plan->method == PLAN_STITCHED || plan->method == PLAN_STITCHED)) {
		tunnel->move_ms = clock_ms() + ROUND_MS;
	} else {
		/* Why it did not get up before is said until it does. */
		if (!tunnel->move.attempt || !tunnel->elsewhere)
			say(tunnel, plan, "");
		begin(tunnel, plan, &arena);
	}
	arena_finish(&arena);
}

/* Returns the tunnel for which one was made by the plan of where this machine is, and that is there still; or NULL. */
static struct live_tunnel *moved_by(struct live_tunnel *trial)
{
	struct live_tunnel *tunnel = trial->on_trial ? trial_seen(trial) : trial->replaces;

	if (!tunnel || tunnel == trial || !tunnel->here)
		return NULL;
	/* One that has taken the place, but not the listeners, is not on trial any more. */
	return (trial->on_trial ? trial->moves : trial->snapshot == tunnel->here) ? tunnel : NULL;
}

/*
 * What others of its file wait for is likely to be the same: they are tried together, so that a host on the way is not
 * dialled once for each of them.
 */
static void wait_together(const struct live_tunnel *tunnel)
{
	const struct list *tunnels = &tunnel->engine->tunnels;

	for (size_t i = 0; i < tunnels->count; i++) {
		struct live_tunnel *other = tunnels->items[i];

		if (other->here == tunnel->here && other->move_ms != UINT64_MAX &&
		    other->move.class == tunnel->move.class && other->move.attempt)
			other->move_ms = tunnel->move_ms;
	}
}

/*
 * Returns until when (monotonic) a host of it is left alone, as far as only time ends that; 0: none is. Until then
 * another try would log in to the hosts before that one in vain.
 */
static uint64_t alone_until_ms(const struct live_tunnel *trial)
{
	uint64_t until_ms = 0;

	for (size_t i = 0; i < trial->plan->hop_count; i++) {
		const struct hop_alone *alone = &trial->hops[i]->alone;

		if (alone->retry.class != RETRY_SOMEBODY && alone->until_ms > until_ms)
			until_ms = alone->until_ms;
	}
	return until_ms;
}

/* How often and how long a host that keeps it from coming up was tried before, for others, too, counts. */
static void count_tries(struct retry *move, const struct live_tunnel *trial)
{
	for (size_t i = 0; i < trial->plan->hop_count; i++) {
		const struct retry *tries = &trial->hops[i]->retry;

		if (trial->hops[i]->state == HOP_UP || !tries->attempt)
			continue;
		if (tries->since_ms < move->since_ms)
			move->since_ms = tries->since_ms;
		if (tries->attempt > move->attempt)
			move->attempt = tries->attempt;
	}
}

void elsewhere_failed(struct live_tunnel *trial)
{
	struct live_tunnel *tunnel = moved_by(trial);
	uint64_t until_ms;
	char *words;

	if (!tunnel)
		return;
	words = memory_format(", which is not up: %s%s%s",
			      trial->failure.text ? trial->failure.text : "it failed",
			      trial->elsewhere ? "; " : "",
			      trial->elsewhere ? trial->elsewhere : "");
	say(tunnel, trial->plan, words);
	free(words);
	retry_failed(&tunnel->move,
		     retry_class_of(trial->failure.code ? trial->failure.code : "unknown"),
		     clock_ms());
	count_tries(&tunnel->move, trial);
	tunnel->move_ms = clock_ms() + retry_wait_ms(&tunnel->move, clock_ms(), clock_random());
	until_ms = alone_until_ms(trial);
	if (tunnel->move_ms < until_ms)
		tunnel->move_ms = until_ms;
	wait_together(tunnel);
}

/* --- steps ----------------------------------------------------------------------------------- */

/* What changed is looked at once more when it has settled. */
static void note_changes(struct elsewhere *elsewhere)
{
	struct engine *engine = elsewhere->engine;
	const uint64_t now = clock_ms();

	if (engine->moves != elsewhere->seen) {
		elsewhere->settled_ms = now + SETTLED_MS;
		elsewhere->asks_again = elsewhere->looks_again = false;
	} else if (elsewhere->settled_ms && elsewhere->settled_ms <= now) {
		elsewhere->settled_ms = 0;
		elsewhere->looks_again = elsewhere->asks_again;
		elsewhere->asks_again = false;
		engine->moves++;
		engine_log(engine, "the network has settled");
	}
	elsewhere->seen = engine->moves;
}

static void earlier(uint64_t ms, uint64_t *next_ms)
{
	if (ms < *next_ms)
		*next_ms = ms;
}

void elsewhere_step(struct elsewhere *elsewhere)
{
	const struct list *tunnels = &elsewhere->engine->tunnels;
	const uint64_t now = clock_ms();
	uint64_t next_ms = UINT64_MAX;
	bool roam = false;

	note_changes(elsewhere);
	look_next(elsewhere);
	for (size_t i = 0; i < tunnels->count; i++) {
		struct live_tunnel *tunnel = tunnels->items[i];

		roam |= tunnel->roams;
		if (!tunnel->here || !is_here(tunnel))
			continue;
		if (tunnel->move_ms <= now && !is_offline())
			move(tunnel);
		if (tunnel->here && tunnel->move_ms > now)
			earlier(tunnel->move_ms, &next_ms);
	}
	if (roam && elsewhere->settled_ms)
		earlier(elsewhere->settled_ms, &next_ms);
	if (next_ms == UINT64_MAX)
		delay_stop(elsewhere->later);
	else
		delay_start(elsewhere->later, next_ms - now);
}

struct elsewhere *elsewhere_create(struct engine *engine)
{
	struct elsewhere *elsewhere = memory_alloc(sizeof(*elsewhere));

	elsewhere->engine = engine;
	elsewhere->later = delay_create(engine->loop, engine_wake, engine);
	return elsewhere;
}

void elsewhere_destroy(struct elsewhere *elsewhere)
{
	if (!elsewhere)
		return;
	place_look_cancel(elsewhere->look);
	snapshot_forget(elsewhere->of);
	delay_destroy(elsewhere->later);
	free(elsewhere);
}
