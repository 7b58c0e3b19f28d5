#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"
#include "topology/language/lexer.h"

#define RULE_HELP "write it as vlan1 -> web-server 80 443"

static bool read_cidr(const struct lexer *lexer, struct token token, struct doc_end *end)
{
	end->kind = RULE_CIDR;
	if (address_cidr(lexer_word(lexer, token).text, lexer->arena, &end->cidr, lexer->fault))
		return true;
	lexer->fault->offset += token.offset;
	return false;
}

/* A reserved word cannot be an end of a rule; the rules are the same for everyone. */
static bool read_known(const struct lexer *lexer, struct token token, struct doc_end *end)
{
	if (!lexer_host(lexer, token, &end->name, &end->vlan)) {
		if (lexer->fault->code == CODE_NAME_RESERVED)
			lexer->fault->help = "name a host, a VLAN or a set of the file: a VLAN "
					     "stands for all that is on it, and any stands alone";
		return false;
	}
	end->kind = end->vlan.text ? RULE_HOST_AT_VLAN : RULE_HOST;
	if (strcmp(end->name.text, "me") != 0)
		return true;
	return lexer_fault(
		lexer, token, CODE_ME, "name the host",
		"'me' cannot stand in a rule: it would mean another host on each machine");
}

/* What is no end, and common. */
static bool refuse_end(const struct lexer *lexer, struct token token)
{
	const char *start = lexer_at(lexer, token), *colon = memchr(start, ':', token.length);
	const size_t head = colon ? (size_t)(colon - start) : 0;

	if (lexer_equal(lexer, token, "*"))
		return lexer_fault(lexer, token, CODE_RULE_FORM, "write any",
				   "'*' is no end of a rule");
	if (memchr(start, ',', token.length))
		return lexer_fault(lexer, token, CODE_RULE_FORM,
				   "write a rule for each, or name a set of them",
				   "an end of a rule is one host, VLAN, set or range");
	return lexer_fault(lexer, token, CODE_RULE_FORM,
			   "write FROM -> TO PORT PORT: ports are those of TO, behind a space",
			   "a port cannot stand behind '%.*s:'", (int)head, start);
}

/* HOST:PORT; an IPv6 address has more than one colon. */
static bool has_port(const struct lexer *lexer, struct token token)
{
	const char *start = lexer_at(lexer, token), *colon = memchr(start, ':', token.length);
	const size_t behind = colon ? token.length - (size_t)(colon + 1 - start) : 0;

	return behind && !memchr(colon + 1, ':', behind) && !memchr(start, '/', token.length);
}

static bool read_end(const struct lexer *lexer, struct token token, struct doc_end *end)
{
	const char *start = lexer_at(lexer, token);
	struct address address;

	if (lexer_equal(lexer, token, "any")) {
		end->kind = RULE_ANY;
		return true;
	}
	if (lexer_equal(lexer, token, "*") || memchr(start, ',', token.length) ||
	    has_port(lexer, token))
		return refuse_end(lexer, token);
	if (*start == '[')
		return lexer_fault(lexer, token, CODE_CIDR, "write 2001:db8::/32",
				   "a range in a rule stands without brackets");
	if (memchr(start, '/', token.length) || memchr(start, ':', token.length) ||
	    address_numeric(start, token.length, lexer->arena, &address))
		return read_cidr(lexer, token, end);
	return read_known(lexer, token, end);
}

static bool read_range(const struct lexer *lexer, struct token token, struct doc_rule *rule)
{
	struct port_range *range =
		ARENA_PUSH(lexer->arena, rule->values.ports, rule->values.port_count);
	struct token first = token, last = token;
	size_t dash;

	if (lexer_find(lexer, token, '-', &dash)) {
		first.length = dash;
		last = token_behind(token, dash + 1);
	}
	if (!lexer_port(lexer, first, &range->first) || !lexer_port(lexer, last, &range->last))
		return false;
	if (range->first <= range->last)
		return true;
	return lexer_fault(lexer, token, CODE_PORT, "write the lower port first",
			   "the range of ports runs backwards");
}

static bool read_left(const struct lexer *lexer, struct token left, struct doc_rule *rule)
{
	struct token rest = left, from, more;

	lexer_next(lexer, &rest, "", &from);
	if (lexer_next(lexer, &rest, "", &more))
		return lexer_fault(
			lexer, more, CODE_RULE_FORM,
			"write one host, VLAN or range before '->', and ports at the end",
			"'%.*s' is too much here", (int)more.length, lexer_at(lexer, more));
	return read_end(lexer, from, &rule->from);
}

bool grammar_rule(const struct yaml_node *scalar, const char *text, struct arena *arena,
		  struct doc_rule *rule, struct fault *ret_fault)
{
	const struct lexer lexer = {text, arena, ret_fault, scalar};
	struct doc_rule read = *rule;
	struct token left, rest, word;

	if (!lexer_arrow(&lexer, CODE_RULE_FORM, RULE_HELP, &left, &rest) ||
	    !read_left(&lexer, left, &read))
		return false;
	lexer_next(&lexer, &rest, "", &word);
	if (!read_end(&lexer, word, &read.to))
		return false;
	while (lexer_next(&lexer, &rest, ",", &word)) {
		if (!read_range(&lexer, word, &read))
			return false;
	}
	*rule = read;
	return true;
}

bool grammar_end(const struct yaml_node *scalar, const char *text, struct arena *arena,
		 struct doc_end *ret_end, struct fault *ret_fault)
{
	const struct lexer lexer = {text, arena, ret_fault, scalar};
	const struct token all = {0, strlen(text)};
	struct doc_end end = {0};
	struct token rest = all, word, more;

	if (!lexer_size(&lexer))
		return false;
	if (!lexer_next(&lexer, &rest, "", &word) || lexer_next(&lexer, &rest, "", &more))
		return lexer_fault(&lexer, all, CODE_RULE_FORM,
				   "write each entry by itself: [a, b]",
				   "one host, VLAN or range belongs here");
	if (!read_end(&lexer, word, &end))
		return false;
	*ret_end = end;
	return true;
}
