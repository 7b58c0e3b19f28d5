/*
 * Diagnostics: what is wrong with a topology, where, and what to do about it.
 *
 * Every stage from bytes to topology adds to one diag_list and goes on, so that the user sees all
 * errors at once. Spans point into the sources (source.h), whose text stays in memory for the
 * caret. Nothing here prints: diag_render() returns text.
 */
#ifndef TUNPLAN_TOPOLOGY_DIAG_DIAG_H
#define TUNPLAN_TOPOLOGY_DIAG_DIAG_H

#include "topology/base/strbuf.h"
#include "topology/diag/source.h"

enum diag_level { DIAG_ERROR, DIAG_LINT };

struct diag {
	enum diag_level level;
	const char *code;         /* stable: "T…" errors, "L…" lints; static */
	struct span at;           /* the offending part */
	const char *message;      /* one line, no full stop; in the list's arena */
	const char *help;         /* what to do, or NULL */
	struct span related;      /* another place worth seeing, or no place */
	const char *related_text; /* what is there: "first defined here"; NULL: help is about it */
	size_t order;             /* how many its list has found before it */
	const char *tunnel;       /* the tunnel that has the error, and nothing else; or NULL */
};

/* The errors and lints of one load, in the order found until diag_sort(). */
struct diag_list {
	struct arena *arena; /* holds all texts; the caller's */
	struct diag *items;  /* those that are kept: the first thousand */
	size_t count;
	size_t found;       /* how many there were, repeats and those that are not kept included */
	size_t errors;      /* how many errors were found, kept or not */
	size_t spoiling;    /* and how many of these lie within a tunnel */
	size_t lints;       /* and how many lints */
	const char *tunnel; /* the tunnel that is being looked at: errors lie within it; or NULL */
	struct diag spare;  /* what diag_error() returns once enough are kept */
};

/* Most diagnostics that are shown in full; the rest are counted. */
#define DIAG_SHOWN_MAX 20

/* Makes an empty list whose texts live in arena. */
void diag_list_init(struct diag_list *list, struct arena *arena);

/*
 * Adds an error at a place and returns it, so that the caller may set help and related before the
 * next diag_*() call. The message is printf-formatted.
 */
struct diag *diag_error(struct diag_list *list, const char *code, struct span at,
			const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for a lint: the topology can be used, and is probably not what was meant. */
struct diag *diag_lint(struct diag_list *list, const char *code, struct span at, const char *format,
		       ...) __attribute__((format(printf, 4, 5)));

/*
 * Sets the help of the diagnostic that diag_error() has just returned, printf-formatted: one line
 * that says what to do. Returns the diagnostic.
 */
struct diag *diag_help(struct diag_list *list, struct diag *diag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sorts by place (stable) and drops exact repeats. */
void diag_sort(struct diag_list *list);

/* Makes a list (in arena) of the errors that lie within one tunnel, in their order. */
void diag_of_tunnel(const struct diag_list *list, const char *tunnel, struct arena *arena,
		    struct diag_list *ret_list);

/*
 * Appends all diagnostics in the caret form, at most DIAG_SHOWN_MAX of them, then a count of the
 * rest. color adds ANSI colours. sources are those that the spans index.
 *
 *     lab.yaml:14:11: error[T021]: tunnel 'db' goes through unknown host 'bastoin'
 *        14 |     via: [bastoin]
 *           |           ^^^^^^^
 *        = help: did you mean 'bastion'?   (lab.yaml:3:5)
 */
void diag_render(const struct diag_list *list, const struct sources *sources, bool color,
		 struct strbuf *ret_text);

#endif
