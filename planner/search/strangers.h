/*
 * Strangers: hosts that share no VLAN with a destination and that no rule leading there names.
 *
 * A stranger reaches the destination only by a rule about all hosts, or by a rule that would have
 * to be added. This file finds a lower bound on the changes which that needs. The bound depends on
 * few properties of a host, so all strangers with the same properties are one node of the backward
 * search (looking.h), and single hosts are looked at only when the turn of their node comes.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_STRANGERS_H
#define TUNPLAN_PLANNER_SEARCH_STRANGERS_H

#include "planner/search/ends.h"
#include "planner/search/looking.h"

/*
 * Fills looking->wires, the trust of each host's most trusted VLAN. Call first; again does nothing.
 */
void strangers_know(struct looking *looking);

/* Puts the strangers to the egress: paths may end on them. */
void strangers_put_ends(struct looking *looking, const struct ends *ends);

/* Puts every stranger of a kind of end. */
void strangers_look_at_ends(struct looking *looking, unsigned kind);

/* Puts the strangers to a host's sshd, which an added rule would let them reach. */
void strangers_put(struct looking *looking, size_t target);

/* Puts every stranger whose most trusted VLAN has that trust. */
void strangers_look_at(struct looking *looking, enum trust trust);

#endif
