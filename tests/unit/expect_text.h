/* Compares texts and shows both if they differ. (Criterion's eq(str, …) takes no const char *.) */
#ifndef TUNPLAN_TESTS_UNIT_EXPECT_TEXT_H
#define TUNPLAN_TESTS_UNIT_EXPECT_TEXT_H

#include <criterion/criterion.h>
#include <string.h>

#define expect_text(actual, expected)                                                             \
	do {                                                                                      \
		const char *actual_ = (actual);                                                   \
		const char *expected_ = (expected);                                               \
                                                                                                  \
		cr_expect(strcmp(actual_, expected_) == 0, "is:       %s\nexpected: %s", actual_, \
			  expected_);                                                             \
	} while (0)

#endif
