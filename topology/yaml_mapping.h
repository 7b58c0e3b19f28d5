/*
 * YAML mapping: what is left to do when libyaml has given all keys and values of one mapping.
 *
 * Only yaml_build.c calls it: keys must be scalars and unique, and what `<<` merges is added.
 */
#ifndef TUNPLAN_TOPOLOGY_YAML_MAPPING_H
#define TUNPLAN_TOPOLOGY_YAML_MAPPING_H

#include "topology/yaml.h"

/*
 * Finishes the mapping at index `mapping` of the tree, all of whose nodes are there. keys are the
 * indexes of its key_count keys, in the file's order. Adds an error for each key that is no scalar (a
 * walk leaves that pair out) or that was there before (the pair stays, and the key is marked).
 */
void yaml_mapping_finish(struct yaml_tree *tree, size_t mapping, const uint32_t *keys,
			 size_t key_count, struct diag_list *diags);

#endif
