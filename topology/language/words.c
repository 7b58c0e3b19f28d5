#include "topology/language/words.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/address.h"

/* A message about one word of a file that may be huge: enough to recognize it. */
#define MESSAGE_MAX 512

/* Longest string, in bytes: places in it are found by walking over it. */
#define STRING_MAX ((size_t)4096)

const char *words_at(const struct words *words, struct slice slice)
{
	return words->text + slice.offset;
}

struct slice slice_behind(struct slice slice, size_t count)
{
	return (struct slice){slice.offset + count, slice.length - count};
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n';
}

struct slice words_trim(const struct words *words, struct slice slice)
{
	while (slice.length && is_space(*words_at(words, slice)))
		slice = slice_behind(slice, 1);
	while (slice.length && is_space(words_at(words, slice)[slice.length - 1]))
		slice.length--;
	return slice;
}

bool words_next(const struct words *words, struct slice *rest, const char *separators,
		struct slice *ret_word)
{
	struct slice word = *rest;
	size_t length = 0;

	while (word.length &&
	       (is_space(*words_at(words, word)) || strchr(separators, *words_at(words, word))))
		word = slice_behind(word, 1);
	while (length < word.length && !is_space(words_at(words, word)[length]) &&
	       !strchr(separators, words_at(words, word)[length]))
		length++;
	*rest = slice_behind(word, length);
	*ret_word = (struct slice){word.offset, length};
	return length > 0;
}

bool words_size(const struct words *words)
{
	const struct slice all = {0, strlen(words->text)};

	if (all.length <= STRING_MAX)
		return true;
	return words_fault(words, all, CODE_LIMIT_STRING, "a list in the long form may be longer",
			   "this is too long: at most %zu bytes", STRING_MAX);
}

bool words_arrow(const struct words *words, const char *code, const char *example,
		 struct slice *ret_left, struct slice *ret_right)
{
	const struct slice all = {0, strlen(words->text)};
	const char *arrow = strstr(words->text, "->");
	struct slice left, right, mark;

	if (!words_size(words))
		return false;
	if (!arrow)
		return words_fault(words, all, code, example, "'->' is missing");
	mark = (struct slice){(size_t)(arrow - words->text), 2};
	left = words_trim(words, (struct slice){0, mark.offset});
	right = words_trim(words, slice_behind(all, mark.offset + 2));
	if (left.length == 0 || right.length == 0)
		return words_fault(words, mark, code, example, "nothing stands %s '->'",
				   left.length ? "behind" : "before");
	*ret_left = left;
	*ret_right = right;
	return true;
}

bool words_find(const struct words *words, struct slice slice, char byte, size_t *ret_index)
{
	const char *start = words_at(words, slice);
	const char *found = memchr(start, byte, slice.length);

	if (!found)
		return false;
	*ret_index = (size_t)(found - start);
	return true;
}

bool words_equal(const struct words *words, struct slice slice, const char *word)
{
	return slice.length == strlen(word) &&
	       memcmp(words_at(words, slice), word, slice.length) == 0;
}

struct part words_part(const struct words *words, struct slice slice)
{
	return (struct part){arena_copy(words->arena, words_at(words, slice), slice.length),
			     slice.offset, slice.length};
}

bool words_name(const struct words *words, struct slice slice, struct part *ret_name)
{
	if (slice.length == 0)
		return words_fault(words, slice, CODE_NAME,
				   "write HOST or HOST@VLAN, and HOST/SERVICE for a service",
				   "a name is missing here");
	if (!name_form(words_at(words, slice), slice.length, words->arena, words->fault)) {
		words->fault->offset += slice.offset;
		return false;
	}
	*ret_name = words_part(words, slice);
	return true;
}

/* A reserved word where a host belongs, and what was meant by it. */
static bool refuse_reserved(const struct words *words, struct slice slice, const char *word)
{
	const char *help = "name a host of the file, or me";

	if (strcmp(word, "localhost") == 0)
		help = "which host's? write me:PORT or HOST:PORT; an ingress without a host is on "
		       "this machine already";
	if (strcmp(word, "socks") == 0)
		help = "a dynamic tunnel is written PORT -> socks@HOST";
	return words_fault(words, slice, CODE_NAME_RESERVED, help, "'%s' is not a host", word);
}

bool words_host(const struct words *words, struct slice slice, struct part *ret_host,
		struct part *ret_vlan)
{
	struct slice host = slice;
	struct part name = {0}, vlan = {0};
	size_t at;

	if (words_find(words, slice, '@', &at)) {
		host.length = at;
		if (!words_name(words, slice_behind(slice, at + 1), &vlan))
			return false;
	}
	if (!words_name(words, host, &name))
		return false;
	assert(name.text);
	if (strspn(name.text, "0123456789.") == name.length)
		return words_fault(words, host, CODE_ADDRESS, "name a host, or write HOST:PORT",
				   "'%s' is neither a host nor an address", name.text);
	if (name_reserved(name.text) && strcmp(name.text, "me") != 0)
		return refuse_reserved(words, host, name.text);
	*ret_host = name;
	*ret_vlan = vlan;
	return true;
}

bool words_port(const struct words *words, struct slice slice, uint16_t *ret_port)
{
	const char *help = "a port is a number from 1 to 65535";

	if (address_port(words_at(words, slice), slice.length, ret_port))
		return true;
	if (slice.length == 0)
		return words_fault(words, slice, CODE_PORT, help, "a port is missing here");
	if (memchr(words_at(words, slice), '/', slice.length))
		help = "the path of a socket begins with '/'";
	return words_fault(words, slice, CODE_PORT, help, "'%.*s' is not a port", (int)slice.length,
			   words_at(words, slice));
}

bool words_address(const struct words *words, struct slice slice, struct address *ret_address)
{
	const bool brackets = slice.length > 2 && *words_at(words, slice) == '[' &&
			      words_at(words, slice)[slice.length - 1] == ']';
	struct address address;

	if (brackets)
		slice = (struct slice){slice.offset + 1, slice.length - 2};
	if (!address_numeric(words_at(words, slice), slice.length, words->arena, &address))
		return false;
	if (brackets != (address.family == ADDRESS_IPV6))
		return false;
	*ret_address = address;
	return true;
}

size_t words_head(const struct words *words, struct slice slice)
{
	size_t start = 0, colon;

	if (slice.length && *words_at(words, slice) == '[')
		words_find(words, slice, ']', &start);
	if (!words_find(words, slice_behind(slice, start), ':', &colon))
		return slice.length;
	return start + colon;
}

/* Whether the slice up to its last colon, or all of it, is an IPv6 address without brackets. */
bool words_unbracketed(const struct words *words, struct slice slice)
{
	struct address address;
	struct slice head = slice;

	while (head.length && words_at(words, head)[head.length - 1] != ':')
		head.length--;
	if (head.length)
		head.length--;
	if (!memchr(words_at(words, head), ':', head.length))
		return false;
	if (!address_numeric(words_at(words, head), head.length, words->arena, &address) &&
	    !address_numeric(words_at(words, slice), slice.length, words->arena, &address))
		return false;
	words_fault(words, slice, CODE_ADDRESS, "write [2001:db8::1]:22, and quote the whole",
		    "an IPv6 address stands in brackets, so that its port can be told apart");
	return true;
}

bool words_fault(const struct words *words, struct slice slice, const char *code, const char *help,
		 const char *format, ...)
{
	char message[MESSAGE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	*words->fault = (struct fault){.offset = slice.offset, .length = slice.length};
	words->fault->help = help;
	return fault_set(words->fault, words->arena, code, "%s", message);
}
