/*
 * Claims: which forward has, or is about to have, which place. The engine keeps one list of all
 * forwards that listen, were asked for, or are being closed. ssh would say yes to a second one at the
 * same place of the same master, and the end of either would be the end of both; and an sshd that says no to one that
 * comes by another path does not say that the place is ours. Hosts are told apart by their names in the file.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_CLAIMS_H
#define TUNPLAN_EXEC_TUNNEL_CLAIMS_H

#include "exec/tunnel/forward.h"

/* Returns another forward that is at the place where this one wants to listen, or NULL. */
const struct live_forward *claims_find(const struct live_forward *forward);

/* Whether a forward will be gone from its place without anybody asking for it. */
bool claims_is_leaving(const struct live_forward *forward);

/* Notes that a forward takes its place, or gives it up; again changes nothing. */
void claims_add(struct live_forward *forward);
void claims_remove(struct live_forward *forward);

#endif
