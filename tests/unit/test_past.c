#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/past.h"
#include "exec/supervisor/protocol.h"

/* Lines as history_note.c writes them, short. */
#define STARTED(at, boot)                                                                 \
	"{\"v\":1,\"at\":" #at ",\"supervisor\":7,\"state\":\"started\",\"boot\":\"" boot \
	"\",\"booted\":1000}\n"
#define GOES_ON(at)                                                                      \
	"{\"v\":1,\"at\":" #at ",\"supervisor\":7,\"state\":\"goes_on\",\"boot\":\"a\"," \
	"\"booted\":1000}\n"
#define TOLD(at) "{\"v\":1,\"at\":" #at ",\"supervisor\":7,\"state\":\"told\",\"signal\":15}\n"
#define LEFT(at) "{\"v\":1,\"at\":" #at ",\"supervisor\":7,\"state\":\"left\"}\n"
#define TUNNEL(at, run, name, state, more)                              \
	"{\"v\":1,\"at\":" #at ",\"tunnel\":\"" name "\",\"run\":" #run \
	",\"file\":\"/f\",\"me\":\"you\",\"state\":\"" state "\"" more "}\n"
#define HOP(at, number, host, state)                                   \
	"{\"v\":1,\"at\":" #at ",\"hop\":" #number ",\"host\":\"" host \
	"\",\"address\":\"h\",\"port\":22,\"from\":\"x\",\"state\":\"" state "\"}\n"
#define STANDING ",\"standing\":true,\"hops\":[1]"

/* Returns what happened as "at:name-or-host:state" with blanks between; in a static buffer. */
static char *events_of(const char *text, const char *name, int64_t since_ms)
{
	static char said[1024];
	char *id = name ? protocol_id("/f", name, "you") : NULL;
	json_t *ids = name ? json_pack("{s:b}", id, 1) : NULL, *events, *event;
	struct past past;
	size_t i;

	past_parse(text, &past);
	events = past_events(&past, ids, since_ms);
	said[0] = '\0';
	json_array_foreach(events, i, event)
	{
		const char *of = json_string_value(json_object_get(event, "name"));

		if (!of)
			of = json_string_value(json_object_get(event, "host"));
		snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s%d:%s:%s",
			 i ? " " : "", (int)json_integer_value(json_object_get(event, "at_ms")),
			 of ? of : "-", json_string_value(json_object_get(event, "state")));
	}
	json_decref(events);
	json_decref(ids);
	free(id);
	past_finish(&past);
	return said;
}

static const char two[] = STARTED(1, "a") TUNNEL(2, 1, "git", "starting", ",\"hops\":[2]")
	HOP(3, 2, "gw", "up") TUNNEL(4, 1, "git", "up", "") STARTED(5, "a")
		TUNNEL(6, 1, "web", "starting", ",\"hops\":[2]") HOP(7, 2, "lab", "up")
			TUNNEL(8, 3, "git", "starting", ",\"hops\":[2,4]") HOP(9, 2, "lab", "retry")
				HOP(10, 4, "end", "up") TUNNEL(11, 3, "git", "down", "")
					HOP(12, 2, "lab", "up") LEFT(13);

Test(past, of_all_is_all_in_its_order)
{
	cr_expect(eq(str, events_of(two, NULL, 0),
		     "1:-:started 2:git:starting 3:gw:up 4:git:up 5:-:started 6:web:starting "
		     "7:lab:up 8:git:starting 9:lab:retry 10:end:up 11:git:down 12:lab:up "
		     "13:-:left"));
	cr_expect(eq(str, events_of(two, NULL, 11), "11:git:down 12:lab:up 13:-:left"));
}

Test(past, of_a_tunnel_is_what_happened_to_it_and_to_its_hops_while_they_were_its)
{
	cr_expect(eq(str, events_of(two, "git", 0),
		     "1:-:started 2:git:starting 3:gw:up 4:git:up 5:-:started 8:git:starting "
		     "9:lab:retry 10:end:up 11:git:down 13:-:left"));
	cr_expect(eq(str, events_of(two, "web", 0),
		     "5:-:started 6:web:starting 7:lab:up 9:lab:retry 12:lab:up 13:-:left"));
	/* Through which hops it goes was told before. */
	cr_expect(eq(str, events_of(two, "git", 9), "9:lab:retry 10:end:up 11:git:down 13:-:left"));
	cr_expect(eq(str, events_of(two, "nobody", 0), ""));
}

