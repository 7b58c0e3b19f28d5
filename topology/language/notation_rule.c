#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"
#include "topology/language/words.h"

#define RULE_HELP "write it as vlan1 -> web-server 80 443"

static bool read_cidr(const struct words *words, struct slice slice, struct notation_end *end)
{
	end->kind = RULE_CIDR;
	if (address_cidr(words_part(words, slice).text, words->arena, &end->cidr, words->fault))
		return true;
	words->fault->offset += slice.offset;
	return false;
}

/* A reserved word cannot be an end of a rule; the rules are the same for everyone. */
static bool read_known(const struct words *words, struct slice slice, struct notation_end *end)
{
	if (!words_host(words, slice, &end->name, &end->vlan))
		return false;
	end->kind = end->vlan.text ? RULE_HOST_AT_VLAN : RULE_HOST;
	if (strcmp(end->name.text, "me") != 0)
		return true;
	return words_fault(
		words, slice, CODE_ME, "name the host",
		"'me' cannot stand in a rule: it would mean another host on each machine");
}

static bool read_end(const struct words *words, struct slice slice, struct notation_end *end)
{
	const char *start = words_at(words, slice);
	struct address address;

	if (words_equal(words, slice, "any")) {
		end->kind = RULE_ANY;
		return true;
	}
	if (*start == '[')
		return words_fault(words, slice, CODE_CIDR, "write 2001:db8::/32",
				   "a range in a rule stands without brackets");
	if (memchr(start, '/', slice.length) || memchr(start, ':', slice.length) ||
	    address_numeric(start, slice.length, words->arena, &address))
		return read_cidr(words, slice, end);
	return read_known(words, slice, end);
}

static bool read_range(const struct words *words, struct slice slice, struct notation_rule *rule)
{
	struct port_range *range =
		arena_push(words->arena, &rule->ports, &rule->port_count, sizeof(*range));
	struct slice first = slice, last = slice;
	size_t dash;

	if (words_find(words, slice, '-', &dash)) {
		first.length = dash;
		last = slice_behind(slice, dash + 1);
	}
	if (!words_port(words, first, &range->first) || !words_port(words, last, &range->last))
		return false;
	if (range->first <= range->last)
		return true;
	return words_fault(words, slice, CODE_PORT, "write the lower port first",
			   "the range of ports runs backwards");
}

static bool read_left(const struct words *words, struct slice left, struct notation_rule *rule)
{
	struct slice rest = left, from, more;

	words_next(words, &rest, "", &from);
	if (words_next(words, &rest, "", &more))
		return words_fault(
			words, more, CODE_RULE_FORM,
			"write one host, VLAN or range before '->', and ports at the end",
			"'%.*s' is too much here", (int)more.length, words_at(words, more));
	return read_end(words, from, &rule->from);
}

bool notation_rule(const char *text, struct arena *arena, struct notation_rule *ret_rule,
		   struct fault *ret_fault)
{
	const struct words words = {text, arena, ret_fault};
	struct notation_rule rule = {0};
	struct slice left, rest, word;

	if (!words_arrow(&words, CODE_RULE_FORM, RULE_HELP, &left, &rest) ||
	    !read_left(&words, left, &rule))
		return false;
	words_next(&words, &rest, "", &word);
	if (!read_end(&words, word, &rule.to))
		return false;
	while (words_next(&words, &rest, ",", &word)) {
		if (!read_range(&words, word, &rule))
			return false;
	}
	*ret_rule = rule;
	return true;
}

bool notation_end(const char *text, struct arena *arena, struct notation_end *ret_end,
		  struct fault *ret_fault)
{
	const struct words words = {text, arena, ret_fault};
	const struct slice all = {0, strlen(text)};
	struct notation_end end = {0};
	struct slice rest = all, word, more;

	if (!words_size(&words))
		return false;
	if (!words_next(&words, &rest, "", &word) || words_next(&words, &rest, "", &more))
		return words_fault(&words, all, CODE_RULE_FORM,
				   "write each entry by itself: [a, b]",
				   "one host, VLAN or range belongs here");
	if (!read_end(&words, word, &end))
		return false;
	*ret_end = end;
	return true;
}
