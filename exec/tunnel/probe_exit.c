#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "exec/ssh/ssh_log.h"
#include "exec/tunnel/probe_steps.h"
#include "planner/reach/permit.h"

/* Where hardly anything listens: a host that answers "refused" does forward. */
#define CLOSED_PORT 1

static void dial_by_exit(struct probe *probe, const char *address, uint16_t port, mux_done done)
{
	const struct live_hop *hop = probe->target.hop;

	probe->log_from = master_log_size(hop->master);
	probe->call = mux_dial(hop->engine->loop, master_socket(hop->master), address, port,
			       PROBE_DIAL_MS, done, probe);
}

/* Reads why the exit could not connect; falls back to what the control socket gave. */
static void refusal_words(const struct probe *probe, const char *address, uint16_t port, int status,
			  struct strbuf *words)
{
	const struct live_hop *hop = probe->target.hop;
	struct strbuf log = {0};

	if (hop->master)
		master_log(hop->master, probe->log_from, &log);
	if (status == -ETIMEDOUT)
		strbuf_printf(words, "no answer within %d s", PROBE_DIAL_MS / 1000);
	else if (!ssh_log_dial_failure(strbuf_text(&log), address, port, words))
		strbuf_puts(words, strerror(-status));
	strbuf_finish(&log);
}

/* The exit could not dial: the egress is silent, and the words say why. */
static void exit_failed(struct probe *probe, const char *host, const char *address, uint16_t port,
			int status)
{
	struct ssh_fault_subject subject = {host, address, port, probe->target.hop->host};
	struct strbuf words = {0}, line = {0};
	const struct ssh_fault *fault;

	if (status == -EAGAIN) {
		/* Nothing was dialled, so there is nothing to say of the egress. */
		subject.host = probe->target.hop->host;
		probe_fail(probe, PROBE_SILENT, classify_code("busy"), &subject,
			   "its ssh was too busy to be asked");
		return;
	}
	refusal_words(probe, address, port, status, &words);
	fault = status == -ETIMEDOUT ? classify_code("timeout")
				     : classify(strbuf_text(&words), &line);
	probe_fail(probe, PROBE_SILENT, fault, &subject, strbuf_text(&words));
	strbuf_finish(&words);
	strbuf_finish(&line);
}

static void egress_answered(void *data, int status, uint32_t value)
{
	struct probe *probe = data;
	const struct mux_forward *forward = probe->target.forward;

	(void)value;
	probe->call = NULL;
	if (status == 0)
		probe_go_on(probe);
	else
		exit_failed(probe, probe_egress_name(probe), forward->target, forward->target_port,
			    status);
}

void probe_exit_dials_egress(struct probe *probe)
{
	const struct mux_forward *forward = probe->target.forward;

	dial_by_exit(probe, forward->target, forward->target_port, egress_answered);
}

static void closed_port_answered(void *data, int status, uint32_t value)
{
	struct probe *probe = data;
	struct strbuf words = {0};
	bool forwards = status == 0;

	(void)value;
	probe->call = NULL;
	if (status == -ECONNREFUSED) {
		refusal_words(probe, "127.0.0.1", CLOSED_PORT, status, &words);
		forwards = strstr(strbuf_text(&words), "Connection refused") != NULL;
	}
	strbuf_finish(&words);
	if (forwards)
		probe_go_on(probe);
	else
		exit_failed(probe, probe->target.hop->host, "127.0.0.1", CLOSED_PORT, status);
}

void probe_exit_dials_closed_port(struct probe *probe)
{
	dial_by_exit(probe, "127.0.0.1", CLOSED_PORT, closed_port_answered);
}

/*
 * Returns where the exit is to dial its own listener: a wildcard must show on an address that others
 * know, or else it was narrowed to loopback.
 */
static const char *listener_address(const struct probe *probe)
{
	const char *bind = probe->target.forward->bind;
	const char *own = probe->target.ingress_address;

	return own && strcmp(bind, probe_dialled(bind)) != 0 ? own : bind;
}

static void remote_listener_answered(void *data, int status, uint32_t value)
{
	struct probe *probe = data;
	const struct mux_forward *forward = probe->target.forward;
	struct ssh_fault_subject subject = {probe->target.ingress_host, forward->bind,
					    forward->bind_port, probe->target.me};
	struct strbuf words = {0};
	bool absent;

	(void)value;
	probe->call = NULL;
	refusal_words(probe, listener_address(probe), forward->bind_port, status, &words);
	/* Only a refusal proves that nothing listens; an exit that may not dial it proves nothing. */
	absent = status == -ECONNREFUSED && strstr(strbuf_text(&words), "Connection refused");
	if (absent)
		probe_fail(probe, PROBE_NOT_LISTENING,
			   classify_code(permit_listens_by_default(forward->bind) ? "not_accepting"
										  : "narrowed"),
			   &subject, strbuf_text(&words));
	strbuf_finish(&words);
	if (!absent)
		probe_go_on(probe);
}

void probe_exit_dials_listener(struct probe *probe)
{
	dial_by_exit(probe, listener_address(probe), probe->target.forward->bind_port,
		     remote_listener_answered);
}
