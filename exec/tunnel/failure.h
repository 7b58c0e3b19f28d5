/*
 * Failure: why a hop, a forward or a tunnel is not up, as a person needs it at night: which host,
 * which class of failure, ssh's own words, and what to do.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_FAILURE_H
#define TUNPLAN_EXEC_TUNNEL_FAILURE_H

#include <jansson.h>
#include <stdbool.h>

#include "exec/tunnel/classify.h"

/* Owned by its hop, forward or tunnel; a zeroed one is "no failure". */
struct failure {
	const char *code;  /* class token (classify.h); static; NULL: no failure */
	const char *about; /* "hop", "egress", … (classify_about()); static; NULL: none of them */
	char *host;        /* the host that it is about, by its name in the file, or NULL */
	char *text;        /* ssh's own words, or ours where ssh said nothing */
	char *advice;      /* what to do next */
};

/* Frees the texts and leaves "no failure". Accepts a zeroed one. */
void failure_finish(struct failure *failure);

/* Replaces a failure by copies of the texts. */
void failure_set(struct failure *failure, const char *code, const char *host, const char *text,
		 const char *advice);

/* Replaces a failure by what a class makes of a case, with ssh's words or ours. */
void failure_blame(struct failure *failure, const struct ssh_fault *fault,
		   const struct ssh_fault_subject *subject, const char *words);

/* Replaces a failure by a copy of another. */
void failure_copy(struct failure *failure, const struct failure *from);

/* Returns whether there is one. */
bool failure_is_set(const struct failure *failure);

/* Returns {"code","subject","host","text","advice"}, or NULL for no failure. A new reference. */
json_t *failure_json(const struct failure *failure);

#endif
