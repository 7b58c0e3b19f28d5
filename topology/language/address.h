/*
 * Address: parses numeric IPv4 and IPv6 addresses, ranges of addresses, and ports.
 *
 * A text becomes bytes and the canonical text (RFC 5952 for IPv6). No name is resolved.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_ADDRESS_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_ADDRESS_H

#include "topology/language/fault.h"
#include "topology/model/topology.h"

/*
 * Reads [text, text + length) as a numeric address without brackets. Leading zeros (octal for
 * some) and zones (%eth0) are no part of one. Returns false for anything else.
 */
bool address_numeric(const char *text, size_t length, struct arena *arena,
		     struct address *ret_address);

/*
 * Reads a numeric address or, where the text is none, a name that may be dialled. A NUL stands behind
 * the text, which the address keeps.
 */
bool address_read(const char *text, size_t length, struct arena *arena, struct address *ret_address,
		  struct fault *ret_fault);

/* Reads a range, "10.10.0.0/16" or "2001:db8::/32". */
bool address_cidr(const char *text, struct arena *arena, struct cidr *ret_cidr,
		  struct fault *ret_fault);

/* Reads a decimal number of at most nine digits, without leading zeros. */
bool address_number(const char *text, size_t length, uint32_t *ret_number);

/* Reads a port: 1 to 65535, in decimal, without leading zeros. */
bool address_port(const char *text, size_t length, uint16_t *ret_port);

/*
 * Whether a text is a numeric address of loopback: 127.0.0.0/8 or ::1. Only programs of its own host
 * reach what listens there.
 */
bool address_is_loopback(const char *text);

/* Whether a text is an address of loopback, or the name of one: localhost. */
bool address_is_localhost(const char *text);

/* Whether a text is the address that stands for every address of a host: 0.0.0.0 or ::. */
bool address_is_wildcard(const char *text);

/* Returns the number of bits of a family's addresses. */
unsigned address_bits(enum address_family family);

#endif
