/*
 * Port set: a bit for each TCP port. Used for the ports of a rule that no earlier rule has decided.
 *
 * Pure; the caller's memory.
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_PORT_SET_H
#define TUNPLAN_TOPOLOGY_LINT_PORT_SET_H

#include "topology/base/budget.h"
#include "topology/model/topology.h"

struct port_set {
	uint64_t words[(UINT16_MAX + 1) / 64];
	size_t count; /* ports that are in it */
};

/* Makes the set of a rule's ports: all from 1 on where it names none. */
void port_set_init(struct port_set *set, const struct rule *rule);

/* Takes the ports of a rule out of the set. Returns whether any of them was in it. */
bool port_set_take(struct port_set *set, const struct rule *rule, struct budget *budget);

/* Finds the lowest port that is in the set and in the rule; false when there is none. */
bool port_set_meet(const struct port_set *set, const struct rule *rule, struct budget *budget,
		   uint16_t *ret_port);

/* Returns the lowest port of a set that is not empty. */
uint16_t port_set_first(const struct port_set *set);

/* Whether a rule has every port that there is. */
bool port_set_is_all(const struct rule *rule, struct budget *budget);

#endif
