/*
 * Own link: whether the way from this machine to an address begins at all, before anybody blames who is at its end: is there
 * a route, and is the interface that it leaves by up? Answers at once, sends nothing and needs no rights.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_OWN_LINK_H
#define TUNPLAN_EXEC_SYSTEM_OWN_LINK_H

#include <stdbool.h>

#include "topology/base/strbuf.h"

/*
 * Returns whether this machine has no way to a numeric address now, and appends to words what is wrong. False where it has
 * one, and where that cannot be told: of a name, for example.
 */
bool own_link_is_down(const char *address, struct strbuf *words);

#endif
