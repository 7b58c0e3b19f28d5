/*
 * Link way: how links ask for listeners, chosen by $TUNPLAN_MUX: natively, which is usual, or by the system's ssh
 * (`ssh -O`), should its protocol not be ours.
 */
#ifndef TUNPLAN_EXEC_SSH_LINK_WAY_H
#define TUNPLAN_EXEC_SSH_LINK_WAY_H

/* Returns what is wrong with $TUNPLAN_MUX, as a sentence that the caller frees, or NULL: there is such a way. */
char *link_way_fault(void);

#endif
