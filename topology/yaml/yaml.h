/*
 * YAML: turns bytes into a tree in which every key and value knows its place.
 *
 * Built from libyaml's events, with limits, and without YAML's traps: duplicate keys, cycles, tags
 * and further documents are errors. An alias shares the node that it names; `<<` is merged already.
 *
 *     bytes -> yaml.h (spanned tree) -> document.h (parsed) -> topology.h (validated)
 *
 * The tree is one array in depth-first order: each node is followed by everything inside it. A
 * large file has millions of nodes, so a node takes only 16 bytes and the array is read from front
 * to back. Readers walk over lists with yaml_items() and over mappings with yaml_pairs().
 */
#ifndef TUNPLAN_TOPOLOGY_YAML_YAML_H
#define TUNPLAN_TOPOLOGY_YAML_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/diag/diag.h"

/* Limits: a file beyond them is refused, so memory and time stay in proportion to its size. */
#define YAML_DEPTH_MAX   64                /* lists and mappings in each other */
#define YAML_NODES_MAX   ((size_t)4000000) /* keys and values */
#define YAML_ALIASED_MAX ((size_t)100000)  /* nodes that aliases stand for, in all */
#define YAML_ANCHORS_MAX ((size_t)1000)

/* Bits, so that a set of kinds is a number. An alias is in the array only: no walk gives one. */
enum yaml_kind { YAML_ALIAS = 0, YAML_SCALAR = 1, YAML_LIST = 2, YAML_MAPPING = 4 };

/*
 * How a node is written. Of scalars, YAML_FOLDED is any form that takes more than one line; lists and
 * mappings are YAML_BLOCK, or YAML_FLOW in [brackets] and {braces}.
 */
enum yaml_style { YAML_PLAIN, YAML_SINGLE, YAML_DOUBLE, YAML_FOLDED, YAML_BLOCK = 0, YAML_FLOW };

struct yaml_node {
	struct span at; /* a scalar with its quotes; a list or mapping that takes several lines: its
			   first character */
	uint32_t value; /* scalar: offset of its text in the tree's; list or mapping: nodes in the
			   array, itself included; alias: how many nodes further to the front the
			   node is that it repeats */
	unsigned count : 24;   /* bytes of a scalar, items of a list, pairs of a mapping */
	unsigned kind : 3;     /* enum yaml_kind */
	unsigned style : 2;    /* enum yaml_style */
	unsigned key : 1;      /* a scalar that is the key of a pair */
	unsigned exact : 1;    /* a scalar whose text stands in the source byte by byte */
	unsigned reported : 1; /* an error about it was reported (a key that its mapping had before,
				  an alias of nothing): say no more about it */
};

struct yaml_tree {
	struct yaml_node *nodes; /* from malloc(); the root is the first */
	size_t count;
	size_t room;
	char *text; /* the scalars', each with a NUL behind it; from malloc() */
	size_t text_size;
	size_t text_room;
	bool aliased; /* there are aliases of lists or mappings: these may be read again */
};

struct yaml_pair {
	const struct yaml_node *key; /* always a scalar */
	const struct yaml_node *value;
};

/*
 * Reads a source of *sources into a tree (zeroed), which the caller finishes in every case. Returns
 * whether there is a tree to go on with; each error is in diags. A tree may come with errors (a
 * duplicate key, say): then it holds what could be kept, so that the stages behind find the rest of
 * the errors.
 */
bool yaml_read(const struct source *source, struct diag_list *diags, struct yaml_tree *tree);

/* Frees a tree. Accepts a zeroed one. */
void yaml_tree_finish(struct yaml_tree *tree);

/* Gives the memory of a tree, which goes on to be read, to an arena. */
void yaml_tree_give(const struct yaml_tree *tree, struct arena *arena);

/*
 * Lends the memory of nodes that nobody reads any more, of a tree whose memory was given away: those of
 * [from, to), or, if to is NULL, of all from there on.
 */
void yaml_tree_lend(const struct yaml_tree *tree, const struct yaml_node *from,
		    const struct yaml_node *to, struct arena *arena);

/* Returns a scalar's text, NUL-terminated and without a NUL inside. */
const char *yaml_text(const struct yaml_tree *tree, const struct yaml_node *scalar);

/* Gives a scalar another text. Texts that were asked for before may be gone then. */
void yaml_set_text(struct yaml_tree *tree, struct yaml_node *scalar, const char *text, size_t size);

/* A walk over what is in a list or a mapping. */
struct yaml_walk {
	const struct yaml_node *next;
	const struct yaml_node *end;
};

/* Begins a walk over a list, or over a mapping. */
struct yaml_walk yaml_walk(const struct yaml_node *node);

/* Returns the next item of a list, or NULL at its end. */
const struct yaml_node *yaml_next(struct yaml_walk *walk);

/* Gives the next pair of a mapping, its own before merged ones; false at its end. */
bool yaml_next_pair(struct yaml_walk *walk, struct yaml_pair *ret_pair);

/* Returns whether a node is a plain scalar that YAML reads as null: nothing, ~, null. */
bool yaml_is_null(const struct yaml_tree *tree, const struct yaml_node *node);

/*
 * Returns the place of bytes [offset, offset + length) of a scalar's text: exact where the text
 * stands in the source as it is, else the whole scalar.
 */
struct span yaml_part(const struct yaml_node *scalar, size_t offset, size_t length);

#endif
