/*
 * YAML: bytes -> a tree in which every key and every value knows its place.
 *
 * Built from libyaml's events, with limits, and without what makes YAML a trap: duplicate keys,
 * cycles, tags and further documents are errors. Aliases share the node that they name; `<<` is
 * merged already. The tree lives in the arena; the source's text must outlive it.
 *
 *     bytes -> yaml.h (spanned tree) -> document.h (parsed) -> topology.h (validated)
 */
#ifndef TUNPLAN_TOPOLOGY_YAML_H
#define TUNPLAN_TOPOLOGY_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/diag.h"

/* Limits: a file beyond them is refused, so memory and time stay in proportion to its size. */
#define YAML_SIZE_MAX    ((size_t)16 * 1024 * 1024) /* bytes */
#define YAML_DEPTH_MAX   64                         /* lists and mappings in each other */
#define YAML_NODES_MAX   ((size_t)4000000)          /* keys and values */
#define YAML_ALIASED_MAX ((size_t)100000)           /* nodes that aliases stand for, in all */
#define YAML_ANCHORS_MAX ((size_t)1000)

/* Bits, so that a set of kinds is a number. */
enum yaml_kind { YAML_SCALAR = 1, YAML_LIST = 2, YAML_MAPPING = 4 };

/* How a scalar is written. YAML_FOLDED: any form that takes more than one line. */
enum yaml_style { YAML_PLAIN, YAML_SINGLE, YAML_DOUBLE, YAML_FOLDED };

struct yaml_node;

struct yaml_pair {
	const struct yaml_node *key; /* always a scalar */
	const struct yaml_node *value;
};

struct yaml_node {
	uint8_t kind;   /* enum yaml_kind */
	uint8_t style;  /* enum yaml_style; of scalars */
	bool flow;      /* a list or mapping in [brackets] or {braces} */
	bool reported;  /* an error about it was reported (a key that its mapping had before, an
			   alias of nothing): say no more about it */
	uint32_t count; /* bytes of a scalar, items of a list, pairs of a mapping */
	struct span at; /* a scalar with its quotes; a list or mapping that takes several lines:
			   its first character */
	union {
		const char *text;               /* scalar: NUL-terminated, no NUL inside */
		const struct yaml_node **items; /* list */
		struct yaml_pair *pairs;        /* mapping, in the file's order */
	};
};

/*
 * Reads sources[index]. Returns the tree's root, or NULL when there is none to go on with; each
 * error is in diags. A tree may come with errors (a duplicate key, say): then it holds what could
 * be kept, so that the stages behind find the rest of the errors.
 */
const struct yaml_node *yaml_read(const struct source *sources, uint32_t index, struct arena *arena,
				  struct diag_list *diags);

/* Returns whether a node is a plain scalar that YAML reads as null: nothing, ~, null. */
bool yaml_is_null(const struct yaml_node *node);

/*
 * Returns the place of bytes [offset, offset + length) of a scalar's text: exact where the scalar
 * stands on one line as it is, else the whole scalar.
 */
struct span yaml_part(const struct yaml_node *scalar, size_t offset, size_t length);

#endif
