/*
 * Ssh config: what the user's ssh_config(5) sets for the hops of a plan.
 *
 * Asked of ssh itself, by `ssh -G`, which reads the files and connects to nothing. It is asked with what a
 * master is called with (ssh_facts.h), because the files go by that, too. The answers go to the planner
 * as facts (struct plan_fact), and to the supervisor, which calls the masters by them. Nothing is said of
 * hops whose ssh client runs elsewhere, nor where ssh does not say: there is none, or it does not like
 * the files.
 */
#ifndef TUNPLAN_EXEC_SSH_SSH_CONFIG_H
#define TUNPLAN_EXEC_SSH_SSH_CONFIG_H

#include "exec/system/patience.h"
#include "planner/model/request.h"
#include "topology/base/strbuf.h"

/* Who is waited for: files may name commands that run first (Match exec). */
#define SSH_CONFIG_READER \
	"`ssh -G`, which reads your ssh_config, and runs what a Match exec there names"

/* What ssh was asked, each question once. A zeroed struct is empty. */
struct ssh_config {
	const struct patience *patience; /* for how long an answer is waited for; NULL: for ever */
	int gave_up; /* -ETIMEDOUT or -EINTR: it has ended, and nothing is said of what was asked; or 0 */
	struct arena arena;
	struct ssh_said *said;
	size_t count;
};

/* Frees what ssh said; what was asked and not heard is ended. */
void ssh_config_finish(struct ssh_config *config);

/*
 * Begins to ask about the hops of a plan, but for those (by hop; or NULL) of which nobody needs to know. Whoever
 * wants the answers waits for them.
 */
void ssh_config_ask(struct ssh_config *config, const struct plan *plan, const bool *except);

/* Gives a request what ssh makes of the hops of the plan that was made for it. Texts are in config. */
void ssh_config_facts(struct ssh_config *config, const struct plan *plan,
		      struct plan_request *request);

/* Appends what of it the masters of a plan are called by, as ssh_facts.h has it; with the same exceptions. */
void ssh_config_lines(struct ssh_config *config, const struct plan *plan, const bool *except,
		      struct strbuf *lines);

/*
 * Whether the `ssh` in the PATH did not answer, and is another program than OpenSSH's: by what it says of its version, of which
 * the first line is appended to words.
 */
bool ssh_config_is_foreign(struct ssh_config *config, struct strbuf *words);

#endif
