/*
 * Login files: whether what a hop's login depends on has changed on this machine: keys, known hosts, the socket of the
 * agent, and ssh's own configuration.
 *
 * Looked at are the files right in ~/.ssh and /etc/ssh, those that the topology or the user's ssh_config names elsewhere,
 * as far as ssh was asked (ssh_facts.h), and the socket. What an agent holds, agent_keys.h sees.
 */
#ifndef TUNPLAN_EXEC_SSH_LOGIN_FILES_H
#define TUNPLAN_EXEC_SSH_LOGIN_FILES_H

#include "planner/model/plan.h"

/*
 * Returns what is looked at for a hop, NULL-terminated, in arena; of a directory, all files in it. env (NULL-terminated) is
 * that of its ssh, facts the lines of ssh_facts.h, or NULL. Pure.
 */
const char *const *login_files_list(const struct plan_hop *hop, const char *const *env,
				    const char *facts, struct arena *arena);

/* Returns a number that is another when one of them was changed, made, removed, or given other rights. */
uint64_t login_files_signature(const struct plan_hop *hop, const char *const *env,
			       const char *facts);

/* Returns the path of the agent's socket that such a login asks, in arena, or NULL: there is none. */
const char *login_files_agent(const struct plan_hop *hop, const char *const *env, const char *facts,
			      struct arena *arena);

#endif
