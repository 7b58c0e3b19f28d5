/*
 * YAML build: builds the tree of yaml.h from libyaml's events, one by one. Used only by yaml.c.
 *
 * The builder keeps what is open: lists and mappings that have not ended, the keys that they have
 * had so far, and anchors.
 */
#ifndef TUNPLAN_TOPOLOGY_YAML_YAML_BUILD_H
#define TUNPLAN_TOPOLOGY_YAML_YAML_BUILD_H

#include <yaml.h>

#include "topology/yaml/yaml.h"

struct yaml_builder;

/* Makes a builder that fills a tree (zeroed). */
struct yaml_builder *yaml_builder_create(const struct source *source, struct diag_list *diags,
					 struct yaml_tree *tree);

/* Frees a builder; the tree stays. Accepts NULL. */
void yaml_builder_destroy(struct yaml_builder *builder);

/*
 * Adds the parser's next event. Returns false when the file must not be read on (a limit, a second
 * document); the error is reported.
 */
bool yaml_builder_add(struct yaml_builder *builder, const yaml_event_t *event);

#endif
