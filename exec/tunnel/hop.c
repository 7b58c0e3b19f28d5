#include "exec/tunnel/hop.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_argv.h"
#include "exec/ssh/ssh_facts.h"
#include "exec/system/process.h"
#include "exec/tunnel/hop_blame.h"
#include "exec/tunnel/pulse.h"
#include "topology/base/memory.h"

/*
 * For the connect of a hop that another one carries, to the sshd's banner. A first hop has ssh's own
 * ConnectTimeout, which would also count the time that this hop's bytes wait behind a transfer.
 */
#define CONNECT_MS 10000
/* From the banner on. An sshd ends a login after 120 s (LoginGraceTime), if it is not told otherwise. */
#define LOGIN_MS 130000
/* For an answer of an ssh, and of a tunnel host through it. */
#define ANSWER_MS 3000
#define DIAL_MS   5000
/* While a hop is stalled: its ssh's own keepalive ends before that. */
#define SIGN_MS 3600000

const char *hop_facts(const struct live_hop *hop)
{
	static const char name[] = SSH_FACTS_VARIABLE "=";
	const size_t length = strlen(name);

	for (size_t i = 0; hop->env[i]; i++)
		if (strncmp(hop->env[i], name, length) == 0)
			return hop->env[i] + length;
	return NULL;
}

/* The value of an option that the file states for this hop, or NULL. */
static const char *stated(const struct live_hop *hop, const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; hop->plan.options && hop->plan.options[i]; i++)
		if (strncmp(hop->plan.options[i], name, length) == 0 &&
		    hop->plan.options[i][length] == '=')
			return hop->plan.options[i] + length + 1;
	return NULL;
}

/* The one place where a hop changes its state. */
static bool apply(struct live_hop *hop, enum hop_event event)
{
	enum hop_state before = hop->state;
	uint64_t now = clock_ms();

	if (!hop_state_next(before, event, &hop->state))
		return false;
	history_add(&hop->history, hop_state_name(hop->state), now);
	hop->since_ms = now;
	if (hop_state_is_rising(before) && !hop_state_is_rising(hop->state) && hop->started_ms)
		hop->took_ms = now - hop->started_ms;
	if (hop->state == HOP_UP) {
		failure_finish(&hop->stall);
		failure_finish(&hop->tried);
	}
	engine_log(hop->engine, "hop %s (%s:%u): %s -> %s%s%s", hop->host, hop->plan.address,
		   hop->plan.port, hop_state_name(before), hop_state_name(hop->state),
		   hop->failure.text ? ": " : "", hop->failure.text ? hop->failure.text : "");
	engine_schedule(hop->engine);
	return true;
}

/* --- looking --------------------------------------------------------------------------------- */

/* It moves again, as far as is known. */
static void revive(struct live_hop *hop)
{
	link_drop(hop->sign);
	hop->sign = NULL;
	hop->verified_ms = clock_ms();
	if (hop->state == HOP_STALLED || hop->state == HOP_UP)
		failure_finish(&hop->failure);
	apply(hop, HOP_HEARD);
}

void hop_heard(struct live_hop *hop)
{
	const struct incarnation *through = hop->present ? hop->present->through : NULL;

	revive(hop);
	if (through && through == hop->parent->present)
		hop_heard(hop->parent);
}

static void sign_came(void *data, const struct link_result *result)
{
	struct live_hop *hop = data;

	hop->sign = NULL;
	engine_schedule(hop->engine);
	if (result->answer == LINK_OK || result->answer == LINK_REFUSED)
		hop_heard(hop);
}

/* Nothing but an answer tells when a hop without a TCP connection of its own moves again. */
static void wait_for_sign(struct live_hop *hop)
{
	struct link *link = incarnation_link(hop->present);

	if (link && !hop->sign && !hop->present->pulse.has_key &&
	    master_is_reachable(hop->present->master))
		hop->sign = link_dial(link, HOP_NOWHERE, HOP_NOWHERE_PORT, SIGN_MS, sign_came, hop);
}

void hop_quiet(struct live_hop *hop, const char *code, const char *words)
{
	if (hop->state != HOP_UP && hop->state != HOP_STALLED)
		return;
	hop_blame_quiet(hop, code, words);
	apply(hop, HOP_QUIET);
	wait_for_sign(hop);
}

