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

/* A tunnel to where me gets without one: the plan goes by a hop all the same. */
static void note_direct(struct plan *plan, const struct ends *ends, struct arena *arena)
{
	const char *me = plan->topology->hosts[ends->me].name;
	struct reach direct;

	if (ends->type != PLAN_LOCAL || ends->egress == ends->me)
		return;
	direct = ends_dial(ends, ends->me);
	if (direct.open && !direct.assumed)
		note(plan, arena,
		     arena_format(arena,
				  "%s reaches %s without a tunnel, too; what this one adds is that "
				  "ssh encrypts the way to its exit",
				  me, ends->egress_text));
}

/* Where `localhost` and other names mean what they mean: on the host that dials. */
static void note_lookup(struct plan *plan, const struct plan_forward *forward,
			const struct ends *ends, const struct reach *dial, struct arena *arena)
{
	const struct host *hosts = plan->topology->hosts;
	const size_t dialler = ends->type == PLAN_REMOTE ? ends->me : plan->hops[forward->hop].host;

	if (!dial->by_name)
		return;
	note(plan, arena,
	     arena_format(arena, "the name %s is looked up on %s", dial->address,
			  hosts[dialler].name));
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

	if (!address || is_loopback(address))
		return;
	note(plan, arena,
	     arena_format(
		     arena,
		     "%s listens on %s, not only on loopback: whoever reaches that address can "
		     "use the tunnel, and what they send to it is not inside ssh",
		     host, address));
	if (forward->type == PLAN_REMOTE)
		note(plan, arena,
		     arena_format(arena,
				  "the sshd of %s listens there only with `GatewayPorts "
				  "clientspecified`",
				  host));
}

void notes_forward(struct plan *plan, size_t forward, const struct ends *ends,
		   const struct reach *dial, struct arena *arena)
{
	const struct plan_forward *made = &plan->forwards[forward];

	note_direct(plan, ends, arena);
	note_lookup(plan, made, ends, dial, arena);
	note_open_ingress(plan, made, arena);
	if (dial->assumed)
		assume(plan, arena,
		       arena_format(arena, "%s reaches %s: the file does not know that address",
				    plan->topology
					    ->hosts[ends->type == PLAN_REMOTE
							    ? ends->me
							    : plan->hops[made->hop].host]
					    .name,
				    ends->egress_text));
}
