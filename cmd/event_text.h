/*
 * Event text: what happened (exec/supervisor/past.h), as a line for people and as an object for programs.
 *
 *     tunnel git: up -> reconnecting: trouble with bastion-host: Connection reset by 10.1.0.2 port 22 (closed)
 *     hop bastion-host (10.1.0.2:22): connecting -> retry, 2 tries failed: connect to host … (refused)
 *     supervisor 4711: started
 */
#ifndef TUNPLAN_CMD_EVENT_TEXT_H
#define TUNPLAN_CMD_EVENT_TEXT_H

#include <jansson.h>
#include <stdbool.h>

#include "topology/base/strbuf.h"

/* Appends what happened, without its time and a line break. with_file: and of which file its tunnel is. */
void event_text(const json_t *event, bool with_file, struct strbuf *text);

/* Appends only what of a tunnel's or hop's state changed, and why: "up -> reconnecting: …". */
void event_change_text(const json_t *event, struct strbuf *text);

/* Returns a copy whose times are texts: "at" (moment_utc()) in the place of "at_ms", and so on. A new reference. */
json_t *event_json(const json_t *event);

#endif
