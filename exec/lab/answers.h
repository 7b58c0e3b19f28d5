/*
 * Answers: whether what should listen on a lab host does, found out by connecting.
 */
#ifndef TUNPLAN_EXEC_LAB_ANSWERS_H
#define TUNPLAN_EXEC_LAB_ANSWERS_H

#include "exec/lab/enter.h"

/*
 * Connects to ports of a host from within, on its loopback. answers: per port whether it accepted.
 * Returns 0, or -errno when the host itself could not be entered (no port answers then).
 */
int lab_answers(const struct lab_entry *entry, const uint16_t *ports, size_t count,
		bool *ret_answers);

/* Whether a port of the caller's loopback accepts a connection. */
bool lab_port_accepts(uint16_t port);

#endif
