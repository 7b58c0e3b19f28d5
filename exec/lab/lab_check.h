/* Lab check: whether everything that should listen on a lab host accepts connections. */
#ifndef TUNPLAN_EXEC_LAB_LAB_CHECK_H
#define TUNPLAN_EXEC_LAB_LAB_CHECK_H

#include "exec/lab/lab_exec.h"
#include "exec/lab/network/listen.h"

/*
 * Connects to what listens on a host, from within. answers: per listener whether it accepted.
 * Returns 0, or -errno when the host itself could not be entered (nothing answers then): -ESTALE where
 * it sees the machine's files, as lab_exec_enter() says. With a count of 0 that is all it finds out.
 */
int lab_check_listeners(const struct lab_exec_target *entry, const struct lab_listen *listens,
			size_t count, bool *ret_answers);

#endif
