/*
 * Record: what is up, on disk, for the next supervisor in case this one is killed.
 *
 * {"version":1, "masters":[{"host","pid","socket","log"}], "sockets":[PATH…],
 * "tunnels":[{"file","me","name","state"}]}
 *
 * A master is recorded before it is started (pid 0). So whenever the supervisor is killed, or runs
 * out of memory, the record names every ssh that it leaves behind.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_RECORD_H
#define TUNPLAN_EXEC_SUPERVISOR_RECORD_H

#include <stdbool.h>

#include "exec/tunnel/engine.h"

/* Writes the record if it differs from *last, which it replaces (a reference; NULL at first). */
void record_write(const struct engine *engine, json_t **last);

/* Removes the record: nothing is up. */
void record_remove(const struct runtime *runtime);

/*
 * Ends what a killed supervisor left: its ssh processes, deepest first, each only if its command
 * line has the control path that was recorded; then their sockets and logs. log_fd is the
 * supervisor's log. Only the holder of supervisor.lock may call it.
 */
void record_end_leftovers(const struct runtime *runtime, int log_fd);

/*
 * Returns whether there is a record: without a supervisor it is what a killed one left. Sets
 * *ret_running to how many of its ssh processes still run.
 */
bool record_exists(const struct runtime *runtime, size_t *ret_running);

#endif
