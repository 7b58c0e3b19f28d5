#include <errno.h>
#include <string.h>

#include "exec/tunnel/probe_steps.h"

/* libuv's codes below this one are the resolver's; the others are the system's. */
#define RESOLVER_CODES (-1000)

/* Says it as ssh would: the table of classify.c knows those words. */
static const char *status_words(int status)
{
	return status < RESOLVER_CODES ? "Could not resolve hostname" : strerror(-status);
}

static void listener_answered(void *data, int status)
{
	struct probe *probe = data;
	const struct mux_forward *forward = probe->target.forward;
	const struct ssh_fault_subject subject = {.host = probe->target.ingress_host,
						  .address = forward->bind,
						  .port = forward->bind_port,
						  .from = probe->target.me,
						  .about = FAULT_LOCAL_INGRESS,
						  .me = probe->target.me};

	probe->dial = NULL;
	if (status == 0)
		probe_go_on(probe);
	else
		probe_fail(probe, PROBE_NOT_LISTENING, classify_code("not_accepting"), &subject,
			   status_words(status));
}

void probe_dial_listener(struct probe *probe)
{
	const struct mux_forward *forward = probe->target.forward;
	struct uv_loop_s *loop = probe->target.on->hop->engine->loop;

	if (forward->bind_path)
		probe->dial = dial_unix(loop, forward->bind_path, listener_answered, probe);
	else
		probe->dial = dial_tcp(loop, probe_dialled(forward->bind), forward->bind_port,
				       PROBE_DIAL_MS, listener_answered, probe);
}

/* Appends what ssh would say of a connection that it could not make. */
static void connect_words(const struct mux_forward *forward, const char *why, struct strbuf *words)
{
	if (forward->target_path)
		strbuf_printf(words, "connect to %s: %s", forward->target_path, why);
	else
		strbuf_printf(words, "connect to %s port %u: %s", forward->target,
			      forward->target_port, why);
}

/* Ends the probe with the words of its ssh, or those of a connect to what is behind a remote listener. */
static void fail_by_words(struct probe *probe, const char *words)
{
	const struct mux_forward *forward = probe->target.forward;
	const bool remote = forward->type == PLAN_REMOTE;
	const struct ssh_fault_subject subject = probe_egress(probe, remote);
	struct strbuf said = {0}, line = {0};

	if (!remote) {
		probe_refused(probe, &subject, words);
		return;
	}
	connect_words(forward, words, &said);
	probe_fail(probe, PROBE_SILENT, classify(&subject, words, &line), &subject,
		   strbuf_text(&said));
	strbuf_finish(&said);
	strbuf_finish(&line);
}

static void own_egress_answered(void *data, int status)
{
	struct probe *probe = data;

	probe->dial = NULL;
	if (status)
		fail_by_words(probe, status_words(status));
	else
		probe_go_on(probe);
}

void probe_dial_egress(struct probe *probe)
{
	const struct mux_forward *forward = probe->target.forward;
	struct uv_loop_s *loop = probe->target.on->hop->engine->loop;

	if (forward->target_path)
		probe->dial = dial_unix(loop, forward->target_path, own_egress_answered, probe);
	else
		probe->dial = dial_tcp(loop, forward->target, forward->target_port, PROBE_DIAL_MS,
				       own_egress_answered, probe);
}

/* Whether a connection to the listener has ended its way since the step began; any is as good as ours. */
static bool outcome_is_known(void *data, const struct ssh_log *log)
{
	const struct probe *probe = data;
	const struct ssh_log_use use = ssh_log_use(log, probe->target.forward, NULL);

	return use.opened != probe->used.opened || use.refused != probe->used.refused;
}

/* Its ssh has not said in time what became of the connection. */
static void outcome_is_late(struct probe *probe)
{
	const struct mux_forward *forward = probe->target.forward;
	const struct ssh_fault_subject subject = probe_egress(probe, false);

	if (forward->type == PLAN_REMOTE)
		fail_by_words(probe, "Connection timed out");
	else
		probe_exit_is_late(probe, &subject);
}

static void log_told(void *data, int status)
{
	struct probe *probe = data;
	const struct mux_forward *forward = probe->target.forward;
	const struct master *master = probe->target.on->master;
	struct ssh_log_use use;
	const char *words;

	probe->wait = NULL;
	if (!master) {
		probe_judge_exit(probe, LINK_GONE);
		return;
	}
	if (status) {
		outcome_is_late(probe);
		return;
	}
	use = ssh_log_use(master_log(master), forward, &words);
	if (use.opened == probe->used.opened)
		fail_by_words(probe, words);
	else if (forward->type == PLAN_REMOTE)
		probe_go_on(probe);
	else
		probe_opened(probe);
}

/* The dial itself is over; the exit's word on it may still be on its way. */
void probe_read_outcome(struct probe *probe)
{
	const struct incarnation *on = probe->target.on;

	if (!on->master) {
		probe_unlearned(probe, "parent", "the hop is gone");
		return;
	}
	probe->wait = log_wait_start(master_reader(on->master), outcome_is_known, log_told, probe,
				     PROBE_DIAL_MS);
}

void probe_dial_through(struct probe *probe)
{
	static const probe_step then[] = {probe_read_outcome, NULL};

	probe->next = then;
	candour_ask(probe->target.on);
	probe->used =
		ssh_log_use(master_log(probe->target.on->master), probe->target.forward, NULL);
	probe_dial_listener(probe);
}
