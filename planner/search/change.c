#include "planner/search/change.h"

#include "planner/reach/permit.h"

/* The host of the only entry of PermitOpen that a socket has: "*:*". */
#define ANY_ENTRY "*"

/* What stands in the way of a connection, and cannot be helped. */
#define HOPELESS REASON_BIT(REASON_CONSTRAINT)

/* --- weights */

/* How hard it is to make a change. */
static const int weights[] = {
	[CHANGE_ADD_PORT] = 1, [CHANGE_SETTING] = 2, [CHANGE_STATE_SSH] = 2,
	[CHANGE_ALLOW] = 4, /* and the step in trust */
	[CHANGE_KEY] = 4,      [CHANGE_PRECEDE] = 8, [CHANGE_JUMP] = 8,
	[CHANGE_ADDRESS] = 9,  [CHANGE_LISTEN] = 9,
};

int change_weight(enum plan_change_kind kind)
{
	return weights[kind];
}

bool change_adds_rule(enum plan_change_kind kind)
{
	return kind == CHANGE_ALLOW || kind == CHANGE_PRECEDE;
}

/* --- the same, or not to be advised */

static bool is_same(const struct plan_change *a, const struct plan_change *b)
{
	if (a->kind != b->kind)
		return false;
	/* Whatever an sshd is to do, it is one setting. */
	if (a->kind == CHANGE_SETTING && a->keyword != SSHD_PERMIT_OPEN &&
	    a->keyword != SSHD_PERMIT_LISTEN)
		return a->from == b->from && a->keyword == b->keyword;
	/* And whoever is to get by, it is one rule. */
	if (a->kind == CHANGE_ADD_PORT)
		return a->rule == b->rule && a->port == b->port;
	return a->from == b->from && a->to == b->to && a->at.at == b->at.at;
}

bool change_is_among(const struct plan_change *changes, size_t count,
		     const struct plan_change *change)
{
	for (size_t i = 0; i < count; i++)
		if (is_same(&changes[i], change))
			return true;
	return false;
}

static bool is_rejected(const struct goal *goal, const struct plan_change *change)
{
	return change_is_among(goal->rejected, goal->rejected_count, change);
}

bool change_leaves(const struct goal *goal, const struct rule *rule, uint16_t port)
{
	const struct plan_change change = {.kind = CHANGE_ADD_PORT, .rule = rule, .port = port};

	return is_rejected(goal, &change);
}

static void add(const struct goal *goal, struct needed_changes *needed, struct plan_change change)
{
	change.weight += change_weight(change.kind);
	needed->possible &= !is_rejected(goal, &change);
	needed->weight += change.weight;
	needed->changes[needed->count++] = change;
}

struct plan_change change_of(enum plan_change_kind kind, enum plan_reason reason, struct span at,
			     size_t from, size_t to)
{
	return (struct plan_change){
		.kind = kind,
		.reason = reason,
		.at = at,
		.from = from,
		.to = to,
		.from_vlan = TOPOLOGY_NONE,
		.vlan = TOPOLOGY_NONE,
	};
}

/* --- connections */

/* The connection that would take the least. */
struct mending {
	const struct goal *goal;
	size_t from;
	size_t to; /* host, or TOPOLOGY_NONE */
	struct needed_changes best;
	struct reach reach; /* by which it goes */
};

static struct plan_change change_on_connection(const struct mending *mending,
					       const struct reach *reach,
					       enum plan_change_kind kind, enum plan_reason reason)
{
	struct plan_change change =
		change_of(kind, reason, (struct span){0}, mending->from, mending->to);

	change.from_vlan = reach->from_vlan;
	change.vlan = reach->vlan;
	change.address = reach->address;
	change.port = reach->port;
	return change;
}

/* Who is trusted less would get to who is trusted more. */
static int trust_step(const struct goal *goal, const struct reach *reach)
{
	const struct topology *topology = goal->network_index->topology;
	const int step = reach_vlan_trust(topology, reach->vlan) -
			 reach_vlan_trust(topology, reach->from_vlan);

	return step > 0 ? step : 0;
}

/* The rules do not let it through. */
static void change_rules(const struct mending *mending, const struct reach *reach,
			 struct needed_changes *needed)
{
	const struct match_point from = {mending->from, reach->from_vlan, reach->source};
	const struct match_point to = {mending->to, reach->vlan, reach->target};
	const bool denied = (reach->obstacles & REASON_BIT(REASON_RULE_DENY)) != 0;
	const enum plan_reason reason = denied ? REASON_RULE_DENY : REASON_DEFAULT_DENY;
	const struct rule *near =
		rule_index_near(&mending->goal->network_index->rules, &from, &to, reach->rule);
	const enum plan_change_kind kind = near     ? CHANGE_ADD_PORT
					   : denied ? CHANGE_PRECEDE
						    : CHANGE_ALLOW;
	struct plan_change change = change_on_connection(mending, reach, kind, reason);

