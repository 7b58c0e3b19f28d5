/* Lint parts: what the lint_*.c files share, and the lints themselves. Used only by lint*.c. */
#ifndef TUNPLAN_TOPOLOGY_LINT_LINT_PARTS_H
#define TUNPLAN_TOPOLOGY_LINT_LINT_PARTS_H

#include "topology/diag/codes.h"
#include "topology/diag/diag.h"
#include "topology/lint/rule_query.h"
#include "topology/lint/vlan_members.h"

/* A forward, and whose it is. */
struct owned_forward {
	const struct tunnel *tunnel;
	const struct forward *forward;
};

/* An address, and the interface that has it. */
struct owned_address {
	const struct address *address;
	const struct member *member;
};

/* A publication, and what is published. */
struct published {
	const struct publication *publication;
	size_t host;                   /* whose it is */
	const struct service *service; /* or NULL: its sshd */
};

struct linter {
	const struct topology *topology;
	struct diag_list *diags;
	struct arena *scratch;
	struct budget budget; /* of the lint that is running */
	struct vlan_members vlan_members;
	struct subsume subsume;
	struct rule_end_index from; /* the rules, by their left side */
	struct rule_end_index to;   /* and by their right one */
	/* What several lints look at, in no certain order. */
	struct owned_forward *forwards;
	size_t forward_count;
	struct owned_address *addresses; /* of interfaces */
	size_t address_count;
	struct published *published;
	size_t published_count;
	bool *reported; /* of each rule: L001 or L003 is about it, so what follows is not said */
};

/*
 * The lints. Each adds what it finds to diags, and returns early when the budget is spent; what it would
 * have found then is not reported.
 */
void lint_shadowed(struct linter *linter);
void lint_ineffective_deny(struct linter *linter);
void lint_cuts_inside(struct linter *linter);
void lint_empty_vlan(struct linter *linter);
void lint_unreachable(struct linter *linter);
void lint_outside_cidr(struct linter *linter);
void lint_same_address(struct linter *linter);
void lint_overlap(struct linter *linter);
void lint_same_ingress(struct linter *linter);
void lint_taken_place(struct linter *linter);
void lint_privileged(struct linter *linter);
void lint_exposed(struct linter *linter);
void lint_same_publication(struct linter *linter);
void lint_not_ones_own(struct linter *linter);
void lint_open_proxy(struct linter *linter);
void lint_near_host(struct linter *linter);
void lint_no_effect(struct linter *linter);

#endif
