#include "exec/ssh/link.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/link_parts.h"
#include "topology/base/memory.h"

/* Nobody waits for the request. */
static void abandon(struct link_request *request)
{
	request->done = NULL;
	request->ends_ms = LINK_NEVER;
	if (!request->link->held || request->kind == LINK_ASK || request->kind == LINK_DIAL ||
	    !link_is_asked(request))
		link_free_request(request);
	else
		link_take_back(request);
}

static void timer_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;

	list_finish(&link->requests);
	strbuf_finish(&link->words);
	free(link->path);
	free(link);
}

/* Does what follows from the end of a request. */
static void settle(struct link *link)
{
	if (link->held)
		link_ask_next(link);
	if (!link->destroyed || link->requests.count || uv_is_closing((uv_handle_t *)&link->timer))
		return;
	mux_wire_close(link->held);
	link->held = NULL;
	uv_close((uv_handle_t *)&link->timer, timer_closed);
}

void link_answered(struct link_question *question, const struct link_result *result)
{
	struct link_request *request = question->request;
	struct link *link = request->link;
	link_done done = request->done;
	void *data = request->data;

	question->state = result->answer == LINK_OK ? LINK_SAID_YES : LINK_SAID_NO;
	link_question_end(question);
	if (done) {
		link_free_request(request);
		done(data, result);
	} else {
		link_take_back(request);
	}
	settle(link);
}

/* --- deadlines */

static void timer_fired(uv_timer_t *timer);

static void arm(struct link *link, uint64_t due_ms)
{
	const uint64_t now = uv_now(link->loop);

	link->due_ms = due_ms;
	if (due_ms == LINK_NEVER)
		uv_timer_stop(&link->timer);
	else
		uv_timer_start(&link->timer, timer_fired, due_ms > now ? due_ms - now : 0, 0);
}

static void arm_next(struct link *link)
{
	uint64_t due_ms = LINK_NEVER;

	for (size_t i = 0; i < link->requests.count; i++) {
		const struct link_request *request = link->requests.items[i];

		if (request->ends_ms < due_ms)
			due_ms = request->ends_ms;
	}
	if (due_ms != link->due_ms)
		arm(link, due_ms);
}

static void end_late(struct link_request *request)
{
	const struct link *link = request->link;
	const enum link_answer late = request->opened ? LINK_OK : LINK_LATE;
	const enum link_answer answer = link->held ? late : link->why;
	const struct link_result result = {
		.answer = answer,
		.words = answer == LINK_PROTOCOL ? strbuf_text(&link->words) : ""};
	link_done done = request->done;
	void *data = request->data;

	abandon(request);
	if (done)
		done(data, &result);
}

static struct link_request *find_late(const struct link *link, uint64_t now)
{
	for (size_t i = 0; i < link->requests.count; i++) {
		struct link_request *request = link->requests.items[i];

		if (request->ends_ms <= now)
			return request;
	}
	return NULL;
}

/* Tells of all requests that are late. What their owners ask for instead is not: it was asked just now. */
static void end_all_late(struct link *link)
{
	const uint64_t now = uv_now(link->loop);
	struct link_request *request;

	while ((request = find_late(link, now)))
		end_late(request);
	settle(link);
}

static void timer_fired(uv_timer_t *timer)
{
	struct link *link = timer->data;

	link->due_ms = LINK_NEVER;
	end_all_late(link);
	if (!uv_is_closing((uv_handle_t *)timer))
		arm_next(link);
}

bool link_is_lost(const struct link *link)
{
	return !link->held;
}

bool link_is_busy(const struct link *link)
{
	for (size_t i = 0; i < link->requests.count; i++)
		if (((const struct link_request *)link->requests.items[i])->done)
			return true;
	return false;
}

void link_extend(struct link *link, uint64_t ms, uint64_t bytes, uint64_t limit)
{
	if (!link->held)
		return;
	for (size_t i = 0; i < link->requests.count; i++) {
		struct link_request *request = link->requests.items[i];

		request->passed += bytes;
		if (request->ends_ms != LINK_NEVER && request->passed < limit)
			request->ends_ms += ms;
	}
	arm_next(link);
}

void link_lost(struct link *link, enum link_answer why)
{
	mux_wire_close(link->held);
	link->held = NULL;
	link->why = why;
	for (size_t i = 0; i < link->requests.count; i++)
		((struct link_request *)link->requests.items[i])->ends_ms = 0;
	end_all_late(link);
	if (!link->destroyed)
		link->events->closed(link->data, why,
				     why == LINK_PROTOCOL ? strbuf_text(&link->words) : "");
}

/* --- requests */

static struct link_request *add(struct link *link, enum link_kind kind, uint64_t deadline_ms,
				link_done done, void *data)
{
	struct link_request *request = memory_alloc(sizeof(*request));

	request->link = link;
	request->kind = kind;
	request->open.request = request->close.request = request;
	request->done = done;
	request->data = data;
	request->ends_ms = LINK_NEVER;
	/* What comes too late is told soon, too, but not at once. */
	if (done)
		request->ends_ms =
			uv_now(link->loop) + (link->held && deadline_ms ? deadline_ms : 1);
	list_add(&link->requests, request);
	if (request->ends_ms < link->due_ms)
		arm(link, request->ends_ms);
	return request;
}

