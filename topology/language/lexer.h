/*
 * Lexer: splits strings into tokens, for all grammars of grammar.h.
 *
 * A reader holds one string; tokens are parts of it. Used only by the grammar*.c files.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_LEXER_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_LEXER_H

#include "topology/language/grammar.h"

/* A string that is being read, and where to say what is wrong with it. */
struct lexer {
	const char *text;
	struct arena *arena;
	struct fault *fault;
	const struct yaml_node
		*scalar; /* where the string stands; NULL: no word of it needs a place */
};

/* Bytes [offset, offset + length) of the string. */
struct token {
	size_t offset;
	size_t length;
};

/* Returns the token's first byte. */
const char *lexer_at(const struct lexer *lexer, struct token token);

/* Returns what is left of a token without its first count bytes. */
struct token token_behind(struct token token, size_t count);

/* Cuts the first word off *rest, at white space or one of the separators; false when none is left.
 */
bool lexer_next(const struct lexer *lexer, struct token *rest, const char *separators,
		struct token *ret_word);

/* Whether the string has a length that is worth reading; if not, there is a fault. */
bool lexer_size(const struct lexer *lexer);

/* Splits the string at its arrow into trimmed halves; code and example are for the fault. */
bool lexer_arrow(const struct lexer *lexer, const char *code, const char *example,
		 struct token *ret_left, struct token *ret_right);

/* Finds a byte in a token; false when it is not there. *ret_index counts from the token's start. */
bool lexer_find(const struct lexer *lexer, struct token token, char byte, size_t *ret_index);

/* Returns whether the token is exactly this word. */
bool lexer_equal(const struct lexer *lexer, struct token token, const char *word);

/* Returns the place of a token in the file. */
struct span lexer_place(const struct lexer *lexer, struct token token);

/* Copies a token into a word, with its place. */
struct word lexer_word(const struct lexer *lexer, struct token token);

/* Reads a name that refers to something: its form is checked, and that it is no other word. */
bool lexer_name(const struct lexer *lexer, struct token token, struct word *ret_name);

/* Reads HOST, where `me` may stand, or HOST@VLAN. */
bool lexer_host(const struct lexer *lexer, struct token token, struct word *ret_host,
		struct word *ret_vlan);

/* Reads PORT; a fault says what the text should have been. */
bool lexer_port(const struct lexer *lexer, struct token token, uint16_t *ret_port);

/* Reads ADDR: IPv4, or IPv6 in brackets. Returns false without a fault when it is none. */
bool lexer_address(const struct lexer *lexer, struct token token, struct address *ret_address);

/*
 * Returns the length of what stands before the colon that ends a host or an address at the start
 * of the token: colons in [brackets] do not count. Without such a colon: the token's length.
 */
size_t lexer_head(const struct lexer *lexer, struct token token);

/* Whether a token is an IPv6 address (and a port) that should stand in brackets; then a fault. */
bool lexer_unbracketed(const struct lexer *lexer, struct token token);

/* Sets a fault at a token and returns false. The message is printf-formatted. */
bool lexer_fault(const struct lexer *lexer, struct token token, const char *code, const char *help,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
