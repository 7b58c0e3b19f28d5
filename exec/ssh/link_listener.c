/* Listeners: one request at a time for each place, and taking back what nobody wants any more. */
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/link_parts.h"

/* How many listeners are asked for at once that do not share the held connection. */
#define APART_AT_ONCE 16

bool link_is_remote(const struct link_request *request)
{
	return request->forward.type == PLAN_REMOTE || request->forward.type == PLAN_REMOTE_DYNAMIC;
}

bool link_is_listener(const struct link_request *request)
{
	return request->kind == LINK_LISTEN || request->kind == LINK_UNLISTEN;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_place(const struct link_request *a, const struct link_request *b)
{
	const struct mux_forward *x = &a->forward, *y = &b->forward;

	if (!link_is_listener(a) || !link_is_listener(b) || x->bind_port != y->bind_port ||
	    link_is_remote(a) != link_is_remote(b))
		return false;
	if (x->bind_path || y->bind_path)
		return same_text(x->bind_path, y->bind_path);
	/* Each listener of port 0 has a port of its own; ssh tells them apart by where they lead. */
	return strcmp(x->bind, y->bind) == 0 &&
	       (x->bind_port ||
		(x->target_port == y->target_port && same_text(x->target, y->target) &&
		 same_text(x->target_path, y->target_path)));
}

bool link_is_asked(const struct link_request *request)
{
	return request->open.state != LINK_UNASKED || request->close.state != LINK_UNASKED;
}

/* Whether none that was made before concerns the same place. */
static bool is_next(const struct link *link, size_t index)
{
	const struct link_request *request = link->requests.items[index];

	for (size_t i = 0; i < index; i++)
		if (same_place(link->requests.items[i], request))
			return false;
	return true;
}

static void ask_listener(struct link_request *request)
{
	request->link->unasked--;
	request->link->way->ask(request->kind == LINK_LISTEN ? &request->open : &request->close);
}

void link_ask_next(struct link *link)
{
	size_t pending = 0;

	for (size_t i = 0; link->unasked && i < link->requests.count; i++) {
		struct link_request *request = link->requests.items[i];
		bool apart = request->kind == LINK_LISTEN &&
			     (link->way->apart || link_is_remote(request));

		if (link_is_listener(request) && !link_is_asked(request) &&
		    !(apart && pending >= APART_AT_ONCE) && is_next(link, i))
			ask_listener(request);
		pending += apart && request->open.state == LINK_PENDING;
	}
}

static void free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

void link_free_request(struct link_request *request)
{
	struct link *link = request->link;

	if (link_is_listener(request) && !link_is_asked(request))
		link->unasked--;
	list_remove(&link->requests, request);
	link_question_end(&request->open);
	link_question_end(&request->close);
	free_text(request->forward.bind);
	free_text(request->forward.bind_path);
	free_text(request->forward.target);
	free_text(request->forward.target_path);
	free(request);
}

/* Whether there is nothing more to ask, nor an answer that matters. */
static bool is_over(const struct link_request *request)
{
	const struct link_question *open = &request->open;

	if (open->wire && !mux_wire_has_sent(open->wire))
		return true;
	if (request->kind != LINK_LISTEN)
		return open->state != LINK_PENDING;
	return request->closed_open || open->state == LINK_SAID_NO ||
	       request->close.state == LINK_SAID_YES;
}

/*
 * ssh obeys in order: a listener that is closed before its answer came will not be there, and the answer is
 * then "unknown forwarding id". But a master that was deaf for a while reads its connections in any order,
 * and may find nothing to close yet. And a listener of port 0 cannot be closed before the answer.
 */
static bool may_close(const struct link_request *request)
{
	return request->open.state == LINK_SAID_YES ||
	       (request->close.state == LINK_UNASKED &&
		(request->forward.bind_port || request->forward.bind_path));
}

void link_take_back(struct link_request *request)
{
	if (request->close.state == LINK_PENDING)
		return;
	if (is_over(request)) {
		link_free_request(request);
	} else if (may_close(request)) {
		request->closed_open = request->open.state == LINK_SAID_YES;
		request->link->way->ask(&request->close);
	}
}
