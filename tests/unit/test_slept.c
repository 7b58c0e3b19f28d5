/* What the clocks say of a sleep. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "exec/system/slept.h"

/* Whether it slept, by what both clocks say has passed of planned 30 s. */
static bool slept(uint64_t awake_ms, uint64_t asleep_ms)
{
	const struct slept_moment from = {500000, 7000};
	const struct slept_moment to = {500000 + awake_ms, 7000 + asleep_ms};

	return slept_between(&from, &to, 30000);
}

Test(slept, a_timer_that_comes_in_time_says_nothing)
{
	cr_expect(not(slept(30000, 0)));
	cr_expect(not(slept(30001, 0)));
	cr_expect(not(slept(40000, 0)));
	/* Or too soon: the machine slept for a little of the time. */
	cr_expect(not(slept(25000, 5000)));
	cr_expect(not(slept(20000, 10000)));
}

Test(slept, a_timer_that_is_over_ten_seconds_late_does)
{
	cr_expect(slept(40001, 0));
	cr_expect(slept(90000, 0));
}

Test(slept, so_does_the_other_clock_whenever_the_timer_comes)
{
	cr_expect(slept(30000, 10001));
	cr_expect(slept(15000, 15000));
	cr_expect(slept(1, 8 * 3600 * 1000));
}
