#include "planner/explain/exposure.h"

/* What all segments of one forward have in common. */
struct tracing {
	struct plan *plan;
	const struct host *hosts;
	const struct vlan *vlans;
	const struct task *task;
	const char *own; /* what the service encrypts by itself, or NULL */
	struct arena *arena;
};

static void add(const struct tracing *tracing, struct plan_segment segment)
{
	struct plan *plan = tracing->plan;
	struct plan_segment *added =
		arena_push(tracing->arena, &plan->exposure, &plan->exposure_count, sizeof(segment));

	segment.forward = tracing->task->index;
	*added = segment;
}

static const char *service_cipher(enum service_encryption encrypted)
{
	static const char *const ciphers[] = {
		[SERVICE_CLEAR] = NULL,
		[SERVICE_TLS] = "tls",
		[SERVICE_SSH] = "ssh",
	};

	return ciphers[encrypted];
}

/* --- inside hosts */

/* Inside a host through which a session goes (or, NULL, where it ends). */
static void add_inside(const struct tracing *tracing, size_t host, const char *session)
{
	const struct task *task = tracing->task;
	const char *cipher = session ? session : tracing->own;
	const char *name = tracing->hosts[host].name;
	const char *root = arena_format(tracing->arena, "root on %s", name);
	/* Encryption of the service's own ends there, too. */
	const bool served = host == task->egress && !task->to_egress.socks;

	add(tracing, (struct plan_segment){
			     .from = host,
			     .to = host,
			     .vlan = TOPOLOGY_NONE,
			     .trust = tracing->hosts[host].trust,
			     .where = arena_format(tracing->arena, "inside %s", name),
			     .encrypted_by = cipher,
			     .own = !session && tracing->own,
			     .counts = host != task->ingress && host != task->egress,
			     .readable_by = cipher && !served ? "nobody" : root,
		     });
}

/* --- over VLANs */

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

static uint8_t wire_trust(const struct tracing *tracing, size_t from_vlan, size_t vlan)
{
	uint8_t trust;

	if (vlan == TOPOLOGY_NONE)
		return TRUST_NONE;
	trust = tracing->vlans[vlan].trust;
	if (from_vlan != TOPOLOGY_NONE && tracing->vlans[from_vlan].trust < trust)
		trust = tracing->vlans[from_vlan].trust;
	return trust;
}

/* The stretch of one hop's dial, which the innermost session crosses; away from me or to it. */
static void add_hop(const struct tracing *tracing, const struct plan_hop *hop, const char *session,
		    bool to_me)
{
	const bool held_open = hop->vlan == TOPOLOGY_NONE;

	add(tracing, (struct plan_segment){
			     .from = to_me ? hop->host : hop->from,
			     .to = to_me ? hop->from : hop->host,
			     .vlan = hop->vlan,
			     .trust = wire_trust(tracing, hop->from_vlan, hop->vlan),
			     .where = held_open ? arena_format(tracing->arena, "what %s holds open",
							       tracing->hosts[hop->host].name)
						: wire(tracing, hop->from_vlan, hop->vlan),
			     .encrypted_by = session,
			     .counts = true,
			     .readable_by = "nobody",
		     });
}

static const char *readers(const struct tracing *tracing, const struct reach *dial)
{
	if (dial->vlan == TOPOLOGY_NONE)
		return "anyone on the way";
	if (dial->from_vlan == dial->vlan)
		return arena_format(tracing->arena, "anyone on %s",
				    tracing->vlans[dial->vlan].name);
	return arena_format(tracing->arena, "anyone on %s or %s, or the router between",
			    tracing->vlans[dial->from_vlan].name, tracing->vlans[dial->vlan].name);
}

/* The stretch from the host that opens the egress to the egress's host, if that is another one. */
static void add_egress(const struct tracing *tracing, size_t from)
{
	const struct task *task = tracing->task;
	const struct reach dial = goal_dial(&task->to_egress, from);
	const bool socks = task->to_egress.socks;
	struct plan_segment segment = {
		.from = from,
		.to = socks ? TOPOLOGY_NONE : task->egress,
		.vlan = dial.vlan,
		.trust = wire_trust(tracing, dial.from_vlan, dial.vlan),
		.where = wire(tracing, dial.from_vlan, dial.vlan),
		.encrypted_by = tracing->own,
		.own = tracing->own != NULL,
		.counts = true,
		.readable_by = tracing->own ? "nobody" : readers(tracing, &dial),
	};

	if (socks)
		segment.where =
			arena_format(tracing->arena, "beyond %s", tracing->hosts[from].name);
	else if (from == task->egress)
		return;
	/* What is held open on the exit is a connection of another program. */
	if (dial.published && dial.vlan == TOPOLOGY_NONE)
		segment.counts = false;
	add(tracing, segment);
}

/* --- piece by piece */

static const char *session_of(const struct tracing *tracing, size_t hop)
{
	return arena_format(tracing->arena, "ssh (%s)",
			    tracing->hosts[tracing->plan->hops[hop].host].name);
}

/* Local and dynamic: from the piece's client outwards, to where its last hop ends. */
static void trace_outwards(const struct tracing *tracing, const struct plan_forward *forward)
{
	const struct plan_hop *hops = tracing->plan->hops;
	const char *session = session_of(tracing, forward->hop);
	size_t count;
	const size_t *piece = plan_piece(tracing->plan, forward->hop, tracing->arena, &count);

	for (size_t i = 0; i < count; i++) {
		add_hop(tracing, &hops[piece[i]], session, false);
		add_inside(tracing, hops[piece[i]].host, i + 1 == count ? NULL : session);
	}
}

/* Remote: from where its last hop ends back to the piece's client. */
static void trace_homewards(const struct tracing *tracing, const struct plan_forward *forward)
{
	const struct plan_hop *hops = tracing->plan->hops;
	const char *session = session_of(tracing, forward->hop);
	size_t count;
	const size_t *piece = plan_piece(tracing->plan, forward->hop, tracing->arena, &count);

	for (size_t i = count; i-- > 0;) {
		add_hop(tracing, &hops[piece[i]], session, true);
		add_inside(tracing, hops[piece[i]].from, i ? session : NULL);
	}
}

void exposure_add(struct plan *plan, const struct task *task, size_t first, size_t last,
		  struct arena *arena)
{
	const struct tracing tracing = {
		.plan = plan,
		.hosts = plan->topology->hosts,
		.vlans = plan->topology->vlans,
		.task = task,
		.own = service_cipher(task->to_egress.encrypted),
		.arena = arena,
	};
	size_t at = task->ingress;

	if (task_is_remote(task))
		add_inside(&tracing, at, NULL);
	for (size_t f = first; f <= last; f++) {
		const struct plan_forward *forward = &plan->forwards[f];
		const struct plan_hop *hop = &plan->hops[forward->hop];

		if (forward->type == PLAN_LOCAL || forward->type == PLAN_DYNAMIC) {
			trace_outwards(&tracing, forward);
			at = hop->host;
		} else {
			trace_homewards(&tracing, forward);
			at = hop->client;
		}
	}
	add_egress(&tracing, at);
}
