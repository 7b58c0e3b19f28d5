#include "planner/explain/why.h"

#include <stdlib.h>
#include <string.h>

#include "planner/explain/near_miss.h"
#include "planner/model/endpoint.h"
#include "planner/model/list.h"
#include "planner/search/link.h"
#include "planner/search/search.h"

/* In a network of more hosts, not all of them are asked. */
#define ASKED_MAX 2048

/* Everything about one way that the reasons are drawn from. */
struct asking {
	const struct goal *goal;
	const struct topology *topology;
	const struct whereabouts *where;
	struct arena *arena;
	const bool *reachable; /* per host: a way can get to it; NULL: nobody looked */
	bool failed;           /* there is no way */
};

/* Rejections that grow, one for a host at most. */
struct rejections {
	struct arena *arena;
	struct plan_rejection *items;
	size_t count;
};

static const char *name_of(const struct asking *asking, size_t host)
{
	return asking->topology->hosts[host].name;
}

static struct plan_rejection reject(size_t host, enum plan_reason reason, struct span at,
				    const char *text)
{
	return (struct plan_rejection){.host = host, .reason = reason, .at = at, .text = text};
}

/* `from` cannot reach `to`, and that is why the host is not used. */
static struct plan_rejection reject_reach(const struct asking *asking, size_t host, size_t from,
					  const char *to, const struct reach *reach)
{
	const struct host *dialling = &asking->topology->hosts[from];
	const char *text = arena_format(asking->arena, "%s%scannot reach %s: %s",
					from == host ? "" : dialling->name, from == host ? "" : " ",
					to, reach_why(reach, dialling, asking->arena));

	return reject(host, reach->reason, reach->at, text);
}

/* --- no way gets to a host */

/* The host that comes nearest to dialling its sshd, and how near. */
struct nearest {
	size_t from;
	struct link link;
};

static const char *sshd_text(const struct asking *asking, size_t host)
{
	return endpoint_text(name_of(asking, host), asking->topology->hosts[host].ssh->port,
			     asking->arena);
}

static void consider(const struct asking *asking, size_t host, size_t from, struct nearest *nearest)
{
	const size_t me = asking->goal->me;
	const bool stitched = from != me && asking->goal->options->method == METHOD_STITCHED;
	const struct stand stand = {from, me, 0};
	struct link link;

	if (from == host || (from != asking->goal->me && !asking->reachable[from]))
		return;
	link = link_try(asking->goal, &stand, host, stitched ? PLAN_STITCHED : PLAN_NESTED);
	if (link.open || link.reason == REASON_DEFAULT_DENY || link.reason == REASON_NOT_JUMP)
		return;
	if (nearest->from != TOPOLOGY_NONE &&
	    strcmp(name_of(asking, from), name_of(asking, nearest->from)) >= 0)
		return;
	*nearest = (struct nearest){from, link};
}

/* Who me is, and where, if that was asked: "laptop (at at-office, vpn)". */
static const char *me_text(const struct asking *asking)
{
	const struct whereabouts *where = asking->where;
	const char *name = name_of(asking, asking->goal->me);

	if (where->how == WHEREABOUTS_UNASKED)
		return name;
	if (where->count == 0)
		return arena_format(asking->arena, "%s (at no place)", name);
	return arena_format(asking->arena, "%s (at %s)", name,
			    whereabouts_names(asking->topology, where, ", ", asking->arena));
}

static struct plan_rejection reject_no_key(const struct asking *asking, size_t host,
					   const struct nearest *nearest)
{
	return reject(host, REASON_NO_KEY, nearest->link.at,
		      arena_format(asking->arena,
				   "%s cannot log in there: its `keys` do not list it",
				   name_of(asking, nearest->link.client)));
}

/* What the host before it would have to do for a stitched hop, beside dialling. */
static struct plan_rejection reject_joint(const struct asking *asking, size_t host,
					  const struct nearest *nearest)
{
	return reject(host, nearest->link.reason, nearest->link.at,
		      arena_format(asking->arena,
				   "the sshd of %s does not permit joining a stitched hop there",
				   name_of(asking, nearest->from)));
}

/* Because of a rule, a family or a key, or because it is on no VLAN near. */
static struct plan_rejection why_unreachable(const struct asking *asking, size_t host)
{
	const struct host *at = &asking->topology->hosts[host];
	const char *sshd = sshd_text(asking, host);
	struct nearest nearest = {.from = TOPOLOGY_NONE};
	bool is_me;

