/*
 * Model: the meaning of a YAML text, built from libyaml's events alone, and which of our own errors
 * it must cause.
 *
 * The tree of topology/yaml/yaml.h is compared with it, so the two share no code: here nodes have
 * pointers, an alias is the node that it names, and there is recursion. Merge keys (<<) are
 * ordinary keys here: no case of the suite has one.
 */
#ifndef TUNPLAN_TESTS_YAML_MODEL_H
#define TUNPLAN_TESTS_YAML_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/base/strbuf.h"

struct model {
	bool valid;         /* libyaml takes all of the text */
	bool tree;          /* a tree has to come out, perhaps with errors */
	uint32_t codes;     /* what has to be reported, by model_bit() */
	struct strbuf text; /* the tree: "a", ["a"], {"a": "b"}; empty without one */
};

/* Reads a text; the model is the caller's to finish. */
void model_init(struct model *model, const char *text, size_t size);
void model_finish(struct model *model);

/* Returns the bit of a code: bit 4 for "T004". */
uint32_t model_bit(const char *code);

/* Appends a scalar of a tree, or a key. */
void model_show_scalar(struct strbuf *text, const char *scalar);

#endif
