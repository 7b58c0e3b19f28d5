#include "exec/tunnel/idle.h"

/* What ends sooner than this is not idle, but in trouble. */
#define LEAST_MS 3000
/* Two ends are after the same time, if they are not further apart: an sshd looks once a second or so. */
#define SAME_MS 2000
/*
 * A keepalive is sent at its time, and answered a little later; on a slow link later, but in less than half of the time of a login,
 * which is more than two answers. No login with questions counts.
 */
#define ALIVE_SLACK_MS 1500
#define SLOWEST_MS     10000

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Whether no keepalive has passed through what carries it, so that its idle time is that of the channel. */
static bool was_silent(const struct idle_end *end)
{
	const uint64_t slack_ms = ALIVE_SLACK_MS + least(end->took_ms, SLOWEST_MS) / 2;

	return !end->alive_s || end->moved_ms < end->alive_s * UINT64_C(1000) + slack_ms;
}

static struct idle_ends looks_like(const struct idle_end *end)
{
	const uint64_t unused_ms = least(end->moved_ms, end->carried_ms);
	struct idle_ends seen = {IDLE_NONE, 0};

	if (end->used)
		return seen;
	if (end->carried && was_silent(end))
		seen = (struct idle_ends){end->carries || unused_ms < end->moved_ms ? IDLE_CHANNEL
										    : IDLE_EITHER,
					  end->moved_ms};
	else if (!end->carries)
		seen = (struct idle_ends){IDLE_UNUSED, unused_ms};
	if (seen.after_ms < LEAST_MS)
		seen.rule = IDLE_NONE;
	return seen;
}

enum idle_rule idle_take(struct idle_ends *ends, const struct idle_end *end)
{
	const struct idle_ends before = *ends;
	uint64_t apart_ms;
	enum idle_rule both;

	*ends = looks_like(end);
	apart_ms = ends->after_ms > before.after_ms ? ends->after_ms - before.after_ms
						    : before.after_ms - ends->after_ms;
	both = apart_ms <= SAME_MS ? before.rule & ends->rule : IDLE_NONE;
	if (both)
		ends->rule = both;
	return both;
}

unsigned idle_alive_s(uint64_t after_ms, unsigned before_s)
{
	unsigned half_s = (unsigned)(after_ms / 2000);

	/* It ended after less than what is seen here, by the time that an answer takes. */
	if (before_s && half_s >= before_s)
		half_s = before_s / 2;
	return half_s ? half_s : 1;
}

unsigned idle_alive_count(unsigned alive_s, unsigned usual_s, unsigned usual_count)
{
	const unsigned total_s = usual_s * usual_count;

	return (total_s + alive_s - 1) / alive_s;
}
