/*
 * Moment: times of day, as people read and write them, in the local time zone, and as programs do. All are ms since 1970.
 */
#ifndef TUNPLAN_CMD_MOMENT_H
#define TUNPLAN_CMD_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "topology/base/strbuf.h"

/* Appends "2026-11-30 14:02:10", in local time. */
void moment_text(int64_t ms, struct strbuf *text);

/* Appends "2026-11-30T13:02:10.123Z". */
void moment_utc(int64_t ms, struct strbuf *text);

/*
 * Reads what `--since` takes: a duration before now ("90s", "10m", "1h30m", "2d", "1w"; a unit for each number), or
 * a time: "2026-11-30", with " 14:02" or " 14:02:10" behind (a T may stand between), with "Z" or "+01:00" behind that;
 * "14:02" or "14:02:10" of today; "today" or "yesterday", from their beginning. Returns whether it is one of these.
 */
bool moment_since(const char *text, int64_t now_ms, int64_t *ret_ms);

#endif
