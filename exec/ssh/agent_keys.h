/*
 * Agent keys: whether the keys that an ssh agent holds have changed since a login failed.
 *
 * An agent is asked for its list as `ssh-add -l` does, over a connection of its own for each question. Nobody waits for
 * the answer: it is read at the next look, which the caller makes from time to time anyway, and the next question asked.
 * One that has not answered by then may be asking its user: it is asked nothing more.
 */
#ifndef TUNPLAN_EXEC_SSH_AGENT_KEYS_H
#define TUNPLAN_EXEC_SSH_AGENT_KEYS_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: no agent is asked. */
struct agent_keys {
	char *path;    /* of its socket; NULL: it is not asked */
	int socket;    /* of the question that is not answered yet; -1: there is none */
	bool known;    /* whether it has answered before */
	uint64_t list; /* a number for what it answered last */
};

/* Asks the agent at a path (copied; NULL: none) what it holds now. Instead of any other that was asked. */
void agent_keys_begin(struct agent_keys *keys, const char *path);

/* One look: returns whether the agent has said that it holds other keys than before. */
bool agent_keys_changed(struct agent_keys *keys);

/* Nothing is asked any more. */
void agent_keys_end(struct agent_keys *keys);

#endif
