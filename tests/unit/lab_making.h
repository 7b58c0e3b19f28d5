/* What the lab's tests share: the network of a topology from YAML text. */
#ifndef TUNPLAN_TESTS_UNIT_LAB_MAKING_H
#define TUNPLAN_TESTS_UNIT_LAB_MAKING_H

#include "exec/lab/network/network.h"
#include "tests/unit/loading.h"

/* A network made from a text. */
struct made {
	struct loading loading;
	const struct lab_network *network;
	const char *problem;
};

/* Makes the network of a text that must be good; network stays NULL if problem says why. */
static inline void make(struct made *made, const char *yaml)
{
	*made = (struct made){.network = NULL};
	loading_load_good(&made->loading, yaml);
	lab_network_create(made->loading.topology, &made->loading.arena, &made->network,
			   &made->problem);
}

static inline void make_finish(struct made *made)
{
	loading_finish(&made->loading);
}

/* Returns the node of that name; "router" is the router. */
static inline const struct lab_node *node(const struct made *made, const char *name)
{
	if (strcmp(name, "router") == 0)
		return made->network->router;
	return &made->network->nodes[topology_host(made->loading.topology, name)];
}

#endif