struct link_request *link_ask(struct link *link, uint64_t deadline_ms, link_done done, void *data)
{
	struct link_request *request = add(link, LINK_ASK, deadline_ms, done, data);

	if (link->held)
		link_ask_native(&request->open, MUX_ALIVE_CHECK);
	return request;
}

static struct link_request *dial(struct link *link, const char *host, uint16_t port,
				 uint64_t deadline_ms, bool hears, link_done done, void *data)
{
	struct link_request *request = add(link, LINK_DIAL, deadline_ms, done, data);

	request->forward.target = memory_string(host);
	request->forward.target_port = port;
	request->hears = hears;
	if (link->held)
		link_ask_native(&request->open, MUX_NEW_STDIO_FORWARD);
	return request;
}

struct link_request *link_dial(struct link *link, const char *host, uint16_t port,
			       uint64_t deadline_ms, link_done done, void *data)
{
	return dial(link, host, port, deadline_ms, false, done, data);
}

struct link_request *link_dial_and_hear(struct link *link, const char *host, uint16_t port,
					uint64_t deadline_ms, uint64_t hear_ms, link_done done,
					void *data)
{
	struct link_request *request = dial(link, host, port, deadline_ms, true, done, data);

	request->hear_ms = hear_ms;
	return request;
}

void link_hears(struct link_request *request)
{
	request->opened = true;
	request->ends_ms = uv_now(request->link->loop) + request->hear_ms;
	arm_next(request->link);
}

bool link_stands(const struct link_request *request)
{
	return request->opened;
}

void link_heard_enough(struct link_request *request)
{
	request->hear_ms = 0;
	if (request->opened)
		link_hears(request);
}

static struct link_request *add_listener(struct link *link, enum link_kind kind,
					 const struct mux_forward *forward, uint64_t deadline_ms,
					 link_done done, void *data)
{
	struct link_request *request = add(link, kind, deadline_ms, done, data);

	request->forward = *forward;
	request->forward.bind = memory_string(forward->bind);
	request->forward.bind_path = memory_string(forward->bind_path);
	request->forward.target = memory_string(forward->target);
	request->forward.target_path = memory_string(forward->target_path);
	link->unasked++;
	if (link->held)
		link_ask_next(link);
	return request;
}

struct link_request *link_listen(struct link *link, const struct mux_forward *forward,
				 uint64_t deadline_ms, link_done done, void *data)
{
	return add_listener(link, LINK_LISTEN, forward, deadline_ms, done, data);
}

struct link_request *link_unlisten(struct link *link, const struct mux_forward *forward,
				   uint64_t deadline_ms, link_done done, void *data)
{
	return add_listener(link, LINK_UNLISTEN, forward, deadline_ms, done, data);
}

void link_drop(struct link_request *request)
{
	struct link *link;

	if (!request)
		return;
	link = request->link;
	abandon(request);
	settle(link);
}

void link_stop_listening(struct link *link)
{
	if (link->held)
		link_ask_native(&add(link, LINK_STOP, 0, NULL, NULL)->open, MUX_STOP_LISTENING);
}

void link_terminate(struct link *link)
{
	struct strbuf bytes = {0};

	if (!link->held)
		return;
	mux_put_plain(&bytes, MUX_TERMINATE, ++link->last_id);
	mux_wire_send(link->held, &bytes);
	strbuf_finish(&bytes);
}

/* --- the link itself */

struct link *link_create(uv_loop_t *loop, const char *path, const struct link_events *events,
			 void *data)
{
	struct link *link = memory_alloc(sizeof(*link));

	link->loop = loop;
	link->path = memory_string(path);
	link->way = link_way_find(getenv("TUNPLAN_MUX"));
	if (!link->way)
		link->way = link_way_find(NULL);
	link->events = events;
	link->data = data;
	link->due_ms = LINK_NEVER;
	uv_timer_init(loop, &link->timer);
	link->timer.data = link;
	link_hold(link);
	return link;
}

void link_destroy(struct link *link)
{
	if (!link)
		return;
	assert(!link->destroyed);
	link->destroyed = true;
	if (link->first) {
		/* Nobody was there yet, who could have been asked for anything. */
		mux_wire_close(link->held);
		link->held = NULL;
	}
	/* Backwards: what waits for others is gone before these are. */
	for (size_t i = link->requests.count; i-- > 0;)
		abandon(link->requests.items[i]);
	for (size_t i = 0; i < link->requests.count; i++)
		mux_wire_unref(((struct link_request *)link->requests.items[i])->open.wire);
	mux_wire_unref(link->held);
	uv_timer_stop(&link->timer);
	settle(link);
}
