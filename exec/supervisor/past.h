/*
 * Past: reads the history on disk (history_note.h): what happened when, for whom, and how the last supervisor ended.
 *
 * Clients read it for themselves: it is there without a supervisor, and after the machine was started again. Half lines,
 * and lines of a newer version of the format, are passed over.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_PAST_H
#define TUNPLAN_EXEC_SUPERVISOR_PAST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "exec/system/boot.h"
#include "exec/system/runtime.h"

/* The lines of the history, oldest first. */
struct past {
	json_t *lines;      /* an array */
	int64_t written_ms; /* since 1970: the last sign of life of the last supervisor; 0: never */
};

/*
 * Reads what is kept for this user on this machine. Returns 0 and fills *ret_past, which past_finish() frees; or -errno
 * with a sentence in *ret_why (free() it): there is no state directory that can be used.
 */
int past_read(struct past *ret_past, char **ret_why);

/* The same from a text, of the lines alone. */
void past_parse(const char *text, struct past *ret_past);

void past_finish(struct past *past);

/* Returns the tunnels that it tells of, as `list` does (protocol.h), each "down". A new reference. */
json_t *past_tunnels(const struct past *past);

/*
 * Returns what happened since a moment (ms since 1970), oldest first, as objects for people and programs:
 *
 *     {"at_ms", "what":"tunnel", "id","name","file","me", "from","state", "by":[…], "as", "error"}
 *     {"at_ms", "what":"hop", "host","address","port", "from","state", "tries", "error"}
 *     {"at_ms", "what":"supervisor", "pid", "state", "signal", "boot", "booted_ms", "alive_ms"}
 *
 * of the tunnels of which ids, an object, has the id as a key, of their hops, and of the supervisors under which they
 * were up; NULL: of all. A new reference.
 */
json_t *past_events(const struct past *past, const json_t *ids, int64_t since_ms);

/* Returns the last `most` of these that are changes of that tunnel itself: neither of a trial nor of what it replaced. */
json_t *past_changes(const struct past *past, const char *id, size_t most);

/* How a supervisor has ended. */
enum past_how {
	PAST_NOTHING, /* nothing was up: it left by itself, or there never was one */
	PAST_KILLED,  /* without a word: it was killed, or the machine went down */
	PAST_TOLD, /* a signal told it to go, as when the user logs out, or the machine is shut down */
};

struct past_end {
	enum past_how how;
	int64_t at_ms;    /* when that was; PAST_KILLED: it was alive then */
	struct boot boot; /* under which start of the machine */
	json_t *tunnels;  /* what was up then: {"id","name","file","me","state"}; or NULL */
};

/* Finds out how the last one ended, if none runs. Frees: past_end_finish(). */
void past_find_end(const struct past *past, struct past_end *ret_end);

void past_end_finish(struct past_end *end);

#endif