	consider(asking, host, asking->goal->me, &nearest);
	is_me = nearest.from != TOPOLOGY_NONE;
	for (size_t i = 0; !is_me && i < at->interface_count; i++) {
		size_t count;
		const uint32_t *members = id_lists_of(&asking->goal->network_index->members,
						      at->interfaces[i].vlan, &count);

		for (size_t m = 0; m < count; m++)
			consider(asking, host, members[m], &nearest);
	}
	if (nearest.from == TOPOLOGY_NONE)
		return reject(
			host, REASON_NOT_HERE, (struct span){0},
			arena_format(asking->arena,
				     "it shares no VLAN with %s, and no host in between reaches %s",
				     me_text(asking), sshd));
	if (nearest.link.reason == REASON_NO_KEY)
		return reject_no_key(asking, host, &nearest);
	if (!nearest.link.reach.obstacles)
		return reject_joint(asking, host, &nearest);
	return reject_reach(asking, host, nearest.from, sshd, &nearest.link.reach);
}

/* --- a way gets there, and does not end */

static bool why_no_end(const struct asking *asking, size_t host, struct plan_rejection *ret)
{
	const struct goal *goal = asking->goal;
	const struct goal_end end = goal_end(goal, host);
	const struct stand stand = {host, goal->me, 0};
	struct link link;

	if (end.open)
		return false;
	if (end.reason == REASON_NOT_JUMP)
		*ret = reject(host, end.reason, end.at, "`jump: no`: no path continues from it");
	else if (end.reason == REASON_NO_LISTEN)
		*ret = reject(host, end.reason, end.at, "its sshd does not listen as asked");
	else if (end.reason != REASON_CONSTRAINT)
		*ret = reject_reach(asking, host, host, goal->text, &end.dial);
	else if (goal->end != TOPOLOGY_NONE && goal->end != host) {
		link = link_try(goal, &stand, goal->end, PLAN_NESTED);
		if (link.open || !link.reach.obstacles)
			return false;
		*ret = reject_reach(asking, host, host, sshd_text(asking, goal->end), &link.reach);
	} else
		return false;
	return true;
}

/* The way could end on the host, were it not for what the tunnel asks. */
static bool why_constrained(const struct asking *asking, size_t host, struct plan_rejection *ret)
{
	const struct goal *goal = asking->goal;
	const unsigned max_hops = goal->options->max_hops;
	const char *text;

	if (asking->failed && max_hops)
		text = arena_format(asking->arena, "the tunnel may have %u hop%s at most", max_hops,
				    max_hops == 1 ? "" : "s");
	else if (goal->exit.count && !stop_has(&goal->exit, host))
		text = arena_format(asking->arena, "the tunnel asks for exit %s",
				    stop_name(asking->topology, &goal->exit));
	else if (asking->failed && goal->via_count)
		text = "no path that ends here passes all hosts of `via` in order";
	else
		return false;
	*ret = reject(host, REASON_CONSTRAINT, (struct span){0}, text);
	return true;
}

static struct plan_rejection why_shunned(const struct asking *asking, size_t host,
					 enum plan_reason reason, struct span at)
{
	const char *text = "the tunnel avoids it, or asks for more trust than it has";

	if (list_has(asking->goal->without, asking->goal->without_count, host))
		text = "the plan is made without it";
	if (asking->topology->hosts[host].ssh->none)
		text = "`ssh: none`: no login, so it cannot be a hop";
	else if (reason == REASON_NO_SSH)
		text = "its ssh is not stated, so no chain ends on the egress host itself";
	return reject(host, reason, at, text);
}

/* Finds the reason why the way does not end on a host. Returns false when there is none. */
static bool why_host(const struct asking *asking, size_t host, struct plan_rejection *ret)
{
	enum plan_reason reason;
	struct span at;

	if (goal_excludes(asking->goal, host, &reason, &at))
		*ret = why_shunned(asking, host, reason, at);
	else if (asking->reachable && !asking->reachable[host])
		*ret = why_unreachable(asking, host);
	else
		return why_no_end(asking, host, ret) || why_constrained(asking, host, ret);
	return true;
}

/* --- all hosts */

static void ask(const struct asking *asking, size_t host, bool *known,
		struct rejections *rejections)
{
	struct plan_rejection rejection;

