/*
 * Snapshot: one topology as an `up` sent it, validated again here. Tunnels keep the one that they
 * were planned from, whatever becomes of the file: it is counted, and freed with its last holder.
 */
#ifndef TUNPLAN_EXEC_SNAPSHOT_H
#define TUNPLAN_EXEC_SNAPSHOT_H

#include "topology/load.h"

struct snapshot {
	size_t holders;
	struct arena arena; /* the topology, and the plans made from it */
	char *path;         /* real path of the file */
	char *text;
	struct sources sources;
	const struct topology *topology;
};

/*
 * Validates a text (NUL-terminated) and returns the snapshot, held once by the caller, or NULL with
 * the diagnostics appended to why. Both strings are copied.
 */
struct snapshot *snapshot_create(const char *path, const char *text, struct strbuf *why);

/* Counts one more holder, or one less. snapshot_forget() accepts NULL. */
struct snapshot *snapshot_hold(struct snapshot *snapshot);
void snapshot_forget(struct snapshot *snapshot);

#endif
