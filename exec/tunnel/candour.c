#include "exec/tunnel/candour.h"

#include <stdlib.h>

#include "exec/system/clock.h"
#include "exec/tunnel/exit_dial.h"
#include "exec/tunnel/hop.h"
#include "topology/base/memory.h"

/* For the answer. */
#define ANSWER_MS 5000
/* A server that opens all does so in the order in which it is asked: it does not answer what was asked later so soon, and this never. */
#define SWIFT_MS (ANSWER_MS / 2)

/*
 * What an answer tells. A firewall may drop what goes to that port: nothing is held against a server that soon answered
 * what was asked after it. Over a slow link it is only late.
 */
static enum candour judge(const struct incarnation *incarnation, enum link_answer answer)
{
	switch (answer) {
	case LINK_OK:
		return CANDOUR_OPENS_ALL;
	case LINK_REFUSED:
		return CANDOUR_PROVES;
	default:
		return incarnation->candour.swift > incarnation->candour.asked ? CANDOUR_PROVES
									       : CANDOUR_UNASKED;
	}
}

static void answered(void *data, const struct exit_answer *answer)
{
	struct incarnation *incarnation = data;
	struct candour_of *candour = &incarnation->candour;

	candour->wait = NULL;
	candour->state = judge(incarnation, answer->answer);
	if (answer->answer == LINK_REFUSED)
		memory_replace(&candour->words, answer->words);
	exit_dials_judge(incarnation);
}

void candour_ask(struct incarnation *incarnation)
{
	struct candour_of *candour = &incarnation->candour;

	if (candour->state != CANDOUR_UNASKED)
		return;
	/* In vain, and nothing has come from there since. */
	if (candour->asked_ms && incarnation->hop->verified_ms <= candour->asked_ms)
		return;
	candour->state = CANDOUR_ASKED;
	candour->asked_ms = clock_ms();
	candour->wait = exit_dial_ask(incarnation, CANDOUR_HOST, CANDOUR_PORT, ANSWER_MS, answered,
				      incarnation);
}

unsigned candour_dials(struct incarnation *incarnation, bool asks)
{
	struct candour_of *candour = &incarnation->candour;

	candour->dials++;
	if (asks)
		candour->asked = candour->dials;
	return candour->dials;
}

void candour_heard(struct incarnation *incarnation, uint64_t dialled_ms, unsigned dial)
{
	if (clock_ms() - dialled_ms <= SWIFT_MS)
		incarnation->candour.swift = dial;
}

void candour_finish(struct candour_of *candour)
{
	exit_dial_cancel(candour->wait);
	free(candour->words);
	*candour = (struct candour_of){.state = CANDOUR_UNASKED};
}
