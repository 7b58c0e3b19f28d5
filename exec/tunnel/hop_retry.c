#include "exec/tunnel/hop_retry.h"

#include <string.h>

#include "exec/ssh/login_files.h"
#include "exec/tunnel/hop_alone.h"
#include "exec/tunnel/hop_blame.h"

/* Sets when the next try is due; it may be a longer time. */
static void set_time(struct live_hop *hop, uint64_t least_ms)
{
	const uint64_t now = clock_ms();
	const uint64_t wait_ms = retry_wait_ms(&hop->retry, now, clock_random());

	hop->late_ms = now + (wait_ms > least_ms ? wait_ms : least_ms);
}

void hop_retry_lost(struct live_hop *hop)
{
	const uint64_t now = clock_ms();
	const bool doubtful =
		hop->parent && failure_is_set(&hop->failure) && hop_blame_is_doubtful(hop);

	retry_lost(&hop->retry, now - hop->up_ms >= RETRY_STEADY_MS, now);
	set_time(hop, doubtful ? HOP_DOUBT_MS : 0);
}

/* A login that was refused for want of a key: the agent may get another. */
static void ask_agent(struct live_hop *hop, const char *code)
{
	static const char *const codes[] = {"auth", "locked_key", "half_key"};
	struct arena arena = {0};
	bool wants_key = false;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		wants_key |= strcmp(code, codes[i]) == 0;
	if (wants_key && !hop_is_stitched(hop))
		agent_keys_begin(&hop->agent,
				 login_files_agent(&hop->plan, (const char *const *)hop->env,
						   hop_facts(hop), &arena));
	arena_finish(&arena);
}

void hop_retry_failed(struct live_hop *hop, const struct failure *failure)
{
	enum retry_class class = retry_class_of(failure->code);

	if (hop->state == HOP_CONNECTING && strcmp(failure->code, "closed") == 0)
		class = RETRY_CLOSED;
	else if (strcmp(failure->code, "listen") == 0 && hop_next_ports(hop))
		class = RETRY_NEXT;
	hop_alone_go_on(hop, class);
	retry_failed(&hop->retry, class, clock_ms());
	ask_agent(hop, failure->code);
	set_time(hop, 0);
	/* What could not be started has asked nobody. */
	if (hop->state != HOP_WAITING)
		hop_alone_begin(hop, failure);
}

void hop_retry_start(struct live_hop *hop)
{
	const uint64_t now = clock_ms();

	delay_start(hop->deadline, hop->late_ms > now ? hop->late_ms - now : 0);
}

void hop_come_back(struct live_hop *hop)
{
	/* What was closed before its banner has asked nobody. */
	if (hop->state == HOP_RETRY && !delay_runs(hop->deadline) &&
	    (!hop->asks || retry_is_quick(&hop->retry)))
		hop_retry_start(hop);
}

void hop_end_wait(struct live_hop *hop)
{
	hop_alone_end_wait(hop);
	if ((hop->state != HOP_RETRY && hop->state != HOP_STALLED) || !delay_runs(hop->deadline))
		return;
	hop->late_ms = clock_ms();
	hop_retry_start(hop);
}

static void note_files(struct live_hop *hop)
{
	if (!hop_is_stitched(hop))
		hop->login_files = login_files_signature(&hop->plan, (const char *const *)hop->env,
							 hop_facts(hop));
}

void hop_retry_note_files(struct live_hop *hop)
{
	agent_keys_end(&hop->agent);
	note_files(hop);
}

bool hop_retry_watches(const struct live_hop *hop)
{
	return (hop->state == HOP_RETRY || hop->state == HOP_STALLED) &&
	       delay_runs(hop->deadline) && hop->retry.class == RETRY_SOMEBODY &&
	       !hop_is_stitched(hop);
}

void hop_retry_look(struct live_hop *hop)
{
	const uint64_t before = hop->login_files;
	bool changed;

	if (!hop_retry_watches(hop))
		return;
	note_files(hop);
	changed = hop->login_files != before;
	changed |= agent_keys_changed(&hop->agent);
	if (changed)
		hop_end_wait(hop);
}

bool hop_is_missing(const struct live_hop *hop)
{
	return hop->state == HOP_RETRY ||
	       (hop_state_is_rising(hop->state) && !hop->fallback && hop->retry.since_ms);
}

int64_t hop_next_try_ms(const struct live_hop *hop)
{
	const uint64_t now = clock_ms();

	if (hop->state != HOP_RETRY || !delay_runs(hop->deadline))
		return -1;
	return hop->late_ms > now ? (int64_t)(hop->late_ms - now) : 0;
}
