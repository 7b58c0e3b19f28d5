#include "planner/why.h"

#include <string.h>

#include "planner/heap.h"

/* Everything about one forward that the reasons are drawn from. */
struct asking {
	const struct search *search;
	const struct ends *ends;
	const struct topology *topology;
	const struct whereabouts *where;
	struct arena *arena;
	const bool *reachable; /* per host: a chain can pass it */
	bool failed;           /* there is no path */
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

/* The member of a host's VLANs that comes nearest to reaching its sshd, and how near. */
struct nearest {
	const struct asking *asking;
	size_t host;
	size_t from;
	struct reach reach;
};

static void consider(void *context, size_t from)
{
	struct nearest *nearest = context;
	const struct asking *asking = nearest->asking;
	struct reach reach;

	if (from == nearest->host || (from != asking->ends->me && !asking->reachable[from]))
		return;
	reach = reach_sshd(asking->topology, from, nearest->host, from != asking->ends->me,
			   asking->ends->options);
	if (reach.reason == REASON_DEFAULT_DENY)
		return;
	if (nearest->from != TOPOLOGY_NONE &&
	    strcmp(name_of(asking, from), name_of(asking, nearest->from)) >= 0)
		return;
	nearest->from = from;
	nearest->reach = reach;
}

/* Who me is, and where, if that was asked: "laptop (at at-office, vpn)". */
static const char *me_text(const struct asking *asking)
{
	const struct whereabouts *where = asking->where;
	const char *name = name_of(asking, asking->ends->me);

	if (where->how == WHEREABOUTS_UNASKED)
		return name;
	if (where->count == 0)
		return arena_format(asking->arena, "%s (at no place)", name);
	return arena_format(asking->arena, "%s (at %s)", name,
			    whereabouts_names(asking->topology, where, ", ", asking->arena));
}

/* No chain gets to the host: because of a rule or a family, or because it is on no VLAN near. */
static struct plan_rejection why_unreachable(const struct asking *asking, size_t host)
{
	struct nearest nearest = {.asking = asking, .host = host, .from = TOPOLOGY_NONE};
	const char *sshd = arena_format(asking->arena, "%s:%u", name_of(asking, host),
					asking->topology->hosts[host].ssh->port);
	const char *text;

