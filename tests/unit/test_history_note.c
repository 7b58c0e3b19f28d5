#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/system/clock.h"
#include "exec/system/history_file.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/hop_retry.h"
#include "exec/tunnel/tunnel.h"

/* An engine whose state directory is new, with a tunnel through one hop. */
struct noted {
	char dir[64];
	char host[8];
	struct engine engine;
	struct live_hop hop;
	struct live_hop *hops[1];
	struct plan plan;
	struct live_tunnel tunnel;
};

static void begin(struct noted *noted)
{
	*noted = (struct noted){.plan = {.hop_count = 1}};
	snprintf(noted->dir, sizeof(noted->dir), "/tmp/tunplan-note-XXXXXX");
	cr_assert(mkdtemp(noted->dir) != NULL);
	snprintf(noted->host, sizeof(noted->host), "gw");
	noted->engine.runtime.state = noted->dir;
	noted->hop = (struct live_hop){.engine = &noted->engine,
				       .host = noted->host,
				       .plan = {.address = "gw", .port = 22}};
	noted->hops[0] = &noted->hop;
	noted->tunnel = (struct live_tunnel){.engine = &noted->engine,
					     .file = "/f",
					     .me = "you",
					     .name = "git",
					     .plan = &noted->plan,
					     .hops = noted->hops};
	list_add(&noted->engine.tunnels, &noted->tunnel);
	history_note_begin(&noted->engine);
}

static void finish(struct noted *noted)
{
	char *path = noted->engine.notes.path, *older = NULL;

	unlink(path);
	cr_assert(asprintf(&older, "%s.old", path) > 0);
	unlink(older);
	free(older);
	rmdir(noted->dir);
	history_note_finish(&noted->engine);
	list_finish(&noted->engine.tunnels);
}

static void add(char *said, size_t size, const char *word)
{
	snprintf(said + strlen(said), size - strlen(said), "%s%s", *said ? " " : "", word);
}

/* Returns the lines of a text: whom each is about and its state, "git:up", with marks; in a static buffer. */
static char *said_by(const char *text)
{
	static char said[2048];

	said[0] = '\0';
	while (*text) {
		const size_t length = strcspn(text, "\n");
		json_t *line = json_loadb(text, length, 0, NULL);
		const char *of = json_string_value(json_object_get(line, "tunnel"));
		const char *as = json_string_value(json_object_get(line, "as"));
		char word[64];

		text += length + 1;
		if (!line)
			continue;
		if (!of)
			of = json_string_value(json_object_get(line, "host"));
		snprintf(word, sizeof(word), "%s:%s%s%s%s%s", of ? of : "-",
			 json_string_value(json_object_get(line, "state")), as ? "/" : "",
			 as ? as : "", json_object_get(line, "standing") ? "!" : "",
			 json_object_get(line, "hops") ? "+" : "");
		add(said, sizeof(said), word);
		json_decref(line);
	}
	return said;
}

/* The same of what is on disk. */
static char *said(const struct noted *noted)
{
	struct strbuf text = {0};
	char *words;

	history_file_read(noted->engine.notes.path, &text);
	words = said_by(strbuf_text(&text));
	strbuf_finish(&text);
	return words;
}

static void change(struct noted *noted, enum tunnel_state state)
{
	const char *from = tunnel_state_name(noted->tunnel.state);

	noted->tunnel.state = state;
	history_note_tunnel(&noted->tunnel, from);
}

Test(history_note, a_tunnel_is_introduced_with_its_hops_before_anything_of_them_is_told)
{
	struct noted noted;

	begin(&noted);
	noted.hop.state = HOP_WAITING;
	history_note_hop(&noted.hop, HOP_DOWN);
	change(&noted, TUNNEL_UP);
	cr_expect(eq(str, said(&noted), ""));
	history_note_flush(&noted.engine);
	cr_expect(eq(str, said(&noted),
		     "-:started git:starting+ gw:waiting git:up -:goes_on git:up!+"));
	cr_expect(eq(ulong, noted.hop.number, 1));
	cr_expect(eq(ulong, noted.tunnel.number, 2));
	/* Where nothing happened nothing is written. */
	history_note_flush(&noted.engine);
	change(&noted, TUNNEL_RECONNECTING);
	history_note_flush(&noted.engine);
	cr_expect(eq(str, said(&noted),
		     "-:started git:starting+ gw:waiting git:up -:goes_on git:up!+ "
		     "git:reconnecting"));
	finish(&noted);
}

