#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/words.h"

#define AT_HELP "write it as \"198.51.100.7:2022\", \"[2001:db8::1]:22\" or \"localhost:2201\""

/* A numeric address, or a name that is looked up by whoever dials. */
static bool read_where(const struct words *words, struct slice slice, struct address *ret_address)
{
	struct part name;

	if (words_address(words, slice, ret_address))
		return true;
	if (*words_at(words, slice) == '[')
		return words_fault(words, slice, CODE_ADDRESS, AT_HELP,
				   "'%.*s' is not an IPv6 address in brackets", (int)slice.length,
				   words_at(words, slice));
	if (strspn(words_at(words, slice), "0123456789.") >= slice.length)
		return words_fault(words, slice, CODE_ADDRESS, AT_HELP, "'%.*s' is not an address",
				   (int)slice.length, words_at(words, slice));
	if (!words_name(words, slice, &name))
		return false;
	*ret_address = (struct address){.family = ADDRESS_NAME, .text = name.text};
	return true;
}

bool notation_at(const char *text, struct arena *arena, struct address *ret_address,
		 uint16_t *ret_port, struct fault *ret_fault)
{
	const struct words words = {text, arena, ret_fault};
	const struct slice all = {0, strlen(text)};
	const size_t head = words_head(&words, all);
	struct address address;

	if (!words_size(&words))
		return false;
	if (words_unbracketed(&words, all))
		return false;
	if (head == 0 || head == all.length)
		return words_fault(&words, all, CODE_AT_FORM, AT_HELP,
				   "'%s' is not an address and a port", text);
	if (!read_where(&words, (struct slice){0, head}, &address) ||
	    !words_port(&words, slice_behind(all, head + 1), ret_port))
		return false;
	*ret_address = address;
	return true;
}

/* --- PermitOpen and PermitListen */

#define OPEN_HELP   "write it as sshd_config has it: HOST:PORT, \"[2001:db8::1]:22\" or \"*:443\""
#define LISTEN_HELP "write it as sshd_config has it: PORT or HOST:PORT"

/* PORT or "*". */
static bool read_permit_port(const struct words *words, struct slice slice, uint16_t *ret_port)
{
	*ret_port = 0;
	return words_equal(words, slice, "*") || words_port(words, slice, ret_port);
}

/* Whether a slice has only what host names and their patterns have. */
static bool is_pattern(const struct words *words, struct slice slice, bool patterns)
{
	const char *others = patterns ? "._-*?" : "._-";

	for (size_t i = 0; i < slice.length; i++) {
		const char byte = words_at(words, slice)[i];

		if (!(byte >= 'a' && byte <= 'z') && !(byte >= 'A' && byte <= 'Z') &&
		    !(byte >= '0' && byte <= '9') && !strchr(others, byte))
			return false;
	}
	return slice.length > 0 && *words_at(words, slice) != '-';
}

static bool read_permit_host(const struct words *words, struct slice slice, bool listen,
			     struct sshd_permit *permit)
{
	struct address address;

	if (words_address(words, slice, &address)) {
		permit->host = address.text;
		return true;
	}
	if (!words_equal(words, slice, "*") && !is_pattern(words, slice, listen))
		return words_fault(words, slice, CODE_PERMIT_FORM, listen ? LISTEN_HELP : OPEN_HELP,
				   "'%.*s' is neither a host nor an address", (int)slice.length,
				   words_at(words, slice));
	permit->host = words_part(words, slice).text;
	return true;
}

bool notation_permit(const char *text, bool listen, struct arena *arena,
		     struct sshd_permit *ret_permit, struct fault *ret_fault)
{
	const struct words words = {text, arena, ret_fault};
	const struct slice all = {0, strlen(text)};
	const size_t head = words_head(&words, all);
	struct sshd_permit permit = {.text = text};
	struct slice port = all;

	if (!words_size(&words) || words_unbracketed(&words, all))
		return false;
	if (head == all.length && !listen)
		return words_fault(&words, all, CODE_PERMIT_FORM, OPEN_HELP,
				   "'%s' is not a host and a port", text);
	if (head < all.length) {
		if (!read_permit_host(&words, (struct slice){0, head}, listen, &permit))
			return false;
		port = slice_behind(all, head + 1);
	}
	if (!read_permit_port(&words, port, &permit.port))
		return false;
	*ret_permit = permit;
	return true;
}
