#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "exec/system/boot.h"
#include "exec/system/clock.h"

Test(boot, is_known_by_its_name_or_else_by_its_time)
{
	static const struct {
		const char *one, *other;
		int64_t apart_ms;
		bool same;
	} rows[] = {
		{"a", "a", 0, true},     {"a", "b", 0, false},   {"a", "a", 86400000, true},
		{"", "b", 59000, true},  {"", "", -59000, true}, {"a", "", 61000, false},
		{"", "", -61000, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct boot one = {.at_ms = 1000000}, other = {.at_ms = 1000000};

		snprintf(one.id, sizeof(one.id), "%s", rows[i].one);
		snprintf(other.id, sizeof(other.id), "%s", rows[i].other);
		other.at_ms += rows[i].apart_ms;
		cr_expect(boot_is_same(&one, &other) == rows[i].same, "row %zu", i);
	}
}

Test(boot, of_now_is_the_same_at_each_look_and_is_past)
{
	struct boot one, other;

	boot_read(&one);
	boot_read(&other);
	cr_expect(boot_is_same(&one, &other));
	cr_expect(lt(i64, one.at_ms, clock_wall_ms()));
	/* Without names, too. */
	one.id[0] = '\0';
	cr_expect(boot_is_same(&one, &other));
}

#ifdef __linux__
Test(boot, has_the_kernel_s_name)
{
	char id[KERNEL_BOOT_ID_SIZE] = "";

	cr_assert(eq(int, kernel_boot_id(id), 0));
	cr_expect(eq(sz, strlen(id), 36));
	cr_expect(eq(sz, strspn(id, "0123456789abcdef-"), 36));
}
#endif