Test(history_note, a_line_says_why)
{
	struct strbuf text = {0};
	struct noted noted;
	json_t *line, *error;

	begin(&noted);
	history_note_flush(&noted.engine);
	failure_set(&noted.tunnel.failure, "closed", "gw", "reset by peer", "wait");
	change(&noted, TUNNEL_RECONNECTING);
	line = json_loads(strbuf_text(&noted.engine.notes.lines), 0, NULL);
	error = json_pack("{s:s, s:s, s:s}", "code", "closed", "host", "gw", "text",
			  "reset by peer");
	cr_expect(json_equal(json_object_get(line, "error"), error));
	cr_expect(eq(str, (char *)json_string_value(json_object_get(line, "from")), "starting"));
	json_decref(line);
	json_decref(error);
	failure_finish(&noted.tunnel.failure);
	strbuf_finish(&text);
	finish(&noted);
}

Test(history_note, what_is_not_seen_by_all_is_marked)
{
	struct live_tunnel other;
	struct noted noted;

	begin(&noted);
	other = noted.tunnel;
	other.on_trial = true;
	list_add(&noted.engine.tunnels, &other);
	change(&noted, TUNNEL_RECONNECTING);
	other.state = TUNNEL_UP;
	history_note_tunnel(&other, "starting");
	other.on_trial = false;
	history_note_place(&other);
	change(&noted, TUNNEL_STOPPING);
	cr_expect(eq(str, said_by(strbuf_text(&noted.engine.notes.lines)),
		     "-:started git:starting+ git:starting/trial+ git:reconnecting git:up/trial "
		     "git:up+ git:stopping/old"));
	finish(&noted);
}

/* It is lost behind another hop, by the words of its ssh. */
static void lose(struct noted *noted, struct live_hop *parent)
{
	noted->hop.parent = parent;
	noted->hop.since_ms = clock_ms();
	noted->hop.state = HOP_RETRY;
	failure_set(&noted->hop.failure, "closed", "gw", "Broken pipe", NULL);
	history_note_hop(&noted->hop, HOP_UP);
	change(noted, TUNNEL_RECONNECTING);
	history_note_flush(&noted->engine);
}

Test(history_note, whose_end_it_was_is_told_when_it_is_known)
{
	struct live_hop parent = {.state = HOP_UP};
	struct noted noted;

	/* The hop before it was lost. */
	begin(&noted);
	list_add(&noted.engine.hops, &noted.hop);
	change(&noted, TUNNEL_UP);
	history_note_flush(&noted.engine);
	lose(&noted, &parent);
	cr_expect(eq(str, said(&noted), "-:started git:starting+ git:up -:goes_on git:up!+"));
	failure_finish(&noted.hop.failure);
	noted.hop.state = HOP_WAITING;
	history_note_hop(&noted.hop, HOP_RETRY);
	history_note_flush(&noted.engine);
	cr_expect(eq(str, said(&noted),
		     "-:started git:starting+ git:up -:goes_on git:up!+ gw:waiting "
		     "git:reconnecting"));
	/* It was its own. */
	change(&noted, TUNNEL_UP);
	lose(&noted, &parent);
	noted.hop.since_ms -= HOP_DOUBT_MS;
	history_note_flush(&noted.engine);
	cr_expect(eq(str, said(&noted),
		     "-:started git:starting+ git:up -:goes_on git:up!+ gw:waiting "
		     "git:reconnecting git:up gw:retry git:reconnecting"));
	/* It is tried again before anybody has looked, as often before, so that the try itself is not told. */
	change(&noted, TUNNEL_UP);
	lose(&noted, &parent);
	noted.hop.retry.attempt = 2;
	noted.hop.state = HOP_WAITING;
	history_note_hop(&noted.hop, HOP_RETRY);
	noted.hop.retry.attempt = 0;
	history_note_hop(&noted.hop, HOP_RETRY);
	change(&noted, TUNNEL_STOPPING);
	cr_expect(eq(str, said_by(strbuf_text(&noted.engine.notes.lines)),
		     "gw:retry gw:waiting git:reconnecting git:stopping"));
	failure_finish(&noted.hop.failure);
	list_finish(&noted.engine.hops);
	finish(&noted);
}