	if (host == asking->goal->me || known[host])
		return;
	known[host] = true;
	if (why_host(asking, host, &rejection))
		*(struct plan_rejection *)arena_push(rejections->arena, &rejections->items,
						     &rejections->count, sizeof(rejection)) =
			rejection;
}

/* Asks all hosts; in large networks only the egress's own host and the hosts on its VLANs. */
static void ask_all(struct asking *asking, bool *known, struct rejections *rejections)
{
	const size_t egress = asking->goal->egress.host, hosts = asking->topology->host_count;
	const struct host *host;

	if (hosts <= ASKED_MAX)
		asking->reachable = search_reachable(asking->goal, asking->arena);
	for (size_t h = 0; h < hosts && hosts <= ASKED_MAX; h++)
		ask(asking, h, known, rejections);
	if (hosts <= ASKED_MAX || egress == TOPOLOGY_NONE)
		return;
	host = &asking->topology->hosts[egress];
	ask(asking, egress, known, rejections);
	for (size_t i = 0; i < host->interface_count; i++) {
		size_t count;
		const uint32_t *members = id_lists_of(&asking->goal->network_index->members,
						      host->interfaces[i].vlan, &count);

		for (size_t m = 0; m < count && rejections->count < ASKED_MAX; m++)
			ask(asking, members[m], known, rejections);
	}
}

/* A rejection, and by what it is sorted. */
struct named_rejection {
	int rank; /* how far it is from being an exit */
	const char *name;
	struct plan_rejection rejection;
};

static int compare_named(const void *left, const void *right)
{
	const struct named_rejection *a = left, *b = right;

	return a->rank != b->rank ? a->rank - b->rank : strcmp(a->name, b->name);
}

/* What stands in the way of one host comes first, and last what no path goes through, whoever asks. */
static int rank_of(const struct plan_rejection *rejection, const struct host *host)
{
	if (host->ssh->none || host->jump == JUMP_NO)
		return 2;
	return rejection->reason == REASON_DEFAULT_DENY || rejection->reason == REASON_NOT_HERE ||
	       rejection->reason == REASON_CONSTRAINT;
}

static void sort(struct rejections *rejections, const struct topology *topology)
{
	struct named_rejection *named =
		arena_array(rejections->arena, rejections->count, sizeof(*named));

	for (size_t i = 0; i < rejections->count; i++) {
		const struct host *host = &topology->hosts[rejections->items[i].host];

		named[i] = (struct named_rejection){rank_of(&rejections->items[i], host),
						    host->name, rejections->items[i]};
	}
	if (rejections->count)
		qsort(named, rejections->count, sizeof(*named), compare_named);
	for (size_t i = 0; i < rejections->count; i++)
		rejections->items[i] = named[i].rejection;
}

void why_rejected(struct plan *plan, const struct task *const *tasks, size_t count,
		  struct arena *arena)
{
	struct rejections rejections = {.arena = arena};
	bool *known = arena_array(arena, plan->topology->host_count, sizeof(*known));

	for (size_t i = 0; i < plan->hop_count; i++)
		known[plan->hops[i].host] = true;
	for (size_t i = 0; i < count; i++) {
		struct asking asking = {
			.goal = &tasks[i]->to_egress,
			.topology = plan->topology,
			.where = &plan->where,
			.arena = arena,
		};

		if (tasks[i]->to_egress.end == TOPOLOGY_NONE && !task_is_remote(tasks[i]))
			ask_all(&asking, known, &rejections);
	}
	sort(&rejections, plan->topology);
	plan->rejected = rejections.items;
	plan->rejected_count = rejections.count;
}

/* --- no way at all */

/* Returns "avoiding a" and the like, for the tunnel's options; "" when there are none. */
static const char *options_text(const struct asking *asking)
{
	const struct tunnel_options *options = asking->goal->options;
	struct arena *arena = asking->arena;
	const char *text = "";

	for (size_t i = 0; i < options->avoid_host_count; i++)
		text = arena_format(arena, "%s%s%s", text, *text ? ", " : "avoiding ",
				    name_of(asking, options->avoid_hosts[i]));
	for (size_t i = 0; i < options->avoid_vlan_count; i++)
		text = arena_format(arena, "%s%s%s", text, *text ? ", " : "avoiding ",
				    asking->topology->vlans[options->avoid_vlans[i]].name);
	if (options->max_hops)
		text = arena_format(arena, "%s%sin %u hop%s at most", text, *text ? ", " : "",
				    options->max_hops, options->max_hops == 1 ? "" : "s");
	if (options->min_trust)
		text = arena_format(arena, "%s%sby trust %s or more", text, *text ? ", " : "",
				    topology_trust_name(options->min_trust));
	if (options->method != METHOD_ANY)
		text = arena_format(arena, "%s%s%s", text, *text ? ", " : "",
				    options->method == METHOD_STITCHED ? "stitched" : "nested");
	return text;
}

