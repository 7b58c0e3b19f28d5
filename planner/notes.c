#include "planner/notes.h"

#include <string.h>

static void add(struct arena *arena, const char ***list, size_t *count, const char *text)
{
	const char **added;

	for (size_t i = 0; i < *count; i++)
		if (strcmp((*list)[i], text) == 0)
			return;
	added = arena_push(arena, list, count, sizeof(*added));
	*added = text;
}

static void note(struct plan *plan, struct arena *arena, const char *text)
{
	add(arena, &plan->notes, &plan->note_count, text);
}

static void assume(struct plan *plan, struct arena *arena, const char *text)
{
	add(arena, &plan->assumed, &plan->assumed_count, text);
}

void notes_hops(struct plan *plan, struct arena *arena)
{
	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];

		if (hop->assumed)
			assume(plan, arena,
			       arena_format(arena,
					    "you can log in to %s with ssh (port %u): the file "
					    "does not state its ssh",
					    plan->topology->hosts[hop->host].name, hop->port));
	}
}

void notes_options(struct plan *plan, const struct tunnel_options *options, struct arena *arena)
{
	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct host *host = &plan->topology->hosts[plan->hops[i].host];

		if (host->ssh->interactive)
			note(plan, arena,
			     arena_format(arena,
					  "each login on %s asks a person; this version cannot "
					  "pass the question on, and the login fails",
					  host->name));
	}
	if (options->no_probe)
		note(plan, arena,
		     "`probe: no`: it counts as up when it listens; whether the egress "
		     "answers is not looked at");
	if (options->probe_s)
		note(plan, arena,
		     "this version probes when the tunnel comes up, not from time to time");
	if (options->on_demand)
		note(plan, arena, "this version makes the hops at once, not on demand");
	if (options->idle_timeout_s)
		note(plan, arena, "this version does not take an idle tunnel down");
}

/* A tunnel to where me gets without one: the plan goes by a hop all the same. */
static void note_direct(struct plan *plan, const struct ends *ends, struct arena *arena)
{
	struct reach direct;

	if (ends->type != PLAN_LOCAL || ends->egress == ends->me)
		return;
	direct = ends_dial(ends, ends->me);
	if (direct.open && !direct.assumed)
		note(plan, arena,
		     arena_format(arena,
				  "%s can be reached from %s without a tunnel, too; what this one "
				  "adds is that ssh encrypts the way to its exit",
				  ends->egress_text, plan->topology->hosts[ends->me].name));
}

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* An entrance that others can use, too. */
static void note_open_ingress(struct plan *plan, const struct plan_forward *forward,
			      struct arena *arena)
{
	const char *host = plan->topology->hosts[forward->ingress.host].name;
	const char *address = forward->ingress.address;
	const char *text;

	if (!address || is_loopback(address))
		return;
	text = arena_format(
		arena,
		"the ingress is on %s, not only on loopback: whoever reaches that "
		"address can use the tunnel, and what they send to it is not inside ssh",
		address);
	note(plan, arena, text);
	if (forward->type != PLAN_REMOTE)
		return;
	text = arena_format(arena,
			    "the sshd of %s listens there only with `GatewayPorts clientspecified`",
			    host);
	note(plan, arena, text);
}

void notes_forward(struct plan *plan, size_t forward, const struct ends *ends,
		   const struct reach *dial, struct arena *arena)
{
	const struct plan_forward *made = &plan->forwards[forward];
	const size_t dialling = ends->type == PLAN_REMOTE ? ends->me : plan->hops[made->hop].host;
	const char *dialler = plan->topology->hosts[dialling].name;

	note_direct(plan, ends, arena);
	/* A name means what it means on the host that dials it. */
	if (dial->by_name)
		note(plan, arena,
		     arena_format(arena, "the name %s is looked up on %s", dial->address, dialler));
	note_open_ingress(plan, made, arena);
	if (dial->assumed)
		assume(plan, arena,
		       arena_format(arena, "%s reaches %s: the file does not know that address",
				    dialler, ends->egress_text));
}
