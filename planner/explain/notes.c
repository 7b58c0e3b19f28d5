#include "planner/explain/notes.h"

#include <stdarg.h>
#include <string.h>

#include "planner/model/endpoint.h"
#include "planner/reach/permit.h"
#include "topology/language/address.h"
#include "topology/model/no_effect.h"

/* Ports below need root where ssh listens (IPPORT_RESERVED). */
#define PORT_UNPRIVILEGED 1024

/* What is being said about a plan, or about one forward. */
struct noting {
	struct plan *plan;
	const struct host *hosts;
	struct arena *arena;
	const struct task *task; /* of the forward */
};

/* Adds a sentence, once. */
__attribute__((format(printf, 4, 0))) static void add(struct arena *arena, const char ***list,
						      size_t *count, const char *format,
						      va_list arguments)
{
	const char *text = arena_vformat(arena, format, arguments);
	const char **added;

	for (size_t i = 0; i < *count; i++)
		if (strcmp((*list)[i], text) == 0)
			return;
	added = arena_push(arena, list, count, sizeof(*added));
	*added = text;
}

__attribute__((format(printf, 2, 3))) static void note(const struct noting *noting,
						       const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(noting->arena, &noting->plan->notes, &noting->plan->note_count, format, arguments);
	va_end(arguments);
}

void notes_assume(struct plan *plan, struct arena *arena, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(arena, &plan->assumed, &plan->assumed_count, format, arguments);
	va_end(arguments);
}

/* --- hops */

static void assume_login(const struct noting *noting, const struct plan_hop *hop)
{
	const struct host *hosts = noting->hosts;

	if (hop->key_assumed)
		notes_assume(noting->plan, noting->arena,
			     "%s can log in to %s by itself: the file does not state its keys",
			     hosts[hop->client].name, hosts[hop->host].name);
	else if (hop->assumed)
		notes_assume(noting->plan, noting->arena,
			     "you can log in to %s with ssh (port %u): the file does not state its "
			     "ssh",
			     hosts[hop->host].name, hop->port);
}

static void note_method(const struct noting *noting, const struct plan_hop *hop)
{
	const struct host *hosts = noting->hosts;
	const char *from = hosts[hop->from].name;

	if (hop->method == PLAN_RELAYED)
		note(noting,
		     "the sshd of %s may not forward to %s, so %s relays there, as a program of "
		     "yours",
		     from, hosts[hop->host].name, hop->relay == RELAY_SOCAT ? "socat" : "nc");
	if (hop->method == PLAN_STITCHED)
		note(noting,
		     "%s logs in to %s with a key stored on %s, where root can read the traffic "
		     "between the two sessions",
		     from, hosts[hop->host].name, from);
}

/* An address that is not one host's for ever needs a name of its own in known_hosts. */
static void note_key_alias(const struct noting *noting, const struct plan_hop *hop)
{
	if (hop->key_alias && hop->guard.key_alias == hop->key_alias)
		note(noting,
		     "%s is not the address of one host only, so the host key is stored and looked "
		     "up under the name %s",
		     endpoint_text(hop->address, hop->port, noting->arena), hop->key_alias);
}

/* Text is compared: the same host by another name is another one to PermitOpen. */
static void note_permit(const struct noting *noting, const struct plan_hop *hop)
{
	const struct host *from = &noting->hosts[hop->from];

	if (hop->from != hop->client && hop->method == PLAN_NESTED && from->sshd &&
	    from->sshd->open.kind == SSHD_PERMITS_LISTED)
		note(noting,
		     "sshd compares PermitOpen as text: %s permits %s, but would refuse any other "
		     "spelling",
		     from->name, endpoint_text(hop->address, hop->port, noting->arena));
}

void notes_hops(struct plan *plan, struct arena *arena)
{
	const struct noting noting = {plan, plan->topology->hosts, arena, NULL};

	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];

		assume_login(&noting, hop);
		note_method(&noting, hop);
		note_key_alias(&noting, hop);
		note_permit(&noting, hop);
	}
}

/* --- the tunnel's options */

void notes_options(struct plan *plan, const struct tunnel_options *options, struct arena *arena)
{
	const struct noting noting = {plan, plan->topology->hosts, arena, NULL};

	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct host *host = &noting.hosts[plan->hops[i].host];

		if (host->ssh->interactive)
			note(&noting,
			     "each login on %s asks a person; this version cannot pass the "
			     "question on, and the login fails",
			     host->name);
	}
	if (options->no_probe)
		note(&noting,
		     "`probe: no`: the tunnel counts as up when it listens; nothing checks that "
		     "the egress answers");
	for (size_t i = 0; i < NO_EFFECT_KEYS; i++)
		if (no_effects[i].is_stated(options))
			note(&noting, NO_EFFECT_SENTENCE, no_effects[i].key, no_effects[i].instead);
}

