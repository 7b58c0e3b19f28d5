/*
 * YAML mapping: what is left to do when libyaml has given all keys and values of one mapping.
 *
 * Only yaml.c calls it: keys must be scalars and unique, `<<` is replaced by what it merges.
 */
#ifndef TUNPLAN_TOPOLOGY_YAML_MAPPING_H
#define TUNPLAN_TOPOLOGY_YAML_MAPPING_H

#include "topology/yaml.h"

/*
 * Fills mapping (in arena) from 2 * count nodes, key and value in turn, whose array may be
 * reordered. Adds an error for each key
 * that is no scalar (the pair is dropped) or that was there before (the pair is kept and marked).
 */
void yaml_mapping_fill(struct yaml_node *mapping, struct yaml_node **nodes, size_t count,
		       struct arena *arena, struct diag_list *diags);

#endif
