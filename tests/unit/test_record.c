#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/supervisor/record.h"
#include "exec/system/state_file.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/tunnel.h"

/* An engine whose runtime directory is new, and what was recorded of it. */
struct recorded {
	char dir[64];
	struct engine engine;
	json_t *failed;
	struct record last;
	ino_t file; /* each time that it is written, it is another */
};

static void begin(struct recorded *recorded)
{
	*recorded = (struct recorded){.failed = json_array()};
	snprintf(recorded->dir, sizeof(recorded->dir), "/tmp/tunplan-record-XXXXXX");
	cr_assert(mkdtemp(recorded->dir) != NULL);
	recorded->engine.runtime.dir = recorded->dir;
}

static void finish(struct recorded *recorded)
{
	record_remove(&recorded->engine.runtime);
	cr_expect(eq(int, rmdir(recorded->dir), 0));
	record_forget(&recorded->last);
	json_decref(recorded->failed);
	list_finish(&recorded->engine.hops);
	list_finish(&recorded->engine.tunnels);
}

/* Records; whether that wrote the file. late: also what is over. */
static bool writes_late(struct recorded *recorded, const struct request *wanted, bool late)
{
	char *path = record_path(&recorded->engine.runtime);
	struct stat info = {0};
	bool other;

	cr_expect(
		eq(int,
		   record_write(&recorded->engine, wanted, recorded->failed, late, &recorded->last),
		   0));
	cr_expect(eq(int, stat(path, &info), 0));
	other = info.st_ino != recorded->file;
	recorded->file = info.st_ino;
	free(path);
	return other;
}

static bool writes(struct recorded *recorded, const struct request *wanted)
{
	return writes_late(recorded, wanted, false);
}

/* What the file says, without its version: keys sorted, in a static buffer. */
static char *said(const struct recorded *recorded)
{
	static char text[2048];
	char *path = record_path(&recorded->engine.runtime), *dump;
	json_t *record = state_file_read(path, RECORD_VERSION);

	json_object_del(record, "version");
	dump = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
	snprintf(text, sizeof(text), "%s", dump);
	free(dump);
	free(path);
	json_decref(record);
	return text;
}

/* Two tunnels by one text, of hops that have the hash 0xabc. */
struct wanted {
	char text[8];
	const char *names[2];
	struct request up;
	struct plan plan;
	struct plan_hop plan_hop;
	struct live_hop hop;
	struct live_hop *hops[1];
	struct snapshot snapshot;
	struct live_tunnel web, db;
};

static void want(struct wanted *wanted)
{
	*wanted = (struct wanted){.text = "a text", .names = {"web", "db"}};
	wanted->up = (struct request){.op = OP_UP,
				      .file = "/f",
				      .me = "you",
				      .text = wanted->text,
				      .tunnels = wanted->names,
				      .tunnel_count = 2};
	wanted->plan = (struct plan){.hops = &wanted->plan_hop, .hop_count = 1};
	wanted->hop.hash = 0xabc;
	wanted->hops[0] = &wanted->hop;
	wanted->snapshot.text = wanted->text;
	snapshot_digest(wanted->text, wanted->snapshot.digest);
	wanted->web = (struct live_tunnel){.file = "/f",
					   .me = "you",
					   .name = "web",
					   .plan = &wanted->plan,
					   .hops = wanted->hops,
					   .snapshot = &wanted->snapshot,
					   .latest = &wanted->snapshot};
	wanted->db = wanted->web;
	wanted->db.name = "db";
}

/* What a record is to say, in a static buffer: each DIGEST is that of the text. */
static char *record_of(const struct wanted *wanted, const char *text)
{
	static char said[2048];
	char *to = said;

	while (*text) {
		const bool is_mark = strncmp(text, "DIGEST", 6) == 0;

		to += snprintf(to, (size_t)(said + sizeof(said) - to), "%s",
			       is_mark ? wanted->snapshot.digest : (const char[]){*text, '\0'});
		text += is_mark ? 6 : 1;
	}
	return said;
}

static bool has_text(const struct recorded *recorded, const struct wanted *wanted)
{
	char *text = record_text(&recorded->engine.runtime, wanted->snapshot.digest);
	const bool found = text && strcmp(text, wanted->text) == 0;

	free(text);
	return found;
}

