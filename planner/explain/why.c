#include "planner/explain/why.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "planner/explain/near_miss.h"
#include "planner/model/endpoint.h"
#include "planner/model/list.h"
#include "planner/search/link.h"
#include "planner/search/search.h"
#include "topology/base/strbuf.h"

/* In a network of more hosts, not all of them are asked. */
#define ASKED_MAX 2048

/* What is asked about one path, and the reasons that were found. */
struct asking {
	const struct goal *goal;
	const struct topology *topology;
	const struct whereabouts *where;
	struct arena *arena;
	const bool *reachable;           /* by host: a path can get to it; NULL: nobody looked */
	bool failed;                     /* there is no path */
	bool *known;                     /* by host: it was asked, or is used */
	struct plan_rejection *rejected; /* one for a host at most */
	size_t rejected_count;
};

static const char *name_of(const struct asking *asking, size_t host)
{
	return asking->topology->hosts[host].name;
}

/* Adds why a host is not used. Returns true: there is a reason. */
__attribute__((format(printf, 5, 6))) static bool reject(struct asking *asking, size_t host,
							 enum plan_reason reason, struct span at,
							 const char *format, ...)
{
	struct plan_rejection *rejection = arena_push(asking->arena, &asking->rejected,
						      &asking->rejected_count, sizeof(*rejection));
	va_list arguments;

	va_start(arguments, format);
	*rejection = (struct plan_rejection){
		.host = host,
		.reason = reason,
		.at = at,
		.text = arena_vformat(asking->arena, format, arguments),
	};
	va_end(arguments);
	return true;
}

/* `from` cannot reach `to`, and that is why the host is not used. */
static bool reject_reach(struct asking *asking, size_t host, size_t from, const char *to,
			 const struct reach *reach)
{
	const struct host *dialling = &asking->topology->hosts[from];

	return reject(asking, host, reach->reason, reach->at, "%s%scannot reach %s: %s",
		      from == host ? "" : dialling->name, from == host ? "" : " ", to,
		      reach_why(reach, dialling, asking->arena));
}

/* --- no path gets to a host */

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

/* Because of a rule, a family or a key, or because it is on no VLAN near. */
static bool why_unreachable(struct asking *asking, size_t host)
{
	const struct host *at = &asking->topology->hosts[host];
	const char *sshd = sshd_text(asking, host);
	struct nearest nearest = {.from = TOPOLOGY_NONE};
	const struct link *link = &nearest.link;
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
		return reject(asking, host, REASON_NOT_HERE, (struct span){0},
			      "it shares no VLAN with %s, and no host in between reaches %s",
			      me_text(asking), sshd);
	if (link->reason == REASON_NO_KEY)
		return reject(asking, host, link->reason, link->at,
			      "%s cannot log in there: its `keys` do not list it",
			      name_of(asking, link->client));
	/* What the host before it would have to do for a stitched hop, beside dialling. */
	if (!link->reach.obstacles)
		return reject(asking, host, link->reason, link->at,
			      "the sshd of %s does not permit joining a stitched hop there",
			      name_of(asking, nearest.from));
	return reject_reach(asking, host, nearest.from, sshd, &link->reach);
}

/* --- a path gets there, and does not end */

static bool why_no_end(struct asking *asking, size_t host)
{
	const struct goal *goal = asking->goal;
	const struct goal_end end = goal_end(goal, host);
	const struct stand stand = {host, goal->me, 0};
	struct link link;

	if (end.open)
		return false;
	if (end.reason == REASON_NOT_JUMP)
		return reject(asking, host, end.reason, end.at,
			      "`jump: no`: no path continues from it");
	if (end.reason == REASON_NO_LISTEN)
		return reject(asking, host, end.reason, end.at,
			      "its sshd does not listen as asked");
	if (end.reason != REASON_CONSTRAINT)
		return reject_reach(asking, host, host, goal->text, &end.dial);
	if (goal->end == TOPOLOGY_NONE || goal->end == host)
		return false;
	link = link_try(goal, &stand, goal->end, PLAN_NESTED);
	return !link.open && link.reach.obstacles &&
	       reject_reach(asking, host, host, sshd_text(asking, goal->end), &link.reach);
}

