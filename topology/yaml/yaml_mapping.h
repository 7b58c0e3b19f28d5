/*
 * YAML mapping: finishes a mapping once libyaml has delivered all its keys and values: checks that
 * the keys are scalars and unique, and adds what `<<` merges. Used only by yaml_build.c.
 */
#ifndef TUNPLAN_TOPOLOGY_YAML_YAML_MAPPING_H
#define TUNPLAN_TOPOLOGY_YAML_YAML_MAPPING_H

#include "topology/yaml/yaml.h"

/* A key of a mapping that is read: what is needed to compare it with the others. */
struct yaml_key {
	uint32_t node; /* index into the tree's */
	uint32_t text; /* offset of its text; YAML_NO_TEXT: a list or a mapping, which is no key */
	uint32_t hash; /* of its text (hash.h) */
};

#define YAML_NO_TEXT UINT32_MAX

/*
 * Finishes the mapping at index `mapping` of the tree, all of whose nodes are there, and the keys
 * marked. keys are in the file's order. Adds an error for each that was there before (the pair stays,
 * and the key is marked). unusual: some key may be `<<`, or none that can be one: adds what it merges,
 * and an error for each key that is no scalar (a walk leaves that pair out).
 */
void yaml_mapping_finish(struct yaml_tree *tree, size_t mapping, const struct yaml_key *keys,
			 size_t key_count, bool unusual, struct diag_list *diags);

#endif
