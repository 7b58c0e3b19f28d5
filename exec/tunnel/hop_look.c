#include "exec/tunnel/hop_look.h"

#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_facts.h"
#include "exec/tunnel/exit_dial.h"
#include "exec/tunnel/hop_blame.h"
#include "exec/tunnel/hop_idle.h"
#include "exec/tunnel/notice.h"
#include "exec/tunnel/pulse.h"

/* For an answer of an ssh, and of a tunnel host through it. */
#define ANSWER_MS 3000
#define DIAL_MS   5000
/* Before it is told that an ssh waits for something of this machine. */
#define OWN_SIDE_MS 3000
/* While a hop is stalled: its ssh's own keepalive ends before that. */
#define SIGN_MS 3600000
/* What is waited for while a hop is stalled, or may be stopped. */
#define STALLED_MS 1000

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

bool hop_is_told_stopped(const struct live_hop *hop)
{
	return failure_is_set(&hop->failure) && strcmp(hop->failure.code, HOP_STOPPED_CODE) == 0;
}

/* It moves again, as far as is known. */
static void revive(struct live_hop *hop)
{
	link_drop(hop->sign);
	hop->sign = NULL;
	hop->may_return = false;
	notice_heard(hop);
	hop->verified_ms = clock_ms();
	if (hop->state == HOP_STALLED || hop->state == HOP_UP)
		failure_finish(&hop->failure);
	hop_apply(hop, HOP_HEARD);
}

void hop_heard(struct live_hop *hop)
{
	const struct incarnation *through = hop->present ? hop->present->through : NULL;

	revive(hop);
	if (through && through == hop->parent->present)
		hop_heard(hop->parent);
}

/* The one before is heard again, while another is on its way up: that is no longer needed. */
static void hear_old(struct live_hop *hop)
{
	hop->heard_old = hop->races;
	engine_schedule(hop->engine);
}

static void sign_came(void *data, const struct link_result *result)
{
	struct live_hop *hop = data;

	hop->sign = NULL;
	engine_schedule(hop->engine);
	if (result->answer != LINK_OK && result->answer != LINK_REFUSED)
		return;
	hop_idle_moved(hop->fallback ? hop->fallback : hop->present);
	if (hop->fallback)
		hear_old(hop);
	else
		hop_heard(hop);
}

void hop_ask_for_sign(struct live_hop *hop)
{
	struct link *link = hop->present ? incarnation_link(hop->present) : NULL;

	if (link && !hop->sign && master_is_reachable(hop->present->master))
		hop->sign = link_dial(link, HOP_NOWHERE, HOP_NOWHERE_PORT, SIGN_MS, sign_came, hop);
}

void hop_quiet(struct live_hop *hop, const char *code, const char *words)
{
	if (hop->state != HOP_UP && hop->state != HOP_STALLED)
		return;
	/* Nothing would tell when a stitched one moves again. Its ssh ends if its sshd is gone. */
	if (hop_is_stitched(hop) && strcmp(code, HOP_STOPPED_CODE) != 0)
		return;
	hop_blame_quiet(hop, code, words);
	hop_apply(hop, HOP_QUIET);
	/* Nothing but an answer tells when a hop without a TCP connection of its own moves again. */
	if (!hop->present->pulse.has_key)
		hop_ask_for_sign(hop);
}

bool hop_is_silent(const struct live_hop *hop)
{
	return hop->state == HOP_STALLED &&
	       !(failure_is_set(&hop->stall) && strcmp(hop->stall.code, "cut_off") == 0);
}

uint64_t hop_silent_since_ms(const struct live_hop *hop)
{
	const bool is_seen = hop->present->pulse.has_key && !hop_is_told_stopped(hop);

	return is_seen ? hop->verified_ms : hop->stalled_ms;
}

