#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/tunnel/hop_look.h"
#include "exec/tunnel/probe_steps.h"
#include "exec/tunnel/reason.h"
#include "topology/base/memory.h"

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
	probe_fail(
		probe, PROBE_UNLEARNED, classify_code(code),
		&(struct ssh_fault_subject){.host = exit_of(probe)->host, .me = probe->target.me},
		words);
}

static void tell_unasked(void *data)
{
	struct probe *probe = data;
	char *words = memory_format("the ssh on %s, which has it, cannot be asked for a dial",
				    exit_of(probe)->client);

	probe_unlearned(probe, "unasked", words);
	free(words);
}

void probe_cannot_ask(struct probe *probe)
{
	probe->soon = delay_create(exit_of(probe)->engine->loop, tell_unasked, probe);
	delay_start(probe->soon, 0);
}

/*
 * Whether the chain may have stood still meanwhile. A short halt is seen by nobody: what the exit was asked for next has to have
 * been answered before the dial was late.
 */
static bool may_have_stood_still(const struct probe *probe)
{
	return hop_chain_since_ms(exit_of(probe)) > probe->started_ms ||
	       (probe->halfway && !probe->has_sign);
}

/* The exit answers for itself, so what it was asked for before was late, unless its chain stood still. */
static void judge_late(struct probe *probe)
{
	char words[40];

	snprintf(words, sizeof(words), "no answer within %d s", PROBE_DIAL_MS / 1000);
	if (may_have_stood_still(probe))
		probe_unlearned(probe, "late", "its chain stood still while it was probed");
	else
		probe_fail(probe, probe->proves_listener ? PROBE_UNLEARNED : PROBE_SILENT,
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

void probe_judge_exit(struct probe *probe, enum link_answer answer)
{
	switch (answer) {
	case LINK_OK:
	case LINK_REFUSED:
		judge_late(probe);
		break;
	case LINK_LATE:
		if (probe->target.on == exit_of(probe)->present &&
		    !hop_note_unheard(exit_of(probe)))
			probe_unlearned(probe, HOP_STOPPED_CODE, HOP_STOPPED_WORDS);
		else
			probe_unlearned(
				probe, hop_is_stitched(exit_of(probe)) ? "unheard" : "stalled",
				"nothing comes through its last hop, so it cannot be asked for");
		break;
	case LINK_GONE:
		ask_whether_it_lives(probe);
		break;
	case LINK_NO_ROOM:
		probe_unlearned(probe, "files", "no file could be opened to ask its ssh");
		break;
	case LINK_PROTOCOL:
		probe_unlearned(probe, "protocol", "its ssh does not speak the protocol");
		break;
	}
}

static void exit_answered(void *data, const struct exit_answer *answer)
{
	struct probe *probe = data;

	probe->exit_wait = NULL;
	probe_judge_exit(probe, answer->answer);
}

static void sign_came(void *data, const struct exit_answer *answer)
{
	struct probe *probe = data;

	probe->sign = NULL;
	probe->has_sign = answer->answer == LINK_OK || answer->answer == LINK_REFUSED;
}

static void ask_for_sign(void *data)
{
	struct probe *probe = data;

	probe->sign = exit_dial_ask(probe->target.on, HOP_NOWHERE, HOP_NOWHERE_PORT, PROBE_DOUBT_MS,
				    sign_came, probe);
}

/* The exit has not said in time what became of a dial: then it is asked for something that it must know. */
static void doubt(struct probe *probe)
{
	exit_dial_cancel(probe->sign);
	probe->sign = NULL;
	probe->exit_wait = exit_dial_ask(probe->target.on, HOP_NOWHERE, HOP_NOWHERE_PORT,
					 PROBE_DOUBT_MS, exit_answered, probe);
}

static void fail_refused(struct probe *probe, const char *words)
{
	struct strbuf line = {0};

	probe_fail(probe, PROBE_SILENT, classify(&probe->dialled, words, &line), &probe->dialled,
		   words);
	strbuf_finish(&line);
}

static void cause_told(void *data, const struct exit_answer *answer)
{
	struct probe *probe = data;

	probe->exit_wait = NULL;
	if (answer->answer == LINK_REFUSED)
		probe->dialled.known |= classify_closed_port(answer->words);
	fail_refused(probe, probe->said);
}

void probe_refused(struct probe *probe, const struct ssh_fault_subject *dialled, const char *words)
{
	struct strbuf line = {0};
	const struct ssh_fault *fault = classify(dialled, words, &line);

	probe->dialled = *dialled;
	if (classify_leaves_open(fault)) {
		memory_replace(&probe->said, words);
		dial_by_exit(probe, CANDOUR_HOST, CANDOUR_PORT, cause_told);
	} else {
		fail_refused(probe, words);
	}
	strbuf_finish(&line);
}

/* The exit could not dial, or has not said so. */
static void exit_failed(struct probe *probe, const char *host, const char *address, uint16_t port,
			const struct exit_answer *answer)
{
	probe->dialled = probe_egress(probe, false);
	probe->dialled.host = host;
	probe->dialled.address = address;
	probe->dialled.port = port;
	if (answer->answer == LINK_REFUSED)
		probe_refused(probe, &probe->dialled, answer->words);
	else if (answer->answer == LINK_LATE)
		doubt(probe);
	else
		probe_judge_exit(probe, answer->answer);
}

void probe_exit_is_late(struct probe *probe, const struct ssh_fault_subject *dialled)
{
	probe->dialled = *dialled;
	doubt(probe);
}

/* Its sshd said yes, and says yes to everything. */
static void unproven(struct probe *probe)
{
	probe_unlearned(
		probe, "says_yes",
		"the server there says of a closed port, too, that it opened, and nothing came "
		"from the egress by itself");
}

/* The exit says that a connection stands, and it was asked what that is worth. */
static void judge_opened(struct probe *probe)
{
	switch (probe->target.on->candour.state) {
	case CANDOUR_PROVES:
		probe_go_on(probe);
		break;
	case CANDOUR_OPENS_ALL:
		unproven(probe);
		break;
	case CANDOUR_UNASKED:
	case CANDOUR_ASKED:
		probe_unlearned(probe, "late", "its chain stood still while it was probed");
		break;
	}
}

static void candour_told(void *data, const struct exit_answer *answer);

/* It was not answered, and something else is asked. */
static void await_doubt(struct probe *probe)
{
	probe->doubts = true;
	probe->exit_wait = exit_dial_ask(probe->target.on, HOP_NOWHERE, HOP_NOWHERE_PORT,
					 CANDOUR_DOUBT_MS, candour_told, probe);
}

static void candour_told(void *data, const struct exit_answer *answer)
{
	struct probe *probe = data;
	struct incarnation *on = probe->target.on;

	probe->exit_wait = NULL;
	if (answer->answer == LINK_GONE || answer->answer == LINK_NO_ROOM ||
	    answer->answer == LINK_PROTOCOL)
		probe_judge_exit(probe, answer->answer);
	else if (answer->answer == LINK_LATE && !probe->doubts &&
		 on->candour.state == CANDOUR_ASKED)
		await_doubt(probe);
	else
		judge_opened(probe);
}

void probe_opened(struct probe *probe)
{
	struct incarnation *on = probe->target.on;

	candour_ask(on);
	/* The answer serves both. */
	if (on->candour.state == CANDOUR_ASKED)
		dial_by_exit(probe, CANDOUR_HOST, CANDOUR_PORT, candour_told);
	else
		judge_opened(probe);
}

static void egress_answered(void *data, const struct exit_answer *answer)
{
	struct probe *probe = data;
	const struct mux_forward *forward = probe->target.forward;

	probe->exit_wait = NULL;
	if (answer->answer != LINK_OK)
		exit_failed(probe, probe_egress_name(probe), forward->target, forward->target_port,
			    answer);
	else if (answer->heard)
		probe_go_on(probe);
	else
		probe_opened(probe);
}

void probe_exit_dials_egress(struct probe *probe)
{
	const struct mux_forward *forward = probe->target.forward;

	probe->halfway = delay_create(exit_of(probe)->engine->loop, ask_for_sign, probe);
	delay_start(probe->halfway, PROBE_SIGN_MS);
	dial_by_exit(probe, forward->target, forward->target_port, egress_answered);
}

/* What a dynamic forward may make of that a port, on which nobody listens, was refused. */
static void judge_refusal(struct probe *probe, const struct exit_answer *answer)
{
	const struct master *master = probe->target.on->master;

	if (reason_is(answer->words, REASON_UNKNOWN_TYPE))
		exit_failed(probe, exit_of(probe)->host, CANDOUR_HOST, CANDOUR_PORT, answer);
	else if (reason_is(answer->words, REASON_PROHIBITED))
		probe_unlearned(probe, "forbidden_place", answer->words);
	else if (reason_is(answer->words, REASON_CONNECT_FAILED) && master &&
		 ssh_log_is_openssh(master_log(master)))
		probe_go_on(probe);
	else
		probe_unlearned(probe, "says_no", answer->words);
}

static void closed_port_answered(void *data, const struct exit_answer *answer)
{
	struct probe *probe = data;

	probe->exit_wait = NULL;
	if (answer->answer == LINK_OK)
		unproven(probe);
	else if (answer->answer == LINK_REFUSED)
		judge_refusal(probe, answer);
	else
		exit_failed(probe, exit_of(probe)->host, CANDOUR_HOST, CANDOUR_PORT, answer);
}

void probe_exit_dials_closed_port(struct probe *probe)
{
	dial_by_exit(probe, CANDOUR_HOST, CANDOUR_PORT, closed_port_answered);
}
