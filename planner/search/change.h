/*
 * Change: what would have to change for a hop to be made, or for a way to end, and how much that is.
 *
 * What is nearest to being allowed weighs least: a port that a rule lacks (1), a setting of an sshd or
 * something that the file could state (2), a rule or a key that there is not (4, and the step in trust),
 * a rule that denies or a host that is not to be passed (8), an address of another family or one more
 * place to listen (9). What nobody should do to get a tunnel has no weight: an sshd where the file says
 * that there is none, a host or a VLAN that the tunnel avoids.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_CHANGE_H
#define TUNPLAN_PLANNER_SEARCH_CHANGE_H

#include "planner/model/request.h"
#include "planner/search/link.h"

enum change_weight {
	WEIGHT_PORT = 1,
	WEIGHT_SETTING = 2,
	WEIGHT_STATE_SSH = 2,
	WEIGHT_ALLOW = 4, /* and the step in trust */
	WEIGHT_KEY = 4,
	WEIGHT_DENY = 8,
	WEIGHT_JUMP = 8,
	WEIGHT_ADDRESS = 9,
	WEIGHT_LISTEN = 9,
};

/* Most changes that one hop or one end needs. */
#define CHANGES_MAX 10

struct needed_changes {
	bool possible;
	int weight;
	struct link link;                        /* of a hop: as it is when all is changed */
	struct plan_change changes[CHANGES_MAX]; /* their `what` is not made yet */
	size_t count;
};

/* Whether two changes are one for whoever makes them. */
bool change_same(const struct plan_change *a, const struct plan_change *b);

/* Whether a rule is not to get a port. */
bool change_leaves(const struct goal *goal, const struct rule *rule, uint16_t port);

/* Whether no change lets a way pass a host. */
bool change_excludes(const struct goal *goal, size_t host);

/*
 * What a hop by a method takes of which link_try() says that it is as in link. What the host itself is
 * excluded for is among it.
 */
struct needed_changes change_for_hop(const struct goal *goal, const struct stand *from, size_t to,
				     enum plan_method method, const struct link *link);

/* What it takes to end on a host; ret_end is the end as it is then. */
struct needed_changes change_for_end(const struct goal *goal, size_t host,
				     struct goal_end *ret_end);

/* Makes the sentence that says what to do. */
const char *change_text(const struct goal *goal, const struct plan_change *change,
			struct arena *arena);

#endif