unsigned hop_alive_s(const struct live_hop *hop)
{
	const char *interval = stated(hop, "ServerAliveInterval");
	struct arena arena = {0};
	unsigned long interval_s;

	if (hop->idle.alive_s)
		return hop->idle.alive_s;
	if (!interval)
		interval =
			ssh_facts_find(hop_facts(hop), &hop->plan, "serveraliveinterval", &arena);
	interval_s = interval ? strtoul(interval, NULL, 10) : SSH_ARGV_ALIVE_S;
	arena_finish(&arena);
	return (unsigned)interval_s;
}

uint64_t hop_silence_ms(const struct live_hop *hop)
{
	const unsigned alive_s = hop_alive_s(hop);

	return alive_s ? (alive_s + UINT64_C(5)) * 1000 : 0;
}

/* Only what came since it was stalled, or since it has no way any more, says that this is over. */
static bool has_come_since(const struct live_hop *hop, const struct pulse *pulse)
{
	const bool no_way_later = hop->no_way && hop->no_way_ms > hop->stalled_ms;
	const uint64_t since_ms = no_way_later ? hop->no_way_ms : hop->stalled_ms;

	return hop->state != HOP_UP && clock_ms() - since_ms > pulse->silent_ms;
}

static uint64_t feel_tcp(struct live_hop *hop, const struct pulse *pulse)
{
	const uint64_t silence_ms = hop_silence_ms(hop);

	hop->moved = hop->bytes ? pulse->bytes - hop->bytes : 0;
	hop->bytes = pulse->bytes;
	if (has_come_since(hop, pulse))
		hop_heard(hop);
	hop->verified_ms = clock_ms() - pulse->silent_ms;
	if (silence_ms && pulse->silent_ms > silence_ms && !hop->no_way)
		hop_quiet(hop, "stalled", "nothing comes from its sshd");
	if (hop_is_silent(hop))
		return STALLED_MS;
	return silence_ms && pulse->silent_ms <= silence_ms ? silence_ms - pulse->silent_ms + 1
							    : HOP_FEEL_MS;
}

/* An agent that asks its user, or a command of ssh_config that hangs: that is told while it is waited for. */
static void feel_own_side(struct live_hop *hop)
{
	const bool told = hop_is_blamed_on_own_side(hop);
	const bool late = clock_ms() - hop->since_ms >= OWN_SIDE_MS;
	const bool waits = late && hop_blame_own_side(hop);

	if (told && !waits)
		failure_finish(&hop->failure);
	if (told != waits)
		engine_schedule(hop->engine);
}

/* An ssh that was stopped while it connects does not see its own timeout pass: it gets one of ours. */
static uint64_t feel_rising(struct live_hop *hop, const struct pulse *pulse)
{
	if (!pulse->stopped && !hop_is_told_stopped(hop))
		feel_own_side(hop);
	if (pulse->stopped == hop_is_told_stopped(hop))
		return STALLED_MS;
	if (pulse->stopped)
		hop_blame(hop, HOP_STOPPED_CODE, HOP_STOPPED_WORDS);
	else
		failure_finish(&hop->failure);
	if (hop->state == HOP_CONNECTING && hop_connect_ms(hop) != HOP_CONNECT_MS)
		hop_start_deadline(hop, pulse->stopped ? HOP_CONNECT_MS : hop_connect_ms(hop));
	return STALLED_MS;
}

/* Another one is on its way up beside it. That it was stopped, and is not any more, is no sign of what has no way to its far end. */
static void feel_old(struct live_hop *hop)
{
	const bool was_stopped =
		failure_is_set(&hop->stall) && strcmp(hop->stall.code, HOP_STOPPED_CODE) == 0;
	struct pulse pulse;

	pulse_take(&hop->fallback->pulse, &pulse);
	if (pulse.stopped)
		return;
	if (pulse.has_tcp && has_come_since(hop, &pulse)) {
		hear_old(hop);
	} else if (was_stopped && !hop->no_way) {
		hear_old(hop);
		hop->goes_on = hop->heard_old;
	}
}

