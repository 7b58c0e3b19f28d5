/*
 * Lexer: what the string grammars of notation.h have in common.
 *
 * A reader holds one string; slices are parts of it. Only the notation_*.c files use this.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_LEXER_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_LEXER_H

#include "topology/language/notation.h"

/* A string that is being read, and where to say what is wrong with it. */
struct lexer {
	const char *text;
	struct arena *arena;
	struct fault *fault;
};

/* Bytes [offset, offset + length) of the string. */
struct slice {
	size_t offset;
	size_t length;
};

/* Returns the slice's first byte. */
const char *lexer_at(const struct lexer *lexer, struct slice slice);

/* Returns what is left of a slice without its first count bytes. */
struct slice slice_behind(struct slice slice, size_t count);

/* Returns the slice without white space around it. */
struct slice lexer_trim(const struct lexer *lexer, struct slice slice);

/* Cuts the first word off *rest, at white space or one of the separators; false when none is left.
 */
bool lexer_next(const struct lexer *lexer, struct slice *rest, const char *separators,
		struct slice *ret_word);

/* Whether the string has a length that is worth reading; if not, there is a fault. */
bool lexer_size(const struct lexer *lexer);

/* Splits the string at its arrow into trimmed halves; code and example are for the fault. */
bool lexer_arrow(const struct lexer *lexer, const char *code, const char *example,
		 struct slice *ret_left, struct slice *ret_right);

/* Finds a byte in a slice; false when it is not there. *ret_index counts from the slice's start. */
bool lexer_find(const struct lexer *lexer, struct slice slice, char byte, size_t *ret_index);

/* Returns whether the slice is exactly this word. */
bool lexer_equal(const struct lexer *lexer, struct slice slice, const char *word);

/* Copies a slice into a part, with its place. */
struct part lexer_part(const struct lexer *lexer, struct slice slice);

/* Reads a name that refers to something: its form is checked, and that it is no other word. */
bool lexer_name(const struct lexer *lexer, struct slice slice, struct part *ret_name);

/* Reads HOST, where `me` may stand, or HOST@VLAN. */
bool lexer_host(const struct lexer *lexer, struct slice slice, struct part *ret_host,
		struct part *ret_vlan);

/* Reads PORT; a fault says what the text should have been. */
bool lexer_port(const struct lexer *lexer, struct slice slice, uint16_t *ret_port);

/* Reads ADDR: IPv4, or IPv6 in brackets. Returns false without a fault when it is none. */
bool lexer_address(const struct lexer *lexer, struct slice slice, struct address *ret_address);

/*
 * Returns the length of what stands before the colon that ends a host or an address at the start
 * of the slice: colons in [brackets] do not count. Without such a colon: the slice's length.
 */
size_t lexer_head(const struct lexer *lexer, struct slice slice);

/* Whether a slice is an IPv6 address (and a port) that should stand in brackets; then a fault. */
bool lexer_unbracketed(const struct lexer *lexer, struct slice slice);

/* Sets a fault at a slice and returns false. The message is printf-formatted. */
bool lexer_fault(const struct lexer *lexer, struct slice slice, const char *code, const char *help,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