Test(past, what_is_half_written_newer_or_nonsense_is_passed_over)
{
	static const char text[] = STARTED(1, "a") TUNNEL(
		2, 1, "git", "starting",
		"") "{\"v\":1,\"at\":3,\"tunnel\":\"git\",\"ru\n"
		    "{\"v\":2,\"at\":4,\"tunnel\":\"git\",\"run\":1,\"file\":\"/f\",\"me\":\"you\","
		    "\"state\":\"melted\"}\n"
		    "[]\n\n7\nnull\n{}\n{\"v\":1}\n\x01\xff\n"
		    "{\"v\":1,\"at\":\"5\",\"tunnel\":\"git\",\"state\":\"up\"}\n"
		    "{\"v\":1,\"at\":5,\"kettle\":\"git\",\"state\":\"up\"}\n" TUNNEL(
			    6, 1, "git", "up",
			    ",\"colour\":\"blue\"") "{\"v\":1,\"at\":7,\"hop\":1";

	cr_expect(eq(str, events_of(text, NULL, 0), "1:-:started 2:git:starting 6:git:up"));
}

Test(past, what_is_standing_did_not_happen_then)
{
	static const char text[] = GOES_ON(1) TUNNEL(2, 1, "git", "up", STANDING)
		HOP(3, 1, "gw", "retry") TUNNEL(4, 1, "git", "reconnecting", "");

	cr_expect(eq(str, events_of(text, NULL, 0), "3:gw:retry 4:git:reconnecting"));
	cr_expect(eq(str, events_of(text, "git", 0), "3:gw:retry 4:git:reconnecting"));
}

Test(past, changes_of_a_tunnel_are_its_own)
{
	static const char text[] = TUNNEL(1, 1, "git", "starting", "") TUNNEL(2, 1, "git", "up", "")
		TUNNEL(3, 2, "git", "starting", ",\"as\":\"trial\"")
			TUNNEL(4, 2, "git", "up", ",\"by\":[\"b\"]")
				TUNNEL(5, 1, "git", "down", ",\"as\":\"old\"")
					TUNNEL(6, 2, "git", "up", STANDING);
	char *id = protocol_id("/f", "git", "you");
	struct past past;
	json_t *changes;

	past_parse(text, &past);
	changes = past_changes(&past, id, 2);
	cr_assert(eq(sz, json_array_size(changes), 2));
	cr_expect(eq(int,
		     (int)json_integer_value(json_object_get(json_array_get(changes, 0), "at_ms")),
		     2));
	cr_expect(eq(int,
		     (int)json_integer_value(json_object_get(json_array_get(changes, 1), "at_ms")),
		     4));
	json_decref(changes);
	changes = past_changes(&past, id, 9);
	cr_expect(eq(sz, json_array_size(changes), 3));
	json_decref(changes);
	past_finish(&past);
	free(id);
}

Test(past, lists_each_tunnel_once)
{
	struct past past;
	json_t *tunnels;

	past_parse(two, &past);
	tunnels = past_tunnels(&past);
	cr_assert(eq(sz, json_array_size(tunnels), 2));
	cr_expect(eq(str,
		     (char *)json_string_value(json_object_get(json_array_get(tunnels, 1), "name")),
		     "web"));
	cr_expect(
		eq(str,
		   (char *)json_string_value(json_object_get(json_array_get(tunnels, 1), "state")),
		   "down"));
	json_decref(tunnels);
	past_finish(&past);
}

#define UP(at, run, name) TUNNEL(at, run, name, "up", "")

