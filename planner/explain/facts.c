#include "planner/explain/facts.h"

#include <string.h>
#include <strings.h>

#include "planner/explain/notes.h"
#include "planner/model/endpoint.h"

/* What ssh gives up after by itself. */
#define ALIVE_COUNT_MAX 3

/* One hop and what is known of it. */
struct telling {
	struct plan *plan;
	const struct plan_hop *hop;
	const struct plan_said *up;
	const struct plan_said *by_hand;
	const char *called; /* what ssh is called with */
	struct arena *arena;
};

/* Names are no different in capitals, and addresses are canonical. */
static bool is_other(const char *hostname, const char *name)
{
	return strcasecmp(hostname, name) != 0;
}

/* A guard can bring other parts of the ssh_config into play: what both ways of calling ssh say counts. */
static struct plan_guard guard_of(const struct plan_hop *hop, const struct plan_fact *fact,
				  struct arena *arena)
{
	const struct plan_said *up = &fact->up, *by_hand = &fact->by_hand;
	const bool carried = plan_is_carried(hop);
	const bool has_proxy = by_hand->jump || by_hand->command;
	const bool other_name = carried && is_other(by_hand->hostname, hop->address);

	return (struct plan_guard){
		.no_proxy = !carried && !hop->config && has_proxy,
		.traps = by_hand->traps | up->traps,
		.hostname = other_name,
		.port = carried && (other_name || by_hand->port != hop->port),
		.renamed = carried && is_other(up->hostname, hop->address),
		.key_alias = plan_key_name(hop, up->key_alias, up->hostname, arena),
		.alive_s = up->alive_s,
		.alive_count_max = up->alive_count_max == ALIVE_COUNT_MAX ? 0 : up->alive_count_max,
	};
}

static const char *place(const struct telling *telling)
{
	return endpoint_text(telling->hop->address, telling->hop->port, telling->arena);
}

static bool has_option(const struct plan_hop *hop, const char *option)
{
	const size_t length = strlen(option);

	for (size_t i = 0; hop->options && hop->options[i]; i++)
		if (strncmp(hop->options[i], option, length) == 0)
			return true;
	return false;
}

/* Whether what is dialled is an address of the family that AddressFamily leaves out. */
static bool is_left_out(const struct plan_said *up)
{
	if (strchr(up->hostname, ':'))
		return strcmp(up->family, "inet") == 0;
	return strcmp(up->family, "inet6") == 0 &&
	       up->hostname[strspn(up->hostname, "0123456789.")] == '\0';
}

/* ", from 10.8.0.6": what else the ssh_config says of a connection that ssh makes. */
static const char *manner(const struct telling *telling)
{
	const struct plan_said *up = telling->up;
	struct arena *arena = telling->arena;
	const char *text = "";

	if (!telling->hop->user && up->user)
		text = arena_format(arena, "%s, as %s", text, up->user);
	if (telling->hop->config && up->jump)
		text = arena_format(arena, "%s, through %s", text, up->jump);
	if (telling->hop->config && up->command)
		text = arena_format(arena, "%s, by a ProxyCommand", text);
	if (up->family && !has_option(telling->hop, "AddressFamily="))
		text = arena_format(arena, "%s, by IPv%d only%s", text,
				    strcmp(up->family, "inet6") == 0 ? 6 : 4,
				    is_left_out(up)
					    ? ", which this address is not: write AddressFamily "
					      "into its `options`, and the plan heeds it"
					    : "");
	if (up->bind && !has_option(telling->hop, "BindAddress="))
		text = arena_format(arena, "%s, from %s", text, up->bind);
	if (up->interface && !has_option(telling->hop, "BindInterface="))
		text = arena_format(arena, "%s, from %s", text, up->interface);
	if (up->key_alias && !telling->hop->guard.key_alias)
		text = arena_format(arena, "%s, with the host key of %s", text, up->key_alias);
	return text;
}

/* Ssh dials it, by the user's files. */
static void tell_first(const struct telling *telling)
{
	const struct plan_hop *hop = telling->hop;
	const struct plan_said *up = telling->up;
	struct arena *arena = telling->arena;
	const bool other_port = hop->port == 22 && up->port != 22;
	const char *how = manner(telling);

	if (is_other(up->hostname, telling->called) || other_port || *how)
		notes_assume(telling->plan, arena, "your ssh_config dials %s for %s%s",
			     endpoint_text(up->hostname, other_port ? up->port : hop->port, arena),
			     telling->called, how);
	if (hop->guard.no_proxy)
		notes_assume(telling->plan, arena,
			     "%s dials %s itself, and not %s%s as your ssh_config says: only an "
			     "alias (`config`) takes that way",
			     telling->plan->topology->hosts[hop->from].name, place(telling),
			     telling->by_hand->jump ? "through " : "by a ",
			     telling->by_hand->jump ? telling->by_hand->jump : "ProxyCommand");
}

/* What the ssh_config has for the place is not dialled. */
static void tell_place(const struct telling *telling)
{
	const struct plan_hop *hop = telling->hop;
	const struct plan_said *by_hand = telling->by_hand;

	/* A name that the ssh_config has no HostName for is no place of its own. */
	if (by_hand->port != hop->port ||
	    (hop->guard.hostname && is_other(by_hand->hostname, telling->called)))
		notes_assume(telling->plan, telling->arena,
			     "%s dials %s, and not %s as your ssh_config says: behind the first "
			     "hop only the file says what is dialled",
			     telling->plan->topology->hosts[hop->from].name, place(telling),
			     endpoint_text(by_hand->hostname, by_hand->port, telling->arena));
}

static void tell_carried(const struct telling *telling)
{
	const struct plan_hop *hop = telling->hop;
	const struct plan_said *up = telling->up;
	struct arena *arena = telling->arena;

	tell_place(telling);
	if (!hop->user && up->user)
		notes_assume(telling->plan, arena, "your ssh_config logs in to %s as %s",
			     telling->called, up->user);
	if (up->key_alias && !hop->guard.key_alias)
		notes_assume(telling->plan, arena, "your ssh_config knows the host key of %s as %s",
			     telling->called, up->key_alias);
	else if (up->key_alias && is_other(up->key_alias, hop->guard.key_alias))
		notes_assume(telling->plan, arena,
			     "the host key of %s is stored and looked up under that name, and not "
			     "as %s as your ssh_config says",
			     hop->guard.key_alias, up->key_alias);
}

void facts_use(struct plan *plan, const struct plan_request *request, struct arena *arena)
{
	for (size_t i = 0; i < request->fact_count; i++) {
		const struct plan_fact *fact = &request->facts[i];
		struct plan_hop *hop = &plan->hops[fact->hop];
		const struct telling telling = {
			.plan = plan,
			.hop = hop,
			.up = &fact->up,
			.by_hand = &fact->by_hand,
			.called = hop->config ? hop->config : hop->address,
			.arena = arena,
		};

		hop->guard = guard_of(hop, fact, arena);
		if (plan_is_carried(hop))
			tell_carried(&telling);
		else
			tell_first(&telling);
	}
}
