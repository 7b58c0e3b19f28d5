#include "topology/language/lexer.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"
#include "topology/language/name.h"
#include "topology/language/port_help.h"

/* Longest string, in bytes: places in it are found by walking over it. */
#define STRING_MAX ((size_t)4096)

const char *lexer_at(const struct lexer *lexer, struct token token)
{
	return lexer->text + token.offset;
}

struct token token_behind(struct token token, size_t count)
{
	return (struct token){token.offset + count, token.length - count};
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n';
}

/* Returns the token without white space around it. */
static struct token trim(const struct lexer *lexer, struct token token)
{
	while (token.length && is_space(*lexer_at(lexer, token)))
		token = token_behind(token, 1);
	while (token.length && is_space(lexer_at(lexer, token)[token.length - 1]))
		token.length--;
	return token;
}

bool lexer_next(const struct lexer *lexer, struct token *rest, const char *separators,
		struct token *ret_word)
{
	struct token word = *rest;
	size_t length = 0;

	while (word.length &&
	       (is_space(*lexer_at(lexer, word)) || strchr(separators, *lexer_at(lexer, word))))
		word = token_behind(word, 1);
	while (length < word.length && !is_space(lexer_at(lexer, word)[length]) &&
	       !strchr(separators, lexer_at(lexer, word)[length]))
		length++;
	*rest = token_behind(word, length);
	*ret_word = (struct token){word.offset, length};
	return length > 0;
}

bool lexer_size(const struct lexer *lexer)
{
	const struct token all = {0, strlen(lexer->text)};

	if (all.length <= STRING_MAX)
		return true;
	return lexer_fault(lexer, all, CODE_LIMIT_STRING, "a list in the long form may be longer",
			   "this is too long: at most %zu bytes", STRING_MAX);
}

bool lexer_arrow(const struct lexer *lexer, const char *code, const char *example,
		 struct token *ret_left, struct token *ret_right)
{
	const struct token all = {0, strlen(lexer->text)};
	const char *arrow = strstr(lexer->text, "->");
	struct token left, right, mark;

	if (!lexer_size(lexer))
		return false;
	if (!arrow)
		return lexer_fault(lexer, all, code, example, "'->' is missing");
	mark = (struct token){(size_t)(arrow - lexer->text), 2};
	left = trim(lexer, (struct token){0, mark.offset});
	right = trim(lexer, token_behind(all, mark.offset + 2));
	if (left.length == 0 || right.length == 0)
		return lexer_fault(lexer, mark, code, example, "nothing stands %s '->'",
				   left.length ? "behind" : "before");
	*ret_left = left;
	*ret_right = right;
	return true;
}

bool lexer_find(const struct lexer *lexer, struct token token, char byte, size_t *ret_index)
{
	const char *start = lexer_at(lexer, token);
	const char *found = memchr(start, byte, token.length);

	if (!found)
		return false;
	*ret_index = (size_t)(found - start);
	return true;
}

bool lexer_equal(const struct lexer *lexer, struct token token, const char *word)
{
	return token.length == strlen(word) &&
	       memcmp(lexer_at(lexer, token), word, token.length) == 0;
}

struct span lexer_place(const struct lexer *lexer, struct token token)
{
	return lexer->scalar ? yaml_part(lexer->scalar, token.offset, token.length)
			     : (struct span){0};
}

struct word lexer_word(const struct lexer *lexer, struct token token)
{
	return (struct word){arena_copy(lexer->arena, lexer_at(lexer, token), token.length),
			     lexer_place(lexer, token)};
}

bool lexer_name(const struct lexer *lexer, struct token token, struct word *ret_name)
{
	if (token.length == 0)
		return lexer_fault(lexer, token, CODE_NAME,
				   "write HOST or HOST@VLAN, and HOST/SERVICE for a service",
				   "a name is missing here");
	if (!name_form(lexer_at(lexer, token), token.length, lexer->arena, lexer->fault)) {
		lexer->fault->offset += token.offset;
		return false;
	}
	*ret_name = lexer_word(lexer, token);
	return true;
}