	consider(&nearest, asking->ends->me);
	if (nearest.from == TOPOLOGY_NONE)
		neighbours_visit(asking->search->neighbours, host, consider, &nearest);
	if (nearest.from != TOPOLOGY_NONE)
		return reject_reach(asking, host, nearest.from, sshd, &nearest.reach);
	text = arena_format(asking->arena,
			    "it shares no VLAN with %s, and no host on the way reaches %s",
			    me_text(asking), sshd);
	return reject(host, REASON_NOT_HERE, (struct span){0}, text);
}

/* The chain gets to the host, which cannot go on to where it has to. Returns false when it can. */
static bool why_no_way_on(const struct asking *asking, size_t host, struct plan_rejection *ret)
{
	const struct ends *ends = asking->ends;
	const char *to = ends->egress_text;
	struct reach dial;

	if (host == ends->exit && ends->type == PLAN_REMOTE)
		return false;
	if (ends->exit == TOPOLOGY_NONE || ends->exit == host) {
		dial = ends_dial(ends, host);
	} else {
		dial = reach_sshd(asking->topology, host, ends->exit, true, ends->options);
		to = arena_format(asking->arena, "%s:%u", name_of(asking, ends->exit),
				  asking->topology->hosts[ends->exit].ssh->port);
	}
	if (dial.open)
		return false;
	*ret = reject_reach(asking, host, host, to, &dial);
	return true;
}

/* The chain could end on the host, were it not for what the tunnel asks. */
static bool why_constrained(const struct asking *asking, size_t host, struct plan_rejection *ret)
{
	const struct search *search = asking->search;
	const unsigned max_hops = asking->ends->options->max_hops;
	const char *text;

	if (asking->failed && max_hops)
		text = arena_format(asking->arena, "the tunnel may have %u hop%s at most", max_hops,
				    max_hops == 1 ? "" : "s");
	else if (search->exit != TOPOLOGY_NONE && search->exit != host)
		text = arena_format(asking->arena, "the tunnel asks for exit %s",
				    name_of(asking, search->exit));
	else if (asking->failed && search->via_count)
		text = "no path that ends here passes all of the tunnel's via, in their order";
	else
		return false;
	*ret = reject(host, REASON_CONSTRAINT, (struct span){0}, text);
	return true;
}

/* Finds the reason why the chain does not end on a host. Returns false when there is none. */
static bool why_host(const struct asking *asking, size_t host, struct plan_rejection *ret)
{
	const struct ssh_login *ssh = asking->topology->hosts[host].ssh;

	if (ssh->none)
		*ret = reject(host, REASON_NO_SSH, ssh->at,
			      "`ssh: none`: there is no login for a hop");
	else if (search_shuns(asking->search, host))
		*ret = reject(host, REASON_CONSTRAINT, (struct span){0},
			      "the tunnel avoids it, or asks for more trust than it has");
	else if (ends_forbids(asking->ends, host))
		*ret = reject(host, REASON_NO_SSH, (struct span){0},
			      "its ssh is not stated, so no chain ends on the egress host itself");
	else if (!asking->reachable[host])
		*ret = why_unreachable(asking, host);
	else
		return why_no_way_on(asking, host, ret) || why_constrained(asking, host, ret);
	return true;
}

void why_add(struct why *why, const struct search *search, const bool *used)
{
	const struct topology *topology = search->neighbours->topology;
	const struct asking asking = {
		.search = search,
		.ends = search->ends,
		.topology = topology,
		.where = &why->where,
		.arena = why->arena,
		.reachable = search_reachable(search, why->arena),
		.failed = !used,
	};
	bool *known = arena_array(why->arena, topology->host_count, sizeof(*known));

	for (size_t i = 0; i < why->count; i++)
		known[why->items[i].host] = true;
	for (size_t host = 0; host < topology->host_count; host++) {
		struct plan_rejection rejection;
		struct plan_rejection *added;

		if (host == search->ends->me || known[host] || (used && used[host]))
			continue;
		if (!why_host(&asking, host, &rejection))
			continue;
		added = arena_push(why->arena, &why->items, &why->count, sizeof(*added));
		*added = rejection;
	}
}

static int compare_rejections(const void *context, const void *a, const void *b)
{
	const struct topology *topology = context;
	const struct plan_rejection *left = a;
	const struct plan_rejection *right = b;

	return strcmp(topology->hosts[left->host].name, topology->hosts[right->host].name);
}

void why_sort(struct why *why, const struct topology *topology)
{
	struct heap heap = {
		.arena = why->arena,
		.compare = compare_rejections,
		.context = topology,
	};
	struct plan_rejection *sorted = arena_array(why->arena, why->count, sizeof(*sorted));

	for (size_t i = 0; i < why->count; i++)
		heap_push(&heap, &why->items[i]);
	for (size_t i = 0; i < why->count; i++)
		sorted[i] = *(const struct plan_rejection *)heap_pop(&heap);
	why->items = sorted;
}

/* Returns "avoiding a" and the like, for the request's options; "" when there are none. */
static const char *options_text(const struct ends *ends, struct arena *arena)
{
	const struct tunnel_options *options = ends->options;
	const char *text = "";

	for (size_t i = 0; i < options->avoid_host_count; i++)
		text = arena_format(arena, "%s%s%s", text, *text ? ", " : "avoiding ",
				    ends->topology->hosts[options->avoid_hosts[i]].name);
	for (size_t i = 0; i < options->avoid_vlan_count; i++)
		text = arena_format(arena, "%s%s%s", text, *text ? ", " : "avoiding ",
				    ends->topology->vlans[options->avoid_vlans[i]].name);
	if (options->max_hops)
		text = arena_format(arena, "%s%sin %u hop%s at most", text, *text ? ", " : "",
				    options->max_hops, options->max_hops == 1 ? "" : "s");
	if (options->min_trust)
		text = arena_format(arena, "%s%sby trust %s or more", text, *text ? ", " : "",
				    topology_trust_name(options->min_trust));
	return text;
}

/* Returns "via a, b with exit c" as the tunnel asks for it, or "" when it asks for nothing. */
static const char *constraint_text(const struct search *search, struct arena *arena)
{
	const struct host *hosts = search->neighbours->topology->hosts;
	const char *options = options_text(search->ends, arena);
	const char *text = "";

	for (size_t i = 0; i < search->via_count; i++)
		text = arena_format(arena, "%s%s%s", text, *text ? ", " : "via ",
				    hosts[search->via[i]].name);
	if (search->exit != TOPOLOGY_NONE)
		text = arena_format(arena, "%s%sexit %s", text, *text ? " with " : "with ",
				    hosts[search->exit].name);
	return arena_format(arena, "%s%s%s", text, *text && *options ? ", " : "", options);
}

static const char *chain_text(const struct search *search, const struct chain *chain,
			      struct arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < chain->count; i++)
		text = arena_format(arena, "%s%s%s", text, i ? ", " : "",
				    search->neighbours->topology->hosts[chain->hosts[i]].name);
	return text;
}

/* What to do: leave out a constraint that stands in the way, or the nearest other thing. */
static const char *help_for(const struct search *search, const struct whereabouts *where,
			    struct arena *arena)
{
	const struct ends *ends = search->ends;
	const struct host *hosts = search->neighbours->topology->hosts;
	const struct tunnel_options no_options = {0};
	struct ends free_ends = *ends;
	const struct search free_search = {
		.neighbours = search->neighbours, .ends = &free_ends, .exit = TOPOLOGY_NONE};
	struct chain chain;

	free_ends.options = &no_options;
	if (*constraint_text(search, arena) && search_best(&free_search, arena, &chain))
		return arena_format(arena, "without that constraint there is a path, by %s",
				    chain_text(search, &chain, arena));
	if (ends->egress != TOPOLOGY_NONE && ends_forbids(ends, ends->egress))
		return arena_format(arena, "if you can log in to %s, state it: `ssh: {}`",
				    hosts[ends->egress].name);
	if (hosts[ends->me].interface_count == 0)
		return arena_format(arena, "the file puts %s on no VLAN%s: say where it is",
				    hosts[ends->me].name,
				    where->how == WHEREABOUTS_UNASKED ? "" : " at this place");
	if (where->how != WHEREABOUTS_UNASKED)
		return arena_format(arena, "if %s is elsewhere, say where: --place",
				    hosts[ends->me].name);
	return NULL;
}

void why_no_path(const struct search *search, const struct whereabouts *where, struct arena *arena,
		 struct plan_failure *ret_failure)
{
	const struct topology *topology = search->neighbours->topology;
	const struct ends *ends = search->ends;
	const char *constraint = constraint_text(search, arena);
	struct why why = {.arena = arena, .where = *where};

	why_add(&why, search, NULL);
	why_sort(&why, topology);
	*ret_failure = (struct plan_failure){
		.code = "no_path",
		.text = arena_format(arena, "no path from %s to %s%s%s",
				     topology->hosts[ends->ingress].name, ends->egress_text,
				     *constraint ? " " : "", constraint),
		.help = help_for(search, where, arena),
		.at = ends->forward->egress.at,
		.rejected = why.items,
		.rejected_count = why.count,
	};
}
