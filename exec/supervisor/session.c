#include "exec/supervisor/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/failed.h"
#include "exec/supervisor/report.h"
#include "exec/supervisor/session_parts.h"
#include "exec/supervisor/trial.h"
#include "exec/tunnel/hop_pool.h"
#include "topology/base/memory.h"

/* What less talk than this has left free, the next one can use: to give it back would cost each command. */
#define TRIM_BYTES ((uint64_t)64 * 1024)

void session_items(struct session *session, size_t count)
{
	session->items = memory_array(count, sizeof(*session->items));
	session->item_count = count;
}

static int *unseen(size_t count)
{
	int *seen = memory_array(count, sizeof(*seen));

	for (size_t i = 0; i < count; i++)
		seen[i] = -1;
	return seen;
}

void item_watch(struct item *item, struct live_tunnel *tunnel)
{
	if (tunnel)
		tunnel_refer(tunnel);
	if (item->tunnel) {
		if (item->waits)
			tunnel_unwait(item->tunnel);
		tunnel_forget(item->tunnel);
	}
	free(item->seen_hops);
	free(item->seen_forwards);
	item->waits = false;
	item->tunnel = tunnel;
	item->trials = tunnel ? tunnel->trials + !trial_find(tunnel) : 0;
	item->seen_hops = tunnel ? unseen(tunnel->plan->hop_count) : NULL;
	item->seen_forwards = tunnel ? unseen(tunnel->plan->forward_count) : NULL;
}

bool item_is_done(const struct item *item)
{
	return !item->tunnel && !item->failed;
}

void item_finish(struct item *item)
{
	item_watch(item, NULL);
	failure_finish(&item->refused);
	json_decref(item->failed);
	item->failed = NULL;
}

/* It is up, but not by the masters that it was to get. */
static void add_refused(const struct failure *refused, json_t *event)
{
	json_object_set_new(event, "state", json_string(tunnel_state_name(TUNNEL_FAILED)));
	json_object_set_new(event, "error", failure_json(refused));
	json_object_set_new(event, "goes_on", json_true());
	json_object_set_new(event, "lacks", json_string("ssh"));
}

void item_result(struct session *session, struct item *item)
{
	const struct live_tunnel *tunnel = item->tunnel;
	json_t *event = protocol_event("result");
	json_t *status = tunnel ? report_tunnel(tunnel) : failed_report(item->failed);

	json_object_set(event, "tunnel", json_object_get(status, "name"));
	json_object_set(event, "state", json_object_get(status, "state"));
	json_object_set(event, "error", json_object_get(status, "error"));
	json_object_set_new(event, "goes_on", json_boolean(tunnel && tunnel->replaces));
	json_object_set_new(event, "left", tunnel ? report_left(tunnel) : json_array());
	if (failure_is_set(&item->refused))
		add_refused(&item->refused, event);
	json_object_set_new(event, "status", status);
	client_send(session->client, event);
	item_finish(item);
}

void session_add_history_trouble(const struct session *session, json_t *event)
{
	char *trouble = history_note_trouble(session->engine);

	if (trouble)
		json_object_set_new(event, "history_trouble", json_string(trouble));
	free(trouble);
}

static void send_done(struct session *session)
{
	json_t *event = protocol_event("done");

	session->done = true;
	if (session->op == OP_UP)
		session_add_history_trouble(session, event);
	client_send(session->client, event);
}

static void refuse(struct client *client, const char *code, const char *text)
{
	json_t *event = protocol_event("refused");

	json_object_set_new(event, "code", json_string(code));
	json_object_set_new(event, "text", json_string(text));
	client_send(client, event);
}

/* Whoever asks for the status changes nothing. */
static void schedule(const struct session *session)
{
	if (session->op == OP_STATUS)
		engine_schedule_look(session->engine);
	else
		engine_schedule(session->engine);
}

static void start(struct session_host *host, struct client *client, const struct request *request)
{
	static void (*const starters[])(struct session *, const struct request *) = {
		[OP_UP] = session_up,
		[OP_DOWN] = session_down,
		[OP_STATUS] = session_status,
	};
	struct session *session = memory_alloc(sizeof(*session));

	session->engine = host->engine;
	session->host = host;
	session->client = client;
	session->op = request->op;
	client_set(client, session);
	list_add(&host->engine->sessions, session);
	starters[request->op](session, request);
	schedule(session);
}

/* Starts a request, unless it is one that the supervisor does not take now. */
static void begin(struct session_host *host, struct client *client, const struct request *request)
{
	const char *code = NULL;
	char *why = request->op == OP_UP ? host->refuses(host, request, &code) : NULL;

	if (why)
		refuse(client, code, why);
	else
		start(host, client, request);
	free(why);
}

/* The same of an `up`, whose text may be known. What it asks for again may have been lost just now: that is told first. */
static void begin_up(struct session_host *host, struct client *client, struct request *request)
{
	engine_settle(host->engine);
	if (!request->text)
		request->text =
			snapshot_text(&host->engine->snapshots, request->file, request->digest);
	if (request->text)
		begin(host, client, request);
	else
		client_send(client, protocol_event("text"));
}