Test(past, tells_how_the_last_supervisor_ended_and_what_was_up_then)
{
	static const struct {
		const char *what, *text;
		enum past_how how;
		int at_ms;
		const char *up; /* names with their states */
	} rows[] = {
		{"nothing ever was", "", PAST_NOTHING, 0, ""},
		{"it left by itself", STARTED(1, "a") UP(2, 1, "git") LEFT(3), PAST_NOTHING, 3, ""},
		{"killed",
		 STARTED(1, "a") UP(2, 1, "git") TUNNEL(3, 2, "web", "reconnecting", "")
			 TUNNEL(4, 3, "db", "failed", "") TUNNEL(5, 4, "mail", "down", ""),
		 PAST_KILLED, 5, "git:up web:reconnecting"},
		{"a start forgets what was before it",
		 STARTED(1, "a") UP(2, 1, "git") STARTED(3, "a") UP(4, 1, "web"), PAST_KILLED, 4,
		 "web:up"},
		{"killed after all was down",
		 STARTED(1, "a") UP(2, 1, "git") TUNNEL(3, 1, "git", "down", ""), PAST_KILLED, 3,
		 ""},
		{"told to go, and so all goes down",
		 STARTED(1, "a") UP(2, 1, "git") TOLD(3) TUNNEL(4, 1, "git", "down", "") LEFT(5),
		 PAST_TOLD, 3, "git:up"},
		{"told twice, and cut off while it goes down",
		 STARTED(1, "a") UP(2, 1, "git") TOLD(3) TUNNEL(4, 1, "git", "stopping", "")
			 TOLD(5),
		 PAST_TOLD, 3, "git:up"},
		{"told, and a newer file is begun",
		 STARTED(1, "a") UP(2, 1, "git") TOLD(3) GOES_ON(4)
			 TUNNEL(5, 1, "git", "stopping", STANDING),
		 PAST_TOLD, 3, "git:up"},
		{"told, and another one left by itself",
		 STARTED(1, "a") UP(2, 1, "git") TOLD(3) LEFT(4) STARTED(5, "a") LEFT(6),
		 PAST_NOTHING, 6, ""},
		{"the newer file alone is left",
		 TUNNEL(1, 1, "git", "up", "") GOES_ON(2) TUNNEL(3, 1, "git", "up", STANDING)
			 TUNNEL(4, 2, "web", "silent", STANDING),
		 PAST_KILLED, 4, "git:up web:silent"},
		{"by two paths, one of which is up",
		 STARTED(1, "a") TUNNEL(2, 1, "git", "reconnecting", "") UP(3, 2, "git"),
		 PAST_KILLED, 3, "git:up"},
		{"one has taken the place of another",
		 STARTED(1, "a") UP(2, 1, "git") UP(3, 2, "git") TUNNEL(4, 1, "git", "down", ""),
		 PAST_KILLED, 4, "git:up"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char said[256] = "";
		struct past_end end;
		struct past past;

		past_parse(rows[i].text, &past);
		past_find_end(&past, &end);
		for (size_t j = 0; j < json_array_size(end.tunnels); j++) {
			const json_t *tunnel = json_array_get(end.tunnels, j);

			snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s%s:%s",
				 j ? " " : "", json_string_value(json_object_get(tunnel, "name")),
				 json_string_value(json_object_get(tunnel, "state")));
		}
		cr_expect(eq(str, said, (char *)rows[i].up), "%s", rows[i].what);
		cr_expect(eq(int, (int)end.how, (int)rows[i].how), "%s", rows[i].what);
		cr_expect(eq(int, (int)end.at_ms, rows[i].at_ms), "%s", rows[i].what);
		past_end_finish(&end);
		past_finish(&past);
	}
}

Test(past, a_sign_of_life_is_later_than_the_last_line)
{
	struct past past;
	struct past_end end;

	past_parse(STARTED(1, "a") UP(2, 1, "git"), &past);
	past.written_ms = 60000;
	past_find_end(&past, &end);
	cr_expect(eq(i64, end.at_ms, 60000));
	cr_expect(eq(str, end.boot.id, "a"));
	cr_expect(eq(i64, end.boot.at_ms, 1000));
	past_end_finish(&end);
	past_finish(&past);
}