uint64_t hop_silence_ms(const struct live_hop *hop)
{
	const char *interval = stated(hop, "ServerAliveInterval");
	struct arena arena = {0};
	unsigned long interval_s;

	if (!interval)
		interval =
			ssh_facts_find(hop_facts(hop), &hop->plan, "serveraliveinterval", &arena);
	interval_s = interval ? strtoul(interval, NULL, 10) : 15;
	arena_finish(&arena);
	return interval_s ? (interval_s + 5) * 1000 : 0;
}

/* What is waited for while a hop is stalled, or may be stopped. */
#define STALLED_MS    1000
#define STOPPED_CODE  "ssh_stopped"
#define STOPPED_WORDS "its ssh was stopped by a signal"

/* 0: without one. */
static void start_deadline(struct live_hop *hop, uint64_t ms)
{
	hop->late_ms = clock_ms() + ms;
	if (ms)
		delay_start(hop->deadline, ms);
	else
		delay_stop(hop->deadline);
}

static uint64_t feel_tcp(struct live_hop *hop, const struct pulse *pulse)
{
	const uint64_t silence_ms = hop_silence_ms(hop);

	hop->moved = hop->bytes ? pulse->bytes - hop->bytes : 0;
	hop->bytes = pulse->bytes;
	if (!silence_ms)
		return HOP_FEEL_MS;
	if (pulse->silent_ms > silence_ms) {
		hop_quiet(hop, "stalled", "nothing comes from its sshd");
		return STALLED_MS;
	}
	/* Only what came since then says that it is over. */
	if (hop->state == HOP_STALLED && clock_ms() - hop->since_ms > pulse->silent_ms)
		hop_heard(hop);
	hop->verified_ms = clock_ms() - pulse->silent_ms;
	return silence_ms - pulse->silent_ms + 1;
}

/* Whether the reason for its state is that its ssh was stopped. */
static bool is_told_stopped(const struct live_hop *hop)
{
	return failure_is_set(&hop->failure) && strcmp(hop->failure.code, STOPPED_CODE) == 0;
}

/*
 * How long the connect may take; 0: ssh is left to itself, where its own timeout was chosen. A first hop's ssh sees
 * to that, but its login cannot be told from the connect where its banner is not seen.
 */
static uint64_t connect_ms(const struct live_hop *hop)
{
	if (ssh_argv_states_timeout(&hop->plan, hop_facts(hop)))
		return 0;
	return hop->parent ? CONNECT_MS : CONNECT_MS + LOGIN_MS;
}

/* An ssh that was stopped while it connects does not see its own timeout pass: it gets one of ours. */
static uint64_t feel_rising(struct live_hop *hop, const struct pulse *pulse)
{
	if (pulse->stopped == is_told_stopped(hop))
		return STALLED_MS;
	if (pulse->stopped)
		hop_blame(hop, STOPPED_CODE, STOPPED_WORDS);
	else
		failure_finish(&hop->failure);
	if (hop->state == HOP_CONNECTING && connect_ms(hop) != CONNECT_MS)
		start_deadline(hop, pulse->stopped ? CONNECT_MS : connect_ms(hop));
	return STALLED_MS;
}

uint64_t hop_feel(struct live_hop *hop)
{
	struct pulse pulse;

	if (!hop->present)
		return HOP_FEEL_MS;
	pulse_take(&hop->present->pulse, &pulse);
	if (hop_state_is_rising(hop->state))
		return feel_rising(hop, &pulse);
	if (!hop_carries(hop))
		return HOP_FEEL_MS;
	if (pulse.stopped) {
		hop_quiet(hop, STOPPED_CODE, STOPPED_WORDS);
		return STALLED_MS;
	}
	if (hop->state == HOP_STALLED && is_told_stopped(hop))
		revive(hop);
	return pulse.has_tcp ? feel_tcp(hop, &pulse) : HOP_FEEL_MS;
}

void hop_feel_once(struct live_hop *hop)
{
	if (hop->felt_step != hop->engine->steps)
		hop_feel(hop);
	hop->felt_step = hop->engine->steps;
}

