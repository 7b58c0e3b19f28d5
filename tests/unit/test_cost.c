#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "planner/model/cost.h"
#include "tests/unit/expect_text.h"

static struct cost cost(uint32_t exposure, uint32_t hops)
{
	return (struct cost){{[COST_EXPOSURE] = exposure, [COST_HOPS] = hops}};
}

Test(cost, is_compared_part_by_part)
{
	static const struct {
		uint32_t left[2], right[2];
		int order;
		const char *decided;
	} rows[] = {
		{{0, 9}, {1, 1}, -1, "exposure"}, {{2, 1}, {1, 9}, 1, "exposure"},
		{{1, 2}, {1, 3}, -1, "hops"},     {{1, 3}, {1, 2}, 1, "hops"},
		{{1, 2}, {1, 2}, 0, "names"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct cost left = cost(rows[i].left[0], rows[i].left[1]);
		const struct cost right = cost(rows[i].right[0], rows[i].right[1]);

		cr_expect(eq(int, cost_compare(&left, &right), rows[i].order), "row %zu", i);
		expect_text(cost_part_name(cost_decider(&left, &right)), rows[i].decided);
	}
}
