#include "planner/explain/exposure.h"

#include "planner/reach/reach.h"

/* What all segments of one forward have in common. */
struct tracing {
	struct plan *plan;
	const struct host *hosts;
	const struct vlan *vlans;
	const struct task *task;
	size_t egress;   /* its host; TOPOLOGY_NONE: outside the file */
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
	const bool served = host == tracing->egress && !task->to_egress.socks;

	add(tracing, (struct plan_segment){
			     .from = host,
			     .to = host,
			     .vlan = TOPOLOGY_NONE,
			     .trust = tracing->hosts[host].trust,
			     .where = arena_format(tracing->arena, "inside %s", name),
			     .encrypted_by = cipher,
			     .own = !session && tracing->own,
			     .counts = host != task->ingress && host != tracing->egress,
			     .readable_by = cipher && !served ? "nobody" : root,
		     });
}

/* --- over VLANs */

/* What a connection crosses. */
struct wire {
	size_t vlan;                /* where it arrives; TOPOLOGY_NONE: outside the file */
	struct reach_vlans leaving; /* by one of which it leaves: nobody knows by which */
};

static struct wire wire_of(const struct tracing *tracing, size_t from, enum reach_by by,
			   const struct reach_to *to, size_t vlan, const char *address)
{
	struct wire wire = {.vlan = vlan};

	if (vlan != TOPOLOGY_NONE)
		wire.leaving = reach_leaving(tracing->task->to_egress.network_index, from, by, to,
					     vlan, address, tracing->arena);
	return wire;
}

/* Whether it goes from one VLAN to another. */
static bool is_routed(const struct wire *wire)
{
	return wire->leaving.count && wire->leaving.items[0] != wire->vlan;
}

/* Returns the names of the VLANs by which it may leave: "a", "a or b", "a, b or c". */
static const char *leaving_text(const struct tracing *tracing, const struct wire *wire,
				const char *last)
{
	const char *text = "";

	for (size_t i = 0; i < wire->leaving.count; i++)
		text = arena_format(tracing->arena, "%s%s%s", text,
				    i == 0                         ? ""
				    : i + 1 == wire->leaving.count ? last
								   : ", ",
				    tracing->vlans[wire->leaving.items[i]].name);
	return text;
}

/* Names the VLANs that a connection crosses: "vlan1", or both ends' where it is routed. */
static const char *wire_text(const struct tracing *tracing, const struct wire *wire)
{
	const char *to;

	if (wire->vlan == TOPOLOGY_NONE)
		return "outside the file";
	to = tracing->vlans[wire->vlan].name;
	if (!is_routed(wire))
		return to;
	return arena_format(tracing->arena, "%s to %s", leaving_text(tracing, wire, " or "), to);
}

static uint8_t wire_trust(const struct tracing *tracing, const struct wire *wire)
{
	uint8_t trust = reach_vlan_trust(tracing->plan->topology, wire->vlan);

	for (size_t i = 0; i < wire->leaving.count; i++)
		if (tracing->vlans[wire->leaving.items[i]].trust < trust)
			trust = tracing->vlans[wire->leaving.items[i]].trust;
	return trust;
}

static struct wire wire_of_hop(const struct tracing *tracing, const struct plan_hop *hop)
{
	struct reach_to sshd = reach_to_sshd(tracing->plan->topology, hop->host);
	const struct tunnel_options *options = tracing->task->to_egress.options;
	const bool itself = hop->from == hop->client || hop->method == PLAN_RELAYED;

	sshd.avoid_vlans = options->avoid_vlans;
	sshd.avoid_vlan_count = options->avoid_vlan_count;
	/* Its address may be an alias in the user's ssh_config by now. */
	return wire_of(tracing, hop->from, itself ? REACH_PROCESS : REACH_SSHD, &sshd, hop->vlan,
		       NULL);
}

/* The stretch of one hop's dial, which the innermost session crosses; away from me or to it. */
static void add_hop(const struct tracing *tracing, const struct plan_hop *hop, const char *session,
		    bool to_me)
{
	const struct wire wire = wire_of_hop(tracing, hop);
	const bool held_open = hop->vlan == TOPOLOGY_NONE;

	add(tracing, (struct plan_segment){
			     .from = to_me ? hop->host : hop->from,
			     .to = to_me ? hop->from : hop->host,
			     .vlan = hop->vlan,
			     .trust = wire_trust(tracing, &wire),
			     .where = held_open ? arena_format(tracing->arena, "what %s holds open",
							       tracing->hosts[hop->host].name)
						: wire_text(tracing, &wire),
			     .encrypted_by = session,
			     .counts = true,
			     .readable_by = "nobody",
		     });
}