static const char *hops_text(const struct asking *asking, unsigned most)
{
	return arena_format(asking->arena, "%u hop%s at most", most, most == 1 ? "" : "s");
}

/* The path could end on the host, were it not for what the tunnel asks. */
static bool why_constrained(struct asking *asking, size_t host)
{
	const struct goal *goal = asking->goal;
	const struct span nowhere = {0};

	if (asking->failed && goal->options->max_hops)
		return reject(asking, host, REASON_CONSTRAINT, nowhere, "the tunnel may have %s",
			      hops_text(asking, goal->options->max_hops));
	if (goal->exit.count && !stop_has(&goal->exit, host))
		return reject(asking, host, REASON_CONSTRAINT, nowhere,
			      "the tunnel asks for exit %s",
			      stop_name(asking->topology, &goal->exit));
	return asking->failed && goal->via_count &&
	       reject(asking, host, REASON_CONSTRAINT, nowhere,
		      "no path that ends here passes all hosts of `via` in order");
}

static void why_excluded(struct asking *asking, size_t host, enum plan_reason reason,
			 struct span at)
{
	const char *text = "the tunnel avoids it, or asks for more trust than it has";

	if (list_has(asking->goal->without, asking->goal->without_count, host))
		text = "the plan is made without it";
	if (asking->topology->hosts[host].ssh->none)
		text = "`ssh: none`: no login, so it cannot be a hop";
	else if (reason == REASON_NO_SSH)
		text = "its ssh is not stated, so no chain ends on the egress host itself";
	reject(asking, host, reason, at, "%s", text);
}

/* --- all hosts */

/* Finds the reason why the path does not end on a host, if there is one. */
static void ask(struct asking *asking, size_t host)
{
	enum plan_reason reason;
	struct span at;

	if (host == asking->goal->me || asking->known[host])
		return;
	asking->known[host] = true;
	if (goal_excludes(asking->goal, host, &reason, &at))
		why_excluded(asking, host, reason, at);
	else if (asking->reachable && !asking->reachable[host])
		why_unreachable(asking, host);
	else if (!why_no_end(asking, host))
		why_constrained(asking, host);
}

