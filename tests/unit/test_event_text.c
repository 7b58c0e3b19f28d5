#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ended.h"
#include "cmd/event_text.h"

static json_t *parsed(const char *text)
{
	json_t *object = json_loads(text, 0, NULL);

	cr_assert(object != NULL, "%s", text);
	return object;
}

Test(event_text, is_a_line_for_people)
{
	static const struct {
		const char *event, *text;
		bool with_file;
	} rows[] = {
		{"{\"what\":\"supervisor\",\"pid\":7,\"state\":\"started\"}",
		 "supervisor 7: started", false},
		{"{\"what\":\"supervisor\",\"pid\":7,\"state\":\"told\",\"signal\":15}",
		 "supervisor 7: told to go by signal 15", false},
		{"{\"what\":\"supervisor\",\"pid\":7,\"state\":\"left\"}",
		 "supervisor 7: left, nothing is up", false},
		{"{\"what\":\"tunnel\",\"name\":\"git\",\"file\":\"/f\",\"state\":\"starting\","
		 "\"by\":[\"gw\",\"end\"]}",
		 "tunnel git: starting by gw, end", false},
		{"{\"what\":\"tunnel\",\"name\":\"git\",\"file\":\"/f\",\"from\":\"up\","
		 "\"state\":\"reconnecting\",\"error\":{\"code\":\"closed\",\"host\":\"gw\","
		 "\"text\":\"reset\"}}",
		 "tunnel git (/f): up -> reconnecting: trouble with gw: reset (closed)", true},
		{"{\"what\":\"tunnel\",\"name\":\"git\",\"from\":\"starting\",\"state\":\"up\","
		 "\"as\":\"trial\"}",
		 "tunnel git: starting -> up (by another path, on trial)", false},
		{"{\"what\":\"hop\",\"host\":\"gw\",\"address\":\"::1\",\"port\":22,"
		 "\"from\":\"connecting\",\"state\":\"retry\",\"tries\":2,"
		 "\"error\":{\"code\":\"refused\",\"host\":\"gw\",\"text\":\"no\"}}",
		 "hop gw ([::1]:22): connecting -> retry, 2 tries failed: no (refused)", false},
		{"{\"what\":\"hop\",\"host\":\"gw\",\"address\":\"gw\",\"port\":2222,"
		 "\"from\":\"connecting\",\"state\":\"retry\",\"tries\":1}",
		 "hop gw (gw:2222): connecting -> retry, 1 try failed", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *event = parsed(rows[i].event);
		struct strbuf text = {0};

		event_text(event, rows[i].with_file, &text);
		cr_expect(eq(str, (char *)strbuf_text(&text), (char *)rows[i].text));
		strbuf_finish(&text);
		json_decref(event);
	}
}

Test(event_text, has_times_for_programs)
{
	json_t *event = parsed("{\"what\":\"supervisor\",\"at_ms\":1796043730123,\"pid\":7,"
			       "\"booted_ms\":0,\"alive_ms\":1000}");
	json_t *object = event_json(event),
	       *expected = parsed("{\"what\":\"supervisor\",\"at\":\"2026-11-30T13:02:10.123Z\","
				  "\"pid\":7,\"booted_at\":\"1970-01-01T00:00:00.000Z\","
				  "\"alive_at\":\"1970-01-01T00:00:01.000Z\"}");

	cr_expect(json_equal(object, expected));
	json_decref(event);
	json_decref(object);
	json_decref(expected);
}

static void at_greenwich(void)
{
	setenv("TZ", "UTC", 1);
}

TestSuite(ended, .init = at_greenwich);

/* Two starts of a machine. */
static const struct boot before = {"a", 1000}, now = {"b", INT64_C(1796043730123)};

static char *said(enum past_how how, bool started, bool with_file, const char *tunnels)
{
	static char copy[512];
	struct past_end end = {how, INT64_C(1796000000000), before, parsed(tunnels)};
	struct strbuf text = {0};

	ended_text(&end, started ? &now : &before, with_file, &text);
	snprintf(copy, sizeof(copy), "%s", strbuf_text(&text));
	strbuf_finish(&text);
	past_end_finish(&end);
	return copy;
}

#define GIT "{\"id\":\"1\",\"name\":\"git\",\"file\":\"/f\",\"state\":\"up\"}"
#define WEB "{\"id\":\"2\",\"name\":\"web\",\"file\":\"/g\",\"state\":\"reconnecting\"}"

Test(ended, is_told_as_what_it_was)
{
	cr_expect(eq(str, said(PAST_KILLED, true, false, "[" GIT "]"),
		     "this machine went down after 2026-11-30 00:53:20, and was started again at "
		     "2026-11-30 13:02:10; up until then: git; `tunplan up git` brings it up "
		     "again"));
	cr_expect(eq(str, said(PAST_TOLD, true, false, "[" GIT "," WEB "]"),
		     "the supervisor was told to go at 2026-11-30 00:53:20, and this machine was "
		     "started again at 2026-11-30 13:02:10; up until then: git, web "
		     "(reconnecting); `tunplan up git web` brings them up again"));
	cr_expect(eq(str, said(PAST_TOLD, false, true, "[" GIT "," WEB "]"),
		     "the supervisor was told to go at 2026-11-30 00:53:20, as by a logout; up "
		     "until then: git (/f), web (/g) (reconnecting)"));
	cr_expect(eq(str, said(PAST_KILLED, false, false, "[" GIT "]"),
		     "the supervisor ended without a word after 2026-11-30 00:53:20; up until "
		     "then: git; `tunplan up git` brings it up again"));
}

Test(ended, of_many_eight_are_named)
{
	const char *text = said(PAST_KILLED, false, false,
				"[" GIT "," GIT "," GIT "," GIT "," GIT "," GIT "," GIT "," GIT
				"," GIT "," GIT "]");

	cr_expect(strstr(text, "git, git, git, git, git, git, git, git and 2 more; `tunplan up "
			       "TUNNEL…` brings") != NULL,
		  "%s", text);
}

Test(ended, is_told_of_what_is_asked_for)
{
	static const struct {
		const char *ids, *file;
		size_t count;
	} rows[] = {{NULL, NULL, 2},
		    {NULL, "/g", 1},
		    {NULL, "/h", 0},
		    {"{\"1\":true}", NULL, 1},
		    {"{}", "/f", 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct past_end end = {PAST_KILLED, 1, before, parsed("[" GIT "," WEB "]")};
		json_t *ids = rows[i].ids ? parsed(rows[i].ids) : NULL;
		const struct ended_asked asked = {ids, rows[i].file};

		ended_ask(&end, &asked);
		cr_expect(eq(sz, json_array_size(end.tunnels), rows[i].count), "row %zu", i);
		json_decref(ids);
		past_end_finish(&end);
	}
}

Test(ended, has_a_form_for_programs)
{
	struct past_end end = {PAST_TOLD, INT64_C(1796000000000), before, parsed("[" GIT "]")};
	json_t *one = ended_json(&end, &now), *other = ended_json(&end, &before);

	cr_expect(eq(str, (char *)json_string_value(json_object_get(one, "at")),
		     "2026-11-30T00:53:20.000Z"));
	cr_expect(eq(str, (char *)json_string_value(json_object_get(one, "how")), "told"));
	cr_expect(eq(str, (char *)json_string_value(json_object_get(one, "machine_started_at")),
		     "2026-11-30T13:02:10.123Z"));
	cr_expect(eq(int, (int)json_typeof(json_object_get(other, "machine_started_at")),
		     (int)JSON_NULL));
	json_decref(one);
	json_decref(other);
	past_end_finish(&end);
}
