/*
 * Snapshot: a topology as an `up` sent it, validated again in the supervisor, for one me at some
 * places. A tunnel keeps the snapshot that it was planned from, whatever happens to the file and
 * wherever me goes. Two `up`s of the same file, with the same text, me and places, have the same one:
 * they are counted, and freed with their last holder.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_SNAPSHOT_H
#define TUNPLAN_EXEC_TUNNEL_SNAPSHOT_H

#include "exec/system/list.h"
#include "planner/reach/network_index.h"
#include "topology/load.h"
#include "topology/model/places.h"

/* Room for a digest and its NUL. */
#define SNAPSHOT_DIGEST_SIZE 17

struct snapshot {
	struct list *all; /* where it is listed */
	size_t holders;
	struct arena arena;
	char *path;                        /* real path of the file */
	char *text;                        /* the topology's own, without regard to where me is */
	char digest[SNAPSHOT_DIGEST_SIZE]; /* of the text */
	char *me_name;                     /* what it was asked for with: */
	char **places; /* NULL-terminated; NULL: me is where its own VLANs are */
	struct sources sources;
	const struct topology *topology; /* from where me is */
	size_t me;                       /* host index */
	struct whereabouts where;
	struct network_index network_index; /* of the topology */
};

/* What a snapshot is of; the strings are the caller's. */
struct snapshot_of {
	const char *path;
	const char *text;          /* NUL-terminated */
	const char *me;            /* a host's name */
	const char *const *places; /* their names; NULL: none */
	size_t place_count;
};

/*
 * Returns a snapshot from the list of all, or makes one and adds it there; held once by the caller. Or NULL,
 * with what is wrong appended to why: its code ("topology": diagnostics; "usage": me or a place is not in
 * the file) in *ret_code.
 */
struct snapshot *snapshot_get(struct list *all, const struct snapshot_of *of, const char **ret_code,
			      struct strbuf *why);

/* Tells one text of a file from another, and is short: 64 bits, which two texts of one file do not share by chance. */
void snapshot_digest(const char *text, char ret_digest[SNAPSHOT_DIGEST_SIZE]);

/* Returns the text of a digest that a snapshot of that file has, or NULL. */
const char *snapshot_text(const struct list *all, const char *path, const char *digest);

/* Counts one more holder, or one less. snapshot_forget() accepts NULL. */
struct snapshot *snapshot_hold(struct snapshot *snapshot);
void snapshot_forget(struct snapshot *snapshot);

#endif