/* Asks all hosts; in large networks only the egress's own host and the hosts on its VLANs. */
static void ask_all(struct asking *asking)
{
	const size_t egress = asking->goal->egress.host, hosts = asking->topology->host_count;
	const struct host *host;

	if (hosts <= ASKED_MAX)
		asking->reachable = search_reachable(asking->goal, asking->arena);
	for (size_t h = 0; h < hosts && hosts <= ASKED_MAX; h++)
		ask(asking, h);
	if (hosts <= ASKED_MAX || egress == TOPOLOGY_NONE)
		return;
	host = &asking->topology->hosts[egress];
	ask(asking, egress);
	for (size_t i = 0; i < host->interface_count; i++) {
		size_t count;
		const uint32_t *members = id_lists_of(&asking->goal->network_index->members,
						      host->interfaces[i].vlan, &count);

		for (size_t m = 0; m < count && asking->rejected_count < ASKED_MAX; m++)
			ask(asking, members[m]);
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

static void sort(struct asking *asking)
{
	const size_t count = asking->rejected_count;
	struct named_rejection *named = arena_array(asking->arena, count, sizeof(*named));

	for (size_t i = 0; i < count; i++) {
		const struct plan_rejection *rejection = &asking->rejected[i];
		const struct host *host = &asking->topology->hosts[rejection->host];

		named[i] =
			(struct named_rejection){rank_of(rejection, host), host->name, *rejection};
	}
	if (count)
		qsort(named, count, sizeof(*named), compare_named);
	for (size_t i = 0; i < count; i++)
		asking->rejected[i] = named[i].rejection;
}

void why_rejected(struct plan *plan, const struct task *const *tasks, size_t count,
		  struct arena *arena)
{
	struct asking asking = {
		.topology = plan->topology,
		.where = &plan->where,
		.arena = arena,
		.known = arena_array(arena, plan->topology->host_count, sizeof(bool)),
	};

	for (size_t i = 0; i < plan->hop_count; i++)
		asking.known[plan->hops[i].host] = true;
	for (size_t i = 0; i < count; i++) {
		asking.goal = &tasks[i]->to_egress;
		asking.reachable = NULL;
		if (asking.goal->end == TOPOLOGY_NONE && !task_is_remote(tasks[i]))
			ask_all(&asking);
	}
	sort(&asking);
	plan->rejected = asking.rejected;
	plan->rejected_count = asking.rejected_count;
}

/* --- no path at all */

/* Adds one more thing that the tunnel asks for. */
static void also(struct strbuf *text, const char *what, const char *name)
{
	strbuf_printf(text, "%s%s%s", text->length ? ", " : "", what, name);
}

static void options_text(const struct asking *asking, struct strbuf *text)
{
	const struct tunnel_options *options = asking->goal->options;
	const char *avoiding = "avoiding ";

	for (size_t i = 0; i < options->avoid_host_count; i++, avoiding = "")
		also(text, avoiding, name_of(asking, options->avoid_hosts[i]));
	for (size_t i = 0; i < options->avoid_vlan_count; i++, avoiding = "")
		also(text, avoiding, asking->topology->vlans[options->avoid_vlans[i]].name);
	if (options->max_hops)
		also(text, "in ", hops_text(asking, options->max_hops));
	if (options->min_trust)
		also(text, "by trust ",
		     arena_format(asking->arena, "%s or more",
				  topology_trust_name(options->min_trust)));
	if (options->method != METHOD_ANY)
		also(text, "", options->method == METHOD_STITCHED ? "stitched" : "nested");
}

/* Returns "via a, b with exit c, avoiding d" as the tunnel asks for it, or "" when it asks for nothing. */
static const char *constraint_text(const struct asking *asking)
{
	const struct goal *goal = asking->goal;
	struct strbuf text = {0};
	const char *copy;

	for (size_t i = 0; i < goal->via_count; i++)
		also(&text, i ? "" : "via ", stop_name(asking->topology, &goal->via[i]));
	if (goal->exit.count)
		strbuf_printf(&text, "%swith exit %s", text.length ? " " : "",
			      stop_name(asking->topology, &goal->exit));
	options_text(asking, &text);
	for (size_t i = 0; i < goal->without_count; i++)
		also(&text, "without ", name_of(asking, goal->without[i]));
	copy = arena_string(asking->arena, strbuf_text(&text));
	strbuf_finish(&text);
	return copy;
}

/* What to do where no change of the network would be advice. */
static const char *help_for(const struct asking *asking, size_t near_misses)
{
	const char *me = name_of(asking, asking->goal->me);

	if (asking->topology->hosts[asking->goal->me].interface_count == 0 &&
	    !asking->topology->place_count)
		return arena_format(asking->arena,
				    "the file puts %s on no VLAN: write on which it is (`hosts`, "
				    "or `places` if that changes)",
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
			"%s reaches %s itself, without a tunnel; a tunnel would need a host with "
			"ssh that reaches it, too",
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

void why_no_path(const struct task *task, const struct goal *goal, struct arena *arena,
		 struct plan_failure *ret_failure)
{
	struct asking asking = {
		.goal = goal,
		.topology = task->topology,
		.where = &task->request->where,
		.arena = arena,
		.failed = true,
		.known = arena_array(arena, task->topology->host_count, sizeof(bool)),
	};
	struct plan_near_miss *near_misses =
		arena_array(arena, NEAR_MISSES_MAX, sizeof(*near_misses));
	const size_t near_miss_count =
		near_miss_find(goal, other_goal(task, goal), arena, near_misses);
	const char *constraint = constraint_text(&asking);

	ask_all(&asking);
	sort(&asking);
	*ret_failure = (struct plan_failure){
		.code = "no_path",
		.text = arena_format(arena, "no path %s%s%s", task_text(task, arena),
				     *constraint ? " " : "", constraint),
		.to = goal->text,
		.help = help_for(&asking, near_miss_count),
		.at = goal->at,
		.rejected = asking.rejected,
		.rejected_count = asking.rejected_count,
		.near_misses = near_misses,
		.near_miss_count = near_miss_count,
	};
}