/* Its ssh does not answer on its control socket: it was stopped, waits for its far end, or works. */
static void answered(void *data, const struct link_result *result)
{
	struct live_hop *hop = data;

	hop->question = NULL;
	engine_schedule(hop->engine);
	hop_feel(hop);
	if (hop->state != HOP_UP)
		return;
	if (result->answer == LINK_LATE)
		hop_blame(hop, "busy", "its ssh did not answer within 3 s on its control socket");
	else if (result->answer == LINK_OK)
		failure_finish(&hop->failure);
}

/* Whether something came over its connection not longer ago than that, as far as the kernel tells. */
static bool came_within(const struct live_hop *hop, uint64_t ms)
{
	struct pulse pulse = {0};

	if (hop->present)
		pulse_take(&hop->present->pulse, &pulse);
	return pulse.has_tcp && pulse.silent_ms < ms;
}

static void far_end_answered(void *data, const struct link_result *result)
{
	struct live_hop *hop = data;

	hop->dial = NULL;
	engine_schedule(hop->engine);
	if (result->answer == LINK_LATE && !came_within(hop, DIAL_MS))
		hop_quiet(hop, "stalled", "its host does not answer through it");
	else if (result->answer == LINK_OK || result->answer == LINK_REFUSED)
		hop_heard(hop);
}

void hop_suspect(struct live_hop *hop)
{
	struct link *link = hop->present ? incarnation_link(hop->present) : NULL;

	if (link && !hop->dial && master_is_reachable(hop->present->master))
		hop->dial = link_dial(link, HOP_NOWHERE, HOP_NOWHERE_PORT, DIAL_MS,
				      far_end_answered, hop);
}

void hop_look(struct live_hop *hop)
{
	struct link *link = hop->present ? incarnation_link(hop->present) : NULL;

	/* It is felt again when that is answered. */
	if (hop->question)
		return;
	hop_feel(hop);
	if (hop->state == HOP_STALLED && hop->parent)
		hop_suspect(hop);
	else if (hop->state == HOP_UP && link)
		hop->question = link_ask(link, ANSWER_MS, answered, hop);
}

bool hop_is_looking(const struct live_hop *hop)
{
	return hop->question || hop->dial;
}

bool hop_is_settled(const struct live_hop *hop)
{
	return !(hop->parent && hop->parent->dial);
}

/* Before a hop is blamed whose line went quiet, the host that carries it is asked. */
static void doubt_parent(struct live_hop *hop)
{
	if (hop->parent && hop_blame_is_doubtful(hop))
		hop_suspect(hop->parent);
}

static void stop_looking(struct live_hop *hop)
{
	link_drop(hop->question);
	link_drop(hop->dial);
	link_drop(hop->sign);
	hop->question = hop->dial = hop->sign = NULL;
}

/* --- incarnations ---------------------------------------------------------------------------- */

/* A new one did not get up, or is not wanted: what there was before it counts again. */
static bool fall_back(struct live_hop *hop)
{
	struct incarnation *old = hop->fallback;

	hop->fallback = NULL;
	if (!old || old->ended)
		return false;
	hop->present = old;
	failure_copy(&hop->tried, &hop->failure);
	failure_copy(&hop->failure, &hop->stall);
	apply(hop, HOP_FALL_BACK);
	if (failure_is_set(&hop->stall))
		hop_quiet(hop, hop->stall.code, hop->stall.text);
	else
		hop_quiet(hop, "stalled", "it goes through an older ssh of the hop before it");
	return true;
}

/* The present one is no more: for a reason that is in `failure` already. */
static void lose(struct live_hop *hop, enum hop_event event)
{
	stop_looking(hop);
	delay_stop(hop->deadline);
	hop->present = NULL;
	if (fall_back(hop))
		return;
	apply(hop, event);
	doubt_parent(hop);
}

static void authenticating(void *data)
{
	struct incarnation *incarnation = data;
	struct live_hop *hop = incarnation->hop;

	if (incarnation != hop->present || !apply(hop, HOP_BANNER))
		return;
	start_deadline(hop, LOGIN_MS);
}

