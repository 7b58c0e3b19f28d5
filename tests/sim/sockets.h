/* Sockets: the connections to the control sockets of ssh. */
#ifndef TUNPLAN_TESTS_SIM_SOCKETS_H
#define TUNPLAN_TESTS_SIM_SOCKETS_H

#include "tests/sim/ssh.h"

/* Forgets the run before; what a supervisor had that is no more. */
void sockets_reset(void);
void sockets_supervisor_died(void);

/* Whether somebody is connected to an ssh, or something it was asked is under way. */
bool sockets_are_open(const struct ssh *ssh);

/* Whether the supervisor that lives has one of them. */
bool sockets_are_held(const struct ssh *ssh);

/* Whether an ssh that can is about to read or to answer something; and whether it has a session. */
bool sockets_are_busy(const struct ssh *ssh);
bool sockets_has_session(const struct ssh *ssh);

/* Goes on with what waited: a process moves again, or ended. */
void sockets_move_on(void);

#endif