Test(record, is_written_when_what_it_says_changes_and_not_otherwise)
{
	struct recorded recorded;
	struct wanted wanted;

	want(&wanted);
	begin(&recorded);
	cr_expect(writes(&recorded, NULL));
	cr_expect(eq(str, said(&recorded),
		     "{\"failed\":[],\"listeners\":[],\"masters\":[],\"tunnels\":[]}"));
	cr_expect(not(writes(&recorded, NULL)));

	cr_expect(writes(&recorded, &wanted.up));
	cr_expect(eq(
		str, said(&recorded),
		record_of(
			&wanted,
			"{\"failed\":[],\"listeners\":[],\"masters\":[],\"tunnels\":["
			"{\"file\":\"/f\",\"me\":\"you\",\"name\":\"web\",\"text\":\"DIGEST\"},"
			"{\"file\":\"/f\",\"me\":\"you\",\"name\":\"db\",\"text\":\"DIGEST\"}]}")));
	cr_expect(has_text(&recorded, &wanted));
	list_add(&recorded.engine.tunnels, &wanted.web);
	list_add(&recorded.engine.tunnels, &wanted.db);
	cr_expect(writes(&recorded, NULL));
	cr_expect(eq(str, said(&recorded),
		     record_of(&wanted,
			       "{\"failed\":[],\"listeners\":[],\"masters\":[],\"tunnels\":["
			       "{\"file\":\"/f\",\"hops\":[\"0000000000000abc\"],\"me\":\"you\","
			       "\"name\":\"web\",\"text\":\"DIGEST\"},"
			       "{\"file\":\"/f\",\"hops\":[\"0000000000000abc\"],\"me\":\"you\","
			       "\"name\":\"db\",\"text\":\"DIGEST\"}]}")));
	cr_expect(not(writes(&recorded, NULL)));
	cr_expect(not(writes(&recorded, &wanted.up)), "it is there already");

	json_array_append_new(recorded.failed, json_pack("{s:i}", "at_ms", 1));
	cr_expect(writes(&recorded, NULL));
	json_array_clear(recorded.failed);
	cr_expect(writes(&recorded, NULL));
	list_remove(&recorded.engine.tunnels, &wanted.web);
	cr_expect(writes(&recorded, NULL), "what is not wanted any more is no wish");
	cr_expect(has_text(&recorded, &wanted));
	wanted.db.state = TUNNEL_STOPPING;
	cr_expect(writes(&recorded, NULL));
	cr_expect(not(has_text(&recorded, &wanted)));
	finish(&recorded);
}

Test(record, what_is_over_is_left_out_later)
{
	char socket[] = "/run/m-1", log[] = "/log/m-1", host[] = "gw", identity[] = "key\n";
	struct incarnation incarnation = {.socket = socket, .log = log, .generation = 7};
	struct live_hop hop = {.host = host, .identity = identity, .asks = true};
	struct recorded recorded;

	begin(&recorded);
	cr_expect(writes(&recorded, NULL));
	list_add(&hop.incarnations, &incarnation);
	list_add(&recorded.engine.hops, &hop);
	cr_expect(writes(&recorded, NULL));
	cr_expect(eq(
		str, said(&recorded),
		"{\"failed\":[],\"listeners\":[],\"masters\":[{\"asks\":1,\"generation\":7,"
		"\"hop\":\"key\\n\",\"host\":\"gw\",\"log\":\"/log/m-1\",\"socket\":\"/run/m-1\"}],"
		"\"tunnels\":[]}"));
	incarnation.leaves = true;
	incarnation.start = 99;
	cr_expect(writes(&recorded, NULL));
	incarnation.ended = true;
	cr_expect(not(writes(&recorded, NULL)));
	cr_expect(recorded.last.is_late);
	cr_expect(writes_late(&recorded, NULL, true));
	cr_expect(not(recorded.last.is_late));
	cr_expect(eq(str, said(&recorded),
		     "{\"failed\":[],\"listeners\":[],\"masters\":[],\"tunnels\":[]}"));
	list_finish(&hop.incarnations);
	finish(&recorded);
}