/* A relay is a session itself, and may need the only one that the sshd allows. */
static bool is_to_relay(const struct live_hop *hop)
{
	const struct list *hops = &hop->engine->hops;

	for (size_t i = 0; i < hops->count; i++) {
		const struct live_hop *other = hops->items[i];

		if (other->parent == hop && other->needs && other->plan.method == PLAN_RELAYED)
			return true;
	}
	return false;
}

static void ready(void *data)
{
	struct incarnation *incarnation = data;
	struct live_hop *hop = incarnation->hop;

	if (incarnation != hop->present)
		return;
	pulse_init(&incarnation->pulse, master_pid(incarnation->master), hop->parent == NULL);
	delay_stop(hop->deadline);
	hop->bytes = 0;
	hop->fallback = NULL;
	hop->verified_ms = clock_ms();
	failure_finish(&hop->failure);
	apply(hop, HOP_READY);
	if (!hop->plan.no_prime && !is_to_relay(hop))
		master_prime(incarnation->master);
}

static void primed(void *data)
{
	const struct incarnation *incarnation = data;

	engine_schedule(incarnation->hop->engine);
}

static void ended(void *data)
{
	struct incarnation *incarnation = data;
	struct live_hop *hop = incarnation->hop;

	incarnation->ended = true;
	engine_schedule(hop->engine);
	if (incarnation != hop->present)
		return;
	hop_blame_end(hop);
	lose(hop, HOP_DIED);
}

static const struct master_events events = {authenticating, ready, primed, ended};

static void blame_time(struct live_hop *hop)
{
	const bool banner = hop->state == HOP_AUTHENTICATING;
	char *words =
		memory_format(banner ? "the sshd answered, but the login did not end within %d s"
				     : "no answer within %d s",
			      (int)(banner ? LOGIN_MS : connect_ms(hop)) / 1000);

	hop_blame(hop, banner ? "login_timeout" : "timeout", words);
	free(words);
}

/* The time for the connect, or for the login, is up, unless something moved that time on. */
static void too_late(void *data)
{
	struct live_hop *hop = data;
	const uint64_t now = clock_ms();

	if (now < hop->late_ms) {
		delay_start(hop->deadline, hop->late_ms - now);
		return;
	}
	if (is_told_stopped(hop))
		hop_blame(hop, STOPPED_CODE, STOPPED_WORDS " before it was up, and ended");
	else
		blame_time(hop);
	incarnation_stop(hop->present);
	lose(hop, HOP_LATE);
}

void hop_postpone(struct live_hop *hop, uint64_t ms)
{
	hop->late_ms += ms;
}

static void start(struct live_hop *hop)
{
	struct incarnation *incarnation = incarnation_create(
		hop, ++hop->generation, hop->parent ? hop->parent->present : NULL);
	int error;

	list_add(&hop->incarnations, incarnation);
	hop->started_ms = clock_ms();
	hop->passed = 0;
	/* Before it runs: whatever becomes of us then, the next supervisor knows what to look for. */
	hop->engine->record(hop->engine);
	error = incarnation_start(incarnation, &events);
	if (error) {
		hop_blame(hop, "start", strerror(-error));
		if (!fall_back(hop))
			apply(hop, HOP_DIED);
		return;
	}
	hop->present = incarnation;
	apply(hop, HOP_START);
	start_deadline(hop, connect_ms(hop));
}

/* Another ssh is to take over from the present one, which stays until that one is up. */
static void renew(struct live_hop *hop)
{
	struct incarnation *old = hop->present;

	/* Once one was tried in vain, `failure` has more than why it is stalled. */
	if (hop->state == HOP_STALLED && !failure_is_set(&hop->tried))
		failure_copy(&hop->stall, &hop->failure);
	failure_finish(&hop->tried);
	failure_finish(&hop->failure);
	apply(hop, HOP_RENEW);
	stop_looking(hop);
	hop->fallback = old;
	hop->present = NULL;
}

void hop_again(struct live_hop *hop, const char *const *env)
{
	if (hop->present)
		hop->present->replaced = false;
	if (hop->state != HOP_STALLED && !hop_state_is_dead(hop->state))
		return;
	memory_free_strings(hop->env);
	hop->env = process_master_env(env);
	if (hop->state == HOP_STALLED) {
		renew(hop);
		return;
	}
	failure_finish(&hop->failure);
	apply(hop, HOP_NEED);
}

