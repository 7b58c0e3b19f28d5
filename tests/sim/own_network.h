/*
 * Own network: the one interface of this machine in the simulated world, what the kernel tells of it, and who is told
 * that it has changed.
 */
#ifndef TUNPLAN_TESTS_SIM_OWN_NETWORK_H
#define TUNPLAN_TESTS_SIM_OWN_NETWORK_H

#include <stdbool.h>

#include "tests/sim/ssh.h"

/* It is up, with its first address, and nobody is told anything. */
void own_network_reset(void);

/* It goes down for so many ms, or 0; then it is up, with another address or the same. */
void own_network_change(unsigned down_ms, bool other_address);

/* The machine wakes: its supervisor is told. */
void own_network_wake(void);

/* The supervisor was killed. */
void own_network_forget(void);

/* Whether it is up; and which address it has, as a number from 1 on. */
bool own_network_is_up(void);
unsigned own_network_address(void);

#endif