/* --- forwards */

/* A tunnel to where me gets without one: the plan goes by a hop all the same. */
static void note_direct(const struct noting *noting)
{
	const struct task *task = noting->task;
	const size_t me = task->request->me;
	struct reach direct;

	if (task_is_remote(task) || task->to_egress.socks || goal_is_inside(&task->to_egress, me))
		return;
	direct = goal_dial(&task->to_egress, me);
	if (direct.open && !direct.assumed)
		note(noting,
		     "%s can also be reached from %s without a tunnel; this tunnel adds ssh "
		     "encryption as far as its exit",
		     task->to_egress.text, noting->hosts[me].name);
}

/* What the sshd of the ingress's host makes of an address that it leaves only where it is told to. */
static void note_gateway_ports(const struct noting *noting, const char *host)
{
	const struct sshd_settings *sshd = noting->hosts[noting->task->ingress].sshd;

	if (sshd && sshd->at[SSHD_GATEWAY_PORTS].at)
		return;
	notes_assume(noting->plan, noting->arena,
		     "the sshd of %s listens where it is asked (`GatewayPorts clientspecified`): "
		     "the file does not say, and by default it would listen on 127.0.0.1 or ::1 "
		     "only",
		     host);
}

/* An entrance that others can use, too. */
static void note_open_ingress(const struct noting *noting)
{
	const struct plan_end *entrance = &noting->task->entrance;

	if (!entrance->address)
		return;
	if (task_is_remote(noting->task) && !permit_listens_by_default(entrance->address))
		note_gateway_ports(noting, noting->hosts[entrance->host].name);
	if (!address_is_loopback(entrance->address))
		note(noting,
		     "the ingress is on %s, not only on loopback: anyone who can reach that "
		     "address can use the tunnel, and their traffic to it is not inside ssh",
		     entrance->address);
}

static void note_privileged(const struct noting *noting)
{
	const struct plan_end *entrance = &noting->task->entrance;

	if (entrance->port && entrance->port < PORT_UNPRIVILEGED)
		note(noting,
		     "only root may listen on port %u of %s, unless its system is told otherwise",
		     entrance->port, noting->hosts[entrance->host].name);
}

/* The file names no service at a port that is dialled on its own host; one that listens on some address alone is none there. */
static void assume_listening(const struct noting *noting, const struct reach *dial)
{
	const struct goal *goal = &noting->task->to_egress;

	if (noting->task->service || goal->egress.own || goal->encrypted == SERVICE_SSH ||
	    !dial->address || !address_is_loopback(dial->address))
		return;
	notes_assume(noting->plan, noting->arena,
		     "%s listens on %s, too: the file names no service there", goal->text,
		     dial->address);
}

/* Where the egress's name is looked up, and what is not known of it. */
static void note_dial(const struct noting *noting, size_t dialling)
{
	const struct task *task = noting->task;
	const struct reach dial = goal_dial(&task->to_egress, dialling);
	const char *dialler = noting->hosts[dialling].name;

	/* A name means what it means on the host that dials it. */
	if (dial.by_name)
		note(noting, "the name %s is looked up on %s", dial.address, dialler);
	assume_listening(noting, &dial);
	if (dial.assumed)
		notes_assume(noting->plan, noting->arena,
			     "%s can reach %s: that address is not in the file", dialler,
			     task->to_egress.text);
}

/* What neither ssh nor the service encrypts, where it passes through a host that is no end of it. */
static void note_clear(const struct noting *noting)
{
	const struct plan *plan = noting->plan;

	for (size_t i = 0; i < plan->exposure_count; i++) {
		const struct plan_segment *segment = &plan->exposure[i];

		if (segment->forward == noting->task->index && segment->from == segment->to &&
		    segment->counts && !segment->encrypted_by)
			note(noting,
			     "root on %s can read what goes to %s: ssh ends there, and the file "
			     "does not say that the service encrypts",
			     noting->hosts[segment->from].name, noting->task->to_egress.text);
	}
}

void notes_forward(struct plan *plan, const struct task *task, size_t last, struct arena *arena)
{
	const struct noting noting = {plan, plan->topology->hosts, arena, task};
	const struct plan_forward *end = &plan->forwards[last];
	const bool outwards = end->type == PLAN_LOCAL || end->type == PLAN_DYNAMIC;

	note_clear(&noting);
	note_direct(&noting);
	note_dial(&noting, outwards ? plan->hops[end->hop].host : plan->hops[end->hop].client);
	note_open_ingress(&noting);
	note_privileged(&noting);
}