bool hop_try_another(struct live_hop *hop)
{
	if (hop->state != HOP_STALLED || failure_is_set(&hop->tried))
		return false;
	renew(hop);
	return true;
}

bool hop_can_ask(struct live_hop *hop)
{
	struct incarnation *present = hop->present;

	if (!present || !hop_carries(hop) || !incarnation_is_cut_off(present))
		return true;
	if (!present->replaced) {
		present->replaced = true;
		hop_quiet(hop, "cut_off",
			  "the file of its control socket is gone, so nothing new can be asked of "
			  "it");
		renew(hop);
	}
	return false;
}

/* --- counting -------------------------------------------------------------------------------- */

void hop_need(struct live_hop *hop)
{
	hop->needs++;
	engine_schedule(hop->engine);
}

void hop_unneed(struct live_hop *hop)
{
	assert(hop->needs);
	hop->needs--;
	engine_schedule(hop->engine);
}

void hop_refer(struct live_hop *hop)
{
	hop->refs++;
}

void hop_forget(struct live_hop *hop)
{
	assert(hop->refs);
	hop->refs--;
	engine_schedule(hop->engine);
}

void hop_cap_logs(const struct live_hop *hop)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		if (incarnation->master)
			master_cap_log(incarnation->master);
	}
}

bool hop_is_fresh(const struct live_hop *hop)
{
	return hop->present && incarnation_is_fresh(hop->present);
}

const char *hop_why_lost(const struct live_hop *hop)
{
	const char *code = NULL;

	/* What ends because it was carried by another is closed, or so it looks. */
	for (; hop; hop = hop->parent)
		if (failure_is_set(&hop->failure) && hop->state != HOP_UP &&
		    (!code || strcmp(hop->failure.code, "closed") != 0))
			code = hop->failure.code;
	return code;
}

bool hop_is_gone(const struct live_hop *hop)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		if (!incarnation->ended)
			return false;
	}
	return true;
}

bool hop_carries(const struct live_hop *hop)
{
	return hop->state == HOP_UP || hop->state == HOP_STALLED;
}

/* --- steps ----------------------------------------------------------------------------------- */

/* Whether what is to carry it can. A relay waits until the session is free that it may need. */
static bool may_start(const struct live_hop *hop)
{
	struct live_hop *parent = hop->parent;

	if (!parent)
		return true;
	return parent->state == HOP_UP && hop_can_ask(parent) &&
	       !(hop->plan.method == PLAN_RELAYED && incarnation_is_priming(parent->present));
}

/* There will be no ssh through the hop before it. */
static void leave_waiting(struct live_hop *hop, const char *words)
{
	hop_blame(hop, "parent", words);
	if (!fall_back(hop))
		apply(hop, HOP_PARENT_DIED);
}

static void step_waiting(struct live_hop *hop)
{
	struct live_hop *parent = hop->parent;

	if (may_start(hop))
		start(hop);
	else if (parent->state == HOP_UP && !hop_can_ask(parent))
		leave_waiting(hop, "nothing new can be asked of the hop before it");
	else if (hop_state_is_dead(parent->state))
		leave_waiting(hop, "the hop before it is not up");
	else if (parent->state == HOP_STALLED && (hop->fallback || !hop_try_another(parent)))
		leave_waiting(hop, "the hop before it is stalled");
}

/* What the present one was dialled through may have ended, or been replaced. */
static void step_running(struct live_hop *hop)
{
	const struct incarnation *through = hop->present->through;

	if (!through)
		return;
	if (through->ended) {
		hop_blame(hop, "parent", "the hop before it is gone");
		incarnation_stop(hop->present);
		lose(hop, HOP_PARENT_DIED);
	} else if (hop_carries(hop) && hop->parent->state == HOP_UP &&
		   hop->parent->present != through &&
		   hop->parent->present->generation != hop->followed) {
		/* Once: where that ssh does not get up, there is only the old one, until an `up` asks. */
		hop->followed = hop->parent->present->generation;
		renew(hop);
	}
}

/* Nobody needs it any more. */
static void step_unneeded(struct live_hop *hop)
{
	stop_looking(hop);
	delay_stop(hop->deadline);
	hop->present = hop->fallback = NULL;
	apply(hop, HOP_UNNEEDED);
	for (size_t i = 0; i < hop->incarnations.count; i++)
		incarnation_stop(hop->incarnations.items[i]);
}

