#include "topology/model/no_effect.h"

static bool is_on_demand(const struct tunnel_options *options)
{
	return options->on_demand;
}

static bool has_idle_timeout(const struct tunnel_options *options)
{
	return options->idle_timeout_s > 0;
}

const struct no_effect no_effects[NO_EFFECT_KEYS] = {
	{"on_demand", is_on_demand, "the hops are made at once"},
	{"idle_timeout", has_idle_timeout, "an idle tunnel stays up"},
};
