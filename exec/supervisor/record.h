/*
 * Record: what is up, on disk, for the next supervisor in case this one is killed.
 *
 * {"version":1, "masters":[{"host","pid","socket","log"}], "sockets":[PATH…],
 * "tunnels":[{"file","me","name","without":[…],"left_out":[…]}], "failed":[…]}
 *
 * without, left_out: the hosts that a tunnel's path may not pass (tunnel.h), if there are any.
 *
 * Everything is recorded before it is there: tunnels when they are asked for, a master before it is
 * started (pid 0), a unix socket of ours with its tunnel. So whenever the supervisor is killed, or runs out
 * of memory, the record names every ssh and every socket that it leaves behind. The record is in the
 * runtime directory, beside the sockets that it names: a reboot forgets both, and a home directory that is
 * full stops nobody.
 *
 * What has failed (failed.h) stays in the record when the supervisor leaves: then nothing else is in it.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_RECORD_H
#define TUNPLAN_EXEC_SUPERVISOR_RECORD_H

#include <stdbool.h>

#include "exec/supervisor/protocol.h"
#include "exec/tunnel/engine.h"
#include "topology/base/strbuf.h"

/* What the record on disk says. A zeroed one: nobody knows, so the record is written in any case. */
struct record {
	struct strbuf facts; /* of the engine, as they were read (record.c) */
	json_t *failed;      /* the list that failed.h keeps, as it was; NULL: nobody knows */
};

/*
 * Writes the record if it differs from *last, which it replaces. wanted is an `up` that is about to begin, or NULL;
 * failed is failed.h's list. Returns 0, or -errno with *last zeroed: the record on disk is an older one.
 */
int record_write(const struct engine *engine, const struct request *wanted, json_t *failed,
		 struct record *last);

/* Frees what *last has, and zeroes it. */
void record_forget(struct record *last);

/* Nothing is up any more: the record of a runtime directory has what failed, or is removed if nothing did. */
void record_leave(const struct runtime *runtime, const json_t *failed);

/* Removes the record of a runtime directory. */
void record_remove(const struct runtime *runtime);

/* Adds what failed, as the record has it, to a list (failed.h). */
void record_read_failed(const struct runtime *runtime, json_t *failed);

/* Returns the path of the record; free() it. */
char *record_path(const struct runtime *runtime);

/*
 * Returns NULL if this program can read the record of a runtime directory or there is none, else a
 * sentence that says why not (free() it).
 */
char *record_refused(const struct runtime *runtime);

/*
 * Ends what a killed supervisor left: its ssh processes, deepest first, each only if its command
 * line has the control path that was recorded; then their sockets and logs. What failed stays in the
 * record. log_fd is the supervisor's log. Only the holder of supervisor.lock may call it.
 */
void record_end_leftovers(const struct runtime *runtime, int log_fd);

/*
 * Returns whether the record, where there is no supervisor, is that of a killed one. Adds to *running how many
 * of its ssh processes still run.
 */
bool record_is_of_killed(const struct runtime *runtime, size_t *running);

#endif
