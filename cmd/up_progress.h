/*
 * Up progress: what `up` prints while tunnels come up, and what came of them.
 *
 *     git-via-test-server
 *       ok      bastion-host    10.1.0.2:22       38 ms
 *       ok      test-server     10.2.0.3:22       71 ms
 *       ok      127.0.0.1:7999 -> git-server:7999
 *
 * Progress and errors go to standard error at once. The ingresses go to standard output at the end,
 * one a line, in the order in which their tunnels were asked for, whichever was up first.
 */
#ifndef TUNPLAN_CMD_UP_PROGRESS_H
#define TUNPLAN_CMD_UP_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct up_progress {
	const char *const *names; /* of the tunnels, in the order asked; the caller's */
	size_t count;
	bool named;     /* several were asked for: each ingress is printed with its tunnel's name */
	bool json;      /* no lines; one object at the end */
	bool live;      /* stderr is a terminal: one line shows what is under way */
	bool live_line; /* and stands there now */
	json_t *doing;  /* tunnel -> what it is doing, for a time-out */
	json_t *shown;  /* "tunnel/hop" -> state shown last */
	json_t *results; /* tunnel -> its object of the final result */
};

/*
 * Starts, for count tunnels that come up; named says whether more than one was asked for, with those that
 * have no path.
 */
void up_progress_init(struct up_progress *progress, bool json, const char *const *names,
		      size_t count, bool named);

/* Prints the ingresses, or the object of --json for a command that ends with that status; frees. */
void up_progress_finish(struct up_progress *progress, int status);

/* Shows an "another" event: a host does not answer, and the tunnel goes by another path. */
void up_progress_another(struct up_progress *progress, const json_t *event);

/* Shows a "hop" or "forward" event. */
void up_progress_hop(struct up_progress *progress, const json_t *event);
void up_progress_forward(struct up_progress *progress, const json_t *event);

/*
 * Shows a "result" event and returns the exit status that it stands for. gave_up says why this
 * `up` did not wait any longer ("not up within 5 s"), or is NULL.
 */
int up_progress_result(struct up_progress *progress, const json_t *event, const char *gave_up);

#endif
