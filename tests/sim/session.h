/*
 * Session: the ssh of a stitched piece, with the holder of the session that has it: one process of the simulated
 * world, which dials on another host. What is asked of it are lines that its holder reads.
 */
#ifndef TUNPLAN_TESTS_SIM_SESSION_H
#define TUNPLAN_TESTS_SIM_SESSION_H

#include "tests/sim/ssh.h"

/* Whether these are the words of a holder that feeds a program; then, its own socket, and the one that carries it. */
bool session_is_meant(const char *const *argv);

/* It reads: the program first, which says who is meant and what listens, and then places to dial. */
void session_reads(struct ssh *ssh, const char *text, size_t size);

/*
 * It is logged in: all that it is to listen at is there, or it says why not, and ends. Returns whether it is up.
 */
bool session_listens(struct ssh *ssh);

#endif
