/* Status past: what `status` tells from the history on disk: the last changes of tunnels, and how the last supervisor ended. */
#ifndef TUNPLAN_CMD_STATUS_PAST_H
#define TUNPLAN_CMD_STATUS_PAST_H

#include "cmd/ended.h"

/* The history, which is read once it is needed. Zeroed: it is not yet. */
struct status_past {
	struct past past;
	struct past_end end; /* of the last supervisor, once that was asked */
	bool read;
};

/* Adds to a tunnel's object its last two "changes"; json: for programs (event_json()). */
void status_past_add_changes(struct status_past *past, bool json, json_t *tunnel);

/* There is no supervisor: finds out how the last one ended, and what was up then of what is asked for. */
void status_past_find_end(struct status_past *past, const struct ended_asked *asked);

/* Prints that on stderr (ended_text()), or returns it (ended_json()); nothing, or NULL, if nothing was up. */
void status_past_say_end(const struct status_past *past, bool with_file);
json_t *status_past_end_json(const struct status_past *past);

void status_past_finish(struct status_past *past);

#endif
