/*
 * Locate: at which places of the topology this machine is, for the commands that need it.
 *
 * --place decides, then $TUNPLAN_PLACE; `none` means no place. Without them, the place is
 * recognised, if places belong to this host (places_apply()).
 */
#ifndef TUNPLAN_CMD_LOCATE_H
#define TUNPLAN_CMD_LOCATE_H

#include "cmd/loaded.h"

/*
 * Reads the names that are said, for loaded_read(): fills loaded->where if there are any. Prints which
 * one is unknown and returns EXIT_USAGE, else EXIT_DONE.
 */
int locate_said(const struct cli *cli, struct loaded *loaded);

/*
 * Finds out where me (which is known) is, unless it is said, and makes loaded->here the topology from
 * there. Prints what stands in the way of recognising a place.
 */
void locate_me(struct loaded *loaded);

/* Returns the names of the places where me is: an array of loaded->where.count, in its arena. */
const char **locate_names(struct loaded *loaded);

/*
 * The same where this machine is no guide, in a lab that is yet to be made: what is said, else the
 * places without signs. me need not be known.
 */
void locate_me_in_lab(struct loaded *loaded);

#endif