	change.rule = near ? near : reach->rule;
	if (change.rule)
		change.at = change.rule->at;
	if (kind == CHANGE_ALLOW)
		change.weight = trust_step(mending->goal, reach);
	add(mending->goal, needed, change);
}

/* Adds a change for each setting that refuses. */
static void add_settings(const struct goal *goal, const struct sshd_settings *sshd,
			 unsigned refusing, struct plan_change change,
			 struct needed_changes *needed)
{
	for (enum sshd_keyword keyword = 0; keyword < SSHD_KEYWORDS; keyword++) {
		if (!(refusing & KEYWORD_BIT(keyword)))
			continue;
		change.keyword = keyword;
		change.at = sshd->at[keyword];
		add(goal, needed, change);
	}
}

static void change_settings(const struct mending *mending, const struct reach *reach,
			    struct needed_changes *needed)
{
	const unsigned lists = KEYWORD_BIT(SSHD_PERMIT_OPEN);
	const struct sshd_settings *sshd = goal_host(mending->goal, mending->from)->sshd;
	struct plan_change change =
		change_on_connection(mending, reach, CHANGE_SETTING, REASON_FWD_OFF);

	add_settings(mending->goal, sshd, reach->settings & ~lists, change, needed);
	change.reason = REASON_PERMIT_OPEN;
	add_settings(mending->goal, sshd, reach->settings & lists, change, needed);
}

static void change_listening(const struct mending *mending, const struct reach *reach,
			     struct needed_changes *needed)
{
	struct plan_change change =
		change_on_connection(mending, reach, CHANGE_LISTEN, REASON_LOOPBACK_ONLY);

	change.at = mending->goal->egress.service->at;
	add(mending->goal, needed, change);
}

/* The name that may be dialled does not say of which family the address is that it leads to. */
static void change_family(const struct mending *mending, const struct reach *reach,
			  struct needed_changes *needed)
{
	struct plan_change change =
		change_on_connection(mending, reach, CHANGE_ADDRESS, REASON_FAMILY);

	change.address = reach->target->text;
	add(mending->goal, needed, change);
}

/* Whether a connection goes before another one that takes as much: what is crossed is trusted more, or rule 4. */
static bool goes_before(const struct goal *goal, const struct reach *a, const struct reach *b)
{
	const struct topology *topology = goal->network_index->topology;
	const uint8_t mine = reach_trust(topology, a), other = reach_trust(topology, b);

	return mine != other ? mine > other : reach_prefers(topology, a, b);
}

/* Keeps the connection if it takes less than the best one that is known. */
static void consider(void *context, const struct reach *reach)
{
	struct mending *mending = context;
	struct needed_changes needed = {.possible = true};
	const unsigned rules = REASON_BIT(REASON_RULE_DENY) | REASON_BIT(REASON_DEFAULT_DENY);

	if ((reach->obstacles & HOPELESS) || reach->left_out)
		return;
	/* No rule can be about a name that is no host of the file. */
	if ((reach->obstacles & rules) && mending->to == TOPOLOGY_NONE && reach->by_name)
		return;
	if (reach->obstacles & rules)
		change_rules(mending, reach, &needed);
	if (reach->settings)
		change_settings(mending, reach, &needed);
	if (reach->obstacles & REASON_BIT(REASON_LOOPBACK_ONLY))
		change_listening(mending, reach, &needed);
	if (reach->obstacles & REASON_BIT(REASON_FAMILY))
		change_family(mending, reach, &needed);
	if (!needed.possible || (mending->best.possible && needed.weight > mending->best.weight))
		return;
	if (mending->best.possible && needed.weight == mending->best.weight &&
	    !goes_before(mending->goal, reach, &mending->reach))
		return;
	mending->best = needed;
	mending->reach = *reach;
	mending->reach.open = true;
}

/* Adds what a connection takes. */
static void change_connection(const struct goal *goal, size_t from, enum reach_by by,
			      const struct reach_to *to, struct needed_changes *needed,
			      struct reach *ret_reach)
{
	struct mending mending = {.goal = goal, .from = from, .to = to->host};

	reach_each(goal->network_index, from, by, to, consider, &mending);
	if (!mending.best.possible) {
		needed->possible = false;
		return;
	}
	for (size_t i = 0; i < mending.best.count; i++)
		needed->changes[needed->count++] = mending.best.changes[i];
	needed->weight += mending.best.weight;
	*ret_reach = mending.reach;
}

/* --- hops */

static struct plan_change stating_ssh(const struct goal *goal, size_t host)
{
	return change_of(CHANGE_STATE_SSH, REASON_NO_SSH, goal_host(goal, host)->at, TOPOLOGY_NONE,
			 host);
}

