/*
 * Failed: the tunnels whose first attempt failed, or that had failed when the supervisor was told to go, each as it
 * was then, until the next `up` or `down` of it.
 *
 * Nothing of such a tunnel runs any more. What is left of it is what the supervisor said of it then (report.h), in a
 * JSON array, the oldest first, which the record keeps: so it outlives the supervisor. Of one identity there is one at
 * most, and of all the newest FAILED_MAX. An entry never changes:
 *
 *     {"at_ms", "tunnel":{…}}      at_ms: when that was, since the machine was started, its sleep included
 *
 * One that was wanted under another supervisor, and that this one cannot plan, is among them with what is wanted, so that
 * its ssh processes stay until somebody takes it down (adopt.h); these are not counted:
 *
 *     {"at_ms", "tunnel":{…}, "wish":{…}}          wish: its row of the record (record.h)
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_FAILED_H
#define TUNPLAN_EXEC_SUPERVISOR_FAILED_H

#include <jansson.h>

#define FAILED_MAX 64

/*
 * Adds a tunnel that failed just now: what report_tunnel() says of it, whose reference it takes. The hops' ssh processes
 * and next tries are left out: they end. A hop that waited for one has "failed", and so has
 * a forward that waited for its hop.
 */
void failed_add(json_t *failed, json_t *report);

/* The same of one that is wanted, and cannot be planned. Takes both references. */
void failed_add_wish(json_t *failed, json_t *report, json_t *wish);

/* Returns what is wanted of such a one, or NULL. */
const json_t *failed_wish(const json_t *entry);

/* Adds the entries of a record (NULL: none) but for those that are wanted; not those of another start of the machine. */
void failed_restore(json_t *failed, const json_t *recorded);

/* Returns the identity of an entry's tunnel, as protocol_id() makes it, or another text of report_identity(). */
const char *failed_id(const json_t *entry);
const char *failed_text(const json_t *entry, const char *key);

/* Returns what report_identity() says of a live tunnel. A new reference. */
json_t *failed_identity(const json_t *entry);

/* Removes the tunnel of an identity, if it is there. */
void failed_forget(json_t *failed, const char *id);

/* Returns what an entry says now, when all of its ages are greater: report_tunnel()'s object. A new reference. */
json_t *failed_report(const json_t *entry);

#endif
