#include "topology/language/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "topology/diag/codes.h"
#include "topology/language/name.h"

unsigned address_bits(enum address_family family)
{
	return family == ADDRESS_IPV4 ? 32 : 128;
}

static int family_number(enum address_family family)
{
	return family == ADDRESS_IPV4 ? AF_INET : AF_INET6;
}

/* The canonical text of bytes; inet_ntop() follows RFC 5952. */
static const char *canonical(enum address_family family, const uint8_t *bytes, struct arena *arena)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(family_number(family), bytes, text, sizeof(text));
	return arena_string(arena, text);
}

/* Fills all but the text. */
static bool read_numeric(const char *text, size_t length, struct address *ret_address)
{
	struct address address = {0};
	char copy[INET6_ADDRSTRLEN];

	if (length == 0 || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	address.family = memchr(copy, ':', length) ? ADDRESS_IPV6 : ADDRESS_IPV4;
	if (address.family == ADDRESS_IPV4 && (copy[0] < '0' || copy[0] > '9'))
		return false;
	if (inet_pton(family_number(address.family), copy, address.bytes) != 1)
		return false;
	*ret_address = address;
	return true;
}

bool address_numeric(const char *text, size_t length, struct arena *arena,
		     struct address *ret_address)
{
	if (!read_numeric(text, length, ret_address))
		return false;
	/* inet_pton() takes an IPv4 address in its canonical form only. */
	ret_address->text = ret_address->family == ADDRESS_IPV4
				    ? arena_copy(arena, text, length)
				    : canonical(ADDRESS_IPV6, ret_address->bytes, arena);
	return true;
}

/* Finds what to write instead of a text that is meant as an address; false: a name, perhaps. */
static bool help_address(const char *text, size_t length, struct arena *arena, struct fault *fault)
{
	const char *slash = strchr(text, '/'), *at = strchr(text, '@');
	struct address address;

	if (slash && read_numeric(text, (size_t)(slash - text), &address))
		fault->help = arena_format(arena,
					   "write the address alone, %.*s: its range stands at the "
					   "VLAN, under 'vlans' "
					   "at the top of the file",
					   (int)(slash - text), text);
	else if (at && at != text)
		fault->help =
			arena_format(arena, "write %s, and the user under 'ssh': ssh: {user: %.*s}",
				     at + 1, (int)(at - text), text);
	else if (strspn(text, "0123456789.") == length || name_numeric(text, length) ||
		 strchr(text, ':'))
		fault->help = "write it as 10.0.0.5 or 2001:db8::5, without brackets and port";
	return fault->help != NULL;
}

bool address_read(const char *text, size_t length, struct arena *arena, struct address *ret_address,
		  struct fault *ret_fault)
{
	if (read_numeric(text, length, ret_address)) {
		ret_address->text = ret_address->family == ADDRESS_IPV4
					    ? text
					    : canonical(ADDRESS_IPV6, ret_address->bytes, arena);
		return true;
	}
	*ret_fault = (struct fault){.length = length};
	if (help_address(text, length, arena, ret_fault))
		return fault_set(ret_fault, arena, CODE_ADDRESS, "'%s' is not an address", text);
	if (!name_form(text, length, arena, ret_fault))
		return false;
	*ret_address = (struct address){.family = ADDRESS_NAME, .text = text};
	return true;
}

bool address_is_loopback(const char *text)
{
	static const uint8_t loopback_v6[16] = {[15] = 1};
	struct address address;

	if (!read_numeric(text, strlen(text), &address))
		return false;
	return address.family == ADDRESS_IPV4
		       ? address.bytes[0] == 127
		       : memcmp(address.bytes, loopback_v6, sizeof(loopback_v6)) == 0;
}

bool address_is_localhost(const char *text)
{
	return address_is_loopback(text) || strcmp(text, "localhost") == 0;
}

bool address_is_wildcard(const char *text)
{
	return strcmp(text, "0.0.0.0") == 0 || strcmp(text, "::") == 0;
}

/* Clears the bits behind the prefix; returns whether any of them was set. */
static bool clear_host_bits(uint8_t *bytes, unsigned prefix, unsigned bits)
{
	bool any = false;

	for (unsigned bit = prefix; bit < bits; bit++) {
		const uint8_t mask = (uint8_t)(0x80u >> (bit % 8));

		any = any || (bytes[bit / 8] & mask);
		bytes[bit / 8] &= (uint8_t)~mask;
	}
	return any;
}

bool address_number(const char *text, size_t length, uint32_t *ret_number)
{
	uint32_t number = 0;

	if (length == 0 || length > 9 || (length > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (uint32_t)(text[i] - '0');
	}
	*ret_number = number;
	return true;
}

bool address_cidr(const char *text, struct arena *arena, struct cidr *ret_cidr,
		  struct fault *ret_fault)
{
	const char *slash = strchr(text, '/');
	const size_t length = slash ? (size_t)(slash - text) : strlen(text);
	struct address address;
	uint32_t prefix;
	unsigned bits;
	struct cidr cidr;

	*ret_fault = (struct fault){.length = strlen(text)};
	ret_fault->help = "write a range as 10.0.0.0/8 or 2001:db8::/32";
	if (!address_numeric(text, length, arena, &address))
		return fault_set(ret_fault, arena, CODE_CIDR, "'%s' is not a range of addresses",
				 text);
	bits = address_bits(address.family);
	if (!slash) {
		ret_fault->help =
			arena_format(arena, "for this one address, write %s/%u", text, bits);
		return fault_set(ret_fault, arena, CODE_CIDR,
				 "'%s' is an address, and a range is wanted", text);
	}
	if (!address_number(slash + 1, strlen(slash + 1), &prefix) || prefix > bits) {
		ret_fault->offset = length + 1;
		ret_fault->length = strlen(slash + 1);
		return fault_set(ret_fault, arena, CODE_CIDR, "'%s' is not a number from 0 to %u",
				 slash + 1, bits);
	}
	cidr = (struct cidr){.family = address.family, .prefix = (uint8_t)prefix};
	memcpy(cidr.bytes, address.bytes, sizeof(cidr.bytes));
	if (clear_host_bits(cidr.bytes, prefix, bits)) {
		ret_fault->help = arena_format(
			arena, "write %s/%u for the range, %s/%u for the address",
			canonical(cidr.family, cidr.bytes, arena), prefix, address.text, bits);
		return fault_set(ret_fault, arena, CODE_CIDR, "'%s' is an address inside a range",
				 text);
	}
	cidr.text = arena_format(arena, "%s/%u", address.text, prefix);
	*ret_cidr = cidr;
	return true;
}

bool address_port(const char *text, size_t length, uint16_t *ret_port)
{
	uint32_t port;

	if (!address_number(text, length, &port) || port == 0 || port > UINT16_MAX)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* Whether an address, or the first one of a range, begins as a range does. */
static bool begins_as(const struct cidr *cidr, const uint8_t bytes[16])
{
	const unsigned whole = cidr->prefix / 8, rest = cidr->prefix % 8;

	return memcmp(bytes, cidr->bytes, whole) == 0 &&
	       (!rest || (bytes[whole] ^ cidr->bytes[whole]) >> (8 - rest) == 0);
}

bool cidr_contains(const struct cidr *cidr, const struct address *address)
{
	return address->family == cidr->family && begins_as(cidr, address->bytes);
}

bool cidr_holds(const struct cidr *outer, const struct cidr *inner)
{
	return outer->family == inner->family && outer->prefix <= inner->prefix &&
	       begins_as(outer, inner->bytes);
}
