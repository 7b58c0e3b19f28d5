/*
 * Login log: what a master's stderr says of its login besides error messages: what on this machine keeps it from ending. It
 * is fed by ssh_log.h with what ssh's debug lines say, and pure; ssh before 8.5 has none, and then nothing is known.
 */
#ifndef TUNPLAN_EXEC_SSH_LOGIN_LOG_H
#define TUNPLAN_EXEC_SSH_LOGIN_LOG_H

#include <stdbool.h>

#include "topology/base/strbuf.h"

/* How far the login is, as far as ssh's keys matter. */
enum login_log_progress {
	LOGIN_LOG_BEFORE_KEYS, /* the key exchange is not over, or nothing is said */
	LOGIN_LOG_ASKS_AGENT,  /* it is over, and an agent is asked which keys it has */
	LOGIN_LOG_OFFERS,      /* keys are offered */
	LOGIN_LOG_SIGNS,       /* the server would take a key, and its signature is made */
};

/* A zeroed one has heard nothing. */
struct login_log {
	enum login_log_progress progress;
	bool prepared;     /* it is known which keys there are */
	bool by_agent;     /* SIGNS: it is the agent that signs */
	struct strbuf key; /* SIGNS: the file of the key, or what the agent calls it */
};

/* Hears what a function of ssh says, of which the name has that length. */
void login_log_hear(struct login_log *login, const char *function, size_t length, const char *said);

void login_log_finish(struct login_log *login);

/* Whether ssh waits for the agent: for its list of keys, or for a signature. */
bool login_log_waits_for_agent(const struct login_log *login);

/*
 * Of a login that has ended: whether the server would have taken a key that ssh then could not use. It has a passphrase,
 * and no agent holds it: its file is `key`.
 */
bool login_log_is_locked(const struct login_log *login);

#endif
