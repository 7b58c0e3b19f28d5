/*
 * Lookup: finds the address of a name on this machine. ssh itself would look it up in the loop that serves
 * all its connections, and be deaf as long as a name server takes.
 */
#ifndef TUNPLAN_EXEC_SSH_LOOKUP_H
#define TUNPLAN_EXEC_SSH_LOOKUP_H

struct lookup;
struct uv_loop_s;

/* address: the first one, numeric; NULL when nobody knows the name. The lookup is freed then. */
typedef void (*lookup_done)(void *data, const char *address);

/* Looks a name up; `done` follows, from the loop, also for an address. */
struct lookup *lookup_start(struct uv_loop_s *loop, const char *name, lookup_done done, void *data);

/* Ends a lookup without its `done`. Accepts NULL. */
void lookup_cancel(struct lookup *lookup);

#endif
