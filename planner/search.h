/*
 * Search: the best chain of ssh hops from me to a host where the forward can end.
 *
 * A label-setting search (Dijkstra's) over states (host, how many of the waypoints are passed),
 * whose edges are derived as it goes. Costs are vectors; equal ones are decided by the hosts' names
 * along the chains, so the result never depends on the order of the file.
 *
 * Planner rules:
 *   8. A chain starts at me and has at least one hop. Hop by hop, each host can open the sshd of
 *      the next. me is no hop, nor is a host with `ssh: none`; what is not stated is assumed.
 *      Waypoints (`via`) are passed in their order, with other hops between them where needed, and
 *      the last hop is the tunnel's `exit` where it has one. Hosts that the tunnel avoids or does not
 *      trust are no hops, nothing goes on from a host with `jump: no`, and there are at most
 *      `max_hops` hops.
 *   9. Of all chains that can end, the one with the fewest segments in the clear,
 *  10. then with the fewest hops,
 *  11. then with the smallest names: host by host from the first hop on, bytewise.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_H
#define TUNPLAN_PLANNER_SEARCH_H

#include "planner/cost.h"
#include "planner/ends.h"
#include "planner/neighbours.h"

/* What is searched for. Everything it points to is the caller's. */
struct search {
	const struct neighbours *neighbours;
	const struct ends *ends;
	const size_t *via; /* hosts to pass, in order */
	size_t via_count;
	size_t exit; /* the last hop, or TOPOLOGY_NONE */
};

/* A way: the hosts of its hops, first to last. */
struct chain {
	size_t *hosts;
	size_t count;
	struct cost cost;
};

/* Whether the tunnel does not pass a host, by its avoid or min_trust. */
bool search_shuns(const struct search *search, size_t host);

/* Finds the best chain (its hosts in arena). Returns false when there is none. */
bool search_best(const struct search *search, struct arena *arena, struct chain *ret_chain);

/*
 * Finds the best chain that differs from the best one and visits no host twice. Returns false when
 * there is none: Yen's algorithm for the second of the shortest paths.
 */
bool search_next(const struct search *search, const struct chain *best, struct arena *arena,
		 struct chain *ret_chain);

/* Returns for each host whether a chain can pass it at all, waypoints and exit apart; in arena. */
const bool *search_reachable(const struct search *search, struct arena *arena);

#endif
