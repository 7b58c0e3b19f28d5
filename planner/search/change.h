/*
 * Change: what would have to change to make a hop possible, or to let a path end on a host, and the
 * weight of that.
 *
 * The smaller the step, the smaller the weight; change.c has the table: a port missing from a rule weighs least;
 * one more VLAN for a service to listen on most. Changes we never advise have no weight: an sshd where the file
 * says `ssh: none`, or a host or VLAN that the tunnel avoids.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_CHANGE_H
#define TUNPLAN_PLANNER_SEARCH_CHANGE_H

#include "planner/model/request.h"
#include "planner/search/link.h"

/* Most changes that one hop or one end needs. */
#define CHANGES_MAX 10

struct needed_changes {
	bool possible;
	int weight;
	struct link link;                        /* of a hop: how it is made once all is changed */
	struct plan_change changes[CHANGES_MAX]; /* their `what` is not made yet */
	size_t count;
};

/* Returns a change that is about two hosts and nothing between them; its `what` is not made yet. */
struct plan_change change_of(enum plan_change_kind kind, enum plan_reason reason, struct span at,
			     size_t from, size_t to);

/* Returns the weight of a kind of change; CHANGE_ALLOW: where nobody gets to who is trusted more. */
int change_weight(enum plan_change_kind kind);

/* Whether it is a rule that there is not. */
bool change_adds_rule(enum plan_change_kind kind);

/* Whether one of some changes is the same work as another change. */
bool change_is_among(const struct plan_change *changes, size_t count,
		     const struct plan_change *change);

/* Whether adding a port to a rule is among the changes not to advise (goal->rejected). */
bool change_leaves(const struct goal *goal, const struct rule *rule, uint16_t port);

/* Whether no change lets a path pass a host. */
bool change_excludes(const struct goal *goal, size_t host);

/*
 * Returns the changes that a hop by a method needs, given link_try()'s answer in link, including
 * those that let a path pass the host at all.
 */
struct needed_changes change_for_hop(const struct goal *goal, const struct stand *from, size_t to,
				     enum plan_method method, const struct link *link);

/* Returns the changes that let a path end on a host; ret_end is the end once they are made. */
struct needed_changes change_for_end(const struct goal *goal, size_t host,
				     struct goal_end *ret_end);

/* Returns the sentence that says what to do, in arena. Not for what drops a constraint. */
const char *change_text(const struct goal *goal, const struct plan_change *change,
			struct arena *arena);

#endif
