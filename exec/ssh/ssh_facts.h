/*
 * Ssh facts: what the user's ssh_config states of the hops, as far as it changes how ssh is called.
 *
 * Of an option that ssh is given twice the first counts, so an option of ours displaces the user's own.
 * Whoever asks for tunnels therefore asks ssh first (ssh_config.h), and sends what ssh said along in a
 * variable of the environment, for the masters to be called by: lines "QUESTION<tab>keyword value". The
 * question is the words with which ssh was asked about a hop, the rest is as `ssh -G` prints it. What ssh
 * does by itself is not among them. Pure.
 */
#ifndef TUNPLAN_EXEC_SSH_SSH_FACTS_H
#define TUNPLAN_EXEC_SSH_SSH_FACTS_H

#include "planner/model/plan.h"
#include "topology/base/strbuf.h"

/* A keyword of ours: the files that a login depends on, as far as they are not where all have theirs. */
#define SSH_FACTS_FILES "files"

/* The variable with the lines. */
#define SSH_FACTS_VARIABLE "TUNPLAN_SSH_CONFIG"

/*
 * Returns the argv that asks ssh about a hop, NULL-terminated, in arena. All that the user's ssh_config
 * may go by (`Match`, canonical names) is in it as a master has it, and nothing that the ssh_config is
 * asked for. by_hand: as a master that nobody guards against the ssh_config, as if typed.
 */
const char *const *ssh_facts_question(const struct plan_hop *hop, bool by_hand,
				      struct arena *arena);

/* Returns the value of a keyword (in lower case) of an answer of `ssh -G`, in arena; or NULL. */
const char *ssh_facts_value(const char *answer, const char *keyword, struct arena *arena);

/* Appends the lines of a hop, by the answer to its question (that of a master). */
void ssh_facts_add(const struct plan_hop *hop, const char *answer, struct strbuf *facts);

/* Whether the lines (or NULL) are also about a hop: ssh was asked, though it may have stated nothing. */
bool ssh_facts_has(const char *facts, const struct plan_hop *hop);

/* Returns what the lines (or NULL) state of a hop under a keyword, in arena; or NULL. */
const char *ssh_facts_find(const char *facts, const struct plan_hop *hop, const char *keyword,
			   struct arena *arena);

#endif
