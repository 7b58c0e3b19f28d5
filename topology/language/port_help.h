/*
 * Port help: what to write instead of a text that is meant as a port, and is none.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_PORT_HELP_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_PORT_HELP_H

#include <stddef.h>

#include "topology/base/arena.h"

/* Returns the help; formatted texts are in arena. */
const char *port_help(const char *text, size_t length, struct arena *arena);

/* The same for texts that are certainly meant as a port; NULL for all others. */
const char *port_help_own(const char *text, size_t length, struct arena *arena);

#endif
