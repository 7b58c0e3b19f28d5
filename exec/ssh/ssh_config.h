/*
 * Ssh config: what the user's ssh_config(5) sets for a destination.
 *
 * Asked of ssh itself, by `ssh -G`, which reads the files and connects to nothing. The answers go
 * to the planner as facts (struct plan_fact), and a plan shows them as assumptions.
 */
#ifndef TUNPLAN_EXEC_SSH_SSH_CONFIG_H
#define TUNPLAN_EXEC_SSH_SSH_CONFIG_H

#include <stdbool.h>

#include "planner/model/plan.h"
#include "topology/base/strbuf.h"

/*
 * Asks what is dialled for a destination (an address, a name or an alias). Returns true and fills
 * *ret_fact but for its host (texts in arena; the user is NULL if it is who we are), or false where ssh
 * does not say: there is none, or it does not like the files.
 */
bool ssh_config_ask(const char *destination, struct arena *arena, struct plan_fact *ret_fact);

/* What the user's ssh_config wants ignored (IgnoreUnknown), of all destinations that were asked about. */
struct ssh_ignored {
	struct strbuf asked; /* destinations, line feeds before, between and behind them */
	struct strbuf names; /* keywords and patterns, and commas likewise; or empty */
};

/*
 * Adds what is ignored for the hops of a plan, in each of which ssh reads the user's files. Nothing is
 * added where ssh does not say.
 */
void ssh_config_ignored(const struct plan *plan, struct ssh_ignored *ignored);

void ssh_config_ignored_finish(struct ssh_ignored *ignored);

#endif
