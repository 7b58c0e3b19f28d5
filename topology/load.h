/*
 * Load: from files to a topology.
 *
 *     text -> tree (yaml.h), its variables and what it includes -> all files' document (document.h)
 *          -> topology (topology.h)
 *
 * The files that a topology includes and the variables of the environment that it names come through
 * struct load_input from whoever may read them: here nothing is opened.
 */
#ifndef TUNPLAN_TOPOLOGY_LOAD_H
#define TUNPLAN_TOPOLOGY_LOAD_H

#include "topology/diag.h"
#include "topology/topology.h"

/* A file that an `include` names, or the first one. */
struct load_file {
	const char *name;     /* as messages show it */
	const char *identity; /* tells whether two files are the same: a real path */
	const char *text;     /* not NUL-terminated; must outlive the topology's sources */
	size_t size;
	const char *refused; /* why it cannot be read (then there is no text), or NULL */
	bool too_large;      /* it was not read, because there would be too much text */
};

struct load_input {
	void *context;

	/* Returns the value of a variable of the environment, or NULL. */
	const char *(*environment)(void *context, const char *name);

	/*
	 * Finds the files that a path or pattern stands for, relative to the file `from`, in byte order
	 * of their names, and reads them; together they may have size_max bytes. What it makes is in
	 * arena. Returns why the path leads nowhere, or NULL; a pattern may match nothing.
	 */
	const char *(*include)(void *context, const struct load_file *from, const char *pattern,
			       size_t size_max, struct arena *arena, struct load_file **ret_files,
			       size_t *ret_count);
};

/* Most files of one topology. */
#define LOAD_FILES_MAX 1000

/*
 * Loads a topology from its first file and what that includes. Every text is added to sources (in
 * arena), so that diagnostics can be shown in either case. Returns true and sets *ret_topology (in
 * arena) when there was no error; else adds every error to diags, sorted, and returns false. Without
 * input, nothing can be included and every variable of the environment is unset.
 */
bool topology_load(const struct load_file *first, const struct load_input *input,
		   struct sources *sources, struct arena *arena, struct diag_list *diags,
		   const struct topology **ret_topology);

#endif
