/*
 * Adopt: what becomes of that which a supervisor has left that is no more, by what it has written down (record.h).
 *
 * A new supervisor plans each tunnel again that was wanted, from the same text, and makes it; its hops take over the
 * ssh processes that were theirs (hop_adopt.h), and its forwards ask these again for their listeners (stray.h). So a
 * tunnel that was up is up again at once, and no connection through it is lost. Where it was not, and another path on
 * trial for it was, it goes on by that. One of which no ssh lives has failed, and one that this program cannot plan any
 * more keeps its ssh processes, until somebody brings it up or takes it down. What is left of ssh processes and
 * listeners then is ended.
 *
 * Who only looks adopts nothing.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_ADOPT_H
#define TUNPLAN_EXEC_SUPERVISOR_ADOPT_H

#include <jansson.h>

#include "exec/tunnel/engine.h"

/*
 * Takes over what the record of a runtime directory names, and adds what had failed, or cannot go on, to failed (failed.h). The
 * engine's next step does it.
 */
void adopt(struct engine *engine, const struct runtime *from, json_t *failed);

/* Whether a wish that is kept though it cannot be planned has a hop whose identity has that hash. */
bool adopt_keeps(const json_t *failed, uint64_t hash);

/*
 * Looks at the record of a runtime directory where there is no supervisor: returns whether nobody watches what it names, and
 * adds how many of the ssh processes still run to *running. What it wants, and what had failed, is added to failed.
 */
bool adopt_look(const struct runtime *from, size_t *running, json_t *failed);

#endif