static const char *readers(const struct tracing *tracing, const struct wire *wire)
{
	if (wire->vlan == TOPOLOGY_NONE)
		return "anyone on the way";
	if (!is_routed(wire))
		return arena_format(tracing->arena, "anyone on %s",
				    tracing->vlans[wire->vlan].name);
	return arena_format(tracing->arena, "anyone on %s or %s, or the router between",
			    leaving_text(tracing, wire, ", "), tracing->vlans[wire->vlan].name);
}

/* The stretch from the host that opens the egress to the egress's host, if that is another one. */
static void add_egress(const struct tracing *tracing, size_t from)
{
	const struct task *task = tracing->task;
	const struct reach dial = goal_dial(&task->to_egress, from);
	const bool socks = task->to_egress.socks;
	const struct wire wire = wire_of(
		tracing, from, from == task->to_egress.me ? REACH_PROCESS : REACH_SSHD,
		&task->to_egress.egress, dial.address ? dial.vlan : TOPOLOGY_NONE, dial.address);
	struct plan_segment segment = {
		.from = from,
		.to = socks ? TOPOLOGY_NONE : tracing->egress,
		.vlan = dial.vlan,
		.trust = wire_trust(tracing, &wire),
		.where = wire_text(tracing, &wire),
		.encrypted_by = tracing->own,
		.own = tracing->own != NULL,
		.counts = true,
		.readable_by = tracing->own ? "nobody" : readers(tracing, &wire),
	};

	if (!tracing->own && reach_trust(tracing->plan->topology, &dial) == REACH_PRIVATE) {
		segment.encrypted_by = topology_vlan_cipher(tracing->vlans[dial.vlan].encrypted);
		segment.own = segment.of_vlan = true;
		segment.readable_by = "nobody";
	}
	if (socks)
		segment.where =
			arena_format(tracing->arena, "beyond %s", tracing->hosts[from].name);
	else if (from == tracing->egress)
		return;
	/* What is held open on the exit is a connection of another program. */
	if (dial.published && dial.vlan == TOPOLOGY_NONE)
		segment.counts = false;
	add(tracing, segment);
}

/* --- piece by piece */

/*
 * One piece: outwards (local and dynamic) from the piece's client to where its last hop ends, or (remote)
 * from there back to the client.
 */
static void trace_piece(const struct tracing *tracing, const struct plan_forward *forward,
			bool outwards)
{
	const char *session =
		arena_format(tracing->arena, "ssh (%s)",
			     tracing->hosts[tracing->plan->hops[forward->hop].host].name);
	size_t count;
	const size_t *piece = plan_piece(tracing->plan, forward->hop, tracing->arena, &count);

	for (size_t i = 0; i < count; i++) {
		const size_t index = piece[outwards ? i : count - 1 - i];
		const struct plan_hop *hop = &tracing->plan->hops[index];

		add_hop(tracing, hop, session, !outwards);
		add_inside(tracing, outwards ? hop->host : hop->from,
			   i + 1 == count ? NULL : session);
	}
}

void exposure_add(struct plan *plan, const struct task *task, size_t first, size_t last,
		  struct arena *arena)
{
	struct tracing tracing = {
		.plan = plan,
		.hosts = plan->topology->hosts,
		.vlans = plan->topology->vlans,
		.task = task,
		.egress = task->egress,
		.own = service_cipher(task->to_egress.encrypted),
		.arena = arena,
	};
	size_t at = task->ingress;

	if (task_is_remote(task))
		add_inside(&tracing, at, NULL);
	for (size_t f = first; f <= last; f++) {
		const struct plan_forward *forward = &plan->forwards[f];
		const struct plan_hop *hop = &plan->hops[forward->hop];
		const bool outwards = forward->type == PLAN_LOCAL || forward->type == PLAN_DYNAMIC;

		/* Of an egress of loopback, the host is known at the end. */
		if (f == last)
			tracing.egress = forward->egress.host;
		trace_piece(&tracing, forward, outwards);
		at = outwards ? hop->host : hop->client;
	}
	add_egress(&tracing, at);
}