/* Returns "via a, b with exit c" as the tunnel asks for it, or "" when it asks for nothing. */
static const char *constraint_text(const struct asking *asking)
{
	const struct goal *goal = asking->goal;
	struct arena *arena = asking->arena;
	const char *options = options_text(asking);
	const char *text = "";

	for (size_t i = 0; i < goal->via_count; i++)
		text = arena_format(arena, "%s%s%s", text, *text ? ", " : "via ",
				    stop_name(asking->topology, &goal->via[i]));
	if (goal->exit.count)
		text = arena_format(arena, "%s%sexit %s", text, *text ? " with " : "with ",
				    stop_name(asking->topology, &goal->exit));
	text = arena_format(arena, "%s%s%s", text, *text && *options ? ", " : "", options);
	for (size_t i = 0; i < goal->without_count; i++)
		text = arena_format(arena, "%s%swithout %s", text, *text ? ", " : "",
				    name_of(asking, goal->without[i]));
	return text;
}

/* What to do where no change of the network would be advice. */
static const char *help_for(const struct asking *asking, size_t near_misses)
{
	const char *me = name_of(asking, asking->goal->me);

	if (asking->topology->hosts[asking->goal->me].interface_count == 0 &&
	    !asking->topology->place_count)
		return arena_format(asking->arena,
				    "the file puts %s on no VLAN: write on which it is "
				    "(`hosts`, or `places` if that changes)",
				    me);
	if (asking->topology->hosts[asking->goal->me].interface_count == 0)
		return arena_format(
			asking->arena, "the file puts %s on no VLAN%s: say where it is", me,
			asking->where->how == WHEREABOUTS_UNASKED ? "" : " at this place");
	if (asking->where->how != WHEREABOUTS_UNASKED)
		return arena_format(asking->arena, "if %s is elsewhere, say where: --place", me);
	if (near_misses)
		return NULL;
	if (asking->goal->kind == GOAL_EGRESS && goal_dial(asking->goal, asking->goal->me).open)
		return arena_format(
			asking->arena,
			"%s reaches %s itself, without a tunnel; a tunnel would need a host "
			"with ssh that reaches it, too",
			me, asking->goal->text);
	return "no reasonable change would create a path";
}

/* Returns the other goal of a task that has two, or NULL. */
static const struct goal *other_goal(const struct task *task, const struct goal *goal)
{
	if (!task_is_remote(task))
		return NULL;
	return goal == &task->to_egress ? &task->to_ingress : &task->to_egress;
}

void why_no_way(const struct task *task, const struct goal *goal, struct arena *arena,
		struct plan_failure *ret_failure)
{
	struct asking asking = {
		.goal = goal,
		.topology = task->topology,
		.where = &task->request->where,
		.arena = arena,
		.failed = true,
	};
	struct rejections rejections = {.arena = arena};
	bool *known = arena_array(arena, task->topology->host_count, sizeof(*known));
	struct plan_near_miss *near_misses =
		arena_array(arena, NEAR_MISSES_MAX, sizeof(*near_misses));
	const size_t near_miss_count =
		near_miss_find(goal, other_goal(task, goal), arena, near_misses);
	const char *constraint = constraint_text(&asking);

	ask_all(&asking, known, &rejections);
	sort(&rejections, task->topology);
	*ret_failure = (struct plan_failure){
		.code = "no_path",
		.text = arena_format(arena, "no path %s%s%s", task_text(task, arena),
				     *constraint ? " " : "", constraint),
		.to = goal->text,
		.help = help_for(&asking, near_miss_count),
		.at = goal->at,
		.rejected = rejections.items,
		.rejected_count = rejections.count,
		.near_misses = near_misses,
		.near_miss_count = near_miss_count,
	};
}
