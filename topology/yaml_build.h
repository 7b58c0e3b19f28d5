/*
 * YAML build: from libyaml's events, one by one, to the tree of yaml.h.
 *
 * Only yaml.c calls it. The builder keeps what is open: lists and mappings whose end has not come,
 * finished nodes that wait for the end of their parent, anchors. The tree is in the arena.
 */
#ifndef TUNPLAN_TOPOLOGY_YAML_BUILD_H
#define TUNPLAN_TOPOLOGY_YAML_BUILD_H

#include <yaml.h>

#include "topology/yaml.h"

struct yaml_builder;

/* Makes a builder for the source with that index. Aborts when there is no memory. */
struct yaml_builder *yaml_builder_create(uint32_t source, struct arena *arena,
					 struct diag_list *diags);

/* Frees a builder; the tree stays. Accepts NULL. */
void yaml_builder_destroy(struct yaml_builder *builder);

/*
 * Adds the parser's next event. Returns false when the file must not be read on (a limit, a second
 * document); the error is reported.
 */
bool yaml_builder_add(struct yaml_builder *builder, const yaml_event_t *event);

/* Returns the root of the tree, or NULL when there was no document. */
const struct yaml_node *yaml_builder_root(const struct yaml_builder *builder);

#endif
