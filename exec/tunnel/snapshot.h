/*
 * Snapshot: a topology as one `up` sent it, validated again in the supervisor, at the places that
 * me was at. A tunnel keeps the snapshot that it was planned from, whatever happens to the file and
 * wherever me goes. Snapshots are counted, and freed with their last holder.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_SNAPSHOT_H
#define TUNPLAN_EXEC_TUNNEL_SNAPSHOT_H

#include "planner/reach/network_index.h"
#include "topology/load.h"
#include "topology/model/places.h"

struct snapshot {
	size_t holders;
	struct arena arena; /* the topology, and the plans made from it */
	char *path;         /* real path of the file */
	char *text;         /* the topology's own, without regard to where me is */
	struct sources sources;
	const struct topology *topology; /* from where me is, once that is set */
	size_t me;                       /* host index; TOPOLOGY_NONE until it is set */
	struct whereabouts where;
	struct network_index network_index; /* of the topology, once me is set */
};

/*
 * Validates a text (NUL-terminated) and returns the snapshot, held once by the caller, or NULL with
 * the diagnostics appended to why. Both strings are copied.
 */
struct snapshot *snapshot_create(const char *path, const char *text, struct strbuf *why);

/*
 * Sets who me is and at which places, by their names. Returns NULL, or a sentence (static) that says
 * what the topology does not have; then nothing is set.
 */
const char *snapshot_set_me(struct snapshot *snapshot, const char *me, const char *const *places,
			    size_t place_count);

/* Counts one more holder, or one less. snapshot_forget() accepts NULL. */
struct snapshot *snapshot_hold(struct snapshot *snapshot);
void snapshot_forget(struct snapshot *snapshot);

#endif
