#include "exec/ssh/prime.h"

#include <stdlib.h>
#include <uv.h>

#include "exec/ssh/log_reader.h"
#include "exec/ssh/mux_wire.h"
#include "topology/base/memory.h"

/* For how long somebody may wait for it. */
#define AWAITED_MS 50
/*
 * For the sshd to begin: it opens its account's session first (PAM), and says then which options the key has.
 * And for the session to end: what runs in the place of `true` may run for ever.
 */
#define PATIENCE_MS 10000

/* Ids of what is asked. */
#define ALIVE   1
#define SESSION 2

struct prime {
	uv_loop_t *loop;
	char *socket;
	struct log_reader *log;
	enum ssh_log_priming verdict;
	struct log_wait *wait; /* until that is known; or NULL */
	struct mux_wire *wire; /* of the session, from when it may be made to its end; or NULL */
	uv_timer_t awaited;    /* it runs: somebody may wait */
	uv_timer_t deadline;   /* of the session */
	unsigned handles;      /* of these two, open; freed at 0 */
	void (*told)(void *data);
	void *data;
};

static void handle_closed(uv_handle_t *handle)
{
	struct prime *prime = handle->data;

	if (--prime->handles)
		return;
	free(prime->socket);
	free(prime);
}

static void end(struct prime *prime)
{
	uv_timer_stop(&prime->awaited);
	uv_timer_stop(&prime->deadline);
	log_wait_cancel(prime->wait);
	mux_wire_close(prime->wire);
	prime->wait = NULL;
	prime->wire = NULL;
}

static void end_and_tell(struct prime *prime)
{
	end(prime);
	prime->told(prime->data);
}

static void ask_session(struct prime *prime)
{
	struct strbuf bytes = {0};

	mux_put_session(&bytes, SESSION, "true");
	mux_wire_send_nulls(prime->wire, &bytes, 3);
	strbuf_finish(&bytes);
}

/*
 * ssh answers between two looks at what came from the sshd. So the log has all of what came with the part that
 * was seen first, and the options of the key may be the last.
 */
static void look_again(struct prime *prime)
{
	if (ssh_log_priming(log_reader_read(prime->log)) == SSH_LOG_PRIMING_NEEDED)
		ask_session(prime);
	else
		end_and_tell(prime);
}

static void said(void *data, const struct mux_message *message)
{
	struct prime *prime = data;

	switch (message->type) {
	case MUX_ALIVE:
		look_again(prime);
		break;
	case MUX_FAILURE:
	case MUX_PERMISSION_DENIED:
		end_and_tell(prime);
		break;
	default:
		break;
	}
}

/* Its end closes the connection. By then the sshd is quick, and has no shell to start any more. */
static void ended(void *data, int error)
{
	(void)error;
	end_and_tell(data);
}

static const struct mux_wire_events events = {said, ended, NULL};

static void no_longer_awaited(uv_timer_t *timer)
{
	struct prime *prime = timer->data;

	prime->told(prime->data);
}

static void late(uv_timer_t *timer)
{
	end_and_tell(timer->data);
}

static void make_session(struct prime *prime)
{
	struct strbuf bytes = {0};

	prime->wire = mux_wire_open(prime->loop, prime->socket, &events, prime);
	mux_put_plain(&bytes, MUX_ALIVE_CHECK, ALIVE);
	mux_wire_send(prime->wire, &bytes);
	strbuf_finish(&bytes);
	uv_timer_start(&prime->deadline, late, PATIENCE_MS, 0);
}

static bool is_known(void *data, const struct ssh_log *log)
{
	struct prime *prime = data;

	prime->verdict = ssh_log_priming(log);
	return prime->verdict != SSH_LOG_PRIMING_UNKNOWN;
}

/* An sshd that does not begin at all has nothing to be quick with. */
static void known(void *data, int status)
{
	struct prime *prime = data;

	prime->wait = NULL;
	if (!status && prime->verdict == SSH_LOG_PRIMING_NEEDED)
		make_session(prime);
	else
		end_and_tell(prime);
}

struct prime *prime_create(uv_loop_t *loop, const char *socket, struct log_reader *log,
			   void (*told)(void *data), void *data)
{
	struct prime *prime = memory_alloc(sizeof(*prime));

	prime->loop = loop;
	prime->socket = memory_string(socket);
	prime->log = log;
	prime->told = told;
	prime->data = data;
	prime->handles = 2;
	uv_timer_init(loop, &prime->awaited);
	uv_timer_init(loop, &prime->deadline);
	prime->awaited.data = prime->deadline.data = prime;
	uv_timer_start(&prime->awaited, no_longer_awaited, AWAITED_MS, 0);
	prime->wait = log_wait_start(log, is_known, known, prime, PATIENCE_MS);
	return prime;
}

bool prime_is_awaited(const struct prime *prime)
{
	return uv_is_active((const uv_handle_t *)&prime->awaited);
}

bool prime_is_over(const struct prime *prime)
{
	return !prime->wait && !prime->wire;
}

void prime_destroy(struct prime *prime)
{
	if (!prime)
		return;
	end(prime);
	uv_close((uv_handle_t *)&prime->awaited, handle_closed);
	uv_close((uv_handle_t *)&prime->deadline, handle_closed);
}
