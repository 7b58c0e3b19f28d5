/*
 * Up progress: what `up` prints while tunnels come up, and the result of each.
 *
 *     git-via-test-server
 *       ok      bastion-host    10.1.0.2:22       38 ms
 *       ok      test-server     10.2.0.3:22       71 ms
 *       ok      127.0.0.1:7999 -> git-server:7999
 *
 * Progress and errors go to standard error, the ingresses to standard output, one per line.
 */
#ifndef TUNPLAN_CMD_UP_PROGRESS_H
#define TUNPLAN_CMD_UP_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>

struct up_progress {
	bool many;       /* several tunnels side by side: each line says whose it is */
	bool json;       /* no lines; one object at the end */
	bool live;       /* stderr is a terminal: one line shows what is under way */
	bool live_line;  /* and stands there now */
	json_t *doing;   /* tunnel -> what it is doing, for a time-out */
	json_t *shown;   /* "tunnel/hop" -> state shown last */
	json_t *results; /* json: the tunnels of the final object */
};

/* Starts; count is the number of tunnels, name that of the first. */
void up_progress_init(struct up_progress *progress, bool json, size_t count, const char *name);
void up_progress_finish(struct up_progress *progress);

/* Shows a "hop" or "forward" event. */
void up_progress_hop(struct up_progress *progress, const json_t *event);
void up_progress_forward(struct up_progress *progress, const json_t *event);

/*
 * Shows a "result" event and returns the exit status that it stands for. gave_up says why this
 * `up` did not wait any longer ("not up within 5 s"), or is NULL.
 */
int up_progress_result(struct up_progress *progress, const json_t *event, const char *gave_up);

#endif
