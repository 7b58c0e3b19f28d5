/*
 * Strangers: hosts that neither share a VLAN with a destination nor are named by a rule that leads there.
 *
 * They get there where a rule is about all, or where one is added. What that takes depends on little, so
 * that those who are alike in it are one node of a look back (looking.h), and nobody looks at them one by
 * one before its turn has come.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_STRANGERS_H
#define TUNPLAN_PLANNER_SEARCH_STRANGERS_H

#include "planner/search/ends.h"
#include "planner/search/looking.h"

/* Finds out how much their VLANs are trusted: looking->wires. To be called first; twice is once. */
void strangers_know(struct looking *looking);

/* Puts the strangers to the egress: ways end on them. */
void strangers_put_ends(struct looking *looking, const struct ends *ends);

/* All of a kind. */
void strangers_look_at_ends(struct looking *looking, unsigned kind);

/* Puts the strangers to the sshd of a host: a rule that there is not would let them get there. */
void strangers_put(struct looking *looking, size_t target);

/* All whose best VLAN is trusted so much. */
void strangers_look_at(struct looking *looking, enum trust trust);

#endif
