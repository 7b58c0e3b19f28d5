/*
 * Ended: how the last supervisor ended, where none runs, and what was up then. Nothing brings that up again by itself,
 * whether the machine was started again or the user has logged out: so whoever looks is told.
 */
#ifndef TUNPLAN_CMD_ENDED_H
#define TUNPLAN_CMD_ENDED_H

#include <stdbool.h>

#include "exec/supervisor/past.h"
#include "topology/base/strbuf.h"

/* What was up, of those that somebody asks for. */
struct ended_asked {
	const json_t *ids; /* an object whose keys they are; NULL: */
	const char *file;  /* all of that file; NULL: of every file */
};

/* Leaves of what was up then only what is asked for. */
void ended_ask(struct past_end *end, const struct ended_asked *asked);

/* Appends a sentence about it, without its end; now: this start of the machine. with_file: each tunnel with its file. */
void ended_text(const struct past_end *end, const struct boot *now, bool with_file,
		struct strbuf *text);

/* Returns {"how":"killed"|"told","at","machine_started_at","tunnels":[…]}; the third is null if that was before. A new reference. */
json_t *ended_json(const struct past_end *end, const struct boot *now);

#endif
