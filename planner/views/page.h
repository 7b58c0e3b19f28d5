/*
 * Page: the text of a plan, or of why there is none, as it is written: what it is about, and where it goes.
 *
 * For plan_text.c, exposure_text.c and failure_text.c, which write its parts.
 */
#ifndef TUNPLAN_PLANNER_VIEWS_PAGE_H
#define TUNPLAN_PLANNER_VIEWS_PAGE_H

#include "planner/model/plan.h"
#include "topology/base/strbuf.h"

struct page {
	const struct topology *topology;
	const struct host *hosts; /* of the topology */
	const struct plan *plan;  /* NULL: there is none */
	size_t indent;            /* how far everything is to the right of its heading */
	struct arena *arena;
	struct strbuf *text;
};

#define PAGE_INDENT   2
#define TABLE_COLUMNS 5

struct table_row {
	const char *cells[TABLE_COLUMNS]; /* NULL: empty */
};

struct table {
	struct table_row *rows; /* in the page's arena */
	size_t count;
};

/* Appends an empty line and a title. */
void page_heading(const struct page *page, const char *title);

/* Appends a line (printf's rules). */
void page_line(const struct page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends a sentence (printf's rules) with a dash before it, broken into lines that stand under it. */
void page_item(const struct page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds a row to a table, which begins zeroed; the cells are not copied. */
void page_row(const struct page *page, struct table *table, struct table_row row);

/* Appends a table under a heading, each column as wide as its longest cell. */
void page_table(const struct page *page, const char *title, const struct table *table);

/* Appends where me is, and how that is known; nothing when nobody asked. */
void page_where(const struct page *page, size_t me, const struct whereabouts *where);

/* Appends the hosts that are not used. */
void page_rejected(const struct page *page, const struct plan_rejection *rejected, size_t count);

/* Appends who can read what crosses each segment of the plan (exposure_text.c). */
void exposure_text(const struct page *page);

#endif
