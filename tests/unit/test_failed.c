#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdint.h>
#include <string.h>

#include "exec/supervisor/failed.h"
#include "exec/system/clock.h"
#include "exec/system/kernel.h"

/* What the supervisor says of a tunnel that fails just now, and its identity. */
static json_t *report_of(const char *id)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:[{s:s, s:i, s:i}, {s:s, s:i}], s:[{s:s, "
		"s:n}], s:[{s:i}]}",
		"id", id, "name", "web", "file", "/f", "me", "you", "state", "failed", "since_s", 1,
		"next_try_s", 9, "hops", "state", "up", "pid", 7, "verified_s", 2, "state", "retry",
		"next_try_s", 9, "forwards", "state", "waiting", "verified_s", "history", "ago_s",
		3);
}

static json_t *entry_of(const char *id, json_int_t at_ms)
{
	return json_pack("{s:I, s:o}", "at_ms", at_ms, "tunnel", report_of(id));
}

static json_int_t now_ms(void)
{
	uint64_t slept_ms = 0;

	kernel_slept_ms(&slept_ms);
	return (json_int_t)(clock_ms() + slept_ms);
}

static const char *id_at(const json_t *failed, size_t index)
{
	return failed_id(json_array_get(failed, index));
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

Test(failed, the_newest_of_an_identity_stands_last_until_it_is_forgotten)
{
	json_t *failed = json_array();

	failed_add(failed, report_of("a"));
	failed_add(failed, report_of("b"));
	failed_add(failed, report_of("a"));
	cr_assert(eq(sz, json_array_size(failed), 2));
	cr_expect(eq(str, (char *)id_at(failed, 0), "b"));
	cr_expect(eq(str, (char *)id_at(failed, 1), "a"));
	failed_forget(failed, "c");
	failed_forget(failed, "b");
	cr_assert(eq(sz, json_array_size(failed), 1));
	cr_expect(eq(str, (char *)id_at(failed, 0), "a"));
	json_decref(failed);
}

Test(failed, of_too_many_the_oldest_goes)
{
	json_t *failed = json_array();
	char id[16];

	for (int i = 0; i <= FAILED_MAX; i++) {
		snprintf(id, sizeof(id), "%d", i);
		failed_add(failed, report_of(id));
	}
	cr_assert(eq(sz, json_array_size(failed), FAILED_MAX));
	cr_expect(eq(str, (char *)id_at(failed, 0), "1"));
	json_decref(failed);
}

Test(failed, nothing_of_it_runs_any_more)
{
	json_t *failed = json_array(), *report;
	const json_t *hop;

	failed_add(failed, report_of("a"));
	report = failed_report(json_array_get(failed, 0));
	hop = json_array_get(json_object_get(report, "hops"), 0);
	cr_expect(eq(int, json_is_true(json_object_get(report, "remembered")), 1));
	cr_expect(eq(int, json_is_null(json_object_get(hop, "pid")), 1));
	cr_expect(eq(str, (char *)json_string_value(json_object_get(hop, "state")), "up"));
	json_decref(report);
	json_decref(failed);
}

/* Nor does anything follow. */
Test(failed, what_waited_for_a_next_try_has_failed)
{
	json_t *failed = json_array(), *report;
	const json_t *hop, *forward;

	failed_add(failed, report_of("a"));
	report = failed_report(json_array_get(failed, 0));
	hop = json_array_get(json_object_get(report, "hops"), 1);
	forward = json_array_get(json_object_get(report, "forwards"), 0);
	cr_expect(eq(str, (char *)json_string_value(json_object_get(hop, "state")), "failed"));
	cr_expect(eq(str, (char *)json_string_value(json_object_get(forward, "state")), "failed"));
	cr_expect(eq(int, json_is_null(json_object_get(hop, "next_try_s")), 1));
	cr_expect(eq(int, json_is_null(json_object_get(report, "next_try_s")), 1));
	json_decref(report);
	json_decref(failed);
}

Test(failed, grows_older_wherever_it_says_how_old_it_is)
{
	json_t *failed = json_array(), *recorded = json_array(), *report;
	json_int_t ages[3];
	const json_t *forward;

	json_array_append_new(recorded, entry_of("a", now_ms() - 5000000));
	failed_restore(failed, recorded);
	/* It says the same however often it is asked. */
	json_decref(failed_report(json_array_get(failed, 0)));
	report = failed_report(json_array_get(failed, 0));
	ages[0] = number(report, "since_s") - 1;
	ages[1] = number(json_array_get(json_object_get(report, "hops"), 0), "verified_s") - 2;
	ages[2] = number(json_array_get(json_object_get(report, "history"), 0), "ago_s") - 3;
	for (size_t i = 0; i < 3; i++) {
		cr_expect(ge(long, (long)ages[i], 5000));
		cr_expect(lt(long, (long)ages[i], 5060));
	}
	forward = json_array_get(json_object_get(report, "forwards"), 0);
	cr_expect(eq(int, json_is_null(json_object_get(forward, "verified_s")), 1));
	json_decref(report);
	json_decref(recorded);
	json_decref(failed);
}

/* Of another start of the machine is what is yet to come. */
Test(failed, what_a_record_has_is_taken_if_it_is_an_entry_of_this_start_of_the_machine)
{
	json_t *failed = json_array();
	json_t *recorded = json_pack("[o, o, n, s, {}, {s:{s:s}}, o]", entry_of("b", now_ms()),
				     entry_of("c", now_ms() + 60000), "web", "tunnel", "id", "d",
				     entry_of("a", 1));

	failed_restore(failed, NULL);
	failed_restore(failed, recorded);
	cr_assert(eq(sz, json_array_size(failed), 2));
	cr_expect(eq(str, (char *)id_at(failed, 0), "b"));
	cr_expect(eq(str, (char *)id_at(failed, 1), "a"));
	json_decref(recorded);
	json_decref(failed);
}
