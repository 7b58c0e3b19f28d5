#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
	rmdir(recorded->dir);
	record_forget(&recorded->last);
	json_decref(recorded->failed);
	list_finish(&recorded->engine.hops);
	list_finish(&recorded->engine.tunnels);
}

/* Records; whether that wrote the file. */
static bool writes(struct recorded *recorded, const struct request *wanted)
{
	char *path = record_path(&recorded->engine.runtime);
	struct stat info = {0};
	bool other;

	cr_expect(eq(int,
		     record_write(&recorded->engine, wanted, recorded->failed, &recorded->last),
		     0));
	cr_expect(eq(int, stat(path, &info), 0));
	other = info.st_ino != recorded->file;
	recorded->file = info.st_ino;
	free(path);
	return other;
}

/* What the file says, without its version: keys sorted, in a static buffer. */
static char *said(const struct recorded *recorded)
{
	static char text[1024];
	char *path = record_path(&recorded->engine.runtime), *dump;
	json_t *record = state_file_read(path);

	json_object_del(record, "version");
	dump = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
	snprintf(text, sizeof(text), "%s", dump);
	free(dump);
	free(path);
	json_decref(record);
	return text;
}

Test(record, is_written_when_what_it_says_changes_and_not_otherwise)
{
	char socket[] = "/run/m-1", log[] = "/log/m-1", host[] = "gw";
	const char *names[] = {"web", "db"};
	const struct request wanted = {
		.op = OP_UP, .file = "/f", .me = "you", .tunnels = names, .tunnel_count = 2};
	const struct plan plan = {0};
	struct live_tunnel web = {.file = "/f", .me = "you", .name = "web", .plan = &plan};
	struct live_tunnel db = {.file = "/f", .me = "you", .name = "db", .plan = &plan};
	struct incarnation incarnation = {.socket = socket, .log = log};
	struct live_hop hop = {.host = host};
	struct recorded recorded;

	begin(&recorded);
	cr_expect(writes(&recorded, NULL));
	cr_expect(eq(str, said(&recorded),
		     "{\"failed\":[],\"masters\":[],\"sockets\":[],\"tunnels\":[]}"));
	cr_expect(not(writes(&recorded, NULL)));

	cr_expect(writes(&recorded, &wanted));
	cr_expect(eq(str, said(&recorded),
		     "{\"failed\":[],\"masters\":[],\"sockets\":[],\"tunnels\":["
		     "{\"file\":\"/f\",\"me\":\"you\",\"name\":\"web\"},"
		     "{\"file\":\"/f\",\"me\":\"you\",\"name\":\"db\"}]}"));
	list_add(&recorded.engine.tunnels, &web);
	list_add(&recorded.engine.tunnels, &db);
	cr_expect(not(writes(&recorded, NULL)));
	cr_expect(not(writes(&recorded, &wanted)));

	list_add(&hop.incarnations, &incarnation);
	list_add(&recorded.engine.hops, &hop);
	cr_expect(writes(&recorded, NULL));
	list_remove(&recorded.engine.tunnels, &web);
	cr_expect(writes(&recorded, NULL));
	cr_expect(eq(str, said(&recorded),
		     "{\"failed\":[],\"masters\":[{\"host\":\"gw\",\"log\":\"/log/m-1\",\"pid\":0,"
		     "\"socket\":\"/run/m-1\"}],\"sockets\":[],\"tunnels\":["
		     "{\"file\":\"/f\",\"me\":\"you\",\"name\":\"db\"}]}"));
	incarnation.ended = true;
	cr_expect(writes(&recorded, NULL));

	json_array_append_new(recorded.failed, json_pack("{s:i}", "at_ms", 1));
	cr_expect(writes(&recorded, NULL));
	json_array_clear(recorded.failed);
	cr_expect(writes(&recorded, NULL));
	cr_expect(not(writes(&recorded, NULL)));
	list_finish(&hop.incarnations);
	finish(&recorded);
}

Test(record, whom_a_tunnel_does_without_is_recorded_and_not_of_one_that_passes_all)
{
	const char *names[] = {"web"}, *hosts[] = {"a", "b"};
	char a[] = "a", b[] = "b", c[] = "c";
	char *without[] = {a, b, NULL}, *left_out[] = {c, NULL};
	const struct request wanted = {.op = OP_UP,
				       .file = "/f",
				       .me = "you",
				       .tunnels = names,
				       .tunnel_count = 1,
				       .without = hosts,
				       .without_count = 2};
	const struct plan plan = {0};
	struct live_tunnel web = {
		.file = "/f", .me = "you", .name = "web", .plan = &plan, .without = without};
	struct recorded recorded;

	begin(&recorded);
	cr_expect(writes(&recorded, &wanted));
	cr_expect(eq(str, said(&recorded),
		     "{\"failed\":[],\"masters\":[],\"sockets\":[],\"tunnels\":["
		     "{\"file\":\"/f\",\"me\":\"you\",\"name\":\"web\","
		     "\"without\":[\"a\",\"b\"]}]}"));
	list_add(&recorded.engine.tunnels, &web);
	cr_expect(not(writes(&recorded, NULL)));
	web.left_out = left_out;
	cr_expect(writes(&recorded, NULL));
	cr_expect(eq(str, said(&recorded),
		     "{\"failed\":[],\"masters\":[],\"sockets\":[],\"tunnels\":["
		     "{\"file\":\"/f\",\"left_out\":[\"c\"],\"me\":\"you\",\"name\":\"web\","
		     "\"without\":[\"a\",\"b\"]}]}"));
	finish(&recorded);
}

Test(record, a_socket_is_recorded_from_before_it_is_there_until_it_is_closed)
{
	const struct plan plan = {.forward_count = 1};
	struct live_forward forward = {.state = FORWARD_WAITING, .mux.bind_path = "/tmp/s"};
	struct live_tunnel web = {
		.file = "/f", .me = "you", .name = "web", .plan = &plan, .forwards = &forward};
	struct recorded recorded;

	begin(&recorded);
	list_add(&recorded.engine.tunnels, &web);
	cr_expect(writes(&recorded, NULL));
	cr_expect(eq(str, said(&recorded),
		     "{\"failed\":[],\"masters\":[],\"sockets\":[\"/tmp/s\"],\"tunnels\":["
		     "{\"file\":\"/f\",\"me\":\"you\",\"name\":\"web\"}]}"));
	forward.state = FORWARD_UP;
	cr_expect(not(writes(&recorded, NULL)));
	forward.state = FORWARD_CLOSED;
	cr_expect(writes(&recorded, NULL));
	finish(&recorded);
}

Test(record, what_could_not_be_written_is_tried_again)
{
	struct recorded recorded;

	begin(&recorded);
	cr_expect(writes(&recorded, NULL));
	recorded.engine.runtime.dir = "/tmp/tunplan-record-nowhere";
	json_array_append_new(recorded.failed, json_pack("{s:i}", "at_ms", 1));
	cr_expect(eq(int, record_write(&recorded.engine, NULL, recorded.failed, &recorded.last),
		     -ENOENT));
	recorded.engine.runtime.dir = recorded.dir;
	json_array_clear(recorded.failed);
	cr_expect(writes(&recorded, NULL));
	finish(&recorded);
}
