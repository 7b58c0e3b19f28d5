#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "exec/system/history.h"

Test(history, starts_empty)
{
	struct history history = {0};

	cr_expect(eq(sz, history_kept(&history), 0));
	cr_expect(eq(u64, history_since_ms(&history), 0));
}

Test(history, keeps_the_last_moves_oldest_first)
{
	struct history history = {0};

	for (uint64_t i = 1; i <= HISTORY_MAX + 3; i++)
		history_add(&history, i % 2 ? "up" : "lost", i * 10);
	cr_expect(eq(sz, history_kept(&history), HISTORY_MAX));
	cr_expect(eq(u64, history_at(&history, 0)->at_ms, 40));
	cr_expect(eq(str, (char *)history_at(&history, 0)->state, "lost"));
	cr_expect(eq(u64, history_since_ms(&history), (HISTORY_MAX + 3) * 10));
}