/* Older ones drain when no forward and no deeper hop looks at them; what has ended is cleared away. */
static void step_incarnations(struct live_hop *hop)
{
	for (size_t i = hop->incarnations.count; i-- > 0;) {
		struct incarnation *incarnation = hop->incarnations.items[i];
		bool counts;

		assert(incarnation);
		counts = incarnation == hop->present || incarnation == hop->fallback;
		if (!counts && !incarnation->ended && !incarnation->holders)
			incarnation_drain(incarnation);
		if (!incarnation->ended || counts)
			continue;
		if (incarnation->master || incarnation->through)
			incarnation_reap(incarnation);
		if (incarnation->holders)
			continue;
		list_remove(&hop->incarnations, incarnation);
		incarnation_destroy(incarnation);
	}
}

static void step_parent(struct live_hop *hop)
{
	if (!hop->parent)
		return;
	if (hop->needs && !hop->needs_parent) {
		hop->needs_parent = true;
		hop_need(hop->parent);
	}
	/* Only when it is gone, so that hops end from the deepest to the shallowest. */
	if (!hop->needs && hop->needs_parent && hop_is_gone(hop)) {
		hop->needs_parent = false;
		hop_unneed(hop->parent);
	}
}

void hop_step(struct live_hop *hop)
{
	if (hop->fallback && hop->fallback->ended)
		hop->fallback = NULL;
	if (!hop->needs && hop->state != HOP_DOWN)
		step_unneeded(hop);
	else if (hop->needs && hop->state == HOP_DOWN)
		apply(hop, HOP_NEED);
	if (hop->state == HOP_WAITING)
		step_waiting(hop);
	else if (hop->present)
		step_running(hop);
	step_incarnations(hop);
	step_parent(hop);
}

/* --- making ---------------------------------------------------------------------------------- */

static const char *const *copy_options(const char *const *options)
{
	return options ? (const char *const *)memory_copy_strings(options) : NULL;
}

/* Copies what of a plan's hop must outlive the plan: other tunnels may go on using the hop. */
static struct plan_hop copy_plan(const struct plan_hop *from)
{
	struct plan_hop copy = *from;

	copy.address = memory_string(from->address);
	copy.user = memory_string(from->user);
	copy.identity = memory_string(from->identity);
	copy.config = memory_string(from->config);
	copy.key_alias = memory_string(from->key_alias);
	copy.options = copy_options(from->options);
	return copy;
}

static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

struct live_hop *hop_create(struct engine *engine, const struct plan *plan, size_t index,
			    struct live_hop *parent, const char *key, const char *const *env)
{
	const struct plan_hop *from = &plan->hops[index];
	struct live_hop *hop = memory_alloc(sizeof(*hop));

	hop->engine = engine;
	hop->key = memory_string(key);
	hop->plan = copy_plan(from);
	hop->host = memory_string(plan->topology->hosts[from->host].name);
	hop->from = memory_string(plan->topology->hosts[from->from].name);
	hop->env = process_master_env(env);
	hop->since_ms = clock_ms();
	history_add(&hop->history, hop_state_name(hop->state), hop->since_ms);
	hop->deadline = delay_create(engine->loop, too_late, hop);
	hop->parent = parent;
	if (parent)
		hop_refer(parent);
	return hop;
}

void hop_destroy(struct live_hop *hop)
{
	assert(!hop->needs && !hop->refs && !hop->incarnations.count);
	stop_looking(hop);
	list_finish(&hop->incarnations);
	delay_destroy(hop->deadline);
	if (hop->parent)
		hop_forget(hop->parent);
	free_text(hop->plan.address);
	free_text(hop->plan.user);
	free_text(hop->plan.identity);
	free_text(hop->plan.config);
	free_text(hop->plan.key_alias);
	memory_free_strings((char **)(uintptr_t)hop->plan.options);
	free(hop->key);
	free(hop->host);
	free(hop->from);
	memory_free_strings(hop->env);
	failure_finish(&hop->failure);
	failure_finish(&hop->stall);
	failure_finish(&hop->tried);
	free(hop);
}
