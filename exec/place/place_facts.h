/*
 * Place facts: gathers the facts about this machine by which the places of a topology are
 * recognised (topology/model/places.h). Asks only for facts that some place's `when` needs, and
 * tries TCP ports last, only if all else of the place matches: another network should not notice
 * that it was asked.
 *
 * Runs no program. What leaves this machine: connections to the ports that `tcp` names, name
 * lookups for them, and one datagram to a router whose MAC address is not known yet.
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
