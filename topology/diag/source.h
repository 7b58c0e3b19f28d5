/*
 * Source: the texts that were read, and places in them.
 *
 * All texts of one load are laid end to end in one space of offsets. So a place is two numbers
 * (struct span), and a topology can keep one for every part of the file that it names. File, line
 * and column (struct position) are computed only when somebody wants to see them.
 */
#ifndef TUNPLAN_TOPOLOGY_DIAG_SOURCE_H
#define TUNPLAN_TOPOLOGY_DIAG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/base/arena.h"

/* One text that was read. Owned by whoever read it; must outlive every span into it. */
struct source {
	const char *name; /* as the user named it: a path, or "<stdin>" */
	const char *text; /* the bytes, not NUL-terminated */
	size_t size;      /* bytes */
	uint32_t base;    /* the span of its first byte */
	size_t mark_size; /* bytes of the byte order mark before the text, which is no part of it */
	size_t not_text;  /* offset of the first bytes that are no text for YAML, or size */
	bool ascii;       /* a code point is a byte */
	uint32_t *breaks; /* line breaks before each SOURCE_CHUNK bytes: the way to a line */
	size_t chunk_count; /* up to the one with what is no text */
};

#define SOURCE_CHUNK ((size_t)4096)

/* All that is read for one topology; the first is the file that the user named. */
struct sources {
	struct source *items; /* in an arena */
	size_t count;
};

/* A stretch of a source, in bytes. Zeroed = no place. */
struct span {
	uint32_t at;     /* base of its source + offset; 0: no place */
	uint32_t length; /* bytes; 0: the source as a whole */
};

/* A span as people count. */
struct position {
	const struct source *source; /* NULL: no place */
	uint32_t line;               /* 1-based; 0: the source as a whole */
	uint32_t column;             /* 1-based, in code points */
	uint32_t length;             /* code points, up to the end of the line; at least 1 */
};

/* Most bytes of all the sources of one load. */
#define SOURCES_SIZE_MAX ((size_t)16 * 1024 * 1024)

/*
 * Adds a text and looks it over once, for its lines and for what is no text. Returns the source, which
 * stays where it is until the next one is added. The text and the name are borrowed, what is made
 * goes to arena. All texts together have at most 4 GiB.
 */
const struct source *sources_add(struct sources *sources, struct arena *arena, const char *name,
				 const char *text, size_t size);

/* Returns the span of a whole source. */
struct span source_span(const struct source *source);

/* Returns file, line and column of a span; source is NULL for no place. */
struct position sources_position(const struct sources *sources, struct span span);

/* Returns "file:line:column" of a span (in arena), or NULL for no place. */
const char *sources_text(const struct sources *sources, struct span span, struct arena *arena);

/*
 * Returns the bytes of line number `line` (1-based), without its break; NULL and 0 bytes where the
 * source has no such line.
 */
const char *source_line(const struct source *source, uint32_t line, size_t *ret_size);

#endif