/* Only what is not stated can be: the egress's own host, which nobody promised. */
bool change_excludes(const struct goal *goal, size_t host)
{
	enum plan_reason reason;
	struct plan_change state;

	if (!goal_excludes(goal, host, &reason, NULL))
		return false;
	state = stating_ssh(goal, host);
	return reason != REASON_NO_SSH || goal_host(goal, host)->ssh->none || host == goal->me ||
	       is_rejected(goal, &state);
}

/* What the host itself lacks to be a hop. */
static void change_shunned(const struct goal *goal, size_t host, struct needed_changes *needed)
{
	if (change_excludes(goal, host))
		needed->possible = false;
	else if (goal_excludes(goal, host, NULL, NULL))
		add(goal, needed, stating_ssh(goal, host));
}

static void change_jump(const struct goal *goal, size_t host, struct needed_changes *needed)
{
	if (host != goal->me && goal_host(goal, host)->jump == JUMP_NO)
		add(goal, needed,
		    change_of(CHANGE_JUMP, REASON_NOT_JUMP, goal_host(goal, host)->at,
			      TOPOLOGY_NONE, host));
}

static void change_login(const struct goal *goal, size_t client, size_t to,
			 struct needed_changes *needed)
{
	const struct host *host = goal_host(goal, client);
	const struct host_key *key;

	if (!link_can_login(goal, client, to, &key))
		add(goal, needed,
		    change_of(CHANGE_KEY, REASON_NO_KEY,
			      host->key_count ? host->keys[0].at : host->at, client, to));
}

static void change_nested(const struct goal *goal, const struct stand *from, size_t to,
			  struct needed_changes *needed)
{
	const struct reach_to sshd = link_sshd(goal, from, to);

	change_jump(goal, from->host, needed);
	change_connection(goal, from->host, from->host == from->client ? REACH_PROCESS : REACH_SSHD,
			  &sshd, needed, &needed->link.reach);
	change_login(goal, from->client, to, needed);
	needed->link.client = from->client;
	needed->link.open = needed->possible;
}

struct needed_changes change_for_hop(const struct goal *goal, const struct stand *from, size_t to,
				     enum plan_method method, const struct link *link)
{
	struct needed_changes needed = {.possible = true, .link = *link};

	change_shunned(goal, to, &needed);
	if (needed.link.open || !needed.possible)
		return needed;
	/* With a method of its own the tunnel asks for what a rule or a key can give, too. */
	if (method == PLAN_NESTED &&
	    (goal->options->method != METHOD_STITCHED || from->host == goal->me))
		change_nested(goal, from, to, &needed);
	else
		needed.possible = false;
	return needed;
}

/* --- ends */

/* The sshd refuses what has no address: a socket, SOCKS, a listener. */
static void change_permit(const struct goal *goal, size_t host, const struct permit *permit,
			  struct needed_changes *needed)
{
	struct plan_change change =
		change_of(CHANGE_SETTING, permit->reason, permit->at, host, goal->egress.host);

	change.address = goal->socket ? ANY_ENTRY : NULL;
	if (goal->kind == GOAL_INGRESS) {
		change.address = goal->bind;
		change.port = goal->bind_port;
	}
	add_settings(goal, goal_host(goal, host)->sshd, permit->refusing, change, needed);
}

/* What the end does: it dials the egress, or its sshd does something else for it. */
static void change_service(const struct goal *goal, size_t host, struct goal_end *end,
			   struct needed_changes *needed)
{
	const bool egress = goal->kind == GOAL_EGRESS;
	struct permit permit;

	if (egress && !goal->socket && !goal->socks) {
		change_connection(goal, host, REACH_SSHD, &goal->egress, needed, &end->dial);
	} else if (egress && host != goal->egress.host) {
		needed->possible = false;
	} else if (goal->kind != GOAL_LOGIN) {
		permit = goal_permit(goal, host);
		change_permit(goal, host, &permit, needed);
	}
}

struct needed_changes change_for_end(const struct goal *goal, size_t host, struct goal_end *ret_end)
{
	struct needed_changes needed = {.possible = true};

	*ret_end = goal_end(goal, host);
	if (ret_end->open)
		return needed;
	if (!goal_wants_end(goal, host)) {
		needed.possible = false;
		return needed;
	}
	if (!goal_is_inside(goal, host))
		change_jump(goal, host, &needed);
	change_service(goal, host, ret_end, &needed);
	for (size_t i = 0; i < needed.count; i++)
		needed.changes[i].of_end = true;
	ret_end->open = needed.possible;
	if (needed.possible)
		ret_end->cost = goal_end_cost(goal, host, &ret_end->dial);
	return needed;
}
