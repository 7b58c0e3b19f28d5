/*
 * Forward check: whether the listener of a forward that was taken down is really gone. A listener
 * that remains, or that can no longer be checked, is named in forward->left.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_FORWARD_CHECK_H
#define TUNPLAN_EXEC_TUNNEL_FORWARD_CHECK_H

#include "exec/tunnel/forward.h"

/* Names the listener among what is left. */
void forward_check_leave(struct live_forward *forward, const char *why);

/* Whether its ssh ran elsewhere and was heard to have ended, so that the listener is gone. */
bool forward_is_certainly_gone(const struct live_forward *forward);

/* Starts the check unless it runs already; calls done when it is over, perhaps at once. */
void forward_check(struct live_forward *forward, void (*done)(struct live_forward *forward));

#endif
