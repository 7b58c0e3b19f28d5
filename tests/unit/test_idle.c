#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "exec/tunnel/idle.h"

/* Of a first hop, or of one behind it, that carried nothing and that nobody used. */
static const struct idle_end first = {.carried_ms = UINT64_MAX, .alive_s = 15};
static const struct idle_end second = {.carried = true, .carried_ms = UINT64_MAX, .alive_s = 15};

static struct idle_end after(struct idle_end end, uint64_t moved_ms)
{
	end.moved_ms = moved_ms;
	return end;
}

/* What two ends in succession are by. */
static enum idle_rule rule_of(struct idle_end one, struct idle_end other)
{
	struct idle_ends ends = {IDLE_NONE, 0};

	cr_expect(idle_take(&ends, &one) == IDLE_NONE);
	return idle_take(&ends, &other);
}

Test(idle, two_ends_after_the_same_time_are_by_a_rule)
{
	static const struct {
		bool second;
		uint64_t one_ms, other_ms;
		enum idle_rule rule;
	} rows[] = {
		{false, 8000, 9400, IDLE_UNUSED},  {false, 9400, 8000, IDLE_UNUSED},
		{false, 8000, 10001, IDLE_NONE},   {false, 3600000, 3601999, IDLE_UNUSED},
		{false, 2900, 2900, IDLE_NONE}, /* that is no idleness */
		{true, 5400, 5800, IDLE_EITHER},   {true, 5400, 7500, IDLE_NONE},
		{true, 60000, 60000, IDLE_UNUSED}, /* its keepalives went through what carries it */
		{true, 15500, 17400, IDLE_UNUSED}, /* and in the second case one of them */
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct idle_end end = rows[i].second ? second : first;

		cr_expect(rule_of(after(end, rows[i].one_ms), after(end, rows[i].other_ms)) ==
				  rows[i].rule,
			  "row %u", i);
	}
}

Test(idle, what_is_used_is_not_idle)
{
	struct idle_end used = after(first, 8000), carries = after(first, 8000);

	used.used = true;
	carries.carries = true;
	cr_expect(rule_of(used, used) == IDLE_NONE);
	cr_expect(rule_of(after(first, 8000), used) == IDLE_NONE);
	/* A hop that runs through it is a channel, but may be without a byte. */
	cr_expect(rule_of(carries, carries) == IDLE_NONE);
	carries.carried = true;
	cr_expect(rule_of(carries, carries) == IDLE_CHANNEL);
}

Test(idle, unused_counts_from_the_end_of_what_ran_through_it)
{
	struct idle_end one = after(first, 500000), other = after(first, 900000);

	one.carried_ms = 8000;
	other.carried_ms = 8900;
	cr_expect(rule_of(one, other) == IDLE_UNUSED);
}

Test(idle, an_end_that_is_not_alike_begins_anew)
{
	struct idle_ends ends = {IDLE_NONE, 0};
	const struct idle_end eight = after(first, 8000), twenty = after(first, 20000);

	cr_expect(idle_take(&ends, &eight) == IDLE_NONE);
	cr_expect(idle_take(&ends, &twenty) == IDLE_NONE);
	cr_expect(idle_take(&ends, &eight) == IDLE_NONE);
	cr_expect(idle_take(&ends, &eight) == IDLE_UNUSED);
	cr_expect(eq(u64, ends.after_ms, 8000));
	/* It goes on so, for example where no session may be held. */
	cr_expect(idle_take(&ends, &eight) == IDLE_UNUSED);
}

Test(idle, where_there_are_no_keepalives_it_is_one_of_the_two)
{
	struct idle_end end = after(second, 3600000);

	end.alive_s = 0;
	cr_expect(rule_of(end, end) == IDLE_EITHER);
}

Test(idle, on_a_slow_link_its_keepalive_was_on_its_way)
{
	struct idle_end end = after(second, 19000);

	end.took_ms = 400;
	cr_expect(rule_of(end, end) == IDLE_UNUSED);
	end.took_ms = 6000;
	cr_expect(rule_of(end, end) == IDLE_EITHER);
	/* A person who answers a question is no slow link. */
	end = after(second, 60000);
	end.took_ms = 60000;
	cr_expect(rule_of(end, end) == IDLE_UNUSED);
}

Test(idle, an_end_that_only_one_rule_explains_decides)
{
	struct idle_end either = after(second, 8000), carries = either, left = either;
	struct idle_ends ends = {IDLE_NONE, 0};

	/* Something ran through it; or something had, and longer was without a byte. */
	carries.carries = true;
	left.carried_ms = 6000;
	cr_expect(rule_of(either, carries) == IDLE_CHANNEL);
	cr_expect(rule_of(carries, either) == IDLE_CHANNEL);
	cr_expect(rule_of(left, left) == IDLE_CHANNEL);
	/* That is known from then on. */
	cr_expect(idle_take(&ends, &either) == IDLE_NONE);
	cr_expect(idle_take(&ends, &carries) == IDLE_CHANNEL);
	cr_expect(idle_take(&ends, &either) == IDLE_CHANNEL);
}

Test(idle, a_keepalive_is_sent_twice_in_that_time_and_a_dead_link_noticed_as_late)
{
	cr_expect(eq(u32, idle_alive_s(5400, 0), 2));
	cr_expect(eq(u32, idle_alive_s(3000, 0), 1));
	cr_expect(eq(u32, idle_alive_s(1000, 0), 1));
	cr_expect(eq(u32, idle_alive_s(14000, 0), 7));
	/* That was not often enough. */
	cr_expect(eq(u32, idle_alive_s(14000, 8), 7));
	cr_expect(eq(u32, idle_alive_s(14000, 6), 3));
	cr_expect(eq(u32, idle_alive_s(14000, 1), 1));
	cr_expect(eq(u32, idle_alive_count(2, 15, 7), 53));
	cr_expect(eq(u32, idle_alive_count(7, 15, 3), 7));
	cr_expect(eq(u32, idle_alive_count(15, 15, 3), 3));
}
