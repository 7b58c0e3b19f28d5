/*
 * Up facts: what the user's ssh_config states of the hops that an `up` starts (ssh_facts.h).
 *
 * To ask ssh takes as long as to open a tunnel over a chain that is up. So a running supervisor is asked first
 * which hops are up: no ssh of these is about to start. The others are asked about while the supervisor starts.
 */
#ifndef TUNPLAN_CMD_UP_FACTS_H
#define TUNPLAN_CMD_UP_FACTS_H

#include "cmd/supervise.h"
#include "exec/ssh/ssh_config.h"

struct up_facts {
	const struct plan **plans; /* of the tunnels; borrowed */
	size_t plan_count;
	struct ssh_config config;
	struct strbuf lines;
	bool *is_up; /* by the hops of all plans, one plan behind the other; or NULL: none */
};

/*
 * Asks the supervisor, if the talk is connected to one, and begins to ask ssh about the hops that are not up.
 * Returns EXIT_DONE; or prints why the talk has ended and returns the exit status.
 */
int up_facts_begin(struct up_facts *facts, struct supervise *talk);

/*
 * Waits for what ssh says, and puts it where the supervisor's hops look for it: into this program's environment. Returns
 * EXIT_DONE; or the exit status after it printed that ssh is no OpenSSH, or that the talk's patience has ended.
 */
int up_facts_export(struct up_facts *facts, const struct supervise *talk);

/* Forgets which hops are up: their supervisor leaves. */
void up_facts_forget(struct up_facts *facts);

void up_facts_finish(struct up_facts *facts);

#endif
