#include "exec/ssh/dial.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "exec/ssh/mux_socket.h"
#include "topology/base/memory.h"

struct dial {
	uv_loop_t *loop;
	uv_timer_t timer;
	uv_getaddrinfo_t lookup;
	bool looking_up;          /* the lookup's callback is still to come */
	struct addrinfo *found;   /* what the name stands for */
	struct addrinfo *current; /* the address that is being tried */
	uv_tcp_t *tcp;            /* the present attempt; it frees itself when closed */
	uv_connect_t connect;
	int result; /* of the last attempt */
	dial_done done;
	void *data;
	bool timer_closed;
};

static void free_when_quiet(struct dial *dial)
{
	if (!dial->timer_closed || dial->looking_up || dial->tcp)
		return;
	uv_freeaddrinfo(dial->found);
	free(dial);
}

static void timer_closed(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	dial->timer_closed = true;
	free_when_quiet(dial);
}

static void tcp_closed(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	free(handle);
	dial->tcp = NULL;
	free_when_quiet(dial);
}

static void end(struct dial *dial, int status)
{
	dial_done done = dial->done;

	if (!done)
		return;
	dial->done = NULL;
	if (dial->looking_up)
		uv_cancel((uv_req_t *)&dial->lookup);
	if (dial->tcp && !uv_is_closing((uv_handle_t *)dial->tcp))
		uv_close((uv_handle_t *)dial->tcp, tcp_closed);
	uv_close((uv_handle_t *)&dial->timer, timer_closed);
	done(dial->data, status);
}

static void swallow(void *data, int status)
{
	(void)data;
	(void)status;
}

void dial_cancel(struct dial *dial)
{
	if (!dial || !dial->done)
		return;
	dial->done = swallow;
	end(dial, -ECANCELED);
}

static void time_out(uv_timer_t *timer)
{
	struct dial *dial = timer->data;

	end(dial, dial->result);
}

static void try_address(struct dial *dial);

/* An attempt failed and its socket is closed: on to the next address. */
static void attempt_closed(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	free(handle);
	dial->tcp = NULL;
	if (!dial->done) {
		free_when_quiet(dial);
		return;
	}
	dial->current = dial->current->ai_next;
	try_address(dial);
}

static void connected(uv_connect_t *request, int status)
{
	struct dial *dial = request->data;

	if (!dial->done)
		return;
	if (status == 0) {
		end(dial, 0);
		return;
	}
	dial->result = status;
	uv_close((uv_handle_t *)dial->tcp, attempt_closed);
}

static void try_address(struct dial *dial)
{
	int error;

	if (!dial->current) {
		end(dial, dial->result);
		return;
	}
	dial->tcp = memory_alloc(sizeof(*dial->tcp));
	uv_tcp_init(dial->loop, dial->tcp);
	dial->tcp->data = dial;
	dial->connect.data = dial;
	error = uv_tcp_connect(&dial->connect, dial->tcp, dial->current->ai_addr, connected);
	if (error) {
		dial->result = error;
		uv_close((uv_handle_t *)dial->tcp, attempt_closed);
	}
}

static void looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
	struct dial *dial = lookup->data;

	dial->looking_up = false;
	dial->found = found;
	if (!dial->done) {
		free_when_quiet(dial);
		return;
	}
	dial->current = found;
	dial->result = status ? status : -ETIMEDOUT;
	try_address(dial);
}

static struct dial *create(uv_loop_t *loop, dial_done done, void *data)
{
	struct dial *dial = memory_alloc(sizeof(*dial));

	dial->loop = loop;
	dial->done = done;
	dial->data = data;
	dial->result = -ETIMEDOUT;
	uv_timer_init(loop, &dial->timer);
	dial->timer.data = dial;
	return dial;
}

struct dial *dial_tcp(uv_loop_t *loop, const char *host, uint16_t port, uint64_t deadline_ms,
		      dial_done done, void *data)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct dial *dial = create(loop, done, data);
	char service[8];
	int error;

	snprintf(service, sizeof(service), "%u", port);
	dial->lookup.data = dial;
	error = uv_getaddrinfo(loop, &dial->lookup, looked_up, host, service, &hints);
	dial->looking_up = !error;
	if (error)
		dial->result = error;
	uv_timer_start(&dial->timer, time_out, error ? 0 : deadline_ms, 0);
	return dial;
}

struct dial *dial_unix(uv_loop_t *loop, const char *path, dial_done done, void *data)
{
	struct dial *dial = create(loop, done, data);

	dial->result = unix_listens(path);
	uv_timer_start(&dial->timer, time_out, 0, 0);
	return dial;
}
