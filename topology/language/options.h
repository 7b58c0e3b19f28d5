/*
 * Options: which options of the ssh client a topology may set.
 *
 * A topology is data and may come from others. An option that could run a program, load a library,
 * write a file, open a connection of its own or weaken the check of host keys is refused, each with
 * its reason. An option that is not in the table is refused as well.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_OPTIONS_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_OPTIONS_H

#include "topology/language/fault.h"

struct option {
	const char *keyword;        /* as ssh_config(5) spells it */
	const char *refused;        /* why a topology may not set it; NULL: it may */
	const char *instead;        /* what to do instead, or NULL */
	const char *const *values;  /* the only values that it may have, or NULL: any; NULL behind
				      the last one */
	const char *const *path_or; /* its value is a path, or one of these; NULL: it is none */
	unsigned words;             /* how many words it takes, with spaces between them; 0: one */
};

/* Returns the row of a keyword, whatever its case, or NULL. */
const struct option *option_find(const char *keyword);

/* Returns row number index, sorted by keyword, or NULL behind the last one. */
const struct option *option_row(size_t index);

/*
 * Whether an option may have the value: one of its values, and of characters that neither ssh nor a
 * shell takes for anything else than themselves; no more words than ssh takes; of a file, the whole
 * path.
 */
bool option_value(const struct option *option, const char *value, struct arena *arena,
		  struct fault *ret_fault);

#endif
