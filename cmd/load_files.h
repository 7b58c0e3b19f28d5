/* Load files: gives topology_load() the files and environment variables that it asks for. */
#ifndef TUNPLAN_CMD_LOAD_FILES_H
#define TUNPLAN_CMD_LOAD_FILES_H

#include "topology/load.h"

/*
 * Reads the first file of a topology, by its path or "-" for standard input. Where it cannot be read,
 * or another user could write it and it is not trusted (trust.h), ret_file->refused says why.
 */
void load_files_first(const char *path, bool trusted, struct arena *arena,
		      struct load_file *ret_file);

/* Gives what loading needs to find included files, by the same rules, and the environment. */
void load_files_input(bool trusted, struct load_input *ret_input);

#endif
