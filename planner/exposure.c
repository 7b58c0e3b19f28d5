#include "planner/exposure.h"

/* What all segments of one forward have in common. */
struct tracing {
	struct plan *plan;
	const struct host *hosts;
	const struct vlan *vlans;
	size_t forward;
	const struct ends *ends;
	struct arena *arena;
};

static void add(const struct tracing *tracing, struct plan_segment segment)
{
	struct plan *plan = tracing->plan;
	struct plan_segment *added =
		arena_push(tracing->arena, &plan->exposure, &plan->exposure_count, sizeof(segment));

	segment.forward = tracing->forward;
	*added = segment;
}

/* Names the VLANs that a connection crosses: "vlan1", or both ends' where it is routed. */
static const char *wire(const struct tracing *tracing, size_t from_vlan, size_t vlan)
{
	const char *to;

	if (vlan == TOPOLOGY_NONE)
		return "outside the file";
	to = tracing->vlans[vlan].name;
	if (from_vlan == vlan || from_vlan == TOPOLOGY_NONE)
		return to;
	return arena_format(tracing->arena, "%s to %s", tracing->vlans[from_vlan].name, to);
}

static const char *service_cipher(const struct ends *ends)
{
	static const char *const ciphers[] = {
		[SERVICE_CLEAR] = NULL,
		[SERVICE_TLS] = "tls",
		[SERVICE_SSH] = "ssh",
	};

	return ciphers[ends->encrypted];
}

/* Inside a host where an ssh session carries the bytes through, or where it ends (NULL). */
static void add_inside(const struct tracing *tracing, size_t host, const char *session)
{
	const char *own = service_cipher(tracing->ends);
	const char *cipher = session ? session : own;
	const char *name = tracing->hosts[host].name;
	const char *root = arena_format(tracing->arena, "root on %s", name);
	const bool served =
		host == tracing->ends->egress; /* encryption of its own ends there, too */

	add(tracing, (struct plan_segment){
			     .from = host,
			     .to = host,
			     .vlan = TOPOLOGY_NONE,
			     .where = arena_format(tracing->arena, "inside %s", name),
			     .encrypted_by = cipher,
			     .own = !session && own,
			     .readable_by = cipher && !served ? "nobody" : root,
		     });
}

/* The stretch of one hop's dial, which the innermost ssh session crosses; away from me or to it. */
static void add_hop(const struct tracing *tracing, const struct plan_hop *hop, const char *session,
		    bool to_me)
{
	const struct reach dial = reach_sshd(tracing->plan->topology, hop->from, hop->host,
					     hop->through != TOPOLOGY_NONE, tracing->ends->options);

	add(tracing, (struct plan_segment){
			     .from = to_me ? hop->host : hop->from,
			     .to = to_me ? hop->from : hop->host,
			     .vlan = hop->vlan,
			     .where = wire(tracing, dial.from_vlan, dial.vlan),
			     .encrypted_by = session,
			     .readable_by = "nobody",
		     });
}

/* The stretch from the host that dials the egress to the egress's host, if that is another one. */
static void add_egress(const struct tracing *tracing, size_t from, const struct reach *dial)
{
	const struct ends *ends = tracing->ends;
	const char *cipher = service_cipher(ends);
	const char *where = wire(tracing, dial->from_vlan, dial->vlan);
	const char *readers = arena_format(tracing->arena, "anyone on %s", where);

	if (from == ends->egress && ends->type != PLAN_DYNAMIC)
		return;
	if (ends->type == PLAN_DYNAMIC) {
		where = arena_format(tracing->arena, "beyond %s", tracing->hosts[from].name);
		readers = "anyone on the way";
	} else if (dial->vlan == TOPOLOGY_NONE) {
		readers = "anyone on the way";
	} else if (dial->from_vlan != dial->vlan) {
		readers = arena_format(tracing->arena, "anyone on %s or %s, or the router between",
				       tracing->vlans[dial->from_vlan].name,
				       tracing->vlans[dial->vlan].name);
	}
	add(tracing, (struct plan_segment){
			     .from = from,
			     .to = ends->type == PLAN_DYNAMIC ? TOPOLOGY_NONE : ends->egress,
			     .vlan = dial->vlan,
			     .where = where,
			     .encrypted_by = cipher,
			     .own = cipher != NULL,
			     .readable_by = cipher ? "nobody" : readers,
		     });
}

/* Local and dynamic: me, the hops outwards, out of the last one. */
static void trace_outwards(const struct tracing *tracing, const size_t *chain, size_t count,
			   const char *session, const struct reach *dial)
{
	const struct plan_hop *hops = tracing->plan->hops;

	for (size_t i = 0; i < count; i++) {
		const size_t host = hops[chain[i]].host;
		const bool last = i + 1 == count;

		add_hop(tracing, &hops[chain[i]], session, false);
		add_inside(tracing, host, last ? NULL : session);
	}
	add_egress(tracing, hops[chain[count - 1]].host, dial);
}

/* Remote: into the last hop, back along the chain, out of me. */
static void trace_homewards(const struct tracing *tracing, const size_t *chain, size_t count,
			    const char *session, const struct reach *dial)
{
	const struct plan_hop *hops = tracing->plan->hops;

	for (size_t i = count; i-- > 0;) {
		const bool first = i + 1 == count;

		add_inside(tracing, hops[chain[i]].host, first ? NULL : session);
		add_hop(tracing, &hops[chain[i]], session, true);
	}
	add_inside(tracing, tracing->ends->me, NULL);
	add_egress(tracing, tracing->ends->me, dial);
}

void exposure_add(struct plan *plan, size_t forward, const struct ends *ends,
		  const struct reach *dial, struct arena *arena)
{
	const struct tracing tracing = {
		.plan = plan,
		.hosts = plan->topology->hosts,
		.vlans = plan->topology->vlans,
		.forward = forward,
		.ends = ends,
		.arena = arena,
	};
	const size_t last = plan->forwards[forward].hop;
	const char *session =
		arena_format(arena, "ssh (%s)", tracing.hosts[plan->hops[last].host].name);
	size_t count;
	const size_t *chain = plan_chain(plan, last, arena, &count);

	if (ends->type == PLAN_REMOTE)
		trace_homewards(&tracing, chain, count, session, dial);
	else
		trace_outwards(&tracing, chain, count, session, dial);
}