static void list(const struct session_host *host, struct client *client)
{
	const struct list *all = &host->engine->tunnels;
	json_t *event = protocol_event("list"), *tunnels = json_array();

	for (size_t i = 0; i < all->count; i++) {
		const struct live_tunnel *tunnel = all->items[i];

		if (tunnel->state != TUNNEL_DOWN && !tunnel->on_trial)
			json_array_append_new(tunnels, report_identity(tunnel));
	}
	for (size_t i = 0; i < json_array_size(host->failed); i++)
		json_array_append_new(tunnels, failed_identity(json_array_get(host->failed, i)));
	json_object_set_new(event, "tunnels", tunnels);
	client_send(client, event);
}

static void tell_hops(const struct session_host *host, struct client *client,
		      const struct request *request)
{
	json_t *event = protocol_event("hops"), *up = json_array();

	for (size_t i = 0; i < request->id_count; i++)
		json_array_append_new(up,
				      json_boolean(hop_pool_has_up(host->engine, request->ids[i])));
	json_object_set_new(event, "up", up);
	client_send(client, event);
}

struct item *session_find_keeper(const struct live_tunnel *tunnel)
{
	const struct list *sessions = &tunnel->engine->sessions;

	for (size_t i = 0; i < sessions->count; i++) {
		const struct session *session = sessions->items[i];

		for (size_t j = 0; j < session->item_count; j++)
			if (session->items[j].tunnel == tunnel && session->items[j].keeps)
				return &session->items[j];
	}
	return NULL;
}

/* A session does not keep its tunnel any more. goes_on: that is to be up without anybody, whoever else leaves it. */
static void leave_keeping(struct item *item, bool goes_on)
{
	struct live_tunnel *tunnel = item->tunnel;

	item->keeps = false;
	while (goes_on && (item = session_find_keeper(tunnel)))
		item->keeps = false;
	if (goes_on || session_find_keeper(tunnel))
		return;
	tunnel->kept = tunnel->was_up;
	tunnel->unattended = false;
}

/*
 * Nobody waits any longer; what was begun and was not up yet goes, though its client did not mean to wait. why: a
 * sentence, if the time to wait is over: that is a failure, but for what is to persist.
 */
static void abandon(struct session *session, const char *why)
{
	session->abandoned = true;
	for (size_t i = 0; i < session->item_count; i++) {
		struct item *item = &session->items[i];

		if (item->waits)
			tunnel_unwait(item->tunnel);
		if (item->waits && why)
			tunnel_give_up(item->tunnel, why);
		item->waits = false;
		if (item->tunnel && item->renews)
			tunnel_renew_cancel(item->tunnel);
		if (item->tunnel && item->keeps)
			leave_keeping(item, session->persist && why);
	}
	schedule(session);
}

void session_message(struct session_host *host, struct client *client, const json_t *message)
{
	struct session *session = client_get(client);
	struct request request = {0};
	int error = protocol_parse(message, &request);

	/* An answered request is over, and its client may ask for something else. */
	if (session && session->done && !error && request.op != OP_ABANDON) {
		session_gone(session);
		client_set(client, NULL);
		session = NULL;
	}
	if (error == -EPROTONOSUPPORT)
		refuse(client, "version",
		       "the running supervisor is of another version of tunplan: take everything "
		       "down with that version, or end the supervisor");
	else if (error)
		refuse(client, "request", "this is no request");
	else if (request.op == OP_LIST)
		list(host, client);
	else if (request.op == OP_HOPS)
		tell_hops(host, client, &request);
	else if (session && request.op == OP_ABANDON)
		abandon(session, request.text);
	else if (session || request.op == OP_ABANDON)
		refuse(client, "request", "one request at a time");
	else if (request.op == OP_UP)
		begin_up(host, client, &request);
	else
		begin(host, client, &request);
	request_finish(&request);
}

void session_gone(struct session *session)
{
	if (!session)
		return;
	abandon(session, NULL);
	for (size_t i = 0; i < session->item_count; i++)
		item_finish(&session->items[i]);
	free(session->items);
	snapshot_forget(session->snapshot);
	memory_free_strings(session->env);
	memory_free_strings(session->without);
	free(session->file);
	free(session->digest);
	free(session->text);
	list_remove(&session->engine->sessions, session);
	schedule(session);
	/* The news of a thousand forwards takes ten times the room of the forwards. */
	if (client_bytes(session->client) > TRIM_BYTES)
		memory_trim();
	free(session);
}

void session_step(struct session *session)
{
	static void (*const steppers[])(struct session *, struct item *) = {
		[OP_UP] = session_up_step,
		[OP_DOWN] = session_down_step,
	};
	bool busy = false;

	if (session->done)
		return;
	if (session->op == OP_STATUS) {
		session_status_step(session);
	} else {
		client_hold(session->client);
		for (size_t i = 0; i < session->item_count; i++)
			if (!item_is_done(&session->items[i]))
				steppers[session->op](session, &session->items[i]);
	}
	for (size_t i = 0; i < session->item_count; i++)
		busy |= !item_is_done(&session->items[i]);
	if (!busy)
		send_done(session);
	client_let_go(session->client);
}