Test(history_note, of_tries_that_fail_alike_ever_fewer_are_written)
{
	struct noted noted;
	unsigned written = 0;

	begin(&noted);
	for (unsigned i = 1; i <= 1000; i++) {
		noted.hop.retry = (struct retry){.attempt = i, .streak = i};
		noted.hop.state = HOP_RETRY;
		history_note_hop(&noted.hop, HOP_CONNECTING);
		noted.hop.state = HOP_CONNECTING;
		history_note_hop(&noted.hop, HOP_WAITING);
		written += noted.engine.notes.lines.length > 0;
		strbuf_clear(&noted.engine.notes.lines);
	}
	/* After 1, 2, 4, … 512 tries; and before each of these but the first. */
	cr_expect(eq(uint, written, 18));
	/* Another reason is news. */
	noted.hop.retry = (struct retry){.attempt = 1001, .streak = 1};
	noted.hop.state = HOP_RETRY;
	history_note_hop(&noted.hop, HOP_CONNECTING);
	noted.hop.state = HOP_UP;
	history_note_hop(&noted.hop, HOP_CONNECTING);
	noted.hop.state = HOP_DOWN;
	history_note_hop(&noted.hop, HOP_UP);
	cr_expect(
		eq(str, said_by(strbuf_text(&noted.engine.notes.lines)), "gw:retry gw:up gw:down"));
	finish(&noted);
}

Test(history_note, what_could_not_be_written_is_said_and_made_good)
{
	struct noted noted;
	char *why;

	begin(&noted);
	history_note_flush(&noted.engine);
	cr_expect(history_note_trouble(&noted.engine) == NULL);
	unlink(noted.engine.notes.path);
	rmdir(noted.dir);
	change(&noted, TUNNEL_UP);
	history_note_flush(&noted.engine);
	why = history_note_trouble(&noted.engine);
	cr_assert(why != NULL);
	cr_expect(strstr(why, "history cannot be written (No such file or directory)") != NULL,
		  "%s", why);
	free(why);
	/* Without anything that happened. */
	cr_assert(eq(int, mkdir(noted.dir, 0700), 0));
	history_note_keep(&noted.engine);
	cr_expect(history_note_trouble(&noted.engine) == NULL);
	cr_expect(eq(str, said(&noted), "-:goes_on git:up!+"));
	/* With something. */
	unlink(noted.engine.notes.path);
	rmdir(noted.dir);
	change(&noted, TUNNEL_RECONNECTING);
	history_note_flush(&noted.engine);
	cr_assert(eq(int, mkdir(noted.dir, 0700), 0));
	change(&noted, TUNNEL_UP);
	history_note_flush(&noted.engine);
	cr_expect(eq(str, said(&noted), "git:up -:goes_on git:up!+"));
	finish(&noted);
}

Test(history_note, a_newer_file_tells_all_by_itself)
{
	struct strbuf filler = {0}, text = {0};
	struct noted noted;
	bool begun;

	begin(&noted);
	change(&noted, TUNNEL_UP);
	history_note_flush(&noted.engine);
	strbuf_fill(&filler, '\n', HISTORY_FILE_BYTES - 1000);
	cr_assert(eq(int, history_file_append(noted.engine.notes.path, &filler, &begun), 0));
	strbuf_finish(&filler);
	for (unsigned i = 0; i < 10; i++) {
		change(&noted, TUNNEL_SILENT);
		change(&noted, TUNNEL_UP);
		history_note_flush(&noted.engine);
	}
	cr_expect(strstr(said(&noted), "git:up -:goes_on git:up!+ git:silent") != NULL);
	strbuf_finish(&text);
	finish(&noted);
}

Test(history_note, behind_the_end_nothing_goes_on)
{
	struct noted noted;

	begin(&noted);
	list_finish(&noted.engine.tunnels);
	history_note_flush(&noted.engine);
	unlink(noted.engine.notes.path);
	history_note_leave(&noted.engine, 15);
	history_note_leave(&noted.engine, 0);
	history_note_flush(&noted.engine);
	cr_expect(eq(str, said(&noted), "-:told -:left"));
	finish(&noted);
}

Test(history_note, without_a_begin_nothing_is_kept)
{
	struct live_tunnel tunnel = {.engine = &(struct engine){.log_fd = -1}};

	history_note_tunnel(&tunnel, "starting");
	history_note_leave(tunnel.engine, 0);
	history_note_flush(tunnel.engine);
	history_note_keep(tunnel.engine);
	cr_expect(eq(sz, tunnel.engine->notes.lines.length, 0));
}
