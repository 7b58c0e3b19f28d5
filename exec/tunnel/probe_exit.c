#include <stdbool.h>
#include <string.h>

#include "exec/tunnel/probe_steps.h"
#include "planner/reach/permit.h"

/* Where hardly anything listens: a host that answers "refused" does forward. */
#define CLOSED_PORT 1

static void dial_by_exit(struct probe *probe, const char *address, uint16_t port,
			 exit_dial_done done)
{
	probe->exit_wait =
		exit_dial_ask(probe->target.on, address, port, PROBE_DIAL_MS, done, probe);
}

static const struct live_hop *exit_of(const struct probe *probe)
{
	return probe->target.on->hop;
}

/* What to say of an exit that could not, or did not, dial. */
static const struct {
	const char *code; /* NULL: the words of its ssh tell */
	const char *words;
} reasons[] = {
	[LINK_REFUSED] = {NULL, NULL},
	[LINK_LATE] = {"timeout", NULL},
	[LINK_GONE] = {"parent", "the hop is gone"},
	[LINK_PROTOCOL] = {"protocol", "its ssh does not speak the protocol"},
};

/* The exit could not dial: the egress is silent, and the words say why. */
static void silent(struct probe *probe, enum link_answer answer, const char *said)
{
	const struct ssh_fault_subject *subject = &probe->dialled;
	struct strbuf words = {0}, line = {0};
	const struct ssh_fault *fault;

	if (answer == LINK_LATE)
		strbuf_printf(&words, "no answer within %d s", PROBE_DIAL_MS / 1000);
	else
		strbuf_puts(&words, reasons[answer].words ? reasons[answer].words : said);
	fault = reasons[answer].code ? classify_code(reasons[answer].code)
				     : classify(strbuf_text(&words), &line);
	probe_fail(probe, PROBE_SILENT, fault, subject, strbuf_text(&words));
	strbuf_finish(&words);
	strbuf_finish(&line);
}

/* Either the exit answers for itself, and the egress does not, or nothing can be said of the egress. */
static void exit_answered(void *data, enum link_answer answer, const char *words)
{
	struct probe *probe = data;
	struct live_hop *hop = probe->target.on->hop;

	probe->exit_wait = NULL;
	if (answer != LINK_LATE) {
		silent(probe, answer == LINK_OK || answer == LINK_REFUSED ? LINK_LATE : answer,
		       words);
		return;
	}
	hop_quiet(hop, "stalled", "its host does not answer through it");
	probe_fail(probe, PROBE_SILENT, classify_code("stalled"),
		   &(struct ssh_fault_subject){.host = hop->host},
		   "nothing comes through its last hop, so it cannot be asked for");
}

/* The exit could not dial, or has not said so in time: then it is asked for something that it must know. */
static void exit_failed(struct probe *probe, const char *host, const char *address, uint16_t port,
			enum link_answer answer, const char *said)
{
	probe->dialled = (struct ssh_fault_subject){host, address, port, exit_of(probe)->host};
	if (answer == LINK_LATE)
		probe->exit_wait = exit_dial_ask(probe->target.on, "127.0.0.1", CLOSED_PORT,
						 PROBE_DOUBT_MS, exit_answered, probe);
	else
		silent(probe, answer, said);
}

static void egress_answered(void *data, enum link_answer answer, const char *words)
{
	struct probe *probe = data;
	const struct mux_forward *forward = probe->target.forward;

	probe->exit_wait = NULL;
	if (answer == LINK_OK)
		probe_go_on(probe);
	else
		exit_failed(probe, probe_egress_name(probe), forward->target, forward->target_port,
			    answer, words);
}

void probe_exit_dials_egress(struct probe *probe)
{
	const struct mux_forward *forward = probe->target.forward;

	dial_by_exit(probe, forward->target, forward->target_port, egress_answered);
}

static void closed_port_answered(void *data, enum link_answer answer, const char *words)
{
	struct probe *probe = data;

	probe->exit_wait = NULL;
	if (answer == LINK_OK ||
	    (answer == LINK_REFUSED && strstr(words, "Connection refused") != NULL))
		probe_go_on(probe);
	else
		exit_failed(probe, exit_of(probe)->host, "127.0.0.1", CLOSED_PORT, answer, words);
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

static void remote_listener_answered(void *data, enum link_answer answer, const char *words)
{
	struct probe *probe = data;
	const struct mux_forward *forward = probe->target.forward;
	const struct ssh_fault_subject subject = {probe->target.ingress_host, forward->bind,
						  forward->bind_port, probe->target.me};

	probe->exit_wait = NULL;
	if (answer == LINK_REFUSED && strstr(words, "Connection refused"))
		/* Only a refusal proves that nothing listens; an exit that may not dial it proves nothing. */
		probe_fail(probe, PROBE_NOT_LISTENING,
			   classify_code(permit_listens_by_default(forward->bind) ? "not_accepting"
										  : "narrowed"),
			   &subject, words);
	else if (answer == LINK_OK || answer == LINK_REFUSED)
		probe_go_on(probe);
	else
		exit_failed(probe, probe->target.ingress_host, listener_address(probe),
			    forward->bind_port, answer, words);
}

void probe_exit_dials_listener(struct probe *probe)
{
	dial_by_exit(probe, listener_address(probe), probe->target.forward->bind_port,
		     remote_listener_answered);
}
