/*
 * Routers: the routers that this machine's default routes lead to, and their MAC addresses.
 *
 * From rtnetlink(7), on Linux. Elsewhere nothing is known of routers.
 */
#ifndef TUNPLAN_EXEC_PLACE_ROUTERS_H
#define TUNPLAN_EXEC_PLACE_ROUTERS_H

#include "topology/base/arena.h"
#include "topology/model/places.h"

/*
 * Adds the routers of all default routes, of both families and in every routing table, to
 * facts->routers (in arena). Halves of everything count, too: VPNs (OpenVPN's def1) put two such
 * routes before the real one. With macs, also finds their MAC addresses; a router to whom nobody has
 * spoken is sent one datagram, so that the kernel asks for it, and waited for at most deadline_ms.
 * Returns 0, or -errno with the facts untouched: -ENOTSUP where the system does not tell.
 */
int routers_find(bool macs, int deadline_ms, struct arena *arena, struct place_facts *facts);

#endif
