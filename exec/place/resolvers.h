/*
 * Resolvers: the name servers that this machine uses, and the domains that it searches.
 *
 * Both come from resolv.conf(5), as for other programs. If that file names only systemd-resolved,
 * the servers and domains of systemd-resolved are added.
 */
#ifndef TUNPLAN_EXEC_PLACE_RESOLVERS_H
#define TUNPLAN_EXEC_PLACE_RESOLVERS_H

#include "topology/base/arena.h"
#include "topology/model/places.h"

/*
 * Adds what a resolv.conf says to facts->resolvers and facts->domains (in arena). As for the
 * resolver itself, the last `search` or `domain` of a file counts, and lines that it would not
 * understand say nothing.
 */
void resolvers_parse(const char *text, struct arena *arena, struct place_facts *facts);

/*
 * Adds what this machine's files say (in arena). A file that is not there says nothing. Returns 0 or
 * -errno, with the facts untouched.
 */
int resolvers_find(struct arena *arena, struct place_facts *facts);

#endif
