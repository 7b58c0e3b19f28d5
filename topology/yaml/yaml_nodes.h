/*
 * YAML nodes: the layout of a tree's array, for the code that builds it, walks over it, or changes values in
 * place.
 */
#ifndef TUNPLAN_TOPOLOGY_YAML_YAML_NODES_H
#define TUNPLAN_TOPOLOGY_YAML_YAML_NODES_H

#include "topology/base/memory.h"
#include "topology/yaml/yaml.h"

/* Returns the node that an alias repeats; any other node is its own. */
static inline const struct yaml_node *yaml_target(const struct yaml_node *node)
{
	return node->kind == YAML_ALIAS ? node - node->value : node;
}

/* Returns what stands behind a node and all that is in it. */
static inline const struct yaml_node *yaml_behind(const struct yaml_node *node)
{
	return node + (node->kind & (YAML_LIST | YAML_MAPPING) ? node->value : 1);
}

/* Appends a node, to be filled. The array may move. */
static inline struct yaml_node *yaml_add_node(struct yaml_tree *tree)
{
	if (tree->count == tree->room)
		tree->nodes = memory_reserve(tree->nodes, &tree->room, tree->count + 1,
					     sizeof(*tree->nodes));
	return &tree->nodes[tree->count++];
}

/* Appends a text to those of the tree and returns its offset. */
uint32_t yaml_add_text(struct yaml_tree *tree, const char *text, size_t size);

#endif
