#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "exec/tunnel/retry.h"

/* Some time after the machine was started, and later than any first minute. */
#define NOW   UINT64_C(5000000)
#define LATER (NOW + 61000)

static struct retry failed(enum retry_class class, unsigned times)
{
	struct retry retry = {0};

	for (unsigned i = 0; i < times; i++)
		retry_failed(&retry, class, NOW);
	return retry;
}

/* The longest and the shortest wait that any chance gives. */
static uint64_t longest(const struct retry *retry, uint64_t now)
{
	uint64_t most = 0;

	for (uint32_t random = 0; random <= 60000; random++) {
		const uint64_t wait = retry_wait_ms(retry, now, random);

		most = wait > most ? wait : most;
	}
	return most;
}

Test(retry, a_host_is_unreached_by_its_code_and_what_is_closed_after_three_tries)
{
	static const char *const unreached[] = {"unreachable", "refused", "timeout", "resolve"};
	static const char *const others[] = {"auth", "host_key", "not_allowed", "own_link",
					     "parent"};
	const struct retry once = failed(RETRY_LINK, 1), none = {0};
	const struct retry twice_closed = failed(RETRY_CLOSED, 2), closed = failed(RETRY_CLOSED, 3);

	for (size_t i = 0; i < sizeof(unreached) / sizeof(unreached[0]); i++) {
		cr_expect(retry_is_unreached(&once, unreached[i]), "%s", unreached[i]);
		cr_expect(not(retry_is_unreached(&none, unreached[i])), "%s", unreached[i]);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect(not(retry_is_unreached(&once, others[i])), "%s", others[i]);
	cr_expect(not(retry_is_unreached(&twice_closed, "closed")));
	cr_expect(retry_is_unreached(&closed, "closed"));
	/* After its banner, or while it was up: somebody is there. */
	cr_expect(not(retry_is_unreached(&once, "closed")));
}

Test(retry, another_port_is_tried_at_once_and_belongs_to_the_same_try)
{
	const struct retry retry = failed(RETRY_NEXT, 2);

	cr_expect(eq(u64, longest(&retry, LATER), 0));
	cr_expect(retry_is_quick(&retry));
	cr_expect(not(retry_needs_somebody(&retry)));
}

Test(retry, what_lasts_has_failed_three_times_and_for_half_a_minute)
{
	struct retry retry = {0};

	retry_lost(&retry, true, NOW);
	for (int i = 0; i < 2; i++)
		retry_failed(&retry, RETRY_LINK, NOW + 1000);
	cr_expect(eq(u64, retry_lasts_ms(&retry), UINT64_MAX));
	retry_failed(&retry, RETRY_LINK, NOW + 40000);
	cr_expect(eq(u64, retry_lasts_ms(&retry), NOW + 30000));
}

Test(retry, what_was_lost_is_tried_again_at_once)
{
	struct retry retry = {0};

	retry_lost(&retry, true, NOW);
	cr_expect(eq(int, (int)retry.class, RETRY_LINK));
	cr_expect(eq(u64, longest(&retry, NOW), 0));
}

Test(retry, the_nth_wait_is_drawn_up_to_the_nth_power_of_two_and_a_minute)
{
	static const uint64_t most[] = {0, 2000, 4000, 8000, 16000, 32000, 60000, 60000};

	for (unsigned n = 1; n < sizeof(most) / sizeof(most[0]); n++) {
		struct retry retry = failed(RETRY_LINK, n);

		cr_expect(eq(u64, longest(&retry, LATER), most[n]), "wait %u", n);
		cr_expect(eq(u64, retry_wait_ms(&retry, LATER, 0), 0), "wait %u", n);
		cr_expect(eq(u64, longest(&retry, NOW + 59999), most[n] < 5000 ? most[n] : 5000),
			  "wait %u, in the first minute", n);
	}
	/* For ever. */
	{
		struct retry retry = failed(RETRY_LINK, 100000);

		cr_expect(eq(u64, longest(&retry, LATER), 60000));
	}
}

Test(retry, what_was_closed_before_its_banner_has_three_tries_a_second_apart)
{
	for (unsigned n = 1; n <= 2; n++) {
		struct retry retry = failed(RETRY_CLOSED, n);

		cr_expect(retry_is_quick(&retry));
		cr_expect(eq(u64, retry_wait_ms(&retry, NOW, 77), 1000));
	}
	{
		struct retry retry = failed(RETRY_CLOSED, 3);

		cr_expect(not(retry_is_quick(&retry)));
		cr_expect(eq(u64, longest(&retry, LATER), 8000));
	}
	{
		struct retry refused = failed(RETRY_LINK, 1);

		cr_expect(not(retry_is_quick(&refused)));
	}
}

Test(retry, a_port_that_is_held_is_asked_for_three_times)
{
	for (unsigned n = 1; n <= 3; n++) {
		struct retry retry = failed(RETRY_HELD, n);

		cr_expect(eq(int, retry_is_quick(&retry), n < 3));
	}
}

Test(retry, the_other_classes_have_waits_of_their_own)
{
	static const struct {
		enum retry_class class;
		uint64_t waits_ms[6];
		uint64_t at_last_ms;
	} rows[] = {
		{RETRY_SHUT_OUT, {20000, 40000, 80000, 160000, 320000, 600000}, 600000},
		{RETRY_HELD, {50, 1000, 2000, 4000, 8000, 16000}, 60000},
		{RETRY_TAKEN, {60000, 60000, 60000, 60000, 60000, 60000}, 60000},
		{RETRY_SOMEBODY, {60000, 600000, 3600000, 3600000, 3600000, 3600000}, 3600000},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct retry for_ever = failed(rows[i].class, 99);

		for (unsigned n = 1; n <= 6; n++) {
			struct retry retry = failed(rows[i].class, n);

			cr_expect(
				eq(u64, retry_wait_ms(&retry, NOW, 12345), rows[i].waits_ms[n - 1]),
				"row %zu, wait %u", i, n);
		}
		cr_expect(eq(u64, retry_wait_ms(&for_ever, NOW, 0), rows[i].at_last_ms), "row %zu",
			  i);
	}
}

Test(retry, a_failure_of_another_class_begins_a_count_of_its_own)
{
	struct retry retry = failed(RETRY_LINK, 4);

	retry_failed(&retry, RETRY_SOMEBODY, NOW);
	cr_expect(eq(u64, retry_wait_ms(&retry, NOW, 0), 60000));
	retry_failed(&retry, RETRY_LINK, NOW);
	cr_expect(eq(u32, retry.attempt, 6));
	cr_expect(eq(u64, longest(&retry, LATER), 60000));
}

Test(retry, what_is_lost_soon_after_it_was_up_waits_as_if_it_had_failed)
{
	struct retry retry = {0};

	retry_lost(&retry, false, NOW);
	cr_expect(eq(u32, retry.attempt, 0));
	retry_lost(&retry, false, NOW + 1000);
	cr_expect(eq(u32, retry.attempt, 1));
	cr_expect(eq(u64, retry.since_ms, NOW));
	retry_lost(&retry, true, NOW + 90000);
	cr_expect(eq(u32, retry.attempt, 0));
	cr_expect(eq(u64, retry.since_ms, NOW + 90000));
}

Test(retry, a_code_has_its_class)
{
	static const struct {
		const char *code;
		enum retry_class class;
		bool needs_somebody;
	} rows[] = {
		{"closed", RETRY_LINK, false},
		{"refused", RETRY_LINK, false},
		{"timeout", RETRY_LINK, false},
		{"resolve", RETRY_LINK, false},
		{"unknown", RETRY_LINK, false},
		{"late", RETRY_LINK, false},
		{"not_allowed", RETRY_SHUT_OUT, false},
		{"port_held", RETRY_HELD, false},
		{"port_taken", RETRY_TAKEN, true},
		{"not_a_socket", RETRY_TAKEN, true},
		{"bind", RETRY_TAKEN, true},
		{"listen", RETRY_TAKEN, true},
		{"own_name", RETRY_TAKEN, true},
		{"auth", RETRY_SOMEBODY, true},
		{"host_key", RETRY_SOMEBODY, true},
		{"negotiate", RETRY_SOMEBODY, true},
		{"protocol", RETRY_SOMEBODY, true},
		{"denied", RETRY_SOMEBODY, true},
		{"locked_key", RETRY_SOMEBODY, true},
		{"half_key", RETRY_SOMEBODY, true},
		{"kept", RETRY_SOMEBODY, true},
		{"widened", RETRY_SOMEBODY, true},
		{"narrowed", RETRY_SOMEBODY, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const enum retry_class class = retry_class_of(rows[i].code);
		struct retry retry = failed(class, 1);

		cr_expect(eq(int, (int)class, (int)rows[i].class), "%s", rows[i].code);
		cr_expect(eq(int, retry_needs_somebody(&retry), rows[i].needs_somebody), "%s",
			  rows[i].code);
	}
}
