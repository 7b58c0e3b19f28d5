#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "exec/tunnel/hop_look.h"
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

static struct live_hop *exit_of(const struct probe *probe)
{
	return probe->target.on->hop;
}

/* No ssh has carried the probe out: that says nothing of the egress. */
void probe_unlearned(struct probe *probe, const char *code, const char *words)
{
	probe_fail(probe, PROBE_UNLEARNED, classify_code(code),
		   &(struct ssh_fault_subject){.host = exit_of(probe)->host}, words);
}

/* The exit answers for itself, so what it was asked for before was late, unless it stood still meanwhile. */
static void judge_late(struct probe *probe)
{
	char words[40];

	snprintf(words, sizeof(words), "no answer within %d s", PROBE_DIAL_MS / 1000);
	if (exit_of(probe)->since_ms > probe->started_ms)
		probe_unlearned(probe, "late", "its ssh stood still while it was probed");
	else
		probe_fail(probe, probe->dials_listener ? PROBE_UNLEARNED : PROBE_SILENT,
			   classify_code("timeout"), &probe->dialled, words);
}

static void lives(void *data, const struct link_result *result)
{
	struct probe *probe = data;

	(void)result;
	probe->question = NULL;
	probe_unlearned(probe, "parent", "its ssh cannot be asked any more");
}

/* It ends, or only nothing new can be asked of it: the held connection knows. */
static void ask_whether_it_lives(struct probe *probe)
{
	struct link *link = incarnation_link(probe->target.on);

	if (link)
		probe->question = link_ask(link, PROBE_DOUBT_MS, lives, probe);
	else
		lives(probe, NULL);
}

static void exit_answered(void *data, enum link_answer answer, const char *words)
{
	struct probe *probe = data;

	(void)words;
	probe->exit_wait = NULL;
	switch (answer) {
	case LINK_OK:
	case LINK_REFUSED:
		judge_late(probe);
		break;
	case LINK_LATE:
		if (probe->target.on == exit_of(probe)->present)
			hop_quiet(exit_of(probe), "stalled", "its host does not answer through it");
		probe_unlearned(probe, "stalled",
				"nothing comes through its last hop, so it cannot be asked for");
		break;
	case LINK_GONE:
		ask_whether_it_lives(probe);
		break;
	case LINK_PROTOCOL:
		probe_unlearned(probe, "protocol", "its ssh does not speak the protocol");
		break;
	}
}

/* The exit has not said in time what became of a dial: then it is asked for something that it must know. */
static void doubt(struct probe *probe)
{
	probe->exit_wait = exit_dial_ask(probe->target.on, HOP_NOWHERE, HOP_NOWHERE_PORT,
					 PROBE_DOUBT_MS, exit_answered, probe);
}

/* The exit could not dial, or has not said so. */
static void exit_failed(struct probe *probe, const char *host, const char *address, uint16_t port,
			enum link_answer answer, const char *said)
{
	struct strbuf line = {0};

	probe->dialled = (struct ssh_fault_subject){host, address, port, exit_of(probe)->host};
	if (answer == LINK_REFUSED)
		probe_fail(probe, PROBE_SILENT, classify(said, &line), &probe->dialled, said);
	else if (answer == LINK_LATE)
		doubt(probe);
	else
		exit_answered(probe, answer, said);
	strbuf_finish(&line);
}

void probe_exit_is_late(struct probe *probe, const struct ssh_fault_subject *dialled)
{
	probe->dialled = *dialled;
	doubt(probe);
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
	probe->dials_listener = true;
	dial_by_exit(probe, listener_address(probe), probe->target.forward->bind_port,
		     remote_listener_answered);
}
