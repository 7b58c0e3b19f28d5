/*
 * Writer: emits canonical YAML, for print.h.
 *
 * Block style, two spaces per level, lists of plain values in brackets, quotes only where needed. A
 * comment behind a part can say where that part comes from: "# net.yaml:12". (libyaml's emitter
 * cannot write comments.)
 */
#ifndef TUNPLAN_TOPOLOGY_PRINT_WRITER_H
#define TUNPLAN_TOPOLOGY_PRINT_WRITER_H

#include "topology/base/strbuf.h"
#include "topology/diag/source.h"

#define WRITER_DEPTH_MAX 8

/* A mapping whose key has not been written yet: it may turn out to be empty. */
struct writer_pending {
	const char *key;
	struct span at;
};

struct writer {
	struct strbuf *text;
	const struct sources *origins; /* NULL: no comments */
	struct writer_pending pending[WRITER_DEPTH_MAX];
	unsigned depth;   /* of open mappings, pending ones included */
	unsigned written; /* of them, how many have been begun */
	unsigned items;   /* of these, how many are entries of a list */
	bool dash;        /* what is written next begins such an entry */
};

/* Begins a mapping under a key, and ends it; one that stays empty is written as {}. */
void writer_open(struct writer *writer, const char *key, struct span at);
void writer_close(struct writer *writer);

/* Ends a mapping; one that stays empty is not written at all. */
void writer_close_full(struct writer *writer);

/* Begins a list of mappings under a key and ends it; it must not stay empty. */
void writer_open_list(struct writer *writer, const char *key);
void writer_close_list(struct writer *writer);

/* Begins the next mapping of a list. */
void writer_item(struct writer *writer);

/* Writes a key and its value. A place that is none gets no comment. */
void writer_scalar(struct writer *writer, const char *key, const char *value, struct span at);
void writer_number(struct writer *writer, const char *key, unsigned long value, struct span at);
void writer_boolean(struct writer *writer, const char *key, bool value, struct span at);
void writer_null(struct writer *writer, const char *key, struct span at);

/* Writes a key and a list of values in brackets. */
void writer_list(struct writer *writer, const char *key, const char *const *values, size_t count,
		 struct span at);

#endif
