/*
 * Record: what is wanted, and what runs for it, on disk, for the next supervisor in case this one is killed.
 *
 * {"version":2, "tunnels":[…], "masters":[…], "listeners":[…], "failed":[…]}
 *
 * Of each list an entry is a row of keys, on a line of its own; what is nothing, 0, false or empty is left out. A
 * tunnel is what an `up` has asked for, without its environment, which hosts its path leaves out, since when it is up
 * (monotonic, in ms), and whether it was left to another supervisor, which tries it again also where no ssh of it is
 * left; or what is on trial for that, by another path. Its topology is in a file of its own, t-DIGEST, which all
 * tunnels of one text share. A master is an ssh of a hop, with the hop's identity to the letter. A listener is what one
 * of them was asked for. failed: what failed.h keeps; of a tunnel that was wanted and that this program cannot plan,
 * with its row, so that its masters stay.
 *
 * Everything is recorded before it begins: what an `up` wants before its answer, and else at the end of the step of the engine
 * that announces it, for the next one: so each step writes once at most, and whenever the supervisor is killed, or runs out of
 * memory, the record names every ssh and every listener that it leaves behind. What is over is still in there for a while
 * (RECORD_LATE_MS), but not what is not wanted any more. The record is in the runtime directory, beside the sockets that it
 * names: a reboot forgets both, and a home directory that is full stops nobody.
 *
 * What has failed stays in the record when the supervisor leaves: then nothing else is in it.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_RECORD_H
#define TUNPLAN_EXEC_SUPERVISOR_RECORD_H

#include <stdbool.h>

#include "exec/supervisor/protocol.h"
#include "exec/supervisor/record_rows.h"
#include "exec/tunnel/engine.h"

#define RECORD_VERSION 2

/* So long a record may tell of what is over. */
#define RECORD_LATE_MS 60000

enum record_list { RECORD_TUNNELS, RECORD_MASTERS, RECORD_LISTENERS, RECORD_LISTS };

/* What the record on disk says. A zeroed one: nobody knows, so the record is written in any case. */
struct record {
	struct record_rows rows[RECORD_LISTS]; /* as they were written */
	json_t *failed; /* the list that failed.h keeps, as it was; NULL: nobody knows */
	json_t *texts;  /* the digests of the texts that are there, as keys; or NULL */
	bool is_late;   /* it tells of something that is over */
};

/*
 * Writes the record if it does not tell of all that is so, or if it tells of more and `late`; and then replaces *last. up is an
 * `up` that is about to begin, or NULL; failed is failed.h's list. Returns 0, or -errno with *last zeroed but for what it knows
 * of texts: the record on disk is an older one.
 */
int record_write(const struct engine *engine, const struct request *up, json_t *failed, bool late,
		 struct record *last);

/* Whether an `up` wants what is not wanted already. */
bool record_wants_more(const struct engine *engine, const struct request *up);

/* Frees what *last has, and zeroes it. */
void record_forget(struct record *last);

/* Nothing is up any more: the record of a runtime directory has what failed, or is removed if nothing did. */
void record_leave(const struct runtime *runtime, const json_t *failed);

/* Removes the record of a runtime directory, and its texts. */
void record_remove(const struct runtime *runtime);

/* Returns what the record of a runtime directory says, or NULL: there is none that can be read. A new reference. */
json_t *record_read(const struct runtime *runtime);

/* Returns the text of a digest there, or NULL: it is not there, or is another. free() it. */
char *record_text(const struct runtime *runtime, const char *digest);

/* Returns the path of the record; free() it. */
char *record_path(const struct runtime *runtime);

/*
 * Returns NULL if this program can read the record of a runtime directory or there is none, else a
 * sentence that says why not (free() it).
 */
char *record_refused(const struct runtime *runtime);

/* Whether a record, where there is no supervisor, is that of one that did not take down what it had. */
bool record_is_of_killed(const json_t *record);

/* Returns a text of a row, or "", or its hosts, NULL-terminated (NULL: none; memory_free_strings()). */
const char *record_row_text(const json_t *row, const char *key);
char **record_row_names(const json_t *row, const char *key);

#endif
