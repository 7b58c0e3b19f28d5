/*
 * History note: writes down what happens: every change of the state of a tunnel or a hop, with its time and its reason,
 * and when the supervisor begins and ends. The lines go to the history file (exec/system/history_file.h), once for each
 * step of the engine; past.h reads them.
 *
 * A line is a JSON object: "v", the version of the format; "at", ms since 1970; and what it is about:
 *
 *     {"supervisor":PID, "state":"started"|"goes_on"|"told"|"left", "boot","booted", "alive", "signal"}
 *                          boot, booted: which start of the machine that is (boot.h); alive: the last sign of life of
 *                          the supervisor before; told: by that signal, to go
 *     {"tunnel":NAME, "run","file","me", "from","state", "error", "as", "hops":[…], "by":[…], "standing":true}
 *                          run: its number; as: "trial", by another path; "new", it is to take the place of one
 *                          that there is; "old", another one has, or is about to; hops, by: the numbers and hosts of
 *                          its hops, in the first line of it and in those without a `from`
 *     {"hop":NUMBER, "host","address","port", "from","state", "error", "tries"}
 *                          tries: how many have failed, where the last one has; one that is up with an error
 *                          is so by the ssh that it had, and another one did not get up
 *
 * Numbers count from one under each supervisor. An error has "code", "host" and "text" of a failure. When a
 * newer file is begun, and after lines were lost, all that there is follows: "goes_on" and what is "standing"; so the
 * newer file by itself tells what is up.
 *
 * That a hop was lost, and its tunnels with it, is written a tenth of a second later where it may have been the hop before it
 * that was lost: then that one has the reason.
 *
 * Of many tries of a hop that fail alike, the first, the second, the fourth and so on are written: a host that was down
 * over a weekend shall not be all that is kept. What cannot be written is lost, and that is said; no tunnel waits for it.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HISTORY_NOTE_H
#define TUNPLAN_EXEC_TUNNEL_HISTORY_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "exec/tunnel/states.h"
#include "topology/base/strbuf.h"

#define HISTORY_NOTE_VERSION 1

struct engine;
struct live_hop;
struct live_tunnel;

/* The engine's. Zeroed: nothing is written. */
struct history_notes {
	char *path;           /* of the newer file */
	struct strbuf lines;  /* that are not written yet */
	unsigned long number; /* of the tunnel or hop that got the last one */
	int error;            /* of the last write, -errno; or 0 */
	bool lacks;           /* what is up does not all stand in the newer file */
	bool left;            /* the end of the supervisor was noted */
};

/* Begins to write to the history of the engine's state directory, with the start of the supervisor. */
void history_note_begin(struct engine *engine);

/* Notes that the supervisor was told to go, by a signal; or, by 0, that it goes because nothing is left. */
void history_note_leave(struct engine *engine, int signal);

/* Notes that a tunnel or a hop has another state than that. */
void history_note_tunnel(struct live_tunnel *tunnel, const char *from);
void history_note_hop(struct live_hop *hop, enum hop_state before);

/* Notes that a tunnel, on trial until now, has taken the place of another one. */
void history_note_place(struct live_tunnel *tunnel);

/* Writes what was noted. */
void history_note_flush(struct engine *engine);

/* From time to time: notes that the supervisor is alive, and makes good what could not be written. */
void history_note_keep(struct engine *engine);

/* Returns a sentence that says why the history is not written, or NULL: it is. free() it. */
char *history_note_trouble(const struct engine *engine);

void history_note_finish(struct engine *engine);

#endif
