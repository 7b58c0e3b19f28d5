/*
 * Strbuf: a string that grows, for the pure views that build text (diagnostics, plans, commands).
 *
 * The caller owns the struct; strbuf_finish() frees it. Running out of memory ends the program
 * (memory.h).
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_STRBUF_H
#define TUNPLAN_TOPOLOGY_BASE_STRBUF_H

#include <stddef.h>
#include <stdint.h>

struct strbuf {
	char *text;      /* NUL-terminated; NULL only before the first strbuf_add*() */
	size_t length;   /* bytes before the NUL */
	size_t capacity; /* bytes allocated */
};

/* Makes an empty buffer. A zeroed struct is an empty buffer, too. */
void strbuf_init(struct strbuf *buffer);

/* Frees the text and leaves an empty buffer. Accepts a zeroed struct. */
void strbuf_finish(struct strbuf *buffer);

/* Empties the buffer and keeps its memory. */
void strbuf_clear(struct strbuf *buffer);

/* Keeps the first length bytes; length is at most the buffer's. */
void strbuf_cut(struct strbuf *buffer, size_t length);

/* Appends length bytes. */
void strbuf_add(struct strbuf *buffer, const char *text, size_t length);

/* Appends a NUL-terminated string. */
void strbuf_puts(struct strbuf *buffer, const char *text);

/* Appends one byte count times. */
void strbuf_fill(struct strbuf *buffer, char byte, size_t count);

/* Appends a formatted string (printf's rules). */
void strbuf_printf(struct strbuf *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends a number with at least so many digits; base: 10 or 16. Several times as fast as strbuf_printf(). */
void strbuf_number(struct strbuf *buffer, uint64_t number, unsigned base, unsigned digits);

/* Returns the text, "" when empty; it belongs to the buffer and lives until the next change. */
const char *strbuf_text(const struct strbuf *buffer);

#endif
