#include "exec/tunnel/candour.h"

#include <stdlib.h>

#include "exec/system/clock.h"
#include "exec/tunnel/exit_dial.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/hop_look.h"
#include "topology/base/memory.h"

/* For the answer. */
#define ANSWER_MS 5000

static void settle(struct incarnation *incarnation, enum candour state)
{
	incarnation->candour.state = state;
	exit_dials_judge(incarnation);
}

/* What an answer to either question tells: one that says yes to a place that nobody has says yes to all. */
static enum candour judge(enum link_answer answer)
{
	if (answer == LINK_OK)
		return CANDOUR_OPENS_ALL;
	return answer == LINK_REFUSED ? CANDOUR_PROVES : CANDOUR_UNASKED;
}

static void doubted(void *data, const struct exit_answer *answer)
{
	struct incarnation *incarnation = data;

	incarnation->candour.wait = NULL;
	settle(incarnation, judge(answer->answer));
}

/*
 * A firewall may drop what goes to that port: nothing is held against a server that answers, when it is asked next, for a place
 * that any server can answer for. One that does not answer then, either, is behind a link that stands still.
 */
static void answered(void *data, const struct exit_answer *answer)
{
	struct incarnation *incarnation = data;
	struct candour_of *candour = &incarnation->candour;

	candour->wait = NULL;
	if (answer->answer == LINK_REFUSED)
		memory_replace(&candour->words, answer->words);
	if (answer->answer == LINK_LATE)
		candour->wait = exit_dial_ask(incarnation, HOP_NOWHERE, HOP_NOWHERE_PORT,
					      CANDOUR_DOUBT_MS, doubted, incarnation);
	else
		settle(incarnation, judge(answer->answer));
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

void candour_finish(struct candour_of *candour)
{
	exit_dial_cancel(candour->wait);
	free(candour->words);
	*candour = (struct candour_of){.state = CANDOUR_UNASKED};
}
