/*
 * Mend: what would have to change for a hop to be made, or for a way to end, and how much that is.
 *
 * What is nearest to being allowed weighs least: a port that a rule lacks (1), a setting of an sshd or
 * something that the file could state (2), a rule or a key that there is not (4, and the step in trust),
 * a rule that denies or a host that is not to be passed (8), an address of another family or one more
 * place to listen (9). What nobody should do to get a tunnel has no weight: an sshd where the file says
 * that there is none, a host or a VLAN that the tunnel avoids.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_MEND_H
#define TUNPLAN_PLANNER_SEARCH_MEND_H

#include "planner/model/request.h"
#include "planner/search/link.h"

enum mend_weight {
	MEND_PORT = 1,
	MEND_SETTING = 2,
	MEND_STATE_SSH = 2,
	MEND_ALLOW = 4, /* and the step in trust */
	MEND_KEY = 4,
	MEND_DENY = 8,
	MEND_JUMP = 8,
	MEND_ADDRESS = 9,
	MEND_LISTEN = 9,
};

/* Most changes that one hop or one end needs. */
#define MENDS_MAX 10

struct mends {
	bool possible;
	int weight;
	struct link link;                      /* of a hop: as it is when all is changed */
	struct plan_change changes[MENDS_MAX]; /* their `what` is not made yet */
	size_t count;
};

/* Whether two changes are one for whoever makes them. */
bool mend_same(const struct plan_change *a, const struct plan_change *b);

/* Whether a rule is not to get a port. */
bool mend_leaves(const struct goal *goal, const struct rule *rule, uint16_t port);

/* Whether no change lets a way pass a host. */
bool mend_excludes(const struct goal *goal, size_t host);

/*
 * What a hop by a method takes of which link_try() says that it is as in link. What the host itself is
 * excluded for is among it.
 */
struct mends mend_hop(const struct goal *goal, const struct stand *from, size_t to,
		      enum plan_method method, const struct link *link);

/* What it takes to end on a host; ret_end is the end as it is then. */
struct mends mend_end(const struct goal *goal, size_t host, struct goal_end *ret_end);

/* Makes the sentence that says what to do. */
const char *mend_text(const struct goal *goal, const struct plan_change *change,
		      struct arena *arena);

#endif
