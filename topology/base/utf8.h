/*
 * UTF-8: code points, and their width on a terminal.
 *
 * Positions in a file count code points (as libyaml does), carets need terminal columns. The
 * answers depend on the bytes alone, never on a locale.
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_UTF8_H
#define TUNPLAN_TOPOLOGY_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What utf8_decode() gives for a byte that begins no valid code point. */
#define UTF8_INVALID UINT32_MAX

/* Whether a byte is within a code point, and not its first one. */
static inline bool utf8_is_inside(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/*
 * Decodes the first code point of text (size > 0 bytes). Returns the bytes that it takes, or 1 and
 * UTF8_INVALID for a byte that is not UTF-8 (overlong forms and surrogates included, RFC 3629).
 */
size_t utf8_decode(const char *text, size_t size, uint32_t *ret_point);

/* Returns the number of code points in size bytes; an invalid byte counts as one. */
size_t utf8_length(const char *text, size_t size);

/* Returns how many columns a terminal gives a code point: 0 (combining), 1, or 2 (wide). */
unsigned utf8_width(uint32_t point);

/*
 * Returns whether a terminal may be sent the code point: no control characters, none that turn the
 * direction of the text around, no invalid bytes.
 */
bool utf8_printable(uint32_t point);

/* Returns whether the code point ends a line for libyaml 0.2.5 (YAML 1.1 rules). */
bool utf8_line_break(uint32_t point);

/* Returns the bytes of the byte order mark that text begins with: 3, or 0 when there is none. */
size_t utf8_mark_size(const char *text, size_t size);

#endif
