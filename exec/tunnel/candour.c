#include "exec/tunnel/candour.h"

#include <stdlib.h>

#include "exec/tunnel/exit_dial.h"
#include "exec/tunnel/hop.h"
#include "topology/base/memory.h"

/* For the answer. A firewall may drop what goes to that port, and then nothing is held against the server. */
#define ANSWER_MS 5000

static void answered(void *data, const struct exit_answer *answer)
{
	struct incarnation *incarnation = data;
	struct candour_of *candour = &incarnation->candour;

	candour->wait = NULL;
	candour->state = answer->answer == LINK_OK ? CANDOUR_OPENS_ALL : CANDOUR_PROVES;
	if (answer->answer == LINK_REFUSED)
		memory_replace(&candour->words, answer->words);
	exit_dials_judge(incarnation);
}

void candour_ask(struct incarnation *incarnation)
{
	struct candour_of *candour = &incarnation->candour;

	if (candour->state != CANDOUR_UNASKED)
		return;
	candour->state = CANDOUR_ASKED;
	candour->wait = exit_dial_ask(incarnation, CANDOUR_HOST, CANDOUR_PORT, ANSWER_MS, answered,
				      incarnation);
}

void candour_finish(struct candour_of *candour)
{
	exit_dial_cancel(candour->wait);
	free(candour->words);
	*candour = (struct candour_of){.state = CANDOUR_UNASKED};
}
