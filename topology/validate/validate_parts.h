/*
 * Validate parts: what the validate_*.c files, one per part of the language, have in common, and the
 * parts themselves.
 */
#ifndef TUNPLAN_TOPOLOGY_VALIDATE_VALIDATE_PARTS_H
#define TUNPLAN_TOPOLOGY_VALIDATE_VALIDATE_PARTS_H

#include "topology/diag/diag.h"
#include "topology/language/document.h"
#include "topology/model/index.h"

/* VLANs that were found last, by the address of the text: texts that come again are mostly one. */
#define FOUND_VLANS 64

struct found_vlan {
	const char *text;
	size_t index;
};

/* Buckets of SET@VLAN, found by set and VLAN. */
#define SET_AT_BUCKETS 1024

/* A SET@VLAN that some rule names. */
struct set_at_vlan {
	struct set set; /* what it stands for */
	size_t of;      /* the set that is written */
	size_t vlan;
	bool broken; /* a member is not there, which was reported */
	size_t next; /* 1 + the index of the next one of its bucket; 0: none */
};

struct sets_at_vlan {
	struct set_at_vlan *made;
	size_t count;
	size_t heads[SET_AT_BUCKETS]; /* 1 + the index of the first one of a bucket; 0: none */
	size_t work;                  /* members looked at */
	bool full;                    /* there were too many, which was reported */
};

/* An address of a host, and where the host has it. */
struct address_owner {
	const struct address *address;
	size_t host;
	size_t vlan;
};

struct validator {
	const struct document *document;
	struct topology *topology; /* arrays have the document's order and counts */
	struct arena *arena;
	struct arena *scratch; /* the document's */
	struct diag_list *diags;
	bool *spoiled; /* of each tunnel: an error lies within it */
	struct found_vlan found[FOUND_VLANS];
	struct sets_at_vlan at_vlan;
	struct address_owner *owners; /* by address; NULL: nobody has asked yet */
	size_t owner_count;
};

/* The parts, in this order: names and interfaces of all hosts are known before rules are read. */
void validate_vlans(struct validator *validator);
void validate_defaults(struct validator *validator);
void validate_places(struct validator *validator);
void validate_hosts(struct validator *validator);
void validate_sets(struct validator *validator);
void validate_rules(struct validator *validator);
void validate_tunnels(struct validator *validator);
void validate_groups(struct validator *validator);
void validate_allowed_lints(struct validator *validator);

/* Leaves out the tunnels within which an error lies, also of the groups. */
void validate_spoiled(struct validator *validator);

/* Makes a tunnel of what was read, but for its name. Its defaults are the topology's. */
void validate_tunnel(struct validator *validator, const struct doc_tunnel *from,
		     struct tunnel *tunnel);

/* Whether a word means whichever host this machine is. */
bool validate_is_me(const struct word *word);

/* Reports that a host has no sshd, and what it cannot be therefore: "it cannot be a hop". */
void validate_no_ssh(struct validator *validator, struct span at, size_t host, const char *why);

/* Finds what a tunnel passes or leaves at (verb: "goes through"), or reports what is wrong with it. */
struct stop validate_stop(struct validator *validator, struct word name, const char *tunnel,
			  const char *verb);

/* Whether some VLAN or service of a host could not be read. */
bool validate_is_broken(const struct validator *validator, size_t host);

/* Who refers to something, for messages: "tunnel 'db' goes through". */
struct referrer {
	const char *what; /* "tunnel" */
	const char *name; /* "db"; NULL: `what` says it all */
	const char *verb; /* "goes through" */
};

/*
 * Returns the index of a host or VLAN, or TOPOLOGY_NONE after reporting that there is none (with
 * the nearest name, unless some hosts or VLANs could not be read at all).
 */
size_t validate_host(struct validator *validator, struct word host, struct referrer referrer);
size_t validate_vlan(struct validator *validator, struct word vlan, struct referrer referrer);

/*
 * Finds the kind (of a set of INDEX_BIT()s) and the index of what has a name, or reports with a code
 * that nothing has it, and the nearest name; then false.
 */
bool validate_any(struct validator *validator, struct word name, unsigned kinds, const char *code,
		  struct referrer referrer, enum index_kind *ret_kind, size_t *ret_index);

/* Completes the interfaces of a host or a place; what names whose: "host 'gw'". No VLAN twice. */
void validate_interfaces(struct validator *validator, const struct doc_interfaces *from,
			 struct referrer referrer, struct interface **ret_interfaces,
			 size_t *ret_count);

/*
 * Reports that a host is not on a VLAN, unless it is, or its VLANs could not all be read. set: the name
 * of the set that the host is named by, or NULL.
 */
bool validate_on_vlan(struct validator *validator, size_t host, size_t vlan, const char *set,
		      struct span at);

/*
 * Returns the host that has an address on a VLAN, or TOPOLOGY_NONE: there is none, or the address stands
 * in the file more than once.
 */
size_t validate_owner(struct validator *validator, const struct address *address, size_t *ret_vlan);

/*
 * Returns the index of the set that SET@VLAN stands for, or TOPOLOGY_NONE after reporting what of it is
 * not at that VLAN. text: SET@VLAN as it is written. When all rules have been read,
 * validate_sets_at_end() appends these sets to those of the topology: their indexes count from there.
 */
size_t validate_set_at(struct validator *validator, size_t set, size_t vlan, const char *text,
		       struct span at);
void validate_sets_at_end(struct validator *validator);

/*
 * Whether suggestions are still worth their time: each looks at every name, and nobody reads the
 * thousandth.
 */
bool validate_may_suggest(const struct validator *validator);

/* Adds "did you mean", with the place of what is meant, when there is something near. */
void validate_suggest(struct validator *validator, struct diag *diag, const char *best,
		      struct span at);

#endif