/* A reserved word where a host belongs, and what was meant by it. */
static bool refuse_reserved(const struct lexer *lexer, struct token token, const char *word)
{
	const char *help = "name a host of the file";

	if (strcasecmp(word, "localhost") == 0)
		help = "which host's? write HOST:PORT; an ingress without a host is on "
		       "this machine already";
	if (strcmp(word, "socks") == 0)
		help = "a dynamic tunnel is written PORT -> socks@HOST";
	return lexer_fault(lexer, token, CODE_NAME_RESERVED, help, "'%s' is not a host", word);
}

bool lexer_host(const struct lexer *lexer, struct token token, struct word *ret_host,
		struct word *ret_vlan)
{
	struct token host = token;
	struct word name = {0}, vlan = {0};
	size_t at;

	if (lexer_find(lexer, token, '@', &at)) {
		host.length = at;
		if (!lexer_name(lexer, token_behind(token, at + 1), &vlan))
			return false;
	}
	if (!lexer_name(lexer, host, &name))
		return false;
	assert(name.text);
	if (address_numeric(name.text, host.length, lexer->arena, &(struct address){0}))
		return lexer_fault(lexer, host, CODE_ADDRESS,
				   "name the host that has it; only ADDRESS:PORT takes its place",
				   "'%s' is an address, and a host belongs here", name.text);
	if (name_numeric(name.text, host.length))
		return lexer_fault(lexer, host, CODE_ADDRESS,
				   strchr(name.text, '.')
					   ? "an address has four decimal numbers, as 10.0.0.5 has"
					   : "name a host, or write HOST:PORT",
				   "'%s' is neither a host nor an address", name.text);
	if (name_reserved(name.text) && strcmp(name.text, "me") != 0)
		return refuse_reserved(lexer, host, name.text);
	*ret_host = name;
	*ret_vlan = vlan;
	return true;
}

bool lexer_port(const struct lexer *lexer, struct token token, uint16_t *ret_port)
{
	const char *help;

	if (address_port(lexer_at(lexer, token), token.length, ret_port))
		return true;
	help = port_help(lexer_at(lexer, token), token.length, lexer->arena);
	if (token.length == 0)
		return lexer_fault(lexer, token, CODE_PORT, help, "a port is missing here");
	return lexer_fault(lexer, token, CODE_PORT, help, "'%.*s' is not a port", (int)token.length,
			   lexer_at(lexer, token));
}

bool lexer_address(const struct lexer *lexer, struct token token, struct address *ret_address)
{
	const bool brackets = token.length > 2 && *lexer_at(lexer, token) == '[' &&
			      lexer_at(lexer, token)[token.length - 1] == ']';
	struct address address;

	if (brackets)
		token = (struct token){token.offset + 1, token.length - 2};
	if (!address_numeric(lexer_at(lexer, token), token.length, lexer->arena, &address))
		return false;
	if (brackets != (address.family == ADDRESS_IPV6))
		return false;
	*ret_address = address;
	return true;
}

size_t lexer_head(const struct lexer *lexer, struct token token)
{
	size_t start = 0, colon;

	if (token.length && *lexer_at(lexer, token) == '[')
		lexer_find(lexer, token, ']', &start);
	if (!lexer_find(lexer, token_behind(token, start), ':', &colon))
		return token.length;
	return start + colon;
}

/* Whether the token up to its last colon, or all of it, is an IPv6 address without brackets. */
bool lexer_unbracketed(const struct lexer *lexer, struct token token)
{
	struct address address;
	struct token head = token;

	while (head.length && lexer_at(lexer, head)[head.length - 1] != ':')
		head.length--;
	if (head.length)
		head.length--;
	if (!memchr(lexer_at(lexer, head), ':', head.length))
		return false;
	if (!address_numeric(lexer_at(lexer, head), head.length, lexer->arena, &address) &&
	    !address_numeric(lexer_at(lexer, token), token.length, lexer->arena, &address))
		return false;
	lexer_fault(lexer, token, CODE_ADDRESS, "write [2001:db8::1]:22, and quote the whole",
		    "an IPv6 address stands in brackets, so that its port can be told apart");
	return true;
}

bool lexer_fault(const struct lexer *lexer, struct token token, const char *code, const char *help,
		 const char *format, ...)
{
	const char *message;
	va_list arguments;

	va_start(arguments, format);
	message = arena_vformat(lexer->arena, format, arguments);
	va_end(arguments);
	*lexer->fault = (struct fault){.offset = token.offset, .length = token.length};
	lexer->fault->help = help;
	return fault_set(lexer->fault, lexer->arena, code, "%s", message);
}
