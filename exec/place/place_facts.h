/*
 * Place facts: what there is to know of this machine so that the places of a topology can be
 * recognised (topology/model/places.h). Only what their signs ask for is looked at, ports last and only
 * where all else fits: a network that is not the place's need not hear of it.
 *
 * No program is run. What leaves this machine: connections to ports that a `tcp` names and look-ups
 * of their names, and one datagram to a router whose MAC address nobody has asked for yet.
 */
#ifndef TUNPLAN_EXEC_PLACE_PLACE_FACTS_H
#define TUNPLAN_EXEC_PLACE_PLACE_FACTS_H

#include "topology/model/places.h"

/* How long is waited for all ports, and for all routers' MAC addresses. */
#define PLACE_FACTS_TCP_MS 1000
#define PLACE_FACTS_MAC_MS 500

/*
 * Fills *ret_facts, whose arrays and texts are in arena or the topology's. What could not be found
 * out is named in ret_facts->unknown.
 */
void place_facts_gather(const struct topology *topology, struct arena *arena,
			struct place_facts *ret_facts);

#endif
