/* Ssh parts: what ssh.c, ssh_login.c and ssh_link.c share. Used only by them. */
#ifndef TUNPLAN_TESTS_SIM_SSH_PARTS_H
#define TUNPLAN_TESTS_SIM_SSH_PARTS_H

#include "tests/sim/ssh.h"

/* Gives a new one its pid, and counts it among all. */
void ssh_add(struct ssh *ssh);

/* Returns the ssh's next number below sides, for how long something takes. */
unsigned ssh_draw(struct ssh *ssh, unsigned sides);

/* Makes this the next step of its life, in the place of what was. */
void ssh_then(struct ssh *ssh, unsigned after_ms, void (*next)(void *data));

/* Its starter is told what happened since it was told last. */
void ssh_tell_soon(struct ssh *ssh);

/* It ends; and it sees that the ssh that carries it has ended (a step). */
void ssh_end(struct ssh *ssh, int signal, int status);
void ssh_lose_carrier(void *data);

/* It has got TERM, and what kept it from ending does so no longer. */
void ssh_hears_term(struct ssh *ssh);

/* It gives up to connect (a step). */
void ssh_connects_late(void *data);

/* Whether an answer from its far end takes so long that nobody can tell slow from silent. */
bool ssh_is_slow(const struct ssh *ssh);

/* Notes when a link or a process last began or ceased to stand still; 0: never. */
void ssh_trouble(uint64_t at_ms);

#endif
