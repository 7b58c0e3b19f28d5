#include "exec/tunnel/unsupported.h"

/* Returns what of a hop is not supported, to stand behind "this version does not bring up ". */
static const char *hop_lack(const struct plan *plan, const struct plan_hop *hop,
			    struct arena *arena)
{
	const struct host *hosts = plan->topology->hosts;

	if (hop->method == PLAN_STITCHED)
		return arena_format(arena, "the session to %s that is stitched on %s",
				    hosts[hop->host].name, hosts[hop->client].name);
	return NULL;
}

bool unsupported_allows(const struct plan *plan, struct arena *arena,
			struct plan_failure *ret_failure)
{
	const char *lack = NULL;

	for (size_t i = 0; !lack && i < plan->hop_count; i++)
		lack = hop_lack(plan, &plan->hops[i], arena);
	if (!lack)
		return true;
	*ret_failure = (struct plan_failure){
		.code = "unsupported",
		.text = arena_format(arena, "%s is planned, but this version does not bring up %s",
				     plan->name, lack),
		.help = arena_format(arena,
				     "`tunplan export script %s` prints a script that does it",
				     plan->name),
		.topology = plan->topology,
		.me = plan->me,
		.where = plan->where,
	};
	return false;
}