Test(record, of_a_tunnel_it_says_what_it_takes_to_plan_it_again)
{
	char a[] = "a", b[] = "b", c[] = "c", home[] = "home";
	char *without[] = {a, b, NULL}, *left_out[] = {c, NULL}, *places[] = {home, NULL};
	struct recorded recorded;
	struct wanted wanted;

	want(&wanted);
	begin(&recorded);
	list_add(&recorded.engine.tunnels, &wanted.web);
	wanted.web.without = without;
	wanted.web.left_out = left_out;
	wanted.web.least_trust = 2;
	wanted.web.kept = wanted.web.was_up = wanted.web.roams = true;
	wanted.web.state = TUNNEL_UP;
	wanted.web.since_ms = 1234;
	wanted.web.restarts = 5;
	wanted.snapshot.places = places;
	recorded.engine.leaves = true;
	cr_expect(writes(&recorded, NULL));
	cr_expect(eq(str, said(&recorded),
		     record_of(&wanted,
			       "{\"failed\":[],\"listeners\":[],\"masters\":[],\"tunnels\":[{"
			       "\"file\":\"/f\","
			       "\"hops\":[\"0000000000000abc\"],\"kept\":1,\"least_trust\":2,"
			       "\"left\":1,\"left_out\":[\"c\"],\"located\":1,\"me\":\"you\","
			       "\"name\":\"web\","
			       "\"places\":[\"home\"],\"restarts\":5,\"roams\":1,\"since\":1234,"
			       "\"text\":\"DIGEST\",\"was_up\":1,"
			       "\"without\":[\"a\",\"b\"]}]}")));
	finish(&recorded);
}

Test(record, a_listener_is_recorded_from_before_it_is_asked_for_until_it_is_closed)
{
	char socket[] = "/run/m-1";
	struct incarnation on = {.socket = socket, .generation = 3};
	struct live_hop hop = {.host = (char[]){"gw"}};
	struct live_forward forward = {.state = FORWARD_WAITING,
				       .on = &on,
				       .hop = &hop,
				       .announced = 3,
				       .names.key = "k",
				       .mux = {.type = PLAN_LOCAL,
					       .bind = "127.0.0.1",
					       .bind_port = 80,
					       .target_path = "/t"}};
	struct recorded recorded;
	struct wanted wanted;

	want(&wanted);
	wanted.plan.forward_count = 1;
	wanted.web.forwards = &forward;
	begin(&recorded);
	list_add(&recorded.engine.tunnels, &wanted.web);
	cr_expect(writes(&recorded, NULL));
	cr_expect(ne(
		ptr,
		strstr(said(&recorded),
		       "\"listeners\":[{\"bind\":\"127.0.0.1\",\"forward\":\"k\",\"host\":\"gw\","
		       "\"master\":\"/run/m-1\",\"port\":80,\"target_path\":\"/"
		       "t\",\"type\":\"local\"}]"),
		NULL));
	forward.state = FORWARD_UP;
	cr_expect(not(writes(&recorded, NULL)));
	forward.mux.bind_port = 81;
	cr_expect(writes(&recorded, NULL));
	forward.state = FORWARD_CLOSED;
	cr_expect(not(writes(&recorded, NULL)));
	cr_expect(writes_late(&recorded, NULL, true));
	finish(&recorded);
}

Test(record, what_could_not_be_written_is_tried_again)
{
	struct recorded recorded;
	struct wanted wanted;

	want(&wanted);
	begin(&recorded);
	cr_expect(writes(&recorded, NULL));
	recorded.engine.runtime.dir = "/tmp/tunplan-record-nowhere";
	cr_expect(eq(
		int,
		record_write(&recorded.engine, &wanted.up, recorded.failed, false, &recorded.last),
		-ENOENT));
	recorded.engine.runtime.dir = recorded.dir;
	cr_expect(writes(&recorded, NULL));
	finish(&recorded);
}

Test(record, a_text_that_is_not_the_one_of_its_name_is_none)
{
	struct recorded recorded;
	struct wanted wanted;
	char path[128];

	want(&wanted);
	begin(&recorded);
	cr_expect(writes(&recorded, &wanted.up));
	cr_expect(has_text(&recorded, &wanted));
	snprintf(path, sizeof(path), "%s/t-%s", recorded.dir, wanted.snapshot.digest);
	cr_expect(eq(int, truncate(path, 3), 0));
	cr_expect(eq(ptr, record_text(&recorded.engine.runtime, wanted.snapshot.digest), NULL));
	finish(&recorded);
}
