#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/moment.h"

/* 2026-11-30 13:02:10.123 UTC, which is 14:02:10 in Berlin. */
#define NOW  INT64_C(1796043730123)
#define HOUR INT64_C(3600000)

static void at_berlin(void)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
}

TestSuite(moment, .init = at_berlin);

Test(moment, is_told_in_local_time_and_for_programs_in_utc)
{
	struct strbuf text = {0};

	moment_text(NOW, &text);
	strbuf_puts(&text, " ");
	moment_utc(NOW, &text);
	cr_expect(eq(str, text.text, "2026-11-30 14:02:10 2026-11-30T13:02:10.123Z"));
	strbuf_finish(&text);
}

Test(moment, since_takes_durations_and_times)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"10m", NOW - HOUR / 6},
		{"10 min", NOW - HOUR / 6},
		{"90s", NOW - 90000},
		{"1h30m", NOW - HOUR * 3 / 2},
		{"1h 30m", NOW - HOUR * 3 / 2},
		{"2d", NOW - 48 * HOUR},
		{"1w", NOW - 168 * HOUR},
		{"0s", NOW},
		{"14:02", NOW - 10123},
		{"13:02:10", NOW - 123 - HOUR},
		{"13:02:10.5", NOW - 123 - HOUR},
		{"2026-11-30", NOW - 10123 - 2 * 60000 - 14 * HOUR},
		{"today", NOW - 10123 - 2 * 60000 - 14 * HOUR},
		{"yesterday", NOW - 10123 - 2 * 60000 - 38 * HOUR},
		{"2026-11-30 14:02", NOW - 10123},
		{"2026-11-30T14:02:10", NOW - 123},
		{"2026-11-30T13:02:10Z", NOW - 123},
		{"2026-11-30T13:02:10.123Z", NOW - 123},
		{"2026-11-30T15:32:10+02:30", NOW - 123},
		{"2026-11-30 15:02:10+0200", NOW - 123},
		{"2026-11-30 11:02:10-02:00", NOW - 123},
		/* Summer time. */
		{"2026-07-01 12:00", INT64_C(1782900000000)},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = 0;

		cr_expect(moment_since(rows[i].text, NOW, &ms), "%s", rows[i].text);
		cr_expect(eq(i64, ms, rows[i].ms), "%s", rows[i].text);
	}
}

Test(moment, since_takes_nothing_else)
{
	static const char *const rows[] = {
		"",
		"10",
		"m",
		"-10m",
		"10x",
		"10m5",
		"24:00",
		"14:60",
		"1:02",
		"2026-13-01",
		"2026-00-01",
		"2026-11-32",
		"2026-11-30 ",
		"2026-11-30 14",
		"2026-11-30x",
		"tomorrow",
		"todayx",
		"1e3s",
		"99999999999999999999999s",
		"9999999999s",
		"2026-11-30T13:02:10+1",
		"14:02:10.",
		" 10m",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms = 42;

		cr_expect(not(moment_since(rows[i], NOW, &ms)), "%s", rows[i]);
		cr_expect(eq(i64, ms, 42), "%s", rows[i]);
	}
}
