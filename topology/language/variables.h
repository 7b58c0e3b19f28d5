/*
 * Variables: the `vars` of a topology's files, and ${NAME} in their values.
 *
 * load.c collects the variables of each file when it has read the file, and expands all files once
 * it has all variables: a variable applies to the whole topology. Variables occur in values, never
 * in keys; they are replaced with text, never with YAML structure.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_VARIABLES_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_VARIABLES_H

#include "topology/language/load_input.h"
#include "topology/language/parse.h"

/* Most bytes of one value, when it is expanded. */
#define VARIABLES_VALUE_MAX ((size_t)4096)

struct variable {
	const char *name;
	struct span at;
	const char *value; /* NULL: it has none, and that is reported */
};

struct variables {
	const struct load_input *input; /* or NULL */
	struct variable *items;
	size_t count;
	struct arena *arena; /* holds all of it */
	struct diag_list *diags;
	size_t expanded; /* bytes that were made by expanding */
	bool complete;   /* all files could be read: a name that is not there is unknown */
	bool quiet;      /* what cannot be expanded is left as it is, and nothing is said of it */
};

/* Collects the `vars` of a file. A value may use the variables that stand before it. */
void variables_collect(struct variables *variables, const struct yaml_tree *tree);

/*
 * Expands a text into scratch, or reports at its place in the scalar what is wrong with it and returns
 * NULL. A text without variables is returned as it is.
 */
const char *variables_text(struct variables *variables, const struct yaml_node *scalar,
			   const char *text);

/* Expands the values of a file, but for `vars` and `include`, which were read before. */
void variables_expand(struct variables *variables, struct yaml_tree *tree);

#endif