/* Returns when one that nobody sees may get another, if it is silent. */
static uint64_t until_another(const struct live_hop *hop)
{
	const uint64_t silent_ms = clock_ms() - hop_silent_since_ms(hop);

	if (!hop_is_silent(hop) || silent_ms >= HOP_ANOTHER_MS ||
	    HOP_ANOTHER_MS - silent_ms > HOP_FEEL_MS)
		return HOP_FEEL_MS;
	return HOP_ANOTHER_MS - silent_ms;
}

void hop_goes_on(struct live_hop *hop)
{
	if (hop->no_way)
		notice_again(hop);
	else
		revive(hop);
}

uint64_t hop_feel(struct live_hop *hop)
{
	struct pulse pulse;

	if (hop->fallback && hop->races)
		feel_old(hop);
	if (!hop->present)
		return HOP_FEEL_MS;
	pulse_take(&hop->present->pulse, &pulse);
	if (hop_state_is_rising(hop->state))
		return feel_rising(hop, &pulse);
	if (!hop_carries(hop))
		return HOP_FEEL_MS;
	if (pulse.stopped) {
		hop_quiet(hop, HOP_STOPPED_CODE, HOP_STOPPED_WORDS);
		return STALLED_MS;
	}
	if (hop->state == HOP_STALLED && hop_is_told_stopped(hop))
		hop_goes_on(hop);
	if (pulse.has_tcp)
		return feel_tcp(hop, &pulse);
	return until_another(hop);
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
	engine_schedule_look(hop->engine);
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

bool hop_link_moves(const struct live_hop *hop, uint32_t *ret_queued)
{
	struct pulse pulse = {0};

	while (hop->parent)
		hop = hop->parent;
	if (hop->present)
		pulse_take(&hop->present->pulse, &pulse);
	*ret_queued = pulse.queued;
	return hop->moves;
}

bool hop_note_unheard(struct live_hop *hop)
{
	hop_feel(hop);
	if (hop_carries(hop) && !hop_is_told_stopped(hop) && !came_within(hop, DIAL_MS))
		hop_quiet(hop, "stalled", "its host does not answer through it");
	return !hop_is_told_stopped(hop);
}

static void far_end_answered(void *data, const struct link_result *result)
{
	struct live_hop *hop = data;

	hop->dial = NULL;
	engine_schedule(hop->engine);
	if (result->answer == LINK_LATE)
		hop_note_unheard(hop);
	if (result->answer != LINK_OK && result->answer != LINK_REFUSED)
		return;
	hop_idle_moved(hop->present);
	hop_heard(hop);
}

void hop_suspect(struct live_hop *hop)
{
	struct link *link = hop->present ? incarnation_link(hop->present) : NULL;

	if (link && !hop->dial && master_is_reachable(hop->present->master))
		hop->dial = link_dial(link, HOP_NOWHERE, HOP_NOWHERE_PORT, DIAL_MS,
				      far_end_answered, hop);
}

/* Of a stalled one whether it still is: not where its ssh cannot answer, or a question waits for its answer already. */
static bool is_worth_asking(const struct live_hop *hop)
{
	return hop->state == HOP_STALLED && hop->parent && !hop->sign && !hop_is_told_stopped(hop);
}

void hop_look(struct live_hop *hop)
{
	struct link *link = hop->present ? incarnation_link(hop->present) : NULL;

	/* It is felt again when that is answered. */
	if (hop->question)
		return;
	hop_feel(hop);
	if (is_worth_asking(hop))
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
	return !(hop->parent && hop->parent->dial) && !hop->cause;
}

void hop_doubt_parent(struct live_hop *hop)
{
	if (hop->parent && hop_blame_is_doubtful(hop))
		hop_suspect(hop->parent);
	hop_blame_cause(hop);
}

void hop_stop_asking(struct live_hop *hop)
{
	link_drop(hop->question);
	link_drop(hop->dial);
	hop->question = hop->dial = NULL;
}

void hop_stop_looking(struct live_hop *hop)
{
	hop_stop_asking(hop);
	link_drop(hop->sign);
	hop->sign = NULL;
	exit_dial_cancel(hop->cause);
	hop->cause = NULL;
}
